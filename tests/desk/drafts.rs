//! Drafts: what is written and not sent belongs to a row and a kind, and writing another never touches it.

use exeat::tui::app::Row;

use super::harness::access::steward;
use super::harness::{Desk, file};

fn three() -> Desk {
    Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

#[test]
fn a_second_comment_never_touches_the_draft_of_the_first() {
    let mut desk = three();
    desk.press("c");
    desk.text("about the first");
    desk.press("Tab Esc j c");
    desk.shows_not("about the first");
    desk.text("about the second");
    desk.press("Esc k c");
    desk.shows("about the first");
    desk.shows("checkers only");
    desk.press("Esc j c");
    desk.shows("about the second");
    desk.shows("the researcher too");
    // What was sent is no draft any more; the other still is.
    desk.press("ctrl-s");
    let sent = desk.sent_one("add_comment");
    assert_eq!((sent.row, sent.text("body")), (2, "about the second"));
    desk.answer(sent.id, "Your comment was added.");
    desk.press("c");
    desk.shows_not("about the second");
    desk.press("Esc k c");
    desk.shows("about the first");
}

#[test]
fn the_two_notes_and_the_comment_of_one_request_are_three_drafts() {
    let mut desk = steward(120, 40);
    for (key, text) in [("i", "for stewards"), ("w", "for the requester"), ("c", "said among stewards")] {
        desk.press(key);
        desk.text(text);
        desk.press("Esc");
    }
    for (key, text) in [("i", "for stewards"), ("w", "for the requester"), ("c", "said among stewards")] {
        desk.press(key);
        desk.shows(text);
        desk.press("Esc");
    }
    assert_eq!(desk.sent(), []);
}

#[test]
fn a_reason_that_was_refused_stays_while_another_row_has_its_own() {
    let mut desk = three();
    for (row, text) in [(1, "counts in row 2"), (2, "names in row 9")] {
        desk.press("x");
        desk.text(text);
        let mut newer = file(row, if row == 1 { "a.csv" } else { "b.csv" });
        newer.row_version = 8;
        desk.read_again(vec![Row::from(newer)]);
        assert!(desk.is_clear());
        desk.press("j");
    }
    desk.press("g x");
    assert_eq!(desk.field("Reason"), "counts in row 2");
    desk.press("Enter y");
    assert_eq!(desk.sent_one("cast_vote").text("comment"), "counts in row 2");
    desk.press("j x");
    assert_eq!(desk.field("Reason"), "names in row 9");
}
