//! Access requests and grants: deciding, one method a command. Called by the desk's two tabs, `cli` and HTTP.
//! A refusal of a command is an answer, never an error.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Result, Service, ServiceError};
use crate::db::{AllowRequest, DbError, NewGrant, NewRequest};
use crate::domain::access::{AccessCheck, Dataset, GrantId, RequestDefaults, RequestId, RevokeClass};
use crate::domain::refusal::Answer;

/// What to change of a request: what is absent stays; an empty ticket or note is cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RequestChanges {
    /// Another of the requester's identity verifications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iva_id: Option<Uuid>,
    /// Another start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_starts: Option<DateTime<Utc>>,
    /// Another end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_ends: Option<DateTime<Utc>>,
    /// The site's ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
    /// The note among stewards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_note: Option<String>,
    /// The note the requester reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note_to_requester: Option<String>,
}

impl Service {
    /// What a form for a new request starts from, and its bounds.
    ///
    /// # Errors
    /// `not_found` where the dataset is not offered; else see [`ServiceError`].
    pub async fn request_defaults(&self, dataset: &str) -> Result<RequestDefaults> {
        self.asked(self.db.request_defaults(dataset).await)?.ok_or_else(|| {
            ServiceError::refused("not_found", "Dataset not found: look with `exeat datasets list`.".to_owned())
        })
    }

    /// Asks for access; the answer's data names the `request`.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn new_request(&self, new: &NewRequest) -> Result<Answer> {
        self.asked(self.db.new_request(new).await)
    }

    /// Changes named fields of a request.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn edit_request(
        &self,
        command_id: Uuid,
        id: RequestId,
        changes: &RequestChanges,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        self.asked(self.db.edit_request(command_id, id, &json(changes)?, seen_row_version).await)
    }

    /// Allows a request; the answer's data has `grant`, `valid_from`, `valid_until` and `mail_to`.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn allow_request(&self, id: RequestId, allow: &AllowRequest) -> Result<Answer> {
        self.asked(self.db.allow_request(id, allow).await)
    }

    /// Denies a request; the requester reads the reason.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn deny_request(
        &self,
        command_id: Uuid,
        id: RequestId,
        reason: &str,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        self.asked(self.db.deny_request(command_id, id, reason, seen_row_version).await)
    }

    /// Says for half an hour that one is looking at it; others see that.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn claim_request(&self, command_id: Uuid, id: RequestId) -> Result<Answer> {
        self.asked(self.db.claim_request(command_id, id).await)
    }

    /// Says that one no longer is.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn unclaim_request(&self, command_id: Uuid, id: RequestId) -> Result<Answer> {
        self.asked(self.db.unclaim_request(command_id, id).await)
    }

    /// Adds a comment that stewards read.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn comment_request(&self, command_id: Uuid, id: RequestId, body: &str) -> Result<Answer> {
        self.asked(self.db.comment_request(command_id, id, body).await)
    }

    /// Gives a grant by hand; the answer's data names the `grant`.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn add_grant(&self, new: &NewGrant) -> Result<Answer> {
        self.asked(self.db.add_grant(new).await)
    }

    /// Shortens or extends a grant.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn amend_grant(
        &self,
        command_id: Uuid,
        id: GrantId,
        until: DateTime<Utc>,
        reason: &str,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        self.asked(self.db.amend_grant(command_id, id, until, reason, seen_row_version).await)
    }

    /// Takes a grant back; the answer's data says in `remaining` what access is left, as [`AccessCheck`].
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn revoke_grant(
        &self,
        command_id: Uuid,
        id: GrantId,
        class: RevokeClass,
        reason: &str,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        self.asked(self.db.revoke_grant(command_id, id, class.word(), reason, seen_row_version).await)
    }

    /// Has the person access to the dataset now, or at a moment; until when; and if not, why not.
    ///
    /// # Errors
    /// `not_found` for a person one may not ask for and for an unknown dataset; else see [`ServiceError`].
    pub async fn access_check(&self, login: &str, dataset: &str, at: Option<DateTime<Utc>>) -> Result<AccessCheck> {
        let check = self.asked(self.db.access_check(login, dataset, at).await)?;
        match check.why_not {
            Some(why) if why.code == "not_found" => Err(why.into()),
            _ => Ok(check),
        }
    }

    /// Datasets whose accession, title or committee contain all the words, in the order of accessions, after one of them.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn datasets(&self, words: &[String], after: &str, page: u32) -> Result<Vec<Dataset>> {
        self.asked(self.db.list_datasets(words, after, page).await)
    }

    /// One dataset, offered or not.
    ///
    /// # Errors
    /// `not_found` where there is none; else see [`ServiceError`].
    pub async fn dataset(&self, accession: &str) -> Result<Dataset> {
        // Its words are parts of others' too; the list is in the order of accessions, so it comes before longer ones.
        let found = self.datasets(&[accession.to_owned()], "", 1_000).await?;
        found.into_iter().find(|dataset| dataset.accession == accession).ok_or_else(|| {
            let sentence = format!(
                "Dataset not found: there is none with the accession {accession}; look with `exeat datasets list`."
            );
            ServiceError::refused("not_found", sentence)
        })
    }

    /// The site's time zone: days begin in it.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn site_zone(&self) -> Result<Tz> {
        let settings = self.asked(self.db.list_settings().await)?;
        let zone = settings.iter().find(|setting| setting.name == "site.zone").and_then(|zone| zone.value.as_str());
        zone.unwrap_or("UTC").parse().map_err(|_| {
            ServiceError::Config(
                "The site's time zone is not known to this exeat: an administrator can set site.zone to another name."
                    .to_owned(),
            )
        })
    }

    pub(super) fn asked<T>(&self, result: std::result::Result<T, DbError>) -> Result<T> {
        result.map_err(|error| self.told(error))
    }
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|why| ServiceError::Usage(format!("The filter cannot be sent ({why}).")))
}
