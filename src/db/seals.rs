//! What the sealer reads and writes: the journal's entries without a seal, seals, signed heads. Called by `worker::seal`.

use serde::Serialize;

use super::{Db, DbError, call, on_connection, rows};
use crate::domain::journal::{Head, JournalEntry};

/// A seal: the number and hash of one journal row.
#[derive(Clone, Debug, Serialize)]
pub struct Seal {
    /// From 1, without gaps.
    pub seq: i64,
    /// The row.
    pub journal_id: i64,
    /// Hex.
    pub hash: String,
}

impl Db {
    /// Journals that a signing key hands over to another, with the old one's signature; all in hex.
    pub(crate) async fn change_key(&self, old: &str, new: &str, signature: &str) -> Result<(), DbError> {
        call!(self, "change_key($1, $2, $3)", old, new, signature)
    }

    /// The end of the chain: number and hash.
    pub(crate) async fn last_seal(&self) -> Result<Option<(i64, String)>, DbError> {
        let row = on_connection!(self, |conn| sqlx::query!(
            r#"select seq as "seq!", hash as "hash!" from exeat.last_seal()"#
        )
        .fetch_optional(conn))?;
        Ok(row.map(|row| (row.seq, row.hash)))
    }

    /// Committed journal rows without a seal, oldest first.
    pub(crate) async fn unsealed_journal(&self, most: i32) -> Result<Vec<JournalEntry>, DbError> {
        rows!(
            self,
            fetch_all,
            JournalEntry,
            r#"select id as "id!", at as "at!", person, session_role as "session_role!", via, command as "command!",
            command_id, subject, project, request, ok as "ok!", code as "code!", sentence as "sentence!", data
            from exeat.unsealed_journal($1)"#,
            most
        )
    }

    /// Continues the chain; an error if another sealer was first.
    pub(crate) async fn add_seals(&self, seals: &[Seal]) -> Result<(), DbError> {
        let seals = serde_json::to_value(seals).map_err(|e| DbError::Row(e.to_string()))?;
        call!(self, "add_seals($1)", seals)
    }

    /// Keeps a signed head.
    pub(crate) async fn add_head(&self, head: &Head) -> Result<(), DbError> {
        call!(self, "add_head($1, $2, $3, $4, $5)", head.seq, head.hash, head.signature, head.public_key, head.at)
    }

    /// The newest signed head in the database.
    pub(crate) async fn last_head(&self) -> Result<Option<Head>, DbError> {
        rows!(
            self,
            fetch_optional,
            Head,
            r#"select seq as "seq!", hash as "hash!", at as "at!", signature as "signature!", public_key as "public_key!"
            from exeat.last_head()"#
        )
    }
}
