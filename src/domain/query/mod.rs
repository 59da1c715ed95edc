//! The filter language of lists: `state:pending project:heart size>10M age>3d by:LOGIN words`, the same in the desk's
//! filter line and on the command line (design, section 8), over the fields of whichever area. Parsed here, sent on as JSON.
//!
//! Every term must match. Several values of one field, after commas or in several terms, match if one of them does. Quotes keep
//! spaces and signs together: `"two words"`, `by:"a b"`; inside them `\"` and `\\` stand for themselves. Only states can be
//! excluded: `-state:released`. Sizes take K, M, G, T; ages m, h, d, w.

mod complete;
mod fields;
mod filter;
mod known;
mod measure;
mod read;
mod token;
mod when;

pub use complete::{Choice, Completion, complete};
pub use fields::{Asks, FIELDS, Field, GRANT_FIELDS, PERMIT_FIELDS, REQUEST_FIELDS, Values, WORDS};
pub use known::Known;

use std::fmt;

use self::measure::{age_text, size_text};
pub use self::token::{QueryError, Sign};
use self::token::{quoted, tokens};
pub use self::when::{When, last_day};

/// A parsed filter line. `Display` writes it back; parsing that gives the same query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The terms in the order they were written.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What is asked for; [`WORDS`] for a plain word.
    pub field: &'static Field,
    /// What it has to be.
    pub value: Value,
}

/// What a field has to be, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One of these words.
    Words(Vec<String>),
    /// One of these ids.
    Ids(Vec<i64>),
    /// Against a number of bytes.
    Size(Sign, u64),
    /// Against a number of seconds.
    Age(Sign, u64),
    /// Before or after.
    Moment(Sign, When),
}

impl Query {
    /// Reads a line with the words of an area.
    ///
    /// # Errors
    /// The word that is not understood, and what to do about it.
    pub fn parse(fields: &'static [Field], line: &str) -> Result<Self, QueryError> {
        let terms =
            tokens(line)?.iter().filter_map(|token| token.term(fields).transpose()).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }

    /// Whether a day was typed: only then does the filter depend on the site's zone.
    #[must_use]
    pub fn names_a_day(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.value, Value::Moment(_, When::Day(_))))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<String> = self.terms.iter().map(ToString::to_string).collect();
        f.write_str(&terms.join(" "))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.field.name;
        match &self.value {
            Value::Words(words) if name.is_empty() => f.write_str(&list(words)),
            Value::Words(words) => write!(f, "{name}:{}", list(words)),
            Value::Ids(ids) => write!(f, "{name}:{}", list(ids)),
            Value::Size(sign, bytes) => write!(f, "{name}{sign}{}", size_text(*bytes)),
            Value::Age(sign, seconds) => write!(f, "{name}{sign}{}", age_text(*seconds)),
            Value::Moment(sign, when) => write!(f, "{name}{sign}{when}"),
        }
    }
}

fn list<T: fmt::Display>(values: &[T]) -> String {
    values.iter().map(|value| quoted(&value.to_string())).collect::<Vec<_>>().join(",")
}
