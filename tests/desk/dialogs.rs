//! What a dialog says first, which keys its fields name, what is said of several files; recall, restore and the history.

use chrono::TimeDelta;
use exeat::domain::case::CaseState;
use exeat::domain::egress::{EgressItem, Severity};
use ratatui::style::Modifier;
use serde_json::json;

use super::harness::{Desk, access, facts_of, file, finding, history};

fn bar(desk: &Desk) -> String {
    desk.bar().trim().to_owned()
}

/// Opens an action by its name.
fn palette(desk: &mut Desk, name: &str) {
    desk.press(":");
    desk.text(name);
    desk.press("Enter");
}

/// The rows whose facts were asked for, each with its area.
fn facts_asked(desk: &mut Desk) -> Vec<(&'static str, Option<i64>)> {
    desk.asked("facts").iter().map(|asked| (asked.area, asked.with.as_i64())).collect()
}

/// A file that waits for a second destination too.
fn both(id: i64, key: &str) -> EgressItem {
    let mut item = file(id, key);
    let mut view = item.destinations["trusted"].clone();
    (view.required, view.count, view.by) = (3, 0, Vec::new());
    item.destinations.insert("world".into(), view);
    item
}

#[test]
fn the_bar_names_the_keys_of_the_field_one_is_in() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv")]);
        desk.press("a");
        assert_eq!(bar(&desk), "y yes, approve  n no  c comment  Tab next field  Esc no  F1 help");
        desk.press("c");
        assert_eq!(bar(&desk), "Enter go on  Tab next field  Esc no  F1 help");
        desk.press("y n");
        assert_eq!(desk.focus(), "Comment", "letters are letters there");
        assert_eq!(desk.field("Comment"), "yn");
        desk.press("Esc x");
        assert_eq!(desk.focus(), "Reason", "where one has to type");
        assert_eq!(bar(&desk), "ctrl-n usual reasons  Enter go on  Tab next field  Esc no  F1 help");
        desk.press("ctrl-n Enter");
        assert_eq!(bar(&desk), "y yes, reject  n no  c reason  Tab next field  Esc no  F1 help");
        desk.press("Esc Space Space x");
        assert_eq!(desk.focus(), "Type 2");
        assert!(bar(&desk).starts_with("0-9 type 2  Enter go on  Tab next field  Esc no  F1 help"), "{}", bar(&desk));
        desk.press("y 2");
        assert_eq!(desk.focus(), "Type 2", "no letter decides in there");
        desk.press("Enter");
        assert_eq!(desk.focus(), "Reason");
        assert_eq!(desk.sent(), []);
    }
}

#[test]
fn the_fields_of_a_request_name_their_own_keys_too() {
    let mut desk = Desk::with(80, 24, Vec::new());
    desk.press("2");
    access::list(&mut desk, vec![access::request(1).into()]);
    desk.press("x");
    assert_eq!(bar(&desk), "ctrl-n usual reasons  Enter go on  Tab next field  Esc no  F1 help");
    desk.press("y n");
    assert!(desk.sent().is_empty() && !desk.is_clear());
    desk.press("Enter");
    assert_eq!(bar(&desk), "y yes, deny  n no  c reason  Tab next field  Esc no  F1 help");
}

#[test]
fn where_it_goes_comes_first_and_is_chosen_first() {
    let mut desk = Desk::with(80, 24, vec![both(1, "a.csv"), both(2, "b.csv"), file(3, "c.csv")]);
    let first = |desk: &Desk| {
        let screen = desk.screen();
        let at = screen.lines().position(|line| line.contains('┌')).unwrap();
        screen.lines().nth(at + 1).unwrap().trim_matches([' ', '│', '>']).trim().to_owned()
    };
    desk.press("G a");
    assert_eq!(first(&desk), "For       trusted, with 1 of 2 approvals (checker2)");
    desk.press("Esc g a");
    assert_eq!(desk.focus(), "For");
    let words = "For       < trusted, with 1 of 2 approvals (checker2) >  Left and Right";
    assert!(first(&desk).starts_with(words), "{}", first(&desk));
    desk.press("Right");
    assert!(first(&desk).contains("< world, with 0 of 3 approvals >  Left and Right choose, of 2"), "{}", first(&desk));
    assert!(desk.screen().contains("Approve for world"));
    desk.press("Enter");
    assert_eq!(desk.focus(), "No");
    desk.press("y");
    assert_eq!(desk.sent_one("cast_vote").text("destination"), "world");
    desk.press("g x Enter");
    assert_eq!(desk.focus(), "Reason", "a rejection goes on to its reason");
    // Of several files one case each, and what is left out is said.
    desk.press("Esc g Space Space Space a");
    assert_eq!(first(&desk), "For       trusted, all 3 files");
    assert!(desk.screen().contains("a.csv for world is left out: it is decided by itself."), "{}", desk.screen());
}

