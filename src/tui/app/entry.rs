//! One input of a dialog: typed, chosen, or written in the editor. Part of [`super::dialog`]; the tabs' specs make them.

use super::field::Field;
use super::msg::Cmd;

/// The input in which the number of targets is typed.
pub const COUNT: &str = "count";
/// The input that chooses among several destinations.
pub const DESTINATION: &str = "destination";

/// How an input is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A few words or a date.
    Word,
    /// A sentence: it has the whole line.
    Line,
    /// A number of targets.
    Count,
    /// One of several.
    Choice,
    /// Paragraphs, in the editor.
    Text,
}

/// How one gets to an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// With Tab; Enter passes it by.
    Aside,
    /// With Enter too.
    Next,
    /// The keys begin there.
    First,
    /// They begin there, and nothing goes out while it is empty.
    Needed,
}

/// Where what an input can hold is read from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Asks for all there is.
    pub list: fn() -> Cmd,
    /// Asks about a value, if it can be one.
    pub about: fn(&str) -> Option<Cmd>,
}

/// One input.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the database calls it.
    pub name: &'static str,
    /// In one word.
    pub label: String,
    /// How it is filled.
    pub shape: Shape,
    /// What is typed; of a choice unused, of a text its last reading.
    pub input: Field,
    /// What it was at first: an input left alone changes nothing.
    pub first: String,
    /// To choose from: value and words.
    pub choices: Vec<(String, String)>,
    /// The choice.
    pub at: usize,
    /// What is wrong with it, safe to draw.
    pub wrong: Option<String>,
    /// How to write it.
    pub hint: String,
    /// What can be put there at once.
    pub at_hand: Vec<String>,
    /// Which of them stands there, from 1; 0 is what was typed.
    pub picked: usize,
    /// What one of them is called.
    pub one_of: &'static str,
    /// Where they are read from, if they are read.
    pub source: Option<Source>,
    /// It was filled by the desk, not by the person.
    pub prefilled: bool,
    /// How one gets there.
    pub stop: Stop,
    /// What has to be typed, and what to say where it is not.
    pub must: Option<(String, String)>,
    typed: String,
}

impl Entry {
    /// An input that holds a text.
    #[must_use]
    pub fn word(name: &'static str, label: &str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            name,
            label: label.to_owned(),
            shape: Shape::Word,
            input: Field::with(text.clone()),
            first: text,
            choices: Vec::new(),
            at: 0,
            wrong: None,
            hint: hint.into(),
            at_hand: Vec::new(),
            picked: 0,
            one_of: "usual text",
            source: None,
            prefilled: false,
            stop: Stop::Next,
            must: None,
            typed: String::new(),
        }
    }

    /// A sentence, with texts at hand.
    #[must_use]
    pub fn line(name: &'static str, label: &str, text: impl Into<String>, at_hand: Vec<String>) -> Self {
        Self { shape: Shape::Line, at_hand, ..Self::word(name, label, text, "") }
    }

    /// A comment that may be left out: Enter passes it by.
    #[must_use]
    pub fn comment(name: &'static str, at_hand: Vec<String>) -> Self {
        Self { stop: Stop::Aside, one_of: "usual reason", ..Self::line(name, "Comment", "", at_hand) }
    }

    /// The reason without which nothing goes out.
    #[must_use]
    pub fn reason(name: &'static str, at_hand: Vec<String>) -> Self {
        Self { one_of: "usual reason", stop: Stop::Needed, ..Self::line(name, "Reason", "", at_hand) }
    }

    /// An input to choose in.
    #[must_use]
    pub fn choice(name: &'static str, label: &str, choices: Vec<(String, String)>, at: usize) -> Self {
        let hint = format!("Left and Right choose, of {}", choices.len());
        let first = choices.get(at).map_or_else(String::new, |(value, _)| value.clone());
        Self { shape: Shape::Choice, first, choices, at, ..Self::word(name, label, "", hint) }
    }

    /// Paragraphs.
    #[must_use]
    pub fn text(name: &'static str, label: &str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { shape: Shape::Text, ..Self::word(name, label, text, hint) }
    }

    /// The number of targets.
    #[must_use]
    pub fn count(targets: usize) -> Self {
        let label = format!("Type {targets}");
        Self { shape: Shape::Count, stop: Stop::First, ..Self::word(COUNT, &label, "", "") }
    }

    /// A word without which nothing goes out, and what to say until it is there.
    #[must_use]
    pub fn must(name: &'static str, label: &str, word: &str, why: impl Into<String>) -> Self {
        let hint = format!("Type {word} to go on.");
        Self { stop: Stop::First, must: Some((word.to_owned(), why.into())), ..Self::word(name, label, "", hint) }
    }

    /// The same with where its values are read from, and what one is called.
    #[must_use]
    pub fn read(self, one_of: &'static str, source: Source) -> Self {
        Self { one_of, source: Some(source), ..self }
    }

    /// The same where the keys begin.
    #[must_use]
    pub fn first(self) -> Self {
        Self { stop: Stop::First, ..self }
    }

    /// Whether the keys begin here; where what it holds says what the others hold, only while that is nothing.
    #[must_use]
    pub fn begins(&self) -> bool {
        matches!(self.stop, Stop::First | Stop::Needed) && (self.source.is_none() || self.input.is_blank())
    }

    /// Takes what the desk knows, unless the person wrote something else. Returns the text if the editor has to have it.
    pub fn prefill(&mut self, text: String) -> Option<String> {
        if self.moved() || !self.prefilled && !self.input.text().is_empty() {
            return None;
        }
        self.first.clone_from(&text);
        self.input = Field::with(text.clone());
        self.prefilled = true;
        (self.shape == Shape::Text).then_some(text)
    }

    /// What it holds now.
    #[must_use]
    pub fn value(&self) -> &str {
        self.choices.get(self.at).map_or(self.input.text(), |(value, _)| value)
    }

    /// Whether the person changed it.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.value() != self.first
    }

    /// What was typed, with the text at hand of a place behind it, from 1; what was typed is never wiped.
    fn behind_typed(&self, place: usize) -> Option<String> {
        let Some(at) = place.checked_sub(1) else { return Some(self.typed.clone()) };
        let text = self.at_hand.get(at)?;
        Some(if self.typed.trim().is_empty() { text.clone() } else { format!("{} {text}", self.typed.trim_end()) })
    }

    /// Puts the next text at hand behind what was typed, to be edited there; before the first comes what was typed alone.
    pub fn next_at_hand(&mut self, by: isize) {
        if self.at_hand.is_empty() {
            return;
        }
        if self.behind_typed(self.picked).as_deref() != Some(self.input.text()) {
            self.input.text().clone_into(&mut self.typed);
            self.picked = 0;
        }
        let count = self.at_hand.len() + 1;
        self.picked = (self.picked + count).saturating_add_signed(by) % count;
        self.input = Field::with(self.behind_typed(self.picked).unwrap_or_default());
    }

    /// Goes on to another choice.
    pub fn choose(&mut self, by: isize) {
        let count = self.choices.len();
        if count > 0 {
            self.at = (self.at + count).saturating_add_signed(by) % count;
        }
    }
}
