//! Deciding on files: one method a command. Called by the desk and `cli::egress`.

use uuid::Uuid;

use super::{Result, Service};
use crate::domain::egress::VersionId;
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
