//! What exactly a decision on a request will change: the grant and its dates, the mails, the events. In the words of
//! `exeat requests allow` and `deny`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::access::{access_now, access_words, day, days, person, safe};
use super::super::words::count;
use crate::domain::access::AccessRequest;
use crate::domain::command::{Command, RequestChanges};
use crate::text::{Untrusted, full_time, shown};
use crate::tui::app::form::What;
use crate::tui::app::tab::{Fact, Plan, Tone};

/// The plan for one request.
pub fn plan(item: &AccessRequest, plan: &Plan) -> Vec<Fact> {
    let zone = plan.rules.zone;
    if plan.short {
        return vec![Fact::new("", in_one_line(item, plan))];
    }
    let mut facts = vec![
        Fact::new("Person", person(&item.full_user_name, &item.login)),
        Fact::new("Dataset", format!("{} {}", safe(&item.dataset_id), shown(&item.dataset_title))),
    ];
    if item.dataset_removed {
        facts.push(Fact::new("", "the dataset is no longer offered").tone(Tone::Warn));
    }
    match plan.command {
        None => facts.push(Fact::new("Then", "nothing can be said before the fields are right").tone(Tone::Dim)),
        Some(Command::AllowRequest { starts, ends, note, .. }) => {
            facts.extend(allowed(item, plan, *starts, *ends, note.as_deref()));
        }
        Some(Command::DenyRequest { reason, .. }) => {
            facts.push(access_now(plan.facts, zone));
            facts.push(Fact::new("Grant", "none is made"));
            let words = if reason.is_empty() { "the reason you write below".into() } else { quoted(reason) };
            facts.push(Fact::new("Mail", format!("to {}: denied, with {words}", shown(&item.email))));
            facts.push(Fact::new("Events", "access.denied").tone(Tone::Dim));
        }
        Some(Command::EditRequest { changes, .. }) => facts.extend(edited(item, changes, plan)),
        Some(_) => {}
    }
    facts
}

/// From when a grant is valid: a start that has passed becomes now, and that is said.
fn begins(wanted: DateTime<Utc>, now: DateTime<Tz>, zone: Tz) -> String {
    if wanted < now.to_utc() { "now (the start asked for has passed)".into() } else { full_time(wanted, zone) }
}

fn allowed(
    item: &AccessRequest,
    plan: &Plan,
    starts: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
    note: Option<&str>,
) -> Vec<Fact> {
    let zone = plan.rules.zone;
    let (from, until) = (starts.unwrap_or(item.access_starts), ends.unwrap_or(item.access_ends));
    let days = days(from.max(plan.now.to_utc()), until, zone);
    let now = match plan.facts.and_then(|facts| facts.check.as_ref()) {
        Some(Ok(check)) => access_words(check, zone).1,
        Some(Err(why)) => safe(why),
        None => "asking ...".into(),
    };
    let kept = item.note_to_requester.as_ref().map(Untrusted::raw);
    let note = match note.or(kept).filter(|note| !note.is_empty()) {
        Some(note) => format!(", with the note {}", quoted(note)),
        None => ", without a note".into(),
    };
    let late = plan.rules.iva_required && item.iva_id.is_none();
    let mut facts = vec![
        Fact::new("Access", format!("now: {now}")),
        Fact::new("Grant", format!("a new one, {}", count(days, "day"))).tone(Tone::Good),
        Fact::new("", format!("from  {}", begins(from, plan.now, zone))),
        Fact::new("", format!("until {}", full_time(until, zone))),
        Fact::new("Mail", format!("to {}: allowed, with the dates{note}", shown(&item.email))),
        Fact::new("Events", "access.allowed, grant.created").tone(Tone::Dim),
    ];
    if late {
        facts.push(Fact::new("IVA", "this site allows nothing without one").tone(Tone::Warn));
    }
    facts
}

fn edited(item: &AccessRequest, changes: &RequestChanges, plan: &Plan) -> Vec<Fact> {
    let zone = plan.rules.zone;
    let mut facts = Vec::new();
    if let Some(starts) = changes.access_starts {
        let was = full_time(item.access_starts, zone);
        facts.push(Fact::new("Start", format!("{was} becomes {}", begins(starts, plan.now, zone))));
    }
    if let Some(ends) = changes.access_ends {
        facts
            .push(Fact::new("End", format!("{} becomes {}", full_time(item.access_ends, zone), full_time(ends, zone))));
    }
    if let Some(ticket) = &changes.ticket_id {
        let was = item.ticket_id.as_ref().map_or_else(|| "none".into(), shown);
        facts.push(Fact::new(
            "Ticket",
            format!("{was} becomes {}", if ticket.is_empty() { "none".into() } else { safe(ticket) }),
        ));
    }
    if let Some(iva) = changes.iva_id {
        facts.push(Fact::new("IVA", format!("{iva} is named")));
    }
    if facts.is_empty() {
        facts.push(Fact::new("Then", "nothing is changed yet").tone(Tone::Dim));
    } else {
        facts.push(Fact::new("Mail", "none; they see the new dates, not who changed them"));
    }
    facts
}

fn in_one_line(item: &AccessRequest, plan: &Plan) -> String {
    let zone = plan.rules.zone;
    let head = format!("{}: {} for {}", item.id, safe(&item.login), safe(&item.dataset_id));
    match plan.what {
        What::Allow => {
            let from =
                if item.access_starts < plan.now.to_utc() { "now".into() } else { day(item.access_starts, zone) };
            format!("{head}, {from} to {}, mail to {}", day(item.access_ends, zone), shown(&item.email))
        }
        _ => format!("{head}, mail to {}", shown(&item.email)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", safe(text))
}
