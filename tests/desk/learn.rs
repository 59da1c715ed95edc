//! What one learns the desk by: menu, palette, help, first steps. Every action is in them, whole, on the smallest screen.

use exeat::tui::app::Msg;
use exeat::tui::app::actions::{ACTIONS, Action};
use exeat::tui::app::model::Trouble;
use exeat::tui::app::msg::Gone;
use serde_json::json;

use super::harness::{Desk, file};

fn desk(w: u16, h: u16) -> Desk {
    Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv")])
}

#[test]
fn the_palette_says_all_of_every_action_at_80() {
    for entry in ACTIONS {
        let mut desk = desk(80, 24);
        desk.press(":");
        desk.text(entry.id);
        let why = desk.why_not(entry.action);
        let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
        let text = desk.inside();
        assert!(text.contains(&sentence), "{}: {sentence:?} in {text}", entry.id);
        if let Some(key) = entry.keys.first() {
            assert!(text.contains(&format!("{key} ")), "{}: its key", entry.id);
        }
        desk.press("Enter");
        let toast = desk.toast();
        assert!(why.is_none_or(|why| toast == why), "{}: what cannot be done says why: {toast:?}", entry.id);
    }
}

#[test]
fn the_menu_says_all_of_every_action_here_at_80() {
    let mut desk = desk(80, 24);
    desk.press("o");
    let entries = desk.menu();
    assert!(entries.iter().any(|(_, why)| why.is_some()) && entries.iter().any(|(_, why)| why.is_none()));
    for (n, (entry, why)) in entries.iter().enumerate() {
        if n > 0 {
            desk.press("j");
        }
        let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
        let text = desk.inside();
        assert!(text.contains(&sentence), "{}: {sentence:?} in {text}", entry.id);
    }
}

#[test]
fn the_help_of_a_page_has_every_action_and_why_not() {
    let mut desk = desk(80, 24);
    desk.press("?");
    assert_eq!(desk.title().as_deref(), Some("Help for the table"));
    let lines = desk.help();
    for entry in ACTIONS.iter().filter(|entry| desk.has(entry)) {
        let line = lines.iter().find(|(_, text, _)| text == entry.help).unwrap_or_else(|| panic!("{}", entry.id));
        assert_eq!(line.2, desk.why_not(entry.action));
    }
    // Scrolled line by line, every one of them comes by whole.
    let mut seen = String::new();
    for _ in 0..lines.len() {
        seen += &desk.inside();
        desk.press("j");
    }
    for (_, text, _) in &lines {
        assert!(seen.contains(text) || text.len() > 54, "{text}");
    }
    desk.press("g");
    assert!(desk.screen().contains("Deciding"));
}

#[test]
fn the_help_is_searched() {
    let mut desk = desk(80, 24);
    desk.press("? /");
    desk.text("preview scroll");
    let found: Vec<_> = desk.help().into_iter().filter_map(|(keys, ..)| keys).collect();
    assert_eq!(found, ["J", "K"]);
    assert!(desk.screen().contains("Looking inside") && !desk.screen().contains("Deciding"));
    desk.text(" zzz");
    assert!(desk.screen().contains("No line has all these words; Esc shows every line."));
    desk.press("Esc");
    assert!(desk.screen().contains("Deciding"), "Esc forgets the search");
    desk.press("q");
    assert!(desk.is_clear());
}

/// F1 is the help of the place one is in, over it, and takes nothing from it.
#[test]
fn every_place_has_its_help() {
    for (keys, title, words) in [
        ("a", "Help for the dialog", "not as a paste"),
        ("/", "Help for the filter line", "size>10M"),
        ("c", "Help for the comment or note", "Send the comment."),
        ("o", "Help for the action menu", "Do the chosen action"),
        (":", "Help for the palette", "nxu finds next-undecided"),
    ] {
        for (w, h) in [(80, 24), (120, 40)] {
            let mut desk = desk(w, h);
            desk.press(keys);
            assert!(desk.bar().contains("F1 help"), "{keys}: {}", desk.screen());
            let (before, dialog, writing) = (desk.screen(), desk.dialog(), desk.writing());
            desk.press("F1");
            assert_eq!(desk.title().as_deref(), Some(title), "{keys}");
            let text = desk.inside();
            assert!(text.contains(words), "{words:?} in {text}");
            desk.press("F1");
            // But for the time in the head and the foot's sentence, if one went meanwhile.
            assert_eq!(desk.screen(), before, "{keys}");
            assert_eq!((desk.dialog(), desk.writing()), (dialog, writing), "{keys}");
        }
    }
    // A dialog under the help decides nothing.
    let mut desk = desk(80, 24);
    desk.press("a F1 y y Enter");
    assert_eq!(desk.sent(), []);
    desk.press("Esc y");
    desk.sent_one("cast_vote");
}

#[test]
fn first_steps_go_when_they_are_taken_and_stay_gone() {
    let mut desk = desk(80, 24);
    desk.hush();
    desk.shows_not("First steps");
    desk.say(Msg::Hints(Gone::new()));
    let line = |desk: &Desk| desk.screen().lines().nth(22).unwrap().trim().to_owned();
    assert_eq!(line(&desk), "First steps: p looks inside the file. (:hide-hints hides first steps)");
    desk.press("p Esc");
    let kept: Vec<_> = desk.asked("keep_hints").into_iter().map(|kept| kept.with).collect();
    assert_eq!(kept, [json!(["look"])], "what has gone is kept");
    desk.hush();
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
    desk.hush();
    desk.shows_not("First steps");
    let kept = desk.asked("keep_hints");
    assert!(kept.iter().filter(|kept| kept.with.as_array().is_some_and(|gone| gone.len() == 5)).count() == 1);
    assert!(desk.why_not(Action::HideHints).is_some());
}

#[test]
fn a_push_closes_a_dialog_under_its_help_too() {
    let mut desk = desk(80, 24);
    desk.press("a F1");
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    desk.say(Msg::Resync);
    let reads = desk.asked("rows");
    let its = |ids: &[serde_json::Value]| ids.contains(&json!(1));
    assert!(reads.iter().any(|read| read.with.as_array().is_some_and(|ids| its(ids))), "its rows are read: {reads:?}");
    desk.read_again(vec![newer.into()]);
    assert!(desk.is_clear(), "{}", desk.screen());
    assert!(desk.screen().contains("a.csv: nothing was decided"));
}
