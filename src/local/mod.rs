//! The local desk: private PostgreSQL, local S3 store, worker, supervisor, sample data. Called by `cli`.

pub mod desk;
pub mod gateway;
pub mod owner;
pub mod people;
pub mod postgres;
mod prepare;
pub mod processes;
pub mod programs;
pub mod sample;
pub mod store;
pub mod supervisor;
pub mod up;

use std::path::Path;

/// Why a local desk does not come up.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// PostgreSQL.
    #[error(transparent)]
    Postgres(#[from] postgres::PostgresError),
    /// The folder.
    #[error(transparent)]
    Owner(#[from] owner::OwnerError),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The database answered with an error.
    #[error("the local desk's database refused: {0}; see log/postgres.log in its folder")]
    Database(#[from] sqlx::Error),
    /// A file.
    #[error("cannot use {path}: {source}; look at its owner and rights, or choose another --dir")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else, as a whole sentence.
    #[error("{0}")]
    Said(String),
}

impl LocalError {
    fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }
}