#[test]
fn several_say_for_each_file_what_was_found_and_what_was_looked_at() {
    let mut one = file(1, "a.csv");
    one.findings = vec![
        finding("small_count", Severity::Warn, "3 is under 10"),
        finding("email_address", Severity::Warn, "A mail address stands here."),
    ];
    let mut desk = Desk::with(120, 40, vec![one, file(2, "b.csv")]);
    desk.saw(2, 40);
    desk.press("Space Space a");
    let screen = desk.screen();
    let after = |name: &str| {
        let box_ = screen.split_once("Approve 2 files").unwrap().1;
        let lines: Vec<_> = box_.split_once(name).unwrap().1.lines().skip(1).take(3).collect();
        lines.join(" ").replace(['│', '>'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let first = after("a.csv");
    assert!(first.starts_with("findings: 2 warnings: "), "{first}");
    assert!(
        first.contains("small count")
            && first.contains("email address")
            && first.contains("no part of it stood on your screen")
    );
    let second = after("b.csv");
    assert!(second.starts_with("findings: clean · seen: 40 of 212 rows x 5 of 5"), "{second}");
}

#[test]
fn rows_below_a_wrong_filter_are_marked_as_those_before() {
    let words = "the list is still the one before: 2 of 4,310";
    for (w, h, words) in [(60, 24, "the list before"), (80, 24, words), (120, 40, words)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv")]);
        desk.press("/");
        assert!(!desk.screen().contains(words));
        desk.text(" colour:red");
        let screen = desk.screen();
        assert!(screen.contains(words), "{screen}");
        let (buffer, at) = (desk.buffer(), desk.table_at());
        let dim = desk.look.theme.tone(exeat::tui::app::words::Tone::Dim);
        let cell = buffer.cell((at.x + 14, at.y + 1)).unwrap();
        assert_eq!(
            (cell.fg, cell.modifier & Modifier::DIM),
            (dim.fg.unwrap_or_default(), dim.add_modifier & Modifier::DIM)
        );
        desk.press("Esc");
        assert!(!desk.screen().contains("the list"), "{}", desk.screen());
    }
}

/// A file in a state, with what may be done then.
fn later(id: i64, key: &str, state: CaseState, may: &str) -> EgressItem {
    let mut item = file(id, key);
    item.state = state;
    let view = item.destinations.get_mut("trusted").unwrap();
    view.state = state;
    (view.count, view.by) = (2, vec!["checker2".into(), "checker3".into()]);
    view.why_not.insert(may.into(), None);
    item
}

#[test]
fn a_released_file_is_recalled_from_the_desk_with_a_reason() {
    let mut desk = Desk::with(80, 24, vec![later(1, "a.csv", CaseState::Released, "recall"), file(2, "b.csv")]);
    palette(&mut desk, "recall");
    let screen = desk.screen();
    assert!(screen.contains("Recall for trusted") && screen.contains("you are told who has it already"), "{screen}");
    assert!(!screen.contains("not looked inside"), "it is no vote on the bytes");
    desk.press("Enter y");
    assert_eq!(desk.sent(), [], "without a reason");
    desk.text("row 3 names someone");
    desk.press("Enter y");
    let sent = desk.sent_one("recall");
    assert_eq!(sent.request, json!({ "version": 1, "destination": "trusted", "reason": "row 3 names someone" }));
    desk.answer(sent.id, "Recalled from trusted. Already taken by: researcher1.");
    assert_eq!(desk.toast(), "a.csv: Recalled from trusted. Already taken by: researcher1.");
    assert_eq!(desk.here(), 1, "it is not a step through what waits");
    assert!(desk.holds_nothing());
}

#[test]
fn to_restore_says_whether_one_is_the_first_or_the_second() {
    let mut first = later(1, "a.csv", CaseState::Recalled, "restore");
    let mut second = later(2, "b.csv", CaseState::Recalled, "restore");
    second.destinations.get_mut("trusted").unwrap().restore_by = Some("checker3".into());
    first.row_version = 8;
    let mut desk = Desk::with(120, 40, vec![first, second]);
    palette(&mut desk, "restore");
    assert!(desk.screen().contains("you propose it for trusted; it stays recalled until a second person confirms"));
    desk.press("Esc j");
    palette(&mut desk, "restore");
    assert!(desk.screen().contains("checker3 proposed it and you are the second"), "{}", desk.screen());
    desk.press("ctrl-n Enter y");
    let sent = desk.sent_one("restore");
    assert_eq!((sent.row, sent.text("reason")), (2, "It was recalled by mistake."));
}

#[test]
fn the_whole_history_is_a_page_of_its_own() {
    let mut desk = Desk::with(80, 24, vec![file(1, "a.csv"), file(2, "b.csv")]);
    assert_eq!(facts_asked(&mut desk), [], "at 80 the table alone needs no more");
    desk.press("v");
    assert!(desk.screen().contains("History of a.csv") && desk.screen().contains("Reading what happened"));
    assert_eq!(facts_asked(&mut desk), [("egress", Some(1))]);
    let line = |n: i64| {
        let said = format!("note {n}. \u{1b}[31m{}", "word ".repeat(20));
        history(TimeDelta::minutes(60 - n), "checker2", "commented", &said)
    };
    desk.facts("egress", 1, facts_of((0..60).map(line).collect()));
    assert!(desk.screen().contains("note 59.") && desk.screen().contains("1 to 60 of 60"), "{}", desk.screen());
    let mut seen = String::new();
    for _ in 0..60 {
        seen += &desk.screen();
        desk.press("j");
    }
    assert!((0..60).all(|n| seen.contains(&format!("note {n}."))));
    assert!(desk.screen().contains("note 0."), "not scrolled to nothing");
    desk.press("g");
    assert!(desk.screen().contains("note 59."));
    desk.press("G");
    assert!(desk.screen().contains("note 0."));
    // What happens now is read at once.
    desk.changed("egress", &[1]);
    assert_eq!(facts_asked(&mut desk), [("egress", Some(1))]);
    desk.press("v");
    assert!(desk.is_clear());
}
