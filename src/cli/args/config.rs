//! The words of `exeat config`. Part of [`super`].

use clap::{Args, Subcommand};

use super::JsonArgs;

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
    #[arg(long, conflicts_with = "serve")]
    pub worker: bool,
    /// The configuration of the server of HTTP, named with --config.
    #[arg(long)]
    pub serve: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `config example`
#[derive(Args, Debug)]
pub struct ConfigExampleArgs {
    /// The worker's configuration.
    #[arg(long, conflicts_with = "serve")]
    pub worker: bool,
    /// The configuration of the server of HTTP.
    #[arg(long)]
    pub serve: bool,
}
