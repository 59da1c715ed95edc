//! exeat's own routes: every command by its name and every list by its area, as psql and the command line have them. What a new
//! command or area needs here is nothing, and a line.

use axum::Extension;
use axum::http::{HeaderMap, Method, StatusCode};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::auth::Caller;
use super::fault::{Answered, Fault, Kind};
use super::input::{Body, Ids, Query};
use super::reply;
use super::routes::{Asker, Route, by};
use crate::domain::access::{AccessRequest, Grant};
use crate::domain::egress::EgressItem;
use crate::domain::item::Item;
use crate::domain::page::{Page, Sort, Wanted};
use crate::domain::permit::Permit;
use crate::domain::query;
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(Method::POST, "/exeat/commands/{name}", "exeat:write", "carries out a command", |m| by(m, command))
        .body(&["*"])
        .query(&["as"]),
    Route::new(Method::GET, "/exeat/whoami", "", "who is signed in", |m| by(m, whoami)).query(&["as"]),
    Route::new(Method::GET, "/exeat/tickets/{ticket}", "exeat:read", "the address of a ticket", |m| by(m, ticket))
        .query(&["as"]),
    Route::new(Method::GET, "/exeat/access/defaults", "exeat:read", "what a form for a new request starts from", |m| {
        by(m, defaults)
    })
    .query(&["as", "dataset"]),
    Route::new(Method::GET, "/exeat/{area}", "exeat:read", "a page of a list", |m| by(m, list))
        .query(&["as", "query", "sort", "limit", "after"]),
    Route::new(Method::GET, "/exeat/{area}/{id}", "exeat:read", "one row, whole", |m| by(m, one)).query(&["as"]),
    Route::new(Method::GET, "/exeat/{area}/{id}/facts", "exeat:read", "what is beside a row", |m| by(m, facts))
        .query(&["as"]),
];

/// How long a ticket's address is waited for; the worker answers within milliseconds.
const TICKET: std::time::Duration = std::time::Duration::from_secs(2);

/// What every one of them takes in its query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct As {
    #[serde(rename = "as")]
    login: Option<String>,
}

/// The person named by the query, or whom the caller is.
fn reader(caller: &Caller, query: &Query) -> Result<Service, Fault> {
    caller.acting_or_own(query.read::<As>()?.login.as_deref())
}

/// The id of a command: `Idempotency-Key`, or a new one. Sent again with the same key and body it has the first answer.
///
/// # Errors
/// It is no UUID.
pub fn command_id(headers: &HeaderMap) -> Result<Uuid, Fault> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(Uuid::new_v4()) };
    let key = key.to_str().ok().and_then(|key| key.parse().ok());
    key.ok_or_else(|| Fault::invalid("Idempotency-Key has to be a UUID."))
}

async fn command(Extension(caller): Asker, ids: Ids, query: Query, headers: HeaderMap, body: Body) -> Answered {
    let service = reader(&caller, &query)?;
    let mut request = match body.0 {
        Some(Value::Object(request)) => request,
        None => Map::new(),
        Some(_) => return Err(Fault::invalid("The body has to be a JSON object with the command's fields.")),
    };
    let seen = reply::if_match(&headers)?;
    if let Some(seen) = seen {
        request.insert("seen_row_version".to_owned(), seen.into());
    }
    let answer = service.carry_out_raw(command_id(&headers)?, ids.at(0), &Value::Object(request)).await?;
    if !answer.ok && answer.code == "changed" && seen.is_some() {
        return Err(Fault::new(Kind::Precondition, answer.sentence));
    }
    let answer = answer.into_result()?;
    let told = json!({"ok": true, "code": answer.code, "message": answer.sentence, "version": answer.version, "data": answer.data});
    Ok(reply::versioned(reply::json(StatusCode::OK, &told)?, answer.version))
}

async fn whoami(Extension(caller): Asker, query: Query) -> Answered {
    let login = match query.read::<As>()?.login {
        Some(login) => login,
        None => caller.own()?.to_owned(),
    };
    let roles = caller.acting(&login)?.roles().await?;
    reply::json(StatusCode::OK, &json!({"login": login, "roles": roles, "through": caller.name()}))
}

