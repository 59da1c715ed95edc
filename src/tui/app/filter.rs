//! The filter line: what is typed, checked by the query language.

use chrono::{DateTime, Utc};

use crate::domain::filter::EgressFilter;
use crate::domain::query::Query;

/// A checked filter.
pub type Filter = EgressFilter;

/// What is wrong with a filter: the bytes of the word, and a sentence.
pub type Mistake = (std::ops::Range<usize>, String);

/// Checks a filter; ages in it count back from `now`.
///
/// # Errors
/// The word that is not understood, and why.
pub fn check(text: &str, now: DateTime<Utc>) -> Result<Filter, Mistake> {
    let query: Query = text.parse().map_err(|error: crate::domain::query::QueryError| (error.span, error.sentence))?;
    Ok(query.filter(now))
}
