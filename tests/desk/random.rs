//! Random keys, mouse, pushes, answers, settings and resizes: never a panic, never a decision without a confirmed dialog for
//! exactly the rows shown, nor any other command but by a key on the row it is for; marks always rows, the cursor on the
//! same row after any push.

use exeat::domain::egress::EgressItem;
use exeat::tui::app::keymap::Keymap;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::mouse::Did;
use exeat::tui::app::msg::{Fit, Order};
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Action, Cmd, Code, Key, Model, Msg, Row};
use proptest::prelude::*;

use super::harness::{Desk, done, file};

#[derive(Clone, Debug)]
enum Step {
    Key(Key, i64),
    Paste(String),
    /// The row of this place changed: another version of it comes.
    Push(usize),
    /// The list is read again, with so many rows left out at the front and one new.
    Again(usize, bool),
    /// The list's answer to another question.
    Answer,
    /// The oldest decision under way is answered.
    Done(bool),
    /// No answer comes to the newest decision.
    Silence,
    Lost,
    Live,
    Resize(u16, u16),
    Mouse(Did, u16, u16),
    /// The person's keymap was read again.
    Keymap(&'static str),
    /// Which first steps have gone is known.
    Hints,
}

/// Keymaps a person could have: the verdicts on the keys that confirm, and the confirming key for something else.
const KEYMAPS: &[&str] = &[
    "",
    "[keys]\napprove = \"y\"\ncopy-id = []\n",
    "[keys]\napprove = \"Enter\"\nopen = [\"l\", \"Right\"]\nreject = [\"n\"]\nnext-undecided = []\n",
    "[keys]\nhelp = \"y\"\ncopy-id = []\nback = [\"Esc\", \"F2\"]\n",
];

fn key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        8 => prop::sample::select("jkgGaxXyYnNpPJKHLouc:?/ 123tmeWqzZMS[]Tdv".chars().collect::<Vec<_>>()).prop_map(Code::Char),
        6 => prop::sample::select(vec![
            Code::Enter, Code::Esc, Code::Tab, Code::BackTab, Code::Left, Code::Right, Code::Up, Code::Down,
            Code::Backspace, Code::PageDown, Code::PageUp, Code::Home, Code::End,
        ]),
        1 => any::<char>().prop_map(Code::Char),
        1 => (1_u8..13).prop_map(Code::F),
    ];
    let held = prop::bool::weighted(0.1);
    (code, prop::bool::weighted(0.08), prop::bool::weighted(0.02), held).prop_map(|(code, ctrl, alt, repeat)| Key {
        code,
        ctrl,
        alt,
        repeat,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (key(), prop::sample::select(vec![1_i64, 50, 400, 400, 400, 2000])).prop_map(|(key, ms)| Step::Key(key, ms)),
        // A sequence that often gets as far as a decision, so that the property is tried where it matters.
        3 => prop::sample::select(vec!['a', 'x', 'y', 'y', ' ']).prop_map(|c| Step::Key(Key::char(c), 600)),
        1 => prop::sample::select(vec!["y\n", "2", "\u{202e}paste\u{1b}[2J", "state:pending"])
            .prop_map(|text| Step::Paste(text.to_owned())),
        3 => (0_usize..8).prop_map(Step::Push),
        2 => (0_usize..4, any::<bool>()).prop_map(|(drop, new)| Step::Again(drop, new)),
        2 => Just(Step::Answer),
        2 => any::<bool>().prop_map(Step::Done),
        1 => Just(Step::Silence),
        1 => Just(Step::Lost),
        1 => Just(Step::Live),
        1 => (1_u16..160, 1_u16..50).prop_map(|(w, h)| Step::Resize(w, h)),
        1 => (prop::sample::select(vec![Did::Press, Did::WheelUp, Did::WheelDown]), 0_u16..160, 0_u16..50)
            .prop_map(|(did, x, y)| Step::Mouse(did, x, y)),
        1 => prop::sample::select(KEYMAPS).prop_map(Step::Keymap),
        1 => Just(Step::Hints),
    ]
}

/// The world outside: the files as the database has them.
struct World {
    files: Vec<EgressItem>,
    sent: Vec<uuid::Uuid>,
    /// Decisions without an answer, which go out again by themselves.
    silent: Vec<Order>,
}

