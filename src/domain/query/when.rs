//! Moments as people type them: a day in the site's zone, or exact. A day that begins something is its first instant, one
//! that ends something its last. Part of [`super`]; `cli` and the dialogs of the desk read them too.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::token::quoted;

/// A moment as it was typed: exact, or a day in the site's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// RFC 3339.
    Exact(DateTime<Utc>),
    /// `2026-11-21`: all of it.
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

    /// The moment as an end: a day ends with its last microsecond in the zone, which is what the database keeps.
    #[must_use]
    pub fn end(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Exact(at) => at,
            Self::Day(day) => day_ends(day, zone),
        }
    }
}

/// The day that an end is the end of, to the microsecond (`exeat.last_day` says the same).
#[must_use]
pub fn last_day(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    let day = at.with_timezone(&zone).date_naive();
    (day_ends(day, zone) == at).then_some(day)
}

impl std::str::FromStr for When {
    type Err = String;

    /// RFC 3339 or `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, String> {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d");
        if let Ok(day) = day(text) {
            return Ok(Self::Day(day));
        }
        DateTime::parse_from_rfc3339(text).map(|at| Self::Exact(at.with_timezone(&Utc))).map_err(|_| {
            let (named, at_least_day) = (text.get(..10).unwrap_or(text), text.get(10..).unwrap_or_default());
            let dated = named.split('-').map(str::len).eq([4, 2, 2])
                && named.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
                && (at_least_day.is_empty() || at_least_day.starts_with(['T', 't', ' ']));
            if dated && day(named).is_err() {
                return format!("There is no {named}.");
            }
            "A time is written as 2026-11-21 or 2026-11-21T09:00:00Z.".to_owned()
        })
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

/// The last microsecond of a day in a zone.
fn day_ends(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let next = day.succ_opt().unwrap_or(day);
    day_begins(next, zone) - TimeDelta::microseconds(1)
}

/// The first instant of a day in a zone. Where the clocks skip midnight, that is the hour after.
fn day_begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let first = (0..24).find_map(|hour| day.and_hms_opt(hour, 0, 0)?.and_local_timezone(zone).earliest());
    first.map_or_else(|| day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc(), |at| at.with_timezone(&Utc))
}
