//! What comes with a request, read strictly: a key that stands twice, a field nobody knows, and what is nested too deep are said,
//! never passed over. Used by every handler.

use std::collections::BTreeMap;
use std::fmt;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use tokio::time::timeout;

use super::App;
use super::fault::{Fault, Kind};

/// The body as JSON; none where there is no body.
pub struct Body(pub Option<Value>);

impl FromRequest<App> for Body {
    type Rejection = Fault;

    async fn from_request(request: Request, app: &App) -> Result<Self, Fault> {
        let typed = request.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or("?").to_owned());
        let within = std::time::Duration::from_secs(app.config.read_seconds);
        let read = timeout(within, axum::body::to_bytes(request.into_body(), app.config.largest_body)).await;
        let bytes = match read {
            Err(_) => return Err(Fault::new(Kind::Slow, "The body did not come in time. Send it without pauses.")),
            Ok(Err(why)) if why.to_string().contains("length limit") => return Err(too_large(app)),
            Ok(Err(_)) => return Err(Fault::new(Kind::Malformed, "The body broke off. Send it again.")),
            Ok(Ok(bytes)) => bytes,
        };
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let kind = typed.as_deref().and_then(|kind| kind.split(';').next()).map(str::trim);
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("application/json")) {
            return Err(Fault::invalid("The body has to be application/json."));
        }
        strict(&bytes).map(|value| Self(Some(value)))
    }
}

fn too_large(app: &App) -> Fault {
    let sentence = format!("The body has more than {} bytes. Send less at once.", app.config.largest_body);
    Fault::new(Kind::TooLarge, sentence)
}

impl Body {
    /// The body as a type.
    ///
    /// # Errors
    /// There is none, or it has other fields.
    pub fn needed<T: DeserializeOwned>(self) -> Result<T, Fault> {
        let body = self.0.ok_or_else(|| Fault::invalid("The body is missing: send a JSON object."))?;
        read_as(body)
    }
}

/// A value as a type; the sentence names the field.
///
/// # Errors
/// It has other fields, or other kinds of them.
pub fn read_as<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    if !value.is_object() {
        return Err(Fault::invalid("The body has to be a JSON object."));
    }
    serde_json::from_value(value).map_err(|why| Fault::invalid(format!("The request is not understood: {why}.")))
}

/// The query, each name once.
pub struct Query(pub BTreeMap<String, String>);

impl FromRequestParts<App> for Query {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Fault> {
        let text = parts.uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(text).map_err(|_| Fault::invalid("The query is not understood."))?;
        let mut query = BTreeMap::new();
        for (name, value) in pairs {
            if value.contains('\0') {
                return Err(Fault::invalid(format!("{name} in the query has a NUL.")));
            }
            if query.insert(name.clone(), value).is_some() {
                return Err(Fault::invalid(format!("{name} stands in the query twice.")));
            }
        }
        Ok(Self(query))
    }
}

impl Query {
    /// The query as a type; every value is a text there.
    ///
    /// # Errors
    /// It has other names, or values that are none of their kind.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let pairs: Vec<_> = self.0.iter().collect();
        let text = serde_urlencoded::to_string(pairs).map_err(|_| Fault::invalid("The query is not understood."))?;
        serde_urlencoded::from_str(&text).map_err(|why| Fault::invalid(format!("The query is not understood: {why}.")))
    }
}

/// The parts of the path: plain texts.
pub struct Ids(pub Vec<String>);

impl FromRequestParts<App> for Ids {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let nothing = || Fault::not_found("There is nothing at this address.");
        let Path(ids) = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await.map_err(|_| nothing())?;
        // No id has any of them, and nothing behind this door should have to think of them.
        if ids.iter().any(|(_, id)| id.contains(['/', '\\', '\0']) || id == "." || id == "..") {
            return Err(nothing());
        }
        Ok(Self(ids.into_iter().map(|(_, id)| id).collect()))
    }
}

impl Ids {
    /// The id at a place.
    #[must_use]
    pub fn at(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }

    /// The number at a place, written as ids are: digits without a sign and without zeros in front.
    ///
    /// # Errors
    /// It is none, so that nothing has that id.
    pub fn number(&self, place: usize, missing: &str) -> Result<i64, Fault> {
        let id: Option<i64> = self.at(place).parse().ok();
        id.filter(|id| *id > 0 && id.to_string() == self.at(place)).ok_or_else(|| Fault::not_found(missing))
    }
}

/// JSON in which no key stands twice.
///
/// # Errors
/// It is none, is nested too deep, or has a key twice.
pub fn strict(bytes: &[u8]) -> Result<Value, Fault> {
    let Strict(value) = serde_json::from_slice(bytes)
        .map_err(|why| Fault::invalid(format!("The body is no JSON that is understood here: {why}.")))?;
    Ok(value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is none"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        // PostgreSQL has no text with it.
        if value.contains('\0') {
            return Err(E::custom("a text has a NUL"));
        }
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = from.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = from.next_entry::<String, Strict>()? {
            if object.contains_key(&key) || key.contains('\0') {
                return Err(A::Error::custom(format!("the key {key:?} stands twice or has a NUL")));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_twice_or_too_deep_is_said() {
        assert_eq!(strict(br#"{"a": [1, -2, 0.5, null, true, "x"]}"#).unwrap()["a"][2], 0.5);
        let deep = "[".repeat(200) + &"]".repeat(200);
        for bad in [
            r#"{"a": 1, "a": 2}"#,
            r#"{"b": {"a": 1, "a": 1}}"#,
            r#"["\u0000"]"#,
            "{} {}",
            "{",
            &deep,
            "NaN",
            "\u{feff}{}",
        ] {
            let fault = strict(bad.as_bytes()).unwrap_err();
            assert_eq!(fault.kind, Kind::Invalid, "{bad}");
        }
    }
}
