//! The embedded service layer, one file a use case: what the desk, the command line and the worker all call.
//!
//! A [`Service`] is one person's way in: it never connects by itself, so that a first frame comes whatever is away.
//! Every call is `&self` and may be made from any task; calls are carried out one after the other on one connection.

mod access;
mod admin;
mod apart;
mod bytes;
mod changes;
mod command;
mod directory;
mod download;
mod egress;
mod error;
mod http;
mod journal;
mod preview;
mod status;
mod submit;
mod target;
mod tickets;

use std::sync::OnceLock;

#[cfg(test)]
pub(crate) use apart::apart;
pub use apart::is_apart;
pub use bytes::ObjectReader;
pub use directory::ListOf;
pub use download::{Downloaded, Progress};
pub use error::ServiceError;
pub use journal::{JournalFilter, exported};
pub use status::Status;
pub use submit::{SubmitProgress, SubmitRequest, Submitted};

pub use crate::db::{
    AccessCommentRow, AccessHistoryRow, Change, CommentRow, DeliveriesWaiting, HistoryRow, JournalRow, MembershipRow,
    PersonRow, PolicyRow, ProjectRow, ServerLimits, SettingRow, SystemStatus, VoteRow, WhoAmI,
};

use crate::config::Config;
use crate::db::Db;

/// What a service call returns.
pub type Result<T> = std::result::Result<T, ServiceError>;

/// One person's way into the system.
pub struct Service {
    config: Config,
    db: Db,
    http: OnceLock<http::Http>,
}

impl Service {
    /// A way in for the person the database knows by the session's role. `as_login` chooses another role, which only a
    /// local desk allows. Nothing is connected yet.
    ///
    /// # Errors
    /// `as_login` without a local desk; no role to connect as.
    pub fn open(config: Config, as_login: Option<&str>) -> Result<Self> {
        if as_login.is_some() && config.local.is_none() {
            return Err(ServiceError::Usage(
                "--as chooses a person on a local desk only: sign in to the system as that person, or name a local desk's configuration with --config.".to_owned(),
            ));
        }
        let db = Db::new(&config.database, as_login)?;
        Ok(Self { config, db, http: OnceLock::new() })
    }

    /// The configuration it was opened with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The database role it connects as.
    #[must_use]
    pub fn role(&self) -> &str {
        self.db.role()
    }

    /// The client for tickets.
    fn http(&self) -> &http::Http {
        self.http.get_or_init(http::Http::new)
    }

    /// An error of the database for the person, with what helps on a local desk.
    fn told(&self, error: crate::db::DbError) -> ServiceError {
        use crate::db::DbError;
        match (error, &self.config.local) {
            (DbError::Unreachable(_), Some(local)) if !self.config.database.host.is_empty() => {
                ServiceError::Unreachable {
                    what: "PostgreSQL".to_owned(),
                    sentence: format!(
                        "The local desk's PostgreSQL does not answer at {}: run `exeat local up --dir {}`.",
                        self.config.database.place(),
                        local.dir.display()
                    ),
                }
            }
            (DbError::NotSignedIn(sentence), Some(_)) => ServiceError::NotSignedIn(format!(
                "{sentence} On a local desk, choose a person with --as, such as --as checker1."
            )),
            (error, _) => error.into(),
        }
    }
}
