//! Contract D: permits of the platform and their moves. Which move leads where, and who may make it, is the database's table; here
//! are only the platform's words for it.

use std::collections::HashMap;

use axum::Extension;
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{drop_nulls, user};
use crate::domain::page::Sort;
use crate::domain::permit::{Move, Permit, Status};
use crate::domain::refusal::Answer;
use crate::serve::fault::{Answered, Fault};
use crate::serve::generic::command_id;
use crate::serve::input::{Body, Ids, Query};
use crate::serve::reply;
use crate::serve::routes::{Asker, Route, by};
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/permits", "permits:read", "permits", |m| by(m, list)).query(&["status"]),
    Route::new(Method::POST, "/api/permits", "permits:write", "issues a permit", |m| by(m, issue))
        .body(&[
            "projectId!",
            "title",
            "purpose",
            "requestId",
            "datasets",
            "team",
            "validFrom",
            "validUntil",
            "reference",
        ])
        .ok(201),
    Route::new(Method::GET, "/api/permits/{permit}", "permits:read", "one permit", |m| by(m, one)),
    Route::new(Method::DELETE, "/api/permits/{permit}", "permits:write", "deletes a permit; two persons", |m| {
        by(m, delete)
    })
    .body(&["reason!"]),
    step("/api/permits/{permit}/initiate-ingress", "lets the data holders upload", |m| by(m, initiate)),
    step("/api/permits/{permit}/confirm-upload", "says that the data is there", |m| by(m, confirm)),
    step("/api/permits/{permit}/workspace/submit-for-review", "hands the workspace over", |m| by(m, submit_setup)),
    Route::new(Method::POST, "/api/permits/{permit}/review", "permits:write", "a step of a review", |m| by(m, review))
        .body(&["stage!", "decision!", "comments"]),
    step("/api/permits/{permit}/workspace/start", "starts the workspace", |m| by(m, start)),
    step("/api/permits/{permit}/workspace/stop", "stops the workspace", |m| by(m, stop)),
    Route::new(Method::GET, "/api/permits/{permit}/workspace/status", "permits:read", "the workspace", |m| {
        by(m, workspace)
    }),
    reasoned("/api/permits/{permit}/pause", "lets the analysis stand still", |m| by(m, pause)),
    reasoned("/api/permits/{permit}/resume", "lets it go on", |m| by(m, resume)),
    reasoned("/api/permits/{permit}/archive", "ends it", |m| by(m, archive)),
    reasoned("/api/permits/{permit}/revoke", "takes it back; two persons", |m| by(m, revoke)),
];

type Made = fn(axum::routing::MethodFilter) -> axum::routing::MethodRouter<crate::serve::App>;

const fn step(path: &'static str, says: &'static str, made: Made) -> Route {
    Route::new(Method::POST, path, "permits:write", says, made)
}

const fn reasoned(path: &'static str, says: &'static str, made: Made) -> Route {
    step(path, says, made).body(&["reason!"])
}

pub(super) const MISSING: &str = "There is no such permit, or you may not see it.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    status: Option<String>,
}

async fn list(Extension(caller): Asker, query: Query) -> Answered {
    let asked: Asked = query.read()?;
    let mut filter = json!({});
    if let Some(status) = asked.status {
        let status: Status = status.parse().map_err(Fault::invalid)?;
        filter["status"] = json!([status.to_string()]);
    }
    let service = caller.acting(caller.own()?)?;
    let permits = super::access::all_of::<Permit>(&service, Sort::new("created", true), filter).await?;
    let known = people(&service, permits.iter()).await?;
    let told: Vec<_> = permits.iter().map(|permit| in_words(permit, &known)).collect();
    reply::json(StatusCode::OK, &json!({"permits": told}))
}

async fn one(Extension(caller): Asker, ids: Ids) -> Answered {
    let service = caller.acting(caller.own()?)?;
    let permit = find(&service, ids.number(0, MISSING)?).await?;
    let told = told(&service, &permit).await?;
    Ok(reply::versioned(reply::json(StatusCode::OK, &json!({"permit": told}))?, Some(permit.row_version)))
}

