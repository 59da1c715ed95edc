//! What is decided and said about files: the dialogs, the comment, and what goes out at once. Data and pure functions.

use chrono::{DateTime, Utc};

use super::super::words::{count, long_hash, safe};
use super::columns::{in_a_word, reason, state_words};
use super::detail::from_whom;
use super::looked::{coverage, looked, unopened, weighs};
use crate::domain::case::CaseState;
use crate::domain::command::Command;
use crate::domain::egress::{DestinationView, EgressItem, Severity, VersionId};
use crate::domain::found::{Checked, Group, groups};
use crate::domain::vote::VoteKind;
use crate::text::{human_size, shown};
use crate::tui::app::Action;
use crate::tui::app::entry::Entry;
use crate::tui::app::row::{Row, Target};
use crate::tui::app::spec::{Inputs, Opens, Spec, Start, Statement};
use crate::tui::app::state::writing::Text;
use crate::tui::app::words::{Fact, Tone};

/// What an action on a file leads to.
pub fn opens(action: Action) -> Option<Opens> {
    Some(match action {
        Action::Approve => Opens::Dialog(&APPROVE),
        Action::Reject => Opens::Dialog(&REJECT),
        Action::Changes => Opens::Dialog(&CHANGES),
        Action::Withdraw => Opens::Dialog(&WITHDRAW),
        Action::Recall => Opens::Dialog(&RECALL),
        Action::Restore => Opens::Dialog(&RESTORE),
        Action::Comment => Opens::Text(&COMMENT),
        Action::Claim => Opens::Command(claim),
        Action::Undo => Opens::Command(|_, target, _, _| {
            let (version, destination) = case(target);
            ("undo", Command::UndoVote { version, destination })
        }),
        _ => return None,
    })
}

/// The name under which every dialog has its reason or comment.
const SAID: &str = "comment";

/// What they all are; a comment is possible.
const CASE: Spec = Spec {
    nothing: "decided",
    several: true,
    inputs: |start| vec![Entry::comment(SAID, start.at_hand.clone())],
    ..Spec::BLANK
};

fn with_reason(start: &Start) -> Vec<Entry> {
    vec![Entry::reason(SAID, start.at_hand.clone())]
}

/// The same where it goes back to the researcher: what was found is the first text at hand.
fn with_findings(start: &Start) -> Vec<Entry> {
    let found = start.row.filter(|_| !start.many).and_then(item).and_then(found_in);
    vec![Entry::reason(SAID, found.into_iter().chain(start.at_hand.iter().cloned()).collect())]
}

/// The findings that weigh, with number and place, as a sentence for who has to mend them.
fn found_in(item: &EgressItem) -> Option<String> {
    let groups = groups(&item.findings);
    let weigh: Vec<String> = groups.iter().filter(|group| group.severity > Severity::Note).map(Group::words).collect();
    (!weigh.is_empty()).then(|| format!("Found: {}.", weigh.join("; ")))
}

static APPROVE: Spec = Spec {
    command: "approve",
    verb: "approve",
    heading: "Approve",
    decides: true,
    inputs: |start| unopened(start).into_iter().chain([Entry::comment(SAID, start.at_hand.clone())]).collect(),
    statement: |inputs, target| vote_statement(inputs, target, approved),
    command_of: |inputs, target| Some(vote(inputs, target, VoteKind::Approve)),
    signs,
    ..CASE
};

static REJECT: Spec = Spec {
    command: "reject",
    verb: "reject",
    heading: "Reject",
    decides: true,
    at_hand: &[
        "Small counts: cells under the threshold can point at single people.",
        "It holds data about single people.",
        "It is not covered by the project's purpose.",
        "It cannot be checked by hand: no table, figure or text a person could read.",
    ],
    inputs: with_findings,
    statement: |inputs, target| {
        vote_statement(inputs, target, |item, _, dest| {
            format!("your rejection for {dest} is kept with its reason; {} reads it", researcher(item))
        })
    },
    command_of: |inputs, target| Some(vote(inputs, target, VoteKind::Reject)),
    signs,
    ..CASE
};

static CHANGES: Spec = Spec {
    command: "changes",
    verb: "request changes",
    heading: "Request changes",
    decides: true,
    at_hand: &[
        "Please suppress or combine the cells with small counts.",
        "Please round the counts and take totals away that give a hidden cell back.",
        "Please leave out what is not needed: minimum, maximum, single values.",
        "Please say what the file shows and how many people stand behind each figure.",
    ],
    inputs: with_findings,
    statement: |inputs, target| {
        vote_statement(inputs, target, |item, _, _| {
            format!("it goes back to {} with your reason; a newer version starts with no votes", researcher(item))
        })
    },
    command_of: |inputs, target| Some(vote(inputs, target, VoteKind::Changes)),
    signs,
    ..CASE
};

