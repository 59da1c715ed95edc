//! The filter line: what is typed, checked by the query language with the words of the tab's area.

use serde_json::{Value, json};

/// A checked filter: which rows of an area are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The word of the area.
    pub area: &'static str,
    /// The filter as the database takes it.
    pub asks: Value,
}

impl Filter {
    /// The one that lets every row of an area through.
    #[must_use]
    pub fn everything(area: &'static str) -> Self {
        Self { area, asks: json!({}) }
    }
}

/// What is wrong with a filter: the bytes of the word, and a sentence.
pub type Mistake = (std::ops::Range<usize>, String);
