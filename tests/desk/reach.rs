//! Every action on every tab, with rows and without: it has words, a way to it, and where it cannot be done a sentence that
//! says why; all of it can be read on the smallest usual screen.

use exeat::domain::access::GrantState;
use exeat::tui::app::actions::{ACTIONS, Group};
use exeat::tui::app::keys::menu_entries;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::msg::Me;
use exeat::tui::app::{Cmd, Key, Msg, Row};

use super::access_rows::{grant, list, request};
use super::harness::{Desk, file};

/// A desk at 80×24 on each tab, with rows and without.
fn desks() -> Vec<(String, Desk)> {
    let rows: [Vec<Row>; 3] = [
        vec![file(1, "a.csv").into(), file(2, "b.csv").into()],
        vec![request(1).into(), request(2).into()],
        vec![grant(25, -200, 160, GrantState::Active).into(), grant(18, -320, -20, GrantState::Revoked).into()],
    ];
    let mut desks = Vec::new();
    for (at, rows) in rows.into_iter().enumerate() {
        for rows in [rows, Vec::new()] {
            let mut desk = Desk::fresh(80, 24);
            let roles = "checker of heart; steward".to_owned();
            desk.say(Msg::Signed(Me { login: "checker1".into(), roles, ..Me::default() }));
            desk.say(Msg::Live);
            desk.press(["1", "2", "3"][at]);
            let name = format!("{} with {} rows", desk.model.tab().title, rows.len());
            list(&mut desk, rows);
            desk.model.toast = None;
            desk.cmds.clear();
            desks.push((name, desk));
        }
    }
    assert_eq!(desks.len(), 2 * desks[0].1.model.tabs.len(), "a tab is missing here");
    desks
}

/// The same desk once more.
fn again(desk: &Desk) -> Desk {
    let look = exeat::tui::ui::Look { theme: desk.look.theme.clone(), ascii: false };
    Desk { model: desk.model.clone(), editor: None, look, cmds: Vec::new() }
}

/// The inside of the box on the screen as one text.
fn inside(desk: &Desk) -> String {
    let screen = desk.screen();
    let lines = screen.lines().filter_map(|line| Some(line.split_once('│')?.1.rsplit_once('│')?.0.trim()));
    lines.collect::<Vec<_>>().join(" ")
}

fn toast(desk: &Desk) -> Option<String> {
    desk.model.toast.as_ref().map(|toast| toast.text.clone())
}

/// Effects that others could see.
fn decides(cmds: &[Cmd]) -> bool {
    let seen = |cmd: &Cmd| {
        matches!(
            cmd,
            Cmd::Decide { .. }
                | Cmd::Deed { .. }
                | Cmd::Undo(_)
                | Cmd::Claim { .. }
                | Cmd::Comment { .. }
                | Cmd::Download { .. }
        )
    };
    cmds.iter().any(seen)
}

#[test]
fn every_action_is_found_read_and_done_or_refused_on_every_tab() {
    for (name, desk) in desks() {
        for entry in ACTIONS {
            assert!(entry.help.ends_with('.') && entry.help.len() > 10 && !entry.label.is_empty(), "{}", entry.id);
            let why = desk.model.why_not(entry.action);
            let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
            if let Some(why) = &why {
                assert!(why.ends_with('.') && why.len() > 10, "{name}, {}: {why:?} is a sentence", entry.id);
            }
            // By its name.
            let mut desk = again(&desk);
            desk.press(":");
            desk.text(entry.id);
            let text = inside(&desk);
            assert!(text.contains(&sentence), "{name}, {}: {sentence:?} in {text}", entry.id);
            let before = desk.screen();
            desk.press("Enter");
            if why.is_some() {
                assert_eq!(toast(&desk), why, "{name}, {}", entry.id);
                assert!(!decides(&desk.cmds) && desk.model.layers.is_empty(), "{name}, {}: {:?}", entry.id, desk.cmds);
            } else {
                let did = desk.screen() != before || !desk.cmds.is_empty();
                assert!(did || entry.group == Group::Move, "{name}, {}: nothing happened", entry.id);
            }
        }
    }
}

#[test]
fn every_key_that_cannot_be_used_says_why_on_every_tab() {
    for (name, desk) in desks() {
        for entry in ACTIONS.iter().filter(|entry| desk.model.why_not(entry.action).is_some()) {
            for key in entry.keys {
                let mut desk = again(&desk);
                desk.wait(500);
                desk.say(Msg::Key(Key::parse(key).unwrap()));
                assert_eq!(toast(&desk), desk.model.why_not(entry.action), "{name}, {}: {key}", entry.id);
                let line = desk.screen().lines().rev().nth(1).unwrap().trim().to_owned();
                assert!(toast(&desk).unwrap().ends_with(&line) && !line.is_empty(), "{name}, {}: {line:?}", entry.id);
                assert!(!decides(&desk.cmds));
            }
        }
    }
}

#[test]
fn the_menu_of_every_tab_has_what_it_can_do_and_says_all_of_it() {
    for (name, desk) in desks() {
        let mut desk = again(&desk);
        desk.press("o");
        let entries = menu_entries(&desk.model);
        for entry in ACTIONS.iter().filter(|entry| entry.command.is_some() && desk.model.has(entry)) {
            assert!(entries.iter().any(|(listed, _)| listed.action == entry.action), "{name}: {}", entry.id);
        }
        for (n, (entry, why)) in entries.iter().enumerate() {
            if n > 0 {
                desk.press("j");
            }
            let Some(Layer::Menu(picker)) = desk.model.layers.last() else { panic!("{name}: {}", entry.id) };
            assert_eq!(picker.at, n);
            let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
            let text = inside(&desk);
            assert!(text.contains(&sentence), "{name}, {}: {sentence:?} in {text}", entry.id);
        }
    }
}

#[test]
fn the_help_of_every_tab_comes_by_whole() {
    for (name, desk) in desks() {
        let mut desk = again(&desk);
        desk.press("?");
        let Some(Layer::Help(help)) = desk.model.layers.last().cloned() else { panic!("{name}") };
        let lines = desk.model.help_lines(&help);
        for entry in ACTIONS.iter().filter(|entry| desk.model.has(entry)) {
            assert!(lines.iter().any(|line| line.text == entry.help), "{name}: {}", entry.id);
        }
        let mut seen = String::new();
        for _ in 0..lines.len() {
            seen += &inside(&desk);
            desk.press("j");
        }
        for line in &lines {
            let words = line.text.split_whitespace().next_back().unwrap_or_default();
            assert!(seen.contains(words), "{name}: {}", line.text);
        }
    }
}
