//! `exeat grants …` and `exeat access check`.

use chrono::Utc;

use super::access_text as text;
use super::args::{AccessCommand, Global, GrantAddArgs, GrantAmendArgs, GrantIdArgs, GrantRevokeArgs, GrantsCommand};
use super::common::{history, list, moments};
use super::results::{Results, each};
use super::{exit, output, service};
use crate::domain::access::Grant;
use crate::domain::command::Command;
use crate::service::{Service, ServiceError};

/// Runs `grants`.
pub async fn run(command: GrantsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        GrantsCommand::List(args) => list(&service, &args, |items, _| text::grants(items)).await,
        GrantsCommand::Show(args) => show(&service, &args).await,
        GrantsCommand::Add(args) => add(&service, args).await,
        GrantsCommand::Amend(args) => amend(&service, args).await,
        GrantsCommand::Revoke(args) => revoke(&service, args).await,
        GrantsCommand::History(args) => history::<Grant>(&service, args.id.0, args.output, text::UNNAMED).await,
    }
}

/// Runs `access`. No access is an answer, not an error: the exit code is 0 for both.
pub async fn access(command: AccessCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    let AccessCommand::Check(args) = command;
    let (at, _) = moments(&service, args.at, None).await?;
    let check = service.access_check(&args.person, &args.dataset, at).await?;
    if args.output.json {
        output::json(&check)?;
    } else {
        output::line(&text::check(&check))?;
    }
    Ok(exit::OK)
}

async fn show(service: &Service, args: &GrantIdArgs) -> anyhow::Result<u8> {
    let item = service.one::<Grant>(args.id.0).await?;
    if args.output.json {
        output::json(&item)?;
    } else {
        let check = service.access_check(&item.login, &item.dataset_id, None).await?;
        output::line(&text::grant(&item, &check))?;
    }
    Ok(exit::OK)
}

async fn add(service: &Service, args: GrantAddArgs) -> anyhow::Result<u8> {
    let (from, until) = moments(service, args.from, Some(args.until)).await?;
    let until = until.unwrap_or_else(Utc::now);
    let add = Command::AddGrant { login: args.person, dataset: args.dataset, from, until, iva: args.iva };
    text::made(service.carry_out(args.sent.id(), &add).await?, "grant", args.sent.output.json)
}

async fn amend(service: &Service, args: GrantAmendArgs) -> anyhow::Result<u8> {
    let (_, until) = moments(service, None, Some(args.until)).await?;
    let until = until.ok_or_else(|| ServiceError::Usage("--until names the new end.".to_owned()))?;
    let reason = args.reason.unwrap_or_default();
    let amend = Command::AmendGrant { grant: args.id, until, reason, seen_row_version: args.row_version };
    let mut results = Results::default();
    results.answer(args.id, service.carry_out(args.sent.id(), &amend).await)?;
    results.print(args.sent.output.json)
}

async fn revoke(service: &Service, args: GrantRevokeArgs) -> anyhow::Result<u8> {
    let reason = args.reason.unwrap_or_default();
    let seen = each(args.ids.len(), &args.row_version, "row-version")?;
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for ((grant, seen_row_version), id) in args.ids.into_iter().zip(seen).zip(commands) {
        let revoke = Command::RevokeGrant { grant, class: args.class, reason: reason.clone(), seen_row_version };
        results.answer(grant, service.carry_out(id, &revoke).await)?;
    }
    results.print(args.sent.output.json)
}
