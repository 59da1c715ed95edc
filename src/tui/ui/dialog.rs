//! The dialog of a command, and the results of one on several rows. Called by `dialogs`.

use ratatui::widgets::Widget;

use super::editor::Editor;
use super::paint::width;
use super::paint::{Brush, rect};
use super::paint::{Cursor, centred, field};
use crate::text::{Untrusted, shown, wrap};
use crate::tui::app::dialog::{Dialog, Focus};
use crate::tui::app::entry::{DESTINATION, Entry, Shape};
use crate::tui::app::layers::Results;
use crate::tui::app::layout::Area;
use crate::tui::app::pane::laid_out;
use crate::tui::app::words::Tone;

/// Cells of a label.
pub(super) const LABEL: u16 = 10;

/// The dialog.
pub fn draw(brush: &mut Brush, dialog: &Dialog, all: Area, editor: Option<&Editor>) -> Cursor {
    let w = all.w.saturating_sub(2).min(100);
    let inner = w.saturating_sub(5 + LABEL);
    let mut lines = laid_out(&dialog.said, inner, brush.look.ascii);
    for text in dialog.left_out.iter().chain(&dialog.key_said) {
        lines.extend(wrap(&brush.plain(text), usize::from(inner)).into_iter().map(|line| ("", line, Tone::Warn)));
    }
    let shown: Vec<(usize, &Entry)> = dialog.fields.iter().enumerate().filter(|_| !dialog.exactly).collect();
    // Where it goes comes first, and does not scroll away.
    let (first, rest): (Vec<_>, Vec<_>) = shown.into_iter().partition(|(_, entry)| entry.name == DESTINATION);
    let (texts, fields): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, entry)| entry.shape == Shape::Text);
    let has_text = dialog.fields.iter().any(|entry| entry.shape == Shape::Text);
    let text_h = if texts.is_empty() { 0 } else { all.h.saturating_sub(14).clamp(3, 16) };
    let cells = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    // Below what is said: the fields, the text, a line for what is amiss, a blank one, the buttons.
    let foot = cells(fields.len()) + text_h + 3;
    let wanted = cells(lines.len()).saturating_add(foot + 2 + cells(first.len()));
    let whole = brush.frame(centred(all, w, if has_text { all.h } else { wanted }), &dialog.title);
    let used = cells(first.len()).min(whole.h);
    let inside = Area { y: whole.y + used, h: whole.h - used, ..whole };
    let body = inside.h.saturating_sub(foot);
    said(brush, dialog.top, &lines, (whole, Area { h: body, ..inside }));
    let mut cursor = None;
    let places = (whole.y..inside.y).chain(inside.y + body..);
    for ((n, entry), y) in first.into_iter().chain(fields).zip(places) {
        let line = Area { y, h: 1, ..inside };
        cursor = one(brush, entry, line, dialog.focus == Focus::Field(n)).or(cursor);
    }
    let mut y = inside.y + inside.h.saturating_sub(3 + text_h);
    for (_, entry) in texts {
        text(brush, entry, dialog.writes(), Area { y, h: text_h, ..inside }, editor);
        y += text_h;
    }
    foot_line(brush, dialog, Area { y, h: 1, ..inside });
    buttons(brush, dialog, inside);
    cursor
}

/// What is said, from a line on; and how much of it that is, on the frame.
fn said(brush: &mut Brush, top: usize, lines: &[(&str, String, Tone)], (whole, at): (Area, Area)) {
    let body = usize::from(at.h);
    let top = top.min(lines.len().saturating_sub(body.max(1)));
    for (y, (label, text, tone)) in (at.y..at.y + at.h).zip(&lines[top..]) {
        let (dim, style) = (brush.tone(Tone::Dim), brush.tone(*tone));
        brush.put(at.x, y, LABEL - 1, label, dim);
        brush.put(at.x + LABEL, y, at.w.saturating_sub(LABEL), text, style);
    }
    if lines.len() > body {
        let style = brush.tone(Tone::Warn);
        let last = (top + body).min(lines.len());
        let more = format!(" {} to {last} of {} lines; PageDown ", top + 1, lines.len());
        brush.put_right(whole.x, whole.y - 1, whole.w, &more, style);
    }
}

/// One input on its line: label, value, and what is wrong with it or how to fill it.
fn one(brush: &mut Brush, entry: &Entry, at: Area, here: bool) -> Cursor {
    let (plain, dim, stop) = (brush.tone(Tone::Plain), brush.tone(Tone::Dim), brush.tone(Tone::Stop));
    let label = if here { brush.tone(Tone::Key) } else { dim };
    brush.put(at.x, at.y, LABEL, &entry.label, label);
    let (x, room) = (at.x + LABEL, at.w.saturating_sub(LABEL));
    // What is amiss with an input nobody touched, or with a word that is half typed, is said when it is confirmed.
    let wrong = entry.wrong.as_ref().filter(|_| entry.moved() && entry.must.is_none());
    let (style, beside) = wrong.map_or((dim, entry.hint.as_str()), |why| (stop, why.as_str()));
    if entry.shape == Shape::Choice {
        let words = entry.choices.get(entry.at).map_or("", |(_, words)| words.as_str());
        let chosen = if here { brush.look.theme.cursor } else { plain };
        let used = brush.put(x, at.y, room, &format!("< {words} >"), chosen) + 2;
        brush.put(x + used, at.y, room.saturating_sub(used), beside, style);
        return None;
    }
    let value_w = if entry.shape == Shape::Line && wrong.is_none() { room } else { room.min(26.max(room / 3)) };
    let cursor = field(brush, Area { x, w: value_w.saturating_sub(1), h: 1, ..at }, &entry.input, plain);
    if value_w < room {
        brush.put(x + value_w, at.y, room - value_w, beside, style);
    }
    here.then_some(cursor)
}

