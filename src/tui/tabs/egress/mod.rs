//! The Egress Files tab: file versions, their votes, what they need.

mod changed;
mod columns;
mod detail;
mod dialogs;
mod grouping;
mod looked;

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use self::changed::changed;
use self::columns::{COLUMNS, Of, kind, reason};
use self::detail::detail;
use crate::domain::case::CaseState;
use crate::domain::egress::{EgressItem, Finding, Place};
use crate::domain::found::{Group, groups};
use crate::domain::item::Item as _;
use crate::domain::query::Known;
use crate::domain::refusal::Refusal;
use crate::text::{short_sha, shown};
use crate::tui::app::Action;
use crate::tui::app::msg::Me;
use crate::tui::app::row::Target;
use crate::tui::app::screen::{Grouping, Screen};
use crate::tui::app::spec::Opens;
use crate::tui::app::state::facts::Facts;
use crate::tui::app::tab::{Area, Found, Order, order};
use crate::tui::app::words::Fact;

/// The orders of the table.
const ORDERS: &[Order] = &[
    Order { of_all: "oldest first", ..order("waits", true, "longest waiting first", "newest first") },
    order("size", true, "largest first", "smallest first"),
    order("key", false, "by name", "by name, from the end"),
    order("state", false, "by state", "by state, from the end"),
];

/// What can be done with a file.
const ACTS: &[(Action, &str, &str)] = &[
    (Action::Preview, "preview", "preview"),
    (Action::NextUnseen, "preview", "next unseen"),
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
#[derive(Debug)]
pub struct Egress;

impl Screen for Egress {
    type Row = EgressItem;
    const AREA: Area = Area {
        word: EgressItem::AREA,
        id: "egress",
        title: "Egress Files",
        own_title: "My Files",
        things: "files",
        readers: "files are read by the checkers and researchers of their project, by auditors and administrators.",
        home: "is:mine",
        orders: ORDERS,
        acts: ACTS,
        among_deciders: &[],
        asked_for: false,
        preview: true,
        rests_on: &[],
        unnamed: "the worker",
        who_decides: &["checker", "administrator"],
        who_reads: &["checker", "researcher", "auditor", "administrator"],
        comes_first: |_| false,
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const GROUP: Option<Grouping<EgressItem>> = Some(grouping::GROUPING);

    fn home(me: &Me) -> String {
        let all = me.lacks.contains(&EgressItem::AREA);
        match (me.asks, all) {
            (true, _) => format!("by:{}", me.login),
            (false, true) => String::new(),
            (false, false) => Self::AREA.home.to_owned(),
        }
    }

    fn waits(filter: &Value) -> bool {
        let open = |state: &Value| {
            state.as_str().and_then(|state| state.parse().ok()).is_some_and(|state: CaseState| !state.is_final())
        };
        filter["mine"] == true || filter["state"].as_array().is_some_and(|states| states.iter().all(open))
    }

    fn knows(file: &EgressItem, known: &mut Known) {
        Known::note(&mut known.projects, &file.project);
        for name in file.destinations.keys() {
            Known::note(&mut known.destinations, name);
        }
        for login in file.submitted_by.iter().chain(&file.claimed_by) {
            Known::note(&mut known.people, login);
        }
        for finding in &file.findings {
            Known::note(&mut known.rules, &finding.rule);
        }
        // What is no plain ending could not be typed as it stands.
        let kind = kind(file);
        if kind.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Known::note(&mut known.kinds, &kind);
        }
    }

    fn name(file: &EgressItem) -> String {
        shown(&file.key)
    }

    fn caption(file: &EgressItem) -> String {
        let hash = file.sha256.as_deref().map_or_else(|| "not read".into(), short_sha);
        let newest = if file.newest { "" } else { ", not the newest" };
        format!("{hash} · version {}{newest}", file.version)
    }

    fn detail(file: &EgressItem, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
        detail(file, facts, now)
    }

    fn why_not(file: &EgressItem, command: &str) -> Option<Refusal> {
        reason(file, command)
    }

    fn targets(file: &EgressItem, command: &str) -> Vec<Target> {
        let open = file.destinations.iter().filter(|(_, view)| matches!(view.why_not.get(command), Some(None)));
        open.map(|(destination, _)| Target {
            id: file.id.0,
            seen: file.row_version,
            destination: destination.clone(),
            sha256: file.sha256.clone().unwrap_or_default(),
            name: file.key.clone(),
        })
        .collect()
    }

    fn opens(action: Action) -> Option<Opens> {
        dialogs::opens(action)
    }

    fn changed(old: &EgressItem, new: &EgressItem) -> String {
        changed(old, new)
    }

    fn bytes(file: &EgressItem) -> Option<String> {
        Some(file.sha256.clone().unwrap_or_default())
    }

    fn places(file: &EgressItem) -> Vec<Found> {
        let mut places: Vec<Found> = groups(&file.findings).iter().flat_map(places_of).collect();
        places.sort();
        places
    }

    fn undecided(file: &EgressItem, me: &str) -> bool {
        file.destinations.values().any(|view| {
            view.state == CaseState::Pending
                && matches!(view.why_not.get("approve"), Some(None))
                && !view.by.iter().any(|login| login == me)
        })
    }

    /// What is over is promised no longer.
    fn due(file: &EgressItem, promised: Option<TimeDelta>) -> Option<DateTime<Utc>> {
        (!file.state.is_final()).then(|| promised.map(|promised| file.submitted_at + promised)).flatten()
    }

    fn held(file: &EgressItem) -> Option<DateTime<Utc>> {
        let views = file.destinations.values();
        views.filter(|view| view.state == CaseState::Approved).filter_map(|view| view.held_until).max()
    }
}

/// Where the findings of a group are; neighbours are one stop, at the first of them, which says so.
fn places_of(group: &Group) -> Vec<Found> {
    let mut places: Vec<Found> = Vec::new();
    let mut all: Vec<_> = group.findings.iter().filter_map(|finding| Some((number(finding)?, *finding))).collect();
    all.sort_by_key(|(number, _)| *number);
    for (number, finding) in all {
        let follows = places.last().is_some_and(|last| last.number + 1 >= number);
        let said = format!("{}: {}", shown(&finding.place), shown(&finding.sentence));
        let column = group.column.as_ref().map(|name| name.raw().to_owned());
        places.push(Found { number, column, stop: !follows, said });
    }
    // A stop says how far it reaches.
    let mut last: Option<u64> = None;
    for place in places.iter_mut().rev() {
        let end = *last.get_or_insert(place.number);
        if place.stop {
            if end > place.number {
                let _ = write!(place.said, " And so on to {end}.");
            }
            last = None;
        }
    }
    places
}

/// The row or line a finding names.
fn number(finding: &Finding) -> Option<u64> {
    match finding.at()? {
        Place::Row { row, .. } => Some(row),
        Place::Line { line } => Some(line),
        _ => None,
    }
}
