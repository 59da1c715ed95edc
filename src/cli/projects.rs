//! `exeat projects …` and `exeat policies …`, for administrators.

use serde_json::{Map, Value, json};

use super::answers::{plain, print};
use super::args::{Global, PoliciesCommand, PolicySetArgs, ProjectsCommand};
use super::{exit, output, service};
use crate::domain::command::Command;
use crate::inspect::Checks;
use crate::service::{PolicyRow, ProjectRow, Service, ServiceError};
use crate::text::{Untrusted, shown};

/// Runs `projects`.
pub async fn run(command: ProjectsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        ProjectsCommand::List(args) => {
            let projects = service.projects().await?;
            if args.json {
                output::json(&json!({"items": projects}))?;
            } else {
                output::line(&table(&projects))?;
            }
            Ok(exit::OK)
        }
        ProjectsCommand::Show(args) => {
            let project = one(&service, &args.project).await?;
            let policies = service.policies(&args.project).await?;
            if args.output.json {
                let mut value = serde_json::to_value(&project)?;
                value["policies"] = policies.iter().map(policy).collect();
                output::json(&value)?;
            } else {
                output::line(&table(&[project]))?;
                output::line(&policy_table(&policies))?;
            }
            Ok(exit::OK)
        }
        ProjectsCommand::Add(args) => {
            let add = Command::AddProject {
                id: args.project,
                title: args.title,
                purpose: args.purpose,
                location: args.location,
                shared_location: args.shared,
            };
            print(service.carry_out(args.sent.id(), &add).await?, args.sent.output.json)
        }
        ProjectsCommand::Move(args) => {
            let (location, shared_location) = (args.location, args.shared);
            let change = Command::MoveProject { project: args.project, location, shared_location, reason: args.reason };
            print(service.carry_out(args.sent.id(), &change).await?, args.sent.output.json)
        }
        ProjectsCommand::Close(args) => {
            let close = Command::CloseProject { project: args.project, reason: args.reason };
            print(service.carry_out(args.sent.id(), &close).await?, args.sent.output.json)
        }
        ProjectsCommand::Confirm(args) => {
            let confirm = Command::ConfirmProject { change: args.change };
            print(service.carry_out(args.sent.id(), &confirm).await?, args.sent.output.json)
        }
        ProjectsCommand::TakeBack(args) => {
            let drop = Command::DropProjectChange { change: args.change };
            print(service.carry_out(args.sent.id(), &drop).await?, args.sent.output.json)
        }
        ProjectsCommand::Pause(args) => {
            let pause = Command::PauseProject { project: args.project, reason: args.reason };
            print(service.carry_out(args.sent.id(), &pause).await?, args.sent.output.json)
        }
        ProjectsCommand::Resume(args) => {
            let resume = Command::ResumeProject { project: args.project, reason: args.reason };
            print(service.carry_out(args.sent.id(), &resume).await?, args.sent.output.json)
        }
    }
}

/// Runs `policies`.
pub async fn policies(command: PoliciesCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        PoliciesCommand::Show(args) => {
            one(&service, &args.project).await?;
            let policies = service.policies(&args.project).await?;
            if args.output.json {
                let items: Vec<Value> = policies.iter().map(policy).collect();
                output::json(&json!({"items": items}))?;
            } else {
                output::line(&policy_table(&policies))?;
            }
            Ok(exit::OK)
        }
        PoliciesCommand::Set(args) => {
            let values = values(&args)?;
            let set = Command::SetPolicy { project: args.project, destination: args.destination, values };
            print(service.carry_out(args.sent.id(), &set).await?, args.sent.output.json)
        }
        PoliciesCommand::Confirm(args) => {
            let confirm = Command::ConfirmPolicy { policy: args.policy };
            print(service.carry_out(args.sent.id(), &confirm).await?, args.sent.output.json)
        }
    }
}

/// Why these are no numbers of the checks: a name that is none would silently leave the default in force.
fn checks_why_not(values: &Value) -> Option<String> {
    let known = serde_json::to_value(Checks::default()).unwrap_or_default();
    let names: Vec<&str> = known.as_object().into_iter().flat_map(|known| known.keys().map(String::as_str)).collect();
    let (values, one) = (values.as_object()?, |name: &str, value: &Value| json!({ name: value }));
    if let Some(name) = values.keys().find(|name| !names.contains(&name.as_str())) {
        return Some(format!("There is no check {name:?}; there are {}.", names.join(", ")));
    }
    let wrong = values.iter().find(|(name, value)| serde_json::from_value::<Checks>(one(name, value)).is_err());
    wrong.map(|(name, _)| format!("The check {name} takes something as {}.", known[name]))
}

