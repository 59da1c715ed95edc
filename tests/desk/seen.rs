//! Seen is what was drawn uncut for a moment with nothing over it; opened is what the database knows. What the title, the
//! list and the dialog say of both, and what is kept.

use exeat::domain::egress::{EgressItem, Unseen};
use exeat::domain::facts::Look;
use exeat::domain::seen::{Seen, Share, Unit};
use exeat::inspect::{Body, Encoding, Line, Page};
use exeat::text::Untrusted;
use exeat::tui::app::Msg;
use serde_json::json;

use super::harness::rows::Facts;
use super::harness::rows::numbers;
use super::harness::{Desk, columns, file, noon, page};

/// A table of so many rows and columns of six digits, all of it read.
fn table(rows: usize, wide: usize) -> Page {
    let row = |n: usize| (0..wide).map(|at| Untrusted::new(format!("{}", 100_000 + n * 7 + at))).collect();
    let names: Vec<String> = (0..wide).map(|at| format!("snp_{at:03}_n")).collect();
    let columns = columns(names.iter().map(String::as_str), numbers(rows as u64));
    page("CSV", Body::Table { columns, rows: (0..rows).map(row).collect(), first_row: Some(1), header: true })
}

fn lines(texts: &[&str]) -> Page {
    let line = |(n, text): (usize, &&str)| Line { text: (*text).into(), continues: false, number: Some(n as u64 + 1) };
    let lines = texts.iter().enumerate().map(line).collect();
    page("text", Body::Lines { first_line: Some(1), lines, encoding: Encoding::Utf8 })
}

/// A file that was never opened.
fn never(id: i64, key: &str) -> EgressItem {
    EgressItem { opened: false, ..file(id, key) }
}

fn came(desk: &mut Desk, id: i64, page: Page) {
    desk.say(Msg::Previewed { id, sha256: format!("{id:08x}").repeat(8), answer: Ok(page) });
}

/// A desk on the full preview of the first of three files.
fn looking(w: u16, h: u16, page: Page) -> Desk {
    let mut desk = Desk::with(w, h, vec![never(1, "a.csv"), never(2, "b.csv"), never(3, "c.csv")]);
    desk.press(if w < 110 { "p" } else { "Enter p" });
    if desk.page_name() != "preview" {
        desk.press("p");
    }
    assert_eq!(desk.page_name(), "preview", "{}", desk.screen());
    came(&mut desk, 1, page);
    desk
}

#[test]
fn columns_that_were_not_on_the_screen_were_not_seen() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = looking(w, h, table(6, 320));
        assert!(!desk.seen(1).contains('%'), "nothing counts in its first moment: {}", desk.seen(1));
        desk.wait(300);
        let seen = desk.seen(1);
        let whole = desk.screen().lines().find(|line| line.contains("snp_000_n")).unwrap().matches("_n").count();
        assert!(seen.starts_with("seen 6 of 6 rows x ") && seen.contains("of 320 columns: "), "{seen}");
        let columns: usize = seen.split(" x ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(columns <= whole && columns + 1 >= whole && columns > 4, "{columns} of {whole}: {}", desk.screen());
        assert!(desk.screen().contains(&seen), "the screen says it: {}", desk.screen());
        // To the right: the first column stays and counts once.
        desk.press("L");
        desk.wait(300);
        let more: usize = desk.seen(1).split(" x ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(more > columns && more <= columns + 3, "{more} after {columns}");
    }
}

#[test]
fn a_cut_cell_was_not_seen_and_a_wider_screen_cuts_none() {
    let long = "one long note of a ward that no column of twenty-eight cells could hold whole";
    let body = |rows: Vec<Vec<&str>>| {
        let rows = rows.into_iter().map(|row| row.into_iter().map(Untrusted::new).collect()).collect();
        page("CSV", Body::Table { columns: columns(["a", "b"], numbers(2)), rows, first_row: Some(1), header: true })
    };
    let page = body(vec![vec!["1", long], vec!["2", "short"]]);
    let mut desk = looking(50, 24, page.clone());
    desk.wait(300);
    assert!(desk.seen(1).ends_with(": 75%"), "{}", desk.seen(1));
    let mut desk = looking(120, 40, page);
    desk.wait(300);
    assert_eq!(desk.seen(1), "seen whole: 2 rows x 2 columns", "{}", desk.screen());
}

