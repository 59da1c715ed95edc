//! Decisions: what a dialog shows and takes, reasons at hand, who was first, undoing.

use chrono::TimeDelta;
use exeat::domain::case::CaseState;
use exeat::domain::egress::EgressItem;
use exeat::tui::app::{Key, Msg, Row};
use serde_json::json;

use super::harness::{Desk, facts_of, file, finding, history};

fn three() -> Desk {
    Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

/// The comment of the only command that went out, a vote.
#[track_caller]
fn comment(desk: &mut Desk) -> String {
    desk.sent_one("cast_vote").text("comment").to_owned()
}

/// Approves the file under the cursor, and the database says yes.
fn approved(desk: &mut Desk) {
    desk.press("a y");
    let command = desk.sent_one("cast_vote").id;
    desk.answer(command, "2 of 2 approvals for trusted.");
}

#[test]
fn the_dialog_names_hold_findings_and_what_was_seen() {
    use exeat::domain::egress::Severity;
    let mut one = file(1, "a.csv");
    one.findings = vec![
        finding("small_count", Severity::Warn, "3 is under 10"),
        finding("small_count", Severity::Warn, "4 is under 10"),
        finding("email_address", Severity::Warn, "A mail address stands here."),
    ];
    let mut desk = Desk::with(120, 40, vec![one]);
    desk.press("a");
    let screen = desk.screen();
    assert!(screen.contains("it is released in 30 s unless undone (u)"), "{screen}");
    assert!(screen.contains("3 warnings: small count ×2 (row 2)"), "{screen}");
    assert!(screen.contains("email address (row 2): A mail address stands here."), "{screen}");
    assert!(screen.contains("version 2, the newest"), "{screen}");
    assert!(screen.contains("opened, and no part of it stood on your screen"), "{screen}");
    desk.press("Esc");
    desk.saw(1, 40);
    desk.press("a");
    assert!(desk.screen().contains("40 of 212 rows x 5 of 5 columns: 18%"), "{}", desk.screen());
}

#[test]
fn keys_that_came_together_confirm_nothing_however_late() {
    let mut desk = three();
    desk.press("a");
    desk.wait(5000);
    // Pasted by a terminal that does not mark pastes, long after the dialog opened: h moves to Yes, y would confirm.
    for c in "why\nyy".chars() {
        desk.wait(3);
        desk.say(Msg::Key(if c == '\n' { Key::parse("Enter").unwrap() } else { Key::char(c) }));
    }
    assert_eq!(desk.title().as_deref(), Some("Approve for trusted"));
    assert_eq!(desk.sent(), []);
    desk.press("y");
    desk.sent_one("cast_vote");
}

#[test]
fn a_reason_at_hand_is_taken_changed_and_sent() {
    let mut desk = three();
    desk.usual("reject", &["Small counts.", "About people."]);
    desk.press("x");
    desk.text("my own");
    desk.press("ctrl-n");
    assert!(desk.screen().contains("usual reason 1 of 2"), "{}", desk.screen());
    desk.press("ctrl-n ctrl-n");
    assert_eq!(desk.field("Reason"), "my own", "what was typed comes round again");
    desk.press("ctrl-p");
    desk.text(" Rows 2 and 9.");
    desk.press("Enter y");
    assert_eq!(comment(&mut desk), "my own About people. Rows 2 and 9.", "it is added, nothing is wiped");
}

#[test]
fn without_configured_reasons_the_desk_has_its_own_and_approving_needs_none() {
    let mut desk = three();
    desk.press("X ctrl-n Enter y");
    assert_eq!(comment(&mut desk), "Please suppress or combine the cells with small counts.");
    desk.press("j a ctrl-n");
    assert!(!desk.screen().contains("usual reason"));
}

#[test]
fn a_reason_whose_dialog_closed_under_it_is_there_again() {
    let mut desk = three();
    desk.press("x");
    desk.text("counts in row 2");
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    desk.read_again(vec![Row::from(newer)]);
    assert!(desk.is_clear());
    desk.press("x Enter y");
    let sent = desk.sent_one("cast_vote");
    assert_eq!(sent.text("comment"), "counts in row 2");
    // Refused by the database: the same again.
    desk.refuse(sent.id, "It changed since you looked.");
    desk.press("x Enter y");
    assert_eq!(comment(&mut desk), "counts in row 2");
}

/// The file held for so many seconds from now, its vote undoable.
fn held(desk: &Desk, id: i64, key: &str, seconds: i64) -> EgressItem {
    let mut item = file(id, key);
    item.row_version = 8;
    item.state = CaseState::Approved;
    let view = item.destinations.get_mut("trusted").unwrap();
    view.state = CaseState::Approved;
    view.held_until = Some(desk.now() + TimeDelta::seconds(seconds));
    view.why_not.insert("undo".into(), None);
    item
}

#[test]
fn what_was_approved_counts_down_after_the_cursor_went_on_and_u_takes_it_back() {
    let mut desk = three();
    approved(&mut desk);
    assert_eq!(desk.here(), 2, "the cursor went on");
    let item = held(&desk, 1, "a.csv", 30);
    desk.read_again(vec![Row::from(item)]);
    assert!(desk.screen().contains("a.csv is released in 30 s; u undoes it"), "{}", desk.screen());
    desk.has_changed();
    desk.wait(1000);
    assert!(desk.has_changed() && desk.screen().contains("a.csv is released in 29 s"));
    assert!(desk.stays() <= TimeDelta::seconds(1));
    // The list no longer holds it: it still can be undone, and exactly it.
    desk.say(Msg::Resync);
    desk.list(vec![file(2, "b.csv"), file(3, "c.csv")]);
    desk.press("u");
    let undone = desk.sent_one("undo_vote");
    assert_eq!((undone.seen, undone.request), (8, json!({ "version": 1, "destination": "trusted" })));
    // Undone: nothing is counted down any more, and u says why not.
    let mut back = file(1, "a.csv");
    back.row_version = 9;
    desk.read_again(vec![Row::from(back)]);
    assert!(!desk.screen().contains("is released in"));
    desk.press("u");
    assert_eq!(desk.sent(), []);
}

#[test]
fn a_hold_that_is_over_is_no_longer_offered() {
    let mut desk = three();
    approved(&mut desk);
    let item = held(&desk, 1, "a.csv", 2);
    desk.read_again(vec![Row::from(item)]);
    desk.wait(2500);
    assert!(!desk.screen().contains("is released in"));
    desk.press("u");
    assert_eq!(desk.sent(), []);
}

#[test]
fn someone_was_first_says_who_when_and_what_not_whoever_voted_once() {
    let mut desk = three();
    desk.press("a");
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    desk.read_again(vec![Row::from(newer.clone())]);
    assert!(desk.is_clear());
    // All the history knows of is yesterday's vote: it is not blamed.
    let old = history(TimeDelta::minutes(1200), "checker2", "approved it for trusted", "");
    desk.facts("egress", 1, facts_of(vec![old.clone()]));
    assert_eq!(desk.toast(), "a.csv: nothing was decided, meanwhile it changed.");
    desk.press("x");
    newer.row_version = 9;
    desk.read_again(vec![Row::from(newer)]);
    assert!(desk.asked("facts").iter().any(|asked| asked.area == "egress" && asked.with == json!(1)));
    let mine = history(TimeDelta::zero(), "checker1", "commented", "hm");
    let news = history(TimeDelta::zero(), "checker2", "rejected it for trusted", "counts in row 2");
    desk.wait(39_000);
    desk.facts("egress", 1, facts_of(vec![old, news, mine]));
    let toast = desk.toast();
    assert!(
        toast.starts_with("a.csv: nothing was decided, checker2 rejected it for trusted 40 s ago: \"counts in row 2\""),
        "{toast}"
    );
}

#[test]
fn ids_are_copied_and_nothing_else() {
    let mut desk = three();
    desk.press("y");
    desk.press("Space Space y");
    let copied: Vec<_> = desk.asked("copy").into_iter().map(|copied| copied.with).collect();
    assert_eq!(copied, [json!("1"), json!("1 2")]);
    assert_eq!(desk.sent(), []);
}
