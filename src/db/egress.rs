//! Egress rows and commands. Called by `service::egress`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Db, DbError, on_connection};
use crate::domain::case::CaseState;
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::page::{Cursor, Page, Sort, Total};
use crate::text::Untrusted;

/// The columns of `egress_row`.
struct EgressRow {
    id: i64,
    row_version: i64,
    submission: i64,
    turn: i32,
    project: String,
    project_title: String,
    key: Vec<u8>,
    version_id: Option<String>,
    etag: Option<String>,
    sha256: Option<String>,
    size: i64,
    media_type: Option<String>,
    modified_at: DateTime<Utc>,
    submitted_at: DateTime<Utc>,
    submitted_by: Option<String>,
    submitted_by_name: Option<String>,
    purpose: Option<String>,
    state: String,
    blocked_reason: Option<String>,
    destinations: Value,
    findings: Option<Value>,
    claimed_by: Option<String>,
    claimed_until: Option<DateTime<Utc>>,
    file_turn: i32,
    newest: bool,
    cursor: Option<Value>,
}

impl EgressRow {
    /// The item. What of it this program does not understand (the database is another exeat's) is left out and said: one row
    /// never ends the list of all.
    fn into_item(self) -> EgressItem {
        let mut unread = None;
        let (key, key_hex) = match String::from_utf8(self.key) {
            Ok(key) => (key, None),
            Err(error) => {
                let bytes = error.into_bytes();
                (String::from_utf8_lossy(&bytes).into_owned(), Some(hex::encode(bytes)))
            }
        };
        let state = understood(Value::String(self.state), CaseState::Blocked, &mut unread);
        let destinations = understood(self.destinations, BTreeMap::new(), &mut unread);
        let findings = self.findings.map_or_else(Vec::new, |found| understood(found, Vec::new(), &mut unread));
        let blocked_reason = unread.map_or(self.blocked_reason, |why| {
            Some(format!("This exeat cannot read the row whole ({why}): use the one the database was migrated with."))
        });
        EgressItem {
            id: VersionId(self.id),
            row_version: self.row_version,
            submission: self.submission,
            turn: self.turn,
            project: self.project,
            project_title: self.project_title.into(),
            key: key.into(),
            key_hex,
            version_id: self.version_id,
            etag: self.etag,
            sha256: self.sha256,
            // The table takes no negative size.
            size: u64::try_from(self.size).unwrap_or(0),
            media_type: self.media_type,
            modified_at: self.modified_at,
            submitted_at: self.submitted_at,
            submitted_by: self.submitted_by,
            submitted_by_name: self.submitted_by_name.map(Untrusted::from),
            purpose: self.purpose.unwrap_or_default().into(),
            state,
            blocked_reason: blocked_reason.map(Untrusted::from),
            version: self.file_turn,
            newest: self.newest,
            destinations,
            findings,
            claimed_by: self.claimed_by,
            claimed_until: self.claimed_until,
        }
    }
}

/// A part of a row as its type, or `otherwise` and why.
fn understood<T: DeserializeOwned>(part: Value, otherwise: T, unread: &mut Option<String>) -> T {
    serde_json::from_value(part).unwrap_or_else(|error| {
        *unread = Some(error.to_string());
        otherwise
    })
}

/// One vote as the detail shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VoteRow {
    /// The case's destination.
    pub destination: String,
    /// Login.
    pub voter: String,
    /// Full name.
    pub voter_name: Untrusted,
    /// `approve`, `reject` or `changes`.
    pub kind: String,
    /// What they wrote; empty if nothing.
    pub comment: Untrusted,
    /// The bytes it was cast on.
    pub sha256: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it counts now.
    pub counted: bool,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommentRow {
    /// Login.
    pub author: String,
    /// Full name.
    pub author_name: Untrusted,
    /// The text.
    pub body: Untrusted,
    /// Whether only checkers read it.
    pub internal: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// One line of a file's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Login, or the worker's role.
    pub actor: Option<String>,
    /// Full name; empty where it was no person.
    pub actor_name: Untrusted,
    /// The command.
    pub command: String,
    /// Whether it was done.
    pub ok: bool,
    /// `done`, or the code of the rule that refused.
    pub code: String,
    /// What the person was told.
    pub sentence: Untrusted,
    /// What the command was about.
    pub detail: Value,
}

