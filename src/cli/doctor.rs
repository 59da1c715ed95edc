//! `exeat doctor`: whether everything answers, one line each, from what is nearest to what is farthest. What cannot be
//! asked because something before it does not answer is left out.

use std::io::IsTerminal as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::args::{DoctorArgs, Global};
use super::{configuration, exit, output, service};
use crate::config::{Config, read_private_file};
use crate::db::schema::SCHEMA_NUMBER;
use crate::domain::egress::EgressItem;
use crate::domain::filter::EgressFilter;
use crate::domain::page::{Sort, SortField};
use crate::service::{Service, ServiceError, SystemStatus, WhoAmI};
use crate::text::{Untrusted, shown};

/// How long sealing may take before it is remarked upon: a worker seals about once a second.
const SEALING: Duration = Duration::from_secs(4);

/// How something is.
enum How {
    Well,
    /// Worth a look; nothing fails because of it.
    Note,
    /// It does not work; the exit code.
    Wrong(u8),
}

/// What was looked at, how it is, and a sentence.
struct Finding(&'static str, How, String);

impl Finding {
    fn well(what: &'static str, text: impl Into<String>) -> Self {
        Self(what, How::Well, text.into())
    }

    fn note(what: &'static str, text: impl Into<String>) -> Self {
        Self(what, How::Note, text.into())
    }

    fn config(what: &'static str, text: impl Into<String>) -> Self {
        Self(what, How::Wrong(exit::CONFIG), text.into())
    }

    fn failed(what: &'static str, error: &ServiceError) -> Self {
        Self(what, How::Wrong(exit::of_service(error)), error.to_string())
    }

    fn word(&self) -> &'static str {
        match self.1 {
            How::Well => "ok",
            How::Note => "note",
            How::Wrong(_) => "NOT OK",
        }
    }
}

/// Runs it; the exit code is the worst finding's.
pub async fn run(args: DoctorArgs, global: &Global) -> anyhow::Result<u8> {
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
                    servers(&service, &mut findings, !args.no_ticket).await;
                }
                Err(error) => findings.push(Finding("person", How::Wrong(exit::of(&error).0), error.to_string())),
            }
        }
        Err(error) => {
            findings.push(Finding("configuration", How::Wrong(exit::of(&error).0), error.to_string()));
            findings.push(terminal());
        }
    }
    print(&findings, args.output.json)?;
    let worst = findings.iter().filter_map(|finding| if let How::Wrong(exit) = finding.1 { Some(exit) } else { None });
    Ok(worst.max().unwrap_or(exit::OK))
}

fn print(findings: &[Finding], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let row = |finding: &Finding| {
            let (ok, level) = match finding.1 {
                How::Well => (true, "ok"),
                How::Note => (true, "note"),
                How::Wrong(_) => (false, "wrong"),
            };
            json!({"what": finding.0, "ok": ok, "level": level, "message": finding.2})
        };
        return output::json(&json!({"findings": findings.iter().map(row).collect::<Vec<Value>>()}));
    }
    for finding in findings {
        let text = shown(&Untrusted::new(finding.2.as_str()));
        output::line(&format!("{:<14}{:<8}{text}", finding.0, finding.word()))?;
    }
    Ok(())
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

async fn servers(service: &Service, findings: &mut Vec<Finding>, ticket: bool) {
    let mut alive = false;
    match service.whoami().await {
        Err(error) => findings.push(Finding::failed("database", &error)),
        Ok(me) => {
            let place = service.config().database.place();
            findings.push(Finding::well("database", format!("PostgreSQL answers at {place}.")));
            let schema = format!("{}, which is the one this exeat needs ({SCHEMA_NUMBER}).", me.schema_number);
            findings.push(Finding::well("schema", schema));
            findings.push(person(&me, service.role()));
            findings.extend(projects(service).await);
            match service.system().await {
                Err(error) => findings.push(Finding::failed("worker", &error)),
                Ok(system) => {
                    alive = system.worker_alive;
                    findings.push(worker(service, &system));
                    findings.push(sealing(service, &system).await);
                    findings.extend(messages(service).await);
                }
            }
        }
    }
    let store = service.store().await;
    findings.push(match (&store, &service.config().s3.endpoint) {
        (Ok(()), Some(endpoint)) => Finding::well("store", format!("It answers at {endpoint}.")),
        (Ok(()), None) => Finding::well("store", "Tickets name it: endpoint in [s3] is not set."),
        (Err(error), _) => Finding::failed("store", error),
    });
    if alive && store.is_ok() && ticket {
        findings.push(through_a_ticket(service).await);
    }
}

/// Projects that stand still, for those who see them.
async fn projects(service: &Service) -> Vec<Finding> {
    match super::doctor_projects::standing_still(service).await {
        Ok(found) => found.into_iter().map(|sentence| Finding::note("projects", sentence)).collect(),
        Err(error) => vec![Finding::failed("projects", &error)],
    }
}

