//! Every move of a permit as one dialog: what it is called, where it leads, what the workspaces should be then, who is told.
//! All of that is the step the row brought from the table of moves; the specs differ in which steps they offer.

use serde_json::Value;

use super::super::words::safe;
use super::{FORWARD, OTHER, REWORK, asked};
use crate::domain::command::Command;
use crate::domain::permit::{Move, Permit, PermitId, Step};
use crate::text::shown;
use crate::tui::app::Action;
use crate::tui::app::entry::Entry;
use crate::tui::app::row::{Row, Target};
use crate::tui::app::spec::{Inputs, Opens, Spec, Start, Statement};
use crate::tui::app::words::{Fact, Tone};

/// What an action on a permit leads to.
pub fn opens(action: Action) -> Option<Opens> {
    Some(match action {
        Action::Approve => Opens::Dialog(&NEXT),
        Action::Changes => Opens::Dialog(&BACK),
        Action::Reject => Opens::Dialog(&REVOKE),
        Action::Edit => Opens::Dialog(&ASIDE),
        Action::Withdraw => Opens::Dialog(&TAKE_BACK),
        _ => return None,
    })
}

/// What all moves have in common.
const STEP: Spec = Spec { decides: true, ..Spec::BLANK };

static NEXT: Spec = Spec {
    command: FORWARD,
    verb: "make this step",
    heading: "Next step",
    nothing: "moved",
    inputs: |start| vec![Entry::comment("reason", start.at_hand.clone())],
    statement: |inputs, _| statement(inputs, FORWARD),
    command_of: |inputs, target| order(inputs, target, FORWARD),
    ..STEP
};

static BACK: Spec = Spec {
    command: REWORK,
    verb: "request rework",
    heading: "Request rework",
    nothing: "moved",
    at_hand: &["Something of what was agreed is missing.", "It holds more than the permit covers."],
    inputs: |start| vec![Entry::reason("reason", start.at_hand.clone())],
    statement: |inputs, _| statement(inputs, REWORK),
    command_of: |inputs, target| order(inputs, target, REWORK),
    ..STEP
};

static REVOKE: Spec = Spec {
    command: "revoke",
    verb: "revoke",
    heading: "Revoke",
    nothing: "revoked",
    at_hand: &["The data was used for another purpose.", "The data holder withdrew the data."],
    inputs: |start| {
        // Whoever asked first said why.
        let second = start.row.and_then(item).is_some_and(|permit| permit.second.is_some());
        let words = start.at_hand.clone();
        vec![if second { Entry::comment("reason", words) } else { Entry::reason("reason", words) }]
    },
    statement: |inputs, _| statement(inputs, "revoke"),
    command_of: |inputs, target| order(inputs, target, "revoke"),
    ..STEP
};

static ASIDE: Spec = Spec {
    command: OTHER,
    verb: "do this",
    heading: "Other moves",
    nothing: "moved",
    inputs: |start| choice(start).into_iter().chain([Entry::comment("reason", start.at_hand.clone())]).collect(),
    statement: |inputs, _| statement(inputs, OTHER),
    command_of: |inputs, target| order(inputs, target, OTHER),
    ..STEP
};

static TAKE_BACK: Spec = Spec {
    command: "take_back",
    verb: "take it back",
    heading: "Take back",
    nothing: "taken back",
    statement: |inputs, _| {
        let Some(permit) = inputs.row.and_then(item) else { return Statement::default() };
        let what = permit.second.as_ref().map_or_else(String::new, |second| second.what.to_string());
        let then = format!("nobody is asked to {what} it any more; it stays as it is");
        Statement { name: name(permit), about: about(permit), then: Some(then), ..Statement::default() }
    },
    command_of: |_, target| {
        Some(Command::TakeBackPermit { permit: PermitId(target.id), seen_row_version: Some(target.seen) })
    },
    ..Spec::BLANK
};

/// The moves to choose from, where there are several.
fn choice(start: &Start) -> Option<Entry> {
    let permit = start.row.and_then(item)?;
    let may = asked(permit, OTHER).into_iter().filter(|what| permit.may(*what));
    let choices: Vec<_> = may.map(|what| (what.word().to_owned(), what.word().to_owned())).collect();
    (!choices.is_empty()).then(|| Entry::choice("move", "Move", choices, 0).first())
}

