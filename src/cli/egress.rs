//! `exeat egress …`: reads the arguments, calls the service, prints. What it prints for people is in `egress_text`.

use std::io::IsTerminal as _;

use serde_json::json;

use super::args::{
    CaseArgs, CommandArgs, CommentArgs, DownloadArgs, EgressCommand, Global, RefreshArgs, ShowArgs, SubmitArgs,
    VoteArgs, WithdrawArgs,
};
use super::common::{history, list};
use super::results::{Results, each};
use super::{egress_text as text, exit, output, preview, service};
use crate::domain::command::Command;
use crate::domain::egress::{DestinationView, EgressItem, Unseen, VersionId};
use crate::domain::vote::VoteKind;
use crate::service::{Service, ServiceError, SubmitProgress, SubmitRequest};
use crate::text::{Untrusted, shown};

/// Runs it.
pub async fn run(command: EgressCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        EgressCommand::List(args) => list(&service, &args, text::list).await,
        EgressCommand::Show(args) => show(&service, &args).await,
        EgressCommand::Submit(args) => submit(&service, args).await,
        EgressCommand::Approve(args) => vote(&service, args, VoteKind::Approve).await,
        EgressCommand::Reject(args) => vote(&service, args, VoteKind::Reject).await,
        EgressCommand::RequestChanges(args) => vote(&service, args, VoteKind::Changes).await,
        EgressCommand::Comment(args) => comment(&service, args).await,
        EgressCommand::Claim(args) => claim(&service, &args, true).await,
        EgressCommand::Unclaim(args) => claim(&service, &args, false).await,
        EgressCommand::Withdraw(args) => withdraw(&service, args).await,
        EgressCommand::Undo(args) => {
            case(&service, args, |version, destination, _| Command::UndoVote { version, destination }).await
        }
        EgressCommand::Recall(args) => {
            case(&service, args, |version, destination, reason| Command::Recall { version, destination, reason }).await
        }
        EgressCommand::Restore(args) => {
            case(&service, args, |version, destination, reason| Command::Restore { version, destination, reason }).await
        }
        EgressCommand::History(args) => history::<EgressItem>(&service, args.id.0, args.output, "worker").await,
        EgressCommand::Refresh(args) => refresh(&service, args).await,
        EgressCommand::Download(args) => download(&service, &args).await,
        EgressCommand::Preview(args) => preview::run(&service, &args).await,
    }
}

async fn show(service: &Service, args: &ShowArgs) -> anyhow::Result<u8> {
    let item: EgressItem = service.one(args.id.0).await?;
    let facts = service.facts_of::<EgressItem>(args.id.0).await?;
    if args.output.json {
        let mut value = serde_json::to_value(&item)?;
        value["votes"] = serde_json::to_value(&facts.votes)?;
        value["comments"] = serde_json::to_value(&facts.comments)?;
        output::json(&value)?;
    } else {
        output::line(&text::item(&item, &facts.votes, &facts.comments))?;
    }
    Ok(exit::OK)
}

async fn submit(service: &Service, args: SubmitArgs) -> anyhow::Result<u8> {
    let request = SubmitRequest {
        command_id: args.sent.id(),
        project: args.project,
        destination: args.destination,
        purpose: args.purpose,
        paths: args.paths,
        under: args.under,
    };
    // Progress is for people who watch.
    let watched = !args.sent.output.json && std::io::stderr().is_terminal();
    let progress = move |step: SubmitProgress<'_>| {
        if watched {
            match step {
                SubmitProgress::Reading(key) => output::note(&format!("reading {}", shown(key))),
                SubmitProgress::Sending(key, 0, size) => {
                    output::note(&format!("sending {} ({size} bytes)", shown(key)));
                }
                SubmitProgress::Sending(..) => {}
                SubmitProgress::Binding => output::note("waiting for intake"),
            }
        }
    };
    let submitted = service.submit(&request, &progress).await?;
    if args.sent.output.json {
        output::json(&submitted)?;
    } else {
        output::line(&format!("Submission {}:", submitted.submission))?;
        output::line(&text::list(&submitted.items, chrono::Utc::now()))?;
    }
    Ok(exit::OK)
}

async fn vote(service: &Service, args: VoteArgs, kind: VoteKind) -> anyhow::Result<u8> {
    let count = args.ids.len();
    let hashes = each(count, &args.sha256, "sha256")?;
    let seen = each(count, &args.row_version, "row-version")?;
    let commands = args.sent.ids(count)?;
    if kind == VoteKind::Approve {
        knows_what_was_not_opened(service, &args, &hashes).await?;
    }
    let mut orders = Vec::with_capacity(count);
    for (((version, sha256), seen_row_version), id) in args.ids.iter().copied().zip(hashes).zip(seen).zip(commands) {
        let vote = Command::CastVote {
            version,
            destination: args.destination.clone(),
            kind,
            sha256: sha256.map(|hash| hash.to_ascii_lowercase()),
            comment: args.comment.clone(),
            seen_row_version,
            coverage: None,
            signed: None,
            signature: None,
        };
        orders.push((id, vote));
    }
    // All at once, so that a security key is touched once.
    let signed = service.sign(orders).await?;
    if let Some(why) = &signed.unsigned {
        output::note(&format!("Not signed: {}", shown(&Untrusted::new(why.as_str()))));
    }
    let mut results = Results::default();
    for (version, (id, vote)) in args.ids.into_iter().zip(&signed.orders) {
        results.answer(version, service.carry_out(*id, vote).await)?;
    }
    results.print(args.sent.output.json)
}

