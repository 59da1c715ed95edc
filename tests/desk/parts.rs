//! Going through a file part by part: what is unseen, columns, whole cells, wide lines, headings; and what is taken back.

use exeat::domain::case::CaseState;
use exeat::domain::egress::{EgressItem, Finding, Place, Severity};
use exeat::inspect::{Body, Encoding, Line, Page};
use exeat::text::Untrusted;
use exeat::tui::app::{Msg, Row};

use super::harness::rows::numbers;
use super::harness::{Desk, columns, file, noon, page};

fn came(desk: &mut Desk, page: Page) {
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(page) });
}

fn table(names: &[&str], rows: &[&[&str]]) -> Page {
    let rows = rows.iter().map(|row| row.iter().map(|cell| Untrusted::new(*cell)).collect()).collect();
    page(
        "CSV",
        Body::Table { columns: columns(names.iter().copied(), numbers(2)), rows, first_row: Some(1), header: true },
    )
}

/// A table of so many rows and columns of six digits.
fn wide(rows: usize, wide: usize) -> Page {
    let row = |n: usize| (0..wide).map(|at| Untrusted::new(format!("{}", 100_000 + n * 7 + at))).collect();
    let names: Vec<String> = (0..wide).map(|at| format!("snp_{at:03}_n")).collect();
    let columns = columns(names.iter().map(String::as_str), numbers(rows as u64));
    page("CSV", Body::Table { columns, rows: (0..rows).map(row).collect(), first_row: Some(1), header: true })
}

fn looking(w: u16, h: u16, file: EgressItem, page: Page) -> Desk {
    let mut desk = Desk::with(w, h, vec![file]);
    desk.press(if w < 110 { "p" } else { "Enter p" });
    if desk.page_name() != "preview" {
        desk.press("p");
    }
    came(&mut desk, page);
    desk.wait(400);
    desk
}

#[test]
fn the_key_of_the_unseen_comes_through_every_file_and_says_when_it_is_all() {
    let long = "a long note ".repeat(400);
    let shapes =
        [wide(3, 2), wide(90, 2), wide(3, 90), wide(60, 40), table(&["a", "b"], &[&["1", &long], &["2", "short"]])];
    for (w, h) in [(80, 24), (120, 40)] {
        for page in &shapes {
            let mut desk = looking(w, h, file(1, "a.csv"), page.clone());
            let mut keys = 0;
            while !desk.screen().contains("You have seen all of it.") {
                keys += 1;
                assert!(keys < 200, "{w} {}: {}", desk.seen(1), desk.screen());
                desk.key(".");
                desk.wait(400);
            }
            desk.press("Esc");
            assert!(desk.seen(1).starts_with("seen whole: "), "{w}: {}", desk.seen(1));
        }
    }
}

#[test]
fn findings_come_first_and_the_named_cell_is_lit() {
    let at = Place::Row { row: 70, column: Some("snp_030_n".into()) };
    let mut found = file(1, "a.csv");
    found.findings = vec![Finding::new("small_count", Severity::Warn, at, "3 is under 10".to_owned())];
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = looking(w, h, found.clone(), wide(90, 40));
        desk.press(".");
        let screen = desk.screen();
        assert!(screen.contains("snp_030_n") && screen.contains("3 is under 10"), "{screen}");
        let cell = (100_000 + 69 * 7 + 30).to_string();
        let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(">70")).unwrap();
        let x = line.find(&cell).map(|at| line[..at].chars().count()).unwrap();
        let style = |x: usize| desk.buffer()[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].style();
        assert_ne!(style(x), style(x + cell.len() + 3), "the cell is lit, its neighbour is not: {screen}");
    }
}

#[test]
fn last_and_first_column_have_keys() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = looking(w, h, file(1, "a.csv"), wide(3, 320));
        desk.press(">");
        assert!(desk.screen().contains("snp_319_n") && desk.screen().contains("snp_000_n"), "{}", desk.screen());
        desk.press("<");
        assert!(desk.screen().contains("snp_001_n") && !desk.screen().contains("snp_319_n"), "{}", desk.screen());
    }
}

#[test]
fn a_cell_is_shown_whole_and_then_its_row_and_paging_to_its_end_sees_it() {
    let long = format!("{}the very end", "word ".repeat(900));
    let page = table(&["id", "note"], &[&["1", &long], &["2", "short"]]);
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = looking(w, h, file(1, "a.csv"), page.clone());
        assert!(desk.seen(1).ends_with("75%"), "{}", desk.seen(1));
        desk.press("Enter");
        assert!(desk.screen().contains("Row 1, note") && desk.screen().contains("1 to "), "{}", desk.screen());
        desk.wait(400);
        assert!(desk.seen(1).ends_with("75%"), "not to its end yet: {}", desk.seen(1));
        for _ in 0..10 {
            desk.press("J");
        }
        desk.wait(400);
        assert!(desk.screen().contains("the very end"), "{}", desk.screen());
        assert_eq!(desk.seen(1), "seen whole: 2 rows x 2 columns");
        desk.press("g Enter");
        assert!(desk.screen().contains("id: 1") && desk.screen().contains("note: word word"), "{}", desk.screen());
        desk.press("Esc");
        assert!(!desk.screen().contains("note: word"), "{}", desk.screen());
    }
}

