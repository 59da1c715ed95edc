//! `exeat journal show|verify|export`.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::Context as _;
use serde_json::json;

use super::answers::print;
use super::args::{Global, JournalCommand, JournalExportArgs, JournalShowArgs, JournalVerifyArgs};
use super::{exit, output, service};
use crate::config::{JournalConfig, WorkerConfig};
use crate::domain::command::{Command, Renewal};
use crate::domain::verify::{BadEntry, Verified};
use crate::service::{Checked, JournalFilter, JournalRow, RenewalRow, Service, exported, verify_file};
use crate::text::{Untrusted, json_ascii, shown, shown_sentence};

/// Runs it.
pub async fn run(command: JournalCommand, global: &Global) -> anyhow::Result<u8> {
    match command {
        JournalCommand::Show(args) => show(&service(global)?, args).await,
        JournalCommand::Verify(args) => match &args.export {
            None => {
                let worker = args.shared.as_deref().map(WorkerConfig::read).transpose()?;
                tell(service(global)?.verify_journal(worker.as_ref()).await?, args.output.json)
            }
            Some(export) => {
                let proved = verify_file(export, &outside(&args, global))?;
                output::note("An export was proved, and not what the database has now.");
                tell(proved, args.output.json)
            }
        },
        JournalCommand::Export(args) => export(&service(global)?, args).await,
        JournalCommand::Renew(args) => {
            let why = if args.restored { Renewal::Restored } else { Renewal::LostKey };
            let renew = Command::RenewProof { why, public_key: args.lost_key, reason: args.reason };
            print(service(global)?.carry_out(args.sent.id(), &renew).await?, args.sent.output.json)
        }
        JournalCommand::Confirm(args) => {
            let confirm = Command::ConfirmRenewal { renewal: args.renewal };
            print(service(global)?.carry_out(args.sent.id(), &confirm).await?, args.sent.output.json)
        }
        JournalCommand::Renewals(args) => renewals(&service(global)?.renewals().await?, args.json),
    }
}

/// What is kept outside the database: as the arguments name it, or the configuration where there is one.
fn outside(args: &JournalVerifyArgs, global: &Global) -> JournalConfig {
    let own = service(global).map(|service| service.config().journal.clone()).unwrap_or_default();
    JournalConfig {
        heads: args.heads.clone().or(own.heads),
        public_key: args.public_key.clone().or(own.public_key),
        allowed_signers: args.allowed_signers.clone().or(own.allowed_signers),
        renewals: own.renewals,
    }
}

fn renewals(rows: &[RenewalRow], as_json: bool) -> anyhow::Result<u8> {
    if as_json {
        output::json(&json!({"items": rows}))?;
        return Ok(exit::OK);
    }
    let cells = |row: &RenewalRow| {
        vec![
            row.renewal.to_string(),
            plain(&row.why),
            plain(&row.proposed_by),
            plain(row.confirmed_by.as_deref().unwrap_or("-")),
            plain(row.public_key.as_deref().unwrap_or("-")),
            shown(&row.reason),
        ]
    };
    let cells: Vec<_> = rows.iter().map(cells).collect();
    output::line(&output::table(&["RENEWAL", "WHY", "PROPOSED BY", "CONFIRMED BY", "KEY", "REASON"], &cells))?;
    Ok(exit::OK)
}

async fn show(service: &Service, args: JournalShowArgs) -> anyhow::Result<u8> {
    // A bare number is a file version's id: that is what people have at hand.
    let subject = args.subject.map(|text| if text.parse::<i64>().is_ok() { format!("version:{text}") } else { text });
    let filter = JournalFilter {
        person: args.person,
        command: args.command,
        subject,
        project: args.project,
        ok: args.refused.then_some(false),
    };
    let mut after = args.after;
    let mut left = args.limit;
    let mut rows: Vec<JournalRow> = Vec::new();
    while left > 0 {
        let page = service.journal(&filter, after, left).await?;
        let Some(last) = page.last().map(|row| row.id) else { break };
        left -= u32::try_from(page.len()).unwrap_or(left).min(left);
        after = last;
        rows.extend(page);
    }
    let checked = service.check_received(&rows).await?;
    if args.output.json {
        let items: Vec<_> = rows.iter().zip(&checked).map(|(row, checked)| entry(row, *checked)).collect();
        output::json(&json!({"items": items}))?;
    } else {
        let cells: Vec<Vec<String>> = rows
            .iter()
            .zip(&checked)
            .map(|(row, checked)| {
                vec![
                    row.id.to_string(),
                    row.seq.map_or("-".to_owned(), |seq| seq.to_string()),
                    checked.words().to_owned(),
                    row.at.format("%Y-%m-%d %H:%M:%S").to_string(),
                    plain(row.person.as_deref().unwrap_or(&row.session_role)),
                    plain(&row.command),
                    plain(row.subject.as_deref().unwrap_or("")),
                    plain(&row.code),
                    shown(&row.sentence),
                ]
            })
            .collect();
        output::line(&output::table(
            &["ID", "SEAL", "CHECKED", "AT (UTC)", "WHO", "COMMAND", "SUBJECT", "RESULT", "SENTENCE"],
            &cells,
        ))?;
        output::note("What a filter, or the database, leaves out only `exeat journal verify` can tell.");
    }
    let wrong = rows.iter().zip(&checked).find(|(_, checked)| **checked == Checked::No);
    if let Some((row, _)) = wrong {
        let sentence = format!("Entry {} was received otherwise than it is sealed: see exeat journal verify.", row.id);
        output::error(&sentence, "journal_broken", args.output.json);
        return Ok(exit::FAILURE);
    }
    Ok(exit::OK)
}

