//! What lies over the screen: comment, menu, palette, help; decisions are in `verdict`.

use ratatui::widgets::Widget;

use super::editor::Editor;
use super::paint::{Brush, rect, wrap};
use super::verdict;
use crate::tui::app::actions::{ACTIONS, Group};
use crate::tui::app::field::Field;
use crate::tui::app::keys::menu_entries;
use crate::tui::app::layers::{CommentEdit, Layer, Picker};
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::palette::found;
use crate::tui::app::tab::Tone;

/// Where the terminal's cursor stands, if in this layer.
pub(super) type Cursor = Option<(u16, u16)>;

/// Draws one layer inside the screen without the key bar.
pub fn draw(brush: &mut Brush, model: &Model, layer: &Layer, all: Area, editor: Option<&Editor>) -> Cursor {
    match layer {
        Layer::Decide(dialog) => verdict::decide(brush, dialog, all),
        Layer::Results(results) => verdict::results(brush, results, all),
        Layer::Comment(edit) => comment(brush, edit, all, editor),
        Layer::Menu(picker) => menu(brush, model, picker, all),
        Layer::Palette(picker) => Some(palette(brush, model, picker, all)),
        Layer::Help(top) => help(brush, model, *top, all),
        Layer::Find(text) => Some(find(brush, text, all)),
        Layer::Filter(_) => None,
    }
}

/// The field for a text to look for, on the foot's line.
fn find(brush: &mut Brush, text: &Field, all: Area) -> (u16, u16) {
    let at = Area { x: all.x, y: all.y + all.h - 1, w: all.w, h: 1 };
    brush.clear(at);
    let (key, plain) = (brush.tone(Tone::Key), brush.tone(Tone::Plain));
    let used = brush.put(at.x + 1, at.y, at.w, "look for", key) + 2;
    field(brush, Area { x: at.x + used, w: at.w.saturating_sub(used + 1), ..at }, text, plain)
}

pub(super) fn centred(all: Area, w: u16, h: u16) -> Area {
    let (w, h) = (w.min(all.w), h.min(all.h));
    Area { x: all.x + (all.w - w) / 2, y: all.y + (all.h - h) / 2, w, h }
}

/// A one-line field that scrolls so that its cursor is on the screen.
pub(super) fn field(brush: &mut Brush, at: Area, field: &Field, style: ratatui::style::Style) -> (u16, u16) {
    let (left, right) = field.parts();
    let mut left = brush.plain(left);
    while super::screen::width(&left) >= at.w && !left.is_empty() {
        left.remove(0);
    }
    let used = brush.put(at.x, at.y, at.w, &left, style);
    let right = brush.plain(right);
    brush.put(at.x + used, at.y, at.w - used, &right, style);
    (at.x + used, at.y)
}

fn comment(brush: &mut Brush, edit: &CommentEdit, all: Area, editor: Option<&Editor>) -> Cursor {
    let area = centred(all, all.w.saturating_sub(2).min(90), all.h.saturating_sub(4).min(18));
    let inside = brush.frame(area, "Comment");
    let (dim, stop, plain) = (brush.tone(Tone::Dim), brush.tone(Tone::Stop), brush.tone(Tone::Plain));
    brush.put(inside.x, inside.y, inside.w, &format!("on {}", edit.name), dim);
    let who = if edit.internal {
        "Read by checkers only (Tab changes it)"
    } else {
        "Read by the researcher too (Tab changes it)"
    };
    let (text, style) = match (&edit.complaint, edit.sending) {
        (_, Some(_)) => ("Sending ...", dim),
        (Some(complaint), None) => (complaint.as_str(), stop),
        (None, None) => (who, plain),
    };
    let foot = wrap(&brush.plain(text), usize::from(inside.w));
    let foot_h = u16::try_from(foot.len()).unwrap_or(1).min(3);
    for (y, line) in (inside.y + inside.h - foot_h..).zip(&foot) {
        brush.put(inside.x, y, inside.w, line, style);
    }
    let at = Area { y: inside.y + 2, h: inside.h.saturating_sub(3 + foot_h), ..inside };
    let place = rect(at).intersection(brush.buf.area);
    if let Some(editor) = editor.filter(|_| place.height > 0) {
        editor.area().render(place, brush.buf);
    }
    None
}

