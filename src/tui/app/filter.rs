//! The filter line: what is typed, checked by the query language of the tab's kind of rows.

use crate::domain::access::{GrantFilter, RequestFilter};
use crate::domain::filter::EgressFilter;
use crate::domain::query::QueryError;

/// A checked filter: which rows of a kind are asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// File versions.
    Egress(EgressFilter),
    /// Access requests.
    Request(RequestFilter),
    /// Access grants.
    Grant(GrantFilter),
}

impl Filter {
    /// Whether every row it lets through still waits for something, or nothing speaks against it.
    #[must_use]
    pub fn waits(&self) -> bool {
        match self {
            Self::Egress(filter) => {
                filter.mine || !filter.state.is_empty() && filter.state.iter().all(|state| !state.is_final())
            }
            Self::Request(_) | Self::Grant(_) => true,
        }
    }
}

/// What is wrong with a filter: the bytes of the word, and a sentence.
pub type Mistake = (std::ops::Range<usize>, String);

/// A mistake as the line shows it.
#[must_use]
pub fn mistake(error: QueryError) -> Mistake {
    (error.span, error.sentence)
}
