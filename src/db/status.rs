//! Who the database says one is, and how the system is. Called by `service::status`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Db, DbError, rows};
use crate::text::Untrusted;

/// Who the database says one is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhoAmI {
    /// The login the person is known by.
    pub login: String,
    /// Full name.
    pub full_name: Untrusted,
    /// Valid roles: `[{"role", "project"}]`, project null for all.
    pub roles: Value,
    /// The schema's number.
    pub schema_number: i32,
}

/// How the system is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemStatus {
    /// Whether a worker beat lately.
    pub worker_alive: bool,
    /// When one beat last.
    pub worker_seen: Option<DateTime<Utc>>,
    /// What waits for the worker: tickets, refreshes, releases.
    pub waiting: i64,
    /// Journal rows that are not sealed yet.
    pub unsealed: i64,
    /// Why a worker lets nothing out: what it found wrong with the journal.
    pub fault: Option<String>,
}

impl Db {
    /// Who the database says one is.
    pub(crate) async fn whoami(&self) -> Result<WhoAmI, DbError> {
        rows!(
            self,
            fetch_one,
            WhoAmI,
            r#"select login as "login!", full_name as "full_name!", roles as "roles!",
                    schema_number as "schema_number!" from exeat.whoami()"#
        )
    }

    /// How the system is.
    pub(crate) async fn system_status(&self) -> Result<SystemStatus, DbError> {
        rows!(
            self,
            fetch_one,
            SystemStatus,
            r#"select worker_alive as "worker_alive!", worker_seen, waiting as "waiting!", unsealed as "unsealed!",
                    fault
                    from exeat.system_status()"#
        )
    }
}
