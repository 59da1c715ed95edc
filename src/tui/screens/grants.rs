//! The Access Grants tab: who has access to which dataset, what each grant is now, and what became of its request.

mod detail;
mod dialogs;
mod timeline;

use chrono::DateTime;
use chrono_tz::Tz;

use self::detail::detail;
use super::access::{day, days, reason, safe, state_tone};
use crate::domain::access::{Grant, GrantState};
use crate::domain::query::{GRANT_FIELDS, Known, complete};
use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, full_time, shown};
use crate::tui::app::Action;
use crate::tui::app::row::{Item, Kind, Row, Target};
use crate::tui::app::tab::{Cell, Column, Order, Tab, Tone, Width, order};

const fn column(title: &'static str, width: Width) -> Column {
    Column { title, width, narrow: false, sparse: false, right: false }
}

/// Places in the table; `cell` answers by them.
const COLUMNS: &[Column] = &[
    Column { narrow: true, ..column("STATE", Width::Cells(8)) },
    Column { narrow: true, ..column("ENDS", Width::Cells(17)) },
    Column { narrow: true, ..column("PERSON", Width::Cells(12)) },
    column("DATASET", Width::Cells(19)),
    Column { narrow: true, ..column("TITLE", Width::Rest(14)) },
    column("FROM", Width::Cells(11)),
    column("GRANT", Width::Cells(6)),
    column("REQUEST", Width::Cells(14)),
];

/// The orders of the table.
const ORDERS: &[Order] = &[
    order("ends", false, "first to end first", "last to end first"),
    order("created", true, "newest first", "oldest first"),
    order("login", false, "by person", "by person, from the end"),
    order("dataset", false, "by dataset", "by dataset, from the end"),
];

/// What can be done with a grant.
const DOES: &[(Action, &str, &str)] = &[
    (Action::Edit, "amend", "shorten, extend"),
    (Action::Reject, "revoke", "revoke"),
    (Action::Preview, "read", "timeline"),
];

/// The tab.
pub const TAB: Tab = Tab {
    id: "grants",
    title: "Access Grants",
    own_title: "My Grants",
    kind: Kind::Grant,
    things: "grants",
    readers: "grants are read by data stewards, auditors, administrators and whoever has them.",
    home: "state:active,upcoming",
    orders: ORDERS,
    does: DOES,
    complete: |line, at, known| complete(GRANT_FIELDS, line, at, known),
    knows: |row, known| {
        if let Some(item) = item(row) {
            Known::note(&mut known.people, &item.login);
            Known::note(&mut known.datasets, &item.dataset_id);
            Known::note(&mut known.committees, item.dac_alias.raw());
        }
    },
    columns: COLUMNS,
    cell: |row, column, now| item(row).map_or_else(Cell::default, |item| cell(item, column, now)),
    name: |row| item(row).map_or_else(String::new, name),
    caption: |row| item(row).map_or_else(String::new, |item| item.state.to_string()),
    detail: |row, facts, now| item(row).map_or_else(Vec::new, |item| detail(item, facts, now)),
    why_not: |row, command| item(row).and_then(|item| why_not(item, command)),
    targets: |row, command| item(row).map_or_else(Vec::new, |item| targets(row, item, command)),
    opens: dialogs::opens,
    side: Some(|row, facts, now, width| {
        item(row).map_or_else(Vec::new, |item| timeline::side(item, facts, now, width))
    }),
    undecided: |_, _| false,
    held: |_| None,
    due: |_, _| None,
    group: None,
    changed: |old, new| match (item(old), item(new)) {
        (Some(old), Some(new)) => changed(old, new),
        _ => "it changed".into(),
    },
};

fn item(row: &Row) -> Option<&Grant> {
    if let Item::Grant(item) = &row.item { Some(item) } else { None }
}

fn name(item: &Grant) -> String {
    format!("grant {}: {} on {}", item.id, safe(&item.login), safe(&item.dataset_id))
}

/// When it ends or ended, with the days left where it is live.
fn ends(item: &Grant, now: DateTime<Tz>) -> (Tone, String) {
    let zone = now.timezone();
    let left = days(now.to_utc(), item.valid_until, zone);
    match item.state {
        GrantState::Revoked => (Tone::Dim, day(item.revoked_at.unwrap_or(item.valid_until), zone)),
        GrantState::Active if left < 30 => (Tone::Warn, format!("{}, {left}d", day(item.valid_until, zone))),
        GrantState::Active => (Tone::Plain, format!("{}, {left}d", day(item.valid_until, zone))),
        GrantState::Upcoming => (Tone::Plain, day(item.valid_until, zone)),
        GrantState::Expired => (Tone::Dim, day(item.valid_until, zone)),
    }
}

fn cell(item: &Grant, column: usize, now: DateTime<Tz>) -> Cell {
    let over = matches!(item.state, GrantState::Expired | GrantState::Revoked);
    let tone = if over { Tone::Dim } else { Tone::Plain };
    let zone = now.timezone();
    let text = match column {
        0 => return Cell { text: item.state.to_string(), tone: state_tone(item.state) },
        1 => {
            let (tone, text) = ends(item, now);
            return Cell { text, tone };
        }
        2 if item.user_removed => format!("(gone) {}", safe(&item.login)),
        2 => safe(&item.login),
        3 => safe(&item.dataset_id),
        4 if item.dataset_removed => format!("(gone) {}", shown(&item.dataset_title)),
        4 => shown(&item.dataset_title),
        5 => day(item.valid_from, zone),
        6 => item.id.to_string(),
        _ => origin(item),
    };
    Cell { text, tone }
}

/// Which request it came from and what became of that, apart from what the grant is now.
fn origin(item: &Grant) -> String {
    match (item.request, item.request_status) {
        (None, _) => "by hand".into(),
        (Some(id), None) => id.to_string(),
        (Some(id), Some(status)) => format!("{id} {status}"),
    }
}

fn why_not(item: &Grant, command: &str) -> Option<Refusal> {
    reason(&item.why_not, command)
}

fn targets(row: &Row, item: &Grant, command: &str) -> Vec<Target> {
    if why_not(item, command).is_some() {
        return Vec::new();
    }
    vec![Target {
        id: row.id,
        seen: row.version,
        destination: String::new(),
        sha256: String::new(),
        name: Untrusted::new(format!("grant {} of {} on {}", item.id, item.login, item.dataset_id)),
    }]
}

/// What another person did, said when a dialog closes because its target moved.
fn changed(old: &Grant, new: &Grant) -> String {
    if let (None, Some(at)) = (old.revoked_at, new.revoked_at) {
        let who = new.internal.as_ref().and_then(|inside| inside.revoked_by.as_deref());
        let who = who.map_or_else(|| "someone".to_owned(), safe);
        return format!("{who} revoked it at {}", full_time(at, Tz::UTC));
    }
    if old.valid_until != new.valid_until {
        return format!("its end was moved to {}", day(new.valid_until, Tz::UTC));
    }
    "it was changed".into()
}
