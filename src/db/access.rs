//! Access requests and grants: rows, checks, commands. Called by `service::access`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Db, DbError, on_connection};
use crate::domain::access::{
    AccessCheck, AccessRequest, AccessSort, Dataset, Grant, GrantId, RequestDefaults, RequestId,
};
use crate::domain::page::{Cursor, Page, Total};
use crate::domain::refusal::Refusal;
use crate::text::Untrusted;

/// The columns of `access_row` that matter here.
struct AccessRow {
    item: Value,
    cursor: Option<Value>,
}

fn understood<T: DeserializeOwned>(item: Value) -> Result<T, DbError> {
    serde_json::from_value(item).map_err(|error| DbError::Row(error.to_string()))
}

fn paged<T: DeserializeOwned>(rows: Vec<AccessRow>, page: u32) -> Result<Page<T>, DbError> {
    let full = rows.len() >= page as usize;
    let next = rows.last().and_then(|row| row.cursor.clone()).filter(|_| full).map(Cursor);
    let places = rows.iter().map(|row| row.cursor.clone().map(Cursor)).collect();
    let items = rows.into_iter().map(|row| understood(row.item)).collect::<Result<_, _>>()?;
    Ok(Page { items, next, places })
}

/// One line of the history of a request or grant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccessHistoryRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Login; none where the reader may not know.
    pub actor: Option<String>,
    /// The command.
    pub command: String,
    /// Whether it was done.
    pub ok: bool,
    /// `done`, or the code of the rule that refused.
    pub code: String,
    /// What the person was told.
    pub sentence: Untrusted,
    /// What the command was about; empty for requesters.
    pub detail: Value,
}

/// A comment among stewards.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccessCommentRow {
    /// Login.
    pub author: String,
    /// Full name.
    pub author_name: Untrusted,
    /// The text.
    pub body: Untrusted,
    /// When.
    pub at: DateTime<Utc>,
}

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
    /// One page of the requests.
    pub(crate) async fn list_requests(
        &self,
        filter: &Value,
        sort: AccessSort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<AccessRequest>, DbError> {
        // The database gives at most so many at once.
        let page = page.clamp(1, 1_000);
        let rows = on_connection!(self, |conn| sqlx::query_as!(
            AccessRow,
            r#"select item as "item!", cursor from exeat.list_requests($1, $2, $3, $4, $5)"#,
            filter,
            sort.field.word(),
            sort.descending,
            after.map(|cursor| &cursor.0),
            i32::try_from(page).unwrap_or(1_000),
        )
        .fetch_all(conn))?;
        paged(rows, page)
    }

    /// One page of the grants.
    pub(crate) async fn list_grants(
        &self,
        filter: &Value,
        sort: AccessSort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<Grant>, DbError> {
        let page = page.clamp(1, 1_000);
        let rows = on_connection!(self, |conn| sqlx::query_as!(
            AccessRow,
            r#"select item as "item!", cursor from exeat.list_grants($1, $2, $3, $4, $5)"#,
            filter,
            sort.field.word(),
            sort.descending,
            after.map(|cursor| &cursor.0),
            i32::try_from(page).unwrap_or(1_000),
        )
        .fetch_all(conn))?;
        paged(rows, page)
    }

    /// How many requests the filter matches.
    pub(crate) async fn count_requests(&self, filter: &Value) -> Result<Total, DbError> {
        let row = on_connection!(self, |conn| sqlx::query!(
            r#"select total as "total!", more as "more!" from exeat.count_requests($1)"#,
            filter
        )
        .fetch_one(conn))?;
        Ok(Total { counted: u64::try_from(row.total).unwrap_or(0), more: row.more })
    }

    /// How many grants the filter matches.
    pub(crate) async fn count_grants(&self, filter: &Value) -> Result<Total, DbError> {
        let row = on_connection!(self, |conn| sqlx::query!(
            r#"select total as "total!", more as "more!" from exeat.count_grants($1)"#,
            filter
        )
        .fetch_one(conn))?;
        Ok(Total { counted: u64::try_from(row.total).unwrap_or(0), more: row.more })
    }

    /// The requests of these ids that the caller may see, in their order; the whole text where it is one.
    pub(crate) async fn request_rows(&self, ids: &[i64]) -> Result<Vec<AccessRequest>, DbError> {
        let rows = on_connection!(self, |conn| sqlx::query_scalar!(
            r#"select item as "item!" from exeat.request_rows($1)"#,
            ids
        )
        .fetch_all(conn))?;
        rows.into_iter().map(understood).collect()
    }

    /// The grants of these ids that the caller may see, in their order.
    pub(crate) async fn grant_rows(&self, ids: &[i64]) -> Result<Vec<Grant>, DbError> {
        let rows = on_connection!(self, |conn| sqlx::query_scalar!(
            r#"select item as "item!" from exeat.grant_rows($1)"#,
            ids
        )
        .fetch_all(conn))?;
        rows.into_iter().map(understood).collect()
    }

    /// What happened to `request:ID` or `grant:ID`, oldest first.
    pub(crate) async fn access_history(&self, subject: &str) -> Result<Vec<AccessHistoryRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            AccessHistoryRow,
            r#"select at as "at!", actor, command as "command!", ok as "ok!", code as "code!", sentence as "sentence!",
                    detail as "detail!" from exeat.access_history($1)"#,
            subject
        )
        .fetch_all(conn))
    }

    /// The stewards' comments on a request.
    pub(crate) async fn request_comments(&self, id: RequestId) -> Result<Vec<AccessCommentRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            AccessCommentRow,
            r#"select author as "author!", author_name as "author_name!", body as "body!", at as "at!"
                from exeat.request_comments_of($1)"#,
            id.0
        )
        .fetch_all(conn))
    }

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
