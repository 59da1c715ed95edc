//! The columns of the Access Requests tab, and what they and its detail say alike of a request.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{day, status_tone, until};
use super::super::words::safe;
use crate::domain::access::{AccessRequest, RequestStatus};
use crate::text::{shown, waited};
use crate::tui::app::screen::Column;
use crate::tui::app::tab::Width;
use crate::tui::app::words::{Cell, Tone};

pub type Of = Column<AccessRequest>;

/// The columns of the table.
pub const COLUMNS: &[Of] = &[
    Of::new("WAITS", Width::Cells(7), |request, now| {
        while_pending(request, || Cell::new(Tone::Plain, waited(now.to_utc() - request.request_created)))
    })
    .narrow(),
    Of::new("PROMISED", Width::Cells(9), |request, now| {
        let tone = if request.is_overdue(now.to_utc()) { Tone::Stop } else { Tone::Dim };
        while_pending(request, || Cell::new(tone, promised(request, now)))
    })
    .narrow(),
    Of::new("FROM", Width::Cells(12), |request, _| plain(request, safe(&request.login))).narrow(),
    Of::new("DATASET", Width::Cells(19), |request, _| plain(request, safe(&request.dataset_id))),
    Of::new("TITLE", Width::Rest(16), |request, _| {
        let gone = if request.dataset_removed { "(gone) " } else { "" };
        plain(request, format!("{gone}{}", shown(&request.dataset_title)))
    })
    .narrow(),
    Of::new("PERIOD", Width::Cells(25), |request, now| {
        let day = |at| day(at, now.timezone());
        plain(
            request,
            format!(
                "{} - {}",
                day(request.access_starts),
                until(request.access_ends, request.last_day, now.timezone())
            ),
        )
    }),
    Of::new("CLAIMED", Width::Cells(9), |request, now| {
        let inside = request.internal.as_ref().filter(|inside| inside.claimed_until > Some(now.to_utc()));
        let who = inside.and_then(|inside| inside.claimed_by.as_deref());
        while_pending(request, || Cell::new(Tone::Warn, who.map_or_else(String::new, safe)))
    })
    .narrow()
    .sparse(),
    Of::new("STATUS", Width::Cells(8), |request, _| Cell::new(status_tone(request.status), request.status.to_string()))
        .narrow(),
];

/// A cell in the tone of the request: what was decided is less important.
fn plain(request: &AccessRequest, text: String) -> Cell {
    Cell::new(if request.status == RequestStatus::Pending { Tone::Plain } else { Tone::Dim }, text)
}

/// A cell that is empty once the request is decided.
fn while_pending(request: &AccessRequest, cell: impl FnOnce() -> Cell) -> Cell {
    if request.status == RequestStatus::Pending { cell() } else { Cell::default() }
}

/// Time left to the promised turnaround, or over it, in words.
pub fn promised(item: &AccessRequest, now: DateTime<Tz>) -> String {
    let left = item.due - now.to_utc();
    if left.num_seconds() < 0 { format!("{} late", short(-left)) } else { format!("in {}", short(left)) }
}

/// Days, or hours below two of them: enough to triage by.
fn short(time: chrono::TimeDelta) -> String {
    match (time.num_days(), time.num_hours()) {
        (0 | 1, 0) => format!("{}m", time.num_minutes()),
        (0 | 1, hours) => format!("{hours}h"),
        (days, _) => format!("{days}d"),
    }
}
