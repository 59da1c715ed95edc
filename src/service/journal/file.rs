//! Proving an export on another machine: with the file, the heads and the public key alone. Called by `journal verify FILE`.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::verify::{allowed, heads};
use super::{Result, ServiceError};
use crate::config::JournalConfig;
use crate::domain::journal::{Head, JournalEntry};
use crate::domain::replay::Replay;
use crate::domain::verify::{BadEntry, Fault, SealedRow, Verified, Verifier};

/// A line of an export.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry { seq: i64, hash: String, entry: Option<Box<JournalEntry>> },
    Head { head: Head },
}

type Proved<T> = std::result::Result<T, BadEntry>;

/// Recomputes every seal in an export, holds it against the heads in it and those outside, and replays the releases. What a
/// database has by now is not looked at. The inner error is the first bad entry.
///
/// # Errors
/// The export or the heads file cannot be read.
pub fn verify_file(export: &Path, journal: &JournalConfig) -> Result<Proved<Verified>> {
    let mut stored = Vec::new();
    let read = each_line(export, |line| {
        if let Line::Head { head } = line {
            stored.push(head);
        }
        Ok(())
    })?;
    if let Err(bad) = read {
        return Ok(Err(bad));
    }
    let mut verifier = Verifier::new(heads(journal, stored)?);
    let mut replay = Replay::with_signers(allowed(journal)?);
    let rows = each_line(export, |line| {
        if let Line::Entry { seq, hash, entry } = line {
            let row = SealedRow { seq, hash, entry: entry.map(|entry| *entry) };
            verifier.take(&row)?;
            row.entry.iter().for_each(|entry| replay.take(seq, entry));
        }
        Ok(())
    })?;
    Ok(rows.and_then(|()| verifier.finish()).and_then(|verified| replay.added_to(verified)))
}

/// Goes through the lines; ends with the first that is none of an export, or that is bad.
fn each_line(export: &Path, mut take: impl FnMut(Line) -> Proved<()>) -> Result<Proved<()>> {
    let unreadable = |why: std::io::Error| {
        ServiceError::Config(format!(
            "The export {} cannot be read ({why}): name a file that journal export wrote.",
            export.display()
        ))
    };
    let lines = BufReader::new(File::open(export).map_err(unreadable)?).lines();
    for (n, line) in (1_i64..).zip(lines) {
        let taken = match serde_json::from_str(&line.map_err(unreadable)?) {
            Ok(line) => take(line),
            Err(why) => {
                let sentence =
                    format!("Line {n} of the export is no entry and no head ({why}): it was changed or cut.");
                Err(BadEntry::new(n, None, Fault::Changed, sentence))
            }
        };
        if taken.is_err() {
            return Ok(taken);
        }
    }
    Ok(Ok(()))
}
