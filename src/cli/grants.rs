//! `exeat grants …` and `exeat access check`.

use chrono::Utc;
use serde_json::json;

use super::access_text as text;
use super::args::{
    AccessCommand, AccessListArgs, Global, GrantAddArgs, GrantAmendArgs, GrantIdArgs, GrantRevokeArgs, GrantsCommand,
};
use super::requests::{cursor, moments, not_understood};
use super::results::{Results, each};
use super::{exit, output, service};
use crate::domain::command::Command;
use crate::domain::query::GrantQuery;
use crate::service::{Service, ServiceError};

/// Runs `grants`.
pub async fn run(command: GrantsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        GrantsCommand::List(args) => list(&service, &args).await,
        GrantsCommand::Show(args) => show(&service, &args).await,
        GrantsCommand::Add(args) => add(&service, args).await,
        GrantsCommand::Amend(args) => amend(&service, args).await,
        GrantsCommand::Revoke(args) => revoke(&service, args).await,
        GrantsCommand::History(args) => history(&service, &args).await,
    }
}

/// Runs `access`. No access is an answer, not an error: the exit code is 0 for both.
pub async fn access(command: AccessCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    let AccessCommand::Check(args) = command;
    let [at] = moments(&service, [args.at]).await?;
    let check = service.access_check(&args.person, &args.dataset, at).await?;
    if args.output.json {
        output::json(&check)?;
    } else {
        output::line(&text::check(&check))?;
    }
    Ok(exit::OK)
}

async fn list(service: &Service, args: &AccessListArgs) -> anyhow::Result<u8> {
    let line = args.query.join(" ");
    let query: GrantQuery = line.parse().map_err(|error| not_understood(&line, &error))?;
    let filter = query.filter(service.site_zone().await?);
    let after = cursor(args.after.as_deref())?;
    let mut page = service.grants(&filter, args.sort, after.as_ref(), args.limit).await?;
    while let Some(cursor) = page.next.take_if(|_| page.items.len() < args.limit as usize) {
        let left = args.limit - u32::try_from(page.items.len()).unwrap_or(args.limit);
        let more = service.grants(&filter, args.sort, Some(&cursor), left).await?;
        page.items.extend(more.items);
        page.next = more.next;
    }
    let total = service.count_grants(&filter).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    if args.output.json {
        output::json(&json!({"items": page.items, "total": total, "next": next}))?;
    } else {
        output::line(&text::grants(&page.items))?;
        output::line(&format!("{} of {total}", page.items.len()))?;
        if let Some(next) = next {
            output::line(&format!("more with --after {next}"))?;
        }
    }
    Ok(exit::OK)
}

async fn show(service: &Service, args: &GrantIdArgs) -> anyhow::Result<u8> {
    let item = service.access_grant(args.id).await?;
    if args.output.json {
        output::json(&item)?;
    } else {
        let check = service.access_check(&item.login, &item.dataset_id, None).await?;
        output::line(&text::grant(&item, &check))?;
    }
    Ok(exit::OK)
}

async fn add(service: &Service, args: GrantAddArgs) -> anyhow::Result<u8> {
    let [from, until] = moments(service, [args.from, Some(args.until)]).await?;
    let until = until.unwrap_or_else(Utc::now);
    let add = Command::AddGrant { login: args.person, dataset: args.dataset, from, until, iva: args.iva };
    text::made(service.carry_out(args.sent.id(), &add).await?, "grant", args.sent.output.json)
}

async fn amend(service: &Service, args: GrantAmendArgs) -> anyhow::Result<u8> {
    let [until] = moments(service, [Some(args.until)]).await?;
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

async fn history(service: &Service, args: &GrantIdArgs) -> anyhow::Result<u8> {
    let rows = service.grant_history(args.id).await?;
    if rows.is_empty() {
        service.access_grant(args.id).await?;
    }
    if args.output.json {
        output::json(&json!({"items": rows}))?;
    } else {
        output::line(&text::history(&rows))?;
    }
    Ok(exit::OK)
}
