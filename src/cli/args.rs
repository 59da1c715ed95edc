//! What may be written on the command line: clap types and nothing else, also the source of help. Parsed by `main`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

use crate::domain::egress::VersionId;
use crate::domain::page::Sort;

/// The review desk of a Trusted Research Environment, in a terminal. Without a command it opens the desk.
#[derive(Debug, Parser)]
#[command(name = "exeat", version, propagate_version = true, disable_help_subcommand = true)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do; none opens the desk.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes, before or after its name.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// The configuration file (else `EXEAT_CONFIG`, ~/.config/exeat/config.toml, /etc/exeat/config.toml).
    #[arg(long, global = true, value_name = "FILE", env = "EXEAT_CONFIG")]
    pub config: Option<PathBuf>,
    /// On a local desk: be this person.
    #[arg(long = "as", global = true, value_name = "LOGIN")]
    pub as_login: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Files that want out: list, look inside, decide, download.
    #[command(subcommand)]
    Egress(EgressCommand),
    /// The sealed record of every command.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// People and their roles (for administrators).
    #[command(subcommand, alias = "person")]
    People(PeopleCommand),
    /// Projects and their locations (for administrators).
    #[command(subcommand, alias = "project")]
    Projects(ProjectsCommand),
    /// What a release needs, by project and destination (for administrators).
    #[command(subcommand, alias = "policy")]
    Policies(PoliciesCommand),
    /// Who the database says you are.
    Whoami(JsonArgs),
    /// Whether everything answers.
    Doctor(JsonArgs),
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The database's tables and functions (for the database administrator).
    #[command(subcommand)]
    Db(DbCommand),
    /// A desk of one's own on this machine.
    #[command(subcommand)]
    Local(LocalCommand),
    /// Opens the desk on a fresh local desk with sample data, and takes it down at exit.
    Demo(DemoArgs),
    /// Intake, tickets, release and sealing.
    Worker(WorkerArgs),
}

/// Output for programs.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct JsonArgs {
    /// Print JSON (ASCII); errors are JSON too.
    #[arg(long)]
    pub json: bool,
}

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
    /// Takes one's own submitted file back.
    Withdraw(CaseArgs),
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
    /// Proposes, or as the second person confirms, that a recalled file goes out again.
    Restore(CaseArgs),
}

