//! Which key does what: the action table's own keys, and what the person's `keymap.toml` says instead. Read by `keys`
//! for every key, by drawing for every key it names; `tui::runtime` hands over the file's text.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::actions::{ACTIONS, Action};
use super::key::Key;
pub use super::state::keymap::Keymap;

/// Actions that must keep a key: without them nobody finds back, out or on.
const NEEDED: &[Action] = &[Action::Back, Action::Palette, Action::Help, Action::Quit];

/// What is wrong with a file of the person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub sentence: String,
}

fn with(names: BTreeMap<Action, Vec<String>>) -> Keymap {
    Keymap::of(names, ACTIONS.iter().map(|entry| (entry.action, entry.id)).collect())
}

impl Default for Keymap {
    fn default() -> Self {
        let names = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        with(ACTIONS.iter().map(|entry| (entry.action, names(entry.keys))).collect())
    }
}

impl Keymap {
    /// Reads a keymap file: actions it does not name keep their keys.
    ///
    /// # Errors
    /// It is no TOML, names no action or key there is, gives one key twice, or leaves a needed action without one.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = |at: usize, sentence: String| Fault { line: line_of(text, at), sentence };
        let root = DeTable::parse(text).map_err(|why| toml_fault(text, &why))?;
        let mut names = Self::default().names;
        let mut places: BTreeMap<Action, usize> = BTreeMap::new();
        for (key, value) in root.get_ref() {
            let DeValue::Table(table) = value.get_ref() else {
                return Err(fault(key.span().start, "the file has one table, [keys].".into()));
            };
            if key.get_ref() != "keys" {
                return Err(fault(key.span().start, format!("there is no [{}]: the file has [keys].", key.get_ref())));
            }
            for (id, value) in table {
                let at = id.span().start;
                let Some(entry) = ACTIONS.iter().find(|entry| entry.id == id.get_ref().as_ref()) else {
                    return Err(fault(at, unknown_action(id.get_ref())));
                };
                let keys = key_names(value.get_ref()).map_err(|sentence| fault(at, sentence))?;
                names.insert(entry.action, keys);
                places.insert(entry.action, at);
            }
        }
        let at = |action: &Action| places.get(action).copied();
        let id = |action: &Action| super::actions::of(*action).id;
        let map = with(names);
        for (n, (key, action)) in map.keys.iter().enumerate() {
            if key.same(Key::ctrl('c')) && *action != Action::Quit {
                return Err(fault(at(action).unwrap_or(0), "ctrl-c always leaves the desk: give another key.".into()));
            }
            let Some((_, other)) = map.keys[..n].iter().find(|(known, _)| known.same(*key)) else { continue };
            // The fault stands where the file says it; the table's own keys clash with nobody.
            let (mine, theirs) = if at(action) >= at(other) { (action, other) } else { (other, action) };
            let shared = map.keys(*mine).iter().find(|name| Key::parse(name).is_some_and(|known| known.same(*key)));
            let sentence = format!(
                "{} is the key of {} and of {}: give {} another.",
                shared.map_or("a key", String::as_str),
                id(mine),
                id(theirs),
                id(theirs)
            );
            return Err(fault(at(mine).unwrap_or(0), sentence));
        }
        match NEEDED.iter().find(|action| map.keys(**action).is_empty()) {
            Some(action) => Err(fault(at(action).unwrap_or(0), format!("{} needs a key.", id(action)))),
            None => Ok(map),
        }
    }
}

/// What the TOML reader says, with the line.
#[must_use]
pub fn toml_fault(text: &str, why: &toml::de::Error) -> Fault {
    let sentence = why.message().trim().replace('\n', ", ");
    Fault { line: line_of(text, why.span().map_or(0, |span| span.start)), sentence: format!("{sentence}.") }
}

/// The line of a byte, from 1.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

fn unknown_action(id: &str) -> String {
    let near = super::palette::found(id).first().map(|found| found.entry.id);
    let near =
        near.map_or_else(|| "exeat's key table names them all".to_owned(), |near| format!("did you mean {near}"));
    format!("there is no action {id:?}; {near}.")
}

fn key_names(value: &DeValue) -> Result<Vec<String>, String> {
    let one = |value: &DeValue| match value {
        DeValue::String(name) if Key::parse(name).is_some() => Ok(name.to_string()),
        DeValue::String(name) => {
            Err(format!("{name:?} is no key: write a, G, ctrl-d, alt-x, Space, Enter, PageDown or F1."))
        }
        _ => Err("write the keys in quotes, such as [\"a\", \"ctrl-a\"].".to_owned()),
    };
    match value {
        DeValue::Array(values) => values.iter().map(|value| one(value.get_ref())).collect(),
        other => one(other).map(|name| vec![name]),
    }
}