fn text(brush: &mut Brush, entry: &Entry, writes: bool, at: Area, editor: Option<&Editor>) {
    let rule = brush.look.theme.rule;
    brush.line(at.x, at.y, at.w, '─', rule);
    let label = brush.tone(if writes { Tone::Key } else { Tone::Dim });
    let head = format!(" {}: {} ", entry.label, entry.hint);
    brush.put(at.x + 2, at.y, at.w.saturating_sub(2), &head, label);
    let place = Area { y: at.y + 1, h: at.h.saturating_sub(1), ..at };
    if writes {
        edited(brush, place, editor);
        return;
    }
    let style = brush.tone(Tone::Plain);
    let shown_line = |line: &str| wrap(&brush.plain(&shown(&Untrusted::new(line))), usize::from(at.w));
    let lines: Vec<String> = entry.value().split('\n').take(usize::from(place.h)).flat_map(shown_line).collect();
    for (y, line) in (place.y..place.y + place.h).zip(&lines) {
        brush.put(place.x, y, place.w, line, style);
    }
}

/// The editor in its place.
pub(super) fn edited(brush: &mut Brush, place: Area, editor: Option<&Editor>) {
    let place = rect(place).intersection(brush.buf.area);
    if let Some(editor) = editor.filter(|_| place.height > 0) {
        editor.area().render(place, brush.buf);
    }
}

/// What is amiss, else what is at hand.
fn foot_line(brush: &mut Brush, dialog: &Dialog, at: Area) {
    let (stop, dim) = (brush.tone(Tone::Stop), brush.tone(Tone::Dim));
    if dialog.waits.is_some() {
        let text = "Touch your key, or confirm where your SSH agent asks. Nothing was sent yet.";
        let warn = brush.tone(Tone::Warn);
        brush.put(at.x, at.y, at.w, text, warn);
        return;
    }
    if let Some(complaint) = &dialog.complaint {
        brush.put(at.x, at.y, at.w, complaint, stop);
        return;
    }
    let has = |entry: &&Entry| !entry.at_hand.is_empty() && !dialog.exactly;
    let Some(entry) = dialog.here().filter(has).or_else(|| dialog.fields.iter().find(has)) else { return };
    let one = entry.one_of;
    let text = match (entry.at_hand.len(), entry.picked) {
        (1, 0) => format!("ctrl-n puts the {one} here"),
        (count, 0) => format!("ctrl-n puts one of {count} {one}s here"),
        (count, at) => format!("{one} {at} of {count}; change it as you like, ctrl-n goes on"),
    };
    brush.put(at.x + LABEL, at.y, at.w.saturating_sub(LABEL), &text, dim);
}

fn buttons(brush: &mut Brush, dialog: &Dialog, inside: Area) {
    let y = inside.y + inside.h - 1;
    let (plain, cursor) = (brush.tone(Tone::Plain), brush.look.theme.cursor);
    let named = |text: &str, focused: bool| if focused { format!("[ {text} ]") } else { format!("  {text}  ") };
    let (no, yes) = dialog.buttons();
    let (no, yes) = (named(no, dialog.focus == Focus::No), named(&yes, dialog.focus == Focus::Yes));
    let x = inside.x + inside.w.saturating_sub(width(&no) + width(&yes) + 3);
    brush.put(x, y, width(&no), &no, if dialog.focus == Focus::No { cursor } else { plain });
    brush.put(x + width(&no) + 3, y, width(&yes), &yes, if dialog.focus == Focus::Yes { cursor } else { plain });
}

/// What came of a decision on several rows.
pub fn results(brush: &mut Brush, results: &Results, all: Area) -> Cursor {
    let w = all.w.saturating_sub(2).min(110);
    let mut lines = Vec::new();
    for (name, tone, text) in &results.lines {
        let text = format!("{name}: {text}");
        lines.extend(wrap(&brush.plain(&text), usize::from(w.saturating_sub(5))).into_iter().map(|line| (line, *tone)));
    }
    let h = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = brush.frame(centred(all, w, h), &results.title);
    for (y, (text, tone)) in (inside.y..inside.y + inside.h).zip(lines.iter().skip(results.top)) {
        let style = brush.tone(*tone);
        brush.put(inside.x, y, inside.w, text, style);
    }
    None
}
