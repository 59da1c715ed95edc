//! Access requests and grants: rows, checks, commands. Called by `service::access`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, command, on_connection};
use crate::domain::access::{
    AccessCheck, AccessRequest, AccessSort, Dataset, Grant, GrantId, RequestDefaults, RequestId,
};
use crate::domain::page::{Cursor, Page, Total};
use crate::domain::refusal::{Answer, Refusal};
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

/// What a person asks for.
#[derive(Clone, Debug, Default)]
pub struct NewRequest {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// The dataset's accession.
    pub dataset: String,
    /// Why.
    pub text: String,
    /// From when; now where it is absent.
    pub starts: Option<DateTime<Utc>>,
    /// Until when; the site's usual length where it is absent.
    pub ends: Option<DateTime<Utc>>,
    /// Where to write to; the registered address where it is absent.
    pub email: Option<String>,
    /// Which of one's identity verifications.
    pub iva: Option<Uuid>,
}

/// Allowing a request. What is absent stays as the request has it.
#[derive(Clone, Debug, Default)]
pub struct AllowRequest {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// From when.
    pub starts: Option<DateTime<Utc>>,
    /// Until when.
    pub ends: Option<DateTime<Utc>>,
    /// Which identity verification.
    pub iva: Option<Uuid>,
    /// The note to the requester; an empty one clears it.
    pub note: Option<String>,
    /// The row version seen: if it moved since, it is refused.
    pub seen_row_version: Option<i64>,
}

/// A grant by hand.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// Who.
    pub login: String,
    /// The dataset's accession.
    pub dataset: String,
    /// From when; now where it is absent.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Which identity verification.
    pub iva: Option<Uuid>,
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

    /// Asks for access.
    pub(crate) async fn new_request(&self, new: &NewRequest) -> Result<Answer, DbError> {
        command!(
            self,
            "new_request($1, $2, $3, $4, $5, $6, $7)",
            new.command_id,
            new.dataset,
            new.text,
            new.starts,
            new.ends,
            new.email.as_deref(),
            new.iva
        )
    }

    /// Changes named fields of a request.
    pub(crate) async fn edit_request(
        &self,
        command_id: Uuid,
        id: RequestId,
        changes: &Value,
        seen: Option<i64>,
    ) -> Result<Answer, DbError> {
        command!(self, "edit_request($1, $2, $3, $4)", command_id, id.0, changes, seen)
    }

    /// Allows a request.
    pub(crate) async fn allow_request(&self, id: RequestId, allow: &AllowRequest) -> Result<Answer, DbError> {
        command!(
            self,
            "allow_request($1, $2, $3, $4, $5, $6, $7)",
            allow.command_id,
            id.0,
            allow.starts,
            allow.ends,
            allow.iva,
            allow.note.as_deref(),
            allow.seen_row_version
        )
    }

    /// Denies a request.
    pub(crate) async fn deny_request(
        &self,
        command_id: Uuid,
        id: RequestId,
        reason: &str,
        seen: Option<i64>,
    ) -> Result<Answer, DbError> {
        command!(self, "deny_request($1, $2, $3, $4)", command_id, id.0, reason, seen)
    }

    /// Says that one is looking at it.
    pub(crate) async fn claim_request(&self, command_id: Uuid, id: RequestId) -> Result<Answer, DbError> {
        command!(self, "claim_request($1, $2)", command_id, id.0)
    }

    /// Says that one no longer is.
    pub(crate) async fn unclaim_request(&self, command_id: Uuid, id: RequestId) -> Result<Answer, DbError> {
        command!(self, "unclaim_request($1, $2)", command_id, id.0)
    }

    /// Adds a comment for stewards.
    pub(crate) async fn comment_request(&self, command_id: Uuid, id: RequestId, body: &str) -> Result<Answer, DbError> {
        command!(self, "comment_request($1, $2, $3)", command_id, id.0, body)
    }

    /// Gives a grant by hand.
    pub(crate) async fn add_grant(&self, new: &NewGrant) -> Result<Answer, DbError> {
        command!(
            self,
            "add_grant($1, $2, $3, $4, $5, $6)",
            new.command_id,
            new.login,
            new.dataset,
            new.from,
            new.until,
            new.iva
        )
    }

    /// Shortens or extends a grant.
    pub(crate) async fn amend_grant(
        &self,
        command_id: Uuid,
        id: GrantId,
        until: DateTime<Utc>,
        reason: &str,
        seen: Option<i64>,
    ) -> Result<Answer, DbError> {
        command!(self, "amend_grant($1, $2, $3, $4, $5)", command_id, id.0, until, reason, seen)
    }

    /// Takes a grant back.
    pub(crate) async fn revoke_grant(
        &self,
        command_id: Uuid,
        id: GrantId,
        class: &str,
        reason: &str,
        seen: Option<i64>,
    ) -> Result<Answer, DbError> {
        command!(self, "revoke_grant($1, $2, $3, $4, $5)", command_id, id.0, class, reason, seen)
    }
}