/// Where a policy asks for it, who approves what they never opened says how many files that is. What the database refuses
/// anyhow is left to it.
async fn knows_what_was_not_opened(
    service: &Service,
    args: &VoteArgs,
    hashes: &[Option<String>],
) -> anyhow::Result<()> {
    let ids: Vec<i64> = args.ids.iter().map(|id| id.0).collect();
    let items = service.rows::<EgressItem>(&ids).await?;
    let asks = |(name, view): (&String, &DestinationView)| {
        view.unseen == Unseen::Ask
            && args.destination.as_ref().is_none_or(|wanted| wanted == name)
            && matches!(view.why_not.get("approve"), Some(None))
    };
    let named = |item: &EgressItem| {
        let at = args.ids.iter().position(|id| *id == item.id);
        let hash = at.and_then(|at| hashes.get(at)?.as_deref());
        hash.is_some_and(|hash| item.sha256.as_deref().is_some_and(|sha256| sha256.eq_ignore_ascii_case(hash)))
    };
    let unopened = |item: &&EgressItem| !item.opened && named(item) && item.destinations.iter().any(asks);
    let never: Vec<_> = items.iter().filter(unopened).collect();
    let (Some(first), count) = (never.first(), never.len()) else { return Ok(()) };
    if args.unseen == Some(count) {
        return Ok(());
    }
    let sentence = format!(
        "You never opened the bytes of {count} of these files: look inside first, as with `exeat egress preview {}`, or say \
         that you know with --unseen {count}.",
        first.id
    );
    Err(ServiceError::refused("not_opened", sentence).into())
}

async fn comment(service: &Service, args: CommentArgs) -> anyhow::Result<u8> {
    let comment = Command::AddComment { version: args.id, body: args.text, internal: args.internal };
    let mut results = Results::default();
    results.answer(args.id, service.carry_out(args.sent.id(), &comment).await)?;
    results.print(args.sent.output.json)
}

async fn claim(service: &Service, args: &CommandArgs, mine: bool) -> anyhow::Result<u8> {
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for (version, id) in args.ids.iter().copied().zip(commands) {
        let command = if mine { Command::Claim { version } } else { Command::Unclaim { version } };
        results.answer(version, service.carry_out(id, &command).await)?;
    }
    results.print(args.sent.output.json)
}

/// A command on each case in turn.
async fn case(
    service: &Service,
    args: CaseArgs,
    command: fn(VersionId, Option<String>, Option<String>) -> Command,
) -> anyhow::Result<u8> {
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for (version, id) in args.ids.into_iter().zip(commands) {
        let command = command(version, args.destination.clone(), args.reason.clone());
        results.answer(version, service.carry_out(id, &command).await)?;
    }
    results.print(args.sent.output.json)
}

async fn withdraw(service: &Service, args: WithdrawArgs) -> anyhow::Result<u8> {
    let WithdrawArgs { ids, submission, destination, reason, sent } = args;
    let Some(submission) = submission else {
        let cases = CaseArgs { ids, destination, reason, sent };
        return case(service, cases, |version, destination, reason| Command::Withdraw { version, destination, reason })
            .await;
    };
    let mut results = Results::default();
    for id in sent.ids(1)? {
        results.answer(submission, service.carry_out(id, &Command::WithdrawSubmission { submission }).await)?;
    }
    results.print(sent.output.json)
}

async fn download(service: &Service, args: &DownloadArgs) -> anyhow::Result<u8> {
    let commands = args.sent.ids(args.ids.len())?;
    let mut results = Results::default();
    for (id, command_id) in args.ids.iter().copied().zip(commands) {
        match service.download(command_id, id, &args.to, &|_| {}).await {
            Ok(done) => {
                let path = done.path.display().to_string();
                let verb = if done.already { "is there already" } else { "is there" };
                let only = if done.released { "" } else { " Not released: for looking only." };
                let sentence = format!("{path} {verb}, {} bytes, sha256 {}.{only}", done.bytes, done.sha256);
                results.done(
                    id,
                    sentence,
                    &json!({"path": path, "bytes": done.bytes, "sha256": done.sha256, "already": done.already,
                        "released": done.released}),
                );
            }
            Err(ServiceError::Refused(refusal)) => results.refusal(id, refusal)?,
            Err(error) => return Err(error.into()),
        }
    }
    results.print(args.sent.output.json)
}

async fn refresh(service: &Service, args: RefreshArgs) -> anyhow::Result<u8> {
    let command_id = args.sent.id();
    let found = service.refresh(command_id, args.project.as_deref()).await?;
    if args.sent.output.json {
        output::json(&json!({"found": found}))?;
    } else {
        output::line(&match found {
            0 => "Looked again: nothing new.".to_owned(),
            1 => "Looked again: one new file version.".to_owned(),
            n => format!("Looked again: {n} new file versions."),
        })?;
    }
    Ok(exit::OK)
}
