//! What weighs on a verdict: findings by rule and column, the three words of a file's inside, and what others did and said.

use chrono::TimeDelta;
use exeat::domain::egress::{EgressItem, Finding, Place, Severity};
use exeat::domain::found::{Checked, Inside};
use exeat::inspect::{Body, Page};
use exeat::text::Untrusted;
use exeat::tui::app::Msg;
use exeat::tui::app::state::facts::{Comment, Vote};

use super::harness::rows::{Facts, numbers};
use super::harness::{Desk, columns, file, finding, noon, page};

fn cell(rule: &str, severity: Severity, row: u64, column: &str) -> Finding {
    Finding::new(rule, severity, Place::Row { row, column: Some(column.into()) }, format!("row {row} is odd"))
}

/// Twelve neighbours of one column, and a count in another.
fn twelve(id: i64) -> EgressItem {
    let mut all: Vec<Finding> = (21..33).map(|row| cell("nhs_number", Severity::Stop, row, "practice")).collect();
    all.push(cell("small_count", Severity::Warn, 4, "deaths"));
    EgressItem { findings: all, ..file(id, "register.csv") }
}

fn unchecked(id: i64, why: &str) -> EgressItem {
    let inside = Inside { state: Checked::NotChecked, why: Some(why.into()), notes: 0 };
    EgressItem { inside, ..file(id, "km.png") }
}

#[test]
fn the_list_says_clean_what_was_found_or_not_checked_and_why() {
    let mut noted = file(3, "noted.csv");
    noted.findings = vec![finding("zero_count", Severity::Note, "x"), finding("long_line", Severity::Note, "y")];
    let files = vec![twelve(1), file(2, "b.csv"), noted, unchecked(4, "a picture")];
    for (w, h) in [(80, 24), (160, 40)] {
        let desk = Desk::with(w, h, files.clone());
        let words: Vec<String> = (4..8).map(|y| desk.line(y)).collect();
        let ends = |y: usize, long: &str| {
            let end = words[y].trim_end();
            let short = end.rsplit_once('…').map_or(end, |(before, _)| before);
            let said = short.rsplit("  ").next().unwrap().trim().rsplit("trusted ").next().unwrap();
            assert!(!said.is_empty() && long.starts_with(said.trim()), "{long:?}: {:?}\n{}", words[y], desk.screen());
            assert!(w == 80 || end.ends_with(long), "{}", desk.screen());
        };
        ends(0, "nhs number ×12, +1 more");
        ends(1, "clean");
        ends(2, "clean, 2 notes");
        ends(3, "not checked: a picture");
    }
}

#[test]
fn detail_and_dialog_say_each_rule_and_column_once() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![twelve(1)]);
        desk.press("a");
        let said = desk.inside().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("12 stops, 1 warning: nhs number ×12 (practice: rows 21-32)"), "{said}");
        assert!(said.contains("small count (deaths: row 4)"), "{said}");
        let mut desk = Desk::with(w, h, vec![unchecked(1, "a picture")]);
        desk.press("a");
        assert!(desk.inside().contains("not checked: a picture"), "{}", desk.screen());
        let mut desk = Desk::with(w, h, vec![twelve(1)]);
        desk.press("Enter");
        let said = desk.screen().replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("nhs number ×12 (practice: rows 21-32): row 21 is odd"), "{}", desk.screen());
    }
}

#[test]
fn neighbours_of_one_group_are_one_stop() {
    let mut desk = Desk::with(80, 24, vec![twelve(1)]);
    desk.press("Enter p");
    let row = |n: u64| vec![Untrusted::new(format!("w{n}")), Untrusted::new("1"), Untrusted::new("2")];
    let columns = columns(["ward", "practice", "deaths"], numbers(90));
    let body = Body::Table { columns, rows: (1..91).map(row).collect(), first_row: Some(1), header: true };
    let came: Page = page("CSV", body);
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(came) });
    for (said, count) in [("row 4, column deaths", "(1 of 2)"), ("And so on to 32.", "(2 of 2)"), ("row 4", "(1 of 2)")]
    {
        desk.press("]");
        let screen = desk.screen();
        let flat = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said) && flat.contains(count), "{said}: {screen}");
    }
}

