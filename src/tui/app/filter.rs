//! The filter line: what is typed, checked by the query language of the tab's kind of rows.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::row::Kind;
use crate::domain::access::{GrantFilter, RequestFilter};
use crate::domain::filter::EgressFilter;
use crate::domain::query::{GrantQuery, Query, QueryError, RequestQuery};

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
    /// The one that lets every row through.
    #[must_use]
    pub fn everything(kind: Kind) -> Self {
        match kind {
            Kind::Egress => Self::Egress(EgressFilter::default()),
            Kind::Request => Self::Request(RequestFilter::default()),
            Kind::Grant => Self::Grant(GrantFilter::default()),
        }
    }

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

    /// What its rows are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Egress(_) => Kind::Egress,
            Self::Request(_) => Kind::Request,
            Self::Grant(_) => Kind::Grant,
        }
    }
}

/// What is wrong with a filter: the bytes of the word, and a sentence.
pub type Mistake = (std::ops::Range<usize>, String);

/// Checks a filter; ages in it count back from `now`, days begin in the site's `zone`.
///
/// # Errors
/// The word that is not understood, and why.
pub fn check(kind: Kind, text: &str, now: DateTime<Utc>, zone: Tz) -> Result<Filter, Mistake> {
    let wrong = |error: QueryError| (error.span, error.sentence);
    match kind {
        Kind::Egress => text.parse::<Query>().map(|query| Filter::Egress(query.filter(now))).map_err(wrong),
        Kind::Request => {
            text.parse::<RequestQuery>().map(|query| Filter::Request(query.filter(now, zone))).map_err(wrong)
        }
        Kind::Grant => text.parse::<GrantQuery>().map(|query| Filter::Grant(query.filter(zone))).map_err(wrong),
    }
}
