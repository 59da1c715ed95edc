//! Triage: submissions together, what is late, who has taken what, on to the next.

use chrono::TimeDelta;
use exeat::domain::case::CaseState;
use exeat::domain::egress::EgressItem;
use exeat::text::Untrusted;
use exeat::tui::app::{Msg, Row};

use super::harness::{Desk, file, noon};

fn of(submission: i64, id: i64, key: &str) -> EgressItem {
    EgressItem { submission, ..file(id, key) }
}

/// A submission of three, one of one, one of two in its second turn.
fn files() -> Vec<EgressItem> {
    let second = |id, key| EgressItem { turn: 2, purpose: Untrusted::new("Rounded as asked"), ..of(9, id, key) };
    vec![
        of(7, 1, "tables/a.csv"),
        of(7, 2, "tables/b.csv"),
        of(7, 3, "tables/c.csv"),
        of(8, 4, "alone.csv"),
        second(5, "round/x.csv"),
        second(6, "round/y.csv"),
    ]
}

#[test]
fn files_of_one_submission_stand_under_it() {
    for (w, h, name) in [(80, 24, "grouped_at_80"), (120, 40, "grouped_at_120")] {
        let mut desk = Desk::with(w, h, files());
        insta::assert_snapshot!(name, desk.screen());
        assert_eq!(desk.here(), 1, "the cursor is on a file, not on the line above");
        desk.press("j j j j");
        assert_eq!(desk.here(), 5, "the lines of submissions are passed over");
        desk.press("k k");
        assert_eq!(desk.here(), 3);
    }
}

#[test]
fn a_folded_submission_is_one_line_and_one_look() {
    for (w, h, name) in [(80, 24, "folded_at_80"), (120, 40, "folded_at_120")] {
        let mut desk = Desk::with(w, h, files());
        desk.press("j z");
        assert_eq!(desk.here(), 2, "folding moves nothing");
        if w < 110 {
            desk.press("Enter");
            assert_eq!(desk.page_name(), "detail");
        }
        let screen = desk.screen();
        insta::assert_snapshot!(name, screen);
        assert_eq!(
            screen.matches("Readmission rates, paper table 2").count(),
            1 + 2 * usize::from(w > 110),
            "once a place"
        );
        for key in ["tables/a.csv", "tables/b.csv", "tables/c.csv", "submission 7", "3 pending"] {
            assert!(screen.contains(key), "{key}: {screen}");
        }
        desk.press("Esc");
        // What is asked of a file is not done to files that are not seen.
        for key in ["a", "x", "p", "c", "t", "d", "y"] {
            desk.press(key);
            assert!(desk.is_clear(), "{key}");
            assert_eq!(desk.toast(), "Its files are folded: z shows them, Space marks them all.", "{key}");
        }
        assert!(desk.sent().is_empty() && desk.asked("copy").is_empty() && desk.asked("download").is_empty());
        desk.press("j");
        assert_eq!(desk.here(), 4, "the next line");
        desk.press("k z");
        assert!(desk.line(5).contains("tables/a.csv"));
    }
}

#[test]
fn marks_go_on_whole_submissions_and_the_decision_lists_each_file() {
    let mut desk = Desk::with(120, 40, files());
    desk.press("z Space");
    assert_eq!(desk.marks(), [1, 2, 3].into());
    assert_eq!(desk.here(), 4, "Space goes on");
    assert!(desk.line(4).contains("(3 of them marked)"), "{}", desk.screen());
    desk.press("a");
    assert_eq!(desk.title().as_deref(), Some("Approve 3 files"));
    for key in ["tables/a.csv", "tables/b.csv", "tables/c.csv"] {
        assert!(desk.inside().contains(key), "{key}");
    }
    assert!(!desk.inside().contains("alone.csv") && !desk.inside().contains("round/"));
    desk.press("3 Enter y");
    assert_eq!(desk.sent().iter().map(|sent| sent.row).collect::<Vec<_>>(), [1, 2, 3]);
    desk.press("k z M");
    assert!(desk.marks().is_empty(), "M takes the marks of all away");
    desk.press("G M");
    assert_eq!(desk.marks(), [5, 6].into());
}

