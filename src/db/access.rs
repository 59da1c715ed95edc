//! Access requests and grants: checks and datasets. Called by `service::access`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Db, DbError, on_connection};
use crate::domain::access::{AccessCheck, Dataset, GrantId, RequestDefaults};
use crate::domain::refusal::Refusal;

/// One of the site's numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingRow {
    /// Its name, such as `access.lead_days`.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Whether nobody ever set it.
    pub is_default: bool,
}

impl Db {
    /// Has the person access? The error side is what one may not ask.
    pub(crate) async fn access_check(
        &self,
        login: &str,
        dataset: &str,
        at: Option<DateTime<Utc>>,
    ) -> Result<AccessCheck, DbError> {
        let row = on_connection!(self, |conn| {
            sqlx::query!(
            r#"select access as "access!", until, code, message, grants as "grants!" from exeat.access_check($1, $2, $3)"#,
            login,
            dataset,
            at
        )
        .fetch_one(conn)
        })?;
        Ok(AccessCheck {
            access: row.access,
            until: row.until,
            last_day: None,
            why_not: row.code.map(|code| Refusal { code, message: row.message.unwrap_or_default() }),
            grants: row.grants.into_iter().map(GrantId).collect(),
        })
    }

    /// Datasets in the order of their accessions, after one of them.
    pub(crate) async fn list_datasets(
        &self,
        words: &[String],
        after: &str,
        page: u32,
    ) -> Result<Vec<Dataset>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            Dataset,
            r#"select accession as "accession!", title as "title!", description as "description!",
                    dac_alias as "dac_alias!", dac_email as "dac_email!", removed as "removed!"
                from exeat.list_datasets($1, $2, $3)"#,
            words,
            after,
            i32::try_from(page.clamp(1, 1_000)).unwrap_or(1_000)
        )
        .fetch_all(conn))
    }

    /// What a form for a new request starts from; none where the dataset is not offered.
    pub(crate) async fn request_defaults(&self, dataset: &str) -> Result<Option<RequestDefaults>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            RequestDefaults,
            r#"select dataset_id as "dataset_id!", dataset_title as "dataset_title!", request_text as "request_text!",
                    coalesce(email, '') as "email!", access_starts as "access_starts!", access_ends as "access_ends!",
                    latest_start as "latest_start!", shortest_days as "shortest_days!", longest_days as "longest_days!",
                    text_limit as "text_limit!", zone as "zone!" from exeat.request_defaults($1)"#,
            dataset
        )
        .fetch_optional(conn))
    }
}
