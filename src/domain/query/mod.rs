//! The filter language of lists: `state:pending project:heart size>10M age>3d by:LOGIN words`, the same in the desk's
//! filter line and on the command line (design, section 8). Parsed here, sent on as an [`EgressFilter`].
//!
//! Every term must match. Several values of one field, after commas or in several terms, match if one of them does. Quotes keep
//! spaces and signs together: `"two words"`, `by:"a b"`; inside them `\"` and `\\` stand for themselves. Only states can be
//! excluded: `-state:released`. Sizes take K, M, G, T; ages m, h, d, w.

mod access;
mod complete;
mod fields;
mod measure;
mod token;

pub use access::{AccessTerm, GrantQuery, RequestQuery, When};
pub use complete::{Choice, Completion, Known, complete};
pub use fields::{FIELDS, Field, GRANT_FIELDS, REQUEST_FIELDS, Values};

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use self::measure::{age_text, parse_age, parse_size, size_text};
pub use self::token::{QueryError, Sign};
use self::token::{Token, quoted, tokens};
use super::case::CaseState;
use super::filter::EgressFilter;

/// A parsed filter line. `Display` writes it back; parsing that gives the same query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The terms in the order they were written.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A part of key or purpose.
    Word(String),
    /// In one of these states.
    State(Vec<CaseState>),
    /// In none of these states.
    NotState(Vec<CaseState>),
    /// In one of these projects.
    Project(Vec<String>),
    /// For one of these destinations.
    Destination(Vec<String>),
    /// Submitted by one of these logins.
    By(Vec<String>),
    /// One of these media types or extensions.
    Kind(Vec<String>),
    /// Size against a number of bytes.
    Size(Sign, u64),
    /// Waiting time against a number of seconds.
    Age(Sign, u64),
    /// Only what needs the reader.
    Mine,
    /// Only what someone is looking at.
    Claimed,
    /// One of these submissions.
    Submission(Vec<i64>),
    /// One of these file versions.
    Id(Vec<i64>),
    /// A SHA-256 that begins with one of these.
    Sha256(Vec<String>),
}

impl std::str::FromStr for Query {
    type Err = QueryError;

    fn from_str(line: &str) -> Result<Self, QueryError> {
        let terms = tokens(line)?.into_iter().filter_map(|token| token.term().transpose()).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }
}

impl Query {
    /// The database's filter; ages are counted back from `now`.
    #[must_use]
    pub fn filter(&self, now: DateTime<Utc>) -> EgressFilter {
        let mut filter = EgressFilter::default();
        let moment = |seconds: u64| now - TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0));
        for term in &self.terms {
            match term.clone() {
                Term::Word(word) => filter.words.push(word),
                Term::State(states) => filter.state.extend(states),
                Term::NotState(states) => filter.not_state.extend(states),
                Term::Project(values) => filter.project.extend(values),
                Term::Destination(values) => filter.destination.extend(values),
                Term::By(values) => filter.by.extend(values),
                Term::Kind(values) => filter.kind.extend(values),
                Term::Size(Sign::More, bytes) => filter.size_min = filter.size_min.max(Some(bytes.saturating_add(1))),
                Term::Size(Sign::AtLeast, bytes) => filter.size_min = filter.size_min.max(Some(bytes)),
                // Nothing is smaller than nothing: the two bounds cross and no row matches.
                Term::Size(Sign::Less, 0) => (filter.size_min, filter.size_max) = (Some(1), Some(0)),
                Term::Size(Sign::Less, bytes) => lower(&mut filter.size_max, bytes - 1),
                Term::Size(Sign::AtMost, bytes) => lower(&mut filter.size_max, bytes),
                Term::Age(Sign::More | Sign::AtLeast, seconds) => lower(&mut filter.before, moment(seconds)),
                Term::Age(_, seconds) => filter.after = filter.after.max(Some(moment(seconds))),
                Term::Mine => filter.mine = true,
                Term::Claimed => filter.claimed = true,
                Term::Submission(ids) => filter.submission.extend(ids),
                Term::Id(ids) => filter.id.extend(ids),
                Term::Sha256(parts) => filter.sha256.extend(parts),
            }
        }
        filter
    }
}

fn lower<T: Ord>(bound: &mut Option<T>, value: T) {
    if bound.as_ref().is_none_or(|have| value < *have) {
        *bound = Some(value);
    }
}