pub(super) async fn find(service: &Service, id: i64) -> Result<Permit, Fault> {
    service.rows::<Permit>(&[id]).await?.pop().ok_or_else(|| Fault::not_found(MISSING))
}

/// One permit in the platform's words.
pub(super) async fn told(service: &Service, permit: &Permit) -> Result<Value, Fault> {
    Ok(in_words(permit, &people(service, [permit]).await?))
}

/// The UUIDs of everybody some permits name.
async fn people<'a>(
    service: &Service,
    of: impl IntoIterator<Item = &'a Permit>,
) -> Result<HashMap<String, Uuid>, Fault> {
    let logins = of.into_iter().flat_map(|permit| {
        let team = permit.teams.iter().map(|member| member.login.clone());
        let outputs = permit.outputs.iter().map(|output| output.submitted_by.clone());
        team.chain(outputs)
            .chain([permit.created_by.clone()])
            .chain(permit.second.iter().map(|second| second.by.clone()))
    });
    Ok(service.ext_ids(logins.collect()).await?)
}

fn in_words(permit: &Permit, known: &HashMap<String, Uuid>) -> Value {
    let id = |login: &String| known.get(login);
    let team = permit.teams.iter().map(|member| {
        json!({"userId": id(&member.login), "name": member.name, "role": member.role,
        "since": member.since, "confirmedAt": member.confirmed_at})
    });
    let datasets = permit.datasets.iter().map(|dataset| json!({"id": dataset.id, "title": dataset.title}));
    let second = permit.second.as_ref().map(|second| {
        json!({"command": second.what, "userId": id(&second.by), "at": second.at,
        "reason": second.reason})
    });
    json!({"id": permit.id, "reference": permit.reference, "status": permit.status, "version": permit.version,
        "statusSince": permit.status_since, "projectId": permit.project, "title": permit.title, "purpose": permit.purpose,
        "requestId": permit.request, "createdAt": permit.created, "createdBy": id(&permit.created_by),
        "validFrom": permit.valid_from, "validUntil": permit.valid_until, "waitsFor": permit.waits_for, "second": second,
        "team": team.collect::<Vec<_>>(), "datasets": datasets.collect::<Vec<_>>(),
        "outputs": permit.outputs.iter().map(|output| super::outputs::in_words(output, id(&output.submitted_by))).collect::<Vec<_>>()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Issued {
    project_id: String,
    title: Option<String>,
    purpose: Option<String>,
    request_id: Option<Value>,
    datasets: Option<Vec<String>>,
    team: Option<Vec<Member>>,
    valid_from: Option<chrono::DateTime<chrono::Utc>>,
    valid_until: Option<chrono::DateTime<chrono::Utc>>,
    reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Member {
    user_id: String,
    role: String,
}

async fn issue(Extension(caller): Asker, headers: HeaderMap, body: Body) -> Answered {
    let given: Issued = body.needed()?;
    let service = caller.acting(caller.own()?)?;
    let mut team = Vec::new();
    for member in given.team.unwrap_or_default() {
        team.push(json!({"login": user(&caller, &member.user_id).await?.login, "role": member.role}));
    }
    let mut request = json!({"project": given.project_id, "title": given.title, "purpose": given.purpose, "request": given.request_id,
        "datasets": given.datasets.unwrap_or_default(), "grants": [], "team": team, "from": given.valid_from,
        "until": given.valid_until, "reference": given.reference});
    drop_nulls(&mut request);
    let answer = service.carry_out_raw(command_id(&headers)?, "issue_permit", &request).await?.into_result()?;
    let id = answer.data["permit"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
    let permit = told(&service, &find(&service, id).await?).await?;
    reply::json(StatusCode::CREATED, &json!({"permit": permit, "message": answer.sentence}))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    stage: String,
    decision: String,
    comments: Option<String>,
}

async fn review(asker: Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    let given: Review = body.needed()?;
    let what = match (given.stage.as_str(), given.decision.as_str()) {
        ("PREPARATION", "SUBMIT_FOR_REVIEW") => Move::SubmitPreparation,
        ("PREPARATION", "APPROVED") => Move::ApprovePreparation,
        ("PREPARATION", "REWORK_REQUESTED") => Move::ReworkPreparation,
        ("SETUP", "SUBMIT_FOR_REVIEW") => Move::SubmitSetup,
        ("SETUP", "APPROVED") => Move::ApproveSetup,
        ("SETUP", "REWORK_REQUESTED") => Move::ReworkSetup,
        _ => {
            let sentence = "stage is PREPARATION or SETUP, decision SUBMIT_FOR_REVIEW, APPROVED or REWORK_REQUESTED.";
            return Err(Fault::invalid(sentence));
        }
    };
    moved(asker, &ids, &headers, what, given.comments).await
}

/// Carries a move out: 200 with the permit, or 202 where it waits for its second person now.
async fn moved(
    Extension(caller): Asker,
    ids: &Ids,
    headers: &HeaderMap,
    what: Move,
    reason: Option<String>,
) -> Answered {
    let id = ids.number(0, MISSING)?;
    let service = caller.acting(caller.own()?)?;
    let mut request =
        json!({"permit": id, "move": what, "reason": reason, "seen_row_version": reply::if_match(headers)?});
    drop_nulls(&mut request);
    let answer = service.carry_out_raw(command_id(headers)?, "move_permit", &request).await?.into_result()?;
    let permit = find(&service, id).await?;
    let waits = permit.second.as_ref().is_some_and(|second| second.what == what);
    let status = if waits { StatusCode::ACCEPTED } else { StatusCode::OK };
    tell(&service, &permit, status, &answer).await
}

async fn tell(service: &Service, permit: &Permit, status: StatusCode, answer: &Answer) -> Answered {
    let told = told(service, permit).await?;
    let told = reply::json(status, &json!({"permit": told, "message": answer.sentence}))?;
    Ok(reply::versioned(told, Some(permit.row_version)))
}

/// A move's handler; its reason stands in the body, where there is one.
macro_rules! moves {
    ($($name:ident: $what:ident),* $(,)?) => {
        $(async fn $name(asker: Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
            let given: Reason = if body.0.is_some() { body.needed()? } else { Reason::default() };
            moved(asker, &ids, &headers, Move::$what, given.reason).await
        })*
    };
}

moves!(
    initiate: InitiateIngress,
    confirm: ConfirmUpload,
    submit_setup: SubmitSetup,
    pause: Pause,
    resume: Resume,
    archive: Archive,
    revoke: Revoke,
    delete: Delete,
);

async fn start(asker: Asker, ids: Ids, headers: HeaderMap) -> Answered {
    switch(asker, &ids, &headers, true).await
}

async fn stop(asker: Asker, ids: Ids, headers: HeaderMap) -> Answered {
    switch(asker, &ids, &headers, false).await
}

async fn switch(Extension(caller): Asker, ids: &Ids, headers: &HeaderMap, running: bool) -> Answered {
    let id = ids.number(0, MISSING)?;
    let service = caller.acting(caller.own()?)?;
    let request = json!({"permit": id, "running": running});
    let answer = service.carry_out_raw(command_id(headers)?, "switch_workspace", &request).await?.into_result()?;
    let permit = find(&service, id).await?;
    reply::json(StatusCode::OK, &json!({"status": status_of(&permit), "message": answer.sentence}))
}

async fn workspace(Extension(caller): Asker, ids: Ids) -> Answered {
    let service = caller.acting(caller.own()?)?;
    let permit = find(&service, ids.number(0, MISSING)?).await?;
    reply::json(StatusCode::OK, &json!({"status": status_of(&permit)}))
}

/// What the research team's workspace should be.
fn status_of(permit: &Permit) -> &str {
    permit
        .workspaces
        .iter()
        .find(|workspace| workspace.kind == "workspace")
        .map_or("absent", |workspace| &workspace.state)
}
