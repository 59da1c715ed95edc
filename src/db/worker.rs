//! The worker's beat and chores. Called by `worker` only; the database grants these functions to no one else.

use super::schema::SCHEMA_NUMBER;
use super::{Db, DbError, on_connection};

impl Db {
    /// Whether the database has the schema this program works with.
    pub(crate) async fn check_schema(&self) -> Result<(), DbError> {
        let found = on_connection!(self, |conn| sqlx::query_scalar!(r#"select exeat.schema_number() as "n!""#)
            .fetch_one(conn))?;
        if found == SCHEMA_NUMBER {
            return Ok(());
        }
        Err(DbError::Schema(format!(
            "The database has schema {found} and this worker needs {SCHEMA_NUMBER}: run `exeat db migrate`, or use the exeat it was migrated with."
        )))
    }

    /// Says that this worker lives.
    pub(crate) async fn worker_beat(&self, name: &str, host: &str, pid: i32) -> Result<(), DbError> {
        on_connection!(self, |conn| sqlx::query!("select exeat.worker_beat($1, $2, $3)", name, host, pid)
            .fetch_one(conn))
        .map(drop)
    }

    /// Brings cases in line with votes that no longer count; how many moved.
    pub(crate) async fn lapse_votes(&self) -> Result<i32, DbError> {
        on_connection!(self, |conn| sqlx::query_scalar!(r#"select exeat.lapse_votes() as "n!""#).fetch_one(conn))
    }

    /// Binds registrations to bytes that are there, young ones or all; how many.
    pub(crate) async fn bind_registrations(&self, all: bool) -> Result<i32, DbError> {
        on_connection!(self, |conn| sqlx::query_scalar!(r#"select exeat.bind_registrations($1) as "n!""#, all)
            .fetch_one(conn))
    }

    /// Writes into the journal how many refusals were counted and not kept.
    pub(crate) async fn keep_refusals(&self) -> Result<(), DbError> {
        on_connection!(self, |conn| sqlx::query!("select exeat.keep_refusals()").fetch_one(conn)).map(drop)
    }
}
