//! Submissions, tickets and refreshes: what is asked of the worker through the database, and its answers to tickets. Called by
//! `service::submit`, `service::bytes` and `service::download`, and by `worker::tickets`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Db, DbError, call, rows, value};
use crate::domain::seen::Seen;

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

/// What came of a pass that somebody asked for.
struct RefreshAnswer {
    done: Option<bool>,
    found: Option<i32>,
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
    /// The file version; none of an upload.
    pub version: Option<i64>,
    /// The release whose copy it is, where it is a released file's.
    pub release: Option<Uuid>,
}

impl Db {
    /// Keeps what the caller's screens drew of a file version; false where they never opened it.
    pub(crate) async fn note_seen(&self, version: i64, seen: &Seen) -> Result<bool, DbError> {
        let seen = serde_json::to_value(seen).map_err(|why| DbError::Asked(why.to_string()))?;
        match self.person() {
            None => value!(self, "note_seen($1, $2)", version, seen),
            Some(person) => value!(self, "note_seen_for($1, $2, $3)", person, version, seen),
        }
    }

    /// What the worker answered to a ticket of the caller's.
    pub(crate) async fn ticket_answer(&self, ticket: Uuid) -> Result<TicketAnswer, DbError> {
        let row = match self.person() {
            None => rows!(
                self,
                fetch_optional,
                TicketAnswer,
                "select url, expires_at, refused from exeat.ticket_answer($1)",
                ticket
            ),
            Some(person) => rows!(
                self,
                fetch_optional,
                TicketAnswer,
                "select url, expires_at, refused from exeat.ticket_answer_for($1, $2)",
                person,
                ticket
            ),
        };
        Ok(row?.unwrap_or_default())
    }

    /// Whether the pass is over, and how many versions it found.
    pub(crate) async fn refresh_answer(&self, refresh: i64) -> Result<Option<i32>, DbError> {
        let row = match self.person() {
            None => {
                rows!(self, fetch_optional, RefreshAnswer, "select done, found from exeat.refresh_answer($1)", refresh)
            }
            Some(person) => rows!(
                self,
                fetch_optional,
                RefreshAnswer,
                "select done, found from exeat.refresh_answer_for($1, $2)",
                person,
                refresh
            ),
        }?;
        Ok(row.filter(|row| row.done == Some(true)).map(|row| row.found.unwrap_or(0)))
    }

    /// Tickets nobody answered yet, oldest first.
    pub(crate) async fn open_tickets(&self) -> Result<Vec<OpenTicket>, DbError> {
        rows!(
            self,
            fetch_all,
            OpenTicket,
            r#"select ticket as "ticket!", use as "kind!", bucket as "bucket!", key as "key!", version_id, sha256, size as "size!", version, release
            from exeat.open_tickets()"#
        )
    }

    /// Hands out an address.
    pub(crate) async fn answer_ticket(&self, ticket: Uuid, url: &str, until: DateTime<Utc>) -> Result<(), DbError> {
        call!(self, "answer_ticket($1, $2, $3)", ticket, url, until)
    }

    /// Says why there is no address.
    pub(crate) async fn refuse_ticket(&self, ticket: Uuid, why: &str) -> Result<(), DbError> {
        call!(self, "refuse_ticket($1, $2)", ticket, why)
    }

    /// Forgets addresses that no longer work.
    pub(crate) async fn expire_tickets(&self) -> Result<(), DbError> {
        call!(self, "expire_tickets()")
    }
}
