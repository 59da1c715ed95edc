//! First-run hints: one sentence at the foot while nothing else is to be said there. Each goes for good when the person
//! does what it teaches; `hide-hints` takes all away. Which have gone is kept by `tui::runtime`.

use super::actions::Action;
use super::model::Model;
use super::msg::Cmd;
use super::state::keymap::Keymap;

/// One hint.
struct Hint {
    /// Its name in the file of those that have gone.
    id: &'static str,
    /// What doing makes it go; the first is also what must be possible for it to be shown.
    teaches: &'static [Action],
    /// The sentence.
    text: fn(&Keymap) -> String,
}

/// The hints, in the order they are given.
const HINTS: &[Hint] = &[
    Hint {
        id: "look",
        teaches: &[Action::Preview, Action::Open],
        text: |keys| format!("{} looks inside the file. (:hide-hints hides first steps)", keys.key(Action::Preview)),
    },
    Hint {
        id: "decide",
        teaches: &[Action::Approve, Action::Reject, Action::Changes],
        text: |keys| {
            let (yes, no) = (keys.key(Action::Approve), keys.key(Action::Reject));
            format!("{yes} or {no} opens a decision; no key alone decides.")
        },
    },
    Hint {
        id: "actions",
        teaches: &[Action::Menu],
        text: |keys| format!("{} lists what can be done here, with its key or why not.", keys.key(Action::Menu)),
    },
    Hint {
        id: "filter",
        teaches: &[Action::Filter],
        text: |keys| format!("{} narrows the list, such as project:heart size>10M ward.", keys.key(Action::Filter)),
    },
    Hint {
        id: "help",
        teaches: &[Action::Help, Action::Palette],
        text: |keys| {
            let (help, find) = (keys.key(Action::Help), keys.key(Action::Palette));
            format!("{help} is help, {find} finds an action by a few letters.")
        },
    },
];

impl Model {
    /// The hint to show now, if any.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let gone = self.hints.as_ref()?;
        if !self.layers.is_empty() || self.here().list.current().is_none() {
            return None;
        }
        let fits = |hint: &&Hint| !gone.contains(hint.id) && self.why_not(hint.teaches[0]).is_none();
        let hint = HINTS.iter().find(fits)?;
        Some(format!("First steps: {}", (hint.text)(&self.keymap)))
    }

    /// Whether there are hints to be shown, here or elsewhere.
    #[must_use]
    pub fn hints_left(&self) -> bool {
        self.hints.as_ref().is_some_and(|gone| HINTS.iter().any(|hint| !gone.contains(hint.id)))
    }

    /// An action was done: its hint goes for good.
    pub(super) fn learned(&mut self, action: Action) -> Option<Cmd> {
        let gone = self.hints.as_mut()?;
        let taught = HINTS.iter().filter(|hint| action == Action::HideHints || hint.teaches.contains(&action));
        let before = gone.len();
        gone.extend(taught.map(|hint| hint.id.to_owned()));
        (gone.len() > before).then(|| Cmd::Hints(gone.clone()))
    }
}