async fn ticket(Extension(caller): Asker, ids: Ids, query: Query) -> Answered {
    let service = reader(&caller, &query)?;
    let missing = || Fault::not_found("There is no such ticket of yours that was answered.");
    let id: Uuid = ids.at(0).parse().map_err(|_| missing())?;
    // One that is nobody's is never answered.
    let data = json!({"ticket": id});
    let url = tokio::time::timeout(TICKET, service.ticket_address(&data)).await.map_err(|_| missing())??;
    reply::json(StatusCode::OK, &json!({"url": url}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(rename = "as")]
    login: Option<String>,
    dataset: String,
}

async fn defaults(Extension(caller): Asker, query: Query) -> Answered {
    let asked: Form = query.read()?;
    let service = caller.acting_or_own(asked.login.as_deref())?;
    reply::json(StatusCode::OK, &service.portal_defaults(&asked.dataset).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "as")]
    login: Option<String>,
    query: Option<String>,
    sort: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

async fn list(Extension(caller): Asker, ids: Ids, query: Query) -> Answered {
    let asked: Asked = query.read()?;
    let service = caller.acting_or_own(asked.login.as_deref())?;
    match ids.at(0) {
        "egress" => page::<EgressItem>(&service, asked).await,
        "requests" => page::<AccessRequest>(&service, asked).await,
        "grants" => page::<Grant>(&service, asked).await,
        "permits" => page::<Permit>(&service, asked).await,
        _ => Err(no_area()),
    }
}

fn no_area() -> Fault {
    Fault::not_found("There is no such list; there are egress, requests, grants and permits.")
}

/// A page as `--json` of the command line has it.
async fn page<T: Item>(service: &Service, asked: Asked) -> Answered {
    let line = asked.query.unwrap_or_default();
    let parsed = query::Query::parse(T::FIELDS, &line).map_err(|error| Fault::invalid(error.sentence))?;
    let sort = match &asked.sort {
        Some(word) => Sort::parse(T::SORTS, word).map_err(Fault::invalid)?,
        None => T::SORTS[0],
    };
    let after = asked.after.as_deref().map(str::parse).transpose().map_err(Fault::invalid)?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(Fault::invalid("limit has to be between 1 and 1000."));
    }
    let wanted = Wanted { filter: parsed.filter(Utc::now(), chrono_tz::UTC), sort, after, page: limit };
    let Page { items, next } = service.page::<T>(&wanted).await?;
    let total = service.count(T::AREA, &wanted.filter).await?;
    let next = next.map(|cursor| cursor.to_string());
    reply::json(StatusCode::OK, &json!({"items": items, "total": total, "next": next}))
}

async fn one(Extension(caller): Asker, ids: Ids, query: Query) -> Answered {
    let service = reader(&caller, &query)?;
    match ids.at(0) {
        "egress" => row::<EgressItem>(&service, &ids).await,
        "requests" => row::<AccessRequest>(&service, &ids).await,
        "grants" => row::<Grant>(&service, &ids).await,
        "permits" => row::<Permit>(&service, &ids).await,
        _ => Err(no_area()),
    }
}

async fn row<T: Item>(service: &Service, ids: &Ids) -> Answered {
    let item: T = service.one(ids.number(1, &format!("There is no such {}.", T::THING))?).await?;
    Ok(reply::versioned(reply::json(StatusCode::OK, &item)?, Some(item.row_version())))
}

async fn facts(Extension(caller): Asker, ids: Ids, query: Query) -> Answered {
    let service = reader(&caller, &query)?;
    let area = match ids.at(0) {
        "egress" => EgressItem::AREA,
        "requests" => AccessRequest::AREA,
        "grants" => Grant::AREA,
        "permits" => Permit::AREA,
        _ => return Err(no_area()),
    };
    let missing = "There is no such row, or you may not see it.";
    let facts = service.facts(area, ids.number(1, missing)?).await?.ok_or_else(|| Fault::not_found(missing))?;
    let told = json!({"votes": facts.votes, "comments": facts.comments, "history": facts.history, "more": facts.more});
    reply::json(StatusCode::OK, &told)
}
