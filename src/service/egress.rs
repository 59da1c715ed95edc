//! Reading the list and deciding: one method a command. Called by the desk and `cli::egress`.

use serde_json::Value;
use uuid::Uuid;

use super::{CommentRow, HistoryRow, Result, Service, ServiceError, VoteRow};
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::filter::EgressFilter;
use crate::domain::page::{Cursor, Page, Sort, Total};
use crate::domain::refusal::Answer;
use crate::domain::vote::VoteRequest;

/// A command on one case that may need a reason: undo, withdraw, recall, restore.
#[derive(Clone, Debug)]
pub struct CaseRequest {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// The file version.
    pub id: VersionId,
    /// The case's destination; may be absent if there is only one.
    pub destination: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// A comment on a file version.
#[derive(Clone, Debug)]
pub struct CommentRequest {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// The file version.
    pub id: VersionId,
    /// The text.
    pub body: String,
    /// For checkers only.
    pub internal: bool,
}

impl Service {
    /// One page of the list: at most `page` rows after the cursor.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn list(
        &self,
        filter: &EgressFilter,
        sort: Sort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<EgressItem>> {
        let filter = filter_json(filter)?;
        self.db.list_egress(&filter, sort, after, page).await.map_err(|error| self.told(error))
    }

    /// How many rows a filter matches.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn count(&self, filter: &EgressFilter) -> Result<Total> {
        let filter = filter_json(filter)?;
        self.db.count_egress(&filter).await.map_err(|error| self.told(error))
    }

    /// The rows of these ids that one may see, in the order of the ids.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn rows(&self, ids: &[VersionId]) -> Result<Vec<EgressItem>> {
        let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut items = self.db.egress_rows(&numbers).await.map_err(|error| self.told(error))?;
        items.sort_by_key(|item| ids.iter().position(|id| *id == item.id));
        Ok(items)
    }

    /// One file version.
    ///
    /// # Errors
    /// `not_found` also for what one may not see; else see [`ServiceError`].
    pub async fn show(&self, id: VersionId) -> Result<EgressItem> {
        self.rows(&[id]).await?.pop().ok_or_else(|| not_found(id))
    }

    /// The votes on a file version, in the order they were cast.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn votes(&self, id: VersionId) -> Result<Vec<VoteRow>> {
        self.db.egress_votes(id).await.map_err(|error| self.told(error))
    }

    /// The comments on a file version that one may read.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn comments(&self, id: VersionId) -> Result<Vec<CommentRow>> {
        self.db.egress_comments(id).await.map_err(|error| self.told(error))
    }

    /// The history of the file, all its versions, oldest first.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn history(&self, id: VersionId) -> Result<Vec<HistoryRow>> {
        self.db.egress_history(id).await.map_err(|error| self.told(error))
    }

    /// Casts a vote. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn vote(&self, vote: &VoteRequest) -> Result<Answer> {
        self.db
            .cast_vote(
                vote.command_id,
                vote.id,
                vote.destination.as_deref(),
                vote.kind.name(),
                vote.sha256.as_deref(),
                (!vote.comment.is_empty()).then_some(vote.comment.as_str()),
                vote.seen_row_version,
                vote.coverage.as_ref(),
            )
            .await
            .map_err(|error| self.told(error))
    }

    /// Takes one's own vote back while the case is held or pending. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn undo(&self, case: &CaseRequest) -> Result<Answer> {
        self.db.undo_vote(case.command_id, case.id, case.destination.as_deref()).await.map_err(|error| self.told(error))
    }

    /// Takes one's own file back. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn withdraw(&self, case: &CaseRequest) -> Result<Answer> {
        self.db
            .withdraw(case.command_id, case.id, case.destination.as_deref(), case.reason.as_deref())
            .await
            .map_err(|error| self.told(error))
    }

    /// Takes back what of one's own submission has not come. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn withdraw_submission(&self, command_id: Uuid, submission: i64) -> Result<Answer> {
        self.db.withdraw_submission(command_id, submission).await.map_err(|error| self.told(error))
    }

    /// Says that one is looking at it; others see that. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn claim(&self, command_id: Uuid, id: VersionId) -> Result<Answer> {
        self.db.claim(command_id, id).await.map_err(|error| self.told(error))
    }

    /// Says that one no longer is. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn unclaim(&self, command_id: Uuid, id: VersionId) -> Result<Answer> {
        self.db.unclaim(command_id, id).await.map_err(|error| self.told(error))
    }

    /// Adds a comment. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn comment(&self, comment: &CommentRequest) -> Result<Answer> {
        self.db
            .add_comment(comment.command_id, comment.id, &comment.body, comment.internal)
            .await
            .map_err(|error| self.told(error))
    }

    /// Stops the downloads of a released file at once. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn recall(&self, case: &CaseRequest) -> Result<Answer> {
        let reason = case.reason.as_deref().unwrap_or_default();
        self.db
            .recall(case.command_id, case.id, case.destination.as_deref(), reason)
            .await
            .map_err(|error| self.told(error))
    }

    /// Proposes, or as the second person confirms, that a recalled file goes out again. A refusal is an answer.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn restore(&self, case: &CaseRequest) -> Result<Answer> {
        let reason = case.reason.as_deref().unwrap_or_default();
        self.db
            .restore(case.command_id, case.id, case.destination.as_deref(), reason)
            .await
            .map_err(|error| self.told(error))
    }
}

/// The answer about an id that is not there or not for these eyes: the same for both.
pub(super) fn not_found(id: VersionId) -> ServiceError {
    ServiceError::refused(
        "not_found",
        format!("There is no file {id} that you may see: look with `exeat egress list`."),
    )
}

fn filter_json(filter: &EgressFilter) -> Result<Value> {
    serde_json::to_value(filter).map_err(|why| ServiceError::Usage(format!("The filter cannot be sent ({why}).")))
}
