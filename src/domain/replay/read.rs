//! Reads an entry into its event.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::event::{
    CaseEvent, CaseStep, Claim, Event, Id, Intake, Kind, MembershipAdded, PersonEvent, PolicyEvent, RegisteredFile,
    ReleaseEvent, RenewalEvent, Role, Values, time, time_or_none,
};
use super::places::{Kind as Change, ProjectEvent};
use super::taken_over::FileAsItWas;
use crate::domain::journal::JournalEntry;
use crate::domain::verify::trust::Renewal;

fn json<T: DeserializeOwned>(text: Option<&String>) -> Result<T, String> {
    serde_json::from_str(text.map_or("null", String::as_str)).map_err(|why| why.to_string())
}

/// What is asked for where no key can speak.
#[derive(Deserialize)]
struct Asked {
    why: Renewal,
    public_key: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    renewal: Id,
}

#[derive(Deserialize)]
struct ProposedBy {
    proposed_by: String,
}

/// What an entry says; it counts and was done.
pub(super) fn event(entry: &JournalEntry) -> Result<Event, String> {
    let (request, data) = (entry.request.as_ref(), entry.data.as_ref());
    Ok(match entry.command.as_str() {
        "migrate" => {
            #[derive(Deserialize)]
            struct Request {
                number: i64,
            }
            Event::Migrated { number: json::<Request>(request)?.number, was: json(data)? }
        }
        "take_over" => {
            let mut file: FileAsItWas = json(request)?;
            file.project = entry.project.clone().unwrap_or_default();
            Event::TakenOver(Box::new(file))
        }
        "bootstrap_admin" | "add_login" | "add_membership" | "end_membership" | "membership_ended" | "sync_people"
        | "add_service" => Event::Person(person(&entry.command, request, data)?),
        "add_project" | "move_project" | "close_project" | "confirm_project" | "drop_project_change" => {
            Event::Project(project(&entry.command, request, data)?)
        }
        "set_policy" | "confirm_policy" => Event::Policy(policy(&entry.command, request, data)?),
        "renew_proof" => {
            let (Asked { why, public_key }, Made { renewal }) = (json(request)?, json(data)?);
            Event::Renewal(RenewalEvent::Proposed { renewal: renewal.0, why, public_key })
        }
        "confirm_renewal" => {
            let (Asked { why, public_key }, Made { renewal }) = (json(data)?, json(data)?);
            let ProposedBy { proposed_by } = json(data)?;
            Event::Renewal(RenewalEvent::Confirmed { renewal: renewal.0, why, public_key, proposed_by })
        }
        "register_submission" => {
            #[derive(Deserialize)]
            struct Request {
                project: String,
                files: Vec<RegisteredFile>,
            }
            let Request { project, files } = json(request)?;
            Event::Registered { project, files }
        }
        "intake" => Event::Intake(Intake { project: entry.project.clone().unwrap_or_default(), ..json(request)? }),
        "intake_missing" => {
            #[derive(Deserialize)]
            struct Request {
                version: Id,
            }
            Event::Gone { version: json::<Request>(request)?.version.0 }
        }
        "claim_release" | "finish_release" | "fail_release" => Event::Release(release(entry)?),
        _ => Event::Case(case(&entry.command, request, data)?),
    })
}

