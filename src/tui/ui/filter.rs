//! The filter line: what is asked for, `n of m`, the mistake under the word that makes it, and why a list is empty.

use ratatui::style::Modifier;

use super::paint::Brush;
use super::paint::width;
use crate::domain::page::Total;
use crate::text::{Untrusted, shown, thousands, wrap};
use crate::tui::app::actions::Action;
use crate::tui::app::layers::Layer;
use crate::tui::app::layout::{Area, Layout};
use crate::tui::app::list::Reading;
use crate::tui::app::model::{Link, Model};
use crate::tui::app::msg::Me;
use crate::tui::app::state::line::FilterEdit;
use crate::tui::app::words::Tone;

/// Most lines of the box of offers.
const OFFERS: u16 = 8;

/// A loss, and the key that tries again.
pub fn try_again(model: &Model, why: &str) -> String {
    format!("{why} {} tries again.", model.keymap.key(Action::Refresh))
}

/// A total as people read it: `4,310`, or `10,000+` where it was not counted to the end.
pub fn counted(total: Total) -> String {
    format!("{}{}", thousands(total.counted), if total.more { "+" } else { "" })
}

/// `12 of 4,310`; dots stand for what is not counted yet.
pub fn n_of_m(model: &Model) -> String {
    let text = |total: Option<Total>| total.map_or_else(|| "...".into(), counted);
    format!("{} of {}", text(model.here().list.total), text(model.here().list.all))
}

fn editing(model: &Model) -> Option<&FilterEdit> {
    model.layers.iter().find_map(|layer| if let Layer::Filter(edit) = layer { Some(edit) } else { None })
}

/// Whether the rows shown are those of another filter than the one typed: that one has a mistake.
pub fn is_old(model: &Model) -> bool {
    editing(model).is_some_and(|edit| edit.error.is_some())
}

/// What stands at the right end, and the cells left for the filter.
fn parts(model: &Model, at: Area) -> (String, Area) {
    let things = model.area().things;
    if is_old(model) {
        let right = format!("the list is still the one before: {} ", n_of_m(model));
        let right =
            if usize::from(width(&right)) + 24 > usize::from(at.w) { "the list before ".to_owned() } else { right };
        let w = at.w.saturating_sub(width(&right) + 5);
        return (right, Area { x: at.x + 3, w, ..at });
    }
    let mut right = format!("{} {things} · {} ", n_of_m(model), model.order());
    if usize::from(width(&right)) + 24 > usize::from(at.w) {
        right = format!("{} {things} ", n_of_m(model));
    }
    if width(&right) + 12 > at.w {
        right = format!("{} ", n_of_m(model));
    }
    let w = at.w.saturating_sub(width(&right) + 5);
    (right, Area { x: at.x + 3, w, ..at })
}

/// The text as drawn, and how many of its cells are scrolled out on the left so that the cursor is in sight.
fn scrolled(brush: &Brush, edit: &FilterEdit, w: u16) -> u16 {
    let left = width(&brush.plain(edit.field.parts().0));
    (left + 1).saturating_sub(w)
}

/// Draws a text from a cell on: what lies before is cut, a wide character on the edge leaves a blank.
fn put_from(brush: &mut Brush, at: Area, text: &str, from: u16, style: ratatui::style::Style) {
    let mut skipped = 0;
    let mut rest = String::new();
    for c in brush.plain(text).chars() {
        if skipped < from {
            skipped += width(&c.to_string());
            rest.extend(std::iter::repeat_n(' ', usize::from(skipped.saturating_sub(from))));
        } else {
            rest.push(c);
        }
    }
    brush.put(at.x, at.y, at.w, &rest, style);
}

