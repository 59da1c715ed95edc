//! The embedded service layer, one file a use case: what the desk, the command line and the worker all call.
//!
//! A [`Service`] is one person's way in: it never connects by itself, so that a first frame comes whatever is away.
//! Every call is `&self` and may be made from any task; a person's calls are carried out one after the other on one connection, a
//! service's on a few.
#![allow(clippy::missing_errors_doc, reason = "every call fails with a ServiceError, which says each case")]

mod access;
mod admin;
mod agent;
mod apart;
mod bytes;
mod changes;
mod command;
mod directory;
mod download;
mod error;
mod http;
mod journal;
mod preview;
mod reads;
mod sign;
mod status;
mod submit;
mod target;
mod tickets;

use std::sync::{Arc, OnceLock};

#[cfg(test)]
pub(crate) use apart::apart;
pub use apart::is_apart;
pub use bytes::ObjectReader;
pub use directory::ListOf;
pub use download::{Downloaded, Progress};
pub use error::ServiceError;
pub use journal::{Checked, JournalFilter, exported, verify_file};
pub use sign::Signed;
pub use status::Status;
pub use submit::{SubmitProgress, SubmitRequest, Submitted};

pub use crate::db::{
    Change, DeliveriesWaiting, JournalRow, KeyRow, MembershipRow, PersonRow, PolicyRow, ProjectRow, RenewalRow,
    ServerLimits, ServiceRow, SettingRow, SystemStatus, WhoAmI,
};

use crate::config::Config;
use crate::db::Db;

/// What a service call returns.
pub type Result<T> = std::result::Result<T, ServiceError>;

/// One person's way into the system.
pub struct Service {
    config: Arc<Config>,
    db: Db,
    http: Arc<OnceLock<http::Http>>,
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
        Ok(Self { config: Arc::new(config), db, http: Arc::default() })
    }

    /// The way in of a program that acts for people; it can do nothing before [`Service::acting`] says for whom.
    ///
    /// # Errors
    /// No role to connect as.
    pub fn for_service(config: Config) -> Result<Self> {
        let db = Db::for_service(&config.database)?;
        Ok(Self { config: Arc::new(config), db, http: Arc::default() })
    }

    /// The same way in for one person, by their login.
    #[must_use]
    pub fn acting(&self, login: &str) -> Self {
        Self { config: Arc::clone(&self.config), db: self.db.acting(login), http: Arc::clone(&self.http) }
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
