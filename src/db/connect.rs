//! Connections, made when first needed: a desk may sit at its first frame while PostgreSQL is away. A person's process has one for
//! its calls, a service, which answers for many at once, a few.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{DbError, explain, is_lost};
use super::schema::SCHEMA_NUMBER;
use crate::config::{ConfigError, DatabaseConfig, TlsMode};

/// Calls a service makes at the same moment; what comes beyond waits.
const SERVICE_CONNECTIONS: usize = 4;

/// The process's way to PostgreSQL: who, where, and the connections for calls.
pub struct Db {
    pool: Arc<Pool>,
    /// For whom a service asks; none for who is known by the session.
    person: Option<Acting>,
}

/// For whom a service asks.
#[derive(Clone)]
pub(super) struct Acting {
    pub(super) login: String,
    /// The program behind the service that wants it; none where it is the person's own token.
    pub(super) credential: Option<String>,
}

/// What the calls for all persons of a service share.
struct Pool {
    config: DatabaseConfig,
    role: String,
    application: String,
    door: Door,
    /// One for each connection there may be.
    places: Semaphore,
    free: Mutex<Vec<PgConnection>>,
}

/// Which of the database's groups the role belongs to: what is checked when connecting.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    Person,
    Service,
    /// It checks the schema itself.
    Worker,
}

