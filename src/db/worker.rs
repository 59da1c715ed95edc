//! The worker's beat and chores. Called by `worker` only; the database grants these functions to no one else.

use super::schema::SCHEMA_NUMBER;
use super::{Db, DbError, call, value};

impl Db {
    /// Whether the database has the schema this program works with.
    pub(crate) async fn check_schema(&self) -> Result<(), DbError> {
        let found = value!(self, "schema_number()")?;
        if found == SCHEMA_NUMBER {
            return Ok(());
        }
        Err(DbError::Schema(format!(
            "The database has schema {found} and this worker needs {SCHEMA_NUMBER}: run `exeat db migrate`, or use the exeat it was migrated with."
        )))
    }

    /// Says that this worker lives, where it puts releases together, and why it lets nothing out, if it does not.
    pub(crate) async fn worker_beat(
        &self,
        name: &str,
        host: &str,
        pid: i32,
        staging: &str,
        fault: Option<&str>,
    ) -> Result<(), DbError> {
        call!(self, "worker_beat($1, $2, $3, $4, $5)", name, host, pid, staging, fault)
    }

    /// Brings cases in line with votes that no longer count; how many moved.
    pub(crate) async fn lapse_votes(&self) -> Result<i32, DbError> {
        value!(self, "lapse_votes()")
    }

    /// Lets the analyses of permits pause that ended, or whose grants did; how many.
    pub(crate) async fn pause_permits(&self) -> Result<i32, DbError> {
        value!(self, "pause_permits()")
    }

    /// Decides the outputs of permits whose votes are over; how many.
    pub(crate) async fn settle_outputs(&self) -> Result<i32, DbError> {
        value!(self, "settle_outputs()")
    }

    /// Binds registrations to bytes that are there, young ones or all; how many.
    pub(crate) async fn bind_registrations(&self, all: bool) -> Result<i32, DbError> {
        value!(self, "bind_registrations($1)", all)
    }

    /// Writes into the journal how many refusals were counted and not kept.
    pub(crate) async fn keep_refusals(&self) -> Result<(), DbError> {
        call!(self, "keep_refusals()")
    }
}
