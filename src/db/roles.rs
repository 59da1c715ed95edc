//! The SQL that makes a login. exeat makes none itself except on a local desk: the database administrator runs this.
//! Called by `exeat people add`, `exeat services add` and the local desk.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

/// The group of people's logins.
pub const PEOPLE: &str = "exeat_person";
/// The group of services' logins.
pub const SERVICES: &str = "exeat_service";

/// Connections a person may have at once: a desk has one, a command of the command line one. They bound what one person can
/// have the server do at the same moment, and nobody can take all there are.
pub const CONNECTIONS: i32 = 4;

/// The statement that makes a login in one of exeat's groups.
#[must_use]
pub fn role_sql(login: &str, group: &str) -> String {
    let limit = if group == PEOPLE { format!(" connection limit {CONNECTIONS}") } else { String::new() };
    format!("create role {} login{limit} in role {};", quoted(login), quoted(group))
}

/// Makes the login where there is none yet; the connection is a superuser's.
///
/// # Errors
/// The database refuses.
pub async fn make(connection: &mut PgConnection, login: &str, group: &str) -> Result<(), sqlx::Error> {
    let there = sqlx::query_scalar!("select 1 from pg_roles where rolname = $1", login)
        .fetch_optional(&mut *connection)
        .await?;
    if there.is_none() {
        // Made from the login by `role_sql`, which quotes it.
        connection.execute(AssertSqlSafe(role_sql(login, group))).await?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
