//! The words of `exeat egress`. Part of [`super`].

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{JsonArgs, ListArgs, SentArgs, SentEachArgs};
use crate::domain::egress::VersionId;

/// `exeat egress …`
#[derive(Debug, Subcommand)]
pub enum EgressCommand {
    /// The files one may see, newest first.
    List(ListArgs),
    /// Everything about one file version.
    Show(ShowArgs),
    /// Looks inside.
    Preview(PreviewArgs),
    /// Asks for files to go out; returns once intake has bound them.
    Submit(SubmitArgs),
    /// Votes that it may go out.
    Approve(VoteArgs),
    /// Votes that it may not; the comment says why.
    Reject(VoteArgs),
    /// Asks for changes; the comment says which.
    RequestChanges(VoteArgs),
    /// Adds a comment.
    Comment(CommentArgs),
    /// Tells the others that one is looking at it.
    Claim(CommandArgs),
    /// Tells the others that one no longer is.
    Unclaim(CommandArgs),
    /// Takes one's own submitted file back, or what of a submission has not come.
    Withdraw(WithdrawArgs),
    /// Takes one's own vote back while the file is held.
    Undo(CaseArgs),
    /// What happened to the file, all its versions.
    History(ShowArgs),
    /// Asks for an intake pass and waits for its end.
    Refresh(RefreshArgs),
    /// Downloads a released file.
    Download(DownloadArgs),
    /// Stops the downloads of a released file and takes the shared copy away.
    Recall(CaseArgs),
    /// Proposes, or as the second person confirms, that a recalled file is opened for votes again.
    Restore(CaseArgs),
}

/// One file version.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The file version's id.
    pub id: VersionId,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `egress preview`
#[derive(Args, Debug)]
pub struct PreviewArgs {
    /// The file version's id.
    pub id: VersionId,
    /// How many rows or lines.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rows: u32,
    /// How many rows or lines to pass over; everything up to there is read for it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: u64,
    /// At which byte to begin instead, as `next` of the page before says.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "offset")]
    pub byte: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `egress submit`
#[derive(Args, Debug)]
pub struct SubmitArgs {
    /// Files, and folders with everything below them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The project's id.
    #[arg(long)]
    pub project: String,
    /// Where they should go, such as `trusted` or `world`.
    #[arg(long)]
    pub destination: String,
    /// The folder their keys are below: a corrected `results/a.csv` submitted with `--under results` is the next version of
    /// the one that came with all of `results`. Without it a file's key is its name alone.
    #[arg(long, value_name = "FOLDER")]
    pub under: Option<String>,
    /// What for.
    #[arg(long, value_name = "TEXT")]
    pub purpose: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `egress approve`, `reject`, `request-changes`
#[derive(Args, Debug)]
pub struct VoteArgs {
    /// The file versions' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<VersionId>,
    /// For which destination; may be left out if there is only one.
    #[arg(long)]
    pub destination: Option<String>,
    /// The SHA-256 of the bytes you looked at, one for each id, in order.
    #[arg(long, value_name = "HEX")]
    pub sha256: Vec<String>,
    /// Why; needed for reject and request-changes.
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// The row version you saw: if it moved since, the vote is refused. One for each id, in order.
    #[arg(long, value_name = "N")]
    pub row_version: Vec<i64>,
    /// How many of them you never opened; needed to approve these where the policy asks.
    #[arg(long, value_name = "N")]
    pub unseen: Option<usize>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `egress comment`
#[derive(Args, Debug)]
pub struct CommentArgs {
    /// The file version's id.
    pub id: VersionId,
    /// The comment.
    pub text: String,
    /// For checkers only.
    #[arg(long)]
    pub internal: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// A command on file versions.
#[derive(Args, Debug)]
pub struct CommandArgs {
    /// The file versions' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<VersionId>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// A command on cases.
#[derive(Args, Debug)]
pub struct CaseArgs {
    /// The file versions' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<VersionId>,
    /// For which destination; may be left out if there is only one.
    #[arg(long)]
    pub destination: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", alias = "comment")]
    pub reason: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `egress withdraw`
#[derive(Args, Debug)]
pub struct WithdrawArgs {
    /// The file versions' ids.
    #[arg(required_unless_present = "submission", value_name = "ID")]
    pub ids: Vec<VersionId>,
    /// Instead of files that are there: everything of this submission of one's own whose bytes have not come.
    #[arg(long, value_name = "ID", conflicts_with_all = ["ids", "destination", "reason"])]
    pub submission: Option<i64>,
    /// From which destination; may be left out if there is only one.
    #[arg(long)]
    pub destination: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", alias = "comment")]
    pub reason: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `egress refresh`
#[derive(Args, Debug)]
pub struct RefreshArgs {
    /// Only this project.
    #[arg(long)]
    pub project: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `egress download`
#[derive(Args, Debug)]
pub struct DownloadArgs {
    /// The file versions' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<VersionId>,
    /// The folder to put them below.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}