/// How to connect as `role` (default: the configured user, else the operating system's).
///
/// # Errors
/// The password cannot be had, or there is no role to connect as.
pub(super) fn options(
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

/// A connection of its own, for those who are no person here: administrators.
///
/// # Errors
/// The password cannot be had, there is no role to connect as, or PostgreSQL does not let it in.
pub async fn connect_as(
    config: &DatabaseConfig,
    role: Option<&str>,
    application: &str,
) -> Result<PgConnection, DbError> {
    let options = options(config, role, application)?;
    options.connect().await.map_err(|error| explain(error, &config.place(), options.get_username(), &config.name))
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
        Self::through(Door::Person, config, role, "exeat".to_owned())
    }

    /// A way for a service, whose role acts for people: see [`Db::acting`].
    ///
    /// # Errors
    /// There is no role to connect as.
    pub fn for_service(config: &DatabaseConfig) -> Result<Self, ConfigError> {
        Self::through(Door::Service, config, None, "exeat service".to_owned())
    }

    /// A way to PostgreSQL for one task of the worker, whose role belongs to no person; it checks the schema itself.
    ///
    /// # Errors
    /// There is no role to connect as.
    pub fn for_worker(config: &DatabaseConfig, task: &str) -> Result<Self, ConfigError> {
        Self::through(Door::Worker, config, None, format!("exeat worker: {task}"))
    }

    fn through(
        door: Door,
        config: &DatabaseConfig,
        role: Option<&str>,
        application: String,
    ) -> Result<Self, ConfigError> {
        let places = if door == Door::Service { SERVICE_CONNECTIONS } else { 1 };
        let pool = Pool {
            role: role_name(config, role)?,
            config: config.clone(),
            application,
            door,
            places: Semaphore::new(places),
            free: Mutex::default(),
        };
        Ok(Self { pool: Arc::new(pool), person: None })
    }

    /// The same service for one person. The database is told of them at every call and never by a setting, so that a connection
    /// keeps nothing of the person before.
    #[must_use]
    pub fn acting(&self, login: &str, credential: Option<&str>) -> Self {
        let person = Acting { login: login.to_owned(), credential: credential.map(str::to_owned) };
        Self { pool: Arc::clone(&self.pool), person: Some(person) }
    }

    /// For whom it asks, where it is a service's.
    pub(super) fn acts(&self) -> Option<&Acting> {
        self.person.as_ref()
    }

    /// The login of that person.
    pub(super) fn person(&self) -> Option<&str> {
        self.acts().map(|acts| acts.login.as_str())
    }

    /// The database role it connects as.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.pool.role
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &DatabaseConfig {
        &self.pool.config
    }

    /// Makes a connection of its own (not the held one).
    pub(super) async fn connect(&self) -> Result<PgConnection, DbError> {
        let options = options(&self.pool.config, Some(&self.pool.role), &self.pool.application)?;
        let within = Duration::from_secs(self.pool.config.connect_seconds.into());
        let mut connection = tokio::time::timeout(within, PgConnection::connect_with(&options))
            .await
            .map_err(|_| {
                DbError::Unreachable(format!(
                    "PostgreSQL at {} did not answer within {} s: see whether it runs and is not overloaded.",
                    self.pool.config.place(),
                    self.pool.config.connect_seconds
                ))
            })?
            .map_err(|error| self.explain(error))?;
        match self.pool.door {
            Door::Person => self.check(&mut connection).await?,
            Door::Service => self.check_service(&mut connection).await?,
            Door::Worker => {}
        }
        Ok(connection)
    }

    /// How long a call may wait for its answer. PostgreSQL itself gives up after 60 s; a connection that something between
    /// dropped in silence would be waited for without end.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.pool.config.answer_seconds.into())
    }

    /// No answer came in that time.
    pub(super) fn silent(&self) -> DbError {
        DbError::Unreachable(format!(
            "PostgreSQL at {} did not answer a question within {} s: see whether it and the way to it are well.",
            self.pool.config.place(),
            self.pool.config.answer_seconds
        ))
    }

    /// How a listener connects.
    pub(super) fn options(&self, application: &str) -> Result<PgConnectOptions, ConfigError> {
        options(&self.pool.config, Some(&self.pool.role), application)
    }

    /// Whether the database is one this program works with, and knows this role.
    async fn check(&self, connection: &mut PgConnection) -> Result<(), DbError> {
        let found = sqlx::query!("select person, schema_number from exeat.whoami()")
            .fetch_optional(connection)
            .await
            .map_err(|error| self.explain(error))?;
        self.same_schema(found.as_ref().and_then(|row| row.schema_number))?;
        if found.is_none_or(|row| row.person.is_none()) {
            return Err(DbError::NotSignedIn(format!(
                "The database role {} belongs to nobody here: ask an administrator to run `exeat people add`.",
                self.pool.role
            )));
        }
        Ok(())
    }

    /// Whether the database is one this program works with; the first call says whether the role is a service.
    async fn check_service(&self, connection: &mut PgConnection) -> Result<(), DbError> {
        let number = sqlx::query_scalar!(r#"select exeat.schema_number() as "value!""#)
            .fetch_one(connection)
            .await
            .map_err(|error| self.explain(error))?;
        self.same_schema(Some(number))
    }

    fn same_schema(&self, number: Option<i32>) -> Result<(), DbError> {
        let Some(number) = number.filter(|number| *number != SCHEMA_NUMBER) else { return Ok(()) };
        let (place, name, ours) = (self.config().place(), &self.config().name, SCHEMA_NUMBER);
        Err(DbError::Schema(if number < ours {
            format!(
                "The database {name} at {place} has schema {number} and this exeat needs {ours}: ask an administrator to run `exeat db migrate`."
            )
        } else {
            format!(
                "The database {name} at {place} has schema {number} and this exeat knows only {ours}: use the newer exeat."
            )
        }))
    }

    /// An error as a sentence.
    pub(super) fn explain(&self, error: sqlx::Error) -> DbError {
        explain(error, &self.pool.config.place(), &self.pool.role, &self.pool.config.name)
    }

    /// Takes a connection for one call, making it first where none is free.
    pub(super) async fn hold(&self) -> Result<Held<'_>, DbError> {
        let place = self.pool.places.acquire().await.map_err(|_| self.silent())?;
        let free = self.free().pop();
        let connection = match free {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Held { db: self, connection, _place: place })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<PgConnection>> {
        self.pool.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection during one call. Dropped without [`Held::give_back`] (the call failed, or nobody waits for it any
/// more), the connection is closed: it may be in the middle of an answer.
pub(super) struct Held<'a> {
    db: &'a Db,
    connection: PgConnection,
    _place: SemaphorePermit<'a>,
}

impl Held<'_> {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// The call went well: keep the connection for the next one.
    pub(super) fn give_back(self) {
        let Self { db, connection, _place } = self;
        db.free().push(connection);
    }

    /// Nothing if the call should be tried once more on a new connection, else the error as a sentence.
    pub(super) fn judge(self, error: sqlx::Error, tries: &mut u32) -> Option<DbError> {
        if is_lost(&error) && *tries == 0 {
            *tries += 1;
            // What cut this one has cut those that wait too.
            self.db.free().clear();
            return None;
        }
        let explained = self.db.explain(error);
        if matches!(explained, DbError::Database(_) | DbError::Forbidden(_)) {
            self.give_back();
        }
        Some(explained)
    }
}
