//! Whether the servers answer a person: database, worker, journal, messages, store, and the way to the bytes.
//! Called by `cli::doctor`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::exit;
use super::{Finding, How, channels, doors, projects};
use crate::db::schema::SCHEMA_NUMBER;
use crate::domain::egress::EgressItem;
use crate::domain::page::{Sort, Wanted};
use crate::service::{Service, SystemStatus, WhoAmI};
use crate::text::shown;

/// How long sealing may take before it is remarked upon: a worker seals about once a second.
const SEALING: Duration = Duration::from_secs(4);

/// Asks each server; with `ticket` also for one byte of a file.
pub(super) async fn look(service: &Service, findings: &mut Vec<Finding>, ticket: bool) {
    let mut alive = false;
    match service.whoami().await {
        Err(error) => findings.push(Finding::failed("database", &error)),
        Ok(me) => {
            let place = service.config().database.place();
            findings.push(Finding::well("database", format!("PostgreSQL answers at {place}.")));
            let schema = format!("{}, which is the one this exeat needs ({SCHEMA_NUMBER}).", me.schema_number);
            findings.push(Finding::well("schema", schema));
            findings.push(person(&me, service.role()));
            findings.extend(doors::findings(service).await);
            findings.extend(projects::findings(service).await);
            match service.system().await {
                Err(error) => findings.push(Finding::failed("worker", &error)),
                Ok(system) => {
                    alive = system.worker_alive;
                    findings.push(worker(service, &system));
                    findings.extend(system.fault.as_deref().map(proof));
                    findings.push(sealing(service, &system).await);
                    findings.extend(channels::waiting(service).await);
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

/// What a worker found wrong with the journal: it lets nothing out.
fn proof(fault: &str) -> Finding {
    let text = format!(
        "Nothing leaves, for {fault} See it with exeat journal verify, and start the worker again once it is mended."
    );
    Finding("proof", How::Wrong(exit::FAILURE), text)
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

/// The whole way to the bytes: the database's ticket, the worker's address, the store's answer. One byte is read.
async fn through_a_ticket(service: &Service) -> Finding {
    const WHAT: &str = "ticket";
    let smallest = Wanted { filter: json!({"size_min": 1}), sort: Sort::new("size", false), after: None, page: 100 };
    let items = match service.page::<EgressItem>(&smallest).await {
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