#[test]
fn wide_lines_go_on_below_with_a_key() {
    let long = format!("{}END", "x".repeat(300));
    let line = |n: u64, text: &str| Line { text: text.into(), continues: false, number: Some(n) };
    let lines = vec![line(1, "first"), line(2, &long), line(3, "third")];
    let body = page("text", Body::Lines { first_line: Some(1), lines, encoding: Encoding::Utf8 });
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = looking(w, h, file(1, "run.log"), body.clone());
        assert!(!desk.screen().contains("END") && desk.seen(1).ends_with("66%"), "{}", desk.seen(1));
        desk.press("\\");
        desk.wait(400);
        assert!(desk.screen().contains("END") && desk.screen().contains("3 third"), "{}", desk.screen());
        assert_eq!(desk.seen(1), "seen whole: 3 lines");
    }
}

#[test]
fn a_text_is_found_in_headings_and_cells_and_counted() {
    let mut page = wide(40, 60);
    let Body::Table { columns, .. } = &mut page.body else { unreachable!() };
    columns[50].name = Untrusted::new("postcode");
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = looking(w, h, file(1, "a.csv"), page.clone());
        desk.press("ctrl-f");
        desk.text("postcode");
        desk.press("Enter");
        assert!(desk.screen().contains("1 of 1: heading of column 51"), "{}", desk.screen());
        assert!(
            desk.screen().lines().any(|line| line.contains("postcode") && line.contains("snp_000_n")),
            "{}",
            desk.screen()
        );
        // Seven rows on in a column far to the right.
        desk.press("ctrl-f ctrl-u");
        desk.text(&(100_000 + 30 * 7 + 55).to_string());
        desk.press("Enter");
        assert!(
            desk.screen().contains("1 of ") && desk.screen().contains(&(100_000 + 30 * 7 + 55).to_string()),
            "{}",
            desk.screen()
        );
    }
}

#[test]
fn numbers_stay_aligned_beside_what_is_suppressed() {
    let desk = looking(80, 24, file(1, "a.csv"), table(&["n"], &[&["1200"], &["<10"], &["[c]"], &["7"], &["*"]]));
    let screen = desk.screen();
    let end =
        |cell: &str| screen.lines().find(|line| line.trim_end().ends_with(cell)).unwrap().trim_end().chars().count();
    let ends: Vec<usize> = ["1200", "<10", "[c]", "7", "*"].map(end).to_vec();
    assert!(ends.iter().all(|at| *at == ends[0]), "{ends:?} {screen}");
}

/// The same file approved by oneself and held.
fn held(item: &EgressItem) -> EgressItem {
    let mut item = item.clone();
    item.row_version += 1;
    item.state = CaseState::Approved;
    let view = item.destinations.get_mut("trusted").unwrap();
    (view.state, view.held_until) = (CaseState::Approved, Some(noon() + chrono::TimeDelta::hours(1)));
    view.why_not.insert("undo".into(), None);
    item
}

#[test]
fn one_key_takes_a_whole_batch_back_and_leaving_says_what_is_held() {
    for results in [true, false] {
        let files: Vec<_> = (1..=20).map(|id| file(id, &format!("{id}.csv"))).collect();
        let mut all = files.clone();
        all.push(file(21, "next.csv"));
        let mut desk = Desk::with(120, 40, all);
        desk.press(&"Space ".repeat(20));
        desk.press("a");
        desk.text("20");
        desk.press("Enter y");
        let sent = desk.sent();
        assert_eq!(sent.len(), 20);
        for one in &sent {
            desk.answer(one.id, "2 of 2 approvals.");
        }
        desk.read_again(files.iter().map(|item| Row::from(held(item))).collect());
        if !results {
            desk.press("Esc");
            assert!(desk.screen().contains("takes all 20 votes back"), "{}", desk.screen());
            desk.press("q");
            assert!(desk.screen().contains("It goes on without the desk"), "{}", desk.screen());
            assert!(!desk.out().contains(&"quit"));
        }
        desk.press("u");
        let undone = desk.sent();
        assert_eq!(undone.len(), 20, "{}", desk.screen());
        assert!(undone.iter().all(|sent| sent.command == "undo_vote"));
    }
}

#[test]
fn a_reason_left_behind_is_kept_and_usual_reasons_are_added_to_it() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv")]);
        desk.press("x");
        desk.text("Row 3.");
        desk.press("Esc");
        assert!(desk.screen().contains("What you wrote is kept"), "{}", desk.screen());
        desk.press("j x");
        assert!(!desk.inside().contains("Row 3."), "of another file: {}", desk.screen());
        desk.press("Esc k x");
        assert!(desk.inside().contains("Row 3."), "{}", desk.screen());
        desk.press("ctrl-n");
        desk.press("Enter y");
        let said = desk.sent_one("cast_vote").text("comment").to_owned();
        assert!(said.starts_with("Row 3. Small counts: cells under"), "{said}");
    }
}

#[test]
fn the_filter_line_begins_behind_a_blank_and_says_what_is_wrong_with_it() {
    let mut desk = Desk::with(80, 24, vec![file(1, "a.csv")]);
    desk.press("/");
    desk.text("copd");
    desk.press("Enter");
    let asked = desk.asked("page").pop().unwrap();
    assert_eq!(asked.with["filter"], serde_json::json!({"mine": true, "words": ["copd"]}));
    desk.press("/ ctrl-u");
    desk.text("is:");
    desk.press("Enter");
    assert!(desk.screen().contains("Say which: a value has to follow is:."), "{}", desk.screen());
    desk.press("ctrl-u");
    desk.text("-copd");
    assert!(desk.screen().contains("Words cannot be left out"), "{}", desk.screen());
}
