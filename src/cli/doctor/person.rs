//! What a person's own machine holds: configuration, terminal, keys and passwords. Called by `cli::doctor`.

use std::io::IsTerminal as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::super::args::{DoctorArgs, Global};
use super::super::{configuration, exit, service};
use super::{Finding, How, servers};
use crate::config::{Config, read_private_file};
use crate::service::Service;

/// Everything a person can look at.
pub(super) async fn findings(args: &DoctorArgs, global: &Global) -> Vec<Finding> {
    let mut findings = Vec::new();
    match configuration(global) {
        Ok(config) => {
            findings.push(file(&config));
            findings.push(adapted(&config));
            findings.push(terminal());
            findings.extend(key_files(&config));
            match service(global) {
                Ok(service) => {
                    findings.push(password(&service));
                    servers::look(&service, &mut findings, !args.no_ticket).await;
                }
                Err(error) => findings.push(Finding("person", How::Wrong(exit::of(&error).0), error.to_string())),
            }
        }
        Err(error) => {
            findings.push(Finding("configuration", How::Wrong(exit::of(&error).0), error.to_string()));
            findings.push(terminal());
        }
    }
    findings
}

fn file(config: &Config) -> Finding {
    const WHAT: &str = "configuration";
    let Some(file) = &config.file else {
        return Finding::note(WHAT, "There is no file and the defaults hold: `exeat config example` prints one.");
    };
    let name = file.display();
    match std::fs::metadata(file) {
        Ok(facts) if facts.mode() & 0o022 != 0 => Finding::config(
            WHAT,
            format!("{name} is right, but others may change it and lead you elsewhere: run chmod go-w {name}."),
        ),
        Ok(_) => Finding::well(WHAT, format!("{name} is right.")),
        Err(why) => Finding::config(WHAT, format!("{name} cannot be read any more ({why}): look at its rights.")),
    }
}

/// Keymap and theme: the desk opens all the same, with what it has.
fn adapted(config: &Config) -> Finding {
    match crate::tui::fault(config) {
        None => Finding::well("keys, colours", "Keymap and theme can be used."),
        Some(sentence) => Finding::config("keys, colours", sentence),
    }
}

fn terminal() -> Finding {
    const WHAT: &str = "terminal";
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Finding::note(WHAT, "This is no terminal: the desk needs one, every other command does not.");
    }
    let Some(term) = set("TERM").filter(|term| term != "dumb") else {
        return Finding::note(
            WHAT,
            "TERM names no terminal that can be drawn on: set it to what yours is, such as xterm.",
        );
    };
    let Ok((columns, rows)) = crossterm::terminal::size() else {
        return Finding::note(WHAT, "The terminal does not tell its size: run stty rows 40 cols 120.");
    };
    let size = format!("{term} of {columns}x{rows}");
    if columns < 40 || rows < 10 {
        return Finding::note(
            WHAT,
            format!("{size} is too small for the desk: it needs 40x10, and is at ease from 80x24."),
        );
    }
    if !crate::tui::utf8_locale() {
        return Finding::note(
            WHAT,
            format!("{size}; the locale is not UTF-8, so names are written in ASCII: set LANG to C.UTF-8 or your own."),
        );
    }
    Finding::well(WHAT, format!("{size}, UTF-8."))
}

/// Files with keys and those that prove something: there, readable, and the secret ones by their owner only.
fn key_files(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (database, journal) = (&config.database, &config.journal);
    if let Some(key) = &database.client_key {
        findings.push(match read_private_file(key, "your key") {
            Ok(_) => Finding::well("client_key", format!("{} is yours alone.", key.display())),
            Err(error) => Finding::config("client_key", error.to_string()),
        });
    }
    for (what, path) in [
        ("client_cert", &database.client_certificate),
        ("root_cert", &database.root_certificate),
        ("heads", &journal.heads),
    ] {
        if let Some(path) = path {
            findings.push(readable(what, path));
        }
    }
    findings
}

fn readable(what: &'static str, path: &Path) -> Finding {
    match std::fs::File::open(path) {
        Ok(_) => Finding::well(what, format!("{} can be read.", path.display())),
        Err(why) => Finding::config(
            what,
            format!(
                "{} cannot be read ({why}): correct the path, or ask its owner for the right to read it.",
                path.display()
            ),
        ),
    }
}

fn password(service: &Service) -> Finding {
    const WHAT: &str = "password";
    let database = &service.config().database;
    let from = if std::env::var_os("EXEAT_DATABASE_PASSWORD").is_some() {
        "It comes from EXEAT_DATABASE_PASSWORD.".to_owned()
    } else if let Some(file) = &database.password_file {
        format!("It comes from {}, which is yours alone.", file.display())
    } else if database.keyring {
        format!("It comes from the kernel's keyring, for {}.", service.role())
    } else {
        "None is given: PostgreSQL has to know you by your system login or a certificate.".to_owned()
    };
    match database.password(service.role()) {
        Ok(_) => Finding::well(WHAT, from),
        Err(error) => Finding::config(WHAT, error.to_string()),
    }
}
