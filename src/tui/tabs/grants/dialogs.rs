//! The dialogs of grants: shorten or extend, revoke; what exactly each will change, and what access remains after it.

use chrono_tz::Tz;

use super::super::access::{days, end_time, person, typed_end, until};
use super::super::words::{count, safe};
use crate::domain::access::{Grant, GrantId, GrantState, PairFacts, RevokeClass};
use crate::domain::command::Command;
use crate::text::shown;
use crate::tui::app::Action;
use crate::tui::app::entry::Entry;
use crate::tui::app::row::Row;
use crate::tui::app::spec::{Inputs, Opens, Spec, Start, Statement};
use crate::tui::app::words::{Fact, Tone};

/// What an action on a grant leads to.
pub fn opens(action: Action) -> Option<Opens> {
    match action {
        Action::Edit => Some(Opens::Dialog(&AMEND)),
        Action::Reject => Some(Opens::Dialog(&REVOKE)),
        // 90 days, then 30, then 7, then all that are live.
        Action::Expiring => Some(Opens::Filter(|now| match now {
            "expiring<90d" => Some("expiring<30d"),
            "expiring<30d" => Some("expiring<7d"),
            "expiring<7d" => None,
            _ => Some("expiring<90d"),
        })),
        _ => None,
    }
}

static AMEND: Spec = Spec {
    command: "amend",
    verb: "amend",
    heading: "Shorten or extend",
    facts: true,
    at_hand: &["The project ends earlier.", "The project was extended.", "The contract was extended."],
    inputs: |start| {
        let ends = start.row.and_then(item).map_or_else(String::new, |item| typed_end(item.valid_until, start.zone));
        let reason = Entry::reason("reason", start.at_hand.clone());
        vec![Entry::word("ends", "New end", ends, "as in 2027-11-21").first(), reason]
    },
    wrong: |inputs, entry| if entry.name == "ends" { wrong_end(inputs, entry) } else { None },
    statement: |inputs, _| statement(inputs, amended),
    command_of: |inputs, target| {
        Some(Command::AmendGrant {
            grant: GrantId(target.id),
            until: inputs.moved_end("ends")?,
            reason: inputs.value("reason").to_owned(),
            seen_row_version: Some(target.seen),
        })
    },
    ..Spec::BLANK
};

static REVOKE: Spec = Spec {
    command: "revoke",
    verb: "revoke",
    heading: "Revoke",
    several: true,
    decides: true,
    facts: true,
    mails: Some("person"),
    at_hand: &[
        "The work with the data is over.",
        "The person has left the institution.",
        "The grant was given to the wrong person.",
        "The terms of use were broken.",
    ],
    inputs: revoke_inputs,
    statement: |inputs, _| statement(inputs, revoked),
    command_of: |inputs, target| {
        Some(Command::RevokeGrant {
            grant: GrantId(target.id),
            class: inputs.value("class").parse().ok()?,
            reason: inputs.value("reason").to_owned(),
            seen_row_version: Some(target.seen),
        })
    },
    ..Spec::BLANK
};

fn revoke_inputs(start: &Start) -> Vec<Entry> {
    let words = |class: &RevokeClass| match class {
        RevokeClass::Ended => "ended: the work is over",
        RevokeClass::Mistake => "mistake: it should never have been given",
        RevokeClass::Misuse => "misuse: it was abused",
    };
    let classes = RevokeClass::ALL.iter().map(|class| (class.word().to_owned(), words(class).to_owned()));
    vec![Entry::choice("class", "Class", classes.collect(), 0), Entry::reason("reason", start.at_hand.clone())]
}

fn wrong_end(inputs: &Inputs, entry: &Entry) -> Option<String> {
    let item = inputs.row.and_then(item)?;
    let now = inputs.now.to_utc();
    match inputs.end(entry.value()) {
        Err(why) => Some(why),
        Ok(ends) if ends <= now => Some("That has passed: revoke the grant to end it now.".into()),
        Ok(_) if !entry.moved() => Some("It ends then already.".into()),
        Ok(ends) => inputs.rules.period_why_not(item.valid_from, ends, now, true).map(|no| no.message),
    }
}

