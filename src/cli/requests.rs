//! `exeat requests …`: reads the arguments, calls the service, prints. What it prints for people is in `access_text`.

use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::access_text as text;
use super::args::{
    AccessListArgs, Global, RequestAllowArgs, RequestArgs, RequestDenyArgs, RequestEditArgs, RequestNewArgs,
    RequestsArgs, RequestsCommand,
};
use super::results::{Results, each};
use super::{exit, output, service};
use crate::domain::command::{Command, RequestChanges};
use crate::domain::page::Cursor;
use crate::domain::query::{QueryError, RequestQuery, When};
use crate::service::{Service, ServiceError};

/// Runs it.
pub async fn run(command: RequestsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        RequestsCommand::List(args) => list(&service, &args).await,
        RequestsCommand::Show(args) => show(&service, &args).await,
        RequestsCommand::New(args) => new(&service, args).await,
        RequestsCommand::Edit(args) => edit(&service, args).await,
        RequestsCommand::Allow(args) => allow(&service, args).await,
        RequestsCommand::Deny(args) => deny(&service, args).await,
        RequestsCommand::Claim(args) => claim(&service, &args, true).await,
        RequestsCommand::Unclaim(args) => claim(&service, &args, false).await,
        RequestsCommand::Comment(args) => {
            let comment = Command::CommentRequest { request: args.id, body: args.text };
            let mut results = Results::default();
            results.answer(args.id, service.carry_out(args.sent.id(), &comment).await)?;
            results.print(args.sent.output.json)
        }
        RequestsCommand::History(args) => history(&service, &args).await,
    }
}

/// A filter line's mistake as the command line says it.
pub(super) fn not_understood(line: &str, error: &QueryError) -> ServiceError {
    let word = line.get(error.span.clone()).unwrap_or(line);
    ServiceError::Usage(format!("The filter is not understood at {word:?}: {}", error.sentence))
}

/// The cursor of an earlier page.
pub(super) fn cursor(after: Option<&str>) -> Result<Option<Cursor>, ServiceError> {
    after.map(str::parse).transpose().map_err(ServiceError::Usage)
}

/// What was typed as moments; only days need the site's zone, and only then is it asked for.
pub(super) async fn moments<const N: usize>(
    service: &Service,
    typed: [Option<When>; N],
) -> Result<[Option<DateTime<Utc>>; N], ServiceError> {
    let zone = if typed.iter().any(|when| matches!(when, Some(When::Day(_)))) {
        service.site_zone().await?
    } else {
        chrono_tz::UTC
    };
    Ok(typed.map(|when| when.map(|when| when.at(zone))))
}

/// A file's bytes, or standard input's for `-`.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|why| ServiceError::Usage(format!("{} cannot be read ({why}).", file.display())))?;
    Ok(bytes)
}

async fn list(service: &Service, args: &AccessListArgs) -> anyhow::Result<u8> {
    let line = args.query.join(" ");
    let query: RequestQuery = line.parse().map_err(|error| not_understood(&line, &error))?;
    let filter = query.filter(Utc::now(), service.site_zone().await?);
    let after = cursor(args.after.as_deref())?;
    let mut page = service.requests(&filter, args.sort, after.as_ref(), args.limit).await?;
    while let Some(cursor) = page.next.take_if(|_| page.items.len() < args.limit as usize) {
        let left = args.limit - u32::try_from(page.items.len()).unwrap_or(args.limit);
        let more = service.requests(&filter, args.sort, Some(&cursor), left).await?;
        page.items.extend(more.items);
        page.next = more.next;
    }
    let total = service.count_requests(&filter).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    if args.output.json {
        output::json(&json!({"items": page.items, "total": total, "next": next}))?;
    } else {
        output::line(&text::requests(&page.items, Utc::now()))?;
        output::line(&format!("{} of {total}", page.items.len()))?;
        if let Some(next) = next {
            output::line(&format!("more with --after {next}"))?;
        }
    }
    Ok(exit::OK)
}

