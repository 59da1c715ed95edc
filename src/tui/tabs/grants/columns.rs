//! The columns of the Access Grants tab, and what they and its detail say alike of a grant.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{day, left, state_tone, until};
use super::super::words::safe;
use crate::domain::access::{Grant, GrantState};
use crate::text::shown;
use crate::tui::app::screen::Column;
use crate::tui::app::tab::Width;
use crate::tui::app::words::{Cell, Tone};

pub type Of = Column<Grant>;

/// The columns of the table.
pub const COLUMNS: &[Of] = &[
    Of::new("STATE", Width::Cells(8), |grant, _| Cell::new(state_tone(grant.state), grant.state.to_string())).narrow(),
    Of::new("ENDS", Width::Cells(17), ends).narrow(),
    Of::new("PERSON", Width::Cells(12), |grant, _| named(grant, grant.user_removed, safe(&grant.login))).narrow(),
    Of::new("DATASET", Width::Cells(19), |grant, _| plain(grant, safe(&grant.dataset_id))),
    Of::new("TITLE", Width::Rest(14), |grant, _| named(grant, grant.dataset_removed, shown(&grant.dataset_title)))
        .narrow(),
    Of::new("FROM", Width::Cells(11), |grant, now| plain(grant, day(grant.valid_from, now.timezone()))),
    Of::new("GRANT", Width::Cells(6), |grant, _| plain(grant, grant.id.to_string())),
    Of::new("REQUEST", Width::Cells(14), |grant, _| plain(grant, origin(grant))),
];

/// A cell in the tone of the grant: what is over is less important.
fn plain(grant: &Grant, text: String) -> Cell {
    let over = matches!(grant.state, GrantState::Expired | GrantState::Revoked);
    Cell::new(if over { Tone::Dim } else { Tone::Plain }, text)
}

/// The same for a name of somebody or something that may be gone.
fn named(grant: &Grant, gone: bool, name: String) -> Cell {
    plain(grant, if gone { format!("(gone) {name}") } else { name })
}

/// When it ends or ended, with the days left where it is live.
fn ends(grant: &Grant, now: DateTime<Tz>) -> Cell {
    let zone = now.timezone();
    let left = left(now, grant.valid_until, grant.last_day);
    match grant.state {
        GrantState::Revoked => Cell::new(Tone::Dim, day(grant.revoked_at.unwrap_or(grant.valid_until), zone)),
        GrantState::Active => {
            let tone = if left < 30 { Tone::Warn } else { Tone::Plain };
            Cell::new(tone, format!("{}, {left}d", until(grant.valid_until, grant.last_day, zone)))
        }
        GrantState::Upcoming | GrantState::Expired => plain(grant, until(grant.valid_until, grant.last_day, zone)),
    }
}

/// Which request it came from and what became of that, apart from what the grant is now.
pub fn origin(item: &Grant) -> String {
    match (item.request, item.request_status) {
        (None, _) => "by hand".into(),
        (Some(id), None) => id.to_string(),
        (Some(id), Some(status)) => format!("{id} {status}"),
    }
}
