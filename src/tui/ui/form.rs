//! Dialogs with fields, and the editors of a request's notes. Called by `dialogs`.

use ratatui::widgets::Widget;

use super::editor::Editor;
use super::paint::width;
use super::paint::{Brush, rect};
use super::paint::{Cursor, centred, field};
use crate::text::{Untrusted, shown, wrap};
use crate::tui::app::entry::{Entry, Name};
use crate::tui::app::form::{Focus, Form, What};
use crate::tui::app::layout::Area;
use crate::tui::app::notes::{Audience, NoteEdit};
use crate::tui::app::pane::laid_out;
use crate::tui::app::tab::Tone;

/// Cells of a field's label.
const LABEL: u16 = 10;

/// A dialog with fields.
pub fn form(brush: &mut Brush, form: &Form, all: Area, editor: Option<&Editor>) -> Cursor {
    let w = all.w.saturating_sub(2).min(100);
    let inner = w.saturating_sub(5 + LABEL);
    let mut lines = laid_out(&form.plan, inner, brush.look.ascii);
    for text in &form.left_out {
        lines.extend(wrap(&brush.plain(text), usize::from(inner)).into_iter().map(|line| ("", line, Tone::Warn)));
    }
    let asks = form.what == What::Ask;
    let fields: Vec<(usize, &Entry)> =
        form.fields.iter().enumerate().filter(|(_, entry)| !form.preview && entry.name != Name::Text).collect();
    let text_h = if asks && !form.preview { all.h.saturating_sub(14).clamp(3, 16) } else { 0 };
    let field_h = u16::try_from(fields.len()).unwrap_or(0);
    // Below the plan: the fields, the text, a line for what is amiss, a blank one, the buttons.
    let foot = field_h + text_h + 3;
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(foot + 2);
    let title = if form.preview { "Exactly this is sent" } else { &form.title };
    let inside = brush.frame(centred(all, w, if asks { all.h } else { wanted }), title);
    let body = inside.h.saturating_sub(foot);
    let top = form.top.min(lines.len().saturating_sub(usize::from(body).max(1)));
    for (y, (label, text, tone)) in (inside.y..inside.y + body).zip(&lines[top..]) {
        let (dim, style) = (brush.tone(Tone::Dim), brush.tone(*tone));
        brush.put(inside.x, y, LABEL, label, dim);
        brush.put(inside.x + LABEL, y, inside.w.saturating_sub(LABEL), text, style);
    }
    if lines.len() > usize::from(body) {
        let style = brush.tone(Tone::Warn);
        let last = (top + usize::from(body)).min(lines.len());
        let more = format!(" {} to {last} of {} lines; PageDown ", top + 1, lines.len());
        brush.put_right(inside.x, inside.y - 1, inside.w, &more, style);
    }
    let mut y = inside.y + body;
    let mut cursor = None;
    for (n, entry) in fields {
        let line = Area { x: inside.x, y, w: inside.w, h: 1 };
        cursor = one(brush, entry, line, form.focus == Focus::Field(n)).or(cursor);
        y += 1;
    }
    if text_h > 0 {
        let at = Area { x: inside.x, y, w: inside.w, h: text_h };
        text(brush, form, at, editor);
        y += text_h;
    }
    foot_line(brush, form, Area { x: inside.x, y, w: inside.w, h: 1 });
    buttons(brush, form, inside);
    cursor
}