fn apply(desk: &mut Desk, world: &mut World, step: &Step) {
    match step {
        Step::Key(key, ms) => {
            desk.wait(*ms);
            desk.say(Msg::Key(*key));
        }
        Step::Paste(text) => desk.say(Msg::Paste(text.clone())),
        Step::Push(at) => {
            let at = at % world.files.len();
            world.files[at].row_version += 1;
            let id = world.files[at].id.0;
            desk.say(Msg::Changed(Kind::Egress, vec![id]));
            desk.say(Msg::Rows(vec![Row::from(world.files[at].clone())]));
        }
        Step::Again(dropped, new) => {
            if *new {
                let id = 100 + i64::try_from(world.files.len()).unwrap();
                world.files.insert(0, file(id, "new.csv"));
            }
            desk.say(Msg::Resync);
            if desk.model.kind() != Kind::Egress {
                return;
            }
            let rows = world.files.iter().skip(*dropped).cloned().map(Row::from).collect();
            let generation = desk.model.list.generation;
            desk.say(Msg::Listed { generation, fit: Fit::Again, answer: Ok((rows, None)) });
        }
        Step::Answer => {
            let files = world.files.clone();
            // Of requests and grants there are none.
            if desk.model.kind() != Kind::Egress {
                desk.list(Vec::new());
            } else if desk.cmds.iter().any(|cmd| matches!(cmd, Cmd::List { .. })) {
                desk.list(files);
            }
        }
        Step::Done(ok) => {
            if let Some(command) = world.sent.pop() {
                let mut answer = done("Said.");
                answer.ok = *ok;
                desk.say(Msg::Done { command, answer: Ok(answer) });
            }
        }
        Step::Silence => {
            if let Some(command) = world.sent.pop() {
                let orders = desk.model.sent.iter().flat_map(|sent| &sent.orders);
                let order = orders.map(|(order, _)| order).find(|order| order.command == command);
                world.silent.extend(order.cloned());
                desk.say(Msg::Done { command, answer: Err("PostgreSQL does not answer.".into()) });
            }
        }
        Step::Lost => desk.say(Msg::Lost("PostgreSQL does not answer.".into())),
        Step::Live => desk.say(Msg::Live),
        Step::Resize(w, h) => desk.say(Msg::Resize(*w, *h)),
        Step::Mouse(did, x, y) => desk.say(Msg::Mouse(*did, *x, *y)),
        Step::Keymap(text) => {
            let keymap = Box::new(Keymap::parse(text).unwrap());
            desk.say(Msg::Adapted { keymap, fault: None });
        }
        Step::Hints => desk.say(Msg::Hints(exeat::tui::app::hints::Gone::new())),
    }
}

/// The rows a person has: the last one's vote is held and can be taken back.
fn files() -> Vec<EgressItem> {
    let mut files: Vec<EgressItem> = (1..=6).map(|id| file(id, &format!("t/{id}.csv"))).collect();
    let view = files[5].destinations.get_mut("trusted").unwrap();
    view.held_until = Some(super::harness::noon() + chrono::TimeDelta::seconds(20));
    view.why_not.insert("undo".into(), None);
    view.why_not.insert("download".into(), None);
    files
}

/// Whether an effect that others see came from a key on the row it is about, and from nothing else.
fn meant(cmd: &Cmd, step: &Step, before: &Model) -> Result<(), TestCaseError> {
    let by = |allowed: &[Action]| {
        let Step::Key(key, _) = step else { return false };
        // By its own key, or picked in the menu or the palette.
        match before.layers.last() {
            None => before.keymap.action(*key).is_some_and(|action| allowed.contains(&action)),
            Some(Layer::Menu(_)) => {
                key.code == Code::Enter || before.keymap.action(*key).is_some_and(|action| allowed.contains(&action))
            }
            Some(Layer::Palette(_)) => key.code == Code::Enter,
            _ => false,
        }
    };
    let fine = match cmd {
        Cmd::Undo(order) => {
            by(&[Action::Undo]) && before.list.get(order.target.id).is_none_or(|row| row.version == order.target.seen)
        }
        Cmd::Claim { order, .. } => by(&[Action::Claim]) && before.list.cursor == Some(order.target.id),
        Cmd::Download { id, .. } => by(&[Action::Download]) && before.list.cursor == Some(*id),
        Cmd::Copy(ids) => {
            let of =
                |id: &str| id.parse().is_ok_and(|id| before.list.cursor == Some(id) || before.list.marks.contains(&id));
            by(&[Action::CopyId]) && ids.split_whitespace().all(of)
        }
        Cmd::Comment { id, .. } => {
            matches!(before.layers.last(), Some(Layer::Comment(edit)) if edit.id == *id)
                && matches!(step, Step::Key(key, _) if key.same(Key::ctrl('s')))
        }
        Cmd::Refresh => by(&[Action::Refresh]),
        _ => true,
    };
    prop_assert!(fine, "{:?} made {:?}", step, cmd);
    Ok(())
}

