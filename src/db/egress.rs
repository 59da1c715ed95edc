//! Commands on file versions. Called by `service::egress`.

use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, command};
use crate::domain::egress::VersionId;
use crate::domain::refusal::Answer;

impl Db {
    /// Casts a vote.
    #[expect(clippy::too_many_arguments, reason = "they are the SQL function's")]
    pub(crate) async fn cast_vote(
        &self,
        command_id: Uuid,
        id: VersionId,
        destination: Option<&str>,
        kind: &str,
        sha256: Option<&str>,
        comment: Option<&str>,
        seen: Option<i64>,
        coverage: Option<&Value>,
    ) -> Result<Answer, DbError> {
        command!(
            self,
            "cast_vote($1, $2, $3, $4, $5, $6, $7, $8)",
            command_id,
            id.0,
            destination,
            kind,
            sha256,
            comment,
            seen,
            coverage
        )
    }

    /// Takes one's own vote back while that is possible.
    pub(crate) async fn undo_vote(
        &self,
        command_id: Uuid,
        id: VersionId,
        destination: Option<&str>,
    ) -> Result<Answer, DbError> {
        command!(self, "undo_vote($1, $2, $3)", command_id, id.0, destination)
    }

    /// Takes one's own file back.
    pub(crate) async fn withdraw(
        &self,
        command_id: Uuid,
        id: VersionId,
        destination: Option<&str>,
        reason: Option<&str>,
    ) -> Result<Answer, DbError> {
        command!(self, "withdraw($1, $2, $3, $4)", command_id, id.0, destination, reason)
    }

    /// Says that one is looking at it.
    pub(crate) async fn claim(&self, command_id: Uuid, id: VersionId) -> Result<Answer, DbError> {
        command!(self, "claim($1, $2)", command_id, id.0)
    }

    /// Says that one no longer is.
    pub(crate) async fn unclaim(&self, command_id: Uuid, id: VersionId) -> Result<Answer, DbError> {
        command!(self, "unclaim($1, $2)", command_id, id.0)
    }

    /// Adds a comment.
    pub(crate) async fn add_comment(
        &self,
        command_id: Uuid,
        id: VersionId,
        body: &str,
        internal: bool,
    ) -> Result<Answer, DbError> {
        command!(self, "add_comment($1, $2, $3, $4)", command_id, id.0, body, internal)
    }

    /// Stops the downloads of a released file.
    pub(crate) async fn recall(
        &self,
        command_id: Uuid,
        id: VersionId,
        destination: Option<&str>,
        reason: &str,
    ) -> Result<Answer, DbError> {
        command!(self, "recall($1, $2, $3, $4)", command_id, id.0, destination, reason)
    }

    /// Proposes, or as the second person confirms, that a recalled file is released again.
    pub(crate) async fn restore(
        &self,
        command_id: Uuid,
        id: VersionId,
        destination: Option<&str>,
        reason: &str,
    ) -> Result<Answer, DbError> {
        command!(self, "restore($1, $2, $3, $4)", command_id, id.0, destination, reason)
    }
}
