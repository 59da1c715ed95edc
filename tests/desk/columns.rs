//! Choosing columns: in the desk and in the configuration.

use exeat::tui::app::columns::{name, places};
use exeat::tui::tabs::TABS;

use super::harness::{Desk, file};

fn headings(desk: &mut Desk) -> String {
    let screen = desk.screen();
    screen.lines().find(|line| line.contains("FILE")).unwrap_or_else(|| panic!("{screen}")).trim().to_owned()
}

#[test]
fn columns_are_hidden_moved_and_shown_again() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv")]);
        let all = headings(&mut desk);
        assert!(all.starts_with("WAITS") && all.contains("VOTES"));
        desk.press("C Space");
        assert!(!desk.screen().contains("[x] WAITS") && desk.screen().contains("[ ] WAITS"), "{}", desk.screen());
        desk.press("Esc");
        assert!(!headings(&mut desk).contains("WAITS"));
        assert!(desk.is_clear());
        // What is hidden stands behind what is shown, and comes back there.
        desk.press("C G");
        for _ in 0..20 {
            desk.press("j");
        }
        desk.press("Space Esc");
        let (shown, _) = desk.columns();
        assert_eq!(shown.iter().filter(|(_, shown)| *shown).count(), shown.len());
        desk.press("C K K K K K K K K K Esc");
        desk.press("C Backspace Enter");
        assert_eq!(headings(&mut desk), all, "all again");
    }
}

#[test]
fn a_moved_column_stands_where_it_was_moved_to_and_the_name_stays() {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    desk.press("C J Esc");
    assert!(headings(&mut desk).starts_with("PROJECT  WAITS"), "{}", headings(&mut desk));
    desk.press("C j j");
    assert!(desk.screen().contains("> [x] FILE"), "{}", desk.screen());
    desk.press("Space");
    assert!(desk.screen().contains("FILE is always shown"), "{}", desk.screen());
    let (_, line) = desk.columns();
    assert!(desk.screen().contains(&line[..30]), "the line for the configuration");
    let names: toml::Table = line.parse().unwrap();
    let names: Vec<String> = names["egress"].clone().try_into().unwrap();
    assert_eq!(names[..3], ["project", "waits", "file"]);
    assert_eq!(places(TABS[0], &names).as_deref(), Ok(desk.chosen_columns()));
    assert_eq!(desk.title().as_deref(), Some("Columns of Egress Files"));
}

#[test]
fn what_is_wrong_in_the_configuration_is_said() {
    let tab = TABS[0];
    let words = |names: &[&str]| places(tab, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert!(words(&["file", "colour"]).unwrap_err().contains("no column \"colour\"; there are waits, project, file"));
    assert!(words(&["file", "file"]).unwrap_err().contains("named twice"));
    assert!(words(&["waits"]).unwrap_err().contains("cannot do without the column \"file\""));
    for tab in TABS {
        let all: Vec<String> = tab.heads().iter().map(name).collect();
        assert_eq!(
            places(*tab, &all),
            Ok((0..all.len()).collect()),
            "every column of {} has a name of its own",
            tab.area().id
        );
    }
}
