//! What was found in a file, in groups: one rule in one column is one thing to say, however many cells it names. Lists,
//! details, dialogs and the command line say it so; going from finding to finding goes by groups.

use serde::{Deserialize, Serialize};

use super::egress::{Finding, FindingState, Severity};
use super::place::Place;
use crate::text::{Untrusted, shown};

/// Places of a group that are named; the rest is counted.
const NAMED: usize = 4;
/// What says how many findings could not be listed: it is no rule and stands last.
const MORE: &str = "more";

/// What is known of a file's inside, as the database says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// In one word.
    pub state: Checked,
    /// What kept rules from reading all it holds, such as `a picture`; none where they read it.
    pub why: Option<String>,
    /// How many notes there are: they weigh nothing.
    pub notes: u32,
}

/// What is known of a file's inside, in one of three words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// No rule reads what it holds.
    #[default]
    NotChecked,
    /// The rules read it and found nothing that weighs.
    Clean,
    /// They found something.
    Findings,
}

/// Findings of one rule in one column.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The rule's name.
    pub rule: &'a str,
    /// The column's name, where they name one.
    pub column: Option<Untrusted>,
    /// How much the weightiest of them matters.
    pub severity: Severity,
    /// They, in the order they were found; at least one.
    pub findings: Vec<&'a Finding>,
}

/// The findings that nobody waived, in groups: what matters most first.
#[must_use]
pub fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.state != FindingState::Waived) {
        let column = column(finding);
        match groups.iter_mut().find(|group| group.rule == finding.rule && group.column == column) {
            Some(group) => {
                group.severity = group.severity.max(finding.severity);
                group.findings.push(finding);
            }
            None => {
                groups.push(Group { rule: &finding.rule, column, severity: finding.severity, findings: vec![finding] });
            }
        }
    }
    groups.sort_by_key(|group| (group.rule == MORE, std::cmp::Reverse(group.severity)));
    groups
}

fn column(finding: &Finding) -> Option<Untrusted> {
    match finding.at()? {
        Place::Row { column, .. } | Place::Header { column } => column,
        Place::Column { column } => Some(column),
        _ => None,
    }
}

impl Group<'_> {
    /// `small count`, `nhs number ×12`.
    #[must_use]
    pub fn name(&self) -> String {
        let rule = shown(&Untrusted::new(self.rule.replace('_', " ")));
        match self.findings.len() {
            1 => rule,
            many => format!("{rule} ×{many}"),
        }
    }

    /// Where, safe to draw: `deaths: rows 10, 163, 186-188 and 4 more`, `line 7`, `the header`; nothing where that says nothing.
    #[must_use]
    pub fn places(&self) -> String {
        let mut rows = Vec::new();
        let mut lines = Vec::new();
        let mut others: Vec<String> = Vec::new();
        for finding in &self.findings {
            match finding.at() {
                Some(Place::Row { row, .. }) => rows.push(row),
                Some(Place::Line { line }) => lines.push(line),
                Some(Place::Column { .. } | Place::Whole) => {}
                _ if finding.place.is_empty() => {}
                _ => others.push(shown(&finding.place)),
            }
        }
        let named = [numbers("row", rows), numbers("line", lines), some(others)];
        let named: Vec<String> = named.into_iter().flatten().collect();
        match (&self.column, named.is_empty()) {
            (Some(column), true) => format!("column {}", shown(column)),
            // What names a header names its column with it.
            (Some(column), false) if self.findings.iter().all(|one| matches!(one.at(), Some(Place::Row { .. }))) => {
                format!("{}: {}", shown(column), named.join("; "))
            }
            _ => named.join("; "),
        }
    }

    /// Name and places: `small count ×4 (deaths: rows 10, 163, 186, 209)`.
    #[must_use]
    pub fn words(&self) -> String {
        let places = self.places();
        if places.is_empty() { self.name() } else { format!("{} ({places})", self.name()) }
    }
}

/// `2 stops, 1 warning, 3 notes` of these groups' findings; nothing where there are none.
#[must_use]
pub fn weighed(groups: &[Group]) -> String {
    let of = |severity: Severity| {
        groups.iter().flat_map(|group| &group.findings).filter(|finding| finding.severity == severity).count()
    };
    let counted = |severity, thing: &str| match of(severity) {
        0 => None,
        1 => Some(format!("1 {thing}")),
        many => Some(format!("{many} {thing}s")),
    };
    let all = [counted(Severity::Stop, "stop"), counted(Severity::Warn, "warning"), counted(Severity::Note, "note")];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Rows or lines by their numbers, neighbours as one stretch.
fn numbers(thing: &str, mut all: Vec<u64>) -> Option<String> {
    all.sort_unstable();
    all.dedup();
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for number in all {
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => stretches.push((number, number)),
        }
    }
    let left: u64 = stretches.iter().skip(NAMED).map(|(from, to)| to - from + 1).sum();
    let words = |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    let named = stretches.iter().take(NAMED).map(words).collect::<Vec<_>>().join(", ");
    let more = if left > 0 { format!(" and {left} more") } else { String::new() };
    match stretches.as_slice() {
        [] => None,
        [(from, to)] if from == to => Some(format!("{thing} {named}")),
        _ => Some(format!("{thing}s {named}{more}")),
    }
}

fn some(mut all: Vec<String>) -> Option<String> {
    let left = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    let more = if left > 0 { format!(" and {left} more") } else { String::new() };
    (!all.is_empty()).then(|| format!("{}{more}", all.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(rule: &str, severity: Severity, row: u64, column: &str) -> Finding {
        Finding::new(rule, severity, Place::Row { row, column: Some(column.into()) }, "s".to_owned())
    }

    #[test]
    fn one_rule_in_one_column_is_one_group_with_its_places_as_stretches() {
        let mut all: Vec<Finding> =
            (5202..5214).map(|row| cell("nhs_number", Severity::Stop, row, "practice")).collect();
        all.insert(0, Finding::new("zero_count", Severity::Note, Place::Column { column: "n".into() }, "s".to_owned()));
        all.extend([10, 163, 186, 209, 300].map(|row| cell("small_count", Severity::Warn, row, "deaths")));
        all.push(cell("small_count", Severity::Warn, 10, "n"));
        all.push(Finding { state: FindingState::Waived, ..cell("small_count", Severity::Warn, 11, "n") });
        let groups = groups(&all);
        let words: Vec<String> = groups.iter().map(Group::words).collect();
        assert_eq!(
            words,
            [
                "nhs number ×12 (practice: rows 5202-5213)",
                "small count ×5 (deaths: rows 10, 163, 186, 209 and 1 more)",
                "small count (n: row 10)",
                "zero count (column n)"
            ]
        );
        assert_eq!(weighed(&groups), "12 stops, 6 warnings, 1 note");
    }

    #[test]
    fn what_could_not_be_listed_stands_last_and_strange_names_are_shown() {
        let more = Finding::new("more", Severity::Stop, Place::Whole, "left out".to_owned());
        let all = [
            more,
            cell("small_count", Severity::Warn, 3, "a\u{202e}b"),
            Finding::new("x", Severity::Note, Place::Name, "s".to_owned()),
        ];
        let words: Vec<String> = groups(&all).iter().map(Group::words).collect();
        assert_eq!(words, ["small count (a\\u{202e}b: row 3)", "x (the name)", "more"]);
    }
}
