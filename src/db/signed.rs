//! Keys that sign votes, and signatures the worker has to look at. Called by `service::sign` and `worker::signatures`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Db, DbError, call, rows};

/// One key of one person.
#[derive(Clone, Debug, Serialize)]
pub struct KeyRow {
    /// Its number, to confirm or end it by.
    pub key: i64,
    /// Whose it is.
    pub login: String,
    /// `ssh-ed25519 AAAA…`, as the person registered it.
    pub public_key: String,
    /// As `ssh-keygen -l` has it.
    pub fingerprint: String,
    /// Since when it is registered.
    pub added_at: DateTime<Utc>,
    /// The administrator who confirmed it; it signs nothing before.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Ended since, for good.
    pub ended_at: Option<DateTime<Utc>>,
}

impl KeyRow {
    /// Whether it signs votes now.
    #[must_use]
    pub fn signs(&self) -> bool {
        self.confirmed_at.is_some() && self.ended_at.is_none()
    }
}

/// A signature the worker has not looked at, and what the vote itself says.
#[derive(Clone, Debug)]
pub struct UncheckedSignature {
    /// The vote.
    pub vote: i64,
    /// The site's id.
    pub site: Uuid,
    /// The voter's login.
    pub person: String,
    /// The id of the command it was cast by.
    pub command_id: Uuid,
    /// `approve`, `reject` or `changes`.
    pub kind: String,
    /// The project's id.
    pub project: String,
    /// The case's destination.
    pub destination: String,
    /// The number of the policy it was cast under.
    pub policy: i32,
    /// The file version.
    pub version: i64,
    /// Its bytes, in hex.
    pub sha256: String,
    /// What was written with it.
    pub comment: String,
    /// The text that was signed.
    pub signed: String,
    /// The armored signature.
    pub signature: String,
    /// The voter's key, as it is registered.
    pub public_key: String,
}

impl Db {
    /// The keys the caller may know of.
    pub(crate) async fn list_keys(&self) -> Result<Vec<KeyRow>, DbError> {
        rows!(
            self,
            fetch_all,
            KeyRow,
            r#"select key as "key!", login as "login!", public_key as "public_key!", fingerprint as "fingerprint!",
            added_at as "added_at!", confirmed_by, confirmed_at, ended_at from exeat.list_keys()"#
        )
    }

    /// Signatures nobody has looked at, oldest first; some of them.
    pub(crate) async fn unchecked_signatures(&self) -> Result<Vec<UncheckedSignature>, DbError> {
        rows!(
            self,
            fetch_all,
            UncheckedSignature,
            r#"select vote as "vote!", site as "site!", person as "person!", command_id as "command_id!", kind as "kind!",
            project as "project!", destination as "destination!", policy as "policy!", version as "version!", sha256 as "sha256!",
            comment as "comment!", signed as "signed!", signature as "signature!", public_key as "public_key!"
            from exeat.unchecked_signatures()"#
        )
    }

    /// What a signature is worth: where its key is known from, or why it is not good.
    pub(crate) async fn note_signature(
        &self,
        vote: i64,
        trust: Option<&str>,
        why: Option<&str>,
    ) -> Result<(), DbError> {
        call!(self, "note_signature($1, $2, $3)", vote, trust, why)
    }
}
