//! A submission of the Egress Files tab: its one line, and all of it in one look.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;

use super::detail::from_whom;
use super::{findings_cell, item, name, safe, votes_cell};
use crate::text::{day_time, human_size, shown};
use crate::tui::app::row::Row;
use crate::tui::app::tab::{Fact, Together, Tone};

/// How files of one submission are shown.
pub const TOGETHER: Together =
    Together { thing: "submission", title, look, filter: |row| format!("submission:{}", item(row).submission) };

/// `3 files · researcher1 · turn 2 · Readmission rates`.
fn title(rows: &[Row]) -> String {
    let Some(first) = rows.first().map(item) else { return String::new() };
    let who = first.submitted_by.as_deref().map_or_else(|| "unannounced".into(), safe);
    let turn = if first.turn > 1 { format!(" · turn {}", first.turn) } else { String::new() };
    format!("{} files · {who}{turn} · {}", rows.len(), shown(&first.purpose))
}

/// Purpose and sender once, where its files stand, then each file.
fn look(rows: &[Row], now: DateTime<Tz>) -> Vec<Fact> {
    let Some(first) = rows.first().map(item) else { return Vec::new() };
    let purpose = if first.purpose.is_empty() { "none was given".into() } else { shown(&first.purpose) };
    let at = day_time(first.submitted_at, now.to_utc(), now.timezone());
    let mut lines = vec![
        Fact::new("Purpose", purpose),
        Fact::new("Asked", format!("{}, {at}, submission {}, turn {}", from_whom(first), first.submission, first.turn)),
        Fact::new("Project", format!("{}, {}", safe(&first.project), shown(&first.project_title))),
        Fact::new("Stand", stand(rows)),
    ];
    for (n, row) in rows.iter().enumerate() {
        let file = item(row);
        let findings = findings_cell(file).text;
        let findings = if findings.is_empty() { String::new() } else { format!(" · {findings}") };
        let text = format!("{}  {} · {}{findings}", name(row), human_size(file.size), votes_cell(file, now));
        let tone = if file.state.is_final() { Tone::Dim } else { Tone::Plain };
        lines.push(Fact::new(if n == 0 { "Files" } else { "" }, text).tone(tone));
    }
    lines
}

/// `2 pending, 1 released; 24.1 K`.
fn stand(rows: &[Row]) -> String {
    let mut states: BTreeMap<&'static str, usize> = BTreeMap::new();
    for row in rows {
        *states.entry(item(row).state.name()).or_default() += 1;
    }
    let states: Vec<String> =
        states.iter().map(|(state, count)| format!("{count} {}", state.replace('_', " "))).collect();
    let bytes = rows.iter().map(|row| item(row).size).sum();
    format!("{}; {} in all", states.join(", "), human_size(bytes))
}