static WITHDRAW: Spec = Spec {
    command: "withdraw",
    verb: "withdraw",
    heading: "Withdraw",
    decides: true,
    statement: |inputs, target| {
        statement(inputs, target, |_, _, dest| {
            format!(
                "you no longer ask for {dest}; if nobody else submitted these bytes, nobody can decide on them any more"
            )
        })
    },
    command_of: |inputs, target| {
        let (version, destination) = case(target);
        Some(Command::Withdraw { version, destination, reason: said(inputs) })
    },
    ..CASE
};

static RECALL: Spec = Spec {
    command: "recall",
    verb: "recall",
    heading: "Recall",
    at_hand: &[
        "It holds data about single people that was overlooked.",
        "It went out for the wrong destination.",
        "The researcher asked for it.",
    ],
    inputs: with_reason,
    statement: |inputs, target| {
        statement(inputs, target, |_, _, dest| {
            format!(
                "downloads for {dest} stop at once, the shared copy is taken away, and you are told who has it already; two people can open it for votes again, from none"
            )
        })
    },
    command_of: |inputs, target| {
        let (version, destination) = case(target);
        Some(Command::Recall { version, destination, reason: said(inputs) })
    },
    ..CASE
};

static RESTORE: Spec = Spec {
    command: "restore",
    verb: "restore",
    heading: "Restore",
    at_hand: &["It was recalled by mistake.", "It was checked again and may go out."],
    inputs: with_reason,
    statement: |inputs, target| {
        statement(inputs, target, |_, view, dest| match &view.restore_by {
            Some(first) => format!(
                "{} proposed it and you are the second: it waits for votes for {dest} again, and none of before counts",
                safe(first)
            ),
            None => format!("you propose it for {dest}; it stays recalled until a second person confirms"),
        })
    },
    command_of: |inputs, target| {
        let (version, destination) = case(target);
        Some(Command::Restore { version, destination, reason: said(inputs) })
    },
    ..CASE
};

static COMMENT: Text = Text {
    command: "comment",
    noun: "comment",
    title: |_| "Comment".into(),
    readers: |_| {
        vec![
            (Tone::Good, "Read by the researcher too (Tab changes it)".into()),
            (Tone::Warn, "Read by checkers only (Tab changes it)".into()),
        ]
    },
    before: |_| String::new(),
    seen: |_, _| None,
    command_of: |body, reader, target| Command::AddComment {
        version: VersionId(target.id),
        body,
        internal: reader == 1,
    },
};

fn claim(row: &Row, target: &Target, me: &str, now: DateTime<Utc>) -> (&'static str, Command) {
    let version = VersionId(target.id);
    let claimed = item(row).filter(|item| item.claimed_until >= Some(now));
    if claimed.and_then(|item| item.claimed_by.as_deref()) == Some(me) {
        ("give up", Command::Unclaim { version })
    } else {
        ("claim", Command::Claim { version })
    }
}

fn case(target: &Target) -> (VersionId, Option<String>) {
    (VersionId(target.id), Some(target.destination.clone()))
}

fn said(inputs: &Inputs) -> Option<String> {
    let said = inputs.value(SAID);
    (!said.is_empty()).then(|| said.to_owned())
}

/// Whether the destination's policy asks for signed votes.
fn signs(inputs: &Inputs, target: &Target) -> bool {
    let view = inputs.row.and_then(item).and_then(|item| item.destinations.get(&target.destination));
    view.is_some_and(|view| view.signing.is_some())
}

/// A vote on exactly the bytes that were seen, with what was seen of them.
fn vote(inputs: &Inputs, target: &Target, kind: VoteKind) -> Command {
    let (version, destination) = case(target);
    Command::CastVote {
        version,
        destination,
        kind,
        sha256: (!target.sha256.is_empty()).then(|| target.sha256.clone()),
        comment: said(inputs),
        seen_row_version: Some(target.seen),
        coverage: inputs.seen.map(coverage),
        signed: None,
        signature: None,
    }
}

/// What will happen to a case: of the file, of how it stands, for the destination's name.
type Outcome = fn(&EgressItem, &DestinationView, &str) -> String;

