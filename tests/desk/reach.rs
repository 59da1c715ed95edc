//! Every action on every tab, with rows and without: it has words, a way to it, and where it cannot be done a sentence that
//! says why; all of it can be read on the smallest usual screen.

use exeat::domain::access::GrantState;
use exeat::tui::app::Row;
use exeat::tui::app::actions::{ACTIONS, Group};
use exeat::tui::app::msg::Me;
use exeat::tui::tabs::TABS;

use super::harness::access::{grant, list, request};
use super::harness::{Desk, file, me};

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
            desk.sign(Me { roles: "checker of heart; steward".into(), ..me("checker1") });
            desk.press(["1", "2", "3"][at]);
            let name = format!("{} with {} rows", desk.tab_title(), rows.len());
            list(&mut desk, rows);
            desk.hush();
            desk.forget();
            desks.push((name, desk));
        }
    }
    assert_eq!(desks.len(), 2 * TABS.len(), "a tab is missing here");
    desks
}

/// Whether something went out that others could see.
fn decides(desk: &mut Desk) -> bool {
    !desk.sent().is_empty() || !desk.asked("download").is_empty()
}

#[test]
fn every_action_is_found_read_and_done_or_refused_on_every_tab() {
    for (name, desk) in desks() {
        for entry in ACTIONS {
            assert!(entry.help.ends_with('.') && entry.help.len() > 10 && !entry.label.is_empty(), "{}", entry.id);
            let why = desk.why_not(entry.action);
            let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
            if let Some(why) = &why {
                assert!(why.ends_with('.') && why.len() > 10, "{name}, {}: {why:?} is a sentence", entry.id);
            }
            // By its name.
            let mut desk = desk.again();
            desk.press(":");
            desk.text(entry.id);
            let text = desk.inside();
            assert!(text.contains(&sentence), "{name}, {}: {sentence:?} in {text}", entry.id);
            let before = desk.screen();
            desk.press("Enter");
            if let Some(why) = why {
                assert_eq!(desk.toast(), why, "{name}, {}", entry.id);
                assert!(desk.is_clear(), "{name}, {}: {}", entry.id, desk.screen());
                assert!(!decides(&mut desk), "{name}, {}", entry.id);
            } else {
                let did = desk.screen() != before || !desk.out().is_empty();
                assert!(did || entry.group == Group::Move, "{name}, {}: nothing happened", entry.id);
            }
        }
    }
}

#[test]
fn every_key_that_cannot_be_used_says_why_on_every_tab() {
    for (name, desk) in desks() {
        for entry in ACTIONS.iter().filter(|entry| desk.why_not(entry.action).is_some()) {
            for key in entry.keys {
                let mut desk = desk.again();
                desk.wait(500);
                desk.key(key);
                assert_eq!(Some(desk.toast()), desk.why_not(entry.action), "{name}, {}: {key}", entry.id);
                let line = desk.screen().lines().rev().nth(1).unwrap().trim().to_owned();
                assert!(desk.toast().ends_with(&line) && !line.is_empty(), "{name}, {}: {line:?}", entry.id);
                assert!(!decides(&mut desk));
            }
        }
    }
}

#[test]
fn the_menu_of_every_tab_has_what_it_can_do_and_says_all_of_it() {
    for (name, desk) in desks() {
        let mut desk = desk.again();
        desk.press("o");
        let entries = desk.menu();
        for entry in ACTIONS.iter().filter(|entry| entry.command.is_some() && desk.has(entry)) {
            assert!(entries.iter().any(|(listed, _)| listed.action == entry.action), "{name}: {}", entry.id);
        }
        for (n, (entry, why)) in entries.iter().enumerate() {
            if n > 0 {
                desk.press("j");
            }
            assert_eq!(desk.place(), Some("menu"), "{name}: {}", entry.id);
            let sentence = why.clone().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
            let text = desk.inside();
            assert!(text.contains(&sentence), "{name}, {}: {sentence:?} in {text}", entry.id);
        }
    }
}

#[test]
fn the_help_of_every_tab_comes_by_whole() {
    for (name, desk) in desks() {
        let mut desk = desk.again();
        desk.press("?");
        let lines = desk.help();
        for entry in ACTIONS.iter().filter(|entry| desk.has(entry)) {
            assert!(lines.iter().any(|(_, text, _)| text == entry.help), "{name}: {}", entry.id);
        }
        let mut seen = String::new();
        for _ in 0..lines.len() {
            seen += &desk.inside();
            desk.press("j");
        }
        for (_, text, _) in &lines {
            let words = text.split_whitespace().next_back().unwrap_or_default();
            assert!(seen.contains(words), "{name}: {text}");
        }
    }
}
