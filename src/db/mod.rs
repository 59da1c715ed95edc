//! PostgreSQL through sqlx: connect, rows, one file an area, the change feed. Called by `service` and `worker`.
//!
//! A person's process holds one connection for its calls and for the change feed, a service's a few. Every call goes
//! through [`on_connection!`], which connects when needed and, where the connection was lost, tries once more: commands
//! carry an id, so a second try has the first one's answer.

mod access;
mod admin;
mod catalogue;
mod commands;
mod connect;
mod deliver;
mod directory;
mod error;
mod feed;
mod intake;
mod journal;
mod limits;
mod migrate;
mod pause;
mod reads;
mod releases;
pub mod roles;
pub mod schema;
mod seals;
mod sessions;
mod signed;
mod status;
mod tickets;
mod worker;

pub use access::SettingRow;
pub use admin::{MembershipRow, PersonRow, PolicyRow, ProjectRow, ServiceRow};
pub use connect::{Db, connect_as};
pub use deliver::{DeliveriesWaiting, Delivery};
pub use error::{DbError, explain};
pub use feed::{Change, ChangeRow, Feed, Listener};
pub use intake::{IntakeEntry, IntakeProject, KnownObject, OpenRefresh};
pub use journal::{JournalRow, RenewalRow, UnsealedRow};
pub use limits::ServerLimits;
pub use releases::{ClaimedRelease, OpenRecall};
pub use seals::Seal;
pub use sessions::EndedSession;
pub use signed::{KeyRow, UncheckedSignature};
pub use status::{SystemStatus, WhoAmI};
pub use tickets::{OpenTicket, TicketAnswer};

use crate::domain::refusal::Answer;

/// The columns of the type `answer`.
struct AnswerRow {
    ok: bool,
    code: String,
    sentence: String,
    version: Option<i64>,
    data: Option<serde_json::Value>,
}

impl From<AnswerRow> for Answer {
    fn from(row: AnswerRow) -> Self {
        Self {
            ok: row.ok,
            code: row.code,
            sentence: row.sentence,
            version: row.version,
            data: row.data.unwrap_or_default(),
        }
    }
}

/// Runs a query on the process's connection: connects when needed, once more where the connection was lost.
macro_rules! on_connection {
    ($db:expr, |$conn:ident| $query:expr) => {{
        let mut tries = 0;
        loop {
            let mut held = $db.hold().await?;
            let patience = $db.patience();
            let $conn = held.connection();
            match tokio::time::timeout(patience, $query).await {
                // The connection is dropped: nobody knows what it is in the middle of.
                Err(_) => break Err($db.silent()),
                Ok(Ok(value)) => {
                    held.give_back();
                    break Ok(value);
                }
                Ok(Err(error)) => match held.judge(error, &mut tries) {
                    None => {}
                    Some(error) => break Err(error),
                },
            }
        }
    }};
}

/// Asks for what a function gives back as rows of a type; `fetch_one`, `fetch_optional` or `fetch_all` of them.
macro_rules! rows {
    ($db:expr, $fetch:ident, $row:path, $sql:literal $(, $argument:expr)* $(,)?) => {
        crate::db::on_connection!($db, |conn| sqlx::query_as!($row, $sql, $($argument),*).$fetch(conn))
    };
}

/// Asks a function that gives one value, never null.
macro_rules! value {
    ($db:expr, $call:literal $(, $argument:expr)* $(,)?) => {
        crate::db::on_connection!($db, |conn| sqlx::query_scalar!(
            "select exeat." + $call + r#" as "value!""#, $($argument),*
        ).fetch_one(conn))
    };
}

/// Calls a function that gives nothing back.
macro_rules! call {
    ($db:expr, $call:literal $(, $argument:expr)* $(,)?) => {
        crate::db::on_connection!($db, |conn| sqlx::query!("select exeat." + $call, $($argument),*).fetch_one(conn)).map(drop)
    };
}

/// Calls a function that answers as commands do.
macro_rules! answer {
    ($db:expr, $call:literal, $($argument:expr),* $(,)?) => {
        crate::db::on_connection!($db, |conn| sqlx::query_as!(
            crate::db::AnswerRow,
            r#"select ok as "ok!", code as "code!", sentence as "sentence!", version, data from exeat."# + $call,
            $($argument),*
        ).fetch_one(conn)).map(crate::domain::refusal::Answer::from)
    };
}

pub(crate) use {answer, call, on_connection, rows, value};
