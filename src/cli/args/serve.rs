//! The words of `exeat serve` and `exeat credentials`. Part of [`super`].

use clap::{Args, Subcommand};

use super::{JsonArgs, SentArgs};

/// `exeat serve`
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// Listen here, whatever the configuration says, such as 127.0.0.1:0 for a free port.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<std::net::SocketAddr>,
}

/// `exeat credentials …`
#[derive(Debug, Subcommand)]
pub enum CredentialsCommand {
    /// Every credential there is or was.
    List(JsonArgs),
    /// Makes a credential; its secret is printed once and kept nowhere.
    Add(CredentialAddArgs),
    /// Makes another secret; the one before is worth nothing any more.
    Rotate(CredentialArgs),
    /// Ends a credential, for good.
    End(CredentialArgs),
}

/// `credentials add`
#[derive(Args, Debug)]
pub struct CredentialAddArgs {
    /// Its name, which is the user of HTTP Basic and stands in the journal.
    pub name: String,
    /// The service it comes through (`exeat services list`).
    #[arg(long)]
    pub service: String,
    /// Whom it is where a request names nobody: a person made for it (`exeat people add`).
    #[arg(long, value_name = "LOGIN")]
    pub login: Option<String>,
    /// A person it may act for, or * for everybody; may stand several times.
    #[arg(long = "for", value_name = "LOGIN")]
    pub acts_for: Vec<String>,
    /// What it may ask, such as claims:read; may stand several times, or with commas.
    #[arg(long = "right", value_name = "RIGHT", required = true, value_delimiter = ',')]
    pub rights: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// One credential.
#[derive(Args, Debug)]
pub struct CredentialArgs {
    /// Its name.
    pub name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}
