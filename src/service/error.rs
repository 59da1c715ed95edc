//! What a call may end in other than its answer. Made in this room, mapped to exit codes by `cli`, shown by the desk.

use crate::config::ConfigError;
use crate::db::DbError;
use crate::domain::refusal::Refusal;

/// What went wrong, as one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The configuration, or what it leads to, is not usable.
    #[error("{0}")]
    Config(String),
    /// The database does not know who this is.
    #[error("{0}")]
    NotSignedIn(String),
    /// A server does not answer.
    #[error("{sentence}")]
    Unreachable {
        /// `PostgreSQL`, `the store` or `the worker`.
        what: String,
        /// What happened and what to do.
        sentence: String,
    },
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something needed was not given, or does not make sense.
    #[error("{0}")]
    Usage(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl ServiceError {
    /// A stable code, as JSON output names it.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Config(_) => "config",
            Self::NotSignedIn(_) => "not_signed_in",
            Self::Unreachable { .. } => "unreachable",
            Self::Refused(refusal) => &refusal.code,
            Self::Usage(_) => "usage",
            Self::Other(_) => "failed",
        }
    }

    pub(crate) fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { code: code.to_owned(), message: message.into() })
    }

    pub(super) fn store(sentence: impl Into<String>) -> Self {
        Self::Unreachable { what: "the store".to_owned(), sentence: sentence.into() }
    }
}

impl From<ConfigError> for ServiceError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}

impl From<DbError> for ServiceError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Config(error) => error.into(),
            DbError::NotSignedIn(sentence) => Self::NotSignedIn(sentence),
            DbError::Unreachable(sentence) | DbError::Full(sentence) => {
                Self::Unreachable { what: "PostgreSQL".to_owned(), sentence }
            }
            DbError::Schema(sentence) => Self::Config(sentence),
            DbError::Forbidden(sentence) => Self::refused("forbidden", sentence),
            DbError::Asked(sentence) => Self::Usage(sentence),
            other => Self::Other(other.to_string()),
        }
    }
}