/// The move that is meant: the one chosen, or the likeliest that may be made.
fn meant<'a>(inputs: &Inputs<'a>, command: &str) -> Option<(&'a Permit, Move)> {
    let permit = inputs.row.and_then(item)?;
    let chosen = inputs.value("move").parse().ok();
    let moves = asked(permit, command);
    let what = chosen.or_else(|| moves.iter().copied().find(|what| permit.may(*what))).or(moves.first().copied())?;
    Some((permit, what))
}

fn order(inputs: &Inputs, target: &Target, command: &str) -> Option<Command> {
    let (_, what) = meant(inputs, command)?;
    let reason = inputs.value("reason");
    Some(Command::MovePermit {
        permit: PermitId(target.id),
        what,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        seen_row_version: Some(target.seen),
    })
}

fn name(permit: &Permit) -> String {
    format!("{}: {}", safe(&permit.reference), shown(&permit.title))
}

fn about(permit: &Permit) -> Vec<Fact> {
    vec![Fact::new("Permit", name(permit)), Fact::new("Stands", permit.status.said())]
}

/// Which permit, from where to where, and what that brings about.
fn statement(inputs: &Inputs, command: &str) -> Statement {
    let Some((permit, what)) = meant(inputs, command) else { return Statement::default() };
    let mut lines = about(permit);
    let Some(step) = permit.step(what) else {
        return Statement { name: name(permit), about: lines, ..Statement::default() };
    };
    let asks = step.persons > 1 && permit.second.as_ref().is_none_or(|second| second.what != what);
    if asks {
        lines.push(Fact::new("Now", format!("it waits for a second person: {}", safe(&step.who))).tone(Tone::Warn));
    } else if let Some(second) = permit.second.as_ref().filter(|second| second.what == what) {
        let text = format!("{} asked for it: \"{}\"", safe(&second.by), shown(&second.reason));
        lines.push(Fact::new("First", text).tone(Tone::Warn));
    }
    let after = if asks { "Later" } else { "Becomes" };
    lines.push(Fact::new(after, step.becomes.said()).tone(Tone::Good));
    lines.extend(wants(permit, step));
    lines.push(Fact::new("Told", told(permit, step)));
    lines.push(Fact::new("Events", safe(&step.events.join(", "))).tone(Tone::Dim));
    Statement {
        name: format!("{}, {}", safe(&permit.reference), safe(&step.says)),
        about: lines,
        ..Statement::default()
    }
}

/// What the workspaces should be afterwards: running or not, network, mounts; and which there are no longer.
fn wants(permit: &Permit, step: &Step) -> Vec<Fact> {
    let text = |value: &Value, name: &str| safe(value[name].as_str().unwrap_or_default());
    let mut lines = Vec::new();
    let mut say = |text: String| lines.push(Fact::new(if lines.is_empty() { "Then" } else { "" }, text));
    for want in &step.wants {
        let volumes = want["volumes"].as_array().into_iter().flatten();
        let volumes: Vec<String> =
            volumes.map(|volume| format!("{} {}", text(volume, "path"), text(volume, "mode"))).collect();
        let volumes = if volumes.is_empty() { "no data".to_owned() } else { volumes.join(", ") };
        let network = if want["network"] == "none" { "no network" } else { "proxied internet" };
        say(format!("{}: {}, {network}, {volumes}", text(want, "kind"), text(want, "state")));
    }
    let kept = |kind: &str| step.wants.iter().any(|want| want["kind"] == kind);
    let gone = permit.workspaces.iter().filter(|one| one.state != "absent" && !kept(&one.kind));
    let gone: Vec<String> = gone.map(|one| safe(&one.kind)).collect();
    if !gone.is_empty() {
        let how = if step.what == Move::Revoke { "stopped, no data mounted, kept as evidence" } else { "destroyed" };
        say(format!("{}: {how}", gone.join(", ")));
    }
    if lines.is_empty() {
        lines.push(Fact::new("Then", "it has no workspace"));
    }
    lines
}

/// Who hears of it, by login where somebody is named.
fn told(permit: &Permit, step: &Step) -> String {
    let roles: Vec<&str> = step.told.iter().map(String::as_str).collect();
    if roles.contains(&"all") {
        return "everybody on it".to_owned();
    }
    let words: Vec<String> = roles
        .iter()
        .map(|role| {
            let people = permit.people(&[role]);
            let people = if people.is_empty() { "nobody is named".to_owned() } else { people.join(", ") };
            format!("{} ({})", safe(&role.replace('_', " ")), safe(&people))
        })
        .collect();
    if words.is_empty() { "nobody".to_owned() } else { words.join(", ") }
}

/// The row's thing, where a dialog asks with a row.
fn item(row: &Row) -> Option<&Permit> {
    row.thing()
}
