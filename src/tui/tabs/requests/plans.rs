//! What exactly a decision on a request will change: the grant and its dates, the mails, the events. In the words of
//! `exeat requests allow` and `deny`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::super::access::{access_now, access_words, check_of, day, days, end_time, person, until};
use super::super::words::{count, safe};
use crate::domain::access::{AccessRequest, PairFacts};
use crate::domain::command::RequestChanges;
use crate::text::{Untrusted, full_time, shown};
use crate::tui::app::row::Row;
use crate::tui::app::spec::{Inputs, Statement};
use crate::tui::app::words::{Fact, Tone};

/// Who asks for what, then what changes; `dates`: the one line names them.
pub fn statement(inputs: &Inputs, changes: fn(&AccessRequest, &Inputs) -> Vec<Fact>, dates: bool) -> Statement {
    let Some(item) = inputs.row.and_then(item) else { return Statement::default() };
    let mut about = vec![
        Fact::new("Person", person(&item.full_user_name, &item.login)),
        Fact::new("Dataset", format!("{} {}", safe(&item.dataset_id), shown(&item.dataset_title))),
    ];
    if item.dataset_removed {
        about.push(Fact::new("", "the dataset is no longer offered").tone(Tone::Warn));
    }
    if inputs.right() {
        about.extend(changes(item, inputs));
    } else {
        about.push(Fact::new("Then", "nothing can be said before the fields are right").tone(Tone::Dim));
    }
    Statement { name: in_one_line(item, inputs, dates), about, ..Statement::default() }
}

fn facts<'a>(inputs: &Inputs<'a>) -> Option<&'a PairFacts> {
    inputs.facts.and_then(|facts| facts.more::<PairFacts>())
}

/// From when a grant is valid: a start that has passed becomes now, and that is said.
fn begins(wanted: DateTime<Utc>, now: DateTime<Tz>, zone: Tz) -> String {
    if wanted < now.to_utc() { "now (the start asked for has passed)".into() } else { full_time(wanted, zone) }
}

/// Of allowing it.
pub fn allowed(item: &AccessRequest, inputs: &Inputs) -> Vec<Fact> {
    let zone = inputs.rules.zone;
    let from = inputs.moved("starts").unwrap_or(item.access_starts);
    let until = inputs.moved_end("ends").unwrap_or(item.access_ends);
    let days = days(from.max(inputs.now.to_utc()), until, zone);
    let now = match facts(inputs).and_then(check_of) {
        Some(check) => access_words(&check, zone).1,
        None => "asking ...".into(),
    };
    let kept = item.note_to_requester.as_ref().map(Untrusted::raw);
    let note = match inputs.changed("note").or(kept).filter(|note| !note.is_empty()) {
        Some(note) => format!(", with the note {}", quoted(note)),
        None => ", without a note".into(),
    };
    let late = inputs.rules.iva_required && item.iva_id.is_none();
    let mut facts = vec![
        Fact::new("Access", format!("now: {now}")),
        Fact::new("Grant", format!("a new one, {}", count(days, "day"))).tone(Tone::Good),
        Fact::new("", format!("from  {}", begins(from, inputs.now, zone))),
        Fact::new("", format!("until {}", end_time(until, zone))),
        Fact::new("Mail", format!("to {}: allowed, with the dates{note}", shown(&item.email))),
        Fact::new("Events", "access.allowed, grant.created").tone(Tone::Dim),
    ];
    if late {
        facts.push(Fact::new("IVA", "this site allows nothing without one").tone(Tone::Warn));
    }
    facts
}

/// Of denying it.
pub fn denied(item: &AccessRequest, inputs: &Inputs) -> Vec<Fact> {
    let reason = inputs.value("reason");
    let words = if reason.is_empty() { "the reason you write below".into() } else { quoted(reason) };
    vec![
        access_now(facts(inputs), inputs.rules.zone),
        Fact::new("Grant", "none is made"),
        Fact::new("Mail", format!("to {}: denied, with {words}", shown(&item.email))),
        Fact::new("Events", "access.denied").tone(Tone::Dim),
    ]
}

/// Of changing it.
pub fn edited(item: &AccessRequest, inputs: &Inputs) -> Vec<Fact> {
    let (zone, changes) = (inputs.rules.zone, changes(inputs));
    let mut facts = Vec::new();
    if let Some(starts) = changes.access_starts {
        let was = full_time(item.access_starts, zone);
        facts.push(Fact::new("Start", format!("{was} becomes {}", begins(starts, inputs.now, zone))));
    }
    if let Some(ends) = changes.access_ends {
        let was = end_time(item.access_ends, zone);
        facts.push(Fact::new("End", format!("{was} becomes {}", end_time(ends, zone))));
    }
    if let Some(ticket) = &changes.ticket_id {
        let was = item.ticket_id.as_ref().map_or_else(|| "none".into(), shown);
        let ticket = if ticket.is_empty() { "none".into() } else { safe(ticket) };
        facts.push(Fact::new("Ticket", format!("{was} becomes {ticket}")));
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

fn in_one_line(item: &AccessRequest, inputs: &Inputs, dates: bool) -> String {
    let zone = inputs.rules.zone;
    let head = format!("{}: {} for {}", item.id, safe(&item.login), safe(&item.dataset_id));
    if !dates {
        return format!("{head}, mail to {}", shown(&item.email));
    }
    let from = if item.access_starts < inputs.now.to_utc() { "now".into() } else { day(item.access_starts, zone) };
    format!("{head}, {from} to {}, mail to {}", until(item.access_ends, item.last_day, zone), shown(&item.email))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", safe(text))
}

/// What the inputs change.
pub fn changes(inputs: &Inputs) -> RequestChanges {
    RequestChanges {
        iva_id: iva(inputs),
        access_starts: inputs.moved("starts"),
        access_ends: inputs.moved_end("ends"),
        ticket_id: inputs.changed("ticket").map(str::to_owned),
        ..RequestChanges::default()
    }
}

/// The identity that was chosen.
pub fn iva(inputs: &Inputs) -> Option<Uuid> {
    inputs.changed("iva").and_then(|text| text.parse().ok())
}

/// The row's thing, where a dialog asks with a row.
pub fn item(row: &Row) -> Option<&AccessRequest> {
    row.thing()
}
