//! Random hands on requests and grants: nothing about access goes out but what a confirmed form, an editor or a key on the
//! row said, for exactly the rows shown, whatever comes between.

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::access::{AccessRequest, Grant, RequestStatus};
use exeat::tui::app::deeds::Deed;
use exeat::tui::app::form::{Form, Name, What};
use exeat::tui::app::layers::Layer;
use exeat::tui::app::msg::Fit;
use exeat::tui::app::notes::Audience;
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Action, Cmd, Code, Key, Model, Msg, Row};
use proptest::prelude::*;

use super::access_rows::{defaults, facts, four, request};
use super::harness::{Desk, done, file};

#[derive(Clone, Debug)]
enum Step {
    Key(Key, i64),
    Paste(&'static str),
    /// The row of this place changed: another version of it comes.
    Push(Kind, usize),
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
    let kind = prop::sample::select(vec![Kind::Egress, Kind::Request, Kind::Grant]);
    prop_oneof![
        6 => (key(), prop::sample::select(vec![1_i64, 50, 400, 400])).prop_map(|(key, ms)| Step::Key(key, ms)),
        1 => prop::sample::select(vec!["y\n", "2", "\u{202e}\u{1b}[2J"]).prop_map(Step::Paste),
        2 => (kind, 0_usize..4).prop_map(|(kind, at)| Step::Push(kind, at)),
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

    fn rows(&self, kind: Kind) -> Vec<Row> {
        match kind {
            Kind::Egress => vec![Row::from(file(1, "a.csv"))],
            Kind::Request => self.requests.iter().cloned().map(Row::from).collect(),
            Kind::Grant => self.grants.iter().cloned().map(Row::from).collect(),
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
        Step::Push(kind, at) => {
            let at = at % 4;
            match kind {
                Kind::Egress => {}
                Kind::Request => world.requests[at].row_version += 1,
                Kind::Grant => world.grants[at].row_version += 1,
            }
            let row = world.rows(*kind).swap_remove(if *kind == Kind::Egress { 0 } else { at });
            desk.say(Msg::Changed(*kind, vec![row.id]));
            desk.say(Msg::Rows(vec![row]));
        }
        Step::Answer => {
            let kind = desk.model.kind();
            if desk.cmds.iter().any(|cmd| matches!(cmd, Cmd::List { fit: Fit::Start | Fit::Again, .. })) {
                desk.rows(world.rows(kind));
            }
            for cmd in desk.take(|cmd| matches!(cmd, Cmd::Defaults(_) | Cmd::Facts(..))) {
                match cmd {
                    Cmd::Defaults(dataset) => desk.say(Msg::Defaults(dataset, Ok(defaults()))),
                    Cmd::Facts(kind, id) => desk.say(Msg::Facts(kind, id, Ok(facts()))),
                    _ => unreachable!(),
                }
            }
        }
        Step::Done(ok) => {
            if !world.sent.is_empty() {
                let mut answer = done("Said.");
                answer.ok = *ok;
                let command = world.sent.remove(0);
                desk.say(Msg::Done { command, answer: Ok(answer) });
            }
        }
        Step::Lost => desk.say(Msg::Lost("PostgreSQL does not answer.".into())),
        Step::Live => desk.say(Msg::Live),
        Step::Resize(w, h) => desk.say(Msg::Resize(*w, *h)),
    }
}

/// The date a field holds; what was left alone says none.
fn date(form: &Form, name: Name) -> Option<DateTime<Utc>> {
    let text = form.changed(name)?;
    Some(format!("{text}T00:00:00Z").parse().unwrap_or(Utc::now()))
}

/// Whether a deed is what the form said, field by field; dates are judged where they are days.
fn says(form: &Form, deed: &Deed) -> bool {
    let text = |name| form.changed(name).map(|text| text.trim().to_owned());
    let reason = form.value(Name::Reason).trim();
    let same = |name, at: Option<DateTime<Utc>>| match date(form, name) {
        Some(day) if form.value(name).len() == 10 => at == Some(day),
        other => at.is_some() == other.is_some(),
    };
    match (form.what, deed) {
        (What::Allow, Deed::Allow { starts, ends, note, .. }) => {
            same(Name::Starts, *starts) && same(Name::Ends, *ends) && *note == text(Name::Note)
        }
        (What::Deny, Deed::Deny(sent)) => sent == reason && !reason.is_empty(),
        (What::Edit, Deed::Edit(sent)) => {
            let notes = sent.internal_note.is_none() && sent.note_to_requester.is_none();
            notes && same(Name::Starts, sent.starts) && same(Name::Ends, sent.ends) && sent.ticket == text(Name::Ticket)
        }
        (What::Amend, Deed::Amend { until, reason: sent }) => {
            same(Name::Ends, Some(*until)) && sent == reason && !reason.is_empty()
        }
        (What::Revoke, Deed::Revoke { class, reason: sent }) => {
            class.word() == form.value(Name::Class) && sent == reason && !reason.is_empty()
        }
        (What::Ask, Deed::Ask(sent)) => {
            form.preview
                && sent.dataset == form.value(Name::Dataset)
                && sent.text == form.value(Name::Text).trim_end()
                && sent.email == form.value(Name::Email).trim()
        }
        _ => false,
    }
}

/// A deed that went out: from which layer, by which key, and that it says and names exactly what stood there.
fn meant(deed: &Deed, targets: &[(i64, i64)], step: &Step, before: &Model, world: &World) -> Result<(), TestCaseError> {
    let Step::Key(key, ms) = step else { return Err(TestCaseError::fail(format!("{step:?} sent {deed:?}"))) };
    let fresh =
        targets.iter().all(|(id, seen)| *id == 0 || before.list.get(*id).is_none_or(|row| row.version == *seen));
    match before.layers.last() {
        Some(Layer::Form(form)) => {
            prop_assert!(says(form, deed), "{:?} from {:?}", deed, form);
            let shown: Vec<_> = form.targets.iter().map(|target| (target.id, target.seen)).collect();
            prop_assert_eq!(targets, &shown[..]);
            prop_assert!(form.fields.iter().all(|entry| entry.wrong.is_none()), "{:?}", form);
            prop_assert!(shown.len() == 1 || form.value(Name::Count).trim().parse() == Ok(shown.len()));
            prop_assert!(!key.repeat && matches!(key.code, Code::Char('y') | Code::Enter) && !key.ctrl);
            let Some((opener, at)) = world.opened else { return Err(TestCaseError::fail("nothing opened it")) };
            prop_assert!(!opener.same(*key), "{:?} opened it", opener);
            prop_assert!(before.now + TimeDelta::milliseconds(*ms) - at >= TimeDelta::milliseconds(300));
            prop_assert!(fresh, "a row had moved on: {:?}", targets);
        }
        Some(Layer::Note(edit)) => {
            prop_assert!(key.same(Key::ctrl('s')) && targets[0].0 == edit.target.id && targets.len() == 1);
            let text = edit.text.trim_end();
            let right = match (edit.audience, deed) {
                (Audience::Comment, Deed::Comment(body)) => body == text,
                (Audience::Stewards, Deed::Edit(sent)) => {
                    sent.internal_note.as_deref() == Some(text) && sent.note_to_requester.is_none()
                }
                (Audience::Requester, Deed::Edit(sent)) => {
                    sent.note_to_requester.as_deref() == Some(text) && sent.internal_note.is_none()
                }
                _ => false,
            };
            prop_assert!(right, "{:?} from {:?}", deed, edit);
        }
        None | Some(Layer::Menu(_) | Layer::Palette(_)) => {
            prop_assert!(matches!(deed, Deed::Claim(_)), "{:?} without a dialog", deed);
            let by = before.keymap.action(*key) == Some(Action::Claim) || key.code == Code::Enter;
            prop_assert!(by && before.list.cursor == Some(targets[0].0) && fresh);
        }
        other => return Err(TestCaseError::fail(format!("{deed:?} from {other:?}"))),
    }
    Ok(())
}

fn check(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    let mut world = World::new();
    for (n, step) in steps.iter().enumerate() {
        let before = desk.model.clone();
        apply(&mut desk, &mut world, step);
        let form = |model: &Model| match model.layers.last() {
            Some(Layer::Form(form)) => Some((form.what, form.preview)),
            _ => None,
        };
        for cmd in desk.take(|cmd| matches!(cmd, Cmd::Deed { .. } | Cmd::Decide { .. })) {
            match &cmd {
                Cmd::Deed { deed, orders } => {
                    world.sent.extend(orders.iter().map(|order| order.command));
                    let targets: Vec<_> = orders.iter().map(|order| (order.target.id, order.target.seen)).collect();
                    meant(deed, &targets, step, &before, &world)?;
                }
                Cmd::Decide { orders, .. } => {
                    world.sent.extend(orders.iter().map(|order| order.command));
                    prop_assert!(
                        before.kind() == Kind::Egress && matches!(before.layers.last(), Some(Layer::Decide(_)))
                    );
                }
                _ => unreachable!(),
            }
        }
        if let (Some(now), Step::Key(key, _)) = (form(&desk.model), step)
            && form(&before) != Some(now)
        {
            world.opened = Some((*key, desk.model.now));
        }
        if let Some(Layer::Form(form)) = desk.model.layers.last() {
            let open = before.layers.iter().any(|layer| matches!(layer, Layer::Form(_)));
            for target in form.targets.iter().filter(|target| target.id != 0) {
                prop_assert!(open || before.list.get(target.id).is_some(), "{} was no row", target.id);
                prop_assert!(open || form.targets.len() == 1 || before.list.marks.contains(&target.id));
            }
        }
        let same = before.kind() == desk.model.kind();
        if matches!(step, Step::Push(..) | Step::Lost | Step::Live | Step::Resize(..) | Step::Paste(_)) {
            prop_assert!(same, "{:?} turned the page", step);
            prop_assert_eq!(&desk.model.list.marks, &before.list.marks);
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

/// The hands do get there: every kind of deed is done by some of them.
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
            for cmd in desk.take(|cmd| matches!(cmd, Cmd::Deed { .. })) {
                let Cmd::Deed { deed, orders } = cmd else { unreachable!() };
                world.sent.extend(orders.iter().map(|order| order.command));
                let name = format!("{deed:?}");
                let name = name.split([' ', '(', '{']).next().unwrap().to_owned();
                *done.entry(name).or_insert(0) += 1;
                if orders.len() > 1 {
                    *done.entry("several".to_owned()).or_insert(0) += 1;
                }
            }
        }
    }
    for name in ["Allow", "Deny", "Edit", "Comment", "Claim", "Amend", "Revoke", "Ask", "several"] {
        assert!(done.get(name).is_some_and(|count| *count >= 5), "{name}: {done:?}");
    }
}
