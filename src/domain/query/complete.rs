//! What could be typed next in a filter line. Called by the desk while the line is edited, and by shell completion.

use std::ops::Range;

use super::FIELDS;
use super::token::quoted;
use crate::domain::case::CaseState;

/// What is known besides the language itself; the desk takes it from what is on screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Project ids.
    pub projects: Vec<String>,
    /// Destinations.
    pub destinations: Vec<String>,
    /// Logins.
    pub people: Vec<String>,
    /// Extensions and media types.
    pub kinds: Vec<String>,
}

/// What could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes a choice replaces: the field or value being typed, up to the cursor.
    pub span: Range<usize>,
    /// The choices, in the order of the help or of what is known. One that ends in a sign wants a value after it.
    pub choices: Vec<String>,
}

/// Completes the word that ends at byte `at` of the line. Inside quotes there are no choices.
#[must_use]
pub fn complete(line: &str, at: usize, known: &Known) -> Completion {
    let at = (0..=at.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let (mut start, mut in_quotes) = (0, false);
    for (n, c) in line[..at].char_indices() {
        in_quotes ^= c == '"';
        if !in_quotes && c.is_whitespace() {
            start = n + c.len_utf8();
        }
    }
    let word = &line[start..at];
    if word.contains('"') {
        return Completion { span: at..at, choices: Vec::new() };
    }
    let Some((field, values)) = word.split_once(':') else {
        let beginnings = FIELDS.iter().map(|(name, example)| match *name {
            "size" | "age" => format!("{name}>"),
            "is" => (*example).to_owned(),
            _ => format!("{name}:"),
        });
        return Completion { span: start..at, choices: matching(beginnings, word) };
    };
    let value = values.rsplit(',').next().unwrap_or_default();
    let all: Vec<String> = match field.to_ascii_lowercase().as_str() {
        "state" | "-state" => CaseState::ALL.iter().map(ToString::to_string).collect(),
        "project" => known.projects.clone(),
        "dest" | "destination" => known.destinations.clone(),
        "by" => known.people.clone(),
        "kind" => known.kinds.clone(),
        "is" => vec!["mine".to_owned()],
        _ => Vec::new(),
    };
    Completion {
        span: at - value.len()..at,
        choices: matching(all.into_iter(), value).iter().map(|choice| quoted(choice)).collect(),
    }
}

fn matching(all: impl Iterator<Item = String>, begun: &str) -> Vec<String> {
    let begun = begun.to_lowercase();
    all.filter(|choice| choice.to_lowercase().starts_with(&begun)).collect()
}