fn menu(brush: &mut Brush, model: &Model, picker: &Picker, all: Area) -> Cursor {
    let entries = menu_entries(model);
    let h = u16::try_from(entries.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = brush.frame(centred(all, all.w.saturating_sub(2).min(110), h), "What can be done here");
    let top = (picker.at + 1).saturating_sub(usize::from(inside.h));
    for (y, (n, (entry, why))) in (inside.y..inside.y + inside.h).zip(entries.iter().enumerate().skip(top)) {
        let tone = if why.is_some() { Tone::Dim } else { Tone::Plain };
        let text = why.as_ref().map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
        entry_line(
            brush,
            inside,
            y,
            (&model.keymap.key(entry.action), model.label(entry), &text),
            tone,
            n == picker.at,
        );
    }
    None
}

fn entry_line(brush: &mut Brush, at: Area, y: u16, (key, label, text): (&str, &str, &str), tone: Tone, here: bool) {
    let (bold, style) = (brush.tone(Tone::Key), brush.tone(tone));
    brush.put(at.x, y, 7, key, bold);
    brush.put(at.x + 8, y, 18, label, style);
    brush.put(at.x + 27, y, at.w.saturating_sub(27), text, style);
    if here {
        let cursor = brush.look.theme.cursor;
        brush.wash(Area { x: at.x, y, w: at.w, h: 1 }, cursor);
    }
}

fn palette(brush: &mut Brush, model: &Model, picker: &Picker, all: Area) -> (u16, u16) {
    let entries = found(picker.field.text());
    let inside = brush.frame(centred(all, all.w.saturating_sub(2).min(110), 16), "Find an action");
    let (key, plain) = (brush.tone(Tone::Key), brush.tone(Tone::Plain));
    brush.put(inside.x, inside.y, 1, ":", key);
    let cursor =
        field(brush, Area { x: inside.x + 2, w: inside.w.saturating_sub(3), h: 1, ..inside }, &picker.field, plain);
    if entries.is_empty() && inside.h > 1 {
        brush.put(inside.x, inside.y + 1, inside.w, "No action has these letters in its name.", plain);
    }
    let room = inside.h.saturating_sub(1);
    let top = (picker.at + 1).saturating_sub(usize::from(room));
    for (y, (n, found)) in (inside.y + 1..inside.y + 1 + room).zip(entries.iter().enumerate().skip(top)) {
        let entry = found.entry;
        let why = model.why_not(entry.action);
        let tone = if why.is_some() { Tone::Dim } else { Tone::Plain };
        let text = why.map_or_else(|| entry.help.to_owned(), |why| format!("not now: {why}"));
        let keys = model.keymap.keys(entry.action);
        entry_line(brush, inside, y, (keys.first().map_or("", String::as_str), entry.id, &text), tone, n == picker.at);
        let bold = brush.tone(Tone::Key);
        for letter in found.letters.iter().filter_map(|at| u16::try_from(*at).ok()).filter(|at| *at < 18) {
            brush.wash(Area { x: inside.x + 8 + letter, y, w: 1, h: 1 }, bold);
        }
    }
    cursor
}

/// The help page as lines of a width: keys and sentence, under headings.
fn help_lines(model: &Model, w: usize) -> Vec<(String, String, Tone)> {
    let mut lines = Vec::new();
    for group in [Group::Decide, Group::See, Group::Find, Group::Move, Group::Desk] {
        if !lines.is_empty() {
            lines.push((String::new(), String::new(), Tone::Plain));
        }
        lines.push((String::new(), group.title().to_owned(), Tone::Title));
        for entry in ACTIONS.iter().filter(|entry| entry.group == group) {
            let keys = model.keymap.keys(entry.action);
            let keys = if keys.is_empty() { format!(":{}", entry.id) } else { keys.join(" ") };
            for (n, line) in wrap(entry.help, w).into_iter().enumerate() {
                lines.push((if n == 0 { keys.clone() } else { " ".to_owned() }, line, Tone::Plain));
            }
        }
    }
    lines
}

fn help(brush: &mut Brush, model: &Model, top: usize, all: Area) -> Cursor {
    let inside = brush.frame(centred(all, all.w, all.h), "Keys");
    let lines = help_lines(model, usize::from(inside.w.saturating_sub(17)));
    let top = top.min(lines.len().saturating_sub(usize::from(inside.h)));
    for (y, (keys, text, tone)) in (inside.y..inside.y + inside.h).zip(lines.iter().skip(top)) {
        let (key, style) = (brush.tone(Tone::Key), brush.tone(*tone));
        brush.put(inside.x, y, 16, keys, key);
        let x = if keys.is_empty() { 0 } else { 17 };
        brush.put(inside.x + x, y, inside.w.saturating_sub(x), text, style);
    }
    if lines.len() > top + usize::from(inside.h) {
        let more = format!(" {} more lines ", lines.len() - top - usize::from(inside.h));
        let dim = brush.tone(Tone::Dim);
        brush.put_right(inside.x, inside.y.saturating_sub(1), inside.w, &more, dim);
    }
    None
}
