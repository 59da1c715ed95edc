//! What is decided, changed and written about requests: dialogs, notes, comments, the claim. Data and pure functions; what
//! exactly each dialog will change is in `plans`, asking for access in `ask`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::access::{typed, typed_end};
use super::super::words::safe;
use super::plans::{changes, item, iva};
use super::{ask, plans, side};
use crate::domain::access::{AccessRequest, Iva, RequestId};
use crate::domain::command::{Command, RequestChanges};
use crate::tui::app::Action;
use crate::tui::app::entry::Entry;
use crate::tui::app::row::{Row, Target};
use crate::tui::app::spec::{Inputs, Opens, Spec, Start};
use crate::tui::app::state::writing::Text;
use crate::tui::app::words::Tone;

/// What an action on a request leads to.
pub fn opens(action: Action) -> Option<Opens> {
    Some(match action {
        Action::Approve => Opens::Dialog(&ALLOW),
        Action::Reject => Opens::Dialog(&DENY),
        Action::Edit => Opens::Dialog(&EDIT),
        Action::Ask => Opens::Dialog(&ask::ASK),
        Action::Comment => Opens::Text(&COMMENT),
        Action::InternalNote => Opens::Text(&INTERNAL_NOTE),
        Action::NoteToRequester => Opens::Text(&NOTE_TO_REQUESTER),
        Action::Claim => Opens::Command(claim),
        _ => return None,
    })
}

static ALLOW: Spec = Spec {
    command: "allow",
    verb: "allow",
    heading: "Allow",
    several: true,
    decides: true,
    facts: true,
    mails: Some("requester"),
    at_hand: &[
        "Please use the data only for the purpose you described.",
        "Access ends by itself; ask again in good time if you need it longer.",
    ],
    inputs: |start| {
        let item = start.row.and_then(item).filter(|_| !start.many);
        let note = item.and_then(|item| item.note_to_requester.as_ref()).map_or("", |note| note.raw());
        let mut inputs = item.map_or_else(Vec::new, |item| period(item, start));
        inputs.push(Entry::line("note", "Note", note, start.at_hand.clone()));
        inputs
    },
    wrong: wrong_period,
    statement: |inputs, _| plans::statement(inputs, plans::allowed, true),
    command_of: |inputs, target| {
        Some(Command::AllowRequest {
            request: RequestId(target.id),
            starts: inputs.moved("starts"),
            ends: inputs.moved_end("ends"),
            iva: iva(inputs),
            note: inputs.changed("note").map(str::to_owned),
            seen_row_version: Some(target.seen),
        })
    },
    ..Spec::BLANK
};

static DENY: Spec = Spec {
    command: "deny",
    verb: "deny",
    heading: "Deny",
    several: true,
    decides: true,
    facts: true,
    mails: Some("requester"),
    at_hand: &[
        "The purpose does not say what the data is needed for; please ask again with more detail.",
        "The data access committee did not agree.",
        "The ethics vote is missing or has expired.",
        "The project may not use this dataset under its contract.",
    ],
    inputs: |start| vec![Entry::reason("reason", start.at_hand.clone())],
    statement: |inputs, _| plans::statement(inputs, plans::denied, false),
    command_of: |inputs, target| {
        Some(Command::DenyRequest {
            request: RequestId(target.id),
            reason: inputs.value("reason").to_owned(),
            seen_row_version: Some(target.seen),
        })
    },
    ..Spec::BLANK
};

static EDIT: Spec = Spec {
    command: "edit",
    verb: "change",
    heading: "Change",
    facts: true,
    inputs: |start| {
        let Some(item) = start.row.and_then(item) else { return Vec::new() };
        let ticket = item.ticket_id.as_ref().map_or("", |ticket| ticket.raw());
        let mut inputs = period(item, start);
        inputs[0] = inputs[0].clone().first();
        inputs.push(Entry::word("ticket", "Ticket", ticket, "the site's"));
        inputs
    },
    // A period that is left as it is is not judged again.
    wrong: |inputs, entry| match (inputs.changed("starts"), inputs.changed("ends")) {
        (None, None) => inputs.moment(entry.value()).err().filter(|_| matches!(entry.name, "starts" | "ends")),
        _ => wrong_period(inputs, entry),
    },
    statement: |inputs, _| plans::statement(inputs, plans::edited, false),
    command_of: |inputs, target| {
        let changes = changes(inputs);
        (changes != RequestChanges::default()).then(|| edit(target, changes))
    },
    ..Spec::BLANK
};