/// The values that were given; the others stay as they are.
fn values(args: &PolicySetArgs) -> anyhow::Result<Value> {
    let checks = args.checks.as_deref().map(serde_json::from_str::<Value>).transpose();
    let checks = checks
        .ok()
        .filter(|checks| checks.as_ref().is_none_or(Value::is_object))
        .ok_or_else(|| ServiceError::Usage("--checks takes a JSON object, such as {\"threshold\": 10}.".to_owned()))?;
    if let Some(why) = checks.as_ref().and_then(checks_why_not) {
        return Err(ServiceError::Usage(why).into());
    }
    let given = [
        ("approvals", args.approvals.map(Value::from)),
        ("largest_file", args.largest_file.map(Value::from)),
        ("hold_seconds", args.hold_seconds.map(Value::from)),
        ("rejection_vetoes", args.rejection_vetoes.map(Value::from)),
        ("inspection_downloads", args.inspection_downloads.map(Value::from)),
        ("votes_via_services", args.votes_via_services.map(Value::from)),
        ("signatures", args.signatures.clone().map(Value::from)),
        ("unseen", args.unseen.clone().map(Value::from)),
        ("checks", checks),
    ];
    let values: Map<String, Value> =
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    if values.is_empty() {
        return Err(ServiceError::Usage("Name what should change, such as --approvals 2.".to_owned()).into());
    }
    Ok(Value::Object(values))
}

async fn one(service: &Service, id: &str) -> anyhow::Result<ProjectRow> {
    let found = service.projects().await?.into_iter().find(|project| project.id == id);
    Ok(found.ok_or_else(|| crate::domain::refusal::Refusal {
        code: "not_found".to_owned(),
        message: format!("There is no project {id} that you may see: look with `exeat projects list`."),
    })?)
}

fn table(projects: &[ProjectRow]) -> String {
    let rows: Vec<Vec<String>> = projects
        .iter()
        .map(|project| {
            vec![
                plain(&project.id),
                plain(&project.location),
                plain(&project.shared_location),
                plain(&project.destinations.join(", ")),
                plain(&project.standing),
                shown(&project.title),
            ]
        })
        .collect();
    let mut text = output::table(&["PROJECT", "LOCATION", "SHARED", "DESTINATIONS", "STANDING", "TITLE"], &rows);
    let waiting = projects.iter().filter(|project| !project.waits.is_empty());
    let waiting =
        waiting.map(|project| (project.id.as_str(), "waits for another administrator to confirm", &project.waits));
    for (id, how, why) in standing(projects).chain(waiting) {
        text = format!("{}\n{} {how} {}", text.trim_end(), plain(id), shown(why));
    }
    text
}

/// The projects that stand still: which, how, and since when and why.
pub(super) fn standing(projects: &[ProjectRow]) -> impl Iterator<Item = (&str, &'static str, &Untrusted)> {
    projects.iter().flat_map(|project| {
        let how = [("is paused", &project.paused), ("is left out by the worker", &project.fault)];
        how.into_iter().filter(|(_, why)| !why.is_empty()).map(|(how, why)| (project.id.as_str(), how, why))
    })
}

/// A policy as JSON: ids are strings.
fn policy(row: &PolicyRow) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    value["policy"] = Value::from(row.policy.to_string());
    value
}

fn policy_table(policies: &[PolicyRow]) -> String {
    let rows: Vec<Vec<String>> = policies
        .iter()
        .map(|row| {
            vec![
                row.policy.to_string(),
                plain(&row.destination),
                row.number.to_string(),
                plain(&row.state),
                row.approvals.to_string(),
                row.largest_file.to_string(),
                row.hold_seconds.to_string(),
                row.rejection_vetoes.to_string(),
                row.inspection_downloads.to_string(),
                row.votes_via_services.to_string(),
                plain(&row.signatures),
                plain(&row.unseen),
                plain(&row.checks.to_string()),
                plain(row.proposed_by.as_deref().unwrap_or("-")),
            ]
        })
        .collect();
    let table = output::table(
        &[
            "ID",
            "DESTINATION",
            "NUMBER",
            "STATE",
            "APPROVALS",
            "LARGEST",
            "HOLD",
            "VETO",
            "INSPECTION",
            "VIA SERVICES",
            "SIGNATURES",
            "UNSEEN",
            "CHECKS",
            "PROPOSED BY",
        ],
        &rows,
    );
    // What a preview is stands where it is decided who may have one.
    format!(
        "{table}\nINSPECTION is for downloads: who may look inside has the right to the bytes for as long as a ticket lives."
    )
}
