//! The other door: commands that a test sends as a person go through a service that acts for them, while it is open. So what holds
//! against people is tried against services too, by the same tests.

use std::cell::{Cell, RefCell};

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::pg::{Answer, Database, SERVICE, literal};
use crate::rules::commands::{COMMANDS, command};

thread_local! {
    static OPEN: Cell<bool> = const { Cell::new(false) };
    /// How many commands went through it.
    static PASSED: Cell<usize> = const { Cell::new(0) };
    /// The service's connection to the test's database, between two commands.
    static KEPT: RefCell<Option<(String, PgConnection)>> = const { RefCell::new(None) };
}

/// Runs a test with the door open: on its thread, for a test of its own runtime.
pub fn through_a_service(test: fn()) {
    struct Shut;
    impl Drop for Shut {
        fn drop(&mut self) {
            OPEN.set(false);
            KEPT.take();
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

/// A connection of the service's, and to which database.
struct Service {
    database: String,
    own: PgConnection,
}

/// Where the command of that name goes through the door, the login of the person the connection belongs to and a connection of the
/// service's.
async fn passes(connection: &mut PgConnection, name: &str) -> Option<(String, Service)> {
    let own = COMMANDS.iter().any(|line| line.split(' ').take(2).eq([name, "person"]));
    if !is_open() || own {
        return None;
    }
    let sql = "select current_database()::text, login from exeat.whoami()";
    let (name, login): (String, Option<String>) = sqlx::query_as(sql).fetch_one(connection).await.unwrap();
    PASSED.set(PASSED.get() + usize::from(login.is_some()));
    let login = login?;
    let kept = KEPT.take().filter(|(of, _)| *of == name);
    let own = match kept {
        Some((_, own)) => own,
        None => Database { name: name.clone() }.connect(SERVICE).await,
    };
    Some((login, Service { database: name, own }))
}

async fn ask(mut service: Service, login: &str, id: Uuid, name: &str, request: &str) -> Answer {
    let sql = format!(
        "select ok, code, sentence, version, data from exeat.command_for({}, '{id}', {}, {request})",
        literal(login),
        literal(name)
    );
    let answer = sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_one(&mut service.own).await;
    KEPT.set(Some((service.database, service.own)));
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