static INTERNAL_NOTE: Text = Text {
    command: "note",
    noun: "internal note",
    title: |_| "Internal note".into(),
    readers: |_| vec![(Tone::Warn, "Only stewards and auditors read this.".into())],
    before: |row| {
        let inside = item(row).and_then(|item| item.internal.as_ref());
        inside.and_then(|inside| inside.internal_note.as_ref()).map_or_else(String::new, |note| note.raw().to_owned())
    },
    seen: |_, _| None,
    command_of: |text, _, target| {
        edit(target, RequestChanges { internal_note: Some(text), ..RequestChanges::default() })
    },
};

static NOTE_TO_REQUESTER: Text = Text {
    command: "edit",
    noun: "note to the requester",
    title: |row| format!("NOTE TO {}: THEY READ IT", login(row)),
    readers: |row| vec![(Tone::Good, format!("{} reads this on the desk and in a mail.", login(row)))],
    before: |row| {
        let note = item(row).and_then(|item| item.note_to_requester.as_ref());
        note.map_or_else(String::new, |note| note.raw().to_owned())
    },
    seen: |row, now| Some((format!("What {} sees", login(row)), side::seen(item(row)?, now))),
    command_of: |text, _, target| {
        edit(target, RequestChanges { note_to_requester: Some(text), ..RequestChanges::default() })
    },
};

static COMMENT: Text = Text {
    command: "comment",
    noun: "comment",
    title: |_| "Comment among stewards".into(),
    readers: |_| vec![(Tone::Warn, "Only stewards and auditors read this; it is added, not replaced.".into())],
    before: |_| String::new(),
    seen: |_, _| None,
    command_of: |body, _, target| Command::CommentRequest { request: RequestId(target.id), body },
};

fn login(row: &Row) -> String {
    item(row).map_or_else(String::new, |item| safe(&item.login))
}

fn claim(row: &Row, target: &Target, me: &str, now: DateTime<Utc>) -> (&'static str, Command) {
    let request = RequestId(target.id);
    let inside = item(row).and_then(|item| item.internal.as_ref()).filter(|inside| inside.claimed_until >= Some(now));
    if inside.and_then(|inside| inside.claimed_by.as_deref()) == Some(me) {
        ("give up", Command::UnclaimRequest { request })
    } else {
        ("claim", Command::ClaimRequest { request })
    }
}

fn edit(target: &Target, changes: RequestChanges) -> Command {
    Command::EditRequest { request: RequestId(target.id), changes, seen_row_version: Some(target.seen) }
}

/// The period asked for, and the identity it rests on where there is a choice.
fn period(item: &AccessRequest, start: &Start) -> Vec<Entry> {
    let zone: Tz = start.zone;
    let starts = Entry::word("starts", "Starts", typed(item.access_starts, zone), "as in 2026-11-21, or now");
    let ends = Entry::word("ends", "Ends", typed_end(item.access_ends, zone), "as in 2027-11-21");
    [starts, ends].into_iter().chain(ivas(item)).collect()
}

fn wrong_period(inputs: &Inputs, entry: &Entry) -> Option<String> {
    let item = inputs.row.and_then(item)?;
    match entry.name {
        "starts" => inputs.moment(entry.value()).err(),
        "ends" => {
            let ends = match inputs.end(entry.value()) {
                Err(why) => return Some(why),
                Ok(ends) => ends,
            };
            let now = inputs.now.to_utc();
            let starts = inputs.changed("starts").map_or(Ok(item.access_starts), |text| inputs.moment(text));
            let ends = if entry.moved() { ends } else { item.access_ends };
            inputs.rules.period_why_not(starts.unwrap_or(now), ends, now, true).map(|no| no.message)
        }
        _ => None,
    }
}

/// The person's verified identities to choose from, the one named first.
fn ivas(item: &AccessRequest) -> Option<Entry> {
    let known = item.internal.as_ref().map_or(&[][..], |inside| &inside.ivas);
    let words = |iva: &Iva| {
        let verified = if iva.verified { "verified" } else { "not verified" };
        (iva.id.to_string(), format!("{}, {verified}", safe(&iva.kind.replace('_', " "))))
    };
    let mut choices: Vec<_> = known.iter().map(words).collect();
    if item.iva_id.is_none() {
        choices.insert(0, (String::new(), "none is named".into()));
    }
    let at = choices.iter().position(|(id, _)| Some(id.as_str()) == item.iva_id.map(|id| id.to_string()).as_deref());
    (choices.len() > 1).then(|| Entry::choice("iva", "IVA", choices, at.unwrap_or(0)))
}
