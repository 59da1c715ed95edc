//! Reading the journal, to show it and to prove it. Called by `service::journal` and `worker::prove`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Db, DbError, on_connection};
use crate::domain::journal::{Head, JournalEntry};
use crate::domain::replay::{CaseRow, ReleaseRow};
use crate::domain::verify::SealedRow;
use crate::text::Untrusted;

/// What an administrator proposed where no key of the journal can speak any more.
#[derive(Clone, Debug, Serialize)]
pub struct RenewalRow {
    /// Its number.
    pub renewal: i64,
    /// `lost_key` or `restored`.
    pub why: String,
    /// The key that takes the place of the one that is lost, in hex.
    pub public_key: Option<String>,
    /// In the proposer's words.
    pub reason: Untrusted,
    /// Login.
    pub proposed_by: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Login of the second administrator; none while it waits.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// One entry as people read it.
#[derive(Clone, Debug, Serialize)]
pub struct JournalRow {
    /// The row's number.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Login; none where it was a machine.
    pub person: Option<String>,
    /// The database role of the session.
    pub session_role: String,
    /// The service that acted for the person, if one did.
    pub via: Option<String>,
    /// The command.
    pub command: String,
    /// The client's UUID.
    pub command_id: Option<String>,
    /// What it was about, such as `version:12`.
    pub subject: Option<String>,
    /// The project's id.
    pub project: Option<String>,
    /// The arguments as JSON text.
    pub request: Untrusted,
    /// Whether it was done.
    pub ok: bool,
    /// `done`, or the code of the rule that refused.
    pub code: String,
    /// What the person was told.
    pub sentence: Untrusted,
    /// What the command made, as JSON text.
    pub data: Untrusted,
    /// The seal's number, once it is sealed.
    pub seq: Option<i64>,
    /// The seal's hash.
    pub hash: Option<String>,
}

/// A journal row without a seal.
#[derive(Clone, Copy, Debug)]
pub struct UnsealedRow {
    /// The row's number.
    pub id: i64,
    /// Whether it waits for one; if not, its seal was taken away.
    pub waiting: bool,
}

/// Seals with their rows, as one of the two functions that give them does.
macro_rules! sealed {
    ($db:expr, $call:literal, $after:expr, $page:expr) => {{
        let rows = on_connection!($db, |conn| sqlx::query!(
            r#"select seq as "seq!", hash as "hash!", id, at, person, session_role, via, command, command_id, subject,
                    project, request, ok, code, sentence, data
                from exeat."#
                + $call,
            $after,
            $page
        )
        .fetch_all(conn))?;
        let sealed = rows.into_iter().map(|row| SealedRow {
            seq: row.seq,
            hash: row.hash,
            entry: row.id.map(|id| JournalEntry {
                id,
                at: row.at.unwrap_or_default(),
                person: row.person,
                session_role: row.session_role.unwrap_or_default(),
                via: row.via,
                command: row.command.unwrap_or_default(),
                command_id: row.command_id,
                subject: row.subject,
                project: row.project,
                request: row.request,
                ok: row.ok.unwrap_or_default(),
                code: row.code.unwrap_or_default(),
                sentence: row.sentence.unwrap_or_default(),
                data: row.data,
            }),
        });
        Ok(sealed.collect())
    }};
}

impl Db {
    /// Entries one may read after a number, oldest first; at most 1,000.
    pub(crate) async fn journal_page(&self, filter: &Value, after: i64, page: i32) -> Result<Vec<JournalRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            JournalRow,
            r#"select id as "id!", at as "at!", person, session_role as "session_role!", via, command as "command!",
                    command_id, subject, project, coalesce(request, '') as "request!", ok as "ok!", code as "code!",
                    sentence as "sentence!", coalesce(data, '') as "data!", seq, hash
                from exeat.journal_page($1, $2, $3)"#,
            filter,
            after,
            page
        )
        .fetch_all(conn))
    }

    /// Seals after a number with their rows as they are hashed; for auditors and administrators.
    pub(crate) async fn journal_rows(&self, after: i64, page: i32) -> Result<Vec<SealedRow>, DbError> {
        sealed!(self, "journal_rows($1, $2)", after, page)
    }

    /// The same for the worker.
    pub(crate) async fn sealed_rows(&self, after: i64, page: i32) -> Result<Vec<SealedRow>, DbError> {
        sealed!(self, "sealed_rows($1, $2)", after, page)
    }

    /// Releases after a number; for auditors and administrators.
    pub(crate) async fn journal_releases(&self, after: i64) -> Result<Vec<ReleaseRow>, DbError> {
        let rows = on_connection!(self, |conn| {
            sqlx::query!(
            r#"select number as "number!", release as "release!", version as "version!", destination as "destination!",
                    state as "state!", bucket as "bucket!", key_hex as "key_hex!", record_key, record as "record!"
                from exeat.journal_releases($1)"#,
            after
        )
        .fetch_all(conn)
        })?;
        let read = rows.into_iter().map(|row| ReleaseRow {
            number: row.number,
            release: row.release.to_string(),
            version: row.version,
            destination: row.destination,
            state: row.state,
            bucket: row.bucket,
            key_hex: row.key_hex,
            record_key: row.record_key,
            record_sha256: Sha256::digest(row.record).into(),
        });
        Ok(read.collect())
    }

    /// Cases after a number that are releasing, released or recalled; for auditors and administrators.
    pub(crate) async fn journal_cases(&self, after: i64) -> Result<Vec<CaseRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            CaseRow,
            r#"select id as "id!", version as "version!", destination as "destination!", state as "state!"
                from exeat.journal_cases($1)"#,
            after
        )
        .fetch_all(conn))
    }

    /// The bodies of the functions in exeat's schema as the database has them.
    pub(crate) async fn functions(&self) -> Result<Vec<(String, String)>, DbError> {
        let rows = on_connection!(self, |conn| sqlx::query!(
            r#"select proname::text as "name!", prosrc as "body!" from pg_catalog.pg_proc
                where pronamespace = 'exeat'::pg_catalog.regnamespace"#
        )
        .fetch_all(conn))?;
        Ok(rows.into_iter().map(|row| (row.name, row.body)).collect())
    }

    /// What two administrators said of keys and backups; for auditors and administrators.
    pub(crate) async fn list_renewals(&self) -> Result<Vec<RenewalRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            RenewalRow,
            r#"select renewal as "renewal!", why as "why!", public_key, reason as "reason!",
                    proposed_by as "proposed_by!", proposed_at as "proposed_at!", confirmed_by, confirmed_at
                from exeat.list_renewals()"#
        )
        .fetch_all(conn))
    }

    /// Journal rows without a seal; for auditors and administrators.
    pub(crate) async fn journal_unsealed(&self) -> Result<Vec<UnsealedRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            UnsealedRow,
            r#"select id as "id!", waiting as "waiting!" from exeat.journal_unsealed()"#
        )
        .fetch_all(conn))
    }

    /// The next signed heads from an entry on; for auditors and administrators.
    pub(crate) async fn journal_heads_after(&self, seq: i64) -> Result<Vec<Head>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            Head,
            r#"select seq as "seq!", hash as "hash!", at as "at!", signature as "signature!",
                    public_key as "public_key!" from exeat.journal_heads_after($1)"#,
            seq
        )
        .fetch_all(conn))
    }

    /// The signed heads in the database; for auditors and administrators.
    pub(crate) async fn journal_heads(&self) -> Result<Vec<Head>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            Head,
            r#"select seq as "seq!", hash as "hash!", at as "at!", signature as "signature!",
                    public_key as "public_key!" from exeat.journal_heads()"#
        )
        .fetch_all(conn))
    }
}
