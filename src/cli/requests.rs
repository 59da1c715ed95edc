//! `exeat requests …`: reads the arguments, calls the service, prints. What it prints for people is in `access_text`.

use chrono::Utc;

use super::access_text as text;
use super::args::{
    Global, RequestAllowArgs, RequestArgs, RequestDenyArgs, RequestEditArgs, RequestNewArgs, RequestsArgs,
    RequestsCommand,
};
use super::common::{history, list, moments, read};
use super::results::{Results, each};
use super::{exit, output, service};
use crate::domain::access::AccessRequest;
use crate::domain::command::{Command, RequestChanges};
use crate::service::{Service, ServiceError};

/// Runs it.
pub async fn run(command: RequestsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        RequestsCommand::List(args) => list(&service, &args, text::requests).await,
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
        RequestsCommand::History(args) => {
            history::<AccessRequest>(&service, args.id.0, args.output, text::UNNAMED).await
        }
    }
}

async fn show(service: &Service, args: &RequestArgs) -> anyhow::Result<u8> {
    let item: AccessRequest = service.one(args.id.0).await?;
    let comments = service.facts_of::<AccessRequest>(args.id.0).await?.comments;
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
    let (starts, ends) = moments(service, args.starts, args.ends).await?;
    let new = Command::NewRequest { dataset: args.dataset, text, starts, ends, email: args.email, iva: args.iva };
    text::made(service.carry_out(args.sent.id(), &new).await?, "request", args.sent.output.json)
}

async fn edit(service: &Service, args: RequestEditArgs) -> anyhow::Result<u8> {
    let (access_starts, access_ends) = moments(service, args.starts, args.ends).await?;
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
    let (starts, ends) = moments(service, args.starts, args.ends).await?;
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
