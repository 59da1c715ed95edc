//! The filter line: what is typed, checked by the query language with the words of the tab's area.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::row::Kind;
use crate::domain::case::CaseState;
use crate::domain::query::Query;

/// A checked filter: which rows of a kind are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What its rows are.
    pub kind: Kind,
    /// The filter as the database takes it.
    pub asks: Value,
}

impl Filter {
    /// The one that lets every row through.
    #[must_use]
    pub fn everything(kind: Kind) -> Self {
        Self { kind, asks: json!({}) }
    }

    /// Whether every row it lets through still waits for something, or nothing speaks against it.
    #[must_use]
    pub fn waits(&self) -> bool {
        let open = |state: &Value| {
            state.as_str().and_then(|state| state.parse().ok()).is_some_and(|state: CaseState| !state.is_final())
        };
        let states = self.asks["state"].as_array();
        self.kind != Kind::Egress || self.asks["mine"] == true || states.is_some_and(|states| states.iter().all(open))
    }
}

/// What is wrong with a filter: the bytes of the word, and a sentence.
pub type Mistake = (std::ops::Range<usize>, String);

/// Checks a filter; ages in it count back from `now`, days begin in the site's `zone`.
///
/// # Errors
/// The word that is not understood, and why.
pub fn check(kind: Kind, text: &str, now: DateTime<Utc>, zone: Tz) -> Result<Filter, Mistake> {
    let query = Query::parse(kind.fields(), text).map_err(|error| (error.span, error.sentence))?;
    Ok(Filter { kind, asks: query.filter(now, zone) })
}