impl Db {
    /// One page of the list.
    pub(crate) async fn list_egress(
        &self,
        filter: &Value,
        sort: Sort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<EgressItem>, DbError> {
        // The database gives at most so many at once.
        let page = page.clamp(1, 1_000);
        let size = i32::try_from(page).unwrap_or(1_000);
        let rows: Vec<EgressRow> = on_connection!(self, |conn| sqlx::query_as!(
            EgressRow,
            r#"select id as "id!", row_version as "row_version!", submission as "submission!", turn as "turn!",
                    project as "project!", project_title as "project_title!", key as "key!", version_id, etag, sha256,
                    size as "size!", media_type, modified_at as "modified_at!", submitted_at as "submitted_at!",
                    submitted_by, submitted_by_name, purpose, state as "state!", blocked_reason,
                    destinations as "destinations!", findings, claimed_by, claimed_until, file_turn as "file_turn!",
                    newest as "newest!", cursor
                from exeat.list_egress($1, $2, $3, $4, $5)"#,
            filter,
            sort.field.name(),
            sort.descending,
            after.map(|cursor| &cursor.0),
            size,
        )
        .fetch_all(conn))?;
        let full = rows.len() >= page as usize;
        let next = rows.last().and_then(|row| row.cursor.clone()).filter(|_| full).map(Cursor);
        let places = rows.iter().map(|row| row.cursor.clone().map(Cursor)).collect();
        let items = rows.into_iter().map(EgressRow::into_item).collect();
        Ok(Page { items, next, places })
    }

    /// How many rows the filter matches.
    pub(crate) async fn count_egress(&self, filter: &Value) -> Result<Total, DbError> {
        let row = on_connection!(self, |conn| sqlx::query!(
            r#"select total as "total!", more as "more!" from exeat.count_egress($1)"#,
            filter
        )
        .fetch_one(conn))?;
        Ok(Total { counted: u64::try_from(row.total).unwrap_or(0), more: row.more })
    }

    /// The rows of these ids that the caller may see, in no promised order.
    pub(crate) async fn egress_rows(&self, ids: &[i64]) -> Result<Vec<EgressItem>, DbError> {
        let rows: Vec<EgressRow> = on_connection!(self, |conn| sqlx::query_as!(
            EgressRow,
            r#"select id as "id!", row_version as "row_version!", submission as "submission!", turn as "turn!",
                    project as "project!", project_title as "project_title!", key as "key!", version_id, etag, sha256,
                    size as "size!", media_type, modified_at as "modified_at!", submitted_at as "submitted_at!",
                    submitted_by, submitted_by_name, purpose, state as "state!", blocked_reason,
                    destinations as "destinations!", findings, claimed_by, claimed_until, file_turn as "file_turn!",
                    newest as "newest!", cursor
                from exeat.egress_rows($1)"#,
            ids,
        )
        .fetch_all(conn))?;
        Ok(rows.into_iter().map(EgressRow::into_item).collect())
    }

    /// The votes on a file version.
    pub(crate) async fn egress_votes(&self, id: VersionId) -> Result<Vec<VoteRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            VoteRow,
            r#"select destination as "destination!", voter as "voter!", voter_name as "voter_name!",
                    kind as "kind!", coalesce(comment, '') as "comment!", sha256, at as "at!", counted as "counted!"
                from exeat.egress_votes($1)"#,
            id.0
        )
        .fetch_all(conn))
    }

    /// The comments on a file version that the caller may read.
    pub(crate) async fn egress_comments(&self, id: VersionId) -> Result<Vec<CommentRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            CommentRow,
            r#"select author as "author!", author_name as "author_name!", body as "body!",
                    internal as "internal!", at as "at!"
                from exeat.egress_comments($1)"#,
            id.0
        )
        .fetch_all(conn))
    }

    /// The history of the file, all its versions.
    pub(crate) async fn egress_history(&self, id: VersionId) -> Result<Vec<HistoryRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            HistoryRow,
            r#"select at as "at!", actor, coalesce(actor_name, '') as "actor_name!", command as "command!", ok as "ok!",
                    code as "code!", sentence as "sentence!", detail as "detail!"
                from exeat.egress_history($1)"#,
            id.0
        )
        .fetch_all(conn))
    }
}
