//! Everything a person can do, as one type: the desk's dialogs and the command line build a [`Command`], and
//! `service::Service::carry_out` sends it. Its name and its fields are the database's (`exeat.command_list`), so that what is
//! sent, journalled and shown in a history is the same everywhere. What comes as JSON from elsewhere goes to the database as it is,
//! which judges it by name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::access::{GrantId, RequestId, RevokeClass};
use super::egress::VersionId;
use super::permit::{Move, PermitId};
pub use super::verify::trust::Renewal;
use super::vote::VoteKind;

/// One command. What is absent is not sent: the database takes its own default, or says that it is needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", content = "request", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields are the database's, which says what each is and refuses what it may not be"
)]
pub enum Command {
    /// Vote on one case, on exactly the bytes that were seen. `coverage` is what the client says was shown: useful, never proof.
    /// `signed` and `signature` are of the voter's own key (`domain::signed`).
    CastVote {
        version: VersionId,
        destination: Option<String>,
        kind: VoteKind,
        sha256: Option<String>,
        comment: Option<String>,
        seen_row_version: Option<i64>,
        coverage: Option<Value>,
        signed: Option<String>,
        signature: Option<String>,
    },
    /// Take one's own vote back while the case is held or pending.
    UndoVote { version: VersionId, destination: Option<String> },
    /// Take one's own file back.
    Withdraw { version: VersionId, destination: Option<String>, reason: Option<String> },
    /// Take back what of one's own submission has not come.
    WithdrawSubmission { submission: i64 },
    /// Stop the downloads of a released file at once.
    Recall { version: VersionId, destination: Option<String>, reason: Option<String> },
    /// Propose, or as the second person confirm, that a recalled file is opened for votes again.
    Restore { version: VersionId, destination: Option<String>, reason: Option<String> },
    /// Say for half an hour that one is looking at a file.
    Claim { version: VersionId },
    /// Say that one no longer is.
    Unclaim { version: VersionId },
    /// Say something about a file; `internal` is for checkers only.
    AddComment { version: VersionId, body: String, internal: bool },
    /// Register what will be uploaded: `files` as `[{"key", "sha256", "size"}]`.
    RegisterSubmission { project: String, destination: String, purpose: String, files: Value },
    /// Ask for a ticket to upload one registered file.
    AskUpload { registration: i64 },
    /// Ask for a ticket to read one file version.
    AskTicket {
        version: VersionId,
        #[serde(rename = "use")]
        purpose: TicketUse,
    },
    /// Say how a download ended.
    EndDownload { ticket: Uuid, bytes: i64, sha256: Option<String>, completed: bool },
    /// Ask the worker to look at a project's location, or at all of them.
    AskRefresh { project: Option<String> },
    /// Ask for access to a dataset.
    NewRequest {
        dataset: String,
        text: String,
        starts: Option<DateTime<Utc>>,
        ends: Option<DateTime<Utc>>,
        email: Option<String>,
        iva: Option<Uuid>,
    },
    /// Change named fields of a request.
    EditRequest { request: RequestId, changes: RequestChanges, seen_row_version: Option<i64> },
    /// Allow a request; what is absent stays as it was asked for, an empty note clears it.
    AllowRequest {
        request: RequestId,
        starts: Option<DateTime<Utc>>,
        ends: Option<DateTime<Utc>>,
        iva: Option<Uuid>,
        note: Option<String>,
        seen_row_version: Option<i64>,
    },
    /// Deny a request; the requester reads the reason.
    DenyRequest { request: RequestId, reason: String, seen_row_version: Option<i64> },
    /// Say for half an hour that one is looking at a request.
    ClaimRequest { request: RequestId },
    /// Say that one no longer is.
    UnclaimRequest { request: RequestId },
    /// Say something about a request among stewards.
    CommentRequest { request: RequestId, body: String },
    /// Give a grant by hand.
    AddGrant { login: String, dataset: String, from: Option<DateTime<Utc>>, until: DateTime<Utc>, iva: Option<Uuid> },
    /// Shorten or extend a grant.
    AmendGrant { grant: GrantId, until: DateTime<Utc>, reason: String, seen_row_version: Option<i64> },
    /// Take a grant back.
    RevokeGrant { grant: GrantId, class: RevokeClass, reason: String, seen_row_version: Option<i64> },
    /// Add a person.
    AddPerson { login: String, full_name: String, mail: Option<String> },
    /// Say that a database role is a person.
    AddLogin { role: String, login: String },
    /// Give a role, in one project or in all.
    AddMembership {
        login: String,
        project: Option<String>,
        role: String,
        valid_from: Option<DateTime<Utc>>,
        valid_until: Option<DateTime<Utc>>,
    },
    /// End a role.
    EndMembership { login: String, project: Option<String>, role: String },
    /// Say that a database role is a service, which acts for people.
    AddService { name: String, role: String },
    /// End a service, for good.
    EndService { name: String },
    /// Register one's own SSH key: the line of a `.pub` file.
    AddKey { public_key: String },
    /// Confirm, as an administrator, another's key by its fingerprint.
    ConfirmKey { key: i64, fingerprint: String },
    /// End one's own key, or as an administrator another's, for good.
    EndKey { key: i64 },
    /// Propose a project; both locations are written `s3://bucket/prefix/`.
    AddProject { id: String, title: String, purpose: String, location: String, shared_location: String },
    /// Propose other places for a project; none stays as it is.
    MoveProject { project: String, location: Option<String>, shared_location: Option<String>, reason: String },
    /// Propose to close a project for good.
    CloseProject { project: String, reason: String },
    /// Confirm, as the second administrator, what another proposed about a project.
    ConfirmProject { change: i64 },
    /// Take a proposal about a project back, whoever made it.
    DropProjectChange { change: i64 },
    /// Let no bytes of a project move until another administrator resumes it.
    PauseProject { project: String, reason: String },
    /// Resume a project that another administrator paused.
    ResumeProject { project: String, reason: String },
    /// Propose a policy; a stricter one than there is is in force at once.
    SetPolicy { project: String, destination: String, values: Value },
    /// Confirm, as the second administrator, a weaker policy or a destination's first.
    ConfirmPolicy { policy: i64 },
    /// Say, as an administrator, that the journal's key is lost or that the database is that of a backup.
    RenewProof { why: Renewal, public_key: Option<String>, reason: String },
    /// Confirm, as the second administrator, that it is so.
    ConfirmRenewal { renewal: i64 },
    /// Set one of the site's numbers.
    SetSetting { name: String, value: Value },
    /// Take over the site's list of people.
    SyncPeople { rows: Value, dry_run: bool, complete: bool },
    /// Take over the site's list of datasets.
    SyncDatasets { rows: Value, dry_run: bool, complete: bool },
    /// Issue a permit; `datasets` as accessions, `grants` as ids, `team` as `[{"login", "role"}]`.
    IssuePermit {
        project: String,
        title: Option<String>,
        purpose: Option<String>,
        request: Option<RequestId>,
        datasets: Value,
        grants: Value,
        team: Value,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        reference: Option<String>,
    },
    /// Move a permit on in its life, or ask for a move that takes two, or confirm one.
    MovePermit {
        permit: PermitId,
        #[serde(rename = "move")]
        what: Move,
        reason: Option<String>,
        seen_row_version: Option<i64>,
    },
    /// Take back what waits for a second person.
    TakeBackPermit { permit: PermitId, seen_row_version: Option<i64> },
    /// Name somebody on a permit.
    AddToTeam { permit: PermitId, login: String, role: String },
    /// End somebody's role on a permit.
    EndInTeam { permit: PermitId, login: String, role: String },
    /// Submit the files of a folder as an output, or again as the next version of one.
    SubmitOutput { permit: PermitId, folder: String, description: String, output: Option<i32> },
    /// Let a permit's workspace run, or stop.
    SwitchWorkspace { permit: PermitId, running: bool },
    /// Say what a workspace is.
    ReportWorkspace { permit: PermitId, kind: String, generation: i64, state: String, detail: Option<String> },
    /// Say that a person's identity was verified, or no longer is.
    SetIva { login: String, kind: String, verified: bool, iva: Option<Uuid> },
}

/// What a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketUse {
    /// Looking inside.
    Preview,
    /// Taking it.
    Download,
}

/// What to change of a request: what is absent stays; an empty ticket or note is cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestChanges {
    /// Another of the requester's identity verifications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iva_id: Option<Uuid>,
    /// Another start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_starts: Option<DateTime<Utc>>,
    /// Another end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_ends: Option<DateTime<Utc>>,
    /// The site's ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
    /// The note among stewards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_note: Option<String>,
    /// The note the requester reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note_to_requester: Option<String>,
}

impl Command {
    /// Its name in the database and its request, without what is absent.
    ///
    /// # Errors
    /// A value that JSON cannot hold, such as a moment beyond the years it can write.
    pub fn parts(&self) -> Result<(String, Value), serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        let name = whole["command"].as_str().unwrap_or_default().to_owned();
        let mut request = whole["request"].take();
        if let Some(fields) = request.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        Ok((name, request))
    }
}
