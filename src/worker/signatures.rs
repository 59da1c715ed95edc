//! Signatures of votes: each is looked at once, within a second of the vote, against what the vote says and the keys the site allows.
//! One of the worker's tasks; `release` asks the same again of what it is about to release.

use std::path::Path;

use chrono::Utc;

use super::WorkerError;
use super::task::Setup;
use crate::config::ConfigError;
use crate::domain::signed::{AllowedSigners, SignedVote, Trust, proven};

pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    while pace.turn().await {
        pace.took(turn(&on).await);
    }
}

/// All there is.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    while turn(&on).await? {}
    Ok(())
}

/// Looks at those that wait; whether there were any.
async fn turn(on: &Setup) -> Result<bool, WorkerError> {
    let waiting = on.db.unchecked_signatures().await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let allowed = allowed(on.worker.config.worker.allowed_signers.as_deref())?;
    for one in &waiting {
        let vote = SignedVote {
            site: one.site,
            person: &one.person,
            kind: &one.kind,
            project: &one.project,
            destination: &one.destination,
            policy: one.policy,
            command: one.command_id,
            version: one.version,
            sha256: &one.sha256,
            comment: &one.comment,
        };
        let found = proven(&vote, (&one.signed, &one.signature), &one.public_key, allowed.as_ref(), Utc::now());
        let trust = found.as_ref().ok().map(|(_, trust)| Trust::name(*trust));
        let why = found.as_ref().err().map(ToString::to_string);
        if let Some(why) = &why {
            tracing::warn!(version = one.version, voter = one.person, why, "a vote's signature is not good");
        }
        on.db.note_signature(one.vote, trust, why.as_deref()).await?;
    }
    Ok(true)
}

/// The file of allowed signers, read anew each time: who takes a key out of it does not wait for anything. None where none is named.
pub(super) fn allowed(file: Option<&Path>) -> Result<Option<AllowedSigners>, ConfigError> {
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|why| ConfigError::Unreadable { file: file.to_owned(), why })?;
    let read = AllowedSigners::read(&text);
    for fault in &read.faults {
        tracing::warn!(file = %file.display(), fault, "a line of the allowed signers counts for nothing");
    }
    Ok(Some(read))
}
