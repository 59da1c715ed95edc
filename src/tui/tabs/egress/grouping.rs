//! A submission of the Egress Files tab: its one line, and all of it in one look.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::words::safe;
use super::columns::{inside, votes};
use super::detail::from_whom;
use crate::domain::egress::EgressItem;
use crate::text::{day_time, human_size, shown};
use crate::tui::app::screen::Grouping;
use crate::tui::app::words::{Fact, Tone};

/// How files of one submission are shown.
pub const GROUPING: Grouping<EgressItem> =
    Grouping { thing: "submission", title, look, filter: |file| format!("submission:{}", file.submission) };

/// `3 files · researcher1 · turn 2 · Readmission rates`.
fn title(first: &EgressItem, files: &[&EgressItem]) -> String {
    let who = first.submitted_by.as_deref().map_or_else(|| "unannounced".into(), safe);
    let turn = if first.turn > 1 { format!(" · turn {}", first.turn) } else { String::new() };
    format!("{} files · {who}{turn} · {}", files.len(), shown(&first.purpose))
}

/// Purpose and sender once, where its files stand, then each file.
fn look(first: &EgressItem, files: &[&EgressItem], now: DateTime<Tz>) -> Vec<Fact> {
    let purpose = if first.purpose.is_empty() { "none was given".into() } else { shown(&first.purpose) };
    let at = day_time(first.submitted_at, now.to_utc(), now.timezone());
    let mut lines = vec![
        Fact::new("Purpose", purpose),
        Fact::new("Asked", format!("{}, {at}, submission {}, turn {}", from_whom(first), first.submission, first.turn)),
        Fact::new("Project", format!("{}, {}", safe(&first.project), shown(&first.project_title))),
        Fact::new("Stand", stand(files)),
    ];
    for (n, file) in files.iter().enumerate() {
        let (size, inside) = (human_size(file.size), inside(file).text);
        let text = format!("{}  {size} · {} · {inside}", shown(&file.key), votes(file, now));
        let tone = if file.state.is_final() { Tone::Dim } else { Tone::Plain };
        lines.push(Fact::new(if n == 0 { "Files" } else { "" }, text).tone(tone));
    }
    lines
}

/// `2 pending, 1 released; 24.1 K`.
fn stand(files: &[&EgressItem]) -> String {
    let mut states: BTreeMap<&'static str, usize> = BTreeMap::new();
    for file in files {
        *states.entry(file.state.name()).or_default() += 1;
    }
    let states: Vec<String> =
        states.iter().map(|(state, count)| format!("{count} {}", state.replace('_', " "))).collect();
    let bytes = files.iter().map(|file| file.size).sum();
    format!("{}; {} in all", states.join(", "), human_size(bytes))
}
