//! The site's numbers for access, as the database last said them: dialogs and forms say at once what it would refuse. The
//! database judges by its own; these only spare a way there and back.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::query::last_day;
use crate::domain::refusal::Refusal;

/// The site's numbers. The defaults are GHGA's, as in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRules {
    /// Days begin in this zone.
    pub zone: Tz,
    /// The latest start of a new request, in days from now.
    pub lead_days: i64,
    /// The fewest days of a new request.
    pub shortest_days: i64,
    /// The most days of a new request.
    pub longest_days: i64,
    /// A steward gives at most this many times the most days.
    pub extension_factor: i64,
    /// Within so many days a request should be decided.
    pub turnaround_days: i64,
    /// The longest request text, in bytes.
    pub text_limit: usize,
    /// Whether nothing is allowed without a verified identity.
    pub iva_required: bool,
}

impl Default for SiteRules {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            lead_days: 180,
            shortest_days: 7,
            longest_days: 730,
            extension_factor: 5,
            turnaround_days: 5,
            text_limit: 1_100_000,
            iva_required: false,
        }
    }
}

impl SiteRules {
    /// So many calendar days after a moment, at the same time of day in the site's zone where there is that time.
    #[must_use]
    pub fn days_after(&self, at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
        let wall = at.with_timezone(&self.zone).naive_local();
        let there = wall.checked_add_signed(TimeDelta::days(days)).unwrap_or(wall).and_local_timezone(self.zone);
        there.earliest().map_or_else(|| at + TimeDelta::days(days), |there| there.with_timezone(&Utc))
    }

    /// What the database would refuse about a period (`exeat.period_why_not`; a test holds the two together): its code, and
    /// words short enough to stand beside the field. `by_steward`: who decides may extend and is bound by neither lead time nor
    /// shortest length.
    #[must_use]
    pub fn period_why_not(
        &self,
        starts: DateTime<Utc>,
        ends: DateTime<Utc>,
        now: DateTime<Utc>,
        by_steward: bool,
    ) -> Option<Refusal> {
        // A start that has passed becomes now.
        let starts = starts.max(now);
        let wall = |at: DateTime<Utc>, days| {
            at.with_timezone(&self.zone).naive_local().checked_add_signed(TimeDelta::days(days))
        };
        let no = |code: &str, message: String| Refusal { code: code.into(), message };
        let longest = if by_steward { self.longest_days * self.extension_factor } else { self.longest_days };
        if ends <= starts {
            return Some(no("ends_before_start", "The end must be later than the start.".into()));
        }
        if !by_steward && wall(starts, 0) > wall(now, self.lead_days) {
            return Some(no("too_early", format!("The start is more than {} days ahead.", self.lead_days)));
        }
        // The end of a day is that day: it has all of it, and is as many days after the start as the calendar says.
        let (last, begins) = (last_day(ends, self.zone), starts.with_timezone(&self.zone).date_naive());
        let over = TimeDelta::microseconds(i64::from(last.is_some()));
        if !by_steward && wall(ends + over, 0) < wall(starts, self.shortest_days) {
            return Some(no("too_short", format!("That is shorter than {} days.", self.shortest_days)));
        }
        let too_long = match last {
            Some(last) => (last - begins).num_days() > longest,
            None => wall(ends, 0) > wall(starts, longest),
        };
        too_long.then(|| no("too_long", format!("That is longer than {longest} days.")))
    }
}