/// The same with how much of its bytes was looked at.
fn vote_statement(inputs: &Inputs, target: &Target, then: Outcome) -> Statement {
    let may_look = inputs.row.and_then(item).filter(|item| reason(item, "preview").is_none());
    let weighs = inputs.row.and_then(item).map_or_else(Vec::new, |item| weighs(inputs, item, target));
    Statement { looked: may_look.map(|item| looked(inputs, item)), weighs, ..statement(inputs, target, then) }
}

/// Name, size, version, digest, findings, and what will happen.
fn statement(inputs: &Inputs, target: &Target, then: Outcome) -> Statement {
    let Some(item) = inputs.row.and_then(item) else { return Statement::default() };
    let head = format!("{}  {}  {}  {}", shown(&item.key), human_size(item.size), safe(&item.project), from_whom(item));
    let newest = if item.newest { "the newest at its name" } else { "not the newest at its name" };
    let about = vec![
        Fact::new("File", head.clone()),
        Fact::new("Bytes", format!("id {}, version {}, {newest}", item.id, item.version)),
        Fact::new("sha256", long_hash(&target.sha256)),
    ];
    let dest = safe(&target.destination);
    let view = item.destinations.get(&target.destination);
    Statement {
        name: head,
        stands: Some(view.map_or_else(|| dest.clone(), |view| stands(view, &dest))),
        about,
        found: findings(item),
        looked: None,
        weighs: Vec::new(),
        then: view.map(|view| then(item, view, &dest)),
    }
}

/// The destination and how far the file is there: `trusted, with 1 of 2 approvals (checker2)`.
fn stands(view: &DestinationView, dest: &str) -> String {
    let by: Vec<String> = view.by.iter().map(|login| safe(login)).collect();
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    let approvals = count(usize::try_from(view.required).unwrap_or(0), "approval");
    match view.state {
        CaseState::Pending => format!("{dest}, with {} of {approvals}{by}", view.count),
        state => format!("{dest}, {}, with {} of {approvals}{by}", state_words(state), view.count),
    }
}

/// What is known of its inside, then a line for each of the weightiest groups: where, and what one that is alone says.
fn findings(item: &EgressItem) -> Vec<Fact> {
    const GROUPS: usize = 3;
    let groups = groups(&item.findings);
    let left = groups.len().saturating_sub(GROUPS);
    let words = |group: &Group| match group.findings.as_slice() {
        [one] => format!("{}: {}", group.words(), shown(&one.sentence)),
        _ => group.words(),
    };
    let mut lines: Vec<String> = groups.iter().take(GROUPS).map(words).collect();
    if left > 0 {
        lines.push(format!("and {}: the detail lists them", count(left, "more group")));
    }
    let tone = if item.inside.state == Checked::Clean { Tone::Plain } else { Tone::Warn };
    let mut lines = lines.into_iter();
    let head = match (item.inside.state, lines.next()) {
        (Checked::Clean, _) => return vec![Fact::new("Findings", in_a_word(item))],
        (_, Some(first)) => format!("{}: {first}", in_a_word(item)),
        (_, None) => in_a_word(item),
    };
    let rest = lines.map(|text| Fact::new("", text).tone(tone));
    std::iter::once(Fact::new("Findings", head).tone(tone)).chain(rest).collect()
}

/// A hold in the largest unit that says it exactly: `30 s`, `5 min`, `2 h`.
fn seconds(held: i32) -> String {
    match held {
        _ if held >= 7200 && held % 3600 == 0 => format!("{} h", held / 3600),
        _ if held >= 120 && held % 60 == 0 => format!("{} min", held / 60),
        _ => format!("{held} s"),
    }
}

fn researcher(item: &EgressItem) -> String {
    item.submitted_by.as_deref().map_or_else(|| "its submitter".into(), safe)
}

/// What one more approval will bring about.
fn approved(_: &EgressItem, view: &DestinationView, dest: &str) -> String {
    let (with, required) = (view.count + 1, view.required);
    let has = format!("with yours it has {with} of {required} for {dest}");
    if with < required {
        let more = count(usize::try_from(required - with).unwrap_or(0), "approval");
        return format!("{has}: {more} more needed");
    }
    match view.hold_seconds {
        Some(0) => format!("{has}: it is released at once"),
        Some(held) => format!("{has}: it is released in {} unless undone (u)", seconds(held)),
        None => format!("{has}: it is held, then released"),
    }
}

/// The row's thing, where a dialog asks with a row.
pub fn item(row: &Row) -> Option<&EgressItem> {
    row.thing()
}
