//! The configuration files of the desk, the worker and the server: types, validation, where they are looked for, secrets.
//!
//! Called by `cli`, which hands a [`Config`] to the service and a [`WorkerConfig`] to the worker and a
//! [`ServeConfig`] to the server, and by `local`, which writes them for a local desk.

mod channels;
mod desk;
pub mod examples;
mod read;
mod search;
mod secrets;
mod serve;
mod worker;

pub use channels::{BusConfig, MailConfig};
pub use desk::{Config, DatabaseConfig, DeskConfig, JournalConfig, LocalConfig, S3Config, TlsMode};
pub use read::settings_text;
pub use search::{find, load, search_order};
pub use secrets::{Secret, read_private_file};
pub use serve::{Algorithm, Network, ServeConfig, ServeSection, TokenConfig};
pub use worker::{WorkerConfig, WorkerS3, WorkerSection};

use std::path::PathBuf;

/// What is wrong with a configuration, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line or in `EXEAT_CONFIG` cannot be read.
    #[error("Cannot read the configuration {}: {why}. Name a file you may read with --config.", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The file is not what a configuration may be.
    #[error("{}, line {line}: {sentence}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what would be right.
        sentence: String,
    },
    /// A secret cannot be had or is not kept safely.
    #[error("{0}")]
    Secret(String),
}
