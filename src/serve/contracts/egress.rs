//! Contract A: the egress service API of the field (ucl-arc-tre egress 1.3.0), under `/v1`. Where the rules here are stricter its 400
//! says so: the location is the project's own, an id names bytes, and the stricter of the caller's numbers and the policy holds.

use axum::Extension;
use axum::http::{HeaderMap, Method, StatusCode};
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::download;
use crate::domain::command::Command;
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::vote::VoteKind;
use crate::serve::auth::Caller;
use crate::serve::fault::{Answered, Fault};
use crate::serve::input::{Body, Ids, Query, read_as};
use crate::serve::reply;
use crate::serve::routes::{Asker, Route, by};
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/v1/{project}/files", "egress:read", "the files of a project", |m| by(m, list))
        .body(&["files_location!"])
        .query(&["files_location"]),
    Route::new(Method::PUT, "/v1/{project}/files/{file}/approve", "egress:vote", "approves a file", |m| by(m, approve))
        .body(VOTE)
        .ok(204),
    Route::new(Method::PUT, "/v1/{project}/files/{file}/reject", "egress:vote", "rejects a file", |m| by(m, reject))
        .body(VOTE)
        .ok(204),
    Route::new(Method::GET, "/v1/{project}/files/{file}", "egress:download", "a released file", |m| {
        by(m, download::file)
    })
    .body(&["destination!", "required_approvals!", "files_location!", "max_file_size!", "user_id", "comment"])
    .query(&["destination", "required_approvals", "files_location", "max_file_size", "user_id", "comment"]),
    Route::new(Method::GET, "/v1/{project}/events", "egress:read", "what happened to files", |m| by(m, events)),
];

const VOTE: &[&str] = &["user_id!", "destination!", "comment"];

/// The fields of a GET, which may stand in its body, in its query, or in both if they say the same.
///
/// # Errors
/// They differ.
pub(super) fn fields(body: Body, query: &Query) -> Result<Value, Fault> {
    let mut fields: Map<String, Value> = match body.0 {
        Some(Value::Object(fields)) => fields,
        None => Map::new(),
        Some(_) => return Err(Fault::invalid("The body has to be a JSON object.")),
    };
    for (name, value) in &query.0 {
        // Numbers have no other way to stand in a query.
        let number = matches!(name.as_str(), "required_approvals" | "max_file_size");
        let value =
            value.parse().ok().filter(|_| number).map_or_else(|| Value::from(value.as_str()), |n: i64| n.into());
        if fields.insert(name.clone(), value.clone()).is_some_and(|before| before != value) {
            return Err(Fault::invalid(format!("{name} stands in the body and in the query, and they differ.")));
        }
    }
    Ok(Value::Object(fields))
}

/// Says no unless the location is the project's, whole: another's prefix in the same bucket is another's.
pub(super) async fn is_location(service: &Service, project: &str, given: &str) -> Result<(), Fault> {
    let own = service.location(project).await?;
    if own.is_some_and(|own| own.trim_end_matches('/') == given.trim_end_matches('/')) {
        return Ok(());
    }
    Err(Fault::invalid(format!("files_location is not where the files of {project} lie.")))
}

/// The way in for the person a request names. A person's token is that person's.
pub(super) fn named(caller: &Caller, login: &str) -> Result<Service, Fault> {
    match caller.person() {
        Some(own) if own != login => Err(Fault::invalid("user_id is not the sub of the token.")),
        _ => caller.acting(login),
    }
}

/// A file of the project; one of another, or an id of another form, is none.
pub(super) async fn file_of(service: &Service, ids: &Ids) -> Result<EgressItem, Fault> {
    let missing = "There is no such file in the project.";
    let item: EgressItem = service.one(ids.number(1, missing)?).await.map_err(|why| {
        let fault = Fault::from(why);
        if fault.code == "not_found" { Fault::not_found(missing) } else { fault }
    })?;
    if item.project == ids.at(0) { Ok(item) } else { Err(Fault::not_found(missing)) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    files_location: String,
}

/// The listing is the store at this moment: a look at it is asked for and waited for.
async fn list(Extension(caller): Asker, ids: Ids, query: Query, body: Body) -> Answered {
    let asked: Listed = read_as(fields(body, &query)?)?;
    let service = caller.acting(caller.own()?)?;
    is_location(&service, ids.at(0), &asked.files_location).await?;
    service.refresh(Uuid::new_v4(), Some(ids.at(0))).await?;
    let files = service.portal_files(ids.at(0)).await?;
    let told = files.into_iter().map(|file| {
        json!({"file_name": file.key, "id": file.version.to_string(), "size": file.size, "approvals": file.approvals})
    });
    reply::json(StatusCode::OK, &told.collect::<Vec<_>>())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vote {
    user_id: String,
    destination: String,
    comment: Option<String>,
}

async fn approve(Extension(caller): Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    vote(&caller, &ids, &headers, body, VoteKind::Approve).await
}

async fn reject(Extension(caller): Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    vote(&caller, &ids, &headers, body, VoteKind::Reject).await
}

async fn vote(caller: &Caller, ids: &Ids, headers: &HeaderMap, body: Body, kind: VoteKind) -> Answered {
    let given: Vote = body.needed()?;
    let service = named(caller, &given.user_id)?;
    let item = file_of(&service, ids).await?;
    if !item.destinations.contains_key(&given.destination) {
        // There is no submission in this contract: the first vote says where the file is to go.
        let ask = Command::AskDestination { version: item.id, destination: given.destination.clone() };
        service.carry_out(Uuid::new_v4(), &ask).await?.into_result()?;
    }
    let cast = Command::CastVote {
        version: VersionId(item.id.0),
        destination: Some(given.destination),
        kind,
        // The id names the bytes.
        sha256: item.sha256,
        comment: given.comment,
        seen_row_version: None,
        coverage: None,
        signed: None,
        signature: None,
    };
    service.carry_out(crate::serve::generic::command_id(headers)?, &cast).await?.into_result()?;
    Ok(reply::nothing())
}

async fn events(Extension(caller): Asker, ids: Ids) -> Answered {
    let events = caller.acting(caller.own()?)?.portal_events(ids.at(0)).await?;
    let told = events.into_iter().map(|event| {
        let mut told = json!({"datetime": event.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "file_id": event.version.to_string(), "user_id": event.login, "action": event.action});
        for (name, value) in [("destination", event.destination), ("comment", event.comment)] {
            if let Some(value) = value {
                told[name] = value.into();
            }
        }
        told
    });
    reply::json(StatusCode::OK, &told.collect::<Vec<_>>())
}
