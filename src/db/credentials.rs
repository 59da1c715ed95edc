//! Credentials of the programs behind a service. Called by `service::portal`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Db, DbError, rows};

/// A live credential of the service that asks: what it compares a secret with, and what may be asked with it.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The secret's argon2id hash, a PHC string.
    pub secret: String,
    /// Such as `claims:read`.
    pub rights: Vec<String>,
    /// The logins it may act for; `*` is everybody.
    pub acts_for: Vec<String>,
    /// Whom it is where a request names nobody.
    pub login: Option<String>,
}

/// A credential as administrators and auditors read of it.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialRow {
    /// Its name, the user of HTTP Basic.
    pub name: String,
    /// The service it comes through.
    pub service: String,
    /// Whom it is where a request names nobody.
    pub login: Option<String>,
    /// The logins it may act for; `*` is everybody.
    pub acts_for: Vec<String>,
    /// Such as `claims:read`.
    pub rights: Vec<String>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Login of who added it.
    pub added_by: String,
    /// When it got its present secret, where that is not the first.
    pub changed_at: Option<DateTime<Utc>>,
    /// Ended since, for good.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Db {
    /// The credential of that name; none where it is not the service's, or has ended.
    pub(crate) async fn credential(&self, name: &str) -> Result<Option<Credential>, DbError> {
        rows!(
            self,
            fetch_optional,
            Credential,
            r#"select secret as "secret!", rights as "rights!", acts_for as "acts_for!", login from exeat.credential($1)"#,
            name
        )
    }

    /// Every credential there is or was.
    pub(crate) async fn list_credentials(&self) -> Result<Vec<CredentialRow>, DbError> {
        rows!(
            self,
            fetch_all,
            CredentialRow,
            r#"select name as "name!", service as "service!", login, acts_for as "acts_for!", rights as "rights!", since as "since!",
                added_by as "added_by!", changed_at, ended_at from exeat.list_credentials()"#
        )
    }
}
