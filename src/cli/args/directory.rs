//! The words of `exeat datasets`, `settings`, `people sync` and `people iva`. Part of [`super`].

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{JsonArgs, SentArgs};

/// `exeat datasets …`
#[derive(Debug, Subcommand)]
pub enum DatasetsCommand {
    /// The datasets one may ask for.
    List(DatasetsListArgs),
    /// One dataset.
    Show(DatasetArgs),
    /// Takes over the site's list (for administrators).
    Sync(SyncArgs),
}

/// `exeat settings …`
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// The site's numbers.
    List(JsonArgs),
    /// Sets one of them (for administrators).
    Set(SettingArgs),
}

/// `datasets list`
#[derive(Args, Debug)]
pub struct DatasetsListArgs {
    /// Parts of accession, title or committee; every one must be there.
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// How many rows at most.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub limit: u32,
    /// Where to go on: `next` of the page before.
    #[arg(long, value_name = "ACCESSION", default_value = "")]
    pub after: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `datasets show`
#[derive(Args, Debug)]
pub struct DatasetArgs {
    /// Its accession.
    pub accession: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `people sync`, `datasets sync`
#[derive(Args, Debug)]
pub struct SyncArgs {
    /// The list: CSV with a heading, or JSON; `-` for standard input.
    pub file: PathBuf,
    /// Say what would change and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The list is all there is: whoever or whatever it lacks is removed.
    #[arg(long)]
    pub complete: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `people iva`
#[derive(Args, Debug)]
pub struct IvaArgs {
    /// The person's login.
    pub login: String,
    /// phone, fax, `postal_address` or `in_person`.
    #[arg(long)]
    pub kind: String,
    /// It was verified.
    #[arg(long)]
    pub verified: bool,
    /// An earlier one that changes; a new one where it is absent.
    #[arg(long, value_name = "UUID")]
    pub iva: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `settings set`
#[derive(Args, Debug)]
pub struct SettingArgs {
    /// Its name, such as `access.lead_days`.
    pub name: String,
    /// Its value: a number, true or false, or a text.
    #[arg(allow_negative_numbers = true)]
    pub value: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}
