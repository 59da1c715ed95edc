//! The other door: commands that a test sends as a person go through a service that acts for them, while it is open. So what holds
//! against people is tried against services too, by the same tests.

use std::cell::Cell;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::pg::{Answer, Database, SERVICE, literal};
use crate::rules::commands::{COMMANDS, command};

thread_local! {
    static OPEN: Cell<bool> = const { Cell::new(false) };
    /// How many commands went through it.
    static PASSED: Cell<usize> = const { Cell::new(0) };
}

/// Runs a test with the door open: on its thread, for a test of its own runtime.
pub fn through_a_service(test: fn()) {
    struct Shut;
    impl Drop for Shut {
        fn drop(&mut self) {
            OPEN.set(false);
        }
    }
    let _shut = Shut;
    OPEN.set(true);
    PASSED.set(0);
    test();
    assert!(PASSED.get() > 0, "nothing of the test went through the service");
}

/// Whether it is.
pub fn is_open() -> bool {
    OPEN.get()
}

/// Where the command of that name goes through the door, the login of the person the connection belongs to and a connection of the
/// service's.
async fn passes(connection: &mut PgConnection, name: &str) -> Option<(String, PgConnection)> {
    let own = COMMANDS.iter().any(|line| line.split(' ').take(2).eq([name, "person"]));
    if !is_open() || own {
        return None;
    }
    let sql = "select current_database()::text, login from exeat.whoami()";
    let (name, login): (String, Option<String>) = sqlx::query_as(sql).fetch_one(connection).await.unwrap();
    PASSED.set(PASSED.get() + usize::from(login.is_some()));
    Some((login?, Database { name }.connect(SERVICE).await))
}

async fn ask(mut service: PgConnection, login: &str, id: Uuid, name: &str, request: &str) -> Answer {
    let sql = format!(
        "select ok, code, sentence, version, data from exeat.command_for({}, '{id}', {}, {request})",
        literal(login),
        literal(name)
    );
    let answer = sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_one(&mut service).await;
    answer.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A call of psql's function for a command, in its arguments.
pub async fn call(connection: &mut PgConnection, name: &str, id: Uuid, arguments: &[&str]) -> Option<Answer> {
    let line = COMMANDS.iter().find(|line| line.split(' ').next() == Some(name))?;
    let (login, service) = passes(connection, name).await?;
    let fields = command(line).1.into_iter().zip(arguments).map(|(field, argument)| {
        let kind = match field.kind {
            "int" => "bigint",
            "time" | "end" => "timestamptz",
            "json" | "list" | "object" => "jsonb",
            kind => kind,
        };
        format!("'{}', {}::{kind}", field.name, literal(argument))
    });
    let request = format!("jsonb_build_object({})", fields.collect::<Vec<_>>().join(", "));
    Some(ask(service, &login, id, name, &request).await)
}

/// A command as JSON.
pub async fn raw(connection: &mut PgConnection, name: &str, request: &str) -> Option<Answer> {
    let (login, service) = passes(connection, name).await?;
    Some(ask(service, &login, Uuid::new_v4(), name, &literal(request)).await)
}
