//! Reading access requests and grants. Called by the desk's two tabs and `cli`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;

use super::{Result, Service, ServiceError};
use crate::db::{AccessCommentRow, AccessHistoryRow, DbError};
use crate::domain::access::{
    AccessCheck, AccessRequest, AccessSort, Dataset, Grant, GrantFilter, GrantId, RequestDefaults, RequestFilter,
    RequestId,
};
use crate::domain::page::{Cursor, Page, Total};

impl Service {
    /// One page of the requests one may see: at most `page` rows after the cursor.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn requests(
        &self,
        filter: &RequestFilter,
        sort: AccessSort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<AccessRequest>> {
        self.asked(self.db.list_requests(&json(filter)?, sort, after, page).await)
    }

    /// How many requests a filter matches.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn count_requests(&self, filter: &RequestFilter) -> Result<Total> {
        self.asked(self.db.count_requests(&json(filter)?).await)
    }

    /// The requests of these ids that one may see, in the order of the ids. The whole text is there if it is one.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn request_rows(&self, ids: &[RequestId]) -> Result<Vec<AccessRequest>> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        self.asked(self.db.request_rows(&ids).await)
    }

    /// One request with its whole text.
    ///
    /// # Errors
    /// `not_found` also for what one may not see; else see [`ServiceError`].
    pub async fn request(&self, id: RequestId) -> Result<AccessRequest> {
        self.request_rows(&[id]).await?.pop().ok_or_else(|| {
            ServiceError::refused(
                "not_found",
                format!("There is no access request {id} that you may see: look with `exeat requests list`."),
            )
        })
    }

    /// What happened to a request, oldest first; nothing for what one may not see.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn request_history(&self, id: RequestId) -> Result<Vec<AccessHistoryRow>> {
        self.asked(self.db.access_history(&format!("request:{id}")).await)
    }

    /// The stewards' comments on a request; nothing for its requester.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn request_comments(&self, id: RequestId) -> Result<Vec<AccessCommentRow>> {
        self.asked(self.db.request_comments(id).await)
    }

    /// What a form for a new request starts from, and its bounds.
    ///
    /// # Errors
    /// `not_found` where the dataset is not offered; else see [`ServiceError`].
    pub async fn request_defaults(&self, dataset: &str) -> Result<RequestDefaults> {
        self.asked(self.db.request_defaults(dataset).await)?.ok_or_else(|| {
            ServiceError::refused("not_found", "Dataset not found: look with `exeat datasets list`.".to_owned())
        })
    }

    /// One page of the grants one may see.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn grants(
        &self,
        filter: &GrantFilter,
        sort: AccessSort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<Grant>> {
        self.asked(self.db.list_grants(&json(filter)?, sort, after, page).await)
    }

    /// How many grants a filter matches.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn count_grants(&self, filter: &GrantFilter) -> Result<Total> {
        self.asked(self.db.count_grants(&json(filter)?).await)
    }

    /// The grants of these ids that one may see, in the order of the ids.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn grant_rows(&self, ids: &[GrantId]) -> Result<Vec<Grant>> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        self.asked(self.db.grant_rows(&ids).await)
    }

    /// One grant.
    ///
    /// # Errors
    /// `not_found` also for what one may not see; else see [`ServiceError`].
    pub async fn access_grant(&self, id: GrantId) -> Result<Grant> {
        self.grant_rows(&[id]).await?.pop().ok_or_else(|| {
            ServiceError::refused(
                "not_found",
                format!("There is no grant {id} that you may see: look with `exeat grants list`."),
            )
        })
    }

    /// What happened to a grant, the decision that made it included, oldest first.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn grant_history(&self, id: GrantId) -> Result<Vec<AccessHistoryRow>> {
        self.asked(self.db.access_history(&format!("grant:{id}")).await)
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
