//! Brings a database to this program's schema while others work in it: in one transaction, that waits for nobody longer
//! than half a second at a time, and steps back in between. Called through [`super::schema`].
//!
//! Where the tables are as they should be, it takes no lock that a vote or a list would wait for. Where they change,
//! writing stops first (every table, in the order commands and the worker take them, so that those that have begun come to
//! their end), reading only from a table's change to the end of the transaction.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::schema::{AREAS, SCHEMA_NUMBER, SchemaError, SchemaStatus, status};

/// How long [`migrate`] waits for sessions that are in its way.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// How long it stands in a lock's queue at a time, with everybody who comes after it behind it. A command waits for three
/// times as long before it answers `busy`; and PostgreSQL looks for a deadlock after twice as long, so it never finds this one.
const STAND: &str = "500ms";
/// How long it lets everybody through before it tries again.
const PAUSE: Duration = Duration::from_secs(1);

/// The tables whose order matters, as commands and the worker write to them: every command begins with `commands` and ends
/// with the journal. The others come in between.
const FIRST: &[&str] = &[
    "commands",
    "people",
    "logins",
    "memberships",
    "projects",
    "policies",
    "submissions",
    "files",
    "registrations",
    "file_versions",
    "votes",
    "releases",
    "cases",
];
const LAST: &[&str] = &["outbox", "deliveries", "changes", "journal", "unsealed", "seals", "heads"];

/// What keeps another migration out. A table of the catalogue, for the first migration finds none of exeat's; in a mode that
/// only another migration (or a vacuum, which gives way) waits for and that only a superuser may take. No advisory lock: any
/// login may hold any of those for ever.
const ALONE: &str = "lock table pg_catalog.pg_namespace in share update exclusive mode";

/// Tables, roles and types; each runs once in the life of a database.
fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!("assets/migrations");
    migrations.set_locking(false);
    migrations
}

/// A session that a migration had to wait for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Blocker {
    /// Its process in PostgreSQL.
    pub pid: i32,
    /// The database login.
    pub role: String,
    /// What the program calls itself; empty where it does not say. A stranger's word.
    pub program: String,
    /// Since when its transaction is open.
    pub since: DateTime<Utc>,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let since = self.since.format("%Y-%m-%d %H:%M:%S UTC");
        let program = if self.program.is_empty() { "a program without a name" } else { &self.program };
        write!(f, "{} ({program}, process {}, in a transaction since {since})", self.role, self.pid)
    }
}

/// Brings the database to this program's schema in one transaction: all of it or nothing. May be repeated. The
/// connection's role has to be a superuser (it makes roles and the extension `pg_trgm`). Waits up to [`PATIENCE`].
///
/// # Errors
/// The database is newer, does not fit, or the role may not; or sessions were in the way all the time.
pub async fn migrate(connection: &mut PgConnection) -> Result<SchemaStatus, SchemaError> {
    migrate_within(connection, PATIENCE, |_| {}).await
}

