//! The words of the administrators' commands: people, projects, policies. Part of [`super`].

use clap::{Args, Subcommand};

use crate::domain::query::When;

use super::{IvaArgs, JsonArgs, SentArgs, SyncArgs};

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
    /// SSH keys that sign votes.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Takes over the site's list: login, `full_name`, mail, title, active.
    Sync(SyncArgs),
    /// Notes how a person's identity was verified.
    Iva(IvaArgs),
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
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `people add-login`
#[derive(Args, Debug)]
pub struct LoginAddArgs {
    /// The person's login.
    pub login: String,
    /// The other database role.
    pub role: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
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
    pub from: Option<When>,
    /// Until when (RFC 3339, or a day, all of it); without end where it is absent.
    #[arg(long, value_name = "TIME")]
    pub until: Option<When>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
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
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `people key …`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// One's own keys, or everybody's for administrators and auditors.
    List(JsonArgs),
    /// Registers one's own key; an administrator confirms it.
    Add(KeyAddArgs),
    /// Confirms another's key by the fingerprint they read out.
    Confirm(KeyConfirmArgs),
    /// Ends a key, for good.
    End(KeyEndArgs),
}

/// `people key add`
#[derive(Args, Debug)]
pub struct KeyAddArgs {
    /// The file of the public key, such as `~/.ssh/id_ed25519.pub`.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `people key confirm`
#[derive(Args, Debug)]
pub struct KeyConfirmArgs {
    /// The key's number, from `people key list`.
    pub key: i64,
    /// Its fingerprint, as the person's own `ssh-keygen -l` says it: `SHA256:…`.
    pub fingerprint: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `people key end`
#[derive(Args, Debug)]
pub struct KeyEndArgs {
    /// The key's number, from `people key list`.
    pub key: i64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `exeat services …`
#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// Every service there is or was.
    List(JsonArgs),
    /// Adds a service, and prints the SQL that makes its database role.
    Add(ServiceAddArgs),
    /// Ends a service, for good.
    End(ServiceEndArgs),
}

/// `services add`
#[derive(Args, Debug)]
pub struct ServiceAddArgs {
    /// The name the journal has beside the person's.
    pub service: String,
    /// Its database role, which is nobody's login.
    #[arg(long)]
    pub role: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `services end`
#[derive(Args, Debug)]
pub struct ServiceEndArgs {
    /// Its name.
    pub service: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `exeat projects …`
#[derive(Debug, Subcommand)]
pub enum ProjectsCommand {
    /// The projects one may see, with their locations.
    List(JsonArgs),
    /// One project and its policies.
    Show(ProjectArgs),
    /// Proposes a project; another administrator opens it with `confirm`.
    Add(ProjectAddArgs),
    /// Proposes other places for a project's files.
    Move(ProjectMoveArgs),
    /// Proposes to close a project for good: nothing comes in and nothing leaves any more.
    Close(ProjectPauseArgs),
    /// Confirms, as the second administrator, what `list` says is proposed.
    Confirm(ProjectChangeArgs),
    /// Takes a proposal back, whoever made it.
    TakeBack(ProjectChangeArgs),
    /// Stops a project at once: no release leaves, and nobody reads or uploads a file.
    Pause(ProjectPauseArgs),
    /// Lets a project go on that another administrator paused.
    Resume(ProjectPauseArgs),
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
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `projects move`
#[derive(Args, Debug)]
pub struct ProjectMoveArgs {
    /// The project's id.
    pub project: String,
    /// Where its files lie from then on; left out, where they are.
    #[arg(long, value_name = "S3URL")]
    pub location: Option<String>,
    /// Where released ones go from then on; left out, where they do. What was released stays where it is.
    #[arg(long, value_name = "S3URL")]
    pub shared: Option<String>,
    /// Why; who confirms it reads it.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `projects confirm` and `projects take-back`
#[derive(Args, Debug)]
pub struct ProjectChangeArgs {
    /// The change's number, from `projects list`.
    pub change: i64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `projects close`, `projects pause` and `projects resume`
#[derive(Args, Debug)]
pub struct ProjectPauseArgs {
    /// The project's id.
    pub project: String,
    /// Why; everybody in the project reads it.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `exeat policies …`
#[derive(Debug, Subcommand)]
pub enum PoliciesCommand {
    /// The policies of a project: what is in force and what waits for a second administrator.
    #[command(alias = "list")]
    Show(ProjectArgs),
    /// Proposes a policy; a stricter one than there is is in force at once.
    #[command(alias = "add")]
    Set(PolicySetArgs),
    /// Confirms, as the second administrator, a weaker one or a destination's first.
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
    /// Whether a checker may download what is not released, to look only. Who may look inside can read all of its bytes for as long as
    /// a ticket lives, whatever this says.
    #[arg(long, value_name = "BOOL")]
    pub inspection_downloads: Option<bool>,
    /// Whether approvals count that a service casts for people.
    #[arg(long, value_name = "BOOL")]
    pub votes_via_services: Option<bool>,
    /// Whether voters sign with their SSH keys: off, wanted, or required (an unsigned approval is refused).
    #[arg(long, value_name = "WORD", value_parser = ["off", "wanted", "required"])]
    pub signatures: Option<String>,
    /// What becomes of an approval of what its voter never opened: ask, allow or refuse.
    #[arg(long, value_name = "WORD", value_parser = ["ask", "allow", "refuse"])]
    pub unseen: Option<String>,
    /// The numbers of the disclosure checks, as a JSON object.
    #[arg(long, value_name = "JSON")]
    pub checks: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `policies confirm`
#[derive(Args, Debug)]
pub struct PolicyConfirmArgs {
    /// The policy's id, from `policies show`.
    pub policy: i64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}
