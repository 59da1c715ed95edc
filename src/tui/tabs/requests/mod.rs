//! The Access Requests tab: who asks for which dataset, since when, and what may be done about it.

mod ask;
mod columns;
mod detail;
mod dialogs;
mod plans;
mod side;

use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Map, Value};

use self::columns::{COLUMNS, Of};
use self::detail::detail;
use super::access::{reason, targets};
use super::words::safe;
use crate::domain::access::{AccessRequest, PairFacts, RequestStatus};
use crate::domain::item::Item as _;
use crate::domain::query::Known;
use crate::domain::refusal::Refusal;
use crate::text::{full_time, shown};
use crate::tui::app::Action;
use crate::tui::app::row::Target;
use crate::tui::app::screen::{MakeSide, Screen};
use crate::tui::app::spec::Opens;
use crate::tui::app::state::facts::{Facts, More};
use crate::tui::app::tab::{Area, Order, order};
use crate::tui::app::words::Fact;

/// The orders of the table.
const ORDERS: &[Order] = &[
    order("waits", false, "longest waiting first", "decided and newest first"),
    order("created", true, "newest first", "oldest first"),
    order("ends", false, "first to end first", "last to end first"),
    order("login", false, "by person", "by person, from the end"),
    order("dataset", false, "by dataset", "by dataset, from the end"),
];

/// What can be done with a request.
const ACTS: &[(Action, &str, &str)] = &[
    (Action::Approve, "allow", "allow"),
    (Action::Reject, "deny", "deny"),
    (Action::Comment, "comment", "comment"),
    (Action::Edit, "edit", "edit"),
    (Action::InternalNote, "note", "internal note"),
    (Action::NoteToRequester, "edit", "note to them"),
    (Action::Claim, "claim", "claim"),
    (Action::Preview, "read", "whole text"),
];

/// The tab.
#[derive(Debug)]
pub struct Requests;

impl Screen for Requests {
    type Row = AccessRequest;
    const AREA: Area = Area {
        word: AccessRequest::AREA,
        id: "requests",
        title: "Access Requests",
        own_title: "My Requests",
        things: "requests",
        readers: "requests are read by data stewards, auditors, administrators and whoever made them.",
        home: "is:mine",
        orders: ORDERS,
        acts: ACTS,
        among_deciders: &[Action::Comment],
        asked_for: true,
        preview: false,
        rests_on: &["request", "grant"],
        unnamed: "",
        who_decides: &["steward"],
        who_reads: &["steward", "auditor", "administrator"],
        comes_first: |has| has("steward") && !has("checker"),
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const SIDE: Option<MakeSide<AccessRequest>> = Some(side::side);

    fn more(said: &Map<String, Value>) -> More {
        Some(Arc::new(PairFacts::of(said)))
    }

    fn knows(request: &AccessRequest, known: &mut Known) {
        Known::note(&mut known.people, &request.login);
        Known::note(&mut known.datasets, &request.dataset_id);
        Known::note(&mut known.committees, request.dac_alias.raw());
        if let Some(ticket) = &request.ticket_id {
            Known::note(&mut known.tickets, ticket.raw());
        }
    }

    fn name(request: &AccessRequest) -> String {
        format!("request {}: {} for {}", request.id, safe(&request.login), safe(&request.dataset_id))
    }

    fn caption(request: &AccessRequest) -> String {
        let ticket = request.ticket_id.as_ref().map(|ticket| format!(" · {}", shown(ticket)));
        format!("{}{}", request.status, ticket.unwrap_or_default())
    }

    fn detail(request: &AccessRequest, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
        detail(request, facts, now)
    }

    fn why_not(request: &AccessRequest, command: &str) -> Option<Refusal> {
        reason(&request.why_not, command)
    }

    fn targets(request: &AccessRequest, command: &str) -> Vec<Target> {
        let name = format!("request {} of {} for {}", request.id, request.login, request.dataset_id);
        targets(&request.why_not, command, Target::new(request.id.0, request.row_version, name))
    }

    fn opens(action: Action) -> Option<Opens> {
        dialogs::opens(action)
    }

    fn changed(old: &AccessRequest, new: &AccessRequest) -> String {
        changed(old, new)
    }

    fn undecided(request: &AccessRequest, _me: &str) -> bool {
        request.status == RequestStatus::Pending && reason(&request.why_not, "deny").is_none()
    }
}

/// What another person did, said when a dialog closes because its target moved.
fn changed(old: &AccessRequest, new: &AccessRequest) -> String {
    let by = |who: &Option<String>| who.as_deref().map_or_else(|| "someone".to_owned(), safe);
    if old.status != new.status {
        let who = by(&new.internal.as_ref().and_then(|inside| inside.changed_by.clone()));
        let why = match (&new.note_to_requester, new.status) {
            (Some(note), RequestStatus::Denied) => format!(": \"{}\"", shown(note)),
            _ => String::new(),
        };
        let when = new.status_changed.map_or_else(String::new, |at| format!(" at {}", full_time(at, Tz::UTC)));
        return format!("{who} {} it{when}{why}", new.status);
    }
    if !old.dataset_removed && new.dataset_removed {
        return "its dataset is no longer offered".into();
    }
    if (&old.dataset_title, &old.dac_alias) != (&new.dataset_title, &new.dac_alias) {
        return "its dataset was changed".into();
    }
    if (old.access_starts, old.access_ends) != (new.access_starts, new.access_ends) {
        return "its dates were changed".into();
    }
    if old.note_to_requester != new.note_to_requester {
        return "its note to the requester was changed".into();
    }
    "it was changed".into()
}
