//! The columns of the Permits tab, and what they and its detail say alike of a permit.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{left, until};
use super::super::words::safe;
use crate::domain::permit::{Permit, Stage, Status};
use crate::text::{shown, waited};
use crate::tui::app::screen::Column;
use crate::tui::app::tab::Width;
use crate::tui::app::words::{Cell, Tone};

pub type Of = Column<Permit>;

/// The columns of the table.
pub const COLUMNS: &[Of] = &[
    Of::new("SINCE", Width::Cells(8), |permit, now| {
        let tone = if permit.is_late(now.to_utc()) { Tone::Stop } else { plain(permit) };
        Cell::new(tone, waited(now.to_utc() - permit.status_since))
    })
    .narrow(),
    Of::new("REFERENCE", Width::Cells(13), |permit, _| Cell::new(plain(permit), safe(&permit.reference))).narrow(),
    Of::new("STATUS", Width::Cells(16), |permit, _| Cell::new(tone(permit), standing(permit))).narrow(),
    Of::new("WAITS FOR", Width::Grows(14, 24), |permit, _| Cell::new(plain(permit), waits(permit))).narrow(),
    Of::new("TITLE", Width::Rest(14), |permit, _| Cell::new(plain(permit), shown(&permit.title))).narrow(),
    Of::new("PROJECT", Width::Cells(10), |permit, _| Cell::new(plain(permit), safe(&permit.project))),
    Of::new("DATA UNTIL", Width::Cells(17), ends),
    Of::new("OUTPUTS", Width::Cells(9), |permit, _| {
        let approved = permit.outputs.iter().filter(|output| output.status == "EGRESS_APPROVED").count();
        let all = permit.outputs.len();
        Cell::new(Tone::Plain, if all == 0 { String::new() } else { format!("{approved}/{all}") })
    })
    .sparse(),
];

fn plain(permit: &Permit) -> Tone {
    if permit.stage == Stage::Over { Tone::Dim } else { Tone::Plain }
}

/// How its status is to be read.
pub fn tone(permit: &Permit) -> Tone {
    match permit.status {
        Status::AnalysisActive => Tone::Good,
        Status::PreparationRework | Status::SetupRework | Status::AnalysisPaused => Tone::Warn,
        Status::Revoked => Tone::Stop,
        _ => plain(permit),
    }
}

/// Where it stands in few cells; of what is paused by itself, why.
pub fn standing(permit: &Permit) -> String {
    let why = match (permit.status, permit.paused_for.as_deref()) {
        (Status::AnalysisPaused, Some("ended")) => ": ended",
        (Status::AnalysisPaused, Some("grants")) => ": no grant",
        _ => "",
    };
    safe(&permit.short) + why
}

/// For whom it waits: a second person, the people of the next step, or nobody.
pub fn waits(permit: &Permit) -> String {
    if let Some(second) = &permit.second {
        return format!("2nd to {} ({})", second.what, safe(&second.by));
    }
    if let Some(output) = permit.outputs.iter().find(|output| output.decided_at.is_none()) {
        return format!("votes on output {}", output.number);
    }
    permit.waits_for.iter().map(|role| safe(&role.replace('_', " "))).collect::<Vec<_>>().join(", ")
}

/// Its end, with the days left.
fn ends(permit: &Permit, now: DateTime<Tz>) -> Cell {
    let zone = now.timezone();
    let until = until(permit.valid_until, permit.last_day, zone);
    if permit.stage == Stage::Over || permit.valid_until <= now.to_utc() {
        return Cell::new(Tone::Dim, until);
    }
    let left = left(now, permit.valid_until, permit.last_day);
    Cell::new(if left < 30 { Tone::Warn } else { Tone::Plain }, format!("{until}, {left}d"))
}
