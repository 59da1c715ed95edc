//! The lower half: the rule line with the row's name, and its detail; its preview is in `preview`.

use super::filter::n_of_m;
use super::paint::width;
use super::paint::{Brush, cut};
use crate::tui::app::actions::Action;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::pane::LABEL;
use crate::tui::app::state::Page;
use crate::tui::app::words::Tone;

/// The rule line: name, hash, version, what was seen.
pub fn rule(brush: &mut Brush, model: &Model, at: Area) {
    if at.h == 0 {
        return;
    }
    let style = brush.look.theme.rule;
    brush.line(at.x, at.y, at.w, '─', style);
    // Where the filter line is not on the screen, its `n of m` is here.
    let count = if model.here().page == Page::Table { String::new() } else { format!(" {} ", n_of_m(model)) };
    brush.put_right(at.x, at.y, at.w.saturating_sub(1), &count, style);
    let at = Area { w: at.w.saturating_sub(width(&count) + 1), ..at };
    let Some(row) = model.here().list.current() else { return };
    let (name, mut caption) = match (model.tab().group(), model.here().list.fold()) {
        (Some(thing), Some(rows)) => (model.tab().group_title(rows), format!("the whole {thing}")),
        _ => (model.tab().name(row), model.tab().caption(row)),
    };
    let open = model.preview.as_ref().filter(|_| model.preview_here());
    if let Some(seen) = open.and_then(|preview| model.seen_words(preview.id)).filter(|_| model.wide()) {
        caption = format!("{caption} · {seen}");
    }
    let room = usize::from(at.w).saturating_sub(usize::from(width(&caption)) + 10);
    let name = cut(&brush.plain(&name), room, "…");
    let title = brush.over(Tone::Title);
    let x = 3 + brush.put(at.x + 3, at.y, at.w - 3, &format!(" {name} "), title);
    brush.put(at.x + x + 2, at.y, at.w.saturating_sub(x + 2), &format!(" {caption} "), style);
}

/// The detail of the row under the cursor.
pub fn detail(brush: &mut Brush, model: &Model, at: Area) {
    if at.h == 0 || model.here().list.current().is_none() {
        return;
    }
    let lines = model.detail_lines(at.w);
    let top = model.here().detail_top.min(lines.len().saturating_sub(1));
    let shown = lines.len() - top > usize::from(at.h);
    let h = if shown { at.h - 1 } else { at.h };
    for (y, (label, text, tone)) in (at.y..at.y + h).zip(&lines[top..]) {
        let (dim, style) = (brush.tone(Tone::Dim), brush.tone(*tone));
        brush.put(at.x + 2, y, LABEL, label, dim);
        brush.put(at.x + 2 + LABEL, y, at.w - LABEL - 2, text, style);
    }
    if shown {
        let more = lines.len() - top - usize::from(h);
        let how = if model.here().page == Page::Detail {
            format!("{} goes on", model.keymap.key(Action::HalfDown))
        } else {
            format!("{} shows all", model.keymap.key(Action::Open))
        };
        let dim = brush.tone(Tone::Dim);
        brush.put(at.x + 2 + LABEL, at.y + h, at.w - LABEL, &format!("… {more} more lines; {how}"), dim);
    }
}