fn person(command: &str, request: Option<&String>, data: Option<&String>) -> Result<PersonEvent, String> {
    #[derive(Deserialize)]
    struct Request {
        #[serde(default)]
        login: String,
        #[serde(default)]
        name: String,
        project: Option<String>,
        role: Option<String>,
        membership: Option<Id>,
    }
    #[derive(Deserialize)]
    struct Synced {
        dry_run: bool,
        removed: Vec<String>,
        restored: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Added {
        membership: Id,
        #[serde(deserialize_with = "time")]
        valid_from: i64,
        #[serde(deserialize_with = "time_or_none")]
        valid_until: Option<i64>,
    }
    if command == "sync_people" {
        let Synced { dry_run, removed, restored } = json(data)?;
        let (removed, restored) = if dry_run { (Vec::new(), Vec::new()) } else { (removed, restored) };
        return Ok(PersonEvent::Synced { removed, restored });
    }
    let Request { login, name, project, role, membership } = json(request)?;
    let named = || role_named(role.as_deref());
    Ok(match command {
        "bootstrap_admin" => PersonEvent::First { login },
        "add_login" => PersonEvent::Login { login, role: role.ok_or("no role")? },
        "add_service" => PersonEvent::Service { name, role: role.ok_or("no role")? },
        "membership_ended" => PersonEvent::RanOut { membership: membership.ok_or("no membership")?.0 },
        "end_membership" => PersonEvent::Ended { role: named(), login, project },
        _ => {
            let Added { membership, valid_from, valid_until } = json(data)?;
            let bounds = (valid_from, valid_until.unwrap_or(i64::MAX));
            let role = named();
            PersonEvent::Added(MembershipAdded { id: membership.0, login, project, role, bounds, ended: false })
        }
    })
}

fn role_named(name: Option<&str>) -> Role {
    match name {
        Some("administrator") => Role::Administrator,
        Some("checker") => Role::Checker,
        Some("researcher") => Role::Researcher,
        _ => Role::Other,
    }
}

fn project(command: &str, request: Option<&String>, data: Option<&String>) -> Result<ProjectEvent, String> {
    #[derive(Deserialize)]
    struct Request {
        #[serde(alias = "id")]
        project: String,
        shared_location: Option<String>,
    }
    #[derive(Deserialize)]
    struct Made {
        change: Option<Id>,
    }
    let kind = match command {
        "add_project" => Change::Open,
        "move_project" => Change::Move,
        "close_project" => Change::Close,
        "confirm_project" => return Ok(ProjectEvent::Confirmed(json(data)?)),
        _ => {
            let Made { change } = json(data)?;
            return Ok(ProjectEvent::Dropped { change: change.ok_or("no change")?.0 });
        }
    };
    let Request { project, shared_location: shared } = json(request)?;
    // An exeat of before two administrators wrote no change.
    let change = json::<Option<Made>>(data)?.and_then(|made| made.change).map(|change| change.0);
    Ok(ProjectEvent::Asked { change, kind, project, shared })
}

fn policy(command: &str, request: Option<&String>, data: Option<&String>) -> Result<PolicyEvent, String> {
    #[derive(Deserialize)]
    struct Request {
        project: String,
        destination: String,
    }
    #[derive(Deserialize)]
    struct Set {
        policy: Id,
        proposed: bool,
        values: Values,
    }
    #[derive(Deserialize)]
    struct Confirmed {
        policy: Id,
    }
    if command == "confirm_policy" {
        return Ok(PolicyEvent::Confirmed { policy: json::<Confirmed>(data)?.policy.0 });
    }
    let (Request { project, destination }, Set { policy, proposed, values }) = (json(request)?, json(data)?);
    Ok(PolicyEvent::Set { policy: policy.0, project, destination, proposed, values })
}

fn case(command: &str, request: Option<&String>, data: Option<&String>) -> Result<CaseEvent, String> {
    #[derive(Deserialize)]
    struct Request {
        version: Id,
        kind: Option<Kind>,
        sha256: Option<String>,
    }
    #[derive(Deserialize)]
    struct Left {
        destination: String,
        state: String,
        #[serde(default, deserialize_with = "time_or_none")]
        approved_at: Option<i64>,
        policy: Option<Id>,
        #[serde(default)]
        proposed: bool,
    }
    let Request { version, kind, sha256 } = json(request)?;
    let Left { destination, state, approved_at, policy, proposed } = json(data)?;
    let what = match command {
        "cast_vote" => CaseStep::Vote { kind: kind.ok_or("no kind")?, sha256, policy: policy.ok_or("no policy")?.0 },
        "undo_vote" => CaseStep::Undo,
        "withdraw" => CaseStep::Withdraw,
        "recall" => CaseStep::Recall,
        "restore" => CaseStep::Restore { proposed },
        "ask_destination" => CaseStep::Ask,
        _ => CaseStep::Recount,
    };
    Ok(CaseEvent { version: version.0, destination, what, state, approved_at })
}

fn release(entry: &JournalEntry) -> Result<ReleaseEvent, String> {
    #[derive(Deserialize)]
    struct Request {
        release: String,
        #[serde(default)]
        worker: String,
        record: Option<Box<RawValue>>,
        record_key: Option<String>,
        #[serde(default)]
        code: String,
    }
    let Request { release, worker, record, record_key, code } = json(entry.request.as_ref())?;
    Ok(match entry.command.as_str() {
        "finish_release" => ReleaseEvent::Finish { release, worker, record_key },
        "fail_release" => ReleaseEvent::Fail { release, code },
        _ => match record {
            None => ReleaseEvent::Again { release, worker },
            Some(text) => {
                let text = text.get().to_owned();
                let record = json(Some(&text))?;
                let place = json(entry.data.as_ref())?;
                ReleaseEvent::Claim(Claim { release, worker, record, text, subject: entry.subject.clone(), place })
            }
        },
    })
}
