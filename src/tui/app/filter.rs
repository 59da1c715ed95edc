//! The filter line: what is typed, checked by the query language of the tab's kind of rows.

use chrono::{DateTime, Utc};

use super::row::Kind;
use crate::domain::filter::EgressFilter;
use crate::domain::query::{Query, QueryError};

/// A checked filter: which rows of a kind are asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// File versions.
    Egress(EgressFilter),
}

impl Filter {
    /// The one that lets every row through.
    #[must_use]
    pub fn everything(kind: Kind) -> Self {
        match kind {
            Kind::Egress => Self::Egress(EgressFilter::default()),
        }
    }

    /// What its rows are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Egress(_) => Kind::Egress,
        }
    }
}

/// What is wrong with a filter: the bytes of the word, and a sentence.
pub type Mistake = (std::ops::Range<usize>, String);

/// Checks a filter; ages in it count back from `now`.
///
/// # Errors
/// The word that is not understood, and why.
pub fn check(kind: Kind, text: &str, now: DateTime<Utc>) -> Result<Filter, Mistake> {
    let wrong = |error: QueryError| (error.span, error.sentence);
    match kind {
        Kind::Egress => text.parse::<Query>().map(|query| Filter::Egress(query.filter(now))).map_err(wrong),
    }
}
