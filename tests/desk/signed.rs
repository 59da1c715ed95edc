//! Votes that are signed: the dialog waits for the key as a state of its own, Esc ends it, and nothing goes out before.

use exeat::domain::egress::{EgressItem, Signing};
use exeat::tui::app::Row;
use uuid::Uuid;

use super::harness::{Desk, file};

/// A file whose destination asks for signed votes.
fn asks(id: i64, key: &str) -> EgressItem {
    let mut item = file(id, key);
    let signing = Signing { site: Uuid::from_u128(1), policy: 2, required: true };
    item.destinations.get_mut("trusted").unwrap().signing = Some(signing);
    item
}

/// The dialog of an approval that was confirmed; the id of the command the key is asked for.
fn waiting() -> (Desk, Uuid) {
    let mut desk = Desk::with(100, 30, vec![asks(1, "a.csv"), asks(2, "b.csv")]);
    desk.press("a");
    desk.wait(1000);
    desk.press("y");
    assert_eq!(desk.sent(), [], "nothing goes out before the key answers");
    let asked = desk.asked("sign");
    let id = asked[0].with[0].as_str().unwrap().parse().unwrap();
    (desk, id)
}

#[test]
fn the_dialog_waits_for_the_key_and_sends_what_it_signed() {
    let (mut desk, id) = waiting();
    desk.shows("Touch your key, or confirm where your SSH agent asks. Nothing was sent yet.");
    assert_eq!(desk.bar().trim(), "Esc stop waiting for your key  F1 help");
    // No other key does anything, and none confirms twice.
    desk.wait(1000);
    desk.press("y n c h l Enter Tab Space 1");
    assert!(desk.has_dialog() && desk.sent().is_empty() && desk.asked("sign").is_empty());
    desk.key_signed(id, None);
    assert!(!desk.has_dialog());
    let sent = desk.sent_one("cast_vote");
    assert_eq!((sent.id, sent.text("signature"), sent.text("signed")), (id, "the signature", "the text\n"));
    desk.answer(id, "1 of 2 approvals for trusted. Yours counts once its signature is checked.");
    assert!(desk.toast().contains("once its signature is checked"), "{}", desk.toast());
}

#[test]
fn esc_ends_the_wait_and_what_is_signed_later_goes_nowhere() {
    let (mut desk, id) = waiting();
    desk.press("Esc");
    assert!(!desk.has_dialog());
    assert_eq!(desk.asked("stop_signing").len(), 1);
    assert!(desk.toast().contains("Nothing was decided"), "{}", desk.toast());
    desk.key_signed(id, None);
    assert_eq!(desk.sent(), []);
    // Nor does it answer for the next dialog.
    desk.press("a");
    desk.wait(1000);
    desk.press("y");
    desk.key_signed(id, None);
    assert!(desk.has_dialog() && desk.sent().is_empty());
}

#[test]
fn why_the_key_signed_nothing_stands_in_the_dialog_and_one_tries_again() {
    let (mut desk, id) = waiting();
    let why =
        "The SSH agent shows no key: it is locked or empty. Unlock it with ssh-add -X, or add your key with ssh-add.";
    desk.key_cannot(id, why);
    let inside = desk.inside().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(inside.contains(why), "{inside}");
    assert_eq!(desk.sent(), []);
    desk.wait(1000);
    desk.press("y");
    assert_eq!(desk.asked("sign").len(), 1, "once more");
    desk.shows_not("locked or empty");
}

#[test]
fn a_row_that_changed_meanwhile_ends_the_wait() {
    let (mut desk, id) = waiting();
    let mut moved = asks(1, "a.csv");
    moved.row_version += 1;
    desk.read_again(vec![Row::from(moved)]);
    assert!(!desk.has_dialog(), "its target changed");
    desk.key_signed(id, None);
    assert_eq!(desk.sent(), []);
}

/// Wanted only: it went out unsigned, and that is said.
#[test]
fn a_vote_that_went_out_unsigned_says_why() {
    let (mut desk, id) = waiting();
    desk.key_signed(id, Some("This session has no SSH agent."));
    desk.sent_one("cast_vote");
    assert!(desk.toast().contains("Not signed: This session has no SSH agent."), "{}", desk.toast());
}