/// Draws the line.
pub fn line(brush: &mut Brush, model: &Model, at: Area) {
    let (right, room) = parts(model, at);
    let (dim, key, plain) = (brush.tone(Tone::Dim), brush.tone(Tone::Key), brush.tone(Tone::Plain));
    brush.put_right(at.x, at.y, at.w, &right, dim);
    brush.put(at.x + 1, at.y, 1, "/", key);
    let Some(edit) = editing(model) else {
        let (style, text) =
            if model.here().filter.is_empty() { (dim, "everything") } else { (plain, model.here().filter.as_str()) };
        brush.put(room.x, room.y, room.w, text, style);
        return;
    };
    let from = scrolled(brush, edit, room.w);
    put_from(brush, room, edit.field.text(), from, plain);
    if let Some((_, place)) = mistake(brush, edit, room) {
        let stop = brush.tone(Tone::Stop).add_modifier(Modifier::UNDERLINED);
        brush.wash(place, stop);
    }
}

/// Where the line's cursor stands while it is edited.
pub fn cursor(brush: &Brush, model: &Model, at: Area) -> Option<(u16, u16)> {
    let Some(Layer::Filter(edit)) = model.layers.last() else { return None };
    let (_, room) = parts(model, at);
    let left = width(&brush.plain(edit.field.parts().0));
    Some((room.x + left - scrolled(brush, edit, room.w), at.y))
}

/// The sentence of the mistake, and the cells of its word.
fn mistake<'a>(brush: &Brush, edit: &'a FilterEdit, room: Area) -> Option<(&'a str, Area)> {
    let (span, sentence) = edit.error.as_ref()?;
    let text = edit.field.text();
    let before = width(&brush.plain(text.get(..span.start)?));
    let w = width(&brush.plain(text.get(span.clone())?)).max(1);
    let from = scrolled(brush, edit, room.w);
    let x = before.saturating_sub(from).min(room.w.saturating_sub(1));
    let w = (before + w).saturating_sub(from).saturating_sub(x).clamp(1, room.w.saturating_sub(x).max(1));
    Some((sentence, Area { x: room.x + x, w, ..room }))
}

/// Under the word that is not understood: marks and, where it fits, why. It takes the place of the column headings.
pub fn pointer(brush: &mut Brush, model: &Model, at: &Layout) {
    let Some(edit) = editing(model) else { return };
    if !edit.offers.is_empty() {
        return offers(brush, edit, parts(model, at.filter).1, at);
    }
    let Some((sentence, word)) = mistake(brush, edit, parts(model, at.filter).1) else { return };
    brush.clear(at.head);
    let stop = brush.tone(Tone::Stop);
    brush.line(word.x, at.head.y, word.w, '^', stop);
    let x = word.x + word.w + 1;
    if x + width(sentence) <= at.head.w {
        brush.put(x, at.head.y, at.head.w - x, sentence, stop);
    }
}

/// What could be typed, under the word that is begun: a box over the table.
fn offers(brush: &mut Brush, edit: &FilterEdit, room: Area, at: &Layout) {
    let names = edit.offers.iter().map(|offer| width(&brush.plain(&offer.name))).max().unwrap_or(0).min(30);
    let says = edit.offers.iter().map(|offer| width(&brush.plain(&offer.says))).max().unwrap_or(0);
    let title = "Tab takes, Up and Down choose";
    let inside = names + if says > 0 { says + 2 } else { 0 };
    let w = (inside + 4).max(width(title) + 6).min(at.filter.w);
    let count = u16::try_from(edit.offers.len()).unwrap_or(u16::MAX).min(OFFERS);
    let before = edit.field.text().get(..edit.span.start).unwrap_or_default();
    let x = room.x + width(&brush.plain(before)).saturating_sub(scrolled(brush, edit, room.w));
    let x = x.saturating_sub(2).min(at.filter.w - w);
    let h = (count + 2).min(at.head.h + at.table.h);
    let inside = brush.frame(Area { x, y: at.head.y, w, h }, title);
    let (key, dim, here) = (brush.tone(Tone::Key), brush.tone(Tone::Dim), brush.look.theme.cursor);
    let top = edit.at.map_or(0, |at| (at + 1).saturating_sub(usize::from(inside.h)));
    for (y, (n, offer)) in (inside.y..inside.y + inside.h).zip(edit.offers.iter().enumerate().skip(top)) {
        brush.put(inside.x, y, names, &offer.name, key);
        brush.put(inside.x + names + 2, y, inside.w.saturating_sub(names + 2), &offer.says, dim);
        if edit.at == Some(n) {
            brush.wash(Area { x: inside.x, y, w: inside.w, h: 1 }, here);
            brush.put(inside.x - 1, y, 1, ">", key);
        }
    }
    let below = edit.offers.len().saturating_sub(top + usize::from(inside.h));
    if below > 0 && inside.h > 0 {
        brush.put_right(x, inside.y + inside.h, w.saturating_sub(2), &format!(" {below} more "), dim);
    }
}

