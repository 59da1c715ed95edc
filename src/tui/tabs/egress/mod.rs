//! The Egress Files tab: file versions, their votes, what they need.

mod changed;
mod detail;
mod dialogs;
mod together;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use self::changed::changed;
use self::detail::detail;
use crate::domain::case::CaseState;
use crate::domain::egress::{DestinationView, EgressItem, FindingState, Place, Severity};
use crate::domain::filter::EgressFilter;
use crate::domain::page::{Sort, SortField};
use crate::domain::query::{FIELDS, Field, Known, Query};
use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, human_size, short_sha, shown, waited};
use crate::tui::app::Action;
use crate::tui::app::filter::{Filter, Mistake, mistake};
use crate::tui::app::layers::Facts;
use crate::tui::app::msg::Me;
use crate::tui::app::row::{Item, Row, Target};
use crate::tui::app::screen::{Column, Screen, Together};
use crate::tui::app::spec::Opens;
use crate::tui::app::tab::{Area, By, Order, Width};
use crate::tui::app::words::{Cell, Fact, Tone};

type Of = Column<EgressItem>;

/// The columns of the table.
const COLUMNS: &[Of] = &[
    Of::new("WAITS", Width::Cells(7), |file, now| match file.state.is_final() {
        true => Cell::default(),
        false => Cell::new(Tone::Plain, waited(now.to_utc() - file.submitted_at)),
    })
    .narrow(),
    Of::new("PROJECT", Width::Cells(8), |file, _| plain(file, safe(&file.project))),
    Of::new("FILE", Width::Rest(30), |file, _| plain(file, shown(&file.key))).narrow(),
    Of::new("SIZE", Width::Cells(8), |file, _| plain(file, human_size(file.size))).right(),
    Of::new("KIND", Width::Cells(5), |file, _| plain(file, kind(file))),
    Of::new("FROM", Width::Cells(11), |file, _| {
        plain(file, file.submitted_by.as_deref().map_or_else(|| "unknown".into(), safe))
    }),
    Of::new("CLAIMED", Width::Cells(9), |file, now| Cell::new(Tone::Warn, claimed(file, now))).narrow().sparse(),
    Of::new("VOTES", Width::Grows(12, 26), |file, now| Cell::new(state_tone(file.state), votes(file, now))).narrow(),
    Of::new("FINDINGS", Width::Grows(14, 30), |file, _| worst(file)).narrow(),
];

/// A cell in the tone of the file: what is over is less important.
fn plain(file: &EgressItem, text: String) -> Cell {
    Cell::new(if file.state.is_final() { Tone::Dim } else { Tone::Plain }, text)
}

const fn order(field: SortField, descending: bool, says: &'static str, turned: &'static str) -> Order {
    Order { sort: By::Egress(Sort { field, descending }), says, of_all: says, turned }
}

/// The orders of the table.
const ORDERS: &[Order] = &[
    Order { of_all: "oldest first", ..order(SortField::Waits, true, "longest waiting first", "newest first") },
    order(SortField::Size, true, "largest first", "smallest first"),
    order(SortField::Key, false, "by name", "by name, from the end"),
    order(SortField::State, false, "by state", "by state, from the end"),
];

/// What can be done with a file.
const ACTS: &[(Action, &str, &str)] = &[
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

impl Item for EgressItem {
    const AREA: &'static str = "egress";

    fn id(&self) -> i64 {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.row_version
    }

    fn group(&self) -> Option<i64> {
        Some(self.submission)
    }
}

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
        who_decides: &["checker", "administrator"],
        who_reads: &["checker", "researcher", "auditor", "administrator"],
        comes_first: |_| false,
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const FIELDS: &'static [Field] = FIELDS;
    const GROUP: Option<Together<EgressItem>> = Some(together::TOGETHER);

    fn home(me: &Me) -> String {
        let all = me.lacks.contains(&EgressItem::AREA);
        match (me.asks, all) {
            (true, _) => format!("by:{}", me.login),
            (false, true) => String::new(),
            (false, false) => Self::AREA.home.to_owned(),
        }
    }

    fn check(text: &str, now: DateTime<Utc>, _zone: Tz) -> Result<Filter, Mistake> {
        text.parse::<Query>().map(|query| Filter::Egress(query.filter(now))).map_err(mistake)
    }

    fn everything() -> Filter {
        Filter::Egress(EgressFilter::default())
    }

    fn knows(file: &EgressItem, known: &mut Known) {
        Known::note(&mut known.projects, &file.project);
        for name in file.destinations.keys() {
            Known::note(&mut known.destinations, name);
        }
        for login in file.submitted_by.iter().chain(&file.claimed_by) {
            Known::note(&mut known.people, login);
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

    fn places(file: &EgressItem) -> Vec<(u64, String)> {
        let mut places: Vec<(u64, String)> = open_findings(file)
            .into_iter()
            .filter_map(|finding| {
                let (Place::Row { row: number, .. } | Place::Line { line: number }) = finding.at()? else {
                    return None;
                };
                Some((number, format!("{}: {}", shown(&finding.place), shown(&finding.sentence))))
            })
            .collect();
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

/// Names from the directory of people are shown like anything else that was typed once.
pub(super) fn safe(text: &str) -> String {
    shown(&Untrusted::new(text))
}

fn kind(item: &EgressItem) -> String {
    let media = item.media_type.as_deref().unwrap_or("");
    let last = item.key.raw().rsplit('/').next().unwrap_or("");
    match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (1..=6).contains(&ending.len()) => safe(&ending.to_lowercase()),
        _ => safe(media.rsplit('/').next().unwrap_or("")),
    }
}

pub(super) fn open_findings(item: &EgressItem) -> Vec<&crate::domain::egress::Finding> {
    let mut open: Vec<_> = item.findings.iter().filter(|finding| finding.state != FindingState::Waived).collect();
    open.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    open
}

/// Who says they are looking at it now.
fn claimed(item: &EgressItem, now: DateTime<Tz>) -> String {
    let now = item.claimed_by.as_deref().filter(|_| item.claimed_until.is_some_and(|until| until > now.to_utc()));
    now.map_or_else(String::new, safe)
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

fn votes(item: &EgressItem, now: DateTime<Tz>) -> String {
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

fn worst(item: &EgressItem) -> Cell {
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

/// The row's thing, where a dialog asks with a row.
fn item(row: &Row) -> Option<&EgressItem> {
    row.thing()
}
