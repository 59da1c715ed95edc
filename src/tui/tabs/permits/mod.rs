//! The Permits tab: where each permit stands in its life, for whom it waits, and what moves it on.

mod columns;
mod detail;
mod dialogs;
mod map;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use self::columns::{COLUMNS, Of};
use super::access::reason;
use super::words::safe;
use crate::domain::egress::EgressItem;
use crate::domain::item::Item as _;
use crate::domain::permit::{Move, Permit, PermitFacts, Status, Way};
use crate::domain::query::Known;
use crate::domain::refusal::Refusal;
use crate::text::{full_time, shown};
use crate::tui::app::Action;
use crate::tui::app::msg::Me;
use crate::tui::app::row::Target;
use crate::tui::app::screen::{Leads, MakeSide, Screen};
use crate::tui::app::spec::Opens;
use crate::tui::app::state::facts::{Facts, More};
use crate::tui::app::tab::{Area, Order, order};
use crate::tui::app::words::Fact;

/// The orders of the table.
const ORDERS: &[Order] = &[
    order("waits", false, "longest waiting first", "waiting for nobody and newest first"),
    order("created", true, "newest first", "oldest first"),
    order("ends", false, "first to end first", "last to end first"),
    order("reference", false, "by reference", "by reference, from the end"),
    order("title", false, "by title", "by title, from the end"),
];

/// What can be done with a permit. Which move a step is, is said by where the permit stands; see [`asked`].
const ACTS: &[(Action, &str, &str)] = &[
    (Action::Approve, FORWARD, "next step"),
    (Action::Changes, REWORK, "request rework"),
    (Action::Reject, "revoke", "revoke"),
    (Action::Edit, OTHER, "other moves"),
    (Action::Withdraw, "take_back", "take back"),
    (Action::Preview, "read", "its life"),
];

/// The step that leads on.
const FORWARD: &str = "forward";
/// The step back to who did it.
const REWORK: &str = "rework";
/// Pausing, archiving, deleting: what is no step of the way.
const OTHER: &str = "other";

/// Roles that move permits, as the desk words them.
const WHO_MOVES: &[&str] = &[
    "permit manager",
    "data preparator",
    "data reviewer",
    "setup engineer",
    "setup reviewer",
    "data holder",
    "researcher",
    "administrator",
];

/// Those of them whose work is elsewhere first, and who else's is.
const ELSEWHERE: &[&str] = &["checker", "steward", "researcher", "administrator"];

/// The tab.
#[derive(Debug)]
pub struct Permits;

impl Screen for Permits {
    type Row = Permit;
    const AREA: Area = Area {
        word: Permit::AREA,
        id: "permits",
        title: "Permits",
        own_title: "My Permits",
        things: "permits",
        readers: "permits are read by permit managers, auditors, administrators and whoever is on their teams.",
        home: "is:mine",
        orders: ORDERS,
        acts: ACTS,
        among_deciders: &[Action::Comment],
        asked_for: false,
        preview: false,
        rests_on: &["permit", "grant", "egress"],
        unnamed: "the worker",
        who_decides: WHO_MOVES,
        who_reads: &["permit manager", "auditor", "administrator"],
        comes_first: |has| WHO_MOVES.iter().any(|role| has(role)) && !ELSEWHERE.iter().any(|role| has(role)),
    };
    const COLUMNS: &'static [Of] = COLUMNS;
    const SIDE: Option<MakeSide<Permit>> = Some(map::side);

    /// Who only asks begins with all of their own: most of the time it is others who have to make a step.
    fn home(me: &Me) -> String {
        if me.asks || me.lacks.contains(&Self::AREA.word) { String::new() } else { Self::AREA.home.to_owned() }
    }

    fn more(said: &Map<String, Value>) -> More {
        Some(Arc::new(PermitFacts::of(said)))
    }

    fn knows(permit: &Permit, known: &mut Known) {
        Known::note(&mut known.projects, &permit.project);
        Known::note(&mut known.people, &permit.created_by);
        for member in &permit.teams {
            Known::note(&mut known.people, &member.login);
        }
        for dataset in &permit.datasets {
            Known::note(&mut known.datasets, &dataset.id);
        }
        for role in permit.next.iter().flat_map(|step| &step.roles) {
            Known::note(&mut known.roles, role);
        }
    }

