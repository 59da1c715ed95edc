//! What could be typed next in a filter line. Called by the desk while the line is edited, and by shell completion.

use std::ops::Range;

use super::fields::{self, Field, Values};
use super::known::Known;
use super::token::quoted;

/// What could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes a choice replaces: the field or value being typed, up to the cursor.
    pub span: Range<usize>,
    /// The choices, in the order of the help or of what is known.
    pub choices: Vec<Choice>,
}

/// One thing that could stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it has to be typed. One that ends in a sign wants a value after it.
    pub text: String,
    /// What it asks for, in a few words; empty where the text says it.
    pub says: &'static str,
}

/// Completes the word that ends at byte `at` of the line. Inside quotes there are no choices.
#[must_use]
pub fn complete(table: &'static [Field], line: &str, at: usize, known: &Known) -> Completion {
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
        let choices = table.iter().map(beginning).filter(|choice| begins(&choice.text, word)).collect();
        return Completion { span: start..at, choices };
    };
    let value = values.rsplit(',').next().unwrap_or_default();
    let all: Vec<String> = match fields::of(table, field).map(|field| field.values) {
        Some(Values::Words(words)) => words(),
        Some(Values::Known(list)) => list(known).to_vec(),
        Some(Values::Any | Values::Compared) | None => Vec::new(),
    };
    let choices = all.iter().filter(|choice| begins(choice, value));
    let choices = choices.map(|choice| Choice { text: quoted(choice), says: "" }).collect();
    Completion { span: at - value.len()..at, choices }
}

/// A field as one begins to type it; one with a single value, whole.
fn beginning(field: &Field) -> Choice {
    let text = match field.values {
        // With the sign it takes: a period's start is asked for with `<`.
        Values::Compared => field.example.chars().take(field.name.chars().count() + 1).collect(),
        Values::Words(words) if words().len() == 1 => field.example.to_owned(),
        _ => format!("{}:", field.name),
    };
    Choice { text, says: field.says }
}

fn begins(choice: &str, typed: &str) -> bool {
    choice.to_lowercase().starts_with(&typed.to_lowercase())
}
