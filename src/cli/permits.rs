//! `exeat permits …` and `exeat workspaces …`: reads the arguments, calls the service, prints. What it prints for people is
//! in `permit_text`.

use chrono::Utc;
use serde_json::{Value, json};

use super::access_text::made;
use super::args::{
    Global, PermitArgs, PermitIssueArgs, PermitMoveArgs, PermitOutputsArgs, PermitTeamArgs, PermitsCommand, SentArgs,
    WorkspaceReportArgs, WorkspacesCommand,
};
use super::common::{history, list, moments};
use super::results::Results;
use super::{exit, output, permit_text as text, service};
use crate::domain::command::Command;
use crate::domain::permit::{Move, Permit, PermitFacts, PermitId};
use crate::service::{Service, ServiceError};

/// Who moved a permit where nobody did.
const UNNAMED: &str = "the worker";

/// Runs `permits`.
pub async fn run(command: PermitsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    let (what, args) = match command {
        PermitsCommand::List(args) => return list(&service, &args, text::permits).await,
        PermitsCommand::Show(args) => return show(&service, &args, text::permit).await,
        PermitsCommand::Issue(args) => return issue(&service, args).await,
        PermitsCommand::Outputs(args) => return outputs(&service, args).await,
        PermitsCommand::Team(args) => return team(&service, args).await,
        PermitsCommand::Activity(args) => {
            return history::<Permit>(&service, args.id.0, args.output, UNNAMED).await;
        }
        PermitsCommand::Life(args) => return life(&service, &args).await,
        PermitsCommand::TakeBack(args) => {
            let back = Command::TakeBackPermit { permit: args.id, seen_row_version: args.row_version };
            return send(&service, args.id, &args.sent, &back).await;
        }
        PermitsCommand::Review(args) => {
            let what = args.step();
            let (id, reason, row_version, sent) = (args.id, args.comments, args.row_version, args.sent);
            (what, PermitMoveArgs { id, reason, row_version, sent })
        }
        PermitsCommand::InitiateIngress(args) => (Move::InitiateIngress, args),
        PermitsCommand::ConfirmUpload(args) => (Move::ConfirmUpload, args),
        PermitsCommand::SubmitForReview(args) => (Move::SubmitSetup, args),
        PermitsCommand::Pause(args) => (Move::Pause, args),
        PermitsCommand::Resume(args) => (Move::Resume, args),
        PermitsCommand::Archive(args) => (Move::Archive, args),
        PermitsCommand::Revoke(args) => (Move::Revoke, args),
        PermitsCommand::Delete(args) => (Move::Delete, args),
    };
    let PermitMoveArgs { id, reason, row_version, sent } = args;
    let command = Command::MovePermit { permit: id, what, reason, seen_row_version: row_version };
    send(&service, id, &sent, &command).await
}

/// Runs `workspaces`.
pub async fn workspaces(command: WorkspacesCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        WorkspacesCommand::List(args) => list(&service, &args, |items, _| text::workspaces(items)).await,
        WorkspacesCommand::Show(args) => {
            show(&service, &args, |item, _| text::workspaces(std::slice::from_ref(item))).await
        }
        WorkspacesCommand::Report(args) => report(&service, args).await,
        WorkspacesCommand::Start(args) => switch(&service, &args, true).await,
        WorkspacesCommand::Stop(args) => switch(&service, &args, false).await,
    }
}

async fn show(
    service: &Service,
    args: &PermitArgs,
    told: impl Fn(&Permit, chrono::DateTime<Utc>) -> String,
) -> anyhow::Result<u8> {
    let item: Permit = service.one(args.id.0).await?;
    if args.output.json {
        output::json(&item)?;
    } else {
        output::line(&told(&item, Utc::now()))?;
    }
    Ok(exit::OK)
}

async fn send(service: &Service, id: PermitId, sent: &SentArgs, command: &Command) -> anyhow::Result<u8> {
    let mut results = Results::default();
    results.answer(id, service.carry_out(sent.id(), command).await)?;
    results.print(sent.output.json)
}

