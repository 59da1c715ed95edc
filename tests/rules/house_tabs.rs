//! The house rules of the desk's tabs: each is a folder that sees no other, and nothing of the desk outside them knows one.

use super::house::{complain, sources, used};

/// The desk's tabs: each has a folder of its name.
fn tabs() -> Vec<&'static str> {
    exeat::tui::tabs::TABS.iter().map(|tab| tab.area().id).collect()
}

#[test]
fn tabs_never_see_each_other() {
    let mut faults = Vec::new();
    for source in sources() {
        let [_, _, tab, ..] = source.module.as_slice() else { continue };
        if source.room() != "tui::tabs" || !tabs().contains(&tab.as_str()) {
            continue;
        }
        let mut own = source.module.clone();
        own.truncate(2);
        for other in tabs().into_iter().filter(|other| *other != tab.as_str()) {
            let mut path = own.clone();
            path.push(other.to_owned());
            if used(&source).iter().any(|used| used.starts_with(&path)) {
                faults.push(format!("{} uses {}", source.name, path.join("::")));
            }
        }
    }
    complain(&faults);
}

#[test]
fn every_tab_of_the_desk_is_a_folder() {
    let all = sources();
    let has = |tab: &&str| all.iter().any(|source| source.name == format!("src/tui/tabs/{tab}/mod.rs"));
    let faults: Vec<_> = tabs()
        .into_iter()
        .filter(|tab| !has(tab))
        .map(|tab| format!("src/tui/tabs/{tab}/mod.rs is not there"))
        .collect();
    complain(&faults);
}

/// The nouns of a tab, as rooms of `domain`.
const NOUNS: [&str; 5] = ["access", "case", "egress", "permit", "vote"];

/// Files of the desk outside the tabs that name one all the same: what a dialog starts from is read as what the database calls
/// it.
const NAMES_ONE: [&str; 3] = ["src/tui/app/dialogs.rs", "src/tui/app/msg.rs", "src/tui/app/spec.rs"];

#[test]
fn outside_the_tabs_nothing_of_the_desk_knows_one() {
    let words: Vec<&str> = exeat::tui::tabs::TABS.iter().flat_map(|tab| [tab.area().id, tab.area().word]).collect();
    let mut faults = Vec::new();
    for source in sources() {
        let room = source.room();
        if !room.starts_with("tui") || room == "tui::tabs" {
            continue;
        }
        // Tests within a file speak of what they please.
        let text = source.text.split("#[cfg(test)]").next().unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for word in lines.flat_map(|line| words.iter().filter(move |word| line.contains(&format!("{word:?}")))) {
            faults.push(format!("{} says {word:?}", source.name));
        }
        let names =
            |path: &Vec<String>| path[0] == "domain" && path.get(1).is_some_and(|noun| NOUNS.contains(&&**noun));
        if !NAMES_ONE.contains(&source.name.as_str()) {
            let used = used(&source);
            faults.extend(
                used.iter().filter(|path| names(path)).map(|path| format!("{} uses {}", source.name, path.join("::"))),
            );
        }
    }
    complain(&faults);
}
