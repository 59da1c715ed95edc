//! What one learns the desk by: menu, palette, help, first steps. Every action is in them, whole, on the smallest screen.

use exeat::tui::app::actions::{ACTIONS, Action};
use exeat::tui::app::help::Place;
use exeat::tui::app::hints::Gone;
use exeat::tui::app::keys::menu_entries;
use exeat::tui::app::layers::{Layer, Page};
use exeat::tui::app::model::Trouble;
use exeat::tui::app::{Cmd, Msg};

use super::harness::{Desk, file};

fn desk(w: u16, h: u16) -> Desk {
    Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv")])
}

/// The inside of the box on the screen as one text: its lines joined by blanks.
fn inside(desk: &Desk) -> String {
    let text: Vec<String> = desk
        .screen()
        .lines()
        .filter_map(|line| Some(line.split_once('│')?.1.rsplit_once('│')?.0.trim().to_owned()))
        .collect();
    text.join(" ")
}

#[test]
fn the_palette_says_all_of_every_action_at_80() {
    for entry in ACTIONS {
        let mut desk = desk(80, 24);
        desk.press(":");
        desk.text(entry.id);
        let why = desk.model.why_not(entry.action);
        let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
        let text = inside(&desk);
        assert!(text.contains(&sentence), "{}: {sentence:?} in {text}", entry.id);
        if let Some(key) = entry.keys.first() {
            assert!(text.contains(&format!("{key} ")), "{}: its key", entry.id);
        }
        desk.press("Enter");
        let toast = desk.model.toast.as_ref().map(|toast| toast.text.clone());
        assert!(why.is_none() || toast == why, "{}: what cannot be done says why: {toast:?}", entry.id);
    }
}

#[test]
fn the_menu_says_all_of_every_action_here_at_80() {
    let mut desk = desk(80, 24);
    desk.press("o");
    let entries = menu_entries(&desk.model);
    assert!(entries.iter().any(|(_, why)| why.is_some()) && entries.iter().any(|(_, why)| why.is_none()));
    for (n, (entry, why)) in entries.iter().enumerate() {
        if n > 0 {
            desk.press("j");
        }
        let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
        let text = inside(&desk);
        assert!(text.contains(&sentence), "{}: {sentence:?} in {text}", entry.id);
    }
}

#[test]
fn the_help_of_a_page_has_every_action_and_why_not() {
    let mut desk = desk(80, 24);
    desk.press("?");
    let Some(Layer::Help(help)) = desk.model.layers.last().cloned() else { panic!() };
    assert_eq!(help.place, Place::Page(Page::Table));
    let lines = desk.model.help_lines(&help);
    for entry in ACTIONS.iter().filter(|entry| desk.model.has(entry)) {
        let line = lines.iter().find(|line| line.text == entry.help).unwrap_or_else(|| panic!("{}", entry.id));
        assert_eq!(line.why_not, desk.model.why_not(entry.action));
    }
    // Scrolled line by line, every one of them comes by whole.
    let mut seen = String::new();
    for _ in 0..lines.len() {
        seen += &inside(&desk);
        desk.press("j");
    }
    for line in &lines {
        assert!(seen.contains(&line.text) || line.text.len() > 54, "{}", line.text);
    }
    desk.press("g");
    assert!(desk.screen().contains("Deciding"));
}

#[test]
fn the_help_is_searched() {
    let mut desk = desk(80, 24);
    desk.press("? /");
    desk.text("preview scroll");
    let Some(Layer::Help(help)) = desk.model.layers.last().cloned() else { panic!() };
    let found: Vec<_> = desk.model.help_lines(&help).into_iter().filter_map(|line| line.keys).collect();
    assert_eq!(found, ["J", "K"]);
    assert!(desk.screen().contains("Looking inside") && !desk.screen().contains("Deciding"));
    desk.text(" zzz");
    assert!(desk.screen().contains("No line has all these words; Esc shows every line."));
    desk.press("Esc");
    assert!(desk.screen().contains("Deciding"), "Esc forgets the search");
    desk.press("q");
    assert!(desk.model.layers.is_empty());
}

