//! What may go wrong between here and PostgreSQL, each as one sentence that says what to do. Made by this room and by
//! the worker's part of it; mapped to the service's errors in `service`.

use std::io::ErrorKind;

use crate::config::ConfigError;

/// What went wrong between here and PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A secret or certificate is missing or not safe.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// PostgreSQL does not know who this is.
    #[error("{0}")]
    NotSignedIn(String),
    /// PostgreSQL does not answer.
    #[error("{0}")]
    Unreachable(String),
    /// It answers, and has no room for this now: connections, memory, disk or time.
    #[error("{0}")]
    Full(String),
    /// The database is not (or not any more, or not yet) the one this program works with.
    #[error("{0}")]
    Schema(String),
    /// The role may not call this function at all.
    #[error("{0}")]
    Forbidden(String),
    /// A read was asked for something that there is not.
    #[error("{0}")]
    Asked(String),
    /// Anything else PostgreSQL says: a bug here or there.
    #[error("The database refused a statement: {0}. This is a fault of exeat; please report it.")]
    Database(sqlx::Error),
    /// A row says what this program does not understand.
    #[error(
        "The database sent a row this program does not understand ({0}): use the exeat the database was migrated with."
    )]
    Row(String),
}

/// Whether an error means that the connection is gone, so that another try on a new one makes sense.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => true,
        // 57P01–57P03: the server stops or the session was ended; 08…: connection exceptions.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("57P0") || code.starts_with("08") || code == "25P03")
                // After a migration a prepared statement fails once with this; a new connection has no old plans.
                || error.message().contains("cached plan must not change result type")
        }
        _ => false,
    }
}

/// An error as a sentence; `place` and `role` are where and as whom it was tried.
#[must_use]
pub fn explain(error: sqlx::Error, place: &str, role: &str, database: &str) -> DbError {
    match &error {
        sqlx::Error::Io(why) => unreachable(why, place),
        sqlx::Error::Tls(why) => DbError::Unreachable(format!(
            "PostgreSQL at {place} and this host do not agree on encryption ({why}): correct tls and root_certificate in [database]."
        )),
        sqlx::Error::PoolTimedOut => DbError::Unreachable(format!(
            "PostgreSQL at {place} did not answer in time: see whether it runs and is not overloaded."
        )),
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed => {
            DbError::Unreachable(format!("The connection to PostgreSQL at {place} broke ({error}): try again."))
        }
        sqlx::Error::Configuration(why) => {
            DbError::Config(ConfigError::Secret(format!("A setting of [database] does not work ({why}): correct it.")))
        }
        sqlx::Error::Database(said) => {
            let code = said.code().unwrap_or_default().into_owned();
            match code.as_str() {
                "28P01" => DbError::NotSignedIn(format!(
                    "PostgreSQL refused the password of {role}: correct EXEAT_DATABASE_PASSWORD, password_file or the keyring."
                )),
                "28000" if said.message().contains("does not exist") => DbError::NotSignedIn(format!(
                    "PostgreSQL knows no role {role}: sign in as another user, name one with user in [database], or ask an administrator for one."
                )),
                "28000" => DbError::NotSignedIn(format!(
                    "PostgreSQL does not let {role} in ({}): sign in as that user or ask the database administrator.",
                    said.message()
                )),
                "3D000" => DbError::Schema(format!(
                    "PostgreSQL at {place} has no database {database}: correct name in [database], or create it and run `exeat db migrate`."
                )),
                "3F000" | "42883" | "42P01" | "42703" => DbError::Schema(format!(
                    "The database {database} lacks what this exeat needs ({}): ask an administrator to run `exeat db migrate`.",
                    said.message()
                )),
                "42501" => DbError::Forbidden(format!(
                    "The role {role} may not do this in the database {database}: ask an administrator whether it is a member of exeat_person."
                )),
                "22023" => DbError::Asked(said.message().to_owned()),
                "53300" => DbError::Full(format!(
                    "PostgreSQL at {place} has no connection left, or none for {role} ({}): leave other sessions, or try again later.",
                    said.message()
                )),
                "53100" | "58030" => DbError::Full(format!(
                    "The disk of PostgreSQL at {place} is full or fails ({}): nothing was done; have space made there, then try again.",
                    said.message()
                )),
                "53200" | "53400" => DbError::Full(format!(
                    "PostgreSQL at {place} has no memory or space left for this ({}): nothing was done; ask for less, or try again later.",
                    said.message()
                )),
                "57014" => DbError::Full(format!("PostgreSQL at {place} took too long and gave up: try again.")),
                lost if lost.starts_with("57P0") || lost.starts_with("08") => DbError::Unreachable(format!(
                    "PostgreSQL at {place} is starting or stopping ({}): try again in a moment.",
                    said.message()
                )),
                _ => DbError::Database(error),
            }
        }
        _ => DbError::Database(error),
    }
}

fn unreachable(why: &std::io::Error, place: &str) -> DbError {
    DbError::Unreachable(match why.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            format!("PostgreSQL does not answer at {place}: start it, or correct host and port in [database].")
        }
        ErrorKind::PermissionDenied => {
            format!("You may not open {place}: ask the administrator of this host for the right to it.")
        }
        _ => format!("The connection to PostgreSQL at {place} failed ({why}): see whether it runs and try again."),
    })
}