    fn name(permit: &Permit) -> String {
        format!("{}: {}", safe(&permit.reference), shown(&permit.title))
    }

    fn caption(permit: &Permit) -> String {
        permit.status.said()
    }

    fn detail(permit: &Permit, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
        detail::detail(permit, facts, now)
    }

    fn why_not(permit: &Permit, command: &str) -> Option<Refusal> {
        let asked = asked(permit, command);
        if asked.iter().any(|what| permit.may(*what)) {
            return None;
        }
        match asked.first() {
            Some(what) => reason(&permit.why_not, what.word()),
            None => of_no_step(permit, command),
        }
    }

    fn targets(permit: &Permit, command: &str) -> Vec<Target> {
        let may = Self::why_not(permit, command).is_none();
        let target = || Target::new(permit.id.0, permit.row_version, format!("permit {}", permit.reference));
        may.then(target).into_iter().collect()
    }

    fn opens(action: Action) -> Option<Opens> {
        dialogs::opens(action)
    }

    fn undecided(permit: &Permit, _me: &str) -> bool {
        asked(permit, FORWARD).iter().any(|what| permit.may(*what))
            || permit.second.is_some() && permit.may(Move::Revoke)
    }

    fn due(permit: &Permit, _promised: Option<TimeDelta>) -> Option<DateTime<Utc>> {
        permit.due
    }

    fn changed(old: &Permit, new: &Permit) -> String {
        changed(old, new)
    }

    /// To the files of the output that waits for its votes, else of the newest; for who reads them.
    fn leads(permit: &Permit, facts: Option<&Facts>) -> Option<Leads> {
        let output = permit.outputs.iter().find(|output| output.decided_at.is_none()).or(permit.outputs.last())?;
        let Some(more) = facts.and_then(|facts| facts.more::<PermitFacts>()) else {
            return Some(Leads { area: EgressItem::AREA, filter: None });
        };
        let files = more.files.iter().filter(|file| file.output == output.number);
        let ids: Vec<String> = files.map(|file| file.version.to_string()).collect();
        (!ids.is_empty()).then(|| Leads { area: EgressItem::AREA, filter: Some(format!("id:{}", ids.join(","))) })
    }
}

/// The moves a command of this tab can mean where a permit stands, in the order of the table of moves.
fn asked(permit: &Permit, command: &str) -> Vec<Move> {
    let way = match command {
        FORWARD => Way::On,
        REWORK => Way::Back,
        OTHER => Way::Aside,
        "revoke" => Way::End,
        _ => return Vec::new(),
    };
    permit.next.iter().filter(|step| step.way == way).map(|step| step.what).collect()
}

/// Why there is nothing of the kind where the permit stands; or what the database says of a command that is no move.
fn of_no_step(permit: &Permit, command: &str) -> Option<Refusal> {
    let none = |message: String| Some(Refusal { code: "not_pending".to_owned(), message });
    let stands = permit.status.said();
    match command {
        FORWARD => none(format!("It is {stands}: no step leads on from there.")),
        REWORK => none(format!("It is {stands}: nothing is under review.")),
        OTHER => none(format!("It is {stands}: it can be revoked, and nothing else beside its next step.")),
        _ => reason(&permit.why_not, command),
    }
}

/// What another person did, said when a dialog closes because its target moved.
fn changed(old: &Permit, new: &Permit) -> String {
    if old.status != new.status {
        let at = full_time(new.status_since, Tz::UTC);
        return format!("it moved to {} at {at}", new.status.said());
    }
    match (&old.second, &new.second) {
        (None, Some(second)) => format!("{} asked to {} it", safe(&second.by), second.what),
        (Some(_), None) => "what waited for a second person was taken back".into(),
        _ => "it was changed".into(),
    }
}

/// The way from issuing to the end, as the map shows it: short name, and the statuses that stand there.
const WAY: &[(&str, &[Status])] = &[
    ("ingress", &[Status::AwaitingIngress]),
    ("upload", &[Status::IngressInProgress]),
    ("preparation", &[Status::PreparationPending, Status::PreparationRework]),
    ("prep review", &[Status::PreparationReviewPending]),
    ("setup", &[Status::SetupPending, Status::SetupRework]),
    ("setup review", &[Status::SetupReviewPending]),
    ("analysis", &[Status::AnalysisActive, Status::AnalysisPaused]),
    ("archived", &[Status::Archived, Status::Revoked, Status::Deleted]),
];
