//! The filter line while it is edited: what is typed, what is wrong with it, what could come next. Held as a layer.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::super::field::Field;
use super::super::filter::Mistake;

/// The filter line while it is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterEdit {
    /// What is typed.
    pub field: Field,
    /// What the filter was; Esc goes back to it.
    pub before: String,
    /// What is wrong with it: byte range of the word and the sentence.
    pub error: Option<Mistake>,
    /// What could stand at the cursor.
    pub offers: Vec<Offer>,
    /// The bytes an offer takes the place of.
    pub span: Range<usize>,
    /// The offer chosen, if one is.
    pub at: Option<usize>,
    /// When the list follows, if it does not yet.
    pub due: Option<DateTime<Utc>>,
}

/// Something that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is called: the text itself, or a saved filter's name.
    pub name: String,
    /// What it asks for.
    pub says: String,
    /// What is put into the line.
    pub text: String,
    /// Whether it takes the place of the whole line.
    pub whole: bool,
}

impl FilterEdit {
    /// A line with the filter there is.
    #[must_use]
    pub fn new(filter: &str) -> Self {
        Self {
            // The next word is typed behind it, not into its last.
            field: Field::with(if filter.trim().is_empty() {
                String::new()
            } else {
                format!("{} ", filter.trim_end())
            }),
            before: filter.to_owned(),
            error: None,
            offers: Vec::new(),
            span: 0..0,
            at: None,
            due: None,
        }
    }

    /// Whether it still ends with the blank it began with, and nothing else was typed.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.field.text().strip_suffix(' ').is_some_and(|text| text == self.before.trim_end())
    }

    /// Puts an offer into the line.
    pub fn take(&mut self, at: usize) {
        let Some(offer) = self.offers.get(at).cloned() else { return };
        let span = if offer.whole { 0..self.field.text().len() } else { self.span.clone() };
        self.field.replace(span, &offer.text);
    }

    /// Chooses the next offer, or the one before.
    pub fn choose(&mut self, back: bool) {
        let count = self.offers.len();
        self.at = match (self.at, back) {
            _ if count == 0 => None,
            (None, false) => Some(0),
            (None, true) => Some(count - 1),
            (Some(at), false) => Some((at + 1) % count),
            (Some(at), true) => Some((at + count - 1) % count),
        };
    }
}
