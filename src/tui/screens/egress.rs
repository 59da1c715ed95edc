//! The Egress Files tab: file versions, their votes, what they need.

mod changed;
mod detail;
mod dialogs;
mod together;

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use self::changed::changed;
use self::detail::detail;
use crate::domain::case::CaseState;
use crate::domain::egress::{DestinationView, EgressItem, FindingState, Severity};
use crate::domain::query::{FIELDS, Known, complete};
use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, human_size, short_sha, shown, waited};
use crate::tui::app::Action;
use crate::tui::app::row::{Item, Kind, Row, Target};
use crate::tui::app::tab::{Cell, Column, Order, Tab, Tone, Width, order};

const fn column(title: &'static str, width: Width) -> Column {
    Column { title, width, narrow: false, sparse: false, right: false }
}

/// Places in the table; `cell` answers by them.
const COLUMNS: &[Column] = &[
    Column { narrow: true, ..column("WAITS", Width::Cells(7)) },
    column("PROJECT", Width::Cells(8)),
    Column { narrow: true, ..column("FILE", Width::Rest(30)) },
    Column { right: true, ..column("SIZE", Width::Cells(8)) },
    column("KIND", Width::Cells(5)),
    column("FROM", Width::Cells(11)),
    Column { narrow: true, sparse: true, ..column("CLAIMED", Width::Cells(9)) },
    Column { narrow: true, ..column("VOTES", Width::Grows(12, 26)) },
    Column { narrow: true, ..column("FINDINGS", Width::Grows(14, 30)) },
];

/// The orders of the table.
const ORDERS: &[Order] = &[
    Order { of_all: "oldest first", ..order("waits", true, "longest waiting first", "newest first") },
    order("size", true, "largest first", "smallest first"),
    order("key", false, "by name", "by name, from the end"),
    order("state", false, "by state", "by state, from the end"),
];

/// What can be done with a file.
const DOES: &[(Action, &str, &str)] = &[
    (Action::Preview, "preview", "preview"),
    (Action::Approve, "approve", "approve"),
    (Action::Reject, "reject", "reject"),
    (Action::Changes, "changes", "request changes"),
    (Action::Undo, "undo", "undo"),
    (Action::Comment, "comment", "comment"),
    (Action::Claim, "claim", "claim"),
    (Action::Withdraw, "withdraw", "withdraw"),
    (Action::Recall, "recall", "recall"),
    (Action::Restore, "restore", "restore"),
    (Action::Download, "download", "download"),
];

/// The tab.
pub const TAB: Tab = Tab {
    id: "egress",
    title: "Egress Files",
    own_title: "My Files",
    kind: Kind::Egress,
    things: "files",
    readers: "files are read by the checkers and researchers of their project, by auditors and administrators.",
    home: "is:mine",
    orders: ORDERS,
    does: DOES,
    complete: |line, at, known| complete(FIELDS, line, at, known),
    knows,
    columns: COLUMNS,
    cell,
    name,
    caption,
    detail,
    why_not,
    targets,
    opens: dialogs::opens,
    side: None,
    undecided,
    due,
    group: Some(together::TOGETHER),
    held,
    changed,
};

pub(super) fn item(row: &Row) -> &EgressItem {
    // A row of another kind has its own tab and never comes here.
    static NONE: LazyLock<EgressItem> = LazyLock::new(EgressItem::default);
    match &row.item {
        Item::Egress(item) => item,
        Item::Request(_) | Item::Grant(_) => &NONE,
    }
}

/// Names from the directory of people are shown like anything else that was typed once.
pub(super) fn safe(text: &str) -> String {
    shown(&Untrusted::new(text))
}

fn name(row: &Row) -> String {
    shown(&item(row).key)
}

fn kind(item: &EgressItem) -> String {
    let media = item.media_type.as_deref().unwrap_or("");
    let last = item.key.raw().rsplit('/').next().unwrap_or("");
    match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (1..=6).contains(&ending.len()) => safe(&ending.to_lowercase()),
        _ => safe(media.rsplit('/').next().unwrap_or("")),
    }
}

fn knows(row: &Row, known: &mut Known) {
    let item = item(row);
    Known::note(&mut known.projects, &item.project);
    for name in item.destinations.keys() {
        Known::note(&mut known.destinations, name);
    }
    for login in item.submitted_by.iter().chain(&item.claimed_by) {
        Known::note(&mut known.people, login);
    }
    // What is no plain ending could not be typed as it stands.
    let kind = kind(item);
    if kind.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Known::note(&mut known.kinds, &kind);
    }
}

pub(super) fn open_findings(item: &EgressItem) -> Vec<&crate::domain::egress::Finding> {
    let mut open: Vec<_> = item.findings.iter().filter(|finding| finding.state != FindingState::Waived).collect();
    open.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    open
}

