//! Keys and pastes: the top layer first, then the keymap.

use super::actions::{ACTIONS, Action, Entry, Group};
use super::key::{Code, Key};
use super::layers::{Layer, Picker};
use super::model::Model;
use super::msg::Cmd;
use super::typing;

/// Takes one key.
pub fn key(model: &mut Model, key: Key) -> Vec<Cmd> {
    let action = model.keymap.action(key);
    // With control they are nothing to type: they work over every layer.
    match action {
        Some(Action::Suspend) if key.ctrl => return vec![Cmd::Suspend],
        Some(Action::Redraw) if key.ctrl => return vec![Cmd::Redraw],
        Some(Action::Help) if !key.types() && !matches!(model.layers.last(), None | Some(Layer::Help(_))) => {
            return model.open_help();
        }
        _ => {}
    }
    if key.same(Key::ctrl('c')) && !matches!(model.layers.last(), Some(Layer::Dialog(_) | Layer::Writing(_))) {
        return model.leave();
    }
    // The layer is taken off while it has the key, and put back if it stays.
    match model.layers.pop() {
        None => action.map_or_else(Vec::new, |action| model.act(action)),
        Some(Layer::Dialog(dialog)) => model.dialog_key(dialog, key),
        Some(Layer::Results(mut results)) => {
            if closes(key) || key.code == Code::Enter {
                return Vec::new();
            }
            if action == Some(Action::Undo) {
                return model.undo_batch();
            }
            results.top = scrolled(results.top, action, results.lines.len());
            model.layers.push(Layer::Results(results));
            Vec::new()
        }
        Some(Layer::Filter(edit)) => typing::key(model, edit, key),
        Some(Layer::Writing(writing)) => model.writing_key(writing, key),
        Some(Layer::Find(field)) => model.find_key(field, key),
        Some(Layer::History(top)) => {
            if !closes(key) && !matches!(action, Some(Action::History | Action::Back)) {
                let entries = model.past().map_or(0, <[_]>::len);
                let top = if action == Some(Action::Last) { entries } else { scrolled(top, action, entries) };
                model.layers.push(Layer::History(top.min(entries.saturating_sub(1))));
            }
            Vec::new()
        }
        Some(Layer::Whole(whole)) => model.whole_key(whole, key),
        Some(Layer::Tasks(at)) => model.tasks_key(at, key),
        Some(Layer::Columns(at)) => model.columns_key(at, key),
        Some(Layer::Menu(picker)) => menu(model, picker, key),
        Some(Layer::Palette(picker)) => palette(model, picker, key),
        Some(Layer::Help(help)) => {
            model.help_key(help, key);
            Vec::new()
        }
    }
}

fn closes(key: Key) -> bool {
    matches!(key.code, Code::Esc | Code::Char('q'))
}

/// A scroll after a key.
pub(super) fn scrolled(top: usize, action: Option<Action>, lines: usize) -> usize {
    match action {
        Some(Action::Down | Action::PreviewDown) => (top + 1).min(lines.saturating_sub(1)),
        Some(Action::HalfDown) => (top + 10).min(lines.saturating_sub(1)),
        Some(Action::Up | Action::PreviewUp) => top.saturating_sub(1),
        Some(Action::HalfUp) => top.saturating_sub(10),
        Some(Action::First) => 0,
        _ => top,
    }
}

/// Takes pasted text: into the field that has the keys, else nowhere.
pub fn paste(model: &mut Model, text: &str) -> Vec<Cmd> {
    match model.layers.last_mut() {
        Some(Layer::Dialog(_)) => return model.dialog_paste(text),
        Some(Layer::Filter(edit)) => {
            edit.field.paste(text);
            return typing::typed(model);
        }
        Some(Layer::Palette(picker)) => {
            picker.field.paste(text);
            picker.at = 0;
        }
        Some(Layer::Help(help)) if help.searching => {
            help.field.paste(text);
            help.top = 0;
        }
        Some(Layer::Find(field)) => field.paste(text),
        Some(Layer::Writing(writing)) if !writing.sending => return vec![Cmd::EditPaste(text.to_owned())],
        _ => {}
    }
    Vec::new()
}

/// The editor has another text now.
pub fn edited(model: &mut Model, text: String) -> Vec<Cmd> {
    match model.layers.last() {
        Some(Layer::Writing(_)) => model.written(text),
        Some(Layer::Dialog(_)) => model.dialog_text(text),
        _ => Vec::new(),
    }
}

/// The actions the menu lists here: all but those that only move.
#[must_use]
pub fn menu_entries(model: &Model) -> Vec<(&'static Entry, Option<String>)> {
    Group::BY_USE
        .iter()
        .flat_map(|group| ACTIONS.iter().filter(move |entry| entry.group == *group))
        .filter(|entry| entry.group != Group::Move || entry.action == Action::Mark)
        .filter(|entry| !matches!(entry.action, Action::Menu) && model.has(entry))
        .map(|entry| (entry, model.why_not(entry.action)))
        .collect()
}

fn menu(model: &mut Model, mut picker: Picker, key: Key) -> Vec<Cmd> {
    let entries = menu_entries(model);
    let last = entries.len().saturating_sub(1);
    match (key.code, model.keymap.action(key)) {
        (Code::Esc, _) | (_, Some(Action::Quit | Action::Menu)) => return Vec::new(),
        (Code::Enter, _) => return entries.get(picker.at).map_or_else(Vec::new, |(entry, _)| model.act(entry.action)),
        (_, Some(Action::Down)) => picker.at = (picker.at + 1).min(last),
        (_, Some(Action::Up)) => picker.at = picker.at.saturating_sub(1),
        (_, Some(Action::First)) => picker.at = 0,
        (_, Some(Action::Last)) => picker.at = last,
        (_, Some(action)) if entries.iter().any(|(entry, _)| entry.action == action) => return model.act(action),
        _ => {}
    }
    model.layers.push(Layer::Menu(picker));
    Vec::new()
}

fn palette(model: &mut Model, mut picker: Picker, key: Key) -> Vec<Cmd> {
    let entries = model.found(picker.field.text());
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => return entries.get(picker.at).map_or_else(Vec::new, |found| model.act(found.entry.action)),
        Code::Down => picker.at = (picker.at + 1).min(entries.len().saturating_sub(1)),
        Code::Up => picker.at = picker.at.saturating_sub(1),
        _ => {
            if picker.field.key(key) {
                picker.at = 0;
            }
        }
    }
    model.layers.push(Layer::Palette(picker));
    Vec::new()
}