/// `egress list`
#[derive(Args, Debug)]
pub struct ListArgs {
    /// A filter such as `state:pending project:heart size>10M age>3d by:LOGIN words`.
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Vec<String>,
    /// `submitted_at` (newest first), waits, key, size or state; `-` before it turns it round.
    #[arg(long, value_name = "FIELD", default_value = "submitted_at", allow_hyphen_values = true)]
    pub sort: Sort,
    /// How many rows at most.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Where to go on: `next` of the page before.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
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
    /// At which byte to begin.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: u64,
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
    /// What for.
    #[arg(long, value_name = "TEXT")]
    pub purpose: String,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
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
    /// The command's id, one for each id, in order; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Vec<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `egress comment`
#[derive(Args, Debug)]
pub struct CommentArgs {
    /// The file version's id.
    pub id: VersionId,
    /// The comment.
    #[arg(allow_hyphen_values = true)]
    pub text: String,
    /// For checkers only.
    #[arg(long)]
    pub internal: bool,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// A command on file versions.
#[derive(Args, Debug)]
pub struct CommandArgs {
    /// The file versions' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<VersionId>,
    /// The command's id, one for each id, in order; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Vec<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
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
    /// The command's id, one for each id, in order; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Vec<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `egress refresh`
#[derive(Args, Debug)]
pub struct RefreshArgs {
    /// Only this project.
    #[arg(long)]
    pub project: Option<String>,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
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
    /// The command's id, one for each id, in order; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Vec<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat journal …`
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// The entries one may read, newest last.
    Show(JournalShowArgs),
    /// Recomputes every seal: 0 with count and head, or 1 with the first bad entry.
    Verify(JsonArgs),
    /// Every entry with its seal, one JSON object a line.
    Export(JournalExportArgs),
}

/// `journal show`
#[derive(Args, Debug)]
pub struct JournalShowArgs {
    /// Only this person's.
    #[arg(long, value_name = "LOGIN")]
    pub person: Option<String>,
    /// Only this command.
    #[arg(long)]
    pub command: Option<String>,
    /// Only about this, such as a file version's id.
    #[arg(long)]
    pub subject: Option<String>,
    /// Only in this project.
    #[arg(long)]
    pub project: Option<String>,
    /// Only what was refused.
    #[arg(long)]
    pub refused: bool,
    /// Only entries after this one.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    pub after: i64,
    /// How many entries at most.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub limit: u32,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `journal export`
#[derive(Args, Debug)]
pub struct JournalExportArgs {
    /// A new file to write to; standard output where it is absent.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat people …`
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Everybody.
    List(JsonArgs),
    /// One person and their memberships.
    Show(LoginArgs),
    /// Adds a person, and prints the SQL that makes their database role.
    Add(PersonAddArgs),
    /// Adds another database role of the same person.
    AddLogin(LoginAddArgs),
    /// Gives a role in a project, or in all.
    Grant(GrantArgs),
    /// Ends a role in a project, or in all.
    End(EndArgs),
}

/// One person.
#[derive(Args, Debug)]
pub struct LoginArgs {
    /// The person's login.
    pub login: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `people add`
#[derive(Args, Debug)]
pub struct PersonAddArgs {
    /// The person's login, also the name of their database role.
    pub login: String,
    /// The full name.
    #[arg(long, value_name = "TEXT")]
    pub name: String,
    /// The mail address.
    #[arg(long)]
    pub mail: Option<String>,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `people add-login`
#[derive(Args, Debug)]
pub struct LoginAddArgs {
    /// The person's login.
    pub login: String,
    /// The other database role.
    pub role: String,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `people grant`
#[derive(Args, Debug)]
pub struct GrantArgs {
    /// The person's login.
    pub login: String,
    /// researcher, checker, steward, administrator, auditor …
    pub role: String,
    /// Only in this project; in all where it is absent.
    #[arg(long)]
    pub project: Option<String>,
    /// From when (RFC 3339); now where it is absent.
    #[arg(long, value_name = "TIME")]
    pub from: Option<chrono::DateTime<chrono::Utc>>,
    /// Until when (RFC 3339); without end where it is absent.
    #[arg(long, value_name = "TIME")]
    pub until: Option<chrono::DateTime<chrono::Utc>>,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `people end`
#[derive(Args, Debug)]
pub struct EndArgs {
    /// The person's login.
    pub login: String,
    /// The role.
    pub role: String,
    /// The project; the role in all where it is absent.
    #[arg(long)]
    pub project: Option<String>,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat projects …`
#[derive(Debug, Subcommand)]
pub enum ProjectsCommand {
    /// The projects one may see, with their locations.
    List(JsonArgs),
    /// One project and its policies.
    Show(ProjectArgs),
    /// Adds a project.
    Add(ProjectAddArgs),
}

/// One project.
#[derive(Args, Debug)]
pub struct ProjectArgs {
    /// The project's id.
    pub project: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `projects add`
#[derive(Args, Debug)]
pub struct ProjectAddArgs {
    /// The project's id, such as `heart`.
    pub project: String,
    /// Its title.
    #[arg(long, value_name = "TEXT")]
    pub title: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub purpose: String,
    /// Where its files lie, such as `s3://candidates/heart/`.
    #[arg(long, value_name = "S3URL")]
    pub location: String,
    /// Where released ones go, such as `s3://shared/`.
    #[arg(long, value_name = "S3URL")]
    pub shared: String,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat policies …`
#[derive(Debug, Subcommand)]
pub enum PoliciesCommand {
    /// The policies of a project: what is in force and what waits for a second administrator.
    #[command(alias = "list")]
    Show(ProjectArgs),
    /// Proposes a policy; a stricter one is in force at once.
    #[command(alias = "add")]
    Set(PolicySetArgs),
    /// Confirms, as the second administrator, a weaker one.
    Confirm(PolicyConfirmArgs),
}

/// `policies set`
#[derive(Args, Debug)]
pub struct PolicySetArgs {
    /// The project's id.
    pub project: String,
    /// The destination.
    pub destination: String,
    /// How many approvals a release needs.
    #[arg(long, value_name = "N")]
    pub approvals: Option<u32>,
    /// The largest file in bytes.
    #[arg(long, value_name = "BYTES")]
    pub largest_file: Option<u64>,
    /// Seconds an approved file is held.
    #[arg(long, value_name = "SECONDS")]
    pub hold_seconds: Option<u32>,
    /// Whether one rejection ends it.
    #[arg(long, value_name = "BOOL")]
    pub rejection_vetoes: Option<bool>,
    /// Whether a checker may download what is not released.
    #[arg(long, value_name = "BOOL")]
    pub inspection_downloads: Option<bool>,
    /// The numbers of the disclosure checks, as a JSON object.
    #[arg(long, value_name = "JSON")]
    pub checks: Option<String>,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `policies confirm`
#[derive(Args, Debug)]
pub struct PolicyConfirmArgs {
    /// The policy's id, from `policies show`.
    pub policy: i64,
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// What is in force and where it comes from.
    Show(JsonArgs),
    /// Whether the file is right.
    Check(JsonArgs),
    /// A file with every setting.
    Example,
}

/// `exeat db …`
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Brings tables and functions to this program's schema.
    Migrate(DbArgs),
    /// Which schema the database has.
    Status(DbArgs),
}

/// As whom the database is set up.
#[derive(Args, Debug)]
pub struct DbArgs {
    /// The database role that may create roles and tables; the configured user where it is absent.
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat local …`
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Starts a local desk: PostgreSQL, store and worker under a supervisor.
    Up(LocalUpArgs),
    /// Whether it runs.
    Status(LocalArgs),
    /// Ends it.
    Down(LocalArgs),
    /// The supervisor itself; `up` starts it.
    #[command(hide = true)]
    Supervise(SuperviseArgs),
    /// The store's process; the supervisor starts it.
    #[command(hide = true)]
    Store(StoreArgs),
}

/// `local supervise`
#[derive(Args, Debug)]
pub struct SuperviseArgs {
    /// The local desk's folder.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// End, and remove the folder, when standard input closes.
    #[arg(long)]
    pub while_stdin: bool,
}

/// `local store`
#[derive(Args, Debug)]
pub struct StoreArgs {
    /// The local desk's folder.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
}

/// A local desk's folder.
#[derive(Args, Debug)]
pub struct LocalArgs {
    /// The local desk's folder.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `local up`
#[derive(Args, Debug)]
pub struct LocalUpArgs {
    /// The local desk's folder; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// With sample people, projects and files.
    #[arg(long)]
    pub sample: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat demo`
#[derive(Args, Debug, Default)]
pub struct DemoArgs {}

/// `exeat worker`
#[derive(Args, Debug, Default)]
pub struct WorkerArgs {
    /// One pass over everything, then end.
    #[arg(long)]
    pub once: bool,
}
