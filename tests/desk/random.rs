//! Random keys, mouse, pushes, answers, settings and resizes: never a panic, never a decision without a confirmed dialog for
//! exactly the rows shown, nor any other command but by a key on the row it is for; marks always rows, the cursor on the
//! same row after any push.

use exeat::domain::egress::EgressItem;
use exeat::tui::app::key::Mouse;
use exeat::tui::app::keymap::Keymap;
use exeat::tui::app::{Action, Code, Key, Msg, Row};
use proptest::prelude::*;

use super::harness::dialog::Seen;
use super::harness::{Asked, Desk, Sent, file, noon};

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
    Mouse(Mouse, u16, u16),
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
        1 => (prop::sample::select(vec![Mouse::Press, Mouse::WheelUp, Mouse::WheelDown]), 0_u16..160, 0_u16..50)
            .prop_map(|(did, x, y)| Step::Mouse(did, x, y)),
        1 => prop::sample::select(KEYMAPS).prop_map(Step::Keymap),
        1 => Just(Step::Hints),
    ]
}

/// The world outside: the files as the database has them.
struct World {
    files: Vec<EgressItem>,
    sent: Vec<Sent>,
    /// Decisions without an answer, which go out again by themselves.
    silent: Vec<Sent>,
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
            desk.changed("egress", &[id]);
            desk.read_again(vec![Row::from(world.files[at].clone())]);
        }
        Step::Again(dropped, new) => {
            if *new {
                let id = 100 + i64::try_from(world.files.len()).unwrap();
                world.files.insert(0, file(id, "new.csv"));
            }
            desk.say(Msg::Resync);
            if desk.area() != "egress" {
                return;
            }
            let rows = world.files.iter().skip(*dropped).cloned().map(Row::from).collect();
            desk.page(desk.number(), "again", rows, None);
        }
        Step::Answer => {
            let files = world.files.clone();
            // Of requests and grants there are none.
            if desk.area() != "egress" {
                desk.list(Vec::new());
            } else if desk.out().contains(&"page") {
                desk.list(files);
            }
        }
        Step::Done(ok) => match (world.sent.pop(), ok) {
            (Some(sent), true) => desk.answer(sent.id, "Said."),
            (Some(sent), false) => desk.refuse(sent.id, "Said."),
            (None, _) => {}
        },
        Step::Silence => {
            if let Some(sent) = world.sent.pop() {
                desk.silence(sent.id);
                world.silent.push(sent);
            }
        }
        Step::Lost => desk.lose(),
        Step::Live => desk.say(Msg::Live),
        Step::Resize(w, h) => desk.resize(*w, *h),
        Step::Mouse(did, x, y) => desk.say(Msg::Mouse(*did, *x, *y)),
        Step::Keymap(text) => {
            let keymap = Box::new(Keymap::parse(text).unwrap());
            desk.say(Msg::Adapted { keymap, fault: None });
        }
        Step::Hints => desk.say(Msg::Hints(exeat::tui::app::msg::Gone::new())),
    }
}

/// The rows a person has: the last one's vote is held and can be taken back.
fn files() -> Vec<EgressItem> {
    let mut files: Vec<EgressItem> = (1..=6).map(|id| file(id, &format!("t/{id}.csv"))).collect();
    let view = files[5].destinations.get_mut("trusted").unwrap();
    view.held_until = Some(noon() + chrono::TimeDelta::seconds(20));
    view.why_not.insert("undo".into(), None);
    view.why_not.insert("download".into(), None);
    files
}

/// Whether a key does one of these actions where the keys go: by its own key, or picked in the menu or the palette.
fn does(step: &Step, before: &Desk, allowed: &[Action]) -> bool {
    let Step::Key(key, _) = step else { return false };
    let own = before.action_of(*key).is_some_and(|action| allowed.contains(&action));
    match before.place() {
        Some("page") => own,
        Some("menu") => own || key.code == Code::Enter,
        Some("palette") => key.code == Code::Enter,
        _ => false,
    }
}

/// Whether a command that is no decision came from a key on the row it is about, and from nothing else.
fn meant(sent: &Sent, step: &Step, before: &Desk) -> Result<(), TestCaseError> {
    let fine = match sent.command {
        "undo_vote" => {
            does(step, before, &[Action::Undo]) && before.version(sent.row).is_none_or(|version| version == sent.seen)
        }
        "claim" | "unclaim" => does(step, before, &[Action::Claim]) && before.cursor() == Some(sent.row),
        "add_comment" => {
            before.writing().is_some_and(|writing| writing.command == sent.command && writing.row == sent.row)
                && matches!(step, Step::Key(key, _) if key.same(Key::ctrl('s')))
        }
        // Of requests and grants there are none.
        _ => false,
    };
    prop_assert!(fine, "{:?} made {:?}", step, sent);
    Ok(())
}

/// The same of what else is wanted outside.
fn wanted(asked: &Asked, step: &Step, before: &Desk) -> Result<(), TestCaseError> {
    let fine = match asked.what {
        "download" => does(step, before, &[Action::Download]) && before.cursor() == asked.with["id"].as_i64(),
        "copy" => {
            let of = |id: &str| id.parse().is_ok_and(|id| before.cursor() == Some(id) || before.marks().contains(&id));
            let ids = asked.with.as_str().unwrap();
            does(step, before, &[Action::CopyId]) && ids.split_whitespace().all(of)
        }
        "refresh" => does(step, before, &[Action::Refresh]),
        _ => true,
    };
    prop_assert!(fine, "{:?} made {:?}", step, asked);
    Ok(())
}