#[test]
fn all_fold_at_once_and_pushes_move_nothing() {
    let mut desk = Desk::with(80, 24, files());
    desk.press("j j Z");
    assert!(desk.line(4).starts_with(">  4d 1h   [+] 3 files · researcher1"), "{}", desk.screen());
    assert!(desk.line(5).contains("alone.csv"));
    assert!(desk.line(6).contains("[+] 2 files · researcher1 · turn 2"));
    // A file comes first and one leaves: the cursor stays on its submission, on its line.
    let mut newer = files();
    newer.remove(0);
    newer.insert(0, of(3, 30, "older.csv"));
    desk.say(Msg::Resync);
    let rows = newer.into_iter().map(Row::from).collect();
    desk.page(desk.number(), "again", rows, None);
    assert_eq!(desk.here(), 3);
    assert!(desk.screen().lines().any(|line| line.starts_with(">  4d      [+] 2 files")), "{}", desk.screen());
    desk.press("Z g");
    assert_eq!(desk.here(), 30);
}

#[test]
fn one_submission_alone_and_back_again() {
    let mut desk = Desk::with(80, 24, files());
    desk.press("j");
    desk.press("S");
    assert_eq!(desk.filter(), "submission:7");
    desk.list(files().into_iter().take(3).collect());
    assert_eq!(desk.here(), 2, "on the same file");
    desk.press("Esc");
    assert_eq!(desk.filter(), "is:mine");
    desk.list(files());
    assert_eq!(desk.here(), 2);
    desk.press("S S");
    assert_eq!(desk.filter(), "is:mine");
}

#[test]
fn what_waits_longer_than_promised_says_so_without_colour() {
    let mut desk = Desk::with(120, 40, files());
    assert!(!desk.line(5).starts_with(">  !"));
    desk.promise(TimeDelta::days(4));
    assert!(desk.line(5).starts_with("> !4d 1h"), "{}", desk.line(5));
    assert!(!desk.line(6).contains('!'), "four days are not more than four: {}", desk.line(6));
    desk.wait(60_000);
    assert!(desk.line(6).starts_with("  !4d"), "a minute later they are: {}", desk.line(6));
    assert!(desk.screen().contains("Promised  by 21 Nov 08:41: late by 1h 1m"), "{}", desk.screen());
    desk.press("j j");
    assert!(desk.screen().contains("left"), "{}", desk.screen());
    let mut over = file(1, "a.csv");
    over.state = CaseState::Released;
    desk.list(vec![over]);
    assert!(!desk.screen().contains("Promised"));
}

#[test]
fn who_has_taken_a_file_is_in_the_table_and_the_detail() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut taken = files();
        assert!(!Desk::with(w, h, taken.clone()).screen().contains("CLAIMED"), "no column while nobody took one");
        taken[1].claimed_by = Some("checker2".into());
        taken[1].claimed_until = Some(noon() + TimeDelta::hours(1));
        let mut desk = Desk::with(w, h, taken.clone());
        assert!(desk.line(3).contains("CLAIMED") && desk.line(6).contains("checker2"), "{}", desk.screen());
        desk.press(if w > 80 { "j" } else { "j Enter" });
        assert!(desk.screen().contains("checker2 is looking at it"), "{}", desk.screen());
        // A claim that lapsed is none.
        taken[1].claimed_until = Some(noon() - TimeDelta::hours(1));
        assert!(!Desk::with(w, h, taken).screen().contains("CLAIMED"));
    }
}

#[test]
fn after_each_decision_the_cursor_is_on_the_next_undecided_file() {
    let mut list = files();
    let voted = list[1].destinations.get_mut("trusted").unwrap();
    voted.by.push("checker1".into());
    let mut desk = Desk::with(120, 40, list.clone());
    for (from, next) in [(1, 3), (3, 4), (4, 5)] {
        assert_eq!(desk.here(), from);
        desk.press("a y");
        let sent = desk.sent_one("cast_vote");
        assert_eq!(sent.row, from);
        desk.answer(sent.id, "You approved it.");
        assert_eq!(desk.here(), next);
        let mut row = list.iter().find(|item| item.id.0 == from).unwrap().clone();
        row.row_version += 1;
        row.destinations.get_mut("trusted").unwrap().by.push("checker1".into());
        desk.read_again(vec![Row::from(row)]);
        assert_eq!(desk.here(), next);
    }
}