/// One field on its line: label, value, and what is wrong with it or how to write it.
fn one(brush: &mut Brush, entry: &Entry, at: Area, here: bool) -> Cursor {
    let (plain, dim, stop) = (brush.tone(Tone::Plain), brush.tone(Tone::Dim), brush.tone(Tone::Stop));
    let label = if here { brush.tone(Tone::Key) } else { dim };
    brush.put(at.x, at.y, LABEL, entry.label, label);
    let room = at.w.saturating_sub(LABEL);
    // What is amiss with a field nobody touched is said when it is confirmed.
    let wrong = entry.wrong.as_ref().filter(|_| entry.moved());
    let beside = wrong.map_or((dim, entry.hint.as_str()), |why| (stop, why.as_str()));
    let value_w = match entry.name {
        Name::Reason | Name::Note if wrong.is_none() => room,
        _ => room.min(26.max(room / 3)),
    };
    let value = Area { x: at.x + LABEL, y: at.y, w: value_w.saturating_sub(1), h: 1 };
    let cursor = if entry.choices.is_empty() {
        let at = field(brush, value, &entry.input, plain);
        here.then_some(at)
    } else {
        let words = entry.choices.get(entry.at).map_or("", |(_, words)| words.as_str());
        let style = if here { brush.look.theme.cursor } else { plain };
        let (text, w) = (format!("< {words} >"), room);
        brush.put(value.x, at.y, w, &text, style);
        return None;
    };
    if value_w < room {
        let (style, text) = beside;
        brush.put(at.x + LABEL + value_w, at.y, room - value_w, text, style);
    }
    cursor
}

fn text(brush: &mut Brush, form: &Form, at: Area, editor: Option<&Editor>) {
    let Some(entry) = form.entry(Name::Text) else { return };
    let rule = brush.look.theme.rule;
    brush.line(at.x, at.y, at.w, '─', rule);
    let label = brush.tone(if form.writes() { Tone::Key } else { Tone::Dim });
    let head = format!(" {}: {} ", entry.label, entry.hint);
    brush.put(at.x + 2, at.y, at.w.saturating_sub(2), &head, label);
    let place = Area { y: at.y + 1, h: at.h.saturating_sub(1), ..at };
    if form.writes() {
        let place = rect(place).intersection(brush.buf.area);
        if let Some(editor) = editor.filter(|_| place.height > 0) {
            editor.area().render(place, brush.buf);
        }
        return;
    }
    let style = brush.tone(Tone::Plain);
    let shown_line = |line: &str| wrap(&brush.plain(&shown(&Untrusted::new(line))), usize::from(at.w));
    let lines: Vec<String> = entry.value().split('\n').take(usize::from(place.h)).flat_map(shown_line).collect();
    for (y, line) in (place.y..place.y + place.h).zip(&lines) {
        brush.put(place.x, y, place.w, line, style);
    }
}

/// What is amiss, else what the texts at hand are.
fn foot_line(brush: &mut Brush, form: &Form, at: Area) {
    let (stop, dim) = (brush.tone(Tone::Stop), brush.tone(Tone::Dim));
    if let Some(complaint) = &form.complaint {
        brush.put(at.x, at.y, at.w, complaint, stop);
        return;
    }
    let here = form.here().filter(|entry| !entry.reasons.is_empty() && !form.preview);
    let Some(entry) = here.or_else(|| form.fields.iter().find(|entry| !entry.reasons.is_empty() && !form.preview))
    else {
        return;
    };
    let what = if entry.name == Name::Dataset { "datasets" } else { "usual texts" };
    let text = match (entry.reasons.len(), entry.picked) {
        (1, 0) => "ctrl-n puts the usual text here".into(),
        (count, 0) => format!("ctrl-n goes through {count} {what}"),
        (count, at) => format!("{at} of {count} {what}; change it as you like, ctrl-n goes on"),
    };
    brush.put(at.x + LABEL, at.y, at.w.saturating_sub(LABEL), &text, dim);
}

fn buttons(brush: &mut Brush, form: &Form, inside: Area) {
    let y = inside.y + inside.h - 1;
    let (plain, cursor) = (brush.tone(Tone::Plain), brush.look.theme.cursor);
    let named = |text: &str, focused: bool| if focused { format!("[ {text} ]") } else { format!("  {text}  ") };
    let no = if form.preview { "Back" } else { "No" };
    let (no, yes) = (named(no, form.focus == Focus::No), named(&form.yes(), form.focus == Focus::Yes));
    let x = inside.x + inside.w.saturating_sub(width(&no) + width(&yes) + 3);
    brush.put(x, y, width(&no), &no, if form.focus == Focus::No { cursor } else { plain });
    brush.put(x + width(&no) + 3, y, width(&yes), &yes, if form.focus == Focus::Yes { cursor } else { plain });
}

