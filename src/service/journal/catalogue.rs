//! The database against this program: whatever a superuser added, took away or changed that can change an answer. A finding of
//! its own beside the journal's: a foreign database proves nothing, and the journal's chain may be whole all the same. Used by
//! `verify`.

use std::collections::BTreeMap;

use crate::domain::verify::{BadEntry, Fault};

/// What a migration makes, as [`crate::db`] reads the catalogue.
const MADE: &str = include_str!("../../../assets/catalogue.txt");
/// How many differences are told; the rest is counted.
const TOLD: usize = 20;

/// What the database has otherwise, one sentence each.
pub(super) fn differences(there: &[String]) -> Vec<BadEntry> {
    let mut lines: BTreeMap<&str, i64> = BTreeMap::new();
    for line in MADE.lines() {
        *lines.entry(line).or_default() -= 1;
    }
    for line in there {
        *lines.entry(line).or_default() += 1;
    }
    let different: Vec<(&str, i64)> = lines.into_iter().filter(|(_, times)| *times != 0).collect();
    let sentences = different.iter().take(TOLD).map(|(line, times)| {
        if *times > 0 {
            format!("The database has what this exeat does not make ({line}): someone added or changed it.")
        } else {
            format!("The database lacks what this exeat makes ({line}): someone took it away or changed it.")
        }
    });
    let rest = different.len().saturating_sub(TOLD);
    let counted = (rest > 0).then(|| format!("{rest} more differences of the database are not told."));
    sentences.chain(counted).map(|sentence| BadEntry::new(0, None, Fault::Code, sentence)).collect()
}