/// An entry as JSON: ids are strings, what is JSON text in the journal stays text, as it is what was hashed.
fn entry(row: &JournalRow, checked: Checked) -> serde_json::Value {
    json!({
        "id": row.id.to_string(), "at": row.at, "person": row.person, "session_role": row.session_role, "via": row.via,
        "command": row.command, "command_id": row.command_id, "subject": row.subject, "project": row.project,
        "request": row.request, "ok": row.ok, "code": row.code, "sentence": row.sentence, "data": row.data,
        "seq": row.seq, "hash": row.hash, "checked": checked.words(),
    })
}

fn tell(proved: Result<Verified, BadEntry>, as_json: bool) -> anyhow::Result<u8> {
    match proved {
        Ok(verified) => {
            if as_json {
                output::json(&json!({
                    "ok": true, "count": verified.entries, "head": verified.head, "proof": verified.proof.sentence(),
                    "notes": verified.notes,
                    "releases": {"earned": verified.releases.earned, "unproved": verified.releases.unproved,
                                 "since": verified.releases.since},
                }))?;
            } else {
                output::line(&format!("{} entries, head {}", verified.entries, verified.head))?;
                output::line(&verified.proof.sentence())?;
                for note in &verified.notes {
                    output::line(&shown_sentence(&Untrusted::new(note.as_str())))?;
                }
                output::line(&verified.releases.sentence())?;
            }
            Ok(exit::OK)
        }
        Err(bad) => {
            if as_json {
                let fault = |bad: &BadEntry| json!({"seq": bad.seq, "id": bad.id, "message": bad.sentence, "finding": bad.fault.finding()});
                let more: Vec<_> = bad.more.iter().map(fault).collect();
                output::json(&json!({"ok": false, "seq": bad.seq, "id": bad.id, "message": bad.sentence,
                            "finding": bad.fault.finding(), "more": more}))?;
            } else {
                bad.more.iter().for_each(|bad| output::note(&shown_sentence(&Untrusted::new(bad.sentence.as_str()))));
            }
            output::error(&bad.sentence, "journal_broken", as_json);
            Ok(exit::FAILURE)
        }
    }
}

async fn export(service: &Service, args: JournalExportArgs) -> anyhow::Result<u8> {
    service.may_read_journal().await?;
    let heads = service.heads().await?;
    let mut verifier = service.verifier(heads.clone())?;
    let mut to: Box<dyn std::io::Write> = match &args.to {
        None => Box::new(std::io::BufWriter::new(std::io::stdout())),
        Some(file) => {
            let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
            let made =
                made.with_context(|| format!("Cannot make the new file {}: name another with --to.", file.display()))?;
            Box::new(std::io::BufWriter::new(made))
        }
    };
    let mut after = i64::MIN;
    let mut count = 0_u64;
    let mut wrong = None;
    loop {
        let rows = service.sealed(after).await?;
        let Some(last) = rows.last().map(|row| row.seq) else { break };
        for row in &rows {
            writeln!(to, "{}", json_ascii(&exported(row))?)?;
            count += 1;
            wrong = wrong.or_else(|| verifier.take(row).err());
        }
        after = last;
    }
    for head in heads {
        writeln!(to, "{}", json_ascii(&json!({"head": head}))?)?;
    }
    to.flush()?;
    if let Some(file) = &args.to {
        if args.output.json {
            output::json(&json!({"count": count, "file": file}))?;
        } else {
            output::line(&format!("{count} entries are in {}.", plain(&file.display().to_string())))?;
        }
    }
    // What was received is written as it came, and told where it is not what is sealed.
    if let Some(bad) = wrong.or_else(|| verifier.finish().err()) {
        output::error(&bad.sentence, "journal_broken", args.output.json);
        return Ok(exit::FAILURE);
    }
    Ok(exit::OK)
}

fn plain(text: &str) -> String {
    shown(&Untrusted::new(text))
}