/// Whose grant on what it is, then what changes.
fn statement(inputs: &Inputs, changes: fn(&Grant, &Inputs) -> Vec<Fact>) -> Statement {
    let Some(item) = inputs.row.and_then(item) else { return Statement::default() };
    let zone = inputs.rules.zone;
    let mut about = vec![
        Fact::new("Person", person(&item.user_name, &item.login)),
        Fact::new("Dataset", format!("{} {}", safe(&item.dataset_id), shown(&item.dataset_title))),
        Fact::new("Grant", format!("{}, {}, until {}", item.id, item.state, end_time(item.valid_until, zone))),
    ];
    if inputs.right() {
        about.extend(changes(item, inputs));
    } else {
        about.push(Fact::new("Then", "nothing can be said before the fields are right").tone(Tone::Dim));
    }
    let head = format!("{}: {} on {}", item.id, safe(&item.login), safe(&item.dataset_id));
    let name = format!("{head}, {} until {}", item.state, until(item.valid_until, item.last_day, zone));
    Statement { name, about, ..Statement::default() }
}

fn mail(item: &Grant) -> String {
    item.user_email.as_ref().map_or_else(|| "nobody: no address is known".into(), shown)
}

fn amended(item: &Grant, inputs: &Inputs) -> Vec<Fact> {
    let zone = inputs.rules.zone;
    let Some(until) = inputs.moved_end("ends") else { return Vec::new() };
    let how = if until < item.valid_until {
        format!("{} shorter", count(days(until, item.valid_until, zone), "day"))
    } else {
        format!("{} longer", count(days(item.valid_until, until, zone), "day"))
    };
    vec![
        Fact::new("New end", format!("{}, {how}", end_time(until, zone))).tone(Tone::Good),
        Fact::new("Mail", format!("to {}: the new end", mail(item))),
        Fact::new("Events", "grant.amended").tone(Tone::Dim),
    ]
}

fn revoked(item: &Grant, inputs: &Inputs) -> Vec<Fact> {
    let facts = inputs.facts.and_then(|facts| facts.more::<PairFacts>());
    vec![
        Fact::new("Then", "it is never valid again; the row stays").tone(Tone::Warn),
        remains(item, facts, inputs.rules.zone),
        Fact::new("Mail", format!("to {}: revoked", mail(item))),
        Fact::new("Events", format!("grant.revoked, {}", inputs.value("class"))).tone(Tone::Dim),
    ]
}

/// What access remains without the grant, from the database's check read with the row: that knows which grants count (a
/// site may ask for a verified identity). The answer after the revocation is the database's own.
fn remains(item: &Grant, facts: Option<&PairFacts>, zone: Tz) -> Fact {
    let Some(check) = facts.and_then(|facts| facts.check.as_ref()) else {
        return Fact::new("Remains", "reading the other grants ...").tone(Tone::Dim);
    };
    let grants = facts.map_or(&[][..], |facts| &facts.grants);
    let valid = |grant: &&Grant| grant.id != item.id && check.grants.contains(&grant.id);
    let last = grants.iter().filter(valid).max_by_key(|grant| grant.valid_until);
    let later = grants.iter().filter(|grant| grant.id != item.id && grant.state == GrantState::Upcoming).count();
    let text = match last {
        Some(grant) => format!("access until {} by grant {}", end_time(grant.valid_until, zone), grant.id),
        None if later > 0 => format!("no access now; upcoming grants: {later}"),
        None => "no access".into(),
    };
    Fact::new("Remains", text).tone(Tone::Warn)
}

/// The row's thing, where a dialog asks with a row.
fn item(row: &Row) -> Option<&Grant> {
    row.thing()
}
