//! The help page of a place: its own keys, the actions there are with what stands in their way now, the filter's words.
//! Everything comes from the action table and the table of the layers' own keys here, which the key bar shows too.

use super::actions::{ACTIONS, Action, Group};
use super::field::Field as Typed;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::state::Page;
use super::state::help::{Help, OwnKey, Place};
use crate::domain::query::Field;
use crate::text::capital;

const fn own(key: &'static str, label: &'static str, help: &'static str) -> OwnKey {
    OwnKey { key, label, help }
}

impl Place {
    /// The place a layer is.
    #[must_use]
    pub fn of(layer: &Layer) -> Self {
        match layer {
            Layer::Dialog(_) => Self::Dialog,
            Layer::Results(_) => Self::Results,
            Layer::Filter(_) => Self::Filter,
            Layer::Find(_) => Self::Find,
            Layer::History(_) => Self::History,
            Layer::Whole(_) => Self::Whole,
            Layer::Tasks(_) => Self::Tasks,
            Layer::Columns(_) => Self::Columns,
            Layer::Writing(_) => Self::Writing,
            Layer::Menu(_) => Self::Menu,
            Layer::Palette(_) => Self::Palette,
            Layer::Help(_) => Self::Help,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Page(Page::Table) => "the table",
            Self::Page(Page::Detail) => "the details",
            Self::Page(Page::Preview) => "the preview",
            Self::Dialog => "the dialog",
            Self::Results => "the results",
            Self::Filter => "the filter line",
            Self::Find => "finding in the preview",
            Self::History => "the history",
            Self::Whole => "a cell or line shown whole",
            Self::Tasks => "the tasks",
            Self::Columns => "the columns",
            Self::Writing => "the comment or note",
            Self::Menu => "the action menu",
            Self::Palette => "the palette",
            Self::Help => "the help",
        }
    }

    /// The keys it takes for itself, those of the key bar first.
    #[must_use]
    #[rustfmt::skip]
    pub fn own_keys(self) -> &'static [OwnKey] {
        match self {
            Self::Page(_) => &[],
            Self::Dialog => const { &[
                own("y", "yes", "Where no letter is typed: do it, as the dialog says; not while held down, not as a paste, not as the key that opened it."),
                own("n", "no", "Where no letter is typed: close the dialog; nothing is done."),
                own("Tab", "next field", "Go to the next field or button; Shift and Tab to the one before."),
                own("Esc", "no", "Close the dialog from wherever; nothing is done. A new request is kept as a draft."),
                own("Enter", "", "Press the button that has the focus; from a field go on."),
                own("c", "", "From the buttons to the comment, reason or note."),
                own("Left Right", "", "Choose, in a field with choices; between the buttons the other one."),
                own("ctrl-n ctrl-p", "", "The next or the former of the reasons or texts at hand; it can be changed then."),
                own("PageDown PageUp", "", "Scroll what the dialog says where it does not all fit."),
            ] },
            Self::Results => const { &[
                own("u", "take all back", "Take all these votes back, as long as that is possible."),
                own("j k", "scroll", "Scroll the results."),
                own("Esc", "close", "Close them; Enter does too."),
            ] },
            Self::Filter => const { &[
                own("Enter", "keep", "Keep the filter; the list has followed it while it was typed."),
                own("Tab", "complete", "Complete the word, or take the next way it goes on."),
                own("Esc", "back to the former", "Go back to the filter as it was."),
                own("ctrl-u", "", "Clear the line left of the cursor; ctrl-w the word."),
            ] },
            Self::Find => const { &[
                own("Enter", "look for it", "Look for the text from here on; n and N go on."),
                own("Esc", "close", "Close the field; what was looked for before stays."),
            ] },
            Self::History => const { &[
                own("j k", "scroll", "Scroll the history."),
                own("Esc", "close", "Close it."),
            ] },
            Self::Whole => const { &[
                own("Enter", "whole row", "Show all of its row, one line a column; once more closes it."),
                own("J K", "scroll", "Scroll by a page; what was paged through to its end was seen."),
                own("Esc", "close", "Close it."),
            ] },
            Self::Tasks => const { &[
                own("x", "stop it", "Stop the chosen download; what came is kept, and the download goes on from there."),
                own("j k", "choose", "Choose a download."),
                own("r", "ask again", "Ask database, worker and store again."),
                own("Esc", "close", "Close the page; downloads go on."),
            ] },
            Self::Columns => const { &[
                own("Space", "show or hide", "Show the chosen column, or no longer."),
                own("J K", "move", "Move the chosen column to the right or to the left."),
                own("j k", "choose", "Choose a column."),
                own("Backspace", "all again", "Show all of them again, as many as fit."),
                own("Esc", "close", "Close the list; the choice holds until one leaves."),
            ] },
            Self::Writing => const { &[
                own("ctrl-s", "send", "Send the comment. A note takes the place of what it was."),
                own("Tab", "who reads it", "Of a file's comment: for the researcher too, or for checkers only."),
                own("Esc", "keep as a draft", "Close it; what was written is kept as a draft, for this row alone."),
            ] },
            Self::Menu => const { &[
                own("Enter", "do it", "Do the chosen action; its own key does it too."),
                own("Up Down", "choose", "Choose another."),
                own("Esc", "close", "Close the menu."),
            ] },
            Self::Palette => const { &[
                own("Enter", "do it", "Do the chosen action."),
                own("Up Down", "choose", "Choose another."),
                own("Esc", "close", "Close the palette; letters narrow it, in any gaps: nxu finds next-undecided."),
            ] },
            Self::Help => const { &[
                own("j k", "scroll", "Scroll the help."),
                own("/", "search", "Search the help: lines with all the words stay."),
                own("Esc", "close", "Forget the search, then close the help."),
            ] },
        }
    }
}

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The keys, or how the palette finds it; none: a heading.
    pub keys: Option<String>,
    /// The sentence, or the heading.
    pub text: String,
    /// Why it cannot be done now.
    pub why_not: Option<String>,
}

