//! The Access Grants tab: who has access to which dataset, what each grant is now, and what became of its request.

mod detail;
mod dialogs;
mod timeline;

use chrono::DateTime;
use chrono_tz::Tz;

use self::detail::detail;
use super::access::{day, days, order, reason, safe, state_tone};
use crate::domain::access::{AccessSortField, Grant, GrantFilter, GrantState};
use crate::domain::query::{Field, GRANT_FIELDS, GrantQuery, Known};
use crate::domain::refusal::Refusal;
use crate::text::{full_time, shown};
use crate::tui::app::Action;
use crate::tui::app::filter::{Filter, Mistake, mistake};
use crate::tui::app::layers::Facts;
use crate::tui::app::msg::Me;
use crate::tui::app::row::{Item, Row, Target};
use crate::tui::app::screen::{Column, MakeSide, Screen};
use crate::tui::app::spec::Opens;
use crate::tui::app::tab::{Area, Order, Width};
use crate::tui::app::words::{Cell, Fact, Tone};

type Of = Column<Grant>;

/// The columns of the table.
const COLUMNS: &[Of] = &[
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

/// The orders of the table.
const ORDERS: &[Order] = &[
    order(AccessSortField::Ends, false, "first to end first", "last to end first"),
    order(AccessSortField::Created, true, "newest first", "oldest first"),
    order(AccessSortField::Login, false, "by person", "by person, from the end"),
    order(AccessSortField::Dataset, false, "by dataset", "by dataset, from the end"),
];

/// What can be done with a grant.
const ACTS: &[(Action, &str, &str)] = &[
    (Action::Edit, "amend", "shorten, extend"),
    (Action::Reject, "revoke", "revoke"),
    (Action::Preview, "read", "timeline"),
];

impl Item for Grant {
    const AREA: &'static str = "grant";

    fn id(&self) -> i64 {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.row_version
    }
}

/// The tab.
#[derive(Debug)]
pub struct Grants;

impl Screen for Grants {
    type Row = Grant;
    const AREA: Area = Area {
        word: Grant::AREA,
        id: "grants",
        title: "Access Grants",
        own_title: "My Grants",
        things: "grants",
        readers: "grants are read by data stewards, auditors, administrators and whoever has them.",
        home: "state:active,upcoming",
        orders: ORDERS,
        acts: ACTS,
        among_deciders: &[Action::Comment],
        asked_for: true,
        preview: false,
        rests_on: &["request", "grant"],
        who_decides: &["steward"],
        who_reads: &["steward", "auditor", "administrator"],
        comes_first: |_| false,
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const FIELDS: &'static [Field] = GRANT_FIELDS;
    const SIDE: Option<MakeSide<Grant>> = Some(timeline::side);

    /// What is live is the first to see for who only reads all, too.
    fn home(me: &Me) -> String {
        if me.asks { String::new() } else { Self::AREA.home.to_owned() }
    }

    fn check(text: &str, _now: DateTime<Utc>, zone: Tz) -> Result<Filter, Mistake> {
        text.parse::<GrantQuery>().map(|query| Filter::Grant(query.filter(zone))).map_err(mistake)
    }

    fn everything() -> Filter {
        Filter::Grant(GrantFilter::default())
    }

    fn knows(grant: &Grant, known: &mut Known) {
        Known::note(&mut known.people, &grant.login);
        Known::note(&mut known.datasets, &grant.dataset_id);
        Known::note(&mut known.committees, grant.dac_alias.raw());
    }

    fn name(grant: &Grant) -> String {
        format!("grant {}: {} on {}", grant.id, safe(&grant.login), safe(&grant.dataset_id))
    }

    fn caption(grant: &Grant) -> String {
        grant.state.to_string()
    }

    fn detail(grant: &Grant, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
        detail(grant, facts, now)
    }

    fn why_not(grant: &Grant, command: &str) -> Option<Refusal> {
        reason(&grant.why_not, command)
    }

    fn targets(grant: &Grant, command: &str) -> Vec<Target> {
        let name = format!("grant {} of {} on {}", grant.id, grant.login, grant.dataset_id);
        let target = || Target::new(grant.id.0, grant.row_version, name);
        reason(&grant.why_not, command).is_none().then(target).into_iter().collect()
    }

    fn opens(action: Action) -> Option<Opens> {
        dialogs::opens(action)
    }

    fn changed(old: &Grant, new: &Grant) -> String {
        changed(old, new)
    }
}

/// When it ends or ended, with the days left where it is live.
fn ends(grant: &Grant, now: DateTime<Tz>) -> Cell {
    let zone = now.timezone();
    let left = days(now.to_utc(), grant.valid_until, zone);
    match grant.state {
        GrantState::Revoked => Cell::new(Tone::Dim, day(grant.revoked_at.unwrap_or(grant.valid_until), zone)),
        GrantState::Active => {
            let tone = if left < 30 { Tone::Warn } else { Tone::Plain };
            Cell::new(tone, format!("{}, {left}d", day(grant.valid_until, zone)))
        }
        GrantState::Upcoming | GrantState::Expired => plain(grant, day(grant.valid_until, zone)),
    }
}

/// Which request it came from and what became of that, apart from what the grant is now.
fn origin(item: &Grant) -> String {
    match (item.request, item.request_status) {
        (None, _) => "by hand".into(),
        (Some(id), None) => id.to_string(),
        (Some(id), Some(status)) => format!("{id} {status}"),
    }
}

/// What another person did, said when a dialog closes because its target moved.
fn changed(old: &Grant, new: &Grant) -> String {
    if let (None, Some(at)) = (old.revoked_at, new.revoked_at) {
        let who = new.internal.as_ref().and_then(|inside| inside.revoked_by.as_deref());
        let who = who.map_or_else(|| "someone".to_owned(), safe);
        return format!("{who} revoked it at {}", full_time(at, Tz::UTC));
    }
    if old.valid_until != new.valid_until {
        return format!("its end was moved to {}", day(new.valid_until, Tz::UTC));
    }
    "it was changed".into()
}

/// The row's thing, where a dialog asks with a row.
fn item(row: &Row) -> Option<&Grant> {
    row.thing()
}
