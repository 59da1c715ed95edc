//! `exeat man` and `exeat completions`: made from the command line's own types and the desk's action table, so that they
//! cannot say anything else.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, ManArgs};
use super::{exit, output};
use crate::domain::query::FIELDS;
use crate::tui::app::actions::{ACTIONS, Group};

/// Where things are looked for.
const FILES: &[(&str, &str)] = &[
    ("~/.config/exeat/config.toml", "The configuration, else /etc/exeat/config.toml; exeat config example prints one."),
    ("~/.config/exeat/keymap.toml", "Keys of one's own for the desk; read again when it changes."),
    ("~/.config/exeat/themes/NAME.toml", "Colours of one's own; theme in [desk] names them."),
];

/// What the environment says.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("EXEAT_CONFIG", "The configuration file, where --config names none."),
    ("EXEAT_DATABASE_PASSWORD", "The database password, where one is needed."),
    ("EXEAT_LOG", "What is logged to standard error, such as exeat=debug."),
    ("NO_COLOR", "Set to anything: no colours, only bold, underlined and reversed."),
    ("LC_ALL, LC_CTYPE, LANG", "The first that is set: a UTF-8 locale, or everything is written in ASCII."),
];

/// Runs `man`.
pub fn run(args: &ManArgs) -> anyhow::Result<u8> {
    if let Some(folder) = &args.to {
        every_page(folder)?;
    } else {
        let page = page()?;
        output::line(String::from_utf8_lossy(&page).trim_end())?;
    }
    Ok(exit::OK)
}

/// Runs `completions`.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "exeat", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(exit::OK)
}

fn every_page(folder: &Path) -> anyhow::Result<()> {
    let told = || format!("Cannot write manual pages to {}: name a folder you may write to.", folder.display());
    clap_mangen::generate_to(Cli::command(), folder).with_context(told)?;
    std::fs::write(folder.join("exeat.1"), page()?).with_context(told)
}

/// exeat(1).
fn page() -> anyhow::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    man.render_subcommands_section(&mut page)?;
    keys().to_writer(&mut page)?;
    let codes: Vec<(String, &str)> = exit::MEANINGS.iter().map(|(code, text)| (code.to_string(), *text)).collect();
    let codes: Vec<(&str, &str)> = codes.iter().map(|(code, text)| (code.as_str(), *text)).collect();
    let fields: Vec<_> = FIELDS.iter().map(|field| (field.example, field.says)).collect();
    let filter = "Terms are ANDed; words are parts of the key and the purpose, whatever their case.";
    for (title, before, items) in [
        ("FILTER", filter, fields.as_slice()),
        ("EXIT STATUS", "", codes.as_slice()),
        ("FILES", "", FILES),
        ("ENVIRONMENT", "", ENVIRONMENT),
    ] {
        section(title, before, items).to_writer(&mut page)?;
    }
    Ok(page)
}

fn section(title: &str, before: &str, items: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    if !before.is_empty() {
        roff.text([roman(before)]);
    }
    for (term, text) in items {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*text)]);
    }
    roff
}

/// Every action of the desk with its keys, under the headings of its help.
fn keys() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["KEYS"]);
    roff.text([roman(
        "As they are without a keymap. No single key decides anything: a dialog asks first, and stands on No.",
    )]);
    let mut heading: Option<Group> = None;
    for entry in ACTIONS {
        if heading != Some(entry.group) {
            heading = Some(entry.group);
            roff.control("SS", [entry.group.title()]);
        }
        roff.control("TP", []);
        let keys = if entry.keys.is_empty() { format!(": {}", entry.label) } else { entry.keys.join(", ") };
        roff.text([bold(keys)]);
        roff.text([roman(entry.help)]);
    }
    roff
}
