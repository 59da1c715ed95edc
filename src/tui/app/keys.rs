//! Keys and pastes: the top layer first, then the keymap.

use uuid::Uuid;

use super::actions::{ACTIONS, Action, Entry, Group, refusal_shown};
use super::decide::Outcome;
use super::key::{Code, Key};
use super::layers::{CommentEdit, Layer, Picker};
use super::model::Model;
use super::msg::{Cmd, Draft, DraftOf, Order};
use super::tab::Tone;
use super::typing;
use crate::domain::command::Command;
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

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
    if key.same(Key::ctrl('c'))
        && !matches!(model.layers.last(), Some(Layer::Decide(_) | Layer::Comment(_) | Layer::Form(_) | Layer::Note(_)))
    {
        return model.leave();
    }
    // The layer is taken off while it has the key, and put back if it stays.
    match model.layers.pop() {
        None => action.map_or_else(Vec::new, |action| model.act(action)),
        Some(Layer::Decide(dialog)) => decide(model, dialog, key),
        Some(Layer::Results(mut results)) => {
            if closes(key) || key.code == Code::Enter {
                return Vec::new();
            }
            results.top = scrolled(results.top, action, results.lines.len());
            model.layers.push(Layer::Results(results));
            Vec::new()
        }
        Some(Layer::Filter(edit)) => typing::key(model, edit, key),
        Some(Layer::Comment(edit)) => comment(model, edit, key),
        Some(Layer::Find(field)) => model.find_key(field, key),
        Some(Layer::History(top)) => {
            if !closes(key) && !matches!(action, Some(Action::History | Action::Back)) {
                let entries = model.past().map_or(0, <[_]>::len);
                let top = if action == Some(Action::Last) { entries } else { scrolled(top, action, entries) };
                model.layers.push(Layer::History(top.min(entries.saturating_sub(1))));
            }
            Vec::new()
        }
        Some(Layer::Tasks(at)) => model.tasks_key(at, key),
        Some(Layer::Columns(at)) => model.columns_key(at, key),
        Some(Layer::Form(form)) => model.form_key(form, key),
        Some(Layer::Note(edit)) => model.note_key(edit, key),
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
        Some(Layer::Decide(dialog)) => dialog.paste(text),
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
        Some(Layer::Form(_)) => return model.form_paste(text),
        Some(Layer::Note(edit)) if !edit.sending => return vec![Cmd::EditPaste(text.to_owned())],
        Some(Layer::Comment(edit)) if edit.sending.is_none() => return vec![Cmd::EditPaste(text.to_owned())],
        _ => {}
    }
    Vec::new()
}

fn decide(model: &mut Model, mut dialog: Box<super::decide::Decide>, key: Key) -> Vec<Cmd> {
    match dialog.key(key, model.now) {
        Outcome::No => {
            model.say(Tone::Plain, "Nothing was decided.");
            Vec::new()
        }
        Outcome::Stay => {
            model.layers.push(Layer::Decide(dialog));
            Vec::new()
        }
        Outcome::Choose => {
            model.describe(&mut dialog);
            model.layers.push(Layer::Decide(dialog));
            Vec::new()
        }
        Outcome::Yes => model.confirmed(&dialog),
    }
}

fn comment(model: &mut Model, mut edit: CommentEdit, key: Key) -> Vec<Cmd> {
    let cmds = match key.code {
        Code::Esc => {
            if edit.text.trim().is_empty() {
                model.draft = None;
                return vec![Cmd::Draft(None)];
            }
            let draft = draft_of(&edit);
            model.draft = Some(draft.clone());
            model.say(Tone::Plain, "The comment is kept as a draft; c goes on with it.");
            return vec![Cmd::Draft(Some(draft))];
        }
        _ if edit.sending.is_some() => Vec::new(),
        Code::Tab => {
            edit.internal = !edit.internal;
            edit.command = None;
            vec![Cmd::Draft(Some(draft_of(&edit)))]
        }
        Code::Char('s') if key.ctrl => {
            if edit.text.trim().is_empty() {
                edit.complaint = Some("There is nothing to send yet.".into());
                Vec::new()
            } else {
                let command = edit.command.unwrap_or_else(|| model.new_id());
                edit.command = Some(command);
                edit.sending = Some(command);
                edit.complaint = None;
                let body = edit.text.trim_end().to_owned();
                let version = edit.target.version_id();
                let said = Command::AddComment { version, body, internal: edit.internal };
                vec![Cmd::Send(vec![Order { id: command, command: said, target: edit.target.clone() }])]
            }
        }
        _ => vec![Cmd::EditKey(key)],
    };
    model.layers.push(Layer::Comment(edit));
    cmds
}

fn draft_of(edit: &CommentEdit) -> Draft {
    Draft { id: edit.target.id, internal: edit.internal, text: edit.text.clone(), of: DraftOf::Comment }
}

/// The comment editor has another text now.
pub fn edited(model: &mut Model, text: String) -> Vec<Cmd> {
    match model.layers.last() {
        Some(Layer::Note(_)) => return model.note_text(text),
        Some(Layer::Form(_)) => return model.ask_text(text),
        _ => {}
    }
    let Some(Layer::Comment(edit)) = model.layers.last_mut() else { return Vec::new() };
    if edit.text == text {
        return Vec::new();
    }
    edit.text = text;
    // Another text is another command: the id is bound to what it sent.
    edit.command = None;
    vec![Cmd::Draft(Some(draft_of(edit)))]
}

/// The answer to a comment, if it was one: the dialog closes, or says what went wrong and keeps the text.
pub fn comment_answered(model: &mut Model, command: Uuid, answer: &Result<Answer, String>) -> Option<Vec<Cmd>> {
    let sends = |layer: &Layer| matches!(layer, Layer::Comment(edit) if edit.sending == Some(command));
    let at = model.layers.iter().position(sends)?;
    let Layer::Comment(edit) = &mut model.layers[at] else { return None };
    edit.sending = None;
    match answer {
        Ok(answer) if answer.ok => {
            let (id, name) = (edit.target.id, edit.name.clone());
            model.layers.remove(at);
            model.draft = None;
            model.here_mut().facts_asked = None;
            model.say(Tone::Good, format!("{name}: {}", shown(&Untrusted::new(answer.sentence.clone()))));
            Some(vec![Cmd::Draft(None), Cmd::Rows(model.kind(), vec![id])])
        }
        Ok(answer) => {
            edit.command = None;
            let refusal = answer.clone().into_result().err();
            edit.complaint = refusal.as_ref().map(refusal_shown);
            Some(Vec::new())
        }
        Err(sentence) => {
            edit.complaint = Some(format!("{} ctrl-s sends it again.", shown(&Untrusted::new(sentence.clone()))));
            Some(Vec::new())
        }
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
