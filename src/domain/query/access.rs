//! The filter language of the lists of requests and grants, in the same words and signs as that of files. Called by the
//! desk's filter line and `cli`.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::fields::{self, Field, GRANT_FIELDS, REQUEST_FIELDS};
use super::measure::{age_text, parse_age};
use super::token::{QueryError, Sign, Token, quoted, tokens};
use super::{list, lower};
use crate::domain::access::{GrantFilter, GrantState, RequestFilter, RequestStatus};

/// A parsed filter line of requests. `Display` writes it back; parsing that gives the same query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// The terms in the order they were written.
    pub terms: Vec<AccessTerm>,
}

/// A parsed filter line of grants. `Display` writes it back; parsing that gives the same query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantQuery {
    /// The terms in the order they were written.
    pub terms: Vec<AccessTerm>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessTerm {
    /// A part of a text, title, name, login or accession.
    Word(String),
    /// What became of the request.
    Status(Vec<RequestStatus>),
    /// What the grant is now.
    State(Vec<GrantState>),
    /// One of these accessions.
    Dataset(Vec<String>),
    /// One of these logins.
    By(Vec<String>),
    /// One of these committees.
    Dac(Vec<String>),
    /// One of these tickets.
    Ticket(Vec<String>),
    /// From one of these requests.
    Request(Vec<i64>),
    /// One of these ids.
    Id(Vec<i64>),
    /// Made before or after.
    Created(Sign, When),
    /// The period starts before or at; `>` is not asked of it.
    Starts(When),
    /// The period ends at or after; `<` is not asked of it.
    Ends(When),
    /// Waiting time against a number of seconds.
    Age(Sign, u64),
    /// Ends within so many days.
    Expiring(u32),
    /// Only what waits longer than promised.
    Overdue,
    /// Only what needs the reader.
    Mine,
    /// Only what someone is looking at.
    Claimed,
}

/// A moment as it was typed: exact, or a day in the site's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// RFC 3339.
    Exact(DateTime<Utc>),
    /// `2026-11-21`: its beginning.
    Day(NaiveDate),
}

impl When {
    /// The moment; a day begins at its first instant in the zone, which need not be midnight.
    #[must_use]
    pub fn at(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Exact(at) => at,
            Self::Day(day) => day_begins(day, zone),
        }
    }
}

impl std::str::FromStr for When {
    type Err = String;

    /// RFC 3339 or `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(Self::Day(day));
        }
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self::Exact(at.with_timezone(&Utc)))
            .map_err(|_| "A time is written as 2026-11-21 or 2026-11-21T09:00:00Z.".to_owned())
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(at) => f.write_str(&quoted(&at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// The first instant of a day in a zone. Where the clocks skip midnight, that is the hour after.
fn day_begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let first = (0..24).find_map(|hour| day.and_hms_opt(hour, 0, 0)?.and_local_timezone(zone).earliest());
    first.map_or_else(|| day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc(), |at| at.with_timezone(&Utc))
}

impl std::str::FromStr for RequestQuery {
    type Err = QueryError;

    fn from_str(line: &str) -> Result<Self, QueryError> {
        parse(line, REQUEST_FIELDS).map(|terms| Self { terms })
    }
}

impl std::str::FromStr for GrantQuery {
    type Err = QueryError;

    fn from_str(line: &str) -> Result<Self, QueryError> {
        parse(line, GRANT_FIELDS).map(|terms| Self { terms })
    }
}

impl RequestQuery {
    /// The database's filter; ages are counted back from `now`, days begin in `zone`.
    #[must_use]
    pub fn filter(&self, now: DateTime<Utc>, zone: Tz) -> RequestFilter {
        let mut filter = RequestFilter::default();
        let moment = |seconds: u64| now - TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0));
        for term in &self.terms {
            match term.clone() {
                AccessTerm::Word(word) => filter.words.push(word),
                AccessTerm::Status(values) => filter.state.extend(values),
                AccessTerm::Dataset(values) => filter.dataset.extend(values),
                AccessTerm::By(values) => filter.by.extend(values),
                AccessTerm::Dac(values) => filter.dac.extend(values),
                AccessTerm::Ticket(values) => filter.ticket.extend(values),
                AccessTerm::Id(ids) => filter.id.extend(ids.iter().map(ToString::to_string)),
                AccessTerm::Created(sign, when) => {
                    created(&mut filter.after, &mut filter.before, sign, when.at(zone));
                }
                AccessTerm::Age(Sign::More | Sign::AtLeast, seconds) => lower(&mut filter.before, moment(seconds)),
                AccessTerm::Age(_, seconds) => filter.after = filter.after.max(Some(moment(seconds))),
                AccessTerm::Starts(when) => lower(&mut filter.period_until, when.at(zone)),
                AccessTerm::Ends(when) => filter.period_from = filter.period_from.max(Some(when.at(zone))),
                AccessTerm::Overdue => filter.overdue = true,
                AccessTerm::Mine => filter.mine = true,
                AccessTerm::Claimed => filter.claimed = true,
                // Of grants only; the parser knows no such field here.
                AccessTerm::State(_) | AccessTerm::Request(_) | AccessTerm::Expiring(_) => {}
            }
        }
        filter
    }
}

