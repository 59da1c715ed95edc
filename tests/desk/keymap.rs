//! `keymap.toml`: what it changes, and what it is refused for, with the line.

use exeat::tui::app::actions::{ACTIONS, Action, keymap_file};
use exeat::tui::app::keymap::Keymap;

use super::harness::{Desk, file};

fn fault(text: &str) -> (usize, String) {
    let fault = Keymap::parse(text).unwrap_err();
    (fault.line, fault.sentence)
}

#[test]
fn the_file_of_the_house_changes_nothing() {
    assert_eq!(Keymap::parse(&keymap_file()).unwrap(), Keymap::default());
    assert_eq!(Keymap::parse("").unwrap(), Keymap::default());
    assert_eq!(Keymap::parse("# nothing\n[keys]\n").unwrap(), Keymap::default());
}

#[test]
fn other_keys_do_and_show_the_same() {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv")]);
    desk.keys("[keys]\ndown = [\"ctrl-n\", \"Down\"]\napprove = \"A\"\nclear-marks = \"alt-m\"\n");
    desk.press("j");
    assert_eq!(desk.here(), 1, "j is no key any more");
    desk.press("ctrl-n");
    assert_eq!(desk.here(), 2);
    desk.press("a y");
    assert!(desk.is_clear());
    assert_eq!(desk.sent(), []);
    assert!(desk.screen().contains(" A approve"), "the key bar shows the keys there are");
    desk.press("?");
    assert!(desk.screen().contains("A                      Vote for letting a file out"));
    desk.press("Esc A y");
    assert_eq!(desk.sent_one("cast_vote").row, 2);
    desk.press("Space");
    assert_eq!(desk.marks(), [2].into());
    desk.press("alt-m");
    assert!(desk.marks().is_empty());
}

#[test]
fn sentences_name_the_persons_own_keys() {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    desk.keys("[keys]\npreview = []\nrefresh = \"F5\"\n");
    assert_eq!(desk.why_not(Action::PreviewDown).unwrap(), "No preview is open; :preview opens one.");
    desk.lose();
    desk.hush();
    assert!(desk.screen().contains("PostgreSQL does not answer. F5 tries again."));
}

#[test]
fn a_wrong_file_says_where_and_what_would_be_right() {
    assert_eq!(fault("[keys]\n\nflter = \"f\"\n"), (3, "there is no action \"flter\"; did you mean filter.".into()));
    assert_eq!(fault("[keys]\ndown = \"down\"").0, 2);
    assert!(fault("[keys]\ndown = \"down\"").1.starts_with("\"down\" is no key: write a, G, ctrl-d"));
    assert_eq!(fault("[keys]\ndown = 3").1, "write the keys in quotes, such as [\"a\", \"ctrl-a\"].");
    assert_eq!(
        fault("[keys]\n# here\napprove = \"x\"\n"),
        (3, "x is the key of approve and of reject: give reject another.".into())
    );
    assert_eq!(
        fault("[keys]\napprove = \"F2\"\nreject = [\"x\", \"F2\"]\n"),
        (3, "F2 is the key of reject and of approve: give approve another.".into())
    );
    assert_eq!(fault("[keys]\ndown = \"ctrl-c\"").1, "ctrl-c always leaves the desk: give another key.");
    assert_eq!(fault("[keys]\npalette = []\n"), (2, "palette needs a key.".into()));
    assert_eq!(fault("[theme]\n"), (1, "there is no [theme]: the file has [keys].".into()));
    assert_eq!(fault("down = \"j\"\n"), (1, "the file has one table, [keys].".into()));
    let (line, sentence) = fault("[keys]\ndown = [\"j\"\nup = \"k\"\n");
    assert!(line >= 2 && !sentence.is_empty(), "{line} {sentence}");
}

/// Every action is found by its name, its words, and by letters with gaps.
#[test]
fn the_palette_finds_by_letters() {
    use exeat::tui::app::palette::found;
    let first = |typed: &str| found(typed).first().map(|found| found.entry.id);
    assert_eq!(found("").len(), ACTIONS.len());
    assert_eq!(first("apr"), Some("approve"));
    assert_eq!(first("next und"), Some("next-undecided"));
    assert_eq!(first("reqch"), Some("request-changes"));
    assert_eq!(first("clipboard"), Some("copy-id"), "a word of its sentence");
    assert_eq!(first("zzz"), None);
    for entry in ACTIONS {
        assert_eq!(first(entry.label).map(str::is_empty), Some(false), "{}", entry.label);
        assert_eq!(first(&entry.id.replace('-', " ")), Some(entry.id));
    }
    let hit = &found("apr")[0];
    assert_eq!(hit.letters, [0, 1, 3], "what was typed is shown in the name");
    for odd in ["'", "!", "^a$", "\\", "\u{202e}", "a\u{301}"] {
        assert!(found(odd).len() <= ACTIONS.len());
    }
}
