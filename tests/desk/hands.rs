//! Random hands on requests and grants: nothing about access goes out but what a confirmed form, an editor or a key on the
//! row said, for exactly the rows shown, whatever comes between.

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::access::{AccessRequest, Grant, RequestStatus};
use exeat::tui::app::{Action, Code, Key, Msg, Row};
use proptest::prelude::*;
use serde_json::Value;

use super::harness::access::{defaults, facts, four, request};
use super::harness::dialog::{Dialog, Writing};
use super::harness::permits::permit;
use super::harness::{AREAS, Desk, Sent, file};

#[derive(Clone, Debug)]
enum Step {
    Key(Key, i64),
    Paste(&'static str),
    /// The row of an area's place changed: another version of it comes.
    Push(&'static str, usize),
    /// Everything that was asked for is answered.
    Answer,
    /// The oldest command under way is answered.
    Done(bool),
    Lost,
    Live,
    Resize(u16, u16),
}

/// Ways that lead somewhere: to a decision, a note, a request. At `!` everything asked for is answered.
const WAYS: &[&str] = &[
    "2 a y",
    "2 x ctrl-n Enter y",
    "2 j x n o Enter y",
    "2 Space Space a 2 Enter Enter y",
    "2 Space Space x 2 Enter ctrl-n Enter y",
    "2 E ctrl-u 2 0 2 6 - 1 2 - 0 1 Enter Tab Tab Enter y",
    "2 w h i ctrl-s",
    "2 i h i ctrl-s",
    "2 c h i ctrl-s",
    "2 t",
    "2 + ! x Tab Tab Enter y",
    "2 + ! o k Tab Tab Tab BackTab Enter y",
    "3 + ! o k Tab Tab Enter y",
    "3 x ctrl-n Enter y",
    "3 j x BackTab Right Tab o k Enter y",
    "3 Space Space x 2 Enter Enter ctrl-n Enter y",
    "3 E ctrl-u 2 0 2 7 - 0 9 - 0 1 Tab ctrl-n Enter y",
    "1 a y",
    "3 Space Space a 2 Enter Enter y",
    "3 Space W y",
    "2 Space X ctrl-n Enter y",
    "Esc Esc Esc",
];

fn key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        6 => prop::sample::select("jkgGaxEwictyYn+D231 pemoh?0".chars().collect::<Vec<_>>()).prop_map(Code::Char),
        5 => prop::sample::select(vec![
            Code::Enter, Code::Esc, Code::Tab, Code::BackTab, Code::Left, Code::Right, Code::Up, Code::Down,
            Code::Backspace, Code::PageDown,
        ]),
    ];
    (code, prop::bool::weighted(0.1), prop::bool::weighted(0.1)).prop_map(|(code, ctrl, repeat)| Key {
        code,
        ctrl,
        alt: false,
        repeat,
    })
}

fn noise() -> impl Strategy<Value = Step> {
    let area = prop::sample::select(AREAS.to_vec());
    prop_oneof![
        6 => (key(), prop::sample::select(vec![1_i64, 50, 400, 400])).prop_map(|(key, ms)| Step::Key(key, ms)),
        1 => prop::sample::select(vec!["y\n", "2", "\u{202e}\u{1b}[2J"]).prop_map(Step::Paste),
        2 => (area, 0_usize..4).prop_map(|(area, at)| Step::Push(area, at)),
        3 => Just(Step::Answer),
        3 => any::<bool>().prop_map(Step::Done),
        1 => Just(Step::Lost),
        1 => Just(Step::Live),
        1 => (30_u16..160, 8_u16..50).prop_map(|(w, h)| Step::Resize(w, h)),
    ]
}