impl GrantQuery {
    /// The database's filter; days begin in `zone`.
    #[must_use]
    pub fn filter(&self, zone: Tz) -> GrantFilter {
        let mut filter = GrantFilter::default();
        for term in &self.terms {
            match term.clone() {
                AccessTerm::Word(word) => filter.words.push(word),
                AccessTerm::State(values) => filter.state.extend(values),
                AccessTerm::Dataset(values) => filter.dataset.extend(values),
                AccessTerm::By(values) => filter.by.extend(values),
                AccessTerm::Dac(values) => filter.dac.extend(values),
                AccessTerm::Request(ids) => filter.request.extend(ids.iter().map(ToString::to_string)),
                AccessTerm::Id(ids) => filter.id.extend(ids.iter().map(ToString::to_string)),
                AccessTerm::Created(sign, when) => {
                    created(&mut filter.after, &mut filter.before, sign, when.at(zone));
                }
                AccessTerm::Starts(when) => lower(&mut filter.period_until, when.at(zone)),
                AccessTerm::Ends(when) => filter.period_from = filter.period_from.max(Some(when.at(zone))),
                AccessTerm::Expiring(days) => lower(&mut filter.expiring_days, days),
                // Of requests only; the parser knows no such field here.
                AccessTerm::Status(_)
                | AccessTerm::Ticket(_)
                | AccessTerm::Age(..)
                | AccessTerm::Overdue
                | AccessTerm::Mine
                | AccessTerm::Claimed => {}
            }
        }
        filter
    }
}

fn created(after: &mut Option<DateTime<Utc>>, before: &mut Option<DateTime<Utc>>, sign: Sign, at: DateTime<Utc>) {
    // The database keeps microseconds, so one of them is the difference between `>` and `>=`.
    let step = TimeDelta::microseconds(1);
    match sign {
        Sign::More => *after = (*after).max(Some(at + step)),
        Sign::AtLeast => *after = (*after).max(Some(at)),
        Sign::Less => lower(before, at - step),
        Sign::AtMost => lower(before, at),
    }
}

fn parse(line: &str, fields: &'static [Field]) -> Result<Vec<AccessTerm>, QueryError> {
    tokens(line)?.iter().filter_map(|token| term(token, fields).transpose()).collect()
}

fn term(token: &Token, fields: &'static [Field]) -> Result<Option<AccessTerm>, QueryError> {
    let Some((typed, sign)) = token.field() else {
        let word = token.text();
        return Ok((!word.is_empty()).then_some(AccessTerm::Word(word)));
    };
    // `status:` and `state:` are one thing to who types them.
    let Some(Field { name: field, example, .. }) = fields::of(fields, &typed) else {
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        return Err(
            token.error(format!("There is no such field; use {}, or put the word in quotes.", names.join(", ")))
        );
    };
    match sign {
        Some(sign) => compared(token, field, sign, example),
        None => named(token, field, example),
    }
    .map(Some)
}

