//! Looking inside: numbers, findings, a text looked for, what was really seen.

use exeat::domain::egress::{Finding, Place, Severity};
use exeat::inspect::{Body, Encoding, Line, Page};
use exeat::text::Untrusted;
use exeat::tui::app::Msg;
use ratatui::style::Modifier;

use super::harness::rows::numbers;
use super::harness::{Desk, columns, file, finding, page};

fn part(rows: std::ops::Range<u64>, next: Option<u64>) -> Page {
    let row = |n: u64| vec![Untrusted::new(format!("ward{n}")), Untrusted::new((n * 7).to_string())];
    let (read_bytes, first_row) = (rows.end * 10, Some(rows.start));
    let columns = columns(["ward", "n"], numbers(rows.end - rows.start));
    let body = Body::Table { columns, rows: rows.map(row).collect(), first_row, header: true };
    Page { read_bytes, total_bytes: 100_000, next, ..page("CSV, 2 columns", body) }
}

fn came(desk: &mut Desk, part: Page) {
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(part) });
}

/// A desk of 80 columns on the preview of a file with findings in rows 9 and 250, its first 200 rows read.
fn looking() -> Desk {
    let mut one = file(1, "a.csv");
    let at = |at: Place, sentence: &str| Finding::new("small_count", Severity::Warn, at, sentence.to_owned());
    // One from before places were kept as more than words; a name a stranger chose leads nowhere.
    let old = Finding { at: None, ..at(Place::Row { row: 9, column: None }, "4 is under 10") };
    one.findings = vec![
        at(Place::Row { row: 250, column: Some("n".into()) }, "3 is under 10"),
        old,
        at(Place::Column { column: "n".into() }, "x"),
        at(Place::Part { path: "row 100".into() }, "x"),
    ];
    let mut desk = Desk::with(80, 24, vec![one, file(2, "b.csv")]);
    desk.press("Enter p");
    came(&mut desk, part(1..201, Some(2000)));
    assert_eq!(desk.page_name(), "preview");
    desk
}

/// The rows of the file on the screen, by their number, each with whether it is pointed at.
fn rows(desk: &Desk) -> Vec<(bool, u64)> {
    let screen = desk.screen();
    let row = |line: &str| {
        let line = line.split_once('│').map_or(line, |(_, right)| right);
        let rest = line.trim_start().trim_start_matches(['>', '!']).trim_start();
        let (number, cells) = rest.split_once(' ')?;
        let number = number.parse().ok().filter(|number| cells.starts_with(&format!("ward{number} ")))?;
        Some((line.trim_start().starts_with('>'), number))
    };
    screen.lines().filter_map(row).collect()
}

/// The first row on the screen.
fn top(desk: &Desk) -> u64 {
    rows(desk).first().unwrap().1
}

/// The row that is pointed at: of a finding, or of what was looked for.
fn hit(desk: &Desk) -> Option<u64> {
    let hits: Vec<u64> = rows(desk).into_iter().filter(|(here, _)| *here).map(|(_, number)| number).collect();
    assert!(hits.len() < 2, "{}", desk.screen());
    hits.first().copied()
}

fn asked(desk: &mut Desk) -> usize {
    desk.asked("preview").len()
}

#[test]
fn a_preview_that_fills_the_screen_is_moved_in_by_the_line() {
    let mut desk = looking();
    desk.press("j j Down k");
    assert_eq!((top(&desk), desk.here()), (3, 1), "the cursor of the list stays");
    let screen = desk.screen();
    assert!(screen.contains(" 3 ward3 "), "{screen}");
    desk.press("g");
    assert_eq!(top(&desk), 1);
    desk.press("n");
    assert_eq!(desk.here(), 2, "without a text looked for, n goes to the next file");
}

#[test]
fn the_next_finding_is_gone_to_marked_and_read_on_for() {
    let mut desk = looking();
    desk.press("]");
    assert_eq!(hit(&desk), Some(9));
    let screen = desk.screen();
    assert!(screen.contains("> 9 ward9"), "{screen}");
    assert!(screen.contains("row 9: 4 is under 10 (1 of 2)"), "{screen}");
    asked(&mut desk);
    desk.press("]");
    assert_eq!(hit(&desk), Some(9), "not there yet");
    assert_eq!(asked(&mut desk), 1, "the next stretch is asked for");
    came(&mut desk, part(201..401, Some(4000)));
    assert_eq!(hit(&desk), Some(250));
    assert!(desk.screen().contains("row 250, column n: 3 is under 10 (2 of 2)"));
    desk.press("[");
    assert_eq!(hit(&desk), Some(9));
    desk.press("[");
    assert_eq!(hit(&desk), Some(250), "round once");
}

