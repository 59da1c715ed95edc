//! The Access Grants tab: who has access to which dataset, what each grant is now, and what became of its request.

mod columns;
mod detail;
mod dialogs;
mod timeline;

use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Map, Value};

use self::columns::{COLUMNS, Of};
use self::detail::detail;
use super::access::{reason, targets, until};
use super::words::safe;
use crate::domain::access::{Grant, PairFacts};
use crate::domain::item::Item as _;
use crate::domain::query::Known;
use crate::domain::refusal::Refusal;
use crate::text::full_time;
use crate::tui::app::Action;
use crate::tui::app::msg::Me;
use crate::tui::app::row::Target;
use crate::tui::app::screen::{MakeSide, Screen};
use crate::tui::app::spec::Opens;
use crate::tui::app::state::facts::{Facts, More};
use crate::tui::app::tab::{Area, Order, order};
use crate::tui::app::words::Fact;

/// The orders of the table.
const ORDERS: &[Order] = &[
    order("ends", false, "first to end first", "last to end first"),
    order("created", true, "newest first", "oldest first"),
    order("login", false, "by person", "by person, from the end"),
    order("dataset", false, "by dataset", "by dataset, from the end"),
];

/// What can be done with a grant.
const ACTS: &[(Action, &str, &str)] = &[
    (Action::Edit, "amend", "shorten, extend"),
    (Action::Reject, "revoke", "revoke"),
    (Action::Preview, "read", "timeline"),
];

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
        unnamed: "",
        who_decides: &["steward"],
        who_reads: &["steward", "auditor", "administrator"],
        comes_first: |_| false,
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const SIDE: Option<MakeSide<Grant>> = Some(timeline::side);

    /// What is live is the first to see for who only reads all, too.
    fn home(me: &Me) -> String {
        if me.asks { String::new() } else { Self::AREA.home.to_owned() }
    }

    fn more(said: &Map<String, Value>) -> More {
        Some(Arc::new(PairFacts::of(said)))
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
        targets(&grant.why_not, command, Target::new(grant.id.0, grant.row_version, name))
    }

    fn opens(action: Action) -> Option<Opens> {
        dialogs::opens(action)
    }

    fn changed(old: &Grant, new: &Grant) -> String {
        changed(old, new)
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
        return format!("its end was moved to {}", until(new.valid_until, new.last_day, Tz::UTC));
    }
    "it was changed".into()
}