fn cell(row: &Row, column: usize, now: DateTime<Tz>) -> Cell {
    let item = item(row);
    let over = item.state.is_final();
    let tone = if over { Tone::Dim } else { Tone::Plain };
    let text = match column {
        0 if over => String::new(),
        0 => waited(now.to_utc() - item.submitted_at),
        1 => safe(&item.project),
        2 => name(row),
        3 => human_size(item.size),
        4 => kind(item),
        5 => item.submitted_by.as_deref().map_or_else(|| "unknown".into(), safe),
        6 => return Cell { text: claimed(item, now), tone: Tone::Warn },
        7 => return Cell { text: votes_cell(item, now), tone: state_tone(item.state) },
        _ => return findings_cell(item),
    };
    Cell { text, tone }
}

/// Who says they are looking at it now.
fn claimed(item: &EgressItem, now: DateTime<Tz>) -> String {
    let now = item.claimed_by.as_deref().filter(|_| item.claimed_until.is_some_and(|until| until > now.to_utc()));
    now.map_or_else(String::new, safe)
}

/// What is over is promised no longer.
fn due(row: &Row, promised: Option<TimeDelta>) -> Option<DateTime<Utc>> {
    let item = item(row);
    (!item.state.is_final()).then(|| promised.map(|promised| item.submitted_at + promised)).flatten()
}

pub(super) fn state_tone(state: CaseState) -> Tone {
    match state {
        CaseState::Pending => Tone::Plain,
        CaseState::Approved | CaseState::Releasing => Tone::Good,
        CaseState::ChangesRequested | CaseState::Blocked => Tone::Warn,
        CaseState::Altered | CaseState::Recalled => Tone::Stop,
        CaseState::Released | CaseState::Rejected | CaseState::Withdrawn | CaseState::Superseded => Tone::Dim,
    }
}

pub(super) fn state_words(state: CaseState) -> String {
    state.name().replace('_', " ")
}

fn votes_cell(item: &EgressItem, now: DateTime<Tz>) -> String {
    let one = |(name, view): (&String, &DestinationView)| match view.state {
        CaseState::Pending if view.against.is_empty() => format!("{}/{} {}", view.count, view.required, safe(name)),
        // The one against first: a name that is cut must not cut it away.
        CaseState::Pending => {
            format!("{} against, {}/{} {}", view.against.len(), view.count, view.required, safe(name))
        }
        CaseState::Approved => match view.held_until.map(|until| (until - now.to_utc()).num_seconds()) {
            Some(left) if left > 0 => format!("approved, {left} s"),
            _ => "approved".into(),
        },
        CaseState::ChangesRequested => "changes asked".into(),
        state => format!("{} {}", state_words(state), safe(name)),
    };
    if item.destinations.is_empty() {
        return state_words(item.state);
    }
    item.destinations.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn findings_cell(item: &EgressItem) -> Cell {
    let open = open_findings(item);
    let Some(first) = open.first() else { return Cell::default() };
    let rule = safe(&first.rule).replace('_', " ");
    let text = if open.len() == 1 { rule } else { format!("{rule} ({})", open.len()) };
    let tone = match first.severity {
        Severity::Stop => Tone::Stop,
        Severity::Warn => Tone::Warn,
        Severity::Note => Tone::Dim,
    };
    Cell { text, tone }
}

fn caption(row: &Row) -> String {
    let item = item(row);
    let hash = item.sha256.as_deref().map_or_else(|| "not read".into(), short_sha);
    let newest = if item.newest { "" } else { ", not the newest" };
    format!("{hash} · version {}{newest}", item.version)
}

pub(super) fn reason(item: &EgressItem, command: &str) -> Option<Refusal> {
    let mut first = None;
    for view in item.destinations.values() {
        match view.why_not.get(command) {
            Some(None) => return None,
            Some(Some(refusal)) if first.is_none() => first = Some(refusal.clone()),
            _ => {}
        }
    }
    first.or_else(|| {
        let why = item.blocked_reason.as_ref().map_or("nothing waits to be decided here", |why| why.raw());
        Some(Refusal { code: "not_pending".into(), message: format!("This is not possible now: {why}.") })
    })
}

fn why_not(row: &Row, command: &str) -> Option<Refusal> {
    reason(item(row), command)
}

fn targets(row: &Row, command: &str) -> Vec<Target> {
    let item = item(row);
    let open = item.destinations.iter().filter(|(_, view)| matches!(view.why_not.get(command), Some(None)));
    open.map(|(destination, _)| Target {
        id: row.id,
        seen: row.version,
        destination: destination.clone(),
        sha256: item.sha256.clone().unwrap_or_default(),
        name: item.key.clone(),
    })
    .collect()
}

fn undecided(row: &Row, me: &str) -> bool {
    item(row).destinations.values().any(|view| {
        view.state == CaseState::Pending
            && matches!(view.why_not.get("approve"), Some(None))
            && !view.by.iter().any(|login| login == me)
    })
}

fn held(row: &Row) -> Option<DateTime<Utc>> {
    let views = item(row).destinations.values();
    views.filter(|view| view.state == CaseState::Approved).filter_map(|view| view.held_until).max()
}
