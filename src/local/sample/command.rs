//! A command of the sample, sent as the person who would, and why it came to nothing. Used by `load` and `access`.

use serde_json::Value;
use uuid::Uuid;

use crate::db::DbError;
use crate::domain::command::Command;
use crate::domain::refusal::Refusal;
use crate::local::LocalError;
use crate::service::{Service, ServiceError};

/// Why the sample could not be loaded; told as [`LocalError::Said`].
#[derive(Debug, thiserror::Error)]
pub(super) enum SampleError {
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error(transparent)]
    Local(#[from] LocalError),
    #[error("{0}")]
    Said(String),
}

pub(super) type Result<T> = std::result::Result<T, SampleError>;

/// What came of it.
pub(super) async fn did(person: &Service, command: &Command) -> Result<Value> {
    Ok(person.carry_out(Uuid::new_v4(), command).await?.into_result()?.data)
}
