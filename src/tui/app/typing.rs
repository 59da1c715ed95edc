//! The filter line while it is typed: what could come next, and when the list follows. Called by `keys` and `update`.
//!
//! The list follows a moment after the last key, not each key; Enter makes it follow at once, Esc goes back to what was.

use chrono::TimeDelta;

use super::filter::Filter;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Fit};
use super::state::line::{FilterEdit, Offer};
use super::tab::check;
use super::words::Tone;

/// How long the hands rest before the list follows, in milliseconds: longer than between two letters of a word.
const REST_MS: i64 = 150;

/// Takes one key for the line.
pub(super) fn key(model: &mut Model, mut edit: FilterEdit, key: Key) -> Vec<Cmd> {
    match key.code {
        Code::Esc if edit.at.is_some() => edit.at = None,
        Code::Esc => return follow(model, &edit.before.clone()),
        Code::Enter if edit.at.is_none() && edit.error.is_none() => return follow(model, edit.field.text()),
        Code::Enter if edit.at.is_none() => {
            if let Some((_, sentence)) = &edit.error {
                model.say(Tone::Stop, sentence.clone());
            }
        }
        Code::Tab | Code::Enter if !edit.offers.is_empty() => {
            edit.take(edit.at.unwrap_or(0));
            model.layers.push(Layer::Filter(edit));
            return typed(model);
        }
        Code::Tab | Code::Down | Code::Up | Code::BackTab if edit.offers.is_empty() => offer(model, &mut edit, true),
        Code::Down => edit.choose(false),
        Code::Up | Code::BackTab => edit.choose(true),
        // The blank one may type before a word stands there already.
        Code::Char(' ') if edit.is_untouched() => {}
        _ => {
            edit.field.key(key);
            model.layers.push(Layer::Filter(edit));
            return typed(model);
        }
    }
    model.layers.push(Layer::Filter(edit));
    Vec::new()
}

/// The line has another text: it is checked, and the list follows once the hands rest.
pub(super) fn typed(model: &mut Model) -> Vec<Cmd> {
    let Some(Layer::Filter(mut edit)) = model.layers.pop() else { return Vec::new() };
    edit.error = check(model.tab(), edit.field.text(), model.now, model.rules.zone).err();
    edit.due = edit.error.is_none().then(|| model.now + TimeDelta::milliseconds(REST_MS));
    offer(model, &mut edit, false);
    model.layers.push(Layer::Filter(edit));
    Vec::new()
}

/// The hands may rest now.
pub(super) fn rested(model: &mut Model) -> Vec<Cmd> {
    let now = model.now;
    let Some(Layer::Filter(edit)) = model.layers.last_mut() else { return Vec::new() };
    if edit.due.is_none_or(|due| due > now) {
        return Vec::new();
    }
    edit.due = None;
    let text = edit.field.text().to_owned();
    follow(model, &text)
}

/// The list follows a filter that was checked, unless it does already.
fn follow(model: &mut Model, text: &str) -> Vec<Cmd> {
    let Ok(checked) = check(model.tab(), text, model.now, model.rules.zone) else { return Vec::new() };
    let same = text.trim() == model.here().filter.trim() || checked == model.here().checked;
    text.clone_into(&mut model.here_mut().filter);
    if same {
        return Vec::new();
    }
    model.dirty = true;
    narrow(model, checked)
}

fn narrow(model: &mut Model, checked: Filter) -> Vec<Cmd> {
    model.here_mut().checked = checked;
    model.here_mut().former = None;
    model.here_mut().list.seek = None;
    model.read(Fit::Start)
}

/// Finds what could stand at the cursor. `asked`: the person wants to know although nothing is begun.
fn offer(model: &Model, edit: &mut FilterEdit, asked: bool) {
    let (left, _) = edit.field.parts();
    let line = edit.field.text();
    let completion = model.tab().complete(line, left.len(), &model.known);
    let word = line.get(completion.span.clone()).unwrap_or_default();
    let begun = !word.is_empty() || line[..completion.span.start].ends_with([':', ',']);
    let field = !line[..completion.span.start].ends_with([':', ',']);
    edit.offers.clear();
    edit.at = None;
    if begun || asked {
        let saved = model.saved_here().filter(|_| field);
        edit.offers.extend(saved.filter(|(name, _)| name.to_lowercase().starts_with(&word.to_lowercase())).map(
            |(name, filter)| Offer { name: name.clone(), says: filter.clone(), text: filter.clone(), whole: true },
        ));
        edit.offers.extend(completion.choices.into_iter().filter(|choice| choice.text != word).map(|choice| Offer {
            name: choice.text.clone(),
            says: choice.says.to_owned(),
            text: choice.text,
            whole: false,
        }));
    }
    edit.span = completion.span;
}
