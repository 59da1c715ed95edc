//! The pane beside a request's detail: its whole text, and what the requester sees of it.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{period, until};
use super::super::words::{count, safe, wrapped};
use crate::domain::access::{AccessRequest, PairFacts, RequestStatus};
use crate::text::{day_time, shown};
use crate::tui::app::state::facts::Facts;
use crate::tui::app::words::{Fact, Line, Span, Tone};

/// What the requester sees of it, but for the note.
pub fn seen(item: &AccessRequest, now: DateTime<Tz>) -> Vec<Fact> {
    let zone = now.timezone();
    let status = match item.status_changed {
        Some(at) => format!("{} {}", item.status, day_time(at, now.to_utc(), zone)),
        None => item.status.to_string(),
    };
    vec![
        Fact::new("Status", status),
        Fact::new("Dataset", format!("{} {}", safe(&item.dataset_id), shown(&item.dataset_title))),
        Fact::new("Period", period(item.access_starts, item.access_ends, item.last_day, zone)),
    ]
}

/// The pane's lines.
pub fn side(item: &AccessRequest, facts: Option<&Facts>, now: DateTime<Tz>, width: u16) -> Vec<Line> {
    let width = usize::from(width);
    let title = |text: String| vec![Span::new(Tone::Title, text)];
    let mut lines = Vec::new();
    if item.internal.is_some() {
        lines.push(title(format!("What {} sees", safe(&item.login))));
        for fact in seen(item, now) {
            lines.push(vec![Span::new(Tone::Dim, format!("{:<9}", fact.label)), Span::new(Tone::Plain, fact.text)]);
        }
        let note = match &item.note_to_requester {
            None => vec![vec![Span::new(Tone::Dim, "no note yet")]],
            Some(note) => paragraphs(note.raw(), width),
        };
        lines.extend(note);
        lines.push(Vec::new());
    } else if item.status == RequestStatus::Allowed {
        lines.push(title(format!("You have access until {}", until(item.access_ends, item.last_day, now.timezone()))));
    }
    let whole = facts.and_then(|facts| facts.more::<PairFacts>()).and_then(|access| access.text.as_ref());
    let text = whole.unwrap_or(&item.request_text);
    let length = usize::try_from(item.request_text_length).unwrap_or(usize::MAX);
    lines.push(title(format!("Request text, {}", count(length, "character"))));
    lines.extend(paragraphs(text.raw(), width));
    if whole.is_none() && text.raw().chars().count() < length {
        lines.push(vec![Span::new(Tone::Dim, "reading the rest ...")]);
    }
    lines
}

fn paragraphs(text: &str, width: usize) -> Vec<Line> {
    let lines = text.split('\n').flat_map(|line| wrapped(&safe(line), width));
    lines.map(|line| vec![Span::new(Tone::Plain, line)]).collect()
}
