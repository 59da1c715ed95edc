//! Pages of a list: order, place to go on from, total. Made in `db`, used by the desk and the command line.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The order of a list: a word of its area, and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sort {
    /// The word the database and the command line know it by.
    #[serde(rename = "sort")]
    pub by: &'static str,
    /// Largest or newest first; of what waits, the longest.
    pub descending: bool,
}

impl Sort {
    /// An order.
    #[must_use]
    pub const fn new(by: &'static str, descending: bool) -> Self {
        Self { by, descending }
    }

    /// The same rows from the other end.
    #[must_use]
    pub const fn turned(self) -> Self {
        Self { descending: !self.descending, ..self }
    }

    /// One of an area's orders by its word: `size` in its usual direction, `-size` turned round.
    ///
    /// # Errors
    /// The area has no such order; the sentence names those it has.
    pub fn parse(sorts: &[Self], text: &str) -> Result<Self, String> {
        let (by, turned) = text.strip_prefix('-').map_or((text, false), |by| (by, true));
        let Some(sort) = sorts.iter().find(|sort| sort.by.eq_ignore_ascii_case(by)) else {
            let words: Vec<&str> = sorts.iter().map(|sort| sort.by).collect();
            return Err(format!("There is no such order; use {}.", words.join(", ")));
        };
        Ok(if turned { sort.turned() } else { *sort })
    }
}

/// A page that is asked for, as the database's `page` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wanted {
    /// Which rows: what [`super::query::Query::filter`] makes.
    pub filter: serde_json::Value,
    /// In which order.
    #[serde(flatten)]
    pub sort: Sort,
    /// Behind which row; from the beginning where it is absent.
    pub after: Option<Cursor>,
    /// Rows at most; the database gives a thousand at once.
    pub page: u32,
}

/// Where the next page begins: what the database said about the last row. Opaque.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub serde_json::Value);

impl std::fmt::Display for Cursor {
    /// One word for the command line: the JSON in unpadded base64url.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.to_string()))
    }
}

impl std::str::FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "This is no cursor; give the `next` of an earlier list, unchanged.".to_owned();
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        serde_json::from_slice(&json).map(Self).map_err(|_| wrong())
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page begins; none after the last row.
    pub next: Option<Cursor>,
}

/// How many rows a filter matches: exact up to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Total {
    /// The number counted.
    pub counted: u64,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.counted, if self.more { "+" } else { "" })
    }
}

impl Serialize for Total {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.more { to.collect_str(self) } else { to.serialize_u64(self.counted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_command_line() {
        let cursor = Cursor(serde_json::json!(["2026-11-21T09:00:00Z", 12, "ü"]));
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        assert!("not a cursor".parse::<Cursor>().is_err());
    }

    #[test]
    fn orders_turn_round() {
        const SORTS: &[Sort] = &[Sort::new("created", true), Sort::new("ends", false)];
        let order = |text: &str| Sort::parse(SORTS, text).map(|sort| (sort.by, sort.descending));
        assert_eq!(order("created"), Ok(("created", true)));
        assert_eq!(order("-created"), Ok(("created", false)));
        assert_eq!(order("ends"), Ok(("ends", false)));
        assert_eq!(order("-ends"), Ok(("ends", true)));
        assert_eq!(order("size").unwrap_err(), "There is no such order; use created, ends.");
    }

    #[test]
    fn a_total_is_a_number_or_says_more() {
        let json = |total: Total| serde_json::to_string(&total).unwrap();
        assert_eq!(json(Total { counted: 12, more: false }), "12");
        assert_eq!(json(Total { counted: 10_000, more: true }), "\"10000+\"");
    }
}