impl Token {
    fn term(&self) -> Result<Option<Term>, QueryError> {
        let Some((field, sign)) = self.field() else {
            let word = self.text();
            return Ok((!word.is_empty()).then_some(Term::Word(word)));
        };
        if let Some(sign) = sign {
            return self.compared(&field, sign).map(Some);
        }
        let values = self.values();
        let known = fields::of(FIELDS, &field);
        if known.is_some() && values.is_empty() {
            return Err(self.error(format!("Say which: a value has to follow {field}:.")));
        }
        Ok(Some(match known.map_or("", |known| known.name) {
            "state" => Term::State(self.each(&values)?),
            "-state" => Term::NotState(self.each(&values)?),
            "project" => Term::Project(values),
            "dest" => Term::Destination(values),
            "by" => Term::By(values),
            "kind" => Term::Kind(values.iter().map(|kind| kind.to_ascii_lowercase()).collect()),
            "is" if values.iter().all(|value| value.eq_ignore_ascii_case("mine")) => Term::Mine,
            "is" if values.iter().all(|value| value.eq_ignore_ascii_case("claimed")) => Term::Claimed,
            "is" => return Err(self.error("Only is:mine and is:claimed are known.".to_owned())),
            "id" => Term::Id(self.numbers(&values)?),
            "submission" => Term::Submission(self.numbers(&values)?),
            "sha256" => Term::Sha256(self.hashes(&values)?),
            "size" | "age" => {
                return Err(self.error(format!("Compare {field} with > or <, as in {}.", example(&field))));
            }
            _ => return Err(self.unknown(&field)),
        }))
    }

    fn compared(&self, field: &str, sign: Sign) -> Result<Term, QueryError> {
        let value = self.compared_with();
        match field {
            "size" => parse_size(&value)
                .map(|bytes| Term::Size(sign, bytes))
                .ok_or_else(|| self.error("A size is a number with K, M, G or T, as in size>10M.".to_owned())),
            "age" => parse_age(&value)
                .map(|seconds| Term::Age(sign, seconds))
                .ok_or_else(|| self.error("An age is a whole number with m, h, d or w, as in age>3d.".to_owned())),
            _ if fields::of(FIELDS, field).is_some() => {
                Err(self.error(format!("Only size and age have < and >; write {}.", example(field))))
            }
            _ => Err(self.unknown(field)),
        }
    }

    fn each(&self, values: &[String]) -> Result<Vec<CaseState>, QueryError> {
        values.iter().map(|value| value.parse().map_err(|sentence| self.error(sentence))).collect()
    }

    fn numbers(&self, values: &[String]) -> Result<Vec<i64>, QueryError> {
        let wrong = |_| self.error("An id is a whole number.".to_owned());
        values.iter().map(|value| value.parse().map_err(wrong)).collect()
    }

    fn hashes(&self, values: &[String]) -> Result<Vec<String>, QueryError> {
        let hex = |value: &String| value.len() <= 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
        if !values.iter().all(hex) {
            return Err(self.error("A SHA-256 is up to 64 hexadecimal digits.".to_owned()));
        }
        Ok(values.iter().map(|value| value.to_ascii_lowercase()).collect())
    }

    fn unknown(&self, field: &str) -> QueryError {
        if field.strip_prefix('-').is_some_and(|field| fields::of(FIELDS, field).is_some()) {
            return self.error("Only states can be excluded, as in -state:released.".to_owned());
        }
        let names: Vec<_> = FIELDS.iter().map(|field| field.name).filter(|name| !name.starts_with('-')).collect();
        self.error(format!("There is no such field; use {}, or put the word in quotes.", names.join(", ")))
    }
}

fn example(field: &str) -> &'static str {
    fields::of(FIELDS, field).map_or("state:pending", |field| field.example)
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, term) in self.terms.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(&quoted(word)),
            Self::State(states) => write!(f, "state:{}", list(states)),
            Self::NotState(states) => write!(f, "-state:{}", list(states)),
            Self::Project(values) => write!(f, "project:{}", list(values)),
            Self::Destination(values) => write!(f, "dest:{}", list(values)),
            Self::By(values) => write!(f, "by:{}", list(values)),
            Self::Kind(values) => write!(f, "kind:{}", list(values)),
            Self::Size(sign, bytes) => write!(f, "size{sign}{}", size_text(*bytes)),
            Self::Age(sign, seconds) => write!(f, "age{sign}{}", age_text(*seconds)),
            Self::Mine => f.write_str("is:mine"),
            Self::Claimed => f.write_str("is:claimed"),
            Self::Submission(ids) => write!(f, "submission:{}", list(ids)),
            Self::Id(ids) => write!(f, "id:{}", list(ids)),
            Self::Sha256(parts) => write!(f, "sha256:{}", list(parts)),
        }
    }
}

fn list<T: fmt::Display>(values: &[T]) -> String {
    values.iter().map(|value| quoted(&value.to_string())).collect::<Vec<_>>().join(",")
}
