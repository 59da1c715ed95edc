//! Contract B: access requests (GHGA access request service 8.0.1, and its older epic). One PATCH is one command and so one
//! transaction, also where it edits and decides.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::{Site, all_of, dataset_id, drop_nulls, is_steward, person_of, worded};
use crate::domain::access::{AccessRequest, RequestStatus};
use crate::domain::page::Sort;
use crate::serve::App;
use crate::serve::auth::Caller;
use crate::serve::fault::{Answered, Fault, Kind};
use crate::serve::input::{Body, Ids, Query};
use crate::serve::reply;
use crate::serve::routes::{Asker, Route, by};
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(Method::POST, "/access-requests", "requests:write", "asks for access", |m| by(m, create))
        .body(&["user_id!", "iva_id", "dataset_id!", "email!", "request_text!", "access_starts", "access_ends"])
        .ok(201),
    Route::new(Method::GET, "/access-requests", "requests:read", "access requests, newest first", |m| by(m, list))
        .query(&["user_id", "dataset_id", "status", "state"]),
    Route::new(Method::GET, "/access-requests/{request}", "requests:read", "one access request", |m| by(m, one)),
    Route::new(Method::PATCH, "/access-requests/{request}", "requests:write", "edits or decides a request", |m| {
        by(m, patch)
    })
    .body(&["iva_id", "status", "access_starts", "access_ends", "ticket_id", "internal_note", "note_to_requester"])
    .ok(204),
];

const MISSING: &str = "Access request not found";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Created {
    user_id: Uuid,
    iva_id: Option<Uuid>,
    dataset_id: String,
    email: String,
    request_text: String,
    access_starts: Option<DateTime<Utc>>,
    access_ends: Option<DateTime<Utc>>,
}

async fn create(Extension(caller): Asker, headers: HeaderMap, body: Body) -> Answered {
    let given: Created = body.needed()?;
    dataset_id(&given.dataset_id)?;
    let service = person_of(&caller, given.user_id).await?;
    let mut request = json!({"dataset": given.dataset_id, "text": given.request_text, "email": given.email,
        "starts": given.access_starts, "ends": given.access_ends, "iva": given.iva_id});
    drop_nulls(&mut request);
    let answer = service.carry_out_raw(crate::serve::generic::command_id(&headers)?, "new_request", &request).await?;
    let answer = answer.into_result().map_err(|why| worded(why, Site::Creation))?;
    reply::json(StatusCode::CREATED, &answer.data["request"])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    user_id: Option<Uuid>,
    dataset_id: Option<String>,
    status: Option<String>,
    state: Option<String>,
}

async fn list(Extension(caller): Asker, query: Query) -> Answered {
    let asked: Asked = query.read()?;
    if asked.status.is_some() && asked.state.is_some() && asked.status != asked.state {
        return Err(Fault::invalid("status and state differ, and they are the same."));
    }
    let mut filter = Map::new();
    if let Some(dataset) = asked.dataset_id {
        dataset_id(&dataset)?;
        filter.insert("dataset".into(), json!([dataset]));
    }
    if let Some(status) = asked.status.or(asked.state) {
        let status: RequestStatus = status.parse().map_err(Fault::invalid)?;
        filter.insert("state".into(), json!([status.to_string()]));
    }
    let service = caller.acting(caller.own()?)?;
    if let Some(filter) = super::access::of_user(&caller, &service, asked.user_id, filter).await? {
        let requests = all_of::<AccessRequest>(&service, Sort::new("created", true), filter).await?;
        return reply::json(StatusCode::OK, &told(&service, requests).await?);
    }
    reply::json(StatusCode::OK, &json!([]))
}

async fn one(Extension(caller): Asker, ids: Ids) -> Answered {
    let service = caller.acting(caller.own()?)?;
    let request = find(&caller, &service, &ids).await?;
    let mut told = told(&service, vec![request]).await?;
    reply::json(StatusCode::OK, &told.pop())
}