/// The same with another limit; `told` hears who is in the way, each time anew.
///
/// # Errors
/// See [`migrate`].
pub async fn migrate_within(
    connection: &mut PgConnection,
    patience: Duration,
    mut told: impl FnMut(&[Blocker]),
) -> Result<SchemaStatus, SchemaError> {
    let (role, may): (String, bool) =
        sqlx::query_as("select rolname::text, rolsuper from pg_catalog.pg_roles where rolname = current_user")
            .fetch_one(&mut *connection)
            .await?;
    if !may {
        return Err(SchemaError::NotAdministrator { role });
    }
    let begun = Instant::now();
    loop {
        let from: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut *connection).await?;
        let mut step = Step::Alone;
        match attempt(connection, &mut step).await {
            Ok(()) => return status(connection).await,
            Err(error) if stood_in_vain(&error) => {
                let blockers = in_the_way(connection, step, from).await?;
                if begun.elapsed() >= patience {
                    return Err(SchemaError::InTheWay { waited: begun.elapsed().as_secs(), blockers });
                }
                told(&blockers);
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// How far an attempt came: what it may have waited for.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Other migrations.
    Alone,
    /// Who writes to a table.
    Writers,
    /// Who reads one.
    Everybody,
}

impl Step {
    /// The modes of other sessions' locks on exeat's tables that the step waits for.
    fn modes(self) -> Vec<&'static str> {
        let writers = ["RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock"];
        let most = ["ExclusiveLock", "AccessExclusiveLock"];
        match self {
            Self::Alone => Vec::new(),
            Self::Writers => [&writers[..], &most].concat(),
            Self::Everybody => [&["AccessShareLock", "RowShareLock"], &writers[..], &most].concat(),
        }
    }
}

/// One transaction with all of it. Whatever fails leaves nothing behind.
async fn attempt(connection: &mut PgConnection, step: &mut Step) -> Result<(), SchemaError> {
    let mut transaction = connection.begin().await?;
    // The notices of `create … if not exists` are no news.
    sqlx::query("set local client_min_messages = warning").execute(&mut *transaction).await?;
    // The database bounds everybody's temporary files; an index made over long tables may need more.
    sqlx::query("set local temp_file_limit = -1").execute(&mut *transaction).await?;
    set(&mut transaction, "lock_timeout", STAND).await?;
    sqlx::query(ALONE).execute(&mut *transaction).await?;
    if let Some(found) = status(&mut transaction).await?.found.filter(|found| *found > SCHEMA_NUMBER) {
        return Err(SchemaError::Newer { found });
    }
    let migrations = migrations();
    if is_behind(&mut transaction, &migrations).await? {
        *step = Step::Writers;
        stop_writing(&mut transaction).await?;
    }
    *step = Step::Everybody;
    migrations.run_direct(None, &mut *transaction, false).await?;
    for (area, sql) in AREAS.iter().copied() {
        sqlx::raw_sql(sql).execute(&mut *transaction).await.map_err(|source| SchemaError::Area { area, source })?;
    }
    sqlx::query("select exeat.migrated($1)").bind(SCHEMA_NUMBER).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

async fn set(transaction: &mut PgConnection, name: &str, value: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select set_config($1, $2, true)").bind(name).bind(value).execute(transaction).await.map(drop)
}

/// Whether the tables of a database that has some are to change.
async fn is_behind(transaction: &mut PgConnection, migrations: &Migrator) -> Result<bool, sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut *transaction).await?;
    if !there {
        return Ok(false);
    }
    let done: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations").fetch_all(transaction).await?;
    Ok(migrations.iter().any(|migration| !done.contains(&migration.version)))
}

/// Nobody writes to a table from here on; who reads goes on.
async fn stop_writing(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    let tables: Option<String> = sqlx::query_scalar(
        "select string_agg(c.oid::regclass::text, ', ' order by array_position($1, c.relname::text),
            array_position($2, c.relname::text) nulls first, c.relname)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'exeat' and c.relkind in ('r', 'p')",
    )
    .bind(FIRST)
    .bind(LAST)
    .fetch_one(&mut *transaction)
    .await?;
    let Some(tables) = tables else { return Ok(()) };
    // For all of them together; afterwards a table may take its time to be changed.
    set(transaction, "statement_timeout", STAND).await?;
    let lock = format!("lock table {tables} in share row exclusive mode");
    sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *transaction).await?;
    set(transaction, "statement_timeout", "0").await
}

/// Whether an attempt ended because others held what it needed: no lock in time, a deadlock, a statement out of its time.
fn stood_in_vain(error: &SchemaError) -> bool {
    let (SchemaError::Area { source, .. }
    | SchemaError::Database(source)
    | SchemaError::Migration(MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _))) = error
    else {
        return false;
    };
    let code = source.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01" | "57014"))
}

/// The sessions whose transaction is older than the attempt and that still hold what it waited for.
async fn in_the_way(
    connection: &mut PgConnection,
    step: Step,
    from: DateTime<Utc>,
) -> Result<Vec<Blocker>, sqlx::Error> {
    sqlx::query_as(
        "select distinct a.pid, coalesce(a.usename::text, a.backend_type) as role, coalesce(a.application_name, '') as program, a.xact_start as since
         from pg_locks l join pg_stat_activity a on a.pid = l.pid join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
         where l.locktype = 'relation' and l.granted and a.datname = current_database() and a.pid <> pg_backend_pid() and a.xact_start < $1
           and (n.nspname = 'exeat' and l.mode = any ($2)
             or l.relation = 'pg_catalog.pg_namespace'::regclass and l.mode in ('ShareUpdateExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
         order by since, pid",
    )
    .bind(from)
    .bind(step.modes())
    .fetch_all(connection)
    .await
}
