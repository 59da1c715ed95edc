//! The detail of the Access Requests tab: every field of a request, its history, and what else there is of the same person
//! and dataset.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{
    access_now, comments, committee, dataset, history, live_grants, may, other_requests, period, person, status_tone,
    text_lines,
};
use super::super::words::safe;
use super::columns::promised;
use crate::domain::access::{AccessRequest, PairFacts, RequestStatus};
use crate::text::{day_time, shown, waited};
use crate::tui::app::state::facts::Facts;
use crate::tui::app::words::{Fact, Tone};

/// Commands as the detail lists them: name in the database's answers, words.
const COMMANDS: &[(&str, &str)] = &[
    ("allow", "allow"),
    ("deny", "deny"),
    ("edit", "edit dates, IVA, ticket and notes"),
    ("claim", "claim"),
    ("comment", "comment"),
];

/// The same of a request that was decided: what is still open comes first.
const DECIDED: &[(&str, &str)] = &[
    ("note", "internal note"),
    ("comment", "comment"),
    ("allow", "allow"),
    ("deny", "deny"),
    ("edit", "edit dates, IVA and the note to them"),
];

/// The facts of a request.
pub fn detail(item: &AccessRequest, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
    let zone = now.timezone();
    let access = facts.and_then(|facts| facts.more::<PairFacts>());
    let mut lines = vec![
        Fact::new("Status", status(item, now)).tone(status_tone(item.status)),
        Fact::new("Person", format!("{}, mail {}", person(&item.full_user_name, &item.login), shown(&item.email))),
        Fact::new("Dataset", dataset(&item.dataset_id, &item.dataset_title, item.dataset_removed)),
        Fact::new("Period", period(item.access_starts, item.access_ends, item.last_day, zone)),
        access_now(access, zone),
    ];
    let commands = if item.status == RequestStatus::Pending { COMMANDS } else { DECIDED };
    let (can, not) = may(&item.why_not, commands);
    let inside = item.internal.as_ref();
    if inside.is_some() {
        lines.extend(can);
    }
    if let Some(who) =
        inside.and_then(|inside| inside.claimed_by.as_ref().filter(|_| inside.claimed_until > Some(now.to_utc())))
    {
        lines.push(Fact::new("Claimed", format!("{} is looking at it", safe(who))).tone(Tone::Warn));
    }
    if let Some(note) = &item.note_to_requester {
        lines.extend(text_lines(if inside.is_some() { "To them" } else { "Note" }, note, Tone::Plain));
    }
    if let Some(note) = inside.and_then(|inside| inside.internal_note.as_ref()) {
        lines.extend(text_lines("Internal", note, Tone::Warn));
    }
    if let Some(access) = access {
        lines.extend(live_grants(access, zone));
        lines.extend(other_requests(access, Some(item.id.0), zone));
    }
    if let Some(ticket) = &item.ticket_id {
        lines.push(Fact::new("Ticket", shown(ticket)));
    }
    lines.push(Fact::new("Committee", committee(&item.dac_alias, &item.dac_email)));
    lines.push(Fact::new("IVA", iva(item)));
    lines.extend(facts.map(|facts| comments(&facts.comments, now)).unwrap_or_default());
    lines.extend(facts.map(|facts| history(&facts.history, now)).unwrap_or_default());
    if inside.is_some() {
        lines.extend(not);
    }
    lines.push(Fact::new("Holds", shown(&item.dataset_description)).tone(Tone::Dim));
    lines
}

fn status(item: &AccessRequest, now: DateTime<Tz>) -> String {
    let asked = day_time(item.request_created, now.to_utc(), now.timezone());
    let by = item.internal.as_ref().and_then(|inside| inside.changed_by.as_deref());
    let by = by.map_or_else(String::new, |who| format!(" by {}", safe(who)));
    let when = item.status_changed.map_or_else(String::new, |at| day_time(at, now.to_utc(), now.timezone()));
    match item.status {
        RequestStatus::Pending => {
            let wait = waited(now.to_utc() - item.request_created);
            format!("pending, asked {asked}, waits {wait}; promised {}", promised(item, now))
        }
        RequestStatus::Allowed => {
            let grant = item.grant.map_or_else(String::new, |grant| format!(", grant {grant}"));
            format!("allowed{by} {when}{grant}; asked {asked}")
        }
        RequestStatus::Denied => format!("denied{by} {when}; asked {asked}"),
    }
}

fn iva(item: &AccessRequest) -> String {
    let Some(named) = item.iva_id else {
        let known = item.internal.as_ref().map_or(0, |inside| inside.ivas.iter().filter(|iva| iva.verified).count());
        return match known {
            0 => "none is named".into(),
            1 => "none is named; the person has 1 that is verified".into(),
            known => format!("none is named; the person has {known} that are verified"),
        };
    };
    let of = item.internal.as_ref().and_then(|inside| inside.ivas.iter().find(|iva| iva.id == named));
    of.map_or_else(
        || named.to_string(),
        |iva| {
            let verified = if iva.verified { "verified" } else { "not verified" };
            format!("{}, {verified} ({named})", safe(&iva.kind).replace('_', " "))
        },
    )
}
