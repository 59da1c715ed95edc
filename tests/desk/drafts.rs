//! Drafts: what is written and not sent belongs to a row and a kind, and writing another never touches it.

use exeat::tui::app::Row;

use super::harness::access::{request, steward};
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

/// It is waited for without its editor, under its own id, until an answer comes; only then the draft is gone.
#[test]
fn a_comment_that_is_on_its_way_is_waited_for_when_its_editor_closes() {
    let mut desk = three();
    desk.press("c");
    desk.text("counts look odd");
    desk.press("ctrl-s");
    let sent = desk.sent_one("add_comment");
    desk.press("Esc");
    assert!(desk.sent().is_empty(), "it does not go out twice");
    desk.shows("is on its way");
    desk.silence(sent.id);
    desk.wait(3000);
    desk.sent_again(&sent);
    desk.answer(sent.id, "Your comment was added.");
    desk.shows("Your comment was added.");
    desk.press("c");
    desk.shows_not("counts look odd");
    assert!(desk.sent().is_empty());
}

#[test]
fn a_comment_without_an_answer_keeps_its_id_whatever_others_do() {
    let mut desk = three();
    desk.press("c");
    desk.text("counts look odd");
    desk.press("ctrl-s");
    let sent = desk.sent_one("add_comment");
    desk.silence(sent.id);
    desk.shows("ctrl-s sends it again");
    // Somebody votes meanwhile.
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    desk.read_again(vec![Row::from(newer)]);
    desk.press("ctrl-s");
    desk.sent_again(&sent);
    desk.silence(sent.id);
    desk.press("Esc");
    assert!(desk.sent().is_empty(), "not at once");
    desk.wait(3000);
    desk.sent_again(&sent);
}

/// That there was nothing to send tells nobody that the row moved on.
#[test]
fn a_note_is_about_the_row_as_it_was_seen_until_one_is_told_that_it_moved_on() {
    let mut desk = steward(120, 40);
    desk.press("w");
    desk.text("x");
    desk.press("Backspace ctrl-s");
    desk.shows("nothing to send");
    let mut newer = request(1);
    newer.row_version = 9;
    desk.read_again(vec![Row::from(newer)]);
    desk.text("for the requester");
    desk.press("ctrl-s");
    let sent = desk.sent_one("edit_request");
    assert_ne!(sent.seen, 9, "nobody saw that");
    desk.refuse_as(sent.id, "changed", "It changed since you looked.");
    desk.press("ctrl-s");
    assert_eq!(desk.sent_one("edit_request").seen, 9);
}
