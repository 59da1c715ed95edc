//! Which key does what. Held by the model; `keymap` makes it of the action table and the person's file.

use std::collections::BTreeMap;

use super::super::key::Key;
use super::action::Action;

/// The keys and what they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    pub(in crate::tui::app) keys: Vec<(Key, Action)>,
    pub(in crate::tui::app) names: BTreeMap<Action, Vec<String>>,
    ids: BTreeMap<Action, &'static str>,
}

impl Keymap {
    /// Keys by their names; `ids`: what the palette knows the actions by.
    #[must_use]
    pub fn of(names: BTreeMap<Action, Vec<String>>, ids: BTreeMap<Action, &'static str>) -> Self {
        let keys = names.iter().flat_map(|(action, keys)| keys.iter().map(move |name| (name, *action)));
        let keys = keys.filter_map(|(name, action)| Some((Key::parse(name)?, action))).collect();
        Self { keys, names, ids }
    }

    /// The action of a key where no dialog or field has the keys.
    #[must_use]
    pub fn action(&self, key: Key) -> Option<Action> {
        self.keys.iter().find(|(known, _)| known.same(key)).map(|(_, action)| *action)
    }

    /// The names of an action's keys, the one to show first.
    #[must_use]
    pub fn keys(&self, action: Action) -> &[String] {
        self.names.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The key to show for an action; without one, how the palette finds it.
    #[must_use]
    pub fn key(&self, action: Action) -> String {
        self.keys(action)
            .first()
            .cloned()
            .unwrap_or_else(|| format!(":{}", self.ids.get(&action).copied().unwrap_or_default()))
    }
}
