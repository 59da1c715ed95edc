//! The history page: everything that happened to the row under the cursor. Called by `dialogs`.

use super::paint::Brush;
use super::paint::centred;
use crate::text::{Untrusted, day_time, shown, wrap};
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::words::Tone;

/// Draws the page from an entry on, the newest first.
pub fn draw(brush: &mut Brush, model: &Model, top: usize, all: Area) {
    // What is said at the foot stays in sight.
    let all = Area { h: all.h.saturating_sub(1), ..all };
    let w = all.w.saturating_sub(2).min(110);
    let room = usize::from(w.saturating_sub(4));
    let name = model.here().list.current().map_or_else(String::new, |row| model.tab().name(row));
    let mut lines: Vec<(String, Tone)> = Vec::new();
    let count = match model.past() {
        None => {
            lines.push(("Reading what happened ...".to_owned(), Tone::Dim));
            String::new()
        }
        Some(past) => {
            for line in past.iter().rev().skip(top) {
                let at = day_time(line.at, model.now, model.zone);
                let who = shown(&Untrusted::new(line.who.as_str()));
                let said = if line.said.is_empty() { String::new() } else { format!(": {}", shown(&line.said)) };
                let text = format!("{at}  {who} {}{said}", shown(&line.did));
                let tone = if line.changed { Tone::Plain } else { Tone::Dim };
                for (n, part) in wrap(&brush.plain(&text), room.saturating_sub(2)).into_iter().enumerate() {
                    lines.push((if n == 0 { part } else { format!("  {part}") }, tone));
                }
            }
            format!(" {} to {} of {} ", (top + 1).min(past.len()), past.len(), past.len())
        }
    };
    let h = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).max(6);
    let inside = brush.frame(centred(all, w, h), &format!("History of {name}"));
    for (y, (text, tone)) in (inside.y..inside.y + inside.h).zip(&lines) {
        let style = brush.tone(*tone);
        brush.put(inside.x, y, inside.w, text, style);
    }
    if lines.len() > usize::from(inside.h) && inside.h > 0 {
        let dim = brush.tone(Tone::Dim);
        brush.put_right(inside.x, inside.y + inside.h, inside.w, &count, dim);
    }
}