/// An auditor reads all in a desk; this contract knows who asked, and stewards.
async fn find(caller: &Caller, service: &Service, ids: &Ids) -> Result<AccessRequest, Fault> {
    let mut found = service.rows::<AccessRequest>(&[ids.number(0, MISSING)?]).await?;
    let request = found.pop().ok_or_else(|| Fault::not_found(MISSING))?;
    let asker = caller.service().person(&request.user_id.to_string()).await?;
    let own = caller.own()?;
    if asker.is_some_and(|asker| asker.login == own) || super::access::is_steward(service).await? {
        return Ok(request);
    }
    Err(Fault::not_found(MISSING))
}

/// Requests in the words of the contract, texts whole.
async fn told(service: &Service, requests: Vec<AccessRequest>) -> Result<Vec<Value>, Fault> {
    let deciders = requests.iter().filter_map(|request| request.internal.as_ref()?.changed_by.clone());
    let known = service.ext_ids(deciders.collect()).await?;
    let mut told = Vec::with_capacity(requests.len());
    for mut request in requests {
        // Lists have the beginning of long texts.
        if request.request_text.raw().chars().count() as u64 != request.request_text_length {
            request = service.one(request.id.0).await?;
        }
        let mut object = json!({
            "id": request.id, "user_id": request.user_id, "iva_id": request.iva_id, "dataset_id": request.dataset_id,
            "email": request.email, "request_text": request.request_text, "access_starts": request.access_starts,
            "access_ends": request.access_ends, "dataset_title": request.dataset_title,
            "dataset_description": request.dataset_description, "dac_alias": request.dac_alias, "dac_email": request.dac_email,
            "full_user_name": request.full_user_name, "request_created": request.request_created, "status": request.status,
            "status_changed": request.status_changed, "ticket_id": request.ticket_id,
            "note_to_requester": request.note_to_requester,
        });
        // Who asked never sees them, not even that they are empty.
        if let Some(internal) = &request.internal {
            object["changed_by"] = json!(internal.changed_by.as_ref().and_then(|login| known.get(login)));
            object["internal_note"] = json!(internal.internal_note);
        }
        told.push(object);
    }
    Ok(told)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    iva_id: Option<Uuid>,
    status: Option<String>,
    access_starts: Option<DateTime<Utc>>,
    access_ends: Option<DateTime<Utc>>,
    ticket_id: Option<String>,
    internal_note: Option<String>,
    note_to_requester: Option<String>,
}

async fn patch(State(app): State<App>, Extension(caller): Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    let given: Patch = body.needed()?;
    let status = given.status.as_deref().map(str::parse::<RequestStatus>).transpose().map_err(Fault::invalid)?;
    let service = steward(&caller).await?;
    let request = find(&caller, &service, &ids).await?;
    let mut changes = json!({"iva_id": given.iva_id, "access_starts": given.access_starts, "access_ends": given.access_ends,
        "ticket_id": given.ticket_id, "internal_note": given.internal_note, "note_to_requester": given.note_to_requester});
    drop_nulls(&mut changes);
    let status = status.filter(|status| *status != RequestStatus::Pending);
    if status.is_none() && changes == json!({}) {
        return Ok(reply::nothing());
    }
    // Older portals deny without a word: the site has one for them, or such a denial is refused.
    if status == Some(RequestStatus::Denied) && given.note_to_requester.as_deref().is_none_or(str::is_empty) {
        let standing = request.note_to_requester.filter(|note| !note.raw().trim().is_empty());
        if let Some(reason) = standing.map(|note| note.raw().to_owned()).or_else(|| app.config.denial_reason.clone()) {
            changes["note_to_requester"] = reason.into();
        }
    }
    let mut command = json!({"request": request.id, "changes": changes});
    if let Some(status) = status {
        command["status"] = status.to_string().into();
    }
    if let Some(seen) = reply::if_match(&headers)? {
        command["seen_row_version"] = seen.into();
    }
    let answer = service.carry_out_raw(crate::serve::generic::command_id(&headers)?, "patch_request", &command).await?;
    answer.into_result().map_err(|why| worded(why, Site::Change))?;
    Ok(reply::nothing())
}

/// The way in of a data steward; whoever is none is told so before anything is looked at.
async fn steward(caller: &Caller) -> Result<Service, Fault> {
    let service = caller.acting(caller.own()?)?;
    if is_steward(&service).await? {
        return Ok(service);
    }
    Err(Fault::new(Kind::Forbidden, "Only data stewards may do this."))
}
