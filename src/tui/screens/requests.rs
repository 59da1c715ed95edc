//! The Access Requests tab: who asks for which dataset, since when, and what may be done about it.

mod ask;
mod detail;
mod dialogs;
mod plans;
mod side;

use chrono::DateTime;
use chrono_tz::Tz;

use self::detail::detail;
use super::access::{reason, safe, status_tone};
use crate::domain::access::{AccessRequest, RequestStatus};
use crate::domain::query::{Known, REQUEST_FIELDS, complete};
use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, full_time, shown, waited};
use crate::tui::app::Action;
use crate::tui::app::row::{Item, Kind, Row, Target};
use crate::tui::app::tab::{Cell, Column, Order, Tab, Tone, Width, order};

const fn column(title: &'static str, width: Width) -> Column {
    Column { title, width, narrow: false, sparse: false, right: false }
}

/// Places in the table; `cell` answers by them.
const COLUMNS: &[Column] = &[
    Column { narrow: true, ..column("WAITS", Width::Cells(7)) },
    Column { narrow: true, ..column("PROMISED", Width::Cells(9)) },
    Column { narrow: true, ..column("FROM", Width::Cells(12)) },
    column("DATASET", Width::Cells(19)),
    Column { narrow: true, ..column("TITLE", Width::Rest(16)) },
    column("PERIOD", Width::Cells(25)),
    Column { narrow: true, sparse: true, ..column("CLAIMED", Width::Cells(9)) },
    Column { narrow: true, ..column("STATUS", Width::Cells(8)) },
];

/// The orders of the table.
const ORDERS: &[Order] = &[
    order("waits", false, "longest waiting first", "decided and newest first"),
    order("created", true, "newest first", "oldest first"),
    order("ends", false, "first to end first", "last to end first"),
    order("login", false, "by person", "by person, from the end"),
    order("dataset", false, "by dataset", "by dataset, from the end"),
];

/// What can be done with a request.
const DOES: &[(Action, &str, &str)] = &[
    (Action::Approve, "allow", "allow"),
    (Action::Reject, "deny", "deny"),
    (Action::Comment, "comment", "comment"),
    (Action::Edit, "edit", "edit"),
    (Action::InternalNote, "note", "internal note"),
    (Action::NoteToRequester, "edit", "note to them"),
    (Action::Claim, "claim", "claim"),
    (Action::Preview, "read", "whole text"),
];

/// The tab.
pub const TAB: Tab = Tab {
    id: "requests",
    title: "Access Requests",
    own_title: "My Requests",
    kind: Kind::Request,
    things: "requests",
    readers: "requests are read by data stewards, auditors, administrators and whoever made them.",
    home: "is:mine",
    orders: ORDERS,
    does: DOES,
    complete: |line, at, known| complete(REQUEST_FIELDS, line, at, known),
    knows: |row, known| {
        if let Some(item) = item(row) {
            Known::note(&mut known.people, &item.login);
            Known::note(&mut known.datasets, &item.dataset_id);
            Known::note(&mut known.committees, item.dac_alias.raw());
            if let Some(ticket) = &item.ticket_id {
                Known::note(&mut known.tickets, ticket.raw());
            }
        }
    },
    columns: COLUMNS,
    cell: |row, column, now| item(row).map_or_else(Cell::default, |item| cell(item, column, now)),
    name: |row| item(row).map_or_else(String::new, name),
    caption: |row| item(row).map_or_else(String::new, caption),
    detail: |row, facts, now| item(row).map_or_else(Vec::new, |item| detail(item, facts, now)),
    why_not: |row, command| item(row).and_then(|item| why_not(item, command)),
    targets: |row, command| item(row).map_or_else(Vec::new, |item| targets(row, item, command)),
    opens: dialogs::opens,
    side: Some(|row, facts, now, width| item(row).map_or_else(Vec::new, |item| side::side(item, facts, now, width))),
    undecided: |row, _| item(row).is_some_and(undecided),
    held: |_| None,
    due: |_, _| None,
    group: None,
    changed: |old, new| match (item(old), item(new)) {
        (Some(old), Some(new)) => changed(old, new),
        _ => "it changed".into(),
    },
};

fn item(row: &Row) -> Option<&AccessRequest> {
    if let Item::Request(item) = &row.item { Some(item) } else { None }
}

