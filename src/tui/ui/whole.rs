//! One cell, line or row shown whole. Called by `dialogs`.

use super::paint::Brush;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::whole::Whole;
use crate::tui::app::words::Tone;

/// Draws as much of it as fits, and how much that is.
pub fn draw(brush: &mut Brush, model: &Model, whole: &Whole, all: Area) {
    let (title, lines) = model.whole_lines(whole);
    let inside = brush.frame(Area { x: all.x + 1, w: all.w.saturating_sub(2), ..all }, &title);
    let style = brush.tone(Tone::Plain);
    for (y, line) in (inside.y..inside.y + inside.h).zip(lines.iter().skip(whole.top)) {
        brush.put(inside.x, y, inside.w, line, style);
    }
    let last = (whole.top + usize::from(inside.h)).min(lines.len());
    if lines.len() > usize::from(inside.h) {
        let dim = brush.tone(Tone::Dim);
        let text = format!(" {} to {last} of {} lines ", whole.top + 1, lines.len());
        brush.put_right(inside.x, inside.y + inside.h, inside.w, &text, dim);
    }
}
