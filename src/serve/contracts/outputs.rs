//! Contract D: outputs of permits, which are sets of egress files and decided by the votes on them, and what happened to a permit.

use axum::Extension;
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::permits::{MISSING, find, told};
use crate::domain::case::CaseState;
use crate::domain::command::{Command, TicketUse};
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::item::Item as _;
use crate::domain::permit::{Output, Permit};
use crate::domain::vote::VoteKind;
use crate::serve::auth::Caller;
use crate::serve::fault::{Answered, Fault, Kind};
use crate::serve::generic::command_id;
use crate::serve::input::{Body, Ids, Query};
use crate::serve::reply;
use crate::serve::routes::{Asker, Route, by};
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/permits/{permit}/outputs", "permits:read", "outputs", |m| by(m, list)),
    Route::new(Method::POST, "/api/permits/{permit}/outputs", "permits:write", "submits an output", |m| by(m, submit))
        .body(&["folderPath!", "description!"])
        .ok(201),
    Route::new(
        Method::POST,
        "/api/permits/{permit}/outputs/{output}/review",
        "permits:write",
        "votes on the files of an output",
        |m| by(m, review),
    )
    .body(&["decision!", "comments", "version", "destination"]),
    Route::new(
        Method::GET,
        "/api/permits/{permit}/outputs/{output}/download-link",
        "egress:download",
        "the address of an approved output",
        |m| by(m, link),
    ),
    Route::new(Method::GET, "/api/permits/{permit}/activity", "permits:read", "what happened, newest first", |m| {
        by(m, activity)
    })
    .query(&["limit", "offset"]),
];

/// An output in the platform's words.
pub(super) fn in_words(output: &Output, by: Option<&Uuid>) -> Value {
    json!({"id": output.number, "version": output.version, "status": output.status, "folderPath": output.folder,
        "description": output.description, "submittedBy": by, "submittedAt": output.submitted_at,
        "decidedAt": output.decided_at, "reason": output.reason, "files": output.files, "approvedFiles": output.approved})
}

fn summary(permit: &Permit) -> Value {
    let of = |status: &str| permit.outputs.iter().filter(|output| output.status == status).count();
    json!({"total": permit.outputs.len(), "pending": of("EGRESS_REVIEW_PENDING"), "rework": of("EGRESS_REWORK"),
        "approved": of("EGRESS_APPROVED")})
}

/// The permit and its outputs as everybody here answers with.
async fn shown(service: &Service, permit: &Permit, output: i32, message: &str) -> Result<Value, Fault> {
    let told = told(service, permit).await?;
    let output = told["outputs"].as_array().and_then(|all| all.iter().find(|one| one["id"] == output)).cloned();
    Ok(json!({"output": output, "permit": told, "summary": summary(permit), "message": message}))
}

async fn of(caller: &Caller, ids: &Ids) -> Result<(Service, Permit), Fault> {
    let service = caller.acting(caller.own()?)?;
    let permit = find(&service, ids.number(0, MISSING)?).await?;
    Ok((service, permit))
}