impl Model {
    /// The keys of a layer's own, where they are the keymap's as that has them.
    #[must_use]
    pub fn own_key(&self, own: &OwnKey) -> String {
        match own.key {
            "j k" => format!("{} {}", self.keymap.key(Action::Down), self.keymap.key(Action::Up)),
            "/" => self.keymap.key(Action::Filter),
            key => key.to_owned(),
        }
    }

    /// Opens the help of the place where the keys are.
    pub fn open_help(&mut self) -> Vec<Cmd> {
        let place = self.layers.last().map_or(Place::Page(self.here().page), Place::of);
        if place != Place::Help {
            self.layers.push(Layer::Help(Help { place, field: Typed::default(), searching: false, top: 0 }));
        }
        Vec::new()
    }

    /// The lines of the help that have all the words searched for, under their headings.
    #[must_use]
    pub fn help_lines(&self, help: &Help) -> Vec<Line> {
        let words: Vec<String> = help.field.text().split_whitespace().map(str::to_lowercase).collect();
        let mut lines = Vec::new();
        for (title, section) in self.help_sections(help.place) {
            let fits = |line: &Line| {
                let keys = line.keys.as_deref().unwrap_or_default();
                let all = format!("{title} {keys} {}", line.text).to_lowercase();
                words.iter().all(|word| all.contains(word.as_str()))
            };
            let found: Vec<Line> = section.into_iter().filter(fits).collect();
            if !found.is_empty() {
                lines.push(Line { keys: None, text: title, why_not: None });
                lines.extend(found);
            }
        }
        lines
    }

    fn help_sections(&self, place: Place) -> Vec<(String, Vec<Line>)> {
        let own_line = |own: &OwnKey| Line { keys: Some(own.key.to_owned()), text: own.help.to_owned(), why_not: None };
        let owned = |place: Place| place.own_keys().iter().map(own_line).collect::<Vec<_>>();
        let mut sections = Vec::new();
        if place.own_keys().is_empty() {
            for group in Group::BY_USE {
                let entries = ACTIONS.iter().filter(|entry| entry.group == group && self.has(entry));
                let line = |entry| self.help_line(entry);
                sections.push((group.title().to_owned(), entries.map(line).collect()));
            }
        } else {
            let title = place.title();
            sections.push((capital(title.strip_prefix("the ").unwrap_or(title)), owned(place)));
            let over = |entry: &&super::actions::Entry| {
                matches!(entry.action, Action::Help | Action::Redraw | Action::Suspend | Action::Quit)
            };
            sections.push((
                "Everywhere".to_owned(),
                ACTIONS.iter().filter(over).map(|entry| self.help_line(entry)).collect(),
            ));
        }
        if matches!(place, Place::Filter | Place::Page(Page::Table)) {
            let word = |field: &Field| Line {
                keys: Some(field.example.to_owned()),
                text: format!("{}.", capital(field.says)),
                why_not: None,
            };
            let fields = self.tab().fields();
            let mut words: Vec<Line> = fields.iter().map(word).collect();
            words.push(Line {
                keys: Some("ward heart".to_owned()),
                text: "Other words are parts of name and purpose; all must be there.".to_owned(),
                why_not: None,
            });
            sections.push(("Words of the filter".to_owned(), words));
        }
        sections
    }

    fn help_line(&self, entry: &super::actions::Entry) -> Line {
        let keys = self.keymap.keys(entry.action);
        let keys = if keys.is_empty() { self.keymap.key(entry.action) } else { keys.join(" ") };
        Line { keys: Some(keys), text: entry.help.to_owned(), why_not: self.why_not(entry.action) }
    }

    /// Takes a key of the open help; it was taken off the layers and is put back if it stays.
    pub(super) fn help_key(&mut self, mut help: Help, key: Key) {
        let action = self.keymap.action(key);
        if help.searching {
            match key.code {
                Code::Esc => {
                    help.field.clear();
                    help.searching = false;
                }
                Code::Enter | Code::Down | Code::Up => help.searching = false,
                _ => _ = help.field.key(key),
            }
            help.top = 0;
        } else {
            let last = self.help_lines(&help).len().saturating_sub(1);
            match action {
                _ if key.code == Code::Esc && !help.field.text().is_empty() => help.field.clear(),
                _ if key.code == Code::Esc => return,
                Some(Action::Back | Action::Quit | Action::Help) => return,
                Some(Action::Filter) => help.searching = true,
                Some(Action::Last) => help.top = last,
                _ => help.top = super::keys::scrolled(help.top, action, last + 1),
            }
        }
        self.layers.push(Layer::Help(help));
    }
}
