//! What the server grants one login, and whether it lets it into another database. Called by `service::status`.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::connect::options;
use super::{Db, DbError, on_connection};

/// What the server grants one login, and all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// `max_prepared_transactions`.
    pub prepared_transactions: i32,
    /// `temp_file_limit` as PostgreSQL writes it; `-1` is no limit.
    pub temporary_files: String,
    /// Connections people can have, all together.
    pub connections: i32,
    /// Connections this login may have; -1 is no limit.
    pub own_connections: Option<i32>,
}

impl Db {
    /// The limits in force for this login.
    pub(crate) async fn limits(&self) -> Result<ServerLimits, DbError> {
        on_connection!(self, |conn| {
            sqlx::query_as!(
            ServerLimits,
            r#"select current_setting('max_prepared_transactions')::int as "prepared_transactions!",
                    current_setting('temp_file_limit') as "temporary_files!",
                    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as "connections!",
                    (select rolconnlimit from pg_roles where rolname = session_user) as own_connections"#
        )
        .fetch_one(conn)
        })
    }

    /// Whether this login gets into another database of the cluster. Nothing is asked there.
    pub(crate) async fn gets_into(&self, database: &str) -> Result<bool, DbError> {
        let options = options(self.config(), Some(self.role()), "exeat doctor")?.database(database);
        let within = Duration::from_secs(self.config().connect_seconds.into());
        let tried = tokio::time::timeout(within, PgConnection::connect_with(&options)).await;
        match tried.map_err(|_| self.silent())? {
            Ok(connection) => {
                connection.close().await.ok();
                Ok(true)
            }
            // 28…: pg_hba.conf or a certificate; 42501: no right to connect; 3D000: there is no such database.
            Err(sqlx::Error::Database(said))
                if said.code().is_some_and(|code| code.starts_with("28") || code == "42501" || code == "3D000") =>
            {
                Ok(false)
            }
            Err(error) => Err(self.explain(error)),
        }
    }
}
