//! The editor of a comment or note: who reads it stands first, so that texts for different readers never look alike; where
//! it matters, what they see around it stands below. Called by `dialogs`.

use super::dialog::{LABEL, edited};
use super::editor::Editor;
use super::paint::{Brush, cut};
use super::paint::{Cursor, centred};
use crate::text::{Untrusted, shown, wrap};
use crate::tui::app::layout::Area;
use crate::tui::app::state::writing::Writing;
use crate::tui::app::words::{Fact, Tone};

/// The editor with all around it.
pub fn draw(brush: &mut Brush, writing: &Writing, all: Area, editor: Option<&Editor>) -> Cursor {
    let area = centred(all, all.w.saturating_sub(2).min(90), all.h.saturating_sub(2).min(22));
    let inside = brush.frame(area, &writing.title);
    let (dim, stop) = (brush.tone(Tone::Dim), brush.tone(Tone::Stop));
    if let Some((tone, reader)) = writing.readers.get(writing.reader) {
        let style = brush.tone(*tone);
        brush.put(inside.x, inside.y, inside.w, reader, style);
    }
    brush.put(inside.x, inside.y + 1, inside.w, &format!("on {}", writing.name), dim);
    let (style, text) = match (&writing.complaint, writing.sending) {
        (_, true) => (dim, "Sending ..."),
        (Some(complaint), false) => (stop, complaint.as_str()),
        (None, false) => (dim, "ctrl-s sends it; Esc keeps what you wrote as a draft"),
    };
    let foot = wrap(&brush.plain(text), usize::from(inside.w));
    let foot_h = u16::try_from(foot.len()).unwrap_or(1).min(3);
    for (y, line) in (inside.y + inside.h - foot_h..).zip(foot.iter().take(3)) {
        brush.put(inside.x, y, inside.w, line, style);
    }
    // A rule, the facts, the text itself.
    let seen_h = writing.seen.as_ref().map_or(0, |(_, facts)| 2 + u16::try_from(facts.len()).unwrap_or(0));
    let at = Area { y: inside.y + 3, h: inside.h.saturating_sub(4 + foot_h + seen_h), ..inside };
    edited(brush, at, editor);
    if let Some((title, facts)) = &writing.seen {
        seen(brush, title, facts, &writing.text, Area { y: at.y + at.h, h: seen_h, ..inside });
    }
    None
}

/// What its reader sees: the facts, and the text's first line among them.
fn seen(brush: &mut Brush, title: &str, facts: &[Fact], text: &str, at: Area) {
    let (dim, plain, style) = (brush.tone(Tone::Dim), brush.tone(Tone::Plain), brush.tone(Tone::Title));
    let rule = brush.look.theme.rule;
    brush.line(at.x, at.y, at.w, '─', rule);
    brush.put(at.x + 2, at.y, at.w.saturating_sub(2), &format!(" {title} "), style);
    let room = at.w.saturating_sub(LABEL);
    for (y, fact) in (at.y + 1..).zip(facts) {
        brush.put(at.x, y, LABEL, fact.label, dim);
        brush.put(at.x + LABEL, y, room, &fact.text, plain);
    }
    let y = at.y + at.h - 1;
    brush.put(at.x, y, LABEL, "Note", dim);
    let first = text.split('\n').find(|line| !line.trim().is_empty()).unwrap_or("none");
    let more = if text.trim_end().contains('\n') { " …" } else { "" };
    let line = cut(&brush.plain(&shown(&Untrusted::new(first))), usize::from(room).saturating_sub(2), "…");
    brush.put(at.x + LABEL, y, room, &format!("{line}{more}"), plain);
}