fn person(me: &WhoAmI, session: &str) -> Finding {
    let roles: Vec<String> = me.roles.as_array().into_iter().flatten().map(role).collect();
    let who = format!("{} ({}), by the database role {session}", me.login, shown(&me.full_name));
    if roles.is_empty() {
        return Finding::note(
            "person",
            format!("{who}; no role yet, so there is nothing to see: ask an administrator for one."),
        );
    }
    Finding::well("person", format!("{who}: {}.", roles.join(", ")))
}

fn role(role: &Value) -> String {
    let name = role.get("role").and_then(Value::as_str).unwrap_or_default();
    match role.get("project").and_then(Value::as_str) {
        Some(project) => format!("{name} of {project}"),
        None => format!("{name} of all projects"),
    }
}

fn worker(service: &Service, system: &SystemStatus) -> Finding {
    if system.worker_alive {
        return Finding::well("worker", format!("It is alive; {} tickets wait for it.", system.waiting));
    }
    let seen = system.worker_seen.map_or("none was ever seen".to_owned(), |at| {
        format!("the last sign of one came at {}", at.format("%Y-%m-%d %H:%M:%S UTC"))
    });
    let what_to_do = match &service.config().local {
        Some(local) => format!("run `exeat local up --dir {}`", local.dir.display()),
        None => "ask an administrator to start `exeat worker`".to_owned(),
    };
    Finding("worker", How::Wrong(exit::UNREACHABLE), format!("No worker is alive ({seen}): {what_to_do}."))
}

/// Whether the journal is being sealed: what waits now must not wait for long. The newest entries always wait a little.
async fn sealing(service: &Service, first: &SystemStatus) -> Finding {
    const WHAT: &str = "journal";
    let stuck =
        |left: i64| format!("{left} entries wait to be sealed, and nothing seals them: see the worker and its log.");
    if first.unsealed == 0 {
        return Finding::well(WHAT, "Every entry is sealed.");
    }
    if !first.worker_alive {
        return Finding(WHAT, How::Wrong(exit::UNREACHABLE), stuck(first.unsealed));
    }
    let since = Instant::now();
    while since.elapsed() < SEALING {
        tokio::time::sleep(Duration::from_millis(250)).await;
        match service.system().await {
            Err(error) => return Finding::failed(WHAT, &error),
            Ok(now) if now.unsealed == 0 => return Finding::well(WHAT, "Every entry is sealed."),
            Ok(now) if now.unsealed < first.unsealed => {
                return Finding::well(WHAT, format!("{} entries wait to be sealed, and it goes on.", now.unsealed));
            }
            Ok(_) => {}
        }
    }
    Finding(WHAT, How::Wrong(exit::FAILURE), stuck(first.unsealed))
}

/// Mails and events that wait, for those who look after them. That some wait is no fault of this desk.
async fn messages(service: &Service) -> Vec<Finding> {
    let found = match service.deliveries_waiting().await {
        Err(error) => return vec![Finding::failed("mail", &error)],
        Ok(found) => found,
    };
    let told = found.iter().map(|of| {
        let (what, things, section) =
            if of.channel == "mail" { ("mail", "mails", "[mail]") } else { ("bus", "events", "[bus]") };
        let since = of.since.format("%Y-%m-%d %H:%M:%S UTC");
        let why = if of.last_error.is_empty() {
            format!("see whether {section} in the worker's configuration names a server")
        } else {
            format!("the last try ended with \"{}\"", shown(&of.last_error))
        };
        Finding::note(what, format!("{} {things} wait to be delivered, the oldest since {since}: {why}.", of.waiting))
    });
    told.collect()
}

/// The whole way to the bytes: the database's ticket, the worker's address, the store's answer. One byte is read.
async fn through_a_ticket(service: &Service) -> Finding {
    const WHAT: &str = "ticket";
    let filter = EgressFilter { size_min: Some(1), ..EgressFilter::default() };
    let smallest = Sort { field: SortField::Size, descending: false };
    let items = match service.list(&filter, smallest, None, 100).await {
        Ok(page) => page.items,
        Err(error) => return Finding::failed(WHAT, &error),
    };
    let Some(item) = items.iter().find(|item| may_look(item)) else {
        return Finding::note(WHAT, "It could not be tried: there is no file here that you may look into.");
    };
    let since = Instant::now();
    let opened = service.open_version(item.id).await;
    let ticket = since.elapsed();
    let read = match opened {
        Ok(reader) => reader.read(0..1).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(_) => Finding::well(
            WHAT,
            format!(
                "The first byte of file {} came through a ticket ({} ms, then {} ms); this look is journalled.",
                item.id,
                ticket.as_millis(),
                since.elapsed().saturating_sub(ticket).as_millis()
            ),
        ),
        Err(error) => Finding::failed(WHAT, &error),
    }
}

fn may_look(item: &EgressItem) -> bool {
    item.destinations.values().any(|view| matches!(view.why_not.get("preview"), Some(None)))
}
