//! Answers: each names its file, each command gets one however often it has to go out, and nothing said of one row stays
//! beside another.

use exeat::tui::app::model::Link;
use exeat::tui::app::{Cmd, Msg};
use uuid::Uuid;

use super::harness::{Desk, done, file};

fn three() -> Desk {
    Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

fn toast(desk: &Desk) -> String {
    desk.model.toast.as_ref().map(|toast| toast.text.clone()).unwrap_or_default()
}

/// The ids of the decisions that went out.
fn ids(desk: &mut Desk) -> Vec<Uuid> {
    let sent = desk.decisions();
    let orders = sent.iter().flat_map(|cmd| if let Cmd::Decide { orders, .. } = cmd { orders.clone() } else { vec![] });
    orders.map(|order| order.command).collect()
}

fn silence(desk: &mut Desk, command: Uuid) {
    desk.say(Msg::Done { command, answer: Err("PostgreSQL does not answer.".into()) });
}

#[test]
fn a_vote_without_an_answer_goes_out_until_it_has_one_though_the_link_is_live() {
    let mut desk = three();
    desk.press("a y");
    let first = ids(&mut desk);
    let mut pauses = Vec::new();
    for times in 2..8 {
        // Lost and back before the answer is known to be missing: nothing will turn the link live once more.
        desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
        desk.say(Msg::Live);
        assert!(ids(&mut desk).is_empty(), "it may still be answered");
        silence(&mut desk, first[0]);
        assert!(toast(&desk).starts_with("a.csv: no answer came."), "{}", toast(&desk));
        let before = desk.model.now;
        let again = loop {
            let wait = desk.model.next_change() - desk.model.now;
            desk.wait(wait.num_milliseconds());
            let again = ids(&mut desk);
            if !again.is_empty() {
                break again;
            }
            assert!((desk.model.now - before).num_seconds() <= 30, "never");
        };
        assert_eq!(again, first, "under its own id");
        pauses.push((desk.model.now - before).num_seconds());
        desk.model.toast = None;
        let words = format!("No answer yet to: approve a.csv (asked {times} times, under one id).");
        assert!(desk.screen().contains(&words), "{}", desk.screen());
    }
    assert_eq!(pauses, [2, 4, 8, 16, 30, 30]);
    desk.say(Msg::Done { command: first[0], answer: Ok(done("1 of 2 approvals for trusted.")) });
    assert_eq!(toast(&desk), "a.csv: 1 of 2 approvals for trusted.");
    desk.wait(60_000);
    assert!(ids(&mut desk).is_empty(), "answered once");
}

#[test]
fn a_try_of_the_persons_own_brings_it_back_too() {
    let mut desk = three();
    desk.press("a y");
    let first = ids(&mut desk);
    desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
    silence(&mut desk, first[0]);
    assert!(toast(&desk).ends_with("once the connection is back."), "{}", toast(&desk));
    desk.wait(100_000);
    assert!(ids(&mut desk).is_empty(), "not while there is no connection");
    desk.press("r");
    assert_eq!(desk.model.link, Link::Connecting);
    desk.say(Msg::Live);
    assert_eq!(ids(&mut desk), first);
}

#[test]
fn of_several_only_what_has_no_answer_goes_out_again() {
    let mut desk = three();
    desk.press("Space Space a 2 Enter y");
    let both = ids(&mut desk);
    desk.say(Msg::Done { command: both[0], answer: Ok(done("1 of 2 approvals for trusted.")) });
    silence(&mut desk, both[1]);
    desk.wait(3000);
    assert_eq!(ids(&mut desk), both[1..]);
    assert!(desk.model.layers.is_empty(), "results are shown once all are there");
}

#[test]
fn leaving_while_an_answer_is_missing_is_asked_for_once_more() {
    let mut desk = three();
    desk.press("a y q");
    assert_eq!(desk.take(|cmd| *cmd == Cmd::Quit), []);
    assert_eq!(toast(&desk), "There is no answer yet to: approve a.csv. q once more leaves all the same.");
    let command = ids(&mut desk)[0];
    desk.press("q");
    assert_eq!(desk.take(|cmd| *cmd == Cmd::Quit), [Cmd::Quit]);
    desk.say(Msg::Done { command, answer: Ok(done("1 of 2 approvals for trusted.")) });
    desk.press("q");
    assert_eq!(desk.take(|cmd| *cmd == Cmd::Quit), [Cmd::Quit], "answered: at once");
}

#[test]
fn what_was_said_of_one_row_does_not_stay_beside_another() {
    let mut desk = three();
    desk.press("u");
    assert_eq!(toast(&desk), "You have no vote here to undo.");
    desk.press("J");
    desk.press("u j");
    assert_eq!(toast(&desk), "", "the sentence was about the row above");
    // An answer names its file and may stay.
    desk.press("a y");
    let command = ids(&mut desk)[0];
    desk.say(Msg::Done { command, answer: Ok(done("1 of 2 approvals for trusted.")) });
    desk.press("k");
    assert_eq!(toast(&desk), "b.csv: 1 of 2 approvals for trusted.");
    desk.press("c");
    desk.text("round it");
    desk.press("ctrl-s");
    let sent = desk.take(|cmd| matches!(cmd, Cmd::Comment { .. }));
    let [Cmd::Comment { command, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    let name = (desk.model.tab().name)(desk.model.list.current().unwrap());
    desk.say(Msg::Done { command: *command, answer: Ok(done("Your comment was added.")) });
    assert_eq!(toast(&desk), format!("{name}: Your comment was added."));
}

#[test]
fn a_preview_that_failed_is_opened_again_with_the_connection() {
    let mut desk = three();
    desk.press("p");
    let asked = desk.take(|cmd| matches!(cmd, Cmd::Preview { .. }));
    let [Cmd::Preview { id, sha256, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
    let answer = Err("PostgreSQL does not answer.".into());
    desk.say(Msg::Previewed { id: *id, sha256: sha256.clone(), answer });
    assert!(desk.screen().contains("p tries again"), "{}", desk.screen());
    desk.say(Msg::Live);
    assert_eq!(desk.take(|cmd| matches!(cmd, Cmd::Preview { .. })), asked);
    assert!(desk.screen().contains("Opening"));
}