fn name(item: &AccessRequest) -> String {
    format!("request {}: {} for {}", item.id, safe(&item.login), safe(&item.dataset_id))
}

fn caption(item: &AccessRequest) -> String {
    item.ticket_id
        .as_ref()
        .map_or_else(|| item.status.to_string(), |ticket| format!("{} · {}", item.status, shown(ticket)))
}

/// Time left to the promised turnaround, or over it, in words.
fn promised(item: &AccessRequest, now: DateTime<Tz>) -> String {
    let left = item.due - now.to_utc();
    if left.num_seconds() < 0 { format!("{} late", short(-left)) } else { format!("in {}", short(left)) }
}

/// Days, or hours below two of them: enough to triage by.
fn short(time: chrono::TimeDelta) -> String {
    match (time.num_days(), time.num_hours()) {
        (0 | 1, 0) => format!("{}m", time.num_minutes()),
        (0 | 1, hours) => format!("{hours}h"),
        (days, _) => format!("{days}d"),
    }
}

fn cell(item: &AccessRequest, column: usize, now: DateTime<Tz>) -> Cell {
    let pending = item.status == RequestStatus::Pending;
    let tone = if pending { Tone::Plain } else { Tone::Dim };
    let zone = now.timezone();
    let text = match column {
        0 | 1 if !pending => String::new(),
        0 => waited(now.to_utc() - item.request_created),
        1 => {
            let late = item.is_overdue(now.to_utc());
            return Cell { text: promised(item, now), tone: if late { Tone::Stop } else { Tone::Dim } };
        }
        2 => safe(&item.login),
        3 => safe(&item.dataset_id),
        4 if item.dataset_removed => format!("(gone) {}", shown(&item.dataset_title)),
        4 => shown(&item.dataset_title),
        5 => {
            format!("{} - {}", super::access::day(item.access_starts, zone), super::access::day(item.access_ends, zone))
        }
        6 => {
            let inside = item.internal.as_ref().filter(|inside| pending && inside.claimed_until > Some(now.to_utc()));
            let who = inside.and_then(|inside| inside.claimed_by.as_deref());
            return Cell { text: who.map_or_else(String::new, safe), tone: Tone::Warn };
        }
        _ => return Cell { text: item.status.to_string(), tone: status_tone(item.status) },
    };
    Cell { text, tone }
}

fn why_not(item: &AccessRequest, command: &str) -> Option<Refusal> {
    reason(&item.why_not, command)
}

fn targets(row: &Row, item: &AccessRequest, command: &str) -> Vec<Target> {
    if why_not(item, command).is_some() {
        return Vec::new();
    }
    vec![Target {
        id: row.id,
        seen: row.version,
        destination: String::new(),
        sha256: String::new(),
        name: Untrusted::new(format!("request {} of {} for {}", item.id, item.login, item.dataset_id)),
    }]
}

fn undecided(item: &AccessRequest) -> bool {
    item.status == RequestStatus::Pending && why_not(item, "deny").is_none()
}

/// What another person did, said when a dialog closes because its target moved.
fn changed(old: &AccessRequest, new: &AccessRequest) -> String {
    let by = |who: &Option<String>| who.as_deref().map_or_else(|| "someone".to_owned(), safe);
    if old.status != new.status {
        let who = by(&new.internal.as_ref().and_then(|inside| inside.changed_by.clone()));
        let why = match (&new.note_to_requester, new.status) {
            (Some(note), RequestStatus::Denied) => format!(": \"{}\"", shown(note)),
            _ => String::new(),
        };
        let when = new.status_changed.map_or_else(String::new, |at| format!(" at {}", full_time(at, Tz::UTC)));
        return format!("{who} {} it{when}{why}", new.status);
    }
    if !old.dataset_removed && new.dataset_removed {
        return "its dataset is no longer offered".into();
    }
    if (&old.dataset_title, &old.dac_alias) != (&new.dataset_title, &new.dac_alias) {
        return "its dataset was changed".into();
    }
    if (old.access_starts, old.access_ends) != (new.access_starts, new.access_ends) {
        return "its dates were changed".into();
    }
    if old.note_to_requester != new.note_to_requester {
        return "its note to the requester was changed".into();
    }
    "it was changed".into()
}