#[test]
fn a_line_is_seen_when_its_last_character_was_drawn() {
    let long = "x".repeat(200);
    let mut desk = looking(80, 24, lines(&["short", &long, "    indented"]));
    desk.wait(300);
    assert_eq!(desk.seen(1), "seen 2 of 3 lines: 66%");
    assert!(desk.screen().contains("     indented"), "leading blanks are blanks: {}", desk.screen());
    for _ in 0..8 {
        desk.press("L");
    }
    desk.wait(300);
    assert_eq!(desk.seen(1), "seen whole: 3 lines");
}

#[test]
fn a_line_that_ends_before_the_screen_begins_was_not_seen() {
    let long = "x".repeat(200);
    let mut desk = looking(80, 24, lines(&["short", &long, "    indented"]));
    for _ in 0..8 {
        desk.key("L");
    }
    desk.wait(300);
    assert!(!desk.screen().contains("indented"), "{}", desk.screen());
    assert_eq!(desk.seen(1), "seen 1 of 3 lines: 33%");
}

#[test]
fn what_passes_or_is_covered_is_not_seen() {
    let mut desk = looking(80, 24, table(400, 2));
    desk.wait(200);
    desk.key("J");
    for _ in 0..30 {
        desk.wait(30);
        desk.key("J");
    }
    assert!(!desk.seen(1).contains('%'), "a held key passes by: {}", desk.seen(1));
    desk.key("o");
    desk.wait(2000);
    assert!(!desk.seen(1).contains('%'), "a menu lies over it: {}", desk.seen(1));
    desk.key("Esc");
    desk.wait(300);
    assert!(desk.seen(1).contains('%'), "{}", desk.seen(1));
}

#[test]
fn it_is_kept_at_once_every_ten_seconds_with_the_vote_and_when_it_closes() {
    let mut desk = looking(80, 24, table(400, 2));
    desk.forget();
    desk.wait(300);
    let noted = desk.asked("note_seen");
    assert_eq!(noted.len(), 1, "the first look at once");
    assert_eq!((&noted[0].with["id"], &noted[0].with["seen"]["unit"]), (&json!(1), &json!("cells")));
    for _ in 0..9 {
        desk.press("J");
    }
    assert_eq!(desk.asked("note_seen"), [], "not with every key");
    desk.wait(10_000);
    assert_eq!(desk.asked("note_seen").len(), 1);
    desk.press("J");
    desk.wait(400);
    desk.press("a");
    desk.wait(400);
    desk.press("y");
    let seen = desk.asked("note_seen");
    assert_eq!(seen.len(), 1, "with the vote");
    let coverage = &desk.sent_one("cast_vote").request["coverage"];
    assert_eq!(coverage["seen"], seen[0].with["seen"]);
    assert!(coverage["shown"].as_str().unwrap().contains("of 400 rows x 2 of 2 columns"), "{coverage}");
    let mut desk = looking(80, 24, table(400, 2));
    desk.wait(300);
    desk.press("J");
    desk.wait(400);
    desk.forget();
    desk.press("p");
    assert_eq!(desk.asked("note_seen").len(), 1, "when it closes");
}

#[test]
fn the_list_says_none_a_part_all_and_facts() {
    let with = |id: i64, seen: Option<Share>| EgressItem { seen, ..file(id, &format!("{id}.csv")) };
    let share = |unit, drawn, total| Some(Share { unit, drawn, total, whole: true });
    let files = vec![
        never(1, "never.csv"),
        with(2, None),
        with(3, share(Unit::Cells, 18, 100)),
        with(4, share(Unit::Lines, 9, 9)),
        with(5, share(Unit::Facts, 0, 0)),
    ];
    for (w, h) in [(80, 24), (120, 40)] {
        let desk = Desk::with(w, h, files.clone());
        let at = desk.line(3).find("SEEN").unwrap_or_else(|| panic!("{}", desk.screen()));
        let words: Vec<String> =
            (4..9).map(|y| desk.line(y).chars().skip(at).take(4).collect::<String>().trim().to_owned()).collect();
        assert_eq!(words, ["-", "<1%", "18%", "all", "fact"], "{}", desk.screen());
    }
}