#[test]
fn the_next_finding_opens_the_preview_and_says_when_there_is_none() {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    desk.press("]");
    assert_eq!(asked(&mut desk), 0);
    assert!(desk.screen().contains("No open finding of this file names a row"));
    let mut one = file(1, "a.csv");
    one.findings = vec![finding("small_count", Severity::Warn, "3 is under 10")];
    let mut desk = Desk::with(120, 40, vec![one]);
    desk.press("]");
    assert_eq!(asked(&mut desk), 1);
    came(&mut desk, part(1..20, None));
    assert!(desk.screen().contains("> 2 ward2"), "{}", desk.screen());
}

#[test]
fn a_text_is_found_in_what_is_read_and_in_what_is_not() {
    let mut desk = looking();
    desk.press("/");
    desk.text("WARD15");
    desk.press("Enter");
    assert_eq!(hit(&desk), Some(15), "{}", desk.screen());
    desk.press("n");
    assert_eq!(hit(&desk), Some(150), "ward150");
    desk.press("N");
    assert_eq!(hit(&desk), Some(15));
    let buffer = desk.buffer();
    let row = (0..24).find(|y| (0..12).any(|x| buffer[(x, *y)].symbol() == ">")).unwrap();
    let styled = (0..20).any(|x| buffer[(x, row)].modifier.contains(Modifier::REVERSED));
    assert!(styled, "what was looked for stands out");
    desk.press("/ ctrl-u");
    desk.text("ward300");
    asked(&mut desk);
    desk.press("Enter");
    assert_eq!(asked(&mut desk), 1);
    // A key meanwhile is a key, and what is looked for is still looked for.
    desk.press("j");
    came(&mut desk, part(201..401, None));
    assert_eq!(hit(&desk), Some(300));
    desk.press("n");
    assert!(desk.screen().contains("From the top again: 1 of 1."));
    desk.press("/ ctrl-u");
    desk.text("nobody");
    desk.press("Enter");
    assert!(desk.screen().contains("That is nowhere in it."), "{}", desk.screen());
    desk.press("Esc");
    assert_eq!(desk.page_name(), "preview", "Esc first ends the search");
    desk.press("Esc");
    assert_eq!(desk.page_name(), "table");
}

#[test]
fn only_what_was_on_the_screen_counts_as_seen() {
    let mut desk = looking();
    came(&mut desk, part(201..401, None));
    let height = rows(&desk).len();
    assert_eq!(height, desk.preview_height());
    let seen = |rows: usize| format!("seen {rows} of 400 rows x 2 of 2 columns: {}%", rows * 100 / 400);
    assert_eq!(desk.seen(1), "seen nothing of it yet", "it was not there for a moment");
    desk.wait(300);
    assert_eq!(desk.seen(1), seen(height));
    desk.press("G");
    desk.wait(300);
    assert_eq!(desk.seen(1), seen(2 * height), "what was jumped over was not seen");
    desk.press("k");
    desk.wait(300);
    assert_eq!(desk.seen(1), seen(2 * height + 1));
}

#[test]
fn pieces_of_a_long_line_have_no_number_of_their_own() {
    let mut desk = looking();
    let line = |number: Option<u64>, text: &str| Line { text: text.into(), continues: number.is_none(), number };
    let lines = vec![line(Some(1), "first"), line(Some(2), "long"), line(None, "er"), line(Some(3), "third")];
    desk.close_preview();
    desk.press("K Esc Enter p");
    came(&mut desk, page("text", Body::Lines { first_line: Some(1), lines, encoding: Encoding::Utf8 }));
    let screen = desk.screen();
    for text in [" 1 first", " 2 long", " + er", " 3 third"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
}

#[test]
fn what_cannot_be_read_on_as_it_began_is_no_end_of_the_file() {
    let mut desk = looking();
    asked(&mut desk);
    desk.press("G");
    assert_eq!(asked(&mut desk), 1);
    let why = "What reads such files failed over this one: these are its bytes.";
    let bytes = page("", Body::Hex { offset: 2000, bytes: vec![7; 3200] });
    came(&mut desk, Page { notes: vec![why.into()], next: Some(5200), ..bytes });
    desk.press("j");
    assert_eq!(asked(&mut desk), 0, "nothing is read on and on behind the rows");
    let screen = desk.screen();
    assert!(screen.contains("What reads such files failed over this one") && screen.contains("ward200"), "{screen}");
    desk.wait(300);
    assert!(desk.seen(1).contains(" of about "), "{}", desk.seen(1));
}
