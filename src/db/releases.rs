//! The worker's releases and recalls. Called by `worker` only; the database grants these functions to no one else. What each
//! may do and when is in `assets/sql/75_release.sql`.

use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, answer, call, on_connection, rows, value};
use crate::domain::refusal::Answer;

/// A release this worker holds under a lease.
#[derive(Clone, Debug)]
pub struct ClaimedRelease {
    /// Its id.
    pub release: Uuid,
    /// The file version.
    pub version: i64,
    /// The project's id.
    pub project: String,
    /// Where it goes.
    pub destination: String,
    /// The bucket it lies in.
    pub bucket: String,
    /// The whole key there.
    pub key: Vec<u8>,
    /// The store's version id, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The hash voted on, in hex.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// The shared bucket.
    pub shared_bucket: String,
    /// `shared prefix/project/destination/version/`.
    pub shared_key_prefix: String,
    /// The whole key there.
    pub shared_key: Vec<u8>,
    /// From 1.
    pub attempt: i32,
    /// Policy values, votes, findings as they were when it was claimed: JSON, as its text. Voters wrote into it, and what
    /// they wrote may be more than a reader of JSON takes.
    pub record: String,
    /// Whether an object without an id may be this release's: it is of before ids were written beside the bytes.
    pub unmarked: bool,
    /// Whether the store has denied it for a day.
    pub long_denied: bool,
}

/// A shared copy that has to go.
#[derive(Clone, Debug)]
pub struct OpenRecall {
    /// Its id.
    pub id: i64,
    /// The file version.
    pub version: i64,
    /// The project's id.
    pub project: String,
    /// Where it went.
    pub destination: String,
    /// The shared bucket.
    pub bucket: String,
    /// The whole key there.
    pub key: Vec<u8>,
    /// `shared prefix/project/destination/version/`.
    pub key_prefix: String,
    /// The store's version id of the copy, where the bucket kept versions.
    pub version_id: Option<String>,
    /// The release that wrote it.
    pub release: Uuid,
    /// The hash voted on, in hex.
    pub sha256: String,
    /// As of [`ClaimedRelease`].
    pub unmarked: bool,
    /// Whether it was released; false where it was stopped on its way.
    pub was_out: bool,
}

impl Db {
    /// Claims one release, rechecking everything: the point of no return.
    pub(crate) async fn claim_release(&self, worker: &str, lease: i32) -> Result<Option<ClaimedRelease>, DbError> {
        rows!(
            self,
            fetch_optional,
            ClaimedRelease,
            r#"select release as "release!", version as "version!", project as "project!", destination as "destination!",
            bucket as "bucket!", key as "key!", version_id, sha256 as "sha256!", size as "size!",
            shared_bucket as "shared_bucket!", shared_key_prefix as "shared_key_prefix!", shared_key as "shared_key!",
            attempt as "attempt!", record::text as "record!", unmarked as "unmarked!", long_denied as "long_denied!"
            from exeat.claim_release($1, $2)"#,
            worker,
            lease
        )
    }

    /// Keeps a release a little longer; false if it is no longer this worker's.
    pub(crate) async fn renew_lease(&self, release: Uuid, worker: &str, seconds: i32) -> Result<bool, DbError> {
        value!(self, "renew_lease($1, $2, $3)", release, worker, seconds)
    }

    /// What became of a release: `claimed`, `done`, `recalled` or `failed`.
    pub(crate) async fn release_state(&self, release: Uuid) -> Result<Option<String>, DbError> {
        on_connection!(self, |conn| sqlx::query_scalar!("select exeat.release_state($1)", release).fetch_one(conn))
    }

    /// The bytes are where they should be.
    pub(crate) async fn finish_release(
        &self,
        job: &ClaimedRelease,
        worker: &str,
        shared_version: Option<&str>,
        record_key: &str,
        head: &Value,
    ) -> Result<Answer, DbError> {
        answer!(
            self,
            "finish_release($1, $2, $3, $4, $5, $6)",
            job.release,
            worker,
            &job.shared_key,
            shared_version,
            record_key,
            head
        )
    }

    /// It cannot be released (`altered`, `missing`, `foreign`, `impossible`), or not now (`retry`, `denied`).
    pub(crate) async fn fail_release(
        &self,
        release: Uuid,
        worker: &str,
        code: &str,
        sentence: &str,
    ) -> Result<Answer, DbError> {
        answer!(self, "fail_release($1, $2, $3, $4)", release, worker, code, sentence)
    }

    /// Somebody else's object lies at a release's place: people are told, once.
    pub(crate) async fn foreign_object(&self, release: Uuid, bucket: &str, key: &[u8]) -> Result<(), DbError> {
        call!(self, "foreign_object($1, $2, $3)", release, bucket, key)
    }

    /// Something that would leave is not proved: people are told, once a release.
    pub(crate) async fn unproved(&self, release: Option<Uuid>, version: i64, why: &str) -> Result<(), DbError> {
        call!(self, "unproved($1, $2, $3)", release, version, why)
    }

    /// Shared copies that have to go.
    pub(crate) async fn open_recalls(&self) -> Result<Vec<OpenRecall>, DbError> {
        rows!(
            self,
            fetch_all,
            OpenRecall,
            r#"select id as "id!", version as "version!", project as "project!", destination as "destination!",
            bucket as "bucket!", key as "key!", key_prefix as "key_prefix!", version_id, release as "release!",
            sha256 as "sha256!", unmarked as "unmarked!", was_out as "was_out!" from exeat.open_recalls()"#
        )
    }

    /// Whether the shared copy is gone.
    pub(crate) async fn finish_recall(&self, id: i64, removed: bool) -> Result<(), DbError> {
        call!(self, "finish_recall($1, $2)", id, removed)
    }
}