async fn issue(service: &Service, args: PermitIssueArgs) -> anyhow::Result<u8> {
    let (from, until) = moments(service, args.from, args.until).await?;
    let team = args.team.iter().map(|word| named(word)).collect::<Result<Vec<_>, _>>()?;
    let team = team.into_iter().map(|(role, login)| json!({"role": role, "login": login})).collect();
    let issue = Command::IssuePermit {
        project: args.project,
        title: args.title,
        purpose: args.purpose,
        request: args.request,
        datasets: json!(args.dataset),
        grants: json!(args.grant.iter().map(|grant| grant.0).collect::<Vec<_>>()),
        team: Value::Array(team),
        from,
        until,
        reference: args.reference,
    };
    made(service.carry_out(args.sent.id(), &issue).await?, "permit", args.sent.output.json)
}

/// `ROLE:LOGIN`
fn named(word: &str) -> Result<(String, String), ServiceError> {
    let parts = word.split_once(':').filter(|(role, login)| !role.is_empty() && !login.is_empty());
    let (role, login) = parts.ok_or_else(|| {
        ServiceError::Usage("Somebody on a team is written ROLE:LOGIN, as in data_reviewer:reviewer1.".to_owned())
    })?;
    Ok((role.to_owned(), login.to_owned()))
}

async fn team(service: &Service, args: PermitTeamArgs) -> anyhow::Result<u8> {
    let permit = args.id;
    let command = match (&args.add, &args.end) {
        (Some(word), _) => {
            let (role, login) = named(word)?;
            Command::AddToTeam { permit, login, role }
        }
        (None, Some(word)) => {
            let (role, login) = named(word)?;
            Command::EndInTeam { permit, login, role }
        }
        (None, None) => {
            let item: Permit = service.one(permit.0).await?;
            if args.sent.output.json {
                output::json(&json!({"items": item.teams}))?;
            } else {
                output::line(&text::team(&item))?;
            }
            return Ok(exit::OK);
        }
    };
    send(service, permit, &args.sent, &command).await
}

async fn outputs(service: &Service, args: PermitOutputsArgs) -> anyhow::Result<u8> {
    let permit = args.id;
    if let (Some(folder), Some(description)) = (args.submit, args.description) {
        let submit = Command::SubmitOutput { permit, folder, description, output: args.again };
        return send(service, permit, &args.sent, &submit).await;
    }
    let item: Permit = service.one(permit.0).await?;
    let facts = PermitFacts::of(&service.facts_of::<Permit>(permit.0).await?.more);
    if args.sent.output.json {
        output::json(&json!({"items": item.outputs, "files": facts.files}))?;
    } else {
        output::line(&text::outputs(&item))?;
        if !facts.files.is_empty() {
            output::line(&text::files(&facts.files))?;
        }
    }
    Ok(exit::OK)
}

async fn life(service: &Service, args: &PermitArgs) -> anyhow::Result<u8> {
    let item: Permit = service.one(args.id.0).await?;
    let facts = PermitFacts::of(&service.facts_of::<Permit>(args.id.0).await?.more);
    if args.output.json {
        output::json(&json!({"status": item.status, "states": facts.states, "next": item.next}))?;
    } else {
        output::line(&text::life(&item, &facts))?;
    }
    Ok(exit::OK)
}

async fn report(service: &Service, args: WorkspaceReportArgs) -> anyhow::Result<u8> {
    let WorkspaceReportArgs { id, kind, generation, state, detail, sent } = args;
    let report = Command::ReportWorkspace { permit: id, kind, generation, state, detail };
    send(service, id, &sent, &report).await
}

async fn switch(service: &Service, args: &PermitMoveArgs, running: bool) -> anyhow::Result<u8> {
    let switch = Command::SwitchWorkspace { permit: args.id, running };
    send(service, args.id, &args.sent, &switch).await
}
