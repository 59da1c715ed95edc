//! The columns of the Egress Files tab, and what they and its detail say alike of a file.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::words::{count, safe};
use crate::domain::case::CaseState;
use crate::domain::egress::{DestinationView, EgressItem, Severity};
use crate::domain::found::{Checked, groups, weighed};
use crate::domain::refusal::Refusal;
use crate::domain::seen::Unit;
use crate::text::{human_size, shown, waited};
use crate::tui::app::screen::Column;
use crate::tui::app::tab::Width;
use crate::tui::app::words::{Cell, Tone};

pub type Of = Column<EgressItem>;

/// The columns of the table.
pub const COLUMNS: &[Of] = &[
    Of::new("WAITS", Width::Cells(7), |file, now| {
        if file.state.is_final() {
            Cell::default()
        } else {
            Cell::new(Tone::Plain, waited(now.to_utc() - file.submitted_at))
        }
    })
    .narrow(),
    Of::new("PROJECT", Width::Cells(8), |file, _| plain(file, safe(&file.project))),
    Of::new("FILE", Width::Rest(30), |file, _| plain(file, shown(&file.key))).narrow(),
    Of::new("SIZE", Width::Cells(8), |file, _| plain(file, human_size(file.size))).right(),
    Of::new("KIND", Width::Cells(5), |file, _| plain(file, kind(file))),
    Of::new("FROM", Width::Cells(11), |file, _| {
        plain(file, file.submitted_by.as_deref().map_or_else(|| "unknown".into(), safe))
    }),
    Of::new("SEEN", Width::Cells(4), |file, _| plain(file, seen(file))).narrow().right(),
    Of::new("CLAIMED", Width::Cells(8), |file, now| Cell::new(Tone::Warn, claimed(file, now))).narrow().sparse(),
    Of::new("VOTES", Width::Grows(11, 26), |file, now| Cell::new(state_tone(file.state), votes(file, now))).narrow(),
    Of::new("FINDINGS", Width::Grows(11, 30), |file, _| inside(file)).narrow(),
];

/// A cell in the tone of the file: what is over is less important.
fn plain(file: &EgressItem, text: String) -> Cell {
    Cell::new(if file.state.is_final() { Tone::Dim } else { Tone::Plain }, text)
}

/// What it is by its bytes; by its name only where they were never read.
pub fn kind(item: &EgressItem) -> String {
    let ending = || {
        let last = item.key.raw().rsplit('/').next().unwrap_or("");
        let ending = last.rsplit_once('.').map_or("", |(_, ending)| ending);
        if (1..=6).contains(&ending.len()) { safe(&ending.to_lowercase()) } else { String::new() }
    };
    let Some(media) = item.media_type.as_deref() else { return ending() };
    match media.split(';').next().unwrap_or("").trim() {
        "text/plain" => "text".into(),
        "text/tab-separated-values" => "tsv".into(),
        "application/octet-stream" => "bytes".into(),
        "application/x-r-data" => "R".into(),
        "image/svg+xml" => "svg".into(),
        "application/x-ipynb+json" => "ipynb".into(),
        "application/x-pickle" => "pkl".into(),
        other => {
            let sub = other.rsplit('/').next().unwrap_or("");
            safe(sub.rsplit('.').next().unwrap_or(sub).trim_start_matches("x-"))
        }
    }
}

/// How much of it one saw: `-` where one never opened it.
fn seen(file: &EgressItem) -> String {
    match (file.opened, file.seen) {
        (false, _) => "-".into(),
        (true, None) => "<1%".into(),
        (true, Some(share)) if share.unit == Unit::Facts => "fact".into(),
        (true, Some(share)) => share.to_string(),
    }
}

/// Who says they are looking at it now.
fn claimed(item: &EgressItem, now: DateTime<Tz>) -> String {
    let now = item.claimed_by.as_deref().filter(|_| item.claimed_until.is_some_and(|until| until > now.to_utc()));
    now.map_or_else(String::new, safe)
}

pub fn state_tone(state: CaseState) -> Tone {
    match state {
        CaseState::Pending => Tone::Plain,
        CaseState::Approved | CaseState::Releasing => Tone::Good,
        CaseState::ChangesRequested | CaseState::Blocked => Tone::Warn,
        CaseState::Altered | CaseState::Recalled => Tone::Stop,
        CaseState::Released | CaseState::Rejected | CaseState::Withdrawn | CaseState::Superseded => Tone::Dim,
    }
}

pub fn state_words(state: CaseState) -> String {
    state.name().replace('_', " ")
}

pub fn votes(item: &EgressItem, now: DateTime<Tz>) -> String {
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

/// What is known of its inside in one of three words: what was found, the weightiest group by name; `not checked` and why; or
/// `clean`. Notes weigh nothing.
pub fn inside(item: &EgressItem) -> Cell {
    let groups = groups(&item.findings);
    let weighty = groups.iter().filter(|group| group.severity > Severity::Note);
    let text = match (item.inside.state, groups.first()) {
        (Checked::Findings, Some(first)) => match weighty.clone().count() {
            0 | 1 => first.name(),
            many => format!("{}, +{} more", first.name(), many - 1),
        },
        _ => in_a_word(item),
    };
    let tone = match (item.inside.state, groups.first().map(|group| group.severity)) {
        (_, Some(Severity::Stop)) => Tone::Stop,
        (_, Some(Severity::Warn)) => Tone::Warn,
        (Checked::NotChecked, _) => Tone::Plain,
        _ => Tone::Dim,
    };
    Cell { text, tone }
}

/// `clean`, `clean, 2 notes`, `not checked: a picture`, `2 stops, 1 warning, 1 note`.
pub fn in_a_word(item: &EgressItem) -> String {
    let notes = match item.inside.notes {
        0 => String::new(),
        notes => format!(", {}", count(usize::try_from(notes).unwrap_or(0), "note")),
    };
    let why = item.inside.why.as_deref().map_or_else(String::new, |why| format!(": {}", safe(why)));
    match item.inside.state {
        Checked::Clean => format!("clean{notes}"),
        Checked::NotChecked => format!("not checked{why}{notes}"),
        Checked::Findings => weighed(&groups(&item.findings)),
    }
}

pub fn reason(item: &EgressItem, command: &str) -> Option<Refusal> {
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