/// Whether it is a verdict of a dialog.
fn decides(sent: &Sent) -> bool {
    ["cast_vote", "withdraw", "recall", "restore"].contains(&sent.command)
}

/// Decisions that went out: made by a key that confirms, and exactly what the dialog had shown.
fn confirmed(decided: &[Sent], step: &Step, before: &Desk) -> Result<(), TestCaseError> {
    let Some(first) = decided.first() else { return Ok(()) };
    let Some(dialog) = before.dialog() else {
        return Err(TestCaseError::fail(format!("{step:?} decided without a dialog")));
    };
    let Step::Key(key, _) = step else { return Err(TestCaseError::fail(format!("{step:?} decided"))) };
    prop_assert!(!key.repeat && matches!(key.code, Code::Char('y') | Code::Enter));
    prop_assert!(dialog.opener.is_none_or(|opener| !opener.same(*key)));
    let sent: Vec<_> = decided.iter().map(Seen::of).collect();
    // The bytes are named where one votes on them.
    let votes = dialog.kind.is_some();
    let named = |target: &Seen| if votes { target.clone() } else { Seen { sha256: String::new(), ..target.clone() } };
    prop_assert_eq!(&sent, &dialog.targets.iter().map(named).collect::<Vec<_>>());
    prop_assert!(sent.len() == 1 || dialog.value("count").trim().parse() == Ok(sent.len()));
    let needs = !matches!(dialog.kind.unwrap_or(dialog.command), "approve" | "withdraw");
    for one in decided {
        prop_assert_eq!((one.command, one.request["kind"].as_str()), (dialog.command, dialog.kind));
        let said = one.text(if one.command == "cast_vote" { "comment" } else { "reason" });
        prop_assert_eq!(said, dialog.value("comment").trim());
        prop_assert!(!needs || !said.is_empty());
        // A row that left the list meanwhile is still the dialog's, as it was seen.
        prop_assert!(before.version(one.row).is_none_or(|version| version == one.seen));
    }
    prop_assert!(decided.iter().all(|one| one.command == first.command));
    Ok(())
}

/// What moves nothing: no cursor, no mark.
fn is_still(step: &Step) -> bool {
    matches!(
        step,
        Step::Push(_) | Step::Again(..) | Step::Lost | Step::Live | Step::Resize(..) | Step::Paste(_) | Step::Keymap(_)
    )
}

/// The list after a step: marks are rows, dialogs are about rows that were shown, the cursor is on one.
fn sound(desk: &Desk, before: &Desk, step: &Step) -> Result<(), TestCaseError> {
    let (marks, marked) = (desk.marks(), before.marks());
    // Every tab has its own marks.
    let same = before.area() == desk.area();
    for mark in marks.difference(&marked).filter(|_| same) {
        prop_assert!(before.version(*mark).is_some(), "{} was marked and is no row", mark);
    }
    let shown = marks.iter().filter(|mark| desk.version(**mark).is_some()).count();
    prop_assert_eq!(desk.hidden_marks(), marks.len() - shown);
    if let Some(dialog) = desk.dialog() {
        // Every target was a row the person saw when the dialog opened, and with marks a marked one. Who asks for access asks about none.
        let known = before.has_dialog() || dialog.command == "new_request";
        for target in &dialog.targets {
            prop_assert!(known || before.version(target.row).is_some(), "{} was no row", target.row);
            prop_assert!(dialog.targets.len() == 1 || known || marked.contains(&target.row));
        }
    }
    if is_still(step) {
        let narrowed = desk.number() != before.number() && matches!(step, Step::Paste(_));
        prop_assert!(narrowed || desk.cursor() == before.cursor(), "{:?} moved the cursor", step);
        prop_assert_eq!(&marks, &marked);
    }
    let on_a_row = desk.cursor().is_some_and(|id| desk.version(id).is_some());
    prop_assert!(desk.ids().is_empty() || on_a_row, "the cursor is on a row");
    let at = desk.window();
    prop_assert!(at.top == 0 || at.top < at.lines);
    Ok(())
}

fn check(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut desk = Desk::with(120, 40, files());
    let mut world = World { files: files(), sent: Vec::new(), silent: Vec::new() };
    desk.forget();
    for (n, step) in steps.iter().enumerate() {
        let before = desk.again();
        apply(&mut desk, &mut world, step);
        let (decided, others): (Vec<_>, Vec<_>) = desk.sent().into_iter().partition(decides);
        // What had no answer goes out again by itself, exactly as it was.
        let (again, new): (Vec<_>, Vec<_>) = decided.into_iter().partition(|sent| world.silent.contains(sent));
        world.silent.retain(|silent| !again.contains(silent));
        confirmed(&new, step, &before)?;
        world.sent.extend(again.into_iter().chain(new));
        for sent in &others {
            meant(sent, step, &before)?;
        }
        // What the list asks for stays to be answered.
        for asked in desk.asked_but("page") {
            wanted(&asked, step, &before)?;
        }
        sound(&desk, &before, step)?;
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
            let (votes, rest): (Vec<_>, Vec<_>) = desk.sent().into_iter().partition(decides);
            decided += votes.len();
            others += rest.len();
        }
    }
    assert!(decided >= 20 && others >= 20, "{decided} decisions and {others} other commands in 200 sequences");
}
