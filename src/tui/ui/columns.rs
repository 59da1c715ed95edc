//! The list of columns to choose from. Called by `dialogs`.

use super::paint::Brush;
use super::paint::centred;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::words::Tone;

/// Draws the list; `at` is the chosen line.
pub fn draw(brush: &mut Brush, model: &Model, at: usize, all: Area) {
    let (columns, heads) = (model.all_columns(), model.tab().heads());
    let line = model.columns_line();
    let h = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_add(6);
    let w =
        u16::try_from(line.chars().count()).unwrap_or(u16::MAX).saturating_add(4).max(52).min(all.w.saturating_sub(2));
    let inside = brush.frame(centred(all, w, h), &format!("Columns of {}", model.area().title));
    let (key, plain, dim) = (brush.tone(Tone::Key), brush.tone(Tone::Plain), brush.tone(Tone::Dim));
    let room = usize::from(inside.h).saturating_sub(4);
    let top = (at + 1).saturating_sub(room);
    for (y, (n, (column, shown))) in (inside.y..).zip(columns.iter().enumerate().skip(top).take(room)) {
        brush.put(inside.x, y, 1, if n == at { ">" } else { " " }, key);
        let text = format!("{} {}", if *shown { "[x]" } else { "[ ]" }, heads[*column].title);
        brush.put(inside.x + 2, y, inside.w.saturating_sub(2), &text, if *shown { plain } else { dim });
    }
    let foot = inside.y + inside.h.saturating_sub(3);
    brush.put(inside.x, foot, inside.w, "To keep it, in config.toml:", dim);
    brush.put(inside.x, foot + 1, inside.w, "[desk.columns]", plain);
    brush.put(inside.x, foot + 2, inside.w, &line, plain);
}
