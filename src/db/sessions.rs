//! The sessions of people that hold up others, ended. Called by the worker only; which ones is `assets/sql/72_sessions.sql`.

use super::{Db, DbError, rows, value};

/// A session that was ended because others waited for what it held.
#[derive(Clone, Debug)]
pub struct EndedSession {
    /// Its process in PostgreSQL.
    pub pid: i32,
    /// The database login.
    pub role: String,
    /// Whose it is; none of a login that belongs to nobody.
    pub person: Option<String>,
}

impl Db {
    /// Ends sessions of people that keep a transaction open too long; how many.
    pub(crate) async fn end_idle_sessions(&self, seconds: i32) -> Result<i32, DbError> {
        value!(self, "end_idle_sessions($1)", seconds)
    }

    /// Ends sessions of people that hold what others have waited for too long; whose they were.
    pub(crate) async fn end_blocking_sessions(&self) -> Result<Vec<EndedSession>, DbError> {
        rows!(
            self,
            fetch_all,
            EndedSession,
            r#"select pid as "pid!", role as "role!", person from exeat.end_blocking_sessions()"#
        )
    }
}
