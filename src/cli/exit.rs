//! Exit codes (design, section 9), in one place. Used by every subcommand and `main`.

use crate::config::ConfigError;
use crate::db::DbError;
use crate::db::schema::SchemaError;
use crate::domain::refusal::Refusal;
use crate::service::ServiceError;
use crate::worker::WorkerError;

/// Done.
pub const OK: u8 = 0;
/// It failed for a reason that has no code of its own.
pub const FAILURE: u8 = 1;
/// Wrong usage, or a needed field is missing.
pub const USAGE: u8 = 2;
/// The configuration is wrong.
pub const CONFIG: u8 = 3;
/// The database does not know who this is.
pub const NOT_SIGNED_IN: u8 = 4;
/// A rule forbids it, or it is not released.
pub const FORBIDDEN: u8 = 5;
/// Someone was first, or the thing changed, or the sha256 seen is missing or another.
pub const CONFLICT: u8 = 6;
/// A server does not answer.
pub const UNREACHABLE: u8 = 7;
/// Interrupted from the keyboard.
pub const INTERRUPTED: u8 = 130;

/// What each says, for the manual page; README has them too.
pub const MEANINGS: &[(u8, &str)] = &[
    (OK, "done"),
    (FAILURE, "failure"),
    (USAGE, "wrong usage, or a field is missing"),
    (CONFIG, "configuration"),
    (NOT_SIGNED_IN, "not signed in"),
    (FORBIDDEN, "forbidden by a rule, or not released"),
    (CONFLICT, "conflict: someone was first, the thing changed, or the sha256 is missing or another"),
    (UNREACHABLE, "a server is unreachable"),
    (INTERRUPTED, "interrupted"),
];

/// The exit code of a refusal.
#[must_use]
pub fn of_refusal(refusal: &Refusal) -> u8 {
    // The one refusal that is not the database's: another file lies where the download should go.
    if refusal.code == "exists" { CONFLICT } else { refusal.class().exit_code() }
}

/// The exit code of a service error.
#[must_use]
pub fn of_service(error: &ServiceError) -> u8 {
    match error {
        ServiceError::Config(_) => CONFIG,
        ServiceError::NotSignedIn(_) => NOT_SIGNED_IN,
        ServiceError::Unreachable { .. } => UNREACHABLE,
        ServiceError::Refused(refusal) => of_refusal(refusal),
        ServiceError::Usage(_) => USAGE,
        ServiceError::Other(_) => FAILURE,
    }
}

/// The exit code and the stable code of any error a subcommand may end in.
#[must_use]
pub fn of(error: &anyhow::Error) -> (u8, String) {
    if let Some(error) = error.downcast_ref::<ServiceError>() {
        return (of_service(error), error.code().to_owned());
    }
    if error.downcast_ref::<ConfigError>().is_some() {
        return (CONFIG, "config".to_owned());
    }
    if let Some(error) = error.downcast_ref::<DbError>() {
        return match error {
            DbError::Config(_) | DbError::Schema(_) => (CONFIG, "config".to_owned()),
            DbError::NotSignedIn(_) => (NOT_SIGNED_IN, "not_signed_in".to_owned()),
            DbError::Unreachable(_) | DbError::Full(_) => (UNREACHABLE, "unreachable".to_owned()),
            DbError::Forbidden(_) => (FORBIDDEN, "forbidden".to_owned()),
            DbError::Asked(_) => (USAGE, "usage".to_owned()),
            DbError::Database(_) | DbError::Row(_) => (FAILURE, "failed".to_owned()),
        };
    }
    if let Some(error) = error.downcast_ref::<SchemaError>() {
        return match error {
            SchemaError::Newer { .. } | SchemaError::Migration(_) => (CONFIG, "config".to_owned()),
            SchemaError::InTheWay { .. } => (CONFLICT, "busy".to_owned()),
            SchemaError::NotAdministrator { .. } => (FORBIDDEN, "forbidden".to_owned()),
            SchemaError::Area { .. } | SchemaError::Database(_) => (FAILURE, "failed".to_owned()),
        };
    }
    if let Some(WorkerError::Config(_) | WorkerError::Signing(_)) = error.downcast_ref() {
        return (CONFIG, "config".to_owned());
    }
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return (of_refusal(refusal), refusal.code.clone());
    }
    (FAILURE, "failed".to_owned())
}