async fn show(service: &Service, args: &RequestArgs) -> anyhow::Result<u8> {
    let item = service.request(args.id).await?;
    let comments = service.request_comments(args.id).await?;
    if args.output.json {
        let mut value = serde_json::to_value(&item)?;
        // Who may not read the note has no such key either.
        if item.internal.is_some() {
            value["comments"] = serde_json::to_value(&comments)?;
        }
        output::json(&value)?;
    } else {
        output::line(&text::request(&item, &comments, Utc::now()))?;
    }
    Ok(exit::OK)
}

async fn new(service: &Service, args: RequestNewArgs) -> anyhow::Result<u8> {
    let text = match (args.text, &args.text_file) {
        (Some(text), _) => text,
        (None, Some(file)) => String::from_utf8(read(file)?)
            .map_err(|_| ServiceError::Usage("The request text is not UTF-8.".to_owned()))?,
        (None, None) => String::new(),
    };
    if text.contains('\0') {
        return Err(ServiceError::Usage("The request text has a NUL, which no text may have.".to_owned()).into());
    }
    let [starts, ends] = moments(service, [args.starts, args.ends]).await?;
    let new = Command::NewRequest { dataset: args.dataset, text, starts, ends, email: args.email, iva: args.iva };
    text::made(service.carry_out(args.sent.id(), &new).await?, "request", args.sent.output.json)
}

async fn edit(service: &Service, args: RequestEditArgs) -> anyhow::Result<u8> {
    let [access_starts, access_ends] = moments(service, [args.starts, args.ends]).await?;
    let changes = RequestChanges {
        iva_id: args.iva,
        access_starts,
        access_ends,
        ticket_id: args.ticket,
        internal_note: args.internal_note,
        note_to_requester: args.note,
    };
    let edit = Command::EditRequest { request: args.id, changes, seen_row_version: args.row_version };
    let mut results = Results::default();
    results.answer(args.id, service.carry_out(args.sent.id(), &edit).await)?;
    results.print(args.sent.output.json)
}

async fn allow(service: &Service, args: RequestAllowArgs) -> anyhow::Result<u8> {
    let [starts, ends] = moments(service, [args.starts, args.ends]).await?;
    let seen = each(args.ids.len(), &args.row_version, "row-version")?;
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for ((request, seen_row_version), id) in args.ids.into_iter().zip(seen).zip(commands) {
        let (iva, note) = (args.iva, args.note.clone());
        let allow = Command::AllowRequest { request, starts, ends, iva, note, seen_row_version };
        results.answer(request, service.carry_out(id, &allow).await)?;
    }
    results.print(args.sent.output.json)
}

async fn deny(service: &Service, args: RequestDenyArgs) -> anyhow::Result<u8> {
    let reason = args.reason.unwrap_or_default();
    let seen = each(args.ids.len(), &args.row_version, "row-version")?;
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for ((request, seen_row_version), id) in args.ids.into_iter().zip(seen).zip(commands) {
        let deny = Command::DenyRequest { request, reason: reason.clone(), seen_row_version };
        results.answer(request, service.carry_out(id, &deny).await)?;
    }
    results.print(args.sent.output.json)
}

async fn claim(service: &Service, args: &RequestsArgs, mine: bool) -> anyhow::Result<u8> {
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for (request, id) in args.ids.iter().copied().zip(commands) {
        let command = if mine { Command::ClaimRequest { request } } else { Command::UnclaimRequest { request } };
        results.answer(request, service.carry_out(id, &command).await)?;
    }
    results.print(args.sent.output.json)
}

async fn history(service: &Service, args: &RequestArgs) -> anyhow::Result<u8> {
    let rows = service.request_history(args.id).await?;
    if rows.is_empty() {
        // Nothing is known of what one may not see.
        service.request(args.id).await?;
    }
    if args.output.json {
        output::json(&json!({"items": rows}))?;
    } else {
        output::line(&text::history(&rows))?;
    }
    Ok(exit::OK)
}
