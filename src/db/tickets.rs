//! Submissions, tickets and refreshes: what is asked of the worker through the database. Called by `service::submit`,
//! `service::bytes` and `service::download`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Db, DbError, on_connection};

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

impl Db {
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

    /// Whether the pass is over, and how many versions it found.
    pub(crate) async fn refresh_answer(&self, refresh: i64) -> Result<Option<i32>, DbError> {
        let row =
            on_connection!(self, |conn| sqlx::query!("select done, found from exeat.refresh_answer($1)", refresh)
                .fetch_optional(conn))?;
        Ok(row.filter(|row| row.done == Some(true)).map(|row| row.found.unwrap_or(0)))
    }
}