/// The editor of a note. The two notes never look alike: the stewards' own is a plain box, the one the requester reads
/// says so on both rules and shows what they see around it.
pub fn note(brush: &mut Brush, edit: &NoteEdit, all: Area, editor: Option<&Editor>) -> Cursor {
    let area = centred(all, all.w.saturating_sub(2).min(90), all.h.saturating_sub(2).min(22));
    let title = match edit.audience {
        Audience::Stewards => "Internal note".to_owned(),
        Audience::Requester => format!("NOTE TO {}: THEY READ IT", edit.login),
        Audience::Comment => "Comment among stewards".to_owned(),
    };
    let inside = brush.frame(area, &title);
    let (dim, stop, plain) = (brush.tone(Tone::Dim), brush.tone(Tone::Stop), brush.tone(Tone::Plain));
    let (tone, who) = match edit.audience {
        Audience::Stewards => (Tone::Warn, "Only stewards and auditors read this.".to_owned()),
        Audience::Requester => (Tone::Good, format!("{} reads this on the desk and in a mail.", edit.login)),
        Audience::Comment => {
            (Tone::Warn, "Only stewards and auditors read this; it is added, not replaced.".to_owned())
        }
    };
    let style = brush.tone(tone);
    brush.put(inside.x, inside.y, inside.w, &who, style);
    let about = format!("on {}", edit.name);
    brush.put(inside.x, inside.y + 1, inside.w, &about, dim);
    let seen = if edit.audience == Audience::Requester { seen_h(edit) } else { 0 };
    let at = Area { y: inside.y + 3, h: inside.h.saturating_sub(5 + seen), ..inside };
    let place = rect(at).intersection(brush.buf.area);
    if let Some(editor) = editor.filter(|_| place.height > 0) {
        editor.area().render(place, brush.buf);
    }
    if seen > 0 {
        let y = at.y + at.h;
        let rule = brush.look.theme.rule;
        brush.line(inside.x, y, inside.w, '─', rule);
        let title = brush.tone(Tone::Title);
        brush.put(inside.x + 2, y, inside.w - 2, &format!(" What {} sees ", edit.login), title);
        let room = usize::from(inside.w.saturating_sub(LABEL));
        for (y, fact) in (y + 1..).zip(&edit.seen) {
            brush.put(inside.x, y, LABEL, fact.label, dim);
            brush.put(inside.x + LABEL, y, inside.w.saturating_sub(LABEL), &fact.text, plain);
        }
        let y = y + 1 + u16::try_from(edit.seen.len()).unwrap_or(0);
        brush.put(inside.x, y, LABEL, "Note", dim);
        let first = edit.text.split('\n').find(|line| !line.trim().is_empty()).unwrap_or("none");
        let more = if edit.text.trim_end().contains('\n') { " …" } else { "" };
        let line = super::paint::cut(&brush.plain(&shown(&Untrusted::new(first))), room.saturating_sub(2), "…");
        brush.put(inside.x + LABEL, y, inside.w.saturating_sub(LABEL), &format!("{line}{more}"), plain);
    }
    let (style, text) = match (&edit.complaint, edit.sending) {
        (_, true) => (dim, "Saving ..."),
        (Some(complaint), false) => (stop, complaint.as_str()),
        (None, false) => (dim, "ctrl-s saves it; Esc keeps what you wrote as a draft"),
    };
    brush.put(inside.x, inside.y + inside.h - 1, inside.w, text, style);
    None
}

/// Lines of what the requester sees: a rule, the facts, the note.
fn seen_h(edit: &NoteEdit) -> u16 {
    2 + u16::try_from(edit.seen.len()).unwrap_or(0)
}