async fn list(Extension(caller): Asker, ids: Ids) -> Answered {
    let (service, permit) = of(&caller, &ids).await?;
    let outputs = told(&service, &permit).await?["outputs"].take();
    reply::json(StatusCode::OK, &json!({"outputs": outputs, "summary": summary(&permit)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Submitted {
    folder_path: String,
    description: String,
}

/// One in rework that has the folder is submitted as its next version.
async fn submit(Extension(caller): Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    let given: Submitted = body.needed()?;
    let (service, permit) = of(&caller, &ids).await?;
    let again =
        permit.outputs.iter().find(|one| one.status == "EGRESS_REWORK" && one.folder.raw() == given.folder_path);
    let command = Command::SubmitOutput {
        permit: permit.id,
        folder: given.folder_path,
        description: given.description,
        output: again.map(|output| output.number),
    };
    let answer = service.carry_out(command_id(&headers)?, &command).await?.into_result()?;
    let number = answer.data["output"].as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or_default();
    let permit = find(&service, permit.id.0).await?;
    reply::json(StatusCode::CREATED, &shown(&service, &permit, number, &answer.sentence).await?)
}

/// The output of the path.
fn output<'a>(permit: &'a Permit, ids: &Ids) -> Result<&'a Output, Fault> {
    let missing = "The permit has no such output.";
    let number = ids.number(1, missing)?;
    permit.outputs.iter().find(|output| i64::from(output.number) == number).ok_or_else(|| Fault::not_found(missing))
}

async fn files(service: &Service, permit: &Permit, number: i32) -> Result<Vec<EgressItem>, Fault> {
    let versions = service.output_files(permit.id.0, number).await?;
    Ok(service.rows::<EgressItem>(&versions).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    decision: String,
    comments: Option<String>,
    version: Option<i32>,
    destination: Option<String>,
}

impl Review {
    /// The output's number names the bytes of its first version only: whoever looked at one is not taken to have seen the next.
    fn is_of(&self, output: &Output) -> Result<(), Fault> {
        if self.version.unwrap_or(1) == output.version {
            return Ok(());
        }
        let said =
            format!("Output {} is at version {} now: look at it, and name the version.", output.number, output.version);
        Err(Fault::new(Kind::Conflict, said))
    }

    /// Where the file waits for a vote: one way out, or the one that is named.
    fn way(&self, file: &EgressItem) -> Result<Option<String>, Fault> {
        let open = |state| matches!(state, CaseState::Pending | CaseState::ChangesRequested | CaseState::Approved);
        let named = |name: &String| self.destination.as_ref().is_none_or(|destination| destination == name);
        let mut ways =
            file.destinations.iter().filter(|(name, case)| open(case.state) && named(name)).map(|(name, _)| name);
        match (ways.next(), ways.next()) {
            (_, Some(_)) => {
                let said = format!("File {} waits for more than one destination: name the destination.", file.id);
                Err(Fault::new(Kind::Conflict, said))
            }
            (way, None) => Ok(way.cloned()),
        }
    }
}

/// Votes on every file of the output that waits for one: the reviewer is a checker there, and each file's own rules hold.
async fn review(Extension(caller): Asker, ids: Ids, body: Body) -> Answered {
    let given: Review = body.needed()?;
    let kind = match given.decision.as_str() {
        "APPROVED" => VoteKind::Approve,
        "REWORK_REQUESTED" => VoteKind::Changes,
        _ => return Err(Fault::invalid("decision is APPROVED or REWORK_REQUESTED.")),
    };
    let (service, permit) = of(&caller, &ids).await?;
    let reviewed = output(&permit, &ids)?;
    given.is_of(reviewed)?;
    let number = reviewed.number;
    let files = files(&service, &permit, number).await?;
    // It may have been submitted again meanwhile: then these are other files.
    given.is_of(output(&find(&service, permit.id.0).await?, &ids)?)?;
    let ways = files.iter().map(|file| Ok((file, given.way(file)?))).collect::<Result<Vec<_>, Fault>>()?;
    let mut said = None;
    for (file, destination) in ways.into_iter().filter(|(_, way)| way.is_some()) {
        let cast = Command::CastVote {
            version: file.id,
            destination,
            kind,
            sha256: file.sha256.clone(),
            comment: given.comments.clone(),
            seen_row_version: None,
            coverage: None,
            signed: None,
            signature: None,
        };
        said = Some(service.carry_out(Uuid::new_v4(), &cast).await?.into_result()?.sentence);
    }
    let said = said.ok_or_else(|| Fault::new(Kind::Conflict, "None of its files waits for a vote of yours."))?;
    let permit = find(&service, permit.id.0).await?;
    reply::json(StatusCode::OK, &shown(&service, &permit, number, &said).await?)
}

/// Addresses good for a minute, one a file; each is a download and journalled as one.
async fn link(Extension(caller): Asker, ids: Ids, method: Method) -> Answered {
    // Every address is a download that is journalled: to ask what there is takes the list.
    if method == Method::HEAD {
        return Err(Fault::new(Kind::Method, "This address has no such method."));
    }
    let (service, permit) = of(&caller, &ids).await?;
    let output = output(&permit, &ids)?;
    if output.status != "EGRESS_APPROVED" {
        return Err(Fault::new(Kind::Conflict, format!("Output {} is {}.", output.number, output.status)));
    }
    let mut links = Vec::new();
    for file in files(&service, &permit, output.number).await? {
        let ask = Command::AskTicket { version: VersionId(file.id()), purpose: TicketUse::Download };
        let asked = service.carry_out(Uuid::new_v4(), &ask).await?.into_result()?;
        links.push(json!({"fileName": file.key, "url": service.ticket_address(&asked.data).await?}));
    }
    let first = links.first().map(|link| link["url"].clone());
    reply::json(StatusCode::OK, &json!({"url": first, "files": links}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<usize>,
    offset: Option<usize>,
}

async fn activity(Extension(caller): Asker, ids: Ids, query: Query) -> Answered {
    let asked: Asked = query.read()?;
    let (limit, offset) = (asked.limit.unwrap_or(50), asked.offset.unwrap_or(0));
    if !(1..=100).contains(&limit) {
        return Err(Fault::invalid("limit has to be between 1 and 100."));
    }
    let (service, permit) = of(&caller, &ids).await?;
    let facts = service.facts_of::<Permit>(permit.id.0).await?;
    let done: Vec<_> = facts.history.iter().rev().filter(|event| event.ok).collect();
    let known = service.ext_ids(done.iter().filter_map(|event| event.actor.clone()).collect()).await?;
    let actions = done.iter().skip(offset).take(limit).map(|event| {
        json!({"at": event.at, "action": event.command, "actorId": event.actor.as_ref().and_then(|login| known.get(login)),
            "message": event.sentence})
    });
    let pagination = json!({"limit": limit, "offset": offset, "total": done.len()});
    reply::json(StatusCode::OK, &json!({"actions": actions.collect::<Vec<_>>(), "pagination": pagination}))
}
