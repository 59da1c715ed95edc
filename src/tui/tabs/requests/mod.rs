//! The Access Requests tab: who asks for which dataset, since when, and what may be done about it.

mod ask;
mod detail;
mod dialogs;
mod plans;
mod side;

use chrono::DateTime;
use chrono_tz::Tz;

use self::detail::detail;
use super::access::{day, order, reason, safe, status_tone};
use crate::domain::access::{AccessRequest, AccessSortField, RequestFilter, RequestStatus};
use crate::domain::query::{Field, Known, REQUEST_FIELDS, RequestQuery};
use crate::domain::refusal::Refusal;
use crate::text::{full_time, shown, waited};
use crate::tui::app::Action;
use crate::tui::app::filter::{Filter, Mistake, mistake};
use crate::tui::app::layers::Facts;
use crate::tui::app::row::{Item, Row, Target};
use crate::tui::app::screen::{Column, MakeSide, Screen};
use crate::tui::app::spec::Opens;
use crate::tui::app::tab::{Area, Order, Width};
use crate::tui::app::words::{Cell, Fact, Tone};

type Of = Column<AccessRequest>;

/// The columns of the table.
const COLUMNS: &[Of] = &[
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
        plain(request, format!("{} - {}", day(request.access_starts), day(request.access_ends)))
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

/// The orders of the table.
const ORDERS: &[Order] = &[
    order(AccessSortField::Waits, false, "longest waiting first", "decided and newest first"),
    order(AccessSortField::Created, true, "newest first", "oldest first"),
    order(AccessSortField::Ends, false, "first to end first", "last to end first"),
    order(AccessSortField::Login, false, "by person", "by person, from the end"),
    order(AccessSortField::Dataset, false, "by dataset", "by dataset, from the end"),
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

impl Item for AccessRequest {
    const AREA: &'static str = "request";

    fn id(&self) -> i64 {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.row_version
    }
}

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
        who_decides: &["steward"],
        who_reads: &["steward", "auditor", "administrator"],
        comes_first: |has| has("steward") && !has("checker"),
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const FIELDS: &'static [Field] = REQUEST_FIELDS;
    const SIDE: Option<MakeSide<AccessRequest>> = Some(side::side);

    fn check(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<Filter, Mistake> {
        text.parse::<RequestQuery>().map(|query| Filter::Request(query.filter(now, zone))).map_err(mistake)
    }

    fn everything() -> Filter {
        Filter::Request(RequestFilter::default())
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
        let target = || Target::new(request.id.0, request.row_version, name);
        reason(&request.why_not, command).is_none().then(target).into_iter().collect()
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

/// Time left to the promised turnaround, or over it, in words.
fn promised(item: &AccessRequest, now: DateTime<Tz>) -> String {
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

/// The row's thing, where a dialog asks with a row.
fn item(row: &Row) -> Option<&AccessRequest> {
    row.thing()
}
