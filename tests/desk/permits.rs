//! The Permits tab: key streams, and the drawn buffer at 80×24 and 120×40.

use exeat::domain::permit::{Move, Status};
use exeat::tui::app::Row;
use exeat::tui::ui::by_name;
use serde_json::json;

use super::harness::permits::{analysing, asked, permit, permits, with_files};

#[test]
fn permits_drawn() {
    let all = || vec![permit(1), permit(2), asked(3)];
    insta::assert_snapshot!("permits_at_120", permits(120, 40, all()).screen());
    let mut desk = permits(80, 24, all());
    insta::assert_snapshot!("permits_at_80", desk.screen());
    desk.press("Enter");
    insta::assert_snapshot!("permit_at_80", desk.screen());
    desk.press("p");
    insta::assert_snapshot!("permit_life_at_80", desk.screen());
    desk.ascii();
    desk.look.theme = by_name("mono").unwrap();
    let plain = desk.screen();
    assert!(plain.is_ascii() && plain.contains("[setup review]"), "where it stands needs no colour: {plain}");
}

#[test]
fn a_dialog_says_what_a_step_brings_about_and_sends_it_once() {
    let mut desk = permits(120, 40, vec![permit(1)]);
    desk.press("a");
    let screen = desk.screen();
    for words in [
        "Becomes   analysis active",
        "workspace: running, no network, /prepared_data read-only, /outputs writable",
        "investigator (researcher1)",
        "permit.status.updated",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    desk.press("y");
    let sent = desk.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].command, "move_permit");
    assert_eq!(sent[0].request, json!({"permit": 1, "move": "approve_setup", "seen_row_version": 8}));
}

#[test]
fn rework_needs_a_reason_and_a_move_one_may_not_make_says_who_may() {
    let mut desk = permits(120, 40, vec![permit(1)]);
    desk.press("X");
    assert!(desk.screen().contains("proxied internet, no data"), "{}", desk.screen());
    desk.press("Enter y");
    assert!(desk.sent().is_empty(), "nothing goes out without a reason");
    desk.press("Esc Esc x");
    assert!(desk.is_clear() && desk.screen().contains("manager1 or manager2"), "{}", desk.screen());
}

#[test]
fn what_waits_for_a_second_person_is_seen_and_confirmed_without_another_reason() {
    let mut desk = permits(120, 40, vec![asked(1)]);
    let screen = desk.screen();
    assert!(screen.contains("manager1 asked") && screen.contains("copied.\""), "{screen}");
    desk.press("x");
    assert!(desk.screen().contains("First     manager1 asked for it"), "{}", desk.screen());
    desk.press("y");
    assert_eq!(desk.sent()[0].request, json!({"permit": 1, "move": "revoke", "seen_row_version": 8}));
}

#[test]
fn a_dialog_whose_permit_moved_on_closes_and_says_where_to() {
    let mut desk = permits(120, 40, vec![permit(1)]);
    desk.press("a");
    let mut moved = permit(1);
    moved.row_version += 1;
    moved.status = Status::SetupRework;
    moved.next.retain(|step| step.what == Move::Revoke);
    desk.changed("permits", &[1]);
    desk.read_again(vec![Row::from(moved)]);
    assert!(desk.screen().contains("meanwhile it moved to workspace"), "{}", desk.screen());
}

#[test]
fn an_output_shows_its_votes_by_name_and_leads_to_its_files_and_back() {
    let mut desk = permits(120, 40, vec![analysing(1)]);
    desk.press("Enter");
    desk.facts("permits", 1, with_files());
    let screen = desk.screen();
    assert!(screen.contains("paper/a.csv, pending: checker1 approved"), "{screen}");
    assert!(screen.contains("via portal 21 Nov 08:41"), "{screen}");
    assert!(screen.contains("paper/b\\u{1b}.csv, pending: no votes yet"), "{screen}");
    desk.press("Enter");
    assert_eq!((desk.area(), desk.filter().as_str()), ("egress", "id:7,8"));
    desk.press("Esc");
    assert_eq!(desk.area(), "permits");
    assert!(desk.screen().contains("Tables of the paper"), "the detail it came from: {}", desk.screen());
    // The tab it led to is as it was.
    desk.press("1");
    assert_eq!((desk.area(), desk.filter().as_str()), ("egress", "is:mine"));
    // What leads nowhere shows its own pane, as before.
    let mut desk = permits(120, 40, vec![permit(1)]);
    desk.press("Enter Enter");
    assert_eq!(desk.area(), "permits");
}