/// F1 is the help of the place one is in, over it, and takes nothing from it.
#[test]
fn every_place_has_its_help() {
    for (keys, place, words) in [
        ("a", Place::Decide, "not as a paste"),
        ("/", Place::Filter, "size>10M"),
        ("c", Place::Comment, "Send the comment."),
        ("o", Place::Menu, "Do the chosen action"),
        (":", Place::Palette, "nxu finds next-undecided"),
    ] {
        for (w, h) in [(80, 24), (120, 40)] {
            let mut desk = desk(w, h);
            desk.press(keys);
            assert!(desk.screen().lines().last().unwrap().contains("F1 help"), "{keys}: {}", desk.screen());
            let before = desk.model.layers.clone();
            desk.press("F1");
            let Some(Layer::Help(help)) = desk.model.layers.last() else { panic!("{keys}") };
            assert_eq!(help.place, place);
            let text = inside(&desk);
            assert!(text.contains(words), "{words:?} in {text}");
            desk.press("F1");
            assert_eq!(desk.model.layers, before, "{keys}");
        }
    }
    // A dialog under the help decides nothing.
    let mut desk = desk(80, 24);
    desk.press("a F1 y y Enter");
    assert!(desk.decisions().is_empty());
    desk.press("Esc y");
    assert_eq!(desk.decisions().len(), 1);
}

#[test]
fn first_steps_go_when_they_are_taken_and_stay_gone() {
    let mut desk = desk(80, 24);
    assert_eq!(desk.model.hint(), None, "nothing is known yet of what has gone");
    desk.say(Msg::Hints(Gone::new()));
    desk.model.toast = None;
    let line = |desk: &Desk| desk.screen().lines().nth(22).unwrap().trim().to_owned();
    assert_eq!(line(&desk), "First steps: p looks inside the file. (:hide-hints hides first steps)");
    desk.press("p Esc");
    let kept = desk.take(|cmd| matches!(cmd, Cmd::Hints(_)));
    assert_eq!(kept, [Cmd::Hints(["look".to_owned()].into())], "what has gone is kept");
    desk.model.toast = None;
    assert!(line(&desk).starts_with("First steps: a or x opens a decision"), "{}", line(&desk));
    // What fails, or is said, comes first.
    desk.say(Msg::Trouble(Some(Trouble { lacks: "no worker", why: "No worker is alive.".into() })));
    assert_eq!(line(&desk), "No worker is alive.");
    desk.say(Msg::Trouble(None));
    // Another desk, later.
    let mut desk = self::desk(80, 24);
    desk.say(Msg::Hints(["look", "decide", "actions"].map(str::to_owned).into()));
    assert!(line(&desk).contains("/ narrows the list"), "{}", line(&desk));
    desk.press(":");
    desk.text("hide-hints");
    desk.press("Enter");
    assert_eq!(desk.model.hint(), None);
    assert!(desk.take(|cmd| matches!(cmd, Cmd::Hints(gone) if gone.len() == 5)).len() == 1);
    assert!(desk.model.why_not(Action::HideHints).is_some());
}

#[test]
fn a_push_closes_a_dialog_under_its_help_too() {
    let mut desk = desk(80, 24);
    desk.press("a F1");
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    desk.say(Msg::Resync);
    let reads = desk.take(|cmd| matches!(cmd, Cmd::Rows(..)));
    assert!(
        reads.iter().any(|cmd| matches!(cmd, Cmd::Rows(_, ids) if ids.contains(&1))),
        "its rows are read: {reads:?}"
    );
    desk.say(Msg::Rows(vec![newer.into()]));
    assert!(desk.model.layers.is_empty(), "{:?}", desk.model.layers);
    assert!(desk.screen().contains("a.csv: nothing was decided"));
}
