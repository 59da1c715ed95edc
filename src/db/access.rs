//! Access requests and grants: checks, datasets, commands. Called by `service::access`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, command, on_connection};
use crate::domain::access::{AccessCheck, Dataset, GrantId, RequestDefaults, RequestId};
use crate::domain::refusal::{Answer, Refusal};

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