#[test]
fn what_was_seen_before_and_by_others_is_said() {
    let earlier = Seen { unit: Unit::Cells, rows: 6, columns: 2, whole: true, parts: vec![[0, 3, 0, 2].into()].into() };
    let look = |person: &str, seen: Option<Seen>, share| Look { person: person.into(), opened_at: noon(), share, seen };
    let all = Share { unit: Unit::Cells, drawn: 12, total: 12, whole: true };
    let looks =
        vec![look("checker1", Some(earlier), None), look("checker3", None, Some(all)), look("checker4", None, None)];
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    desk.facts("egress", 1, Facts { looks, ..Facts::default() });
    assert!(desk.screen().contains("checker4 opened it 21 Nov 09:41"), "{}", desk.screen());
    desk.press("a");
    let inside = desk.inside();
    assert!(inside.contains("3 of 6 rows x 2 of 2 columns: 50%; checker3 saw all; checker4 opened it"), "{inside}");
}

#[test]
fn what_was_never_opened_is_approved_only_with_the_word() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![never(1, "a.csv")]);
        desk.press("a");
        assert!(desk.inside().contains("nothing: you never opened these bytes"), "{}", desk.screen());
        desk.press("Enter y");
        assert_eq!(desk.sent(), [], "the word is not there");
        assert!(desk.screen().contains("Type unseen to approve it all the same."), "{}", desk.screen());
        desk.text("unseen");
        desk.press("Enter y");
        desk.sent_one("cast_vote");
        // A rejection asks for no look.
        let mut desk = Desk::with(w, h, vec![never(1, "a.csv")]);
        desk.press("x");
        desk.text("counts");
        desk.press("Enter y");
        desk.sent_one("cast_vote");
    }
}

#[test]
fn for_many_the_number_of_the_unopened_is_typed_and_allow_asks_nothing() {
    let mut desk = Desk::with(120, 40, vec![never(1, "a.csv"), never(2, "b.csv"), file(3, "c.csv")]);
    desk.press("Space Space Space a 3 Enter");
    desk.press("1 Enter y");
    assert_eq!(desk.sent(), []);
    assert!(desk.screen().contains("Type 2: of so many you never opened the bytes."), "{}", desk.screen());
    desk.press("ctrl-u 2 Enter y");
    assert_eq!(desk.sent().len(), 3);
    let mut free = never(1, "a.csv");
    free.destinations.get_mut("trusted").unwrap().unseen = Unseen::Allow;
    let mut desk = Desk::with(120, 40, vec![free]);
    desk.press("a");
    assert!(desk.inside().contains("you never opened these bytes"), "it is said: {}", desk.screen());
    desk.press("y");
    desk.sent_one("cast_vote");
}

#[test]
fn opening_it_here_is_opening_it() {
    let mut desk = looking(80, 24, table(6, 2));
    desk.wait(400);
    desk.press("a y");
    desk.sent_one("cast_vote");
}

#[test]
fn a_verdict_is_about_the_file_shown_and_the_marks_stay() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")]);
        desk.press("Space Space");
        assert_eq!(desk.here(), 3);
        desk.press("p a");
        assert!(desk.is_clear() && desk.screen().contains("It is being opened"), "{}", desk.screen());
        came(&mut desk, 3, table(6, 2));
        desk.press("a");
        let inside = desk.inside();
        assert!(inside.contains("c.csv") && !inside.contains("a.csv"), "{inside}");
        assert!(inside.contains("2 marked files stay marked"), "{inside}");
        desk.press("y");
        assert_eq!(desk.sent_one("cast_vote").request["version"], 3);
        assert!(desk.screen().contains("2 marked"), "{}", desk.screen());
    }
}

#[test]
fn after_a_verdict_in_the_full_preview_the_next_file_is_open() {
    let mut desk = looking(80, 24, table(6, 2));
    desk.wait(400);
    desk.press("a y");
    let sent = desk.sent_one("cast_vote");
    desk.forget();
    desk.answer(sent.id, "1 of 2 approvals.");
    let opened = desk.asked("preview");
    assert_eq!(opened.len(), 1, "{}", desk.screen());
    assert_eq!((&opened[0].with["id"], desk.page_name()), (&json!(2), "preview"));
}