fn check(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut desk = Desk::with(120, 40, files());
    let mut world = World { files: files(), sent: Vec::new(), silent: Vec::new() };
    desk.cmds.clear();
    for (n, step) in steps.iter().enumerate() {
        let before = desk.model.clone();
        apply(&mut desk, &mut world, step);
        for cmd in desk.decisions() {
            let Cmd::Decide { orders, verdict, comment, .. } = cmd else { unreachable!() };
            if orders.iter().all(|order| world.silent.contains(order)) {
                // What had no answer goes out again by itself, exactly as it was.
                world.silent.retain(|order| !orders.contains(order));
                world.sent.extend(orders.iter().map(|order| order.command));
                continue;
            }
            world.sent.extend(orders.iter().map(|order| order.command));
            let Some(Layer::Decide(dialog)) = before.layers.last() else {
                return Err(TestCaseError::fail(format!("{step:?} decided without a dialog")));
            };
            let Step::Key(key, _) = step else { return Err(TestCaseError::fail(format!("{step:?} decided"))) };
            prop_assert!(!key.repeat && matches!(key.code, Code::Char('y') | Code::Enter));
            prop_assert!(dialog.opener.is_none_or(|opener| !opener.same(*key)));
            let sent: Vec<_> = orders.iter().map(|order| order.target.clone()).collect();
            prop_assert_eq!(&sent, &dialog.targets);
            prop_assert_eq!(verdict, dialog.verdict);
            prop_assert!(sent.len() == 1 || dialog.count.text().trim().parse() == Ok(sent.len()));
            prop_assert!(!verdict.needs_reason() || !comment.is_empty());
            for target in &sent {
                // A row that left the list meanwhile is still the dialog's, as it was seen.
                prop_assert!(before.list.get(target.id).is_none_or(|row| row.version == target.seen));
            }
        }
        for cmd in desk.take(|cmd| !matches!(cmd, Cmd::List { .. })) {
            meant(&cmd, step, &before)?;
        }
        let list = &desk.model.list;
        // Every tab has its own marks.
        let same = before.kind() == desk.model.kind();
        for mark in list.marks.difference(&before.list.marks).filter(|_| same) {
            prop_assert!(before.list.get(*mark).is_some(), "{} was marked and is no row", mark);
        }
        let shown = list.marks.iter().filter(|mark| list.get(**mark).is_some()).count();
        prop_assert_eq!(list.hidden_marks(), list.marks.len() - shown);
        if let Some(Layer::Decide(dialog)) = desk.model.layers.last() {
            // Every target was a row the person saw when the dialog opened, and with marks a marked one.
            for target in &dialog.targets {
                let known = before.layers.iter().any(|layer| matches!(layer, Layer::Decide(_)));
                prop_assert!(known || before.list.get(target.id).is_some(), "{} was no row", target.id);
                prop_assert!(dialog.targets.len() == 1 || known || before.list.marks.contains(&target.id));
            }
        }
        if matches!(
            step,
            Step::Push(_)
                | Step::Again(..)
                | Step::Lost
                | Step::Live
                | Step::Resize(..)
                | Step::Paste(_)
                | Step::Keymap(_)
        ) {
            let narrowed = list.generation != before.list.generation && matches!(step, Step::Paste(_));
            prop_assert!(narrowed || list.cursor == before.list.cursor, "{:?} moved the cursor", step);
            prop_assert_eq!(&list.marks, &before.list.marks);
        }
        prop_assert!(list.rows().is_empty() || list.current().is_some(), "the cursor is on a row");
        prop_assert!(list.top == 0 || list.top < list.lines().len());
        if n % 7 == 0 || n + 1 == steps.len() {
            desk.buffer();
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_hands_decide_nothing_they_did_not_see(steps in prop::collection::vec(step(), 1..120)) {
        check(&steps)?;
    }
}

/// The random hands do get as far as decisions: the property above is about something.
#[test]
fn some_hands_do_decide() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut decided, mut others) = (0, 0);
    for _ in 0..200 {
        let steps = prop::collection::vec(step(), 80..120).new_tree(&mut runner).unwrap().current();
        let mut desk = Desk::with(120, 40, files());
        let mut world = World { files: files(), sent: Vec::new(), silent: Vec::new() };
        for step in &steps {
            apply(&mut desk, &mut world, step);
            decided += desk.decisions().len();
            others += desk.take(|cmd| matches!(cmd, Cmd::Undo(_) | Cmd::Claim { .. } | Cmd::Comment { .. })).len();
        }
    }
    assert!(decided >= 20 && others >= 20, "{decided} decisions and {others} other commands in 200 sequences");
}
