//! Finding actions by a few of their letters: the palette and the suggestions for a name that is none.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::actions::{ACTIONS, Entry};
use super::model::Model;

/// An action that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The action's entry.
    pub entry: &'static Entry,
    /// Which characters of its id were typed, by place.
    pub letters: Vec<u32>,
}

/// The actions whose name, label or sentence holds the typed letters in order, best first; all of them for no letters.
#[must_use]
pub fn found(typed: &str) -> Vec<Found> {
    // Names have `-` where people type a blank.
    let typed = typed.trim().replace('-', " ");
    let pattern = Pattern::parse(&literal(&typed), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut ranked: Vec<(u32, Found)> = Vec::new();
    for entry in ACTIONS {
        let mut letters = Vec::new();
        let mut score = |text: &str, letters: &mut Vec<u32>| {
            let mut buffer = Vec::new();
            pattern.indices(Utf32Str::new(text, &mut buffer), &mut matcher, letters)
        };
        let name = score(entry.id, &mut letters).map(|score| score * 4);
        let exact = u32::from(entry.id == typed || entry.id.replace('-', " ") == typed) * 10_000;
        let label = score(entry.label, &mut Vec::new()).map(|score| score * 3);
        let help = entry.help.to_lowercase().contains(&typed.to_lowercase()).then_some(1);
        let Some(best) = [name, label, help].into_iter().flatten().max() else { continue };
        letters.sort_unstable();
        letters.dedup();
        ranked.push((best + exact, Found { entry, letters }));
    }
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    ranked.into_iter().map(|(_, found)| found).collect()
}

impl Model {
    /// The same for this person: what only reviewers do is not offered to others.
    #[must_use]
    pub fn found(&self, typed: &str) -> Vec<Found> {
        found(typed).into_iter().filter(|found| !self.never(found.entry.action)).collect()
    }
}

/// The words without the signs that have a meaning in the matcher's pattern language.
fn literal(typed: &str) -> String {
    typed.chars().map(|c| if matches!(c, '\'' | '^' | '$' | '!' | '\\') { ' ' } else { c }).collect()
}
