//! One field of a dialog: typed, chosen, or written in the editor. Part of [`super::form`].

use super::field::Field;

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The number of targets.
    Count,
    /// Start of the period.
    Starts,
    /// End of the period.
    Ends,
    /// Identity verification.
    Iva,
    /// The site's ticket.
    Ticket,
    /// Note to the requester.
    Note,
    /// Reason.
    Reason,
    /// Kind of reason.
    Class,
    /// The dataset's accession.
    Dataset,
    /// Where to write to.
    Email,
    /// The request's text, written in the editor.
    Text,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is.
    pub name: Name,
    /// In one word.
    pub label: &'static str,
    /// What is typed; of a choice unused, of the text its last reading.
    pub input: Field,
    /// What it was at first: a field left alone changes nothing.
    pub first: String,
    /// To choose from: value and words. Empty: it is typed.
    pub choices: Vec<(String, String)>,
    /// The choice.
    pub at: usize,
    /// What is wrong with it, safe to draw.
    pub wrong: Option<String>,
    /// How to write it.
    pub hint: String,
    /// Texts at hand.
    pub reasons: Vec<String>,
    /// Which of them stands there, from 1; 0 is what was typed.
    pub picked: usize,
    /// It was filled by the desk, not by the person.
    pub prefilled: bool,
    typed: String,
}

impl Entry {
    /// A field that holds a text.
    #[must_use]
    pub fn line(name: Name, label: &'static str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            name,
            label,
            input: Field::with(text.clone()),
            first: text,
            choices: Vec::new(),
            at: 0,
            wrong: None,
            hint: hint.into(),
            reasons: Vec::new(),
            picked: 0,
            prefilled: false,
            typed: String::new(),
        }
    }

    /// A field to choose in.
    #[must_use]
    pub fn choice(name: Name, label: &'static str, choices: Vec<(String, String)>, at: usize) -> Self {
        let mut entry = Self::line(name, label, "", "Left and Right choose");
        entry.first = choices.get(at).map_or_else(String::new, |(value, _)| value.clone());
        Self { choices, at, ..entry }
    }

    /// The same with texts at hand.
    #[must_use]
    pub fn with(self, reasons: Vec<String>) -> Self {
        Self { reasons, ..self }
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

    /// Puts the next text at hand into the field, to be edited there; before the first comes what was typed.
    pub fn reason(&mut self, by: isize) {
        if self.reasons.is_empty() {
            return;
        }
        let stands = self.picked.checked_sub(1).and_then(|at| self.reasons.get(at));
        if stands.map(String::as_str) != Some(self.input.text()) {
            self.input.text().clone_into(&mut self.typed);
            self.picked = 0;
        }
        let count = self.reasons.len() + 1;
        self.picked = (self.picked + count).saturating_add_signed(by) % count;
        let text = if self.picked == 0 { &self.typed } else { &self.reasons[self.picked - 1] };
        self.input = Field::with(text.clone());
    }

    /// Goes on to another choice.
    pub fn choose(&mut self, by: isize) {
        let count = self.choices.len();
        if count > 0 {
            self.at = (self.at + count).saturating_add_signed(by) % count;
        }
    }
}
