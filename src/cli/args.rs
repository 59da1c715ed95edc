//! What may be written on the command line: clap types and nothing else, also the source of help. Parsed by `main`.

mod access;
mod admin;
mod directory;
mod egress;
mod journal;
mod permits;

pub use access::*;
pub use admin::*;
pub use directory::*;
pub use egress::*;
pub use journal::*;
pub use permits::*;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

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
    /// Requests for access to datasets: ask, list, allow, deny.
    #[command(subcommand, alias = "request")]
    Requests(RequestsCommand),
    /// Controlled access grants: list, give, amend, revoke.
    #[command(subcommand, alias = "grant")]
    Grants(GrantsCommand),
    /// Data permits: issue, list, move them through their life.
    #[command(subcommand, alias = "permit")]
    Permits(PermitsCommand),
    /// What the workspaces of permits should be, and are.
    #[command(subcommand, alias = "workspace")]
    Workspaces(WorkspacesCommand),
    /// Who has access to what.
    #[command(subcommand)]
    Access(AccessCommand),
    /// Datasets one may ask for.
    #[command(subcommand, alias = "dataset")]
    Datasets(DatasetsCommand),
    /// The site's numbers: lead time, lengths, turnaround, time zone.
    #[command(subcommand, alias = "setting")]
    Settings(SettingsCommand),
    /// The sealed record of every command.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// People and their roles (for administrators).
    #[command(subcommand, alias = "person")]
    People(PeopleCommand),
    /// Programs that act for people (for administrators).
    #[command(subcommand, alias = "service")]
    Services(ServicesCommand),
    /// Projects and their locations (for administrators).
    #[command(subcommand, alias = "project")]
    Projects(ProjectsCommand),
    /// What a release needs, by project and destination (for administrators).
    #[command(subcommand, alias = "policy")]
    Policies(PoliciesCommand),
    /// Who the database says you are.
    Whoami(JsonArgs),
    /// Whether everything answers, and what to do where it does not.
    Doctor(DoctorArgs),
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
    /// The manual page, with every key of the desk.
    Man(ManArgs),
    /// Completions for a shell.
    Completions(CompletionsArgs),
}

/// Output for programs.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct JsonArgs {
    /// Print JSON (ASCII); errors are JSON too.
    #[arg(long)]
    pub json: bool,
}

/// `egress list`, `requests list`, `grants list`, `permits list`
#[derive(Args, Debug)]
pub struct ListArgs {
    /// A filter: of files such as `state:pending project:heart size>10M age>3d by:LOGIN words`, of requests
    /// `status:pending dataset:ACCESSION is:overdue`, of grants `state:active expiring<30d`, of permits `stage:setup is:mine`.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// The order; `-` before it turns it round. Of files `submitted_at` (newest first, as it is without this), waits, key, size
    /// or state; of requests created (newest first, as it is without this), waits (pending first, oldest on top), starts, ends,
    /// dataset or login; of grants the same without waits; of permits created, waits, ends, reference or title.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
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

/// What every command takes that changes one thing.
#[derive(Args, Clone, Debug)]
pub struct SentArgs {
    /// The command's id; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// What every command takes that changes each of several things.
#[derive(Args, Clone, Debug)]
pub struct SentEachArgs {
    /// The command's id, one for each id, in order; a retry with the same one has the first answer.
    #[arg(long, value_name = "UUID")]
    pub command_id: Vec<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// What is in force and where it comes from, secrets left out.
    Show(ConfigArgs),
    /// Whether the file is right, and the files it names.
    Check(ConfigArgs),
    /// A file with every setting.
    Example(ConfigExampleArgs),
}

/// `config show`, `config check`
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// The worker's configuration, named with --config.
    #[arg(long)]
    pub worker: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `config example`
#[derive(Args, Debug)]
pub struct ConfigExampleArgs {
    /// The worker's configuration.
    #[arg(long)]
    pub worker: bool,
}

/// `exeat doctor`
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// The worker's configuration, named with --config: its key, database, buckets, and what its store lets through.
    #[arg(long, conflicts_with = "no_ticket")]
    pub worker: bool,
    /// Do not read a byte of a file to try the way to the store: that look is journalled.
    #[arg(long)]
    pub no_ticket: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `exeat man`
#[derive(Args, Debug)]
pub struct ManArgs {
    /// A folder to write the page of every command to; without it exeat(1) is printed.
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

/// `exeat completions`
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell.
    pub shell: clap_complete::Shell,
}

/// `exeat db …`
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Brings tables and functions to this program's schema.
    Migrate(MigrateArgs),
    /// Which schema the database has.
    Status(DbArgs),
}

/// `db migrate`
#[derive(Args, Debug)]
pub struct MigrateArgs {
    /// How long to wait for sessions that are in the way; it says whose they are.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(..=86_400))]
    pub wait: u32,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub db: DbArgs,
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
    /// End, and remove the folder, when standard input closes.
    #[arg(long, hide = true)]
    pub while_stdin: bool,
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
    /// Makes another signing key in this new file, lets the one of the configuration hand over to it, and ends.
    #[arg(long, value_name = "FILE", conflicts_with = "once")]
    pub new_key: Option<PathBuf>,
}