fn named(token: &Token, field: &str, example: &str) -> Result<AccessTerm, QueryError> {
    let values = token.values();
    if values.is_empty() {
        return Err(token.error(format!("Say which: a value has to follow {field}:.")));
    }
    let wrong = |sentence: String| token.error(sentence);
    Ok(match field {
        "status" => AccessTerm::Status(values.iter().map(|v| v.parse()).collect::<Result<_, _>>().map_err(wrong)?),
        "state" => AccessTerm::State(values.iter().map(|v| v.parse()).collect::<Result<_, _>>().map_err(wrong)?),
        "dataset" => AccessTerm::Dataset(values),
        "by" => AccessTerm::By(values),
        "dac" => AccessTerm::Dac(values),
        "ticket" => AccessTerm::Ticket(values),
        "id" => AccessTerm::Id(token.numbers(&values)?),
        "request" => AccessTerm::Request(token.numbers(&values)?),
        "is" if values.iter().all(|value| value.eq_ignore_ascii_case("mine")) => AccessTerm::Mine,
        "is" if values.iter().all(|value| value.eq_ignore_ascii_case("overdue")) => AccessTerm::Overdue,
        "is" if values.iter().all(|value| value.eq_ignore_ascii_case("claimed")) => AccessTerm::Claimed,
        "is" => return Err(token.error("Only is:mine, is:overdue and is:claimed are known.".to_owned())),
        _ => return Err(token.error(format!("Compare {field} with > or <, as in {example}."))),
    })
}

fn compared(token: &Token, field: &str, sign: Sign, example: &str) -> Result<AccessTerm, QueryError> {
    let value = token.compared_with();
    let when = || value.parse::<When>().map_err(|sentence| token.error(sentence));
    let age = || {
        let sentence = "An age is a whole number with m, h, d or w, as in 3d.".to_owned();
        parse_age(&value).ok_or_else(|| token.error(sentence))
    };
    let less = matches!(sign, Sign::Less | Sign::AtMost);
    Ok(match (field, less) {
        ("created", _) => AccessTerm::Created(sign, when()?),
        ("age", _) => AccessTerm::Age(sign, age()?),
        ("starts", true) => AccessTerm::Starts(when()?),
        ("ends", false) => AccessTerm::Ends(when()?),
        ("expiring", true) => AccessTerm::Expiring(u32::try_from(age()?.div_ceil(86_400)).unwrap_or(u32::MAX)),
        _ => return Err(token.error(format!("Write {field} as in {example}."))),
    })
}

impl fmt::Display for AccessTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(&quoted(word)),
            Self::Status(values) => write!(f, "status:{}", list(values)),
            Self::State(values) => write!(f, "state:{}", list(values)),
            Self::Dataset(values) => write!(f, "dataset:{}", list(values)),
            Self::By(values) => write!(f, "by:{}", list(values)),
            Self::Dac(values) => write!(f, "dac:{}", list(values)),
            Self::Ticket(values) => write!(f, "ticket:{}", list(values)),
            Self::Request(ids) => write!(f, "request:{}", list(ids)),
            Self::Id(ids) => write!(f, "id:{}", list(ids)),
            Self::Created(sign, when) => write!(f, "created{sign}{when}"),
            Self::Starts(when) => write!(f, "starts<={when}"),
            Self::Ends(when) => write!(f, "ends>={when}"),
            Self::Age(sign, seconds) => write!(f, "age{sign}{}", age_text(*seconds)),
            Self::Expiring(days) => write!(f, "expiring<{days}d"),
            Self::Overdue => f.write_str("is:overdue"),
            Self::Mine => f.write_str("is:mine"),
            Self::Claimed => f.write_str("is:claimed"),
        }
    }
}

macro_rules! written_back {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let terms: Vec<String> = self.terms.iter().map(ToString::to_string).collect();
                f.write_str(&terms.join(" "))
            }
        }
    };
}

written_back!(RequestQuery);
written_back!(GrantQuery);
