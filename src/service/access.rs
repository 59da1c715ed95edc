//! What is asked about access beside lists: checks, datasets, what a new request starts from. Called by the desk and `cli`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Result, Service, ServiceError};
use crate::db::DbError;
use crate::domain::access::{AccessCheck, Dataset, RequestDefaults};
use crate::domain::query::last_day;

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

    /// Has the person access to the dataset now, or at a moment; until when; and if not, why not.
    ///
    /// # Errors
    /// `not_found` for a person one may not ask for and for an unknown dataset; else see [`ServiceError`].
    pub async fn access_check(&self, login: &str, dataset: &str, at: Option<DateTime<Utc>>) -> Result<AccessCheck> {
        let check = self.asked(self.db.access_check(login, dataset, at).await)?;
        match check.why_not {
            Some(why) if why.code == "not_found" => Err(why.into()),
            _ => {
                let last_day = match check.until {
                    Some(until) => last_day(until, self.site_zone().await?),
                    None => None,
                };
                Ok(AccessCheck { last_day, ..check })
            }
        }
    }

    /// Datasets whose accession, title or committee contain all the words, in the order of accessions, after one of them.
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
