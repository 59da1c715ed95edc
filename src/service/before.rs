//! Commands as the desk's runtime still says them, each as the [`Command`] it is. It goes with the last of them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Result, Service};
use crate::domain::access::{GrantId, RequestId, RevokeClass};
use crate::domain::command::{Command, RequestChanges};
use crate::domain::egress::VersionId;
use crate::domain::refusal::Answer;
use crate::domain::vote::VoteRequest;

/// A command on one case that may need a reason.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "it goes with the desk's own")]
pub struct CaseRequest {
    pub command_id: Uuid,
    pub id: VersionId,
    pub destination: Option<String>,
    pub reason: Option<String>,
}

/// A comment on a file version.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "it goes with the desk's own")]
pub struct CommentRequest {
    pub command_id: Uuid,
    pub id: VersionId,
    pub body: String,
    pub internal: bool,
}

/// What a person asks for.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "it goes with the desk's own")]
pub struct NewRequest {
    pub command_id: Uuid,
    pub dataset: String,
    pub text: String,
    pub starts: Option<DateTime<Utc>>,
    pub ends: Option<DateTime<Utc>>,
    pub email: Option<String>,
    pub iva: Option<Uuid>,
}

/// Allowing a request.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "it goes with the desk's own")]
pub struct AllowRequest {
    pub command_id: Uuid,
    pub starts: Option<DateTime<Utc>>,
    pub ends: Option<DateTime<Utc>>,
    pub iva: Option<Uuid>,
    pub note: Option<String>,
    pub seen_row_version: Option<i64>,
}

#[expect(missing_docs, clippy::missing_errors_doc, reason = "they go with the desk's own")]
impl Service {
    pub async fn vote(&self, vote: &VoteRequest) -> Result<Answer> {
        let VoteRequest { command_id, id, destination, kind, sha256, comment, seen_row_version, coverage } =
            vote.clone();
        let comment = (!comment.is_empty()).then_some(comment);
        let vote = Command::CastVote { version: id, destination, kind, sha256, comment, seen_row_version, coverage };
        self.carry_out(command_id, &vote).await
    }

    pub async fn undo(&self, case: &CaseRequest) -> Result<Answer> {
        let CaseRequest { command_id, id: version, destination, .. } = case.clone();
        self.carry_out(command_id, &Command::UndoVote { version, destination }).await
    }

    pub async fn withdraw(&self, case: &CaseRequest) -> Result<Answer> {
        let CaseRequest { command_id, id: version, destination, reason } = case.clone();
        self.carry_out(command_id, &Command::Withdraw { version, destination, reason }).await
    }

    pub async fn recall(&self, case: &CaseRequest) -> Result<Answer> {
        let CaseRequest { command_id, id: version, destination, reason } = case.clone();
        self.carry_out(command_id, &Command::Recall { version, destination, reason }).await
    }

    pub async fn restore(&self, case: &CaseRequest) -> Result<Answer> {
        let CaseRequest { command_id, id: version, destination, reason } = case.clone();
        self.carry_out(command_id, &Command::Restore { version, destination, reason }).await
    }

    pub async fn claim(&self, command_id: Uuid, version: VersionId) -> Result<Answer> {
        self.carry_out(command_id, &Command::Claim { version }).await
    }

    pub async fn unclaim(&self, command_id: Uuid, version: VersionId) -> Result<Answer> {
        self.carry_out(command_id, &Command::Unclaim { version }).await
    }

    pub async fn comment(&self, comment: &CommentRequest) -> Result<Answer> {
        let CommentRequest { command_id, id: version, body, internal } = comment.clone();
        self.carry_out(command_id, &Command::AddComment { version, body, internal }).await
    }

    pub async fn new_request(&self, new: &NewRequest) -> Result<Answer> {
        let NewRequest { command_id, dataset, text, starts, ends, email, iva } = new.clone();
        self.carry_out(command_id, &Command::NewRequest { dataset, text, starts, ends, email, iva }).await
    }

    pub async fn edit_request(
        &self,
        command_id: Uuid,
        request: RequestId,
        changes: &RequestChanges,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        let edit = Command::EditRequest { request, changes: changes.clone(), seen_row_version };
        self.carry_out(command_id, &edit).await
    }

    pub async fn allow_request(&self, request: RequestId, allow: &AllowRequest) -> Result<Answer> {
        let AllowRequest { command_id, starts, ends, iva, note, seen_row_version } = allow.clone();
        let allow = Command::AllowRequest { request, starts, ends, iva, note, seen_row_version };
        self.carry_out(command_id, &allow).await
    }

    pub async fn deny_request(
        &self,
        command_id: Uuid,
        request: RequestId,
        reason: &str,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        let deny = Command::DenyRequest { request, reason: reason.to_owned(), seen_row_version };
        self.carry_out(command_id, &deny).await
    }

    pub async fn claim_request(&self, command_id: Uuid, request: RequestId) -> Result<Answer> {
        self.carry_out(command_id, &Command::ClaimRequest { request }).await
    }

    pub async fn unclaim_request(&self, command_id: Uuid, request: RequestId) -> Result<Answer> {
        self.carry_out(command_id, &Command::UnclaimRequest { request }).await
    }

    pub async fn comment_request(&self, command_id: Uuid, request: RequestId, body: &str) -> Result<Answer> {
        self.carry_out(command_id, &Command::CommentRequest { request, body: body.to_owned() }).await
    }

    pub async fn amend_grant(
        &self,
        command_id: Uuid,
        grant: GrantId,
        until: DateTime<Utc>,
        reason: &str,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        let amend = Command::AmendGrant { grant, until, reason: reason.to_owned(), seen_row_version };
        self.carry_out(command_id, &amend).await
    }

    pub async fn revoke_grant(
        &self,
        command_id: Uuid,
        grant: GrantId,
        class: RevokeClass,
        reason: &str,
        seen_row_version: Option<i64>,
    ) -> Result<Answer> {
        let revoke = Command::RevokeGrant { grant, class, reason: reason.to_owned(), seen_row_version };
        self.carry_out(command_id, &revoke).await
    }
}
