//! The filter line while it is typed: what could come next, and when the list follows. Called by `keys` and `update`.
//!
//! The list follows a moment after the last key, not each key; Enter makes it follow at once, Esc goes back to what was.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::field::Field;
use super::filter::{Filter, Mistake, check};
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Fit};

/// How long the hands rest before the list follows, in milliseconds: longer than between two letters of a word.
const REST_MS: i64 = 150;

/// The filter line while it is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterEdit {
    /// What is typed.
    pub field: Field,
    /// What the filter was; Esc goes back to it.
    pub before: String,
    /// What is wrong with it: byte range of the word and the sentence.
    pub error: Option<Mistake>,
    /// What could stand at the cursor.
    pub offers: Vec<Offer>,
    /// The bytes an offer takes the place of.
    pub span: Range<usize>,
    /// The offer chosen, if one is.
    pub at: Option<usize>,
    /// When the list follows, if it does not yet.
    pub due: Option<DateTime<Utc>>,
}

/// Something that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is called: the text itself, or a saved filter's name.
    pub name: String,
    /// What it asks for.
    pub says: String,
    /// What is put into the line.
    pub text: String,
    /// Whether it takes the place of the whole line.
    pub whole: bool,
}

impl FilterEdit {
    /// A line with the filter there is.
    #[must_use]
    pub fn new(filter: &str) -> Self {
        Self {
            field: Field::with(filter),
            before: filter.to_owned(),
            error: None,
            offers: Vec::new(),
            span: 0..0,
            at: None,
            due: None,
        }
    }

    /// Puts an offer into the line.
    fn take(&mut self, at: usize) {
        let Some(offer) = self.offers.get(at).cloned() else { return };
        let span = if offer.whole { 0..self.field.text().len() } else { self.span.clone() };
        self.field.replace(span, &offer.text);
    }

    /// Chooses the next offer, or the one before.
    fn choose(&mut self, back: bool) {
        let count = self.offers.len();
        self.at = match (self.at, back) {
            _ if count == 0 => None,
            (None, false) => Some(0),
            (None, true) => Some(count - 1),
            (Some(at), false) => Some((at + 1) % count),
            (Some(at), true) => Some((at + count - 1) % count),
        };
    }
}

/// Takes one key for the line.
pub(super) fn key(model: &mut Model, mut edit: FilterEdit, key: Key) -> Vec<Cmd> {
    match key.code {
        Code::Esc if edit.at.is_some() => edit.at = None,
        Code::Esc => return follow(model, &edit.before.clone()),
        Code::Enter if edit.at.is_none() && edit.error.is_none() => return follow(model, edit.field.text()),
        Code::Enter if edit.at.is_none() => {}
        Code::Tab | Code::Enter if !edit.offers.is_empty() => {
            edit.take(edit.at.unwrap_or(0));
            model.layers.push(Layer::Filter(edit));
            return typed(model);
        }
        Code::Tab | Code::Down | Code::Up | Code::BackTab if edit.offers.is_empty() => offer(model, &mut edit, true),
        Code::Down => edit.choose(false),
        Code::Up | Code::BackTab => edit.choose(true),
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
    edit.error = check(model.kind(), edit.field.text(), model.now, model.rules.zone).err();
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
    let Ok(checked) = check(model.kind(), text, model.now, model.rules.zone) else { return Vec::new() };
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
