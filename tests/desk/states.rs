//! Every state of the screen, from the table in `scenes`: at 80×24 and 120×40, without colour, in ASCII, on the smallest
//! screen and on screens that are too small. A snapshot has one state; runs of empty lines are counted, not shown.

use exeat::tui::ui::by_name;
use ratatui::style::Color;

use super::harness::Desk;
use super::scenes::STATES;

/// The screen, with each run of more than two empty lines as their number.
fn shown(desk: &Desk) -> String {
    let screen = desk.screen();
    let lines: Vec<&str> = screen.lines().collect();
    let mut text = String::new();
    for run in lines.chunk_by(|one, next| one.is_empty() && next.is_empty()) {
        if run.len() > 2 {
            text += &format!("({} empty lines)\n", run.len());
        } else {
            for line in run {
                text += &format!("{line}\n");
            }
        }
    }
    text
}

#[test]
fn each_state_at_each_size_and_in_ascii() {
    for (name, make) in STATES {
        let mut ascii = make(80, 24);
        ascii.ascii();
        let (narrow, wide) = (make(80, 24), make(120, 40));
        let text =
            format!("80 x 24\n{}\n120 x 40\n{}\n80 x 24, ASCII\n{}", shown(&narrow), shown(&wide), shown(&ascii));
        insta::assert_snapshot!(*name, text);
        let mut wide_ascii = make(120, 40);
        wide_ascii.ascii();
        for (desk, w) in [(&ascii, 80), (&wide_ascii, 120)] {
            let screen = desk.screen();
            assert!(screen.is_ascii(), "{name}: {screen}");
            assert!(screen.lines().all(|line| line.len() <= w), "{name}");
        }
    }
}

#[test]
fn no_state_needs_colour() {
    for (name, make) in STATES {
        for (w, h) in [(80, 24), (120, 40)] {
            let mut desk = make(w, h);
            let coloured = desk.screen();
            desk.look.theme = by_name("mono").unwrap();
            assert_eq!(desk.screen(), coloured, "{name}: the words are the same");
            for cell in &desk.buffer().content {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}: mono has no colour");
            }
        }
    }
}

#[test]
fn each_state_on_the_smallest_screen_and_on_smaller_ones() {
    let too_small = "exeat needs 40 columns and 10 rows.";
    for (name, make) in STATES {
        // What lies over the page may cover all of it but the key bar.
        let screen = make(40, 10).screen();
        let head = screen.lines().next().unwrap();
        assert!(head.starts_with(" exeat ") || head.contains('┌'), "{name}: {screen}");
        assert!(screen.lines().nth(9).unwrap().contains("help") || name.starts_with("help"), "{name}: {screen}");
        // Made where there was room, then made small: nothing panics, and one plain line says what is missing.
        for (w, h) in [(39, 9), (39, 24), (80, 9), (1, 1), (2, 50)] {
            let mut desk = make(80, 24);
            desk.resize(w, h);
            let line = desk.screen();
            assert_eq!(line.lines().count(), usize::from(h), "{name}");
            let text = line.trim_end();
            assert!(text == too_small || w < 35 && text.lines().count() == 1, "{name} {w}x{h}: {line}");
            desk.press("j Esc q");
            desk.resize(80, 24);
            assert!(desk.screen().starts_with(" exeat ") || desk.screen().starts_with('┌'), "{name}");
        }
    }
}
