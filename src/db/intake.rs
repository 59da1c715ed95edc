//! What intake asks and tells. Called by `worker` only; the database grants these functions to no one else. What each may do and
//! when is in `assets/sql/70_intake.sql`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Db, DbError, call, rows, value};

/// Someone waits for a pass over a project's location.
#[derive(Clone, Debug)]
pub struct OpenRefresh {
    /// The refresh's id.
    pub id: i64,
    /// One of the projects it waits for; none where there is none.
    pub project: Option<String>,
    /// Who asked, by number.
    pub person: i32,
}

/// A project's egress location.
#[derive(Clone, Debug)]
pub struct IntakeProject {
    /// The project's id.
    pub project: String,
    /// The bucket.
    pub bucket: String,
    /// Empty or ending in `/`.
    pub prefix: String,
    /// The bucket of the shared location.
    pub shared_bucket: String,
    /// Empty or ending in `/`.
    pub shared_prefix: String,
    /// The largest file any of its policies takes, in bytes; none while it has no policy.
    pub largest_file: Option<i64>,
    /// A list of the numbers of the disclosure checks as JSON, one entry for each of its policies; none while it has no policy.
    pub checks: Option<String>,
    /// Whether some worker has said why it cannot work on it.
    pub faulted: bool,
}

/// The newest version the database knows at a key.
#[derive(Clone, Debug)]
pub struct KnownObject {
    /// The whole key.
    pub key: Vec<u8>,
    /// The ETag when it was read.
    pub etag: Option<String>,
    /// Bytes.
    pub size: i64,
    /// When the store said it was written.
    pub modified_at: Option<DateTime<Utc>>,
    /// Hex; none where it was never read.
    pub sha256: Option<String>,
    /// Why it is blocked, where it is.
    pub blocked: Option<String>,
}

/// One object as intake found it.
#[derive(Clone, Debug, Serialize)]
pub struct IntakeEntry {
    /// The whole key.
    pub key_hex: String,
    /// The store's version id.
    pub version_id: Option<String>,
    /// Without quotes.
    pub etag: Option<String>,
    /// Hex; none where the bytes were not read.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// From the bytes.
    pub media_type: Option<String>,
    /// When the store says it was written.
    pub modified_at: DateTime<Utc>,
    /// What was noticed inside.
    pub findings: Vec<crate::domain::egress::Finding>,
    /// Why nobody can decide it, where so.
    pub blocked: Option<String>,
    /// Always true here: older versions can no longer be released.
    pub newest: bool,
}

impl Db {
    /// The locations to look at.
    pub(crate) async fn intake_projects(&self) -> Result<Vec<IntakeProject>, DbError> {
        rows!(
            self,
            fetch_all,
            IntakeProject,
            r#"select project as "project!", bucket as "bucket!", prefix as "prefix!",
            shared_bucket as "shared_bucket!", shared_prefix as "shared_prefix!", largest_file, checks, faulted as "faulted!"
            from exeat.intake_projects()"#
        )
    }

    /// What is known of these keys.
    pub(crate) async fn intake_known(&self, project: &str, keys: &[Vec<u8>]) -> Result<Vec<KnownObject>, DbError> {
        rows!(
            self,
            fetch_all,
            KnownObject,
            r#"select key as "key!", etag, size as "size!", modified_at, sha256, blocked from exeat.intake_known($1, $2)"#,
            project,
            keys
        )
    }

    /// Registers what was found; how many versions are new.
    pub(crate) async fn intake_register(
        &self,
        project: &str,
        pass: i64,
        entries: &[IntakeEntry],
    ) -> Result<u64, DbError> {
        let entries = serde_json::to_value(entries).map_err(|e| DbError::Row(e.to_string()))?;
        let counts = value!(self, "intake_register($1, $2, $3)", project, pass, entries)?;
        let count = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or(0);
        Ok(count("new") + count("changed"))
    }

    /// Marks as gone what is known after `from` up to `to` (none: no bound) and not among `present`; how many.
    pub(crate) async fn intake_missing(
        &self,
        project: &str,
        pass: i64,
        from: Option<&[u8]>,
        to: Option<&[u8]>,
        present: &[Vec<u8>],
    ) -> Result<i32, DbError> {
        value!(self, "intake_missing($1, $2, $3, $4, $5)", project, pass, from, to, present)
    }

    /// Who waits for a pass, a row for each project.
    pub(crate) async fn open_refreshes(&self) -> Result<Vec<OpenRefresh>, DbError> {
        rows!(
            self,
            fetch_all,
            OpenRefresh,
            r#"select id as "id!", project, person as "person!" from exeat.open_refreshes()"#
        )
    }

    /// A pass begins that these wait for.
    pub(crate) async fn refreshes_begun(&self, ids: &[i64]) -> Result<(), DbError> {
        call!(self, "refreshes_begun($1)", ids)
    }

    /// The pass someone waited for is over.
    pub(crate) async fn finish_refresh(&self, id: i64, found: i32) -> Result<(), DbError> {
        call!(self, "finish_refresh($1, $2)", id, found)
    }
}
