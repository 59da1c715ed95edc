//! The findings of one file, kept few: the first of each rule with their places, the rest counted, so that a thousand of one
//! kind cannot push another out of sight. Called by the scans.

use std::collections::BTreeMap;

use crate::domain::egress::{Finding, Place, Severity};

/// Findings kept of one rule before the file's limit is known.
const OF_ONE_RULE: usize = 50;
/// Characters of a name from the file in a place.
const NAME: usize = 60;

/// A rule: its name, how much it matters, and what many of its findings are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule {
    name: &'static str,
    severity: Severity,
    many: &'static str,
}

macro_rules! rules {
    ($($constant:ident $name:literal $severity:ident $many:literal;)*) => {
        $(pub(crate) const $constant: Rule = Rule { name: $name, severity: Severity::$severity, many: $many };)*
    };
}

rules! {
    ACTIVE "active_content" Warn "places with active content";
    AFTER_END "data_after_end" Stop "stretches of hidden data";
    ARCHIVE_PATH "archive_path" Warn "paths that leave the archive";
    BIRTH "date_of_birth" Stop "columns with dates of birth";
    CONTROL "control_characters" Warn "places with control characters";
    EMAIL "email" Warn "mail addresses";
    EMPTY "empty" Note "empty files";
    ENCRYPTED "encrypted" Stop "encrypted parts";
    FORMULA "formula" Warn "formulas";
    HIDDEN_ROWS "rows_in_cell" Warn "cells holding several lines";
    IDENTIFIER "identifier_column" Warn "columns named like identifiers";
    INVISIBLE "invisible_characters" Warn "places with invisible characters";
    LONE_QUOTE "lone_quote" Warn "quotes that never close";
    LONG "long_line" Note "very long rows or lines";
    MACRO "macro" Stop "macros";
    MANY_ROWS "many_rows" Note "long tables";
    METADATA "metadata" Note "kinds of metadata";
    MIXED "mixed_encoding" Note "places in another encoding";
    NHS "nhs_number" Stop "NHS numbers";
    NO_HEADER "no_header" Note "tables without names";
    NOT_ROUNDED "not_rounded" Warn "counts that are not rounded";
    NUL "nul_in_text" Warn "places with NUL bytes";
    OPAQUE "cannot_be_checked" Warn "parts that cannot be checked by hand";
    POSSIBLE "possible_small_count" Warn "small numbers that may be counts";
    POSSIBLE_NOTE "possible_small_count" Note "small numbers that may be counts";
    POSTCODE "postcode" Warn "postcodes";
    PROGRAM "program" Stop "programs";
    SECONDARY "secondary_disclosure" Warn "hidden counts that can be had back";
    SMALL "small_count" Warn "small counts";
    TYPE "type_mismatch" Warn "wrong names";
    UNEVEN "uneven_rows" Warn "rows with another number of cells";
    UNIQUE "almost_unique" Warn "almost unique columns";
    ZERO "zero_count" Note "zero counts";
    ZIP_BOMB "zip_ratio" Stop "parts that grow beyond measure";
}

/// Findings so far.
#[derive(Default)]
pub struct Found {
    rules: BTreeMap<Rule, (Vec<Finding>, u64)>,
}

impl Found {
    /// Adds a finding; place and sentence are only made if it is kept. A NUL from the file's name is replaced, as in [`short`].
    pub(crate) fn add(&mut self, rule: Rule, place: impl FnOnce() -> Place, sentence: impl FnOnce() -> String) {
        let (kept, more) = self.rules.entry(rule).or_default();
        if kept.len() < OF_ONE_RULE {
            kept.push(Finding::new(rule.name, rule.severity, place(), sentence().replace('\0', "\u{2400}")));
        } else {
            *more += 1;
        }
    }

    /// Counts findings of a rule that has some, without keeping them.
    pub(crate) fn more(&mut self, rule: Rule, count: u64) {
        if let Some((_, more)) = self.rules.get_mut(&rule) {
            *more += count;
        }
    }

    /// Whether a rule found something.
    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.rules.contains_key(&rule)
    }

    /// At most so many findings, the most serious rules first; the last one counts what is left out.
    pub(crate) fn into_findings(self, most: usize) -> Vec<Finding> {
        let mut rules: Vec<_> = self.rules.into_iter().collect();
        rules.sort_by_key(|(rule, _)| std::cmp::Reverse(rule.severity));
        let all = rules.iter().map(|(_, (kept, more))| kept.len() as u64 + more).sum::<u64>();
        let most = most.max(2);
        if all <= most as u64 {
            return rules.into_iter().flat_map(|(_, (kept, _))| kept).collect();
        }
        // Every rule shows its first findings before any shows its later ones.
        let mut shares = vec![0; rules.len()];
        let mut room = most - 1;
        while room > 0 {
            let before = room;
            for (share, (_, (kept, _))) in shares.iter_mut().zip(&rules) {
                if room > 0 && *share < kept.len() {
                    *share += 1;
                    room -= 1;
                }
            }
            if room == before {
                break;
            }
        }
        let mut findings = Vec::new();
        let mut left = Vec::new();
        let mut worst = Severity::Note;
        for (share, (rule, (mut kept, more))) in shares.into_iter().zip(rules) {
            let rest = (kept.len() - share) as u64 + more;
            kept.truncate(share);
            findings.extend(kept);
            if rest > 0 {
                left.push(format!("{rest} {}", rule.many));
                worst = worst.max(rule.severity);
            }
        }
        let sentence = format!("More than can be listed; left out: {}.", left.join(", "));
        findings.push(Finding::new("more", worst, Place::Whole, sentence));
        findings
    }
}

/// A name from the file, short enough for a place. The database's JSON holds no NUL, and a file must not be able to stop its
/// own intake by a name.
pub(crate) fn short(name: &str) -> String {
    let name = name.trim().replace('\0', "\u{2400}");
    if name.chars().count() <= NAME {
        return name;
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

/// A part of the file by its name.
pub(crate) fn part(name: &str) -> Place {
    Place::Part { path: short(name).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_one_rule_do_not_push_out_another() {
        let mut found = Found::default();
        for row in 0..1000 {
            found.add(SMALL, || Place::Row { row, column: None }, || "Small count.".to_owned());
        }
        found.add(METADATA, || Place::Whole, || "It carries metadata.".to_owned());
        found.add(NHS, || Place::Row { row: 7, column: None }, || "An NHS number.".to_owned());
        let findings = found.into_findings(50);
        assert_eq!(findings.len(), 50);
        assert_eq!(findings[0].rule, "nhs_number");
        assert_eq!(findings[48].rule, "metadata");
        assert_eq!(findings[49].sentence.raw(), "More than can be listed; left out: 953 small counts.");
    }
}
