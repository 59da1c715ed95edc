//! One connection, made when first needed: a desk may sit at its first frame while PostgreSQL is away.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{Mutex, MutexGuard};

use super::error::{DbError, explain, is_lost};
use super::schema::SCHEMA_NUMBER;
use crate::config::{ConfigError, DatabaseConfig, TlsMode};

/// The process's way to PostgreSQL: who, where, and the one connection for calls.
pub struct Db {
    config: DatabaseConfig,
    role: String,
    application: String,
    /// Whether the schema and the person are checked when connecting.
    checked: bool,
    held: Mutex<Option<PgConnection>>,
}

/// How to connect as `role` (default: the configured user, else the operating system's).
///
/// # Errors
/// The password cannot be had, or there is no role to connect as.
pub fn options(
    config: &DatabaseConfig,
    role: Option<&str>,
    application: &str,
) -> Result<PgConnectOptions, ConfigError> {
    let role = role_name(config, role)?;
    let mut options = PgConnectOptions::new_without_pgpass()
        .port(config.port)
        .database(&config.name)
        .username(&role)
        .application_name(application)
        .options([("statement_timeout", "60s"), ("timezone", "UTC")]);
    options = if config.is_socket() { options.socket(&config.host) } else { options.host(&config.host) };
    if let Some(password) = config.password(&role)? {
        options = options.password(password.expose());
    }
    options = options.ssl_mode(match (config.is_socket(), config.tls) {
        (true, _) | (_, TlsMode::Disable) => PgSslMode::Disable,
        (_, TlsMode::Require) => PgSslMode::Require,
        (_, TlsMode::VerifyFull) => PgSslMode::VerifyFull,
    });
    if let Some(file) = &config.root_certificate {
        options = options.ssl_root_cert(file);
    }
    if let (Some(certificate), Some(key)) = (&config.client_certificate, &config.client_key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    Ok(options.disable_statement_logging())
}

/// The role to connect as.
fn role_name(config: &DatabaseConfig, role: Option<&str>) -> Result<String, ConfigError> {
    if let Some(role) = role.or(config.user.as_deref()) {
        return Ok(role.to_owned());
    }
    nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().map(|user| user.name).ok_or_else(|| {
        ConfigError::Secret("This system does not know your user's name: name a role with user in [database].".into())
    })
}

impl Db {
    /// A way to PostgreSQL for a person; connects at the first call and checks the schema then.
    ///
    /// # Errors
    /// There is no role to connect as.
    pub fn new(config: &DatabaseConfig, role: Option<&str>) -> Result<Self, ConfigError> {
        Ok(Self {
            role: role_name(config, role)?,
            config: config.clone(),
            application: "exeat".to_owned(),
            checked: true,
            held: Mutex::new(None),
        })
    }

    /// A way to PostgreSQL for one task of the worker, whose role belongs to no person; it checks the schema itself.
    ///
    /// # Errors
    /// There is no role to connect as.
    pub fn for_worker(config: &DatabaseConfig, task: &str) -> Result<Self, ConfigError> {
        let db = Self::new(config, None)?;
        Ok(Self { application: format!("exeat worker: {task}"), checked: false, ..db })
    }

    /// The database role it connects as.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &DatabaseConfig {
        &self.config
    }

    /// Makes a connection of its own (not the held one).
    pub(super) async fn connect(&self) -> Result<PgConnection, DbError> {
        let options = options(&self.config, Some(&self.role), &self.application)?;
        let within = Duration::from_secs(self.config.connect_seconds.into());
        let mut connection = tokio::time::timeout(within, PgConnection::connect_with(&options))
            .await
            .map_err(|_| {
                DbError::Unreachable(format!(
                    "PostgreSQL at {} did not answer within {} s: see whether it runs and is not overloaded.",
                    self.config.place(),
                    self.config.connect_seconds
                ))
            })?
            .map_err(|error| self.explain(error))?;
        if self.checked {
            self.check(&mut connection).await?;
        }
        Ok(connection)
    }

    /// How long a call may wait for its answer. PostgreSQL itself gives up after 60 s; a connection that something between
    /// dropped in silence would be waited for without end.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.config.answer_seconds.into())
    }

    /// No answer came in that time.
    pub(super) fn silent(&self) -> DbError {
        DbError::Unreachable(format!(
            "PostgreSQL at {} did not answer a question within {} s: see whether it and the way to it are well.",
            self.config.place(),
            self.config.answer_seconds
        ))
    }

    /// Whether the database is one this program works with, and knows this role.
    async fn check(&self, connection: &mut PgConnection) -> Result<(), DbError> {
        let found = sqlx::query!("select person, schema_number from exeat.whoami()")
            .fetch_optional(connection)
            .await
            .map_err(|error| self.explain(error))?;
        let number = found.as_ref().and_then(|row| row.schema_number);
        if let Some(number) = number
            && number != SCHEMA_NUMBER
        {
            let (place, name, ours) = (self.config.place(), &self.config.name, SCHEMA_NUMBER);
            return Err(DbError::Schema(if number < ours {
                format!(
                    "The database {name} at {place} has schema {number} and this exeat needs {ours}: ask an administrator to run `exeat db migrate`."
                )
            } else {
                format!(
                    "The database {name} at {place} has schema {number} and this exeat knows only {ours}: use the newer exeat."
                )
            }));
        }
        if found.is_none_or(|row| row.person.is_none()) {
            return Err(DbError::NotSignedIn(format!(
                "The database role {} belongs to nobody here: ask an administrator to run `exeat people add`.",
                self.role
            )));
        }
        Ok(())
    }

    /// An error as a sentence.
    pub(super) fn explain(&self, error: sqlx::Error) -> DbError {
        explain(error, &self.config.place(), &self.role, &self.config.name)
    }

    /// Takes the connection for one call, making it first where there is none.
    pub(super) async fn hold(&self) -> Result<Held<'_>, DbError> {
        let mut slot = self.held.lock().await;
        let connection = match slot.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Held { db: self, slot, connection })
    }
}

/// The connection during one call. Dropped without [`Held::give_back`] (the call failed, or nobody waits for it any
/// more), the connection is closed: it may be in the middle of an answer.
pub(super) struct Held<'a> {
    db: &'a Db,
    slot: MutexGuard<'a, Option<PgConnection>>,
    connection: PgConnection,
}

impl Held<'_> {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// The call went well: keep the connection for the next one.
    pub(super) fn give_back(self) {
        let Self { mut slot, connection, .. } = self;
        *slot = Some(connection);
    }

    /// Nothing if the call should be tried once more on a new connection, else the error as a sentence.
    pub(super) fn judge(self, error: sqlx::Error, tries: &mut u32) -> Option<DbError> {
        if is_lost(&error) && *tries == 0 {
            *tries += 1;
            return None;
        }
        let explained = self.db.explain(error);
        if matches!(explained, DbError::Database(_) | DbError::Forbidden(_)) {
            self.give_back();
        }
        Some(explained)
    }
}