/// A way gone key by key, often with something between.
fn way() -> impl Strategy<Value = Vec<Step>> {
    let between = prop::option::weighted(0.5, (noise(), 0_usize..12));
    (prop::sample::select(WAYS), between).prop_map(|(names, between)| {
        let step = |name| if name == "!" { Step::Answer } else { Step::Key(Key::parse(name).unwrap(), 400) };
        let mut steps: Vec<Step> = names.split_whitespace().map(step).collect();
        // What a tab asked for is there before one goes on.
        steps.insert(1.min(steps.len()), Step::Answer);
        if let Some((noise, at)) = between {
            steps.insert(at.min(steps.len()), noise);
        }
        steps
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let piece = prop_oneof![3 => way(), 2 => noise().prop_map(|step| vec![step])];
    prop::collection::vec(piece, 1..20).prop_map(|pieces| pieces.into_iter().flatten().collect())
}

struct World {
    requests: Vec<AccessRequest>,
    grants: Vec<Grant>,
    sent: Vec<uuid::Uuid>,
    /// The key that opened the dialog, or its last stage, and when.
    opened: Option<(Key, DateTime<Utc>)>,
}

impl World {
    fn new() -> Self {
        let mut requests: Vec<_> = (1..=4).map(request).collect();
        // One that was decided: nothing can be done with it but notes.
        requests[3].status = RequestStatus::Denied;
        for command in ["allow", "deny", "edit", "claim"] {
            let why = exeat::domain::refusal::Refusal { code: "decided".into(), message: "It was denied.".into() };
            requests[3].why_not.insert(command.into(), Some(why));
        }
        Self { requests, grants: four(), sent: Vec::new(), opened: None }
    }

    fn rows(&self, area: &str) -> Vec<Row> {
        match area {
            "egress" => vec![Row::from(file(1, "a.csv"))],
            "permits" => (1..=4).map(|id| Row::from(permit(id))).collect(),
            "requests" => self.requests.iter().cloned().map(Row::from).collect(),
            _ => self.grants.iter().cloned().map(Row::from).collect(),
        }
    }
}

fn apply(desk: &mut Desk, world: &mut World, step: &Step) {
    match step {
        Step::Key(key, ms) => {
            desk.wait(*ms);
            desk.say(Msg::Key(*key));
        }
        Step::Paste(text) => desk.say(Msg::Paste((*text).to_owned())),
        Step::Push(area, at) => {
            let at = at % 4;
            match *area {
                "requests" => world.requests[at].row_version += 1,
                "grants" => world.grants[at].row_version += 1,
                _ => {}
            }
            let row = world.rows(area).swap_remove(if *area == "egress" { 0 } else { at });
            desk.changed(area, &[row.id]);
            desk.read_again(vec![row]);
        }
        Step::Answer => {
            if desk.out().contains(&"page") {
                desk.rows(world.rows(desk.area()));
            }
            for asked in desk.asked("defaults") {
                desk.say(Msg::Defaults(asked.with.as_str().unwrap().into(), Ok(defaults())));
            }
            for asked in desk.asked("facts") {
                desk.facts(asked.area, asked.with.as_i64().unwrap(), facts());
            }
        }
        Step::Done(ok) => {
            if !world.sent.is_empty() {
                let command = world.sent.remove(0);
                if *ok { desk.answer(command, "Said.") } else { desk.refuse(command, "Said.") }
            }
        }
        Step::Lost => desk.lose(),
        Step::Live => desk.say(Msg::Live),
        Step::Resize(w, h) => desk.resize(*w, *h),
    }
}

/// Whether a date is the one a field holds; what was left alone says none. Judged where it is a day.
fn same(dialog: &Dialog, field: &str, sent: &Value) -> bool {
    let sent: Option<DateTime<Utc>> = sent.as_str().map(|at| at.parse().unwrap());
    match dialog.changed(field) {
        Some(text) if text.len() == 10 && field == "ends" => sent == format!("{text}T23:59:59.999999Z").parse().ok(),
        Some(text) if text.len() == 10 => sent == format!("{text}T00:00:00Z").parse().ok(),
        other => sent.is_some() == other.is_some(),
    }
}

/// Whether a command is what the dialog said, field by field, and says nothing else.
fn says(dialog: &Dialog, sent: &Sent) -> bool {
    let request = &sent.request;
    let only = |request: &Value, fields: &[&str]| {
        request.as_object().is_some_and(|object| object.keys().all(|key| fields.contains(&key.as_str())))
    };
    let text = |field: &str| dialog.changed(field).map(str::trim);
    let reason = !sent.text("reason").is_empty() && sent.text("reason") == dialog.value("reason").trim();
    let right = match sent.command {
        "allow_request" => {
            let period = same(dialog, "starts", &request["starts"]) && same(dialog, "ends", &request["ends"]);
            period
                && request["note"].as_str() == text("note")
                && only(request, &["request", "seen_row_version", "starts", "ends", "iva", "note"])
        }
        "deny_request" => reason && only(request, &["request", "seen_row_version", "reason"]),
        "edit_request" => {
            let changes = &request["changes"];
            // No note among them.
            only(changes, &["iva_id", "access_starts", "access_ends", "ticket_id"])
                && same(dialog, "starts", &changes["access_starts"])
                && same(dialog, "ends", &changes["access_ends"])
                && changes["ticket_id"].as_str() == text("ticket")
        }
        "amend_grant" => reason && same(dialog, "ends", &request["until"]),
        "revoke_grant" => reason && sent.text("class") == dialog.value("class"),
        "new_request" => {
            dialog.sends
                && sent.text("dataset") == dialog.value("dataset")
                && sent.text("text") == dialog.value("text").trim_end()
                && sent.text("email") == dialog.value("email").trim()
        }
        _ => false,
    };
    right && sent.command == dialog.command
}

/// Whether a command carries the text that was written, and nothing else.
fn carries(writing: &Writing, sent: &Sent) -> bool {
    let said = if sent.command == "edit_request" { &sent.request["changes"] } else { &sent.request };
    let others = ["internal_note", "note_to_requester", "body"].into_iter().filter(|field| *field != writing.field);
    let right = said[writing.field].as_str() == Some(writing.text.trim_end());
    right && others.into_iter().all(|field| said[field].is_null()) && sent.command == writing.command
}

/// Commands about access that went out together: from which place, by which key, and that they say and name exactly what
/// stood there.
fn meant(sent: &[Sent], step: &Step, before: &Desk, world: &World) -> Result<(), TestCaseError> {
    if sent.is_empty() {
        return Ok(());
    }
    let Step::Key(key, ms) = step else { return Err(TestCaseError::fail(format!("{step:?} sent {sent:?}"))) };
    let targets: Vec<_> = sent.iter().map(|one| (one.row, one.seen)).collect();
    let fresh = targets.iter().all(|(id, seen)| *id == 0 || before.version(*id).is_none_or(|version| version == *seen));
    if let Some(dialog) = before.dialog() {
        prop_assert!(sent.iter().all(|one| says(&dialog, one)), "{:?} from {:?}", sent, dialog);
        let shown: Vec<_> = dialog.targets.iter().map(|target| (target.row, target.version)).collect();
        prop_assert_eq!(&targets, &shown);
        prop_assert!(dialog.inputs.values().all(|input| !input.wrong), "{:?}", dialog);
        prop_assert!(shown.len() == 1 || dialog.value("count").trim().parse() == Ok(shown.len()));
        prop_assert!(!key.repeat && matches!(key.code, Code::Char('y') | Code::Enter) && !key.ctrl);
        let Some((opener, at)) = world.opened else { return Err(TestCaseError::fail("nothing opened it")) };
        prop_assert!(!opener.same(*key), "{:?} opened it", opener);
        prop_assert!(before.now() + TimeDelta::milliseconds(*ms) - at >= TimeDelta::milliseconds(300));
        prop_assert!(fresh, "a row had moved on: {:?}", targets);
    } else if let Some(writing) = before.writing() {
        prop_assert!(key.same(Key::ctrl('s')) && targets[0].0 == writing.row && targets.len() == 1);
        prop_assert!(carries(&writing, &sent[0]), "{:?} from {:?}", sent, writing);
    } else {
        prop_assert!(before.place().is_some(), "{:?} from elsewhere", sent);
        let claims = targets.len() == 1 && ["claim_request", "unclaim_request"].contains(&sent[0].command);
        prop_assert!(claims, "{:?} without a dialog", sent);
        let by = before.action_of(*key) == Some(Action::Claim) || key.code == Code::Enter;
        prop_assert!(by && before.cursor() == Some(targets[0].0) && fresh);
    }
    Ok(())
}

/// Whether a command is about a file.
fn of_files(sent: &Sent) -> bool {
    !sent.command.ends_with("_request") && !sent.command.ends_with("_grant")
}

/// Which dialog is open, and at which of its stages.
fn stage(desk: &Desk) -> Option<(&'static str, bool)> {
    desk.dialog().filter(|dialog| dialog.kind.is_none()).map(|dialog| (dialog.command, dialog.sends))
}

fn check(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    let mut world = World::new();
    for (n, step) in steps.iter().enumerate() {
        let before = desk.again();
        apply(&mut desk, &mut world, step);
        let sent = desk.sent();
        world.sent.extend(sent.iter().map(|one| one.id));
        let (files, access): (Vec<_>, Vec<_>) = sent.into_iter().partition(of_files);
        meant(&access, step, &before, &world)?;
        for one in files.iter().filter(|one| one.command == "cast_vote") {
            let dialog = before.dialog();
            prop_assert!(before.area() == "egress" && dialog.is_some_and(|dialog| dialog.command == one.command));
        }
        if let (Some(now), Step::Key(key, _)) = (stage(&desk), step)
            && stage(&before) != Some(now)
        {
            world.opened = Some((*key, desk.now()));
        }
        if let Some(dialog) = desk.dialog().filter(|dialog| dialog.kind.is_none()) {
            let open = before.has_dialog();
            for target in dialog.targets.iter().filter(|target| target.row != 0) {
                prop_assert!(open || before.version(target.row).is_some(), "{} was no row", target.row);
                prop_assert!(open || dialog.targets.len() == 1 || before.marks().contains(&target.row));
            }
        }
        let same = before.area() == desk.area();
        if matches!(step, Step::Push(..) | Step::Lost | Step::Live | Step::Resize(..) | Step::Paste(_)) {
            prop_assert!(same, "{:?} turned the page", step);
            prop_assert_eq!(desk.marks(), before.marks());
        }
        if n % 9 == 0 || n + 1 == steps.len() {
            desk.buffer();
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_about_access_goes_out_but_as_it_was_shown(steps in steps()) {
        check(&steps)?;
    }
}

/// The hands do get there: every command about access is sent by some of them.
#[test]
fn some_hands_do_every_deed() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut done = std::collections::BTreeMap::new();
    for _ in 0..250 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let (mut desk, mut world) = (Desk::with(120, 40, vec![file(1, "a.csv")]), World::new());
        for step in &steps {
            apply(&mut desk, &mut world, step);
            let sent: Vec<_> = desk.sent().into_iter().filter(|one| !of_files(one)).collect();
            world.sent.extend(sent.iter().map(|one| one.id));
            if let Some(first) = sent.first() {
                *done.entry(first.command).or_insert(0) += 1;
            }
            if sent.len() > 1 {
                *done.entry("several").or_insert(0) += 1;
            }
        }
    }
    for name in [
        "allow_request",
        "deny_request",
        "edit_request",
        "comment_request",
        "claim_request",
        "amend_grant",
        "revoke_grant",
        "new_request",
        "several",
    ] {
        assert!(done.get(name).is_some_and(|count| *count >= 5), "{name}: {done:?}");
    }
}