/// The mistake's sentence, if there is no room for it beside its word.
pub fn mistake_for_foot(brush: &Brush, model: &Model, w: u16) -> Option<String> {
    let edit = editing(model).filter(|edit| edit.offers.is_empty())?;
    let (sentence, word) = mistake(brush, edit, parts(model, model.layout().filter).1)?;
    (word.x + word.w + 1 + width(sentence) > w).then(|| sentence.to_owned())
}

/// Why there are no rows: which filter, and how many it hides.
pub fn empty(brush: &mut Brush, model: &Model, at: Area) {
    let things = model.area().things;
    let (tone, text) = match (&model.link, &model.here().list.reading) {
        (Link::Lost(why), _) | (_, Reading::Failed(why)) => (Tone::Stop, try_again(model, why)),
        (_, Reading::Idle | Reading::Busy) => (Tone::Dim, format!("Reading the {things} ...")),
        _ if model.here().filter.trim().is_empty() => {
            (Tone::Plain, format!("There are no {things} that you may see yet."))
        }
        _ => (Tone::Plain, hidden(model)),
    };
    let text = if tone == Tone::Plain { format!("{text}{}", outside(model)) } else { text };
    let style = brush.tone(tone);
    for (n, line) in (1..at.h).zip(wrap(&text, usize::from(at.w.saturating_sub(6)))) {
        brush.put(at.x + 3, at.y + n, at.w - 3, &line, style);
    }
}

/// For one whose roles have nothing to do with these rows: that they have not, and whose rows these are.
fn outside(model: &Model) -> String {
    let reads = |me: &&Me| me.asks || !me.lacks.contains(&model.area().word) || me.reads.contains(&model.area().word);
    let Some(me) = model.me.as_ref().filter(|me| !reads(me)) else { return String::new() };
    let you = if me.roles.is_empty() { "You have no role".to_owned() } else { format!("You are {}", me.roles) };
    format!(" {you}: {}", model.area().readers)
}

fn hidden(model: &Model) -> String {
    let things = model.area().things;
    let filter = model.here().filter.trim();
    let home = filter == model.home();
    let what = if home { "Nothing needs you now.".to_owned() } else { format!("Nothing matches {}.", safe(filter)) };
    let by = if home { safe(filter) } else { "this filter".to_owned() };
    let (all, back) = (model.keymap.key(Action::Everything), model.keymap.key(Action::Back));
    let ways = if home || model.home().is_empty() {
        format!("{all} shows everything")
    } else {
        format!("{all} shows everything, {back} the first view")
    };
    match model.here().list.all {
        Some(Total { counted: 0, .. }) => format!("{what} There are no other {things} that you may see."),
        Some(Total { counted: 1, more: false }) => {
            format!("{what} 1 of the {things} is hidden by {by}; {ways}.")
        }
        Some(all) => format!("{what} {} {things} are hidden by {by}; {ways}.", counted(all)),
        None => format!("{what} Other {things} are hidden by {by}; {ways}."),
    }
}

fn safe(text: &str) -> String {
    shown(&Untrusted::new(text))
}