#[test]
fn two_columns_of_one_row_are_one_stop_and_enter_shows_what_is_on_the_screen() {
    let mut both = twelve(1);
    both.findings.extend((21..33).map(|row| cell("small_count", Severity::Warn, row, "deaths")));
    let mut desk = Desk::with(80, 24, vec![both]);
    desk.press("Enter p");
    let row = |n: u64| vec![Untrusted::new(format!("w{n}")), Untrusted::new("1"), Untrusted::new("2")];
    let columns = columns(["ward", "practice", "deaths"], numbers(90));
    let body = Body::Table { columns, rows: (1..91).map(row).collect(), first_row: Some(1), header: true };
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(page("CSV", body)) });
    for count in ["(1 of 2)", "(2 of 2)", "(1 of 2)", "(2 of 2)"] {
        desk.press("]");
        assert!(desk.screen().contains(count), "{count}: {}", desk.screen());
    }
    desk.press("G Enter");
    assert!(!desk.screen().contains("Row 21,"), "{}", desk.screen());
}

#[test]
fn the_dialog_says_who_is_against_it_who_is_at_it_and_what_was_said() {
    let mut one = file(1, "a.csv");
    one.destinations.get_mut("trusted").unwrap().against = vec!["checker3".into()];
    one.claimed_by = Some("checker2".into());
    one.claimed_until = Some(noon() + TimeDelta::hours(1));
    let vote = Vote {
        destination: "trusted".into(),
        voter: "checker3".into(),
        kind: "reject".into(),
        comment: Untrusted::new("Row 10 looks odd"),
        at: noon(),
        ..Vote::default()
    };
    let comment = |author: &str, body: &str| Comment {
        author: author.into(),
        body: Untrusted::new(body),
        at: noon(),
        ..Comment::default()
    };
    let comments = vec![comment("checker2", "is I1 a hospice?"), comment("checker1", "my own")];
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![one.clone()]);
        desk.facts("egress", 1, Facts { votes: vec![vote.clone()], comments: comments.clone(), ..Facts::default() });
        desk.press("a");
        let inside = desk.inside();
        for said in
            ["checker3: Row 10 looks odd", "checker2 is looking at it", "is I1 a hospice?", "with yours it has 2 of 2"]
        {
            assert!(inside.contains(said), "{said}: {}", desk.screen());
        }
        assert!(!inside.contains("my own"), "{inside}");
    }
}

#[test]
fn of_many_what_will_happen_is_said_first_then_those_of_which_something_weighs() {
    let mut files: Vec<EgressItem> = (1..=20).map(|id| file(id, &format!("f{id}.csv"))).collect();
    files[16] = EgressItem { key: Untrusted::new("odd.csv"), ..twelve(17) };
    for file in &mut files {
        file.seen = Some(exeat::domain::seen::Share { drawn: 4, total: 4, whole: true, ..Default::default() });
    }
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, files.clone());
        for _ in 0..20 {
            desk.press("Space");
        }
        desk.press("a");
        let inside = desk.inside();
        let place = |text: &str| inside.find(text).unwrap_or_else(|| panic!("{text}: {}", desk.screen()));
        assert!(place("with yours it has 2 of 2") < place("these 1 first; of the other 19"), "{inside}");
        assert!(place("these 1 first") < place("odd.csv"), "{inside}");
        assert!(inside.find("f1.csv").is_none_or(|at| at > place("odd.csv")), "{inside}");
    }
}

#[test]
fn one_key_writes_what_was_found_into_the_reason() {
    let mut desk = Desk::with(80, 24, vec![twelve(1)]);
    desk.press("X ctrl-n Enter y");
    let said = "Found: nhs number ×12 (practice: rows 21-32); small count (deaths: row 4).";
    assert_eq!(desk.sent_one("cast_vote").text("comment"), said);
}
