//! Submissions, tickets and refreshes: what is asked of the worker through the database, and its answers to tickets. Called by
//! `service::submit`, `service::bytes` and `service::download`, and by `worker::tickets`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, command, on_connection};
use crate::domain::egress::VersionId;
use crate::domain::refusal::Answer;

/// What a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketUse {
    /// Looking inside.
    Preview,
    /// Taking it.
    Download,
}

impl TicketUse {
    fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Download => "download",
        }
    }
}

/// What the worker answered to a ticket; all none while it has not.
#[derive(Clone, Debug, Default)]
pub struct TicketAnswer {
    /// The presigned address.
    pub url: Option<String>,
    /// Until when it is good.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why there is none.
    pub refused: Option<String>,
}

/// A person waits for an address.
#[derive(Clone, Debug)]
pub struct OpenTicket {
    /// Its id.
    pub ticket: Uuid,
    /// `preview`, `download` or `upload`.
    pub kind: String,
    /// The bucket.
    pub bucket: String,
    /// The whole key.
    pub key: Vec<u8>,
    /// Exactly this version, where the bucket keeps them.
    pub version_id: Option<String>,
    /// Hex; of an upload the registered bytes.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: i64,
}

impl Db {
    /// Registers what will be uploaded: files as `[{"key", "sha256", "size"}]`.
    pub(crate) async fn register_submission(
        &self,
        command_id: Uuid,
        project: &str,
        destination: &str,
        purpose: &str,
        files: &Value,
    ) -> Result<Answer, DbError> {
        command!(self, "register_submission($1, $2, $3, $4, $5)", command_id, project, destination, purpose, files)
    }

    /// Takes back what of one's own submission has not come.
    pub(crate) async fn withdraw_submission(&self, command_id: Uuid, submission: i64) -> Result<Answer, DbError> {
        command!(self, "withdraw_submission($1, $2)", command_id, submission)
    }

    /// Asks for a ticket to upload one registered file.
    pub(crate) async fn ask_upload(&self, command_id: Uuid, registration: i64) -> Result<Answer, DbError> {
        command!(self, "ask_upload($1, $2)", command_id, registration)
    }

    /// Asks for a ticket to read one file version.
    pub(crate) async fn ask_ticket(
        &self,
        command_id: Uuid,
        id: VersionId,
        purpose: TicketUse,
    ) -> Result<Answer, DbError> {
        command!(self, "ask_ticket($1, $2, $3)", command_id, id.0, purpose.name())
    }

    /// What the worker answered to a ticket of the caller's.
    pub(crate) async fn ticket_answer(&self, ticket: Uuid) -> Result<TicketAnswer, DbError> {
        let row = on_connection!(self, |conn| sqlx::query_as!(
            TicketAnswer,
            "select url, expires_at, refused from exeat.ticket_answer($1)",
            ticket
        )
        .fetch_optional(conn))?;
        Ok(row.unwrap_or_default())
    }

    /// Journals how a download ended.
    pub(crate) async fn end_download(
        &self,
        command_id: Uuid,
        ticket: Uuid,
        bytes: u64,
        sha256: Option<&str>,
        completed: bool,
    ) -> Result<Answer, DbError> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        command!(self, "end_download($1, $2, $3, $4, $5)", command_id, ticket, bytes, sha256, completed)
    }

    /// Asks for an intake pass over a project, or all one may see.
    pub(crate) async fn ask_refresh(&self, command_id: Uuid, project: Option<&str>) -> Result<Answer, DbError> {
        command!(self, "ask_refresh($1, $2)", command_id, project)
    }

    /// Whether the pass is over, and how many versions it found.
    pub(crate) async fn refresh_answer(&self, refresh: i64) -> Result<Option<i32>, DbError> {
        let row =
            on_connection!(self, |conn| sqlx::query!("select done, found from exeat.refresh_answer($1)", refresh)
                .fetch_optional(conn))?;
        Ok(row.filter(|row| row.done == Some(true)).map(|row| row.found.unwrap_or(0)))
    }

    /// Tickets nobody answered yet, oldest first.
    pub(crate) async fn open_tickets(&self) -> Result<Vec<OpenTicket>, DbError> {
        on_connection!(self, |conn| {
            sqlx::query_as!(
            OpenTicket,
            r#"select ticket as "ticket!", use as "kind!", bucket as "bucket!", key as "key!", version_id, sha256, size as "size!"
            from exeat.open_tickets()"#
        )
        .fetch_all(conn)
        })
    }

    /// Hands out an address.
    pub(crate) async fn answer_ticket(&self, ticket: Uuid, url: &str, until: DateTime<Utc>) -> Result<(), DbError> {
        on_connection!(self, |conn| sqlx::query!("select exeat.answer_ticket($1, $2, $3)", ticket, url, until)
            .fetch_one(conn))
        .map(drop)
    }

    /// Says why there is no address.
    pub(crate) async fn refuse_ticket(&self, ticket: Uuid, why: &str) -> Result<(), DbError> {
        on_connection!(self, |conn| sqlx::query!("select exeat.refuse_ticket($1, $2)", ticket, why).fetch_one(conn))
            .map(drop)
    }

    /// Forgets addresses that no longer work.
    pub(crate) async fn expire_tickets(&self) -> Result<(), DbError> {
        on_connection!(self, |conn| sqlx::query!("select exeat.expire_tickets()").fetch_one(conn)).map(drop)
    }
}
