//! Answers: each names its file, each command gets one however often it has to go out, and nothing said of one row stays
//! beside another.

use exeat::tui::app::Msg;
use uuid::Uuid;

use super::harness::{Desk, file};

fn three() -> Desk {
    Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

/// The ids of the votes that went out; nothing else did.
fn ids(desk: &mut Desk) -> Vec<Uuid> {
    let sent = desk.sent();
    assert!(sent.iter().all(|sent| sent.command == "cast_vote" && sent.text("kind") == "approve"), "{sent:?}");
    sent.iter().map(|sent| sent.id).collect()
}

#[test]
fn a_vote_without_an_answer_goes_out_until_it_has_one_though_the_link_is_live() {
    let mut desk = three();
    desk.press("a y");
    let first = ids(&mut desk);
    let mut pauses = Vec::new();
    for times in 2..8 {
        // Lost and back before the answer is known to be missing: nothing will turn the link live once more.
        desk.lose();
        desk.say(Msg::Live);
        assert!(ids(&mut desk).is_empty(), "it may still be answered");
        desk.silence(first[0]);
        assert!(desk.toast().starts_with("a.csv: no answer came."), "{}", desk.toast());
        let before = desk.now();
        let again = loop {
            desk.wait(desk.stays().num_milliseconds());
            let again = ids(&mut desk);
            if !again.is_empty() {
                break again;
            }
            assert!((desk.now() - before).num_seconds() <= 30, "never");
        };
        assert_eq!(again, first, "under its own id");
        pauses.push((desk.now() - before).num_seconds());
        desk.hush();
        let words = format!("No answer yet to: approve a.csv (asked {times} times, under one id).");
        assert!(desk.screen().contains(&words), "{}", desk.screen());
    }
    assert_eq!(pauses, [2, 4, 8, 16, 30, 30]);
    desk.answer(first[0], "1 of 2 approvals for trusted.");
    assert_eq!(desk.toast(), "a.csv: 1 of 2 approvals for trusted.");
    desk.wait(60_000);
    assert!(ids(&mut desk).is_empty(), "answered once");
}

#[test]
fn a_try_of_the_persons_own_brings_it_back_too() {
    let mut desk = three();
    desk.press("a y");
    let first = ids(&mut desk);
    desk.lose();
    desk.silence(first[0]);
    assert!(desk.toast().ends_with("once the connection is back."), "{}", desk.toast());
    desk.wait(100_000);
    assert!(ids(&mut desk).is_empty(), "not while there is no connection");
    desk.press("r");
    assert_eq!(desk.link(), "connecting");
    desk.say(Msg::Live);
    assert_eq!(ids(&mut desk), first);
}

#[test]
fn of_several_only_what_has_no_answer_goes_out_again() {
    let mut desk = three();
    desk.press("Space Space a 2 Enter y");
    let both = ids(&mut desk);
    assert_eq!(both.len(), 2);
    desk.answer(both[0], "1 of 2 approvals for trusted.");
    desk.silence(both[1]);
    desk.wait(3000);
    assert_eq!(ids(&mut desk), both[1..]);
    assert!(desk.is_clear(), "results are shown once all are there");
}

#[test]
fn leaving_while_an_answer_is_missing_is_asked_for_once_more() {
    let mut desk = three();
    desk.press("a y q");
    assert_eq!(desk.asked("quit"), []);
    assert_eq!(desk.toast(), "There is no answer yet to: approve a.csv. q once more leaves all the same.");
    let command = ids(&mut desk)[0];
    desk.press("q");
    assert_eq!(desk.asked("quit").len(), 1);
    desk.answer(command, "1 of 2 approvals for trusted.");
    desk.press("q");
    assert_eq!(desk.asked("quit").len(), 1, "answered: at once");
}

#[test]
fn what_was_said_of_one_row_does_not_stay_beside_another() {
    let mut desk = three();
    desk.press("u");
    assert_eq!(desk.toast(), "You have no vote here to undo.");
    desk.press("J");
    desk.press("u j");
    assert_eq!(desk.toast(), "", "the sentence was about the row above");
    // An answer names its file and may stay.
    desk.press("a y");
    let command = ids(&mut desk)[0];
    desk.answer(command, "1 of 2 approvals for trusted.");
    desk.press("k");
    assert_eq!(desk.toast(), "b.csv: 1 of 2 approvals for trusted.");
    desk.press("c");
    desk.text("round it");
    desk.press("ctrl-s");
    let sent = desk.sent_one("add_comment");
    assert_eq!(sent.row, desk.here());
    desk.answer(sent.id, "Your comment was added.");
    assert_eq!(desk.toast(), "b.csv: Your comment was added.");
}

#[test]
fn a_preview_that_failed_is_opened_again_with_the_connection() {
    let mut desk = three();
    desk.press("p");
    let asked = desk.asked("preview");
    assert_eq!(asked.len(), 1);
    assert_eq!((&asked[0].with["id"], &asked[0].with["sha256"]), (&1.into(), &"00000001".repeat(8).into()));
    desk.lose();
    let answer = Err("PostgreSQL does not answer.".into());
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer });
    assert!(desk.screen().contains("p tries again"), "{}", desk.screen());
    desk.say(Msg::Live);
    assert_eq!(desk.asked("preview"), asked);
    assert!(desk.screen().contains("Opening"));
}
