//! The words of `exeat journal …`. Part of [`super`].

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{JsonArgs, SentArgs};

/// `exeat journal …`
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// The entries one may read, newest last.
    Show(JournalShowArgs),
    /// Recomputes every seal: 0 with count and head, or 1 with the first bad entry.
    Verify(JournalVerifyArgs),
    /// Every entry with its seal, one JSON object a line.
    Export(JournalExportArgs),
    /// Says, as an administrator, that the key is lost or that a backup was restored: heads kept outside count anew.
    Renew(JournalRenewArgs),
    /// Confirms, as the second administrator, what `renewals` says is proposed.
    Confirm(JournalConfirmArgs),
    /// What was proposed and confirmed of it.
    Renewals(JsonArgs),
}

/// `journal renew`
#[derive(Args, Debug)]
pub struct JournalRenewArgs {
    /// The key is lost: the public half, 64 hex digits, of the one in its place. One that is not lost hands over by itself:
    /// `exeat worker --new-key`.
    #[arg(long, value_name = "HEX", required_unless_present = "restored")]
    pub lost_key: Option<String>,
    /// The database is that of a backup: heads that were signed before now and do not fit it are set aside.
    #[arg(long, conflicts_with = "lost_key")]
    pub restored: bool,
    /// Why; who confirms it reads it.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `journal confirm`
#[derive(Args, Debug)]
pub struct JournalConfirmArgs {
    /// The renewal's number, from `journal renewals`.
    pub renewal: i64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
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

/// `journal verify`
#[derive(Args, Debug)]
pub struct JournalVerifyArgs {
    /// An export to prove instead of a database, on any machine.
    #[arg(value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// The signed heads kept outside the database, for an export; those of the configuration where it is absent.
    #[arg(long, value_name = "FILE", requires = "export")]
    pub heads: Option<PathBuf>,
    /// The public key they are signed with, 64 hex digits, for an export; the configuration's where it is absent.
    #[arg(long, value_name = "HEX", requires = "export")]
    pub public_key: Option<String>,
    /// The keys votes may be signed with, as `ssh-keygen` keeps them, for an export; the configuration's where it is absent.
    #[arg(long, value_name = "FILE", requires = "export")]
    pub allowed_signers: Option<PathBuf>,
    /// Compares every object of the shared locations too, with the keys of this worker's configuration.
    #[arg(long, value_name = "WORKER_TOML", conflicts_with = "export")]
    pub shared: Option<PathBuf>,
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
