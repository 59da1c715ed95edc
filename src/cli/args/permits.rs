//! The words of `exeat permits` and `workspaces`. Part of [`super`].

use clap::{Args, Subcommand, ValueEnum};

use super::{JsonArgs, ListArgs, SentArgs};
use crate::domain::access::{GrantId, RequestId};
use crate::domain::permit::{Move, PermitId};
use crate::domain::query::When;

/// `exeat permits …`
#[derive(Debug, Subcommand)]
pub enum PermitsCommand {
    /// The permits one may see, newest first.
    List(ListArgs),
    /// Everything about one permit.
    Show(PermitArgs),
    /// Issues a permit, by hand or from an allowed request.
    Issue(PermitIssueArgs),
    /// Lets the data holders upload.
    InitiateIngress(PermitMoveArgs),
    /// Says that the data is there: a data holder for theirs, a permit manager for all.
    ConfirmUpload(PermitMoveArgs),
    /// Hands prepared data or a workspace to its reviewer, approves it, or asks for it once more.
    Review(PermitReviewArgs),
    /// Hands the workspace to its reviewer.
    SubmitForReview(PermitMoveArgs),
    /// Lets the analysis stand still.
    Pause(PermitMoveArgs),
    /// Lets it go on.
    Resume(PermitMoveArgs),
    /// Ends it; the volumes are kept.
    Archive(PermitMoveArgs),
    /// Takes it back, or confirms that as the second permit manager.
    Revoke(PermitMoveArgs),
    /// Lets all of it go, or confirms that as the second administrator.
    Delete(PermitMoveArgs),
    /// Takes back what one asked for while it waits for a second person.
    TakeBack(PermitMoveArgs),
    /// Its outputs, or with --submit a new one.
    Outputs(PermitOutputsArgs),
    /// Its teams; or with --add and --end, who is on them.
    Team(PermitTeamArgs),
    /// What happened to it.
    Activity(PermitArgs),
    /// Its life: where it was when, where it stands, and what can follow.
    Life(PermitArgs),
}

/// `exeat workspaces …`
#[derive(Debug, Subcommand)]
pub enum WorkspacesCommand {
    /// What the workspaces of the permits one may see should be, and are.
    List(ListArgs),
    /// The same of one permit.
    Show(PermitArgs),
    /// Says what a workspace is, for a provisioning service.
    Report(WorkspaceReportArgs),
    /// Lets the research team's workspace run.
    Start(PermitMoveArgs),
    /// Lets it stop.
    Stop(PermitMoveArgs),
}

/// One permit.
#[derive(Args, Debug)]
pub struct PermitArgs {
    /// The permit's id.
    pub id: PermitId,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// What every move takes.
#[derive(Args, Debug)]
pub struct PermitMoveArgs {
    /// The permit's id.
    pub id: PermitId,
    /// Why; needed to revoke.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The row version you saw: if it moved since, this is refused.
    #[arg(long, value_name = "N")]
    pub row_version: Option<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// What is reviewed.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewStage {
    /// The prepared data.
    Preparation,
    /// The workspace.
    Setup,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewDecision {
    /// It waits for its reviewer.
    SubmitForReview,
    /// It is good.
    Approved,
    /// It has to be done once more.
    ReworkRequested,
}

/// `permits review`
#[derive(Args, Debug)]
pub struct PermitReviewArgs {
    /// The permit's id.
    pub id: PermitId,
    /// What is reviewed.
    #[arg(ignore_case = true)]
    pub stage: ReviewStage,
    /// What becomes of it.
    #[arg(ignore_case = true)]
    pub decision: ReviewDecision,
    /// Words with it; needed to ask for rework.
    #[arg(long, value_name = "TEXT", alias = "reason")]
    pub comments: Option<String>,
    /// The row version you saw: if it moved since, this is refused.
    #[arg(long, value_name = "N")]
    pub row_version: Option<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

impl PermitReviewArgs {
    /// The move that is.
    #[must_use]
    pub fn step(&self) -> Move {
        match (self.stage, self.decision) {
            (ReviewStage::Preparation, ReviewDecision::SubmitForReview) => Move::SubmitPreparation,
            (ReviewStage::Preparation, ReviewDecision::Approved) => Move::ApprovePreparation,
            (ReviewStage::Preparation, ReviewDecision::ReworkRequested) => Move::ReworkPreparation,
            (ReviewStage::Setup, ReviewDecision::SubmitForReview) => Move::SubmitSetup,
            (ReviewStage::Setup, ReviewDecision::Approved) => Move::ApproveSetup,
            (ReviewStage::Setup, ReviewDecision::ReworkRequested) => Move::ReworkSetup,
        }
    }
}

/// `permits issue`
#[derive(Args, Debug)]
pub struct PermitIssueArgs {
    /// The project.
    #[arg(long, value_name = "ID")]
    pub project: String,
    /// What it is for, in one line; that of the request's dataset where it is absent.
    #[arg(long, required_unless_present = "request")]
    pub title: Option<String>,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub purpose: Option<String>,
    /// An allowed access request: its person investigates, its dataset and grant belong to the permit.
    #[arg(long, value_name = "ID")]
    pub request: Option<RequestId>,
    /// A dataset's accession; may be given several times.
    #[arg(long, value_name = "ACCESSION")]
    pub dataset: Vec<String>,
    /// A grant the permit is issued on: without one of them live its analysis pauses. May be given several times.
    #[arg(long, value_name = "ID")]
    pub grant: Vec<GrantId>,
    /// Somebody on a team, as ROLE:LOGIN; may be given several times.
    #[arg(long, value_name = "ROLE:LOGIN")]
    pub team: Vec<String>,
    /// From when (YYYY-MM-DD in the site's time zone, or RFC 3339); now where it is absent.
    #[arg(long, value_name = "TIME")]
    pub from: Option<When>,
    /// Until when; the end of the request's access where it is absent.
    #[arg(long, value_name = "TIME", required_unless_present = "request")]
    pub until: Option<When>,
    /// The site's own reference; one is made where it is absent.
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `permits outputs`
#[derive(Args, Debug)]
pub struct PermitOutputsArgs {
    /// The permit's id.
    pub id: PermitId,
    /// Submits the files of this folder below the project's location.
    #[arg(long, value_name = "FOLDER", requires = "description")]
    pub submit: Option<String>,
    /// What they are.
    #[arg(long, value_name = "TEXT", requires = "submit")]
    pub description: Option<String>,
    /// As the next version of this output, which has to be in rework.
    #[arg(long, value_name = "N", requires = "submit")]
    pub again: Option<i32>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `permits team`
#[derive(Args, Debug)]
pub struct PermitTeamArgs {
    /// The permit's id.
    pub id: PermitId,
    /// Names somebody, as ROLE:LOGIN.
    #[arg(long, value_name = "ROLE:LOGIN", conflicts_with = "end")]
    pub add: Option<String>,
    /// Ends somebody's role, as ROLE:LOGIN.
    #[arg(long, value_name = "ROLE:LOGIN")]
    pub end: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `workspaces report`
#[derive(Args, Debug)]
pub struct WorkspaceReportArgs {
    /// The permit's id.
    pub id: PermitId,
    /// Which of its workspaces: ingress, preprocessing, review or workspace.
    pub kind: String,
    /// The generation that was brought about.
    #[arg(long, value_name = "N")]
    pub generation: i64,
    /// What it is: running, frozen, stopped, absent or failed.
    #[arg(long, value_name = "STATE")]
    pub state: String,
    /// Words with it.
    #[arg(long, value_name = "TEXT")]
    pub detail: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}
