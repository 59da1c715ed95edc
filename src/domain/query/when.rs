//! Moments as people type them: a day in the site's zone, or exact. Part of [`super`]; `cli` reads them in arguments too.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::token::quoted;

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
