//! The lower half: the rule line with the row's name, and its detail; its preview is in `preview`.

use super::filter::n_of_m;
use super::paint::{Brush, cut, wrap};
use super::screen::width;
use super::table::late;
use crate::text::{day_time, waited};
use crate::tui::app::layers::Page;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::preview::Preview;
use crate::tui::app::row::Row;
use crate::tui::app::tab::{Fact, Tone};

/// Cells of the label column.
const LABEL: u16 = 10;

/// The rule line: name, hash, version, what was seen.
pub fn rule(brush: &mut Brush, model: &Model, at: Area) {
    if at.h == 0 {
        return;
    }
    let style = brush.look.theme.rule;
    brush.line(at.x, at.y, at.w, '─', style);
    // Where the filter line is not on the screen, its `n of m` is here.
    let count = if model.page == Page::Table { String::new() } else { format!(" {} ", n_of_m(model)) };
    brush.put_right(at.x, at.y, at.w.saturating_sub(1), &count, style);
    let at = Area { w: at.w.saturating_sub(width(&count) + 1), ..at };
    let Some(row) = model.list.current() else { return };
    let (name, mut caption) = match (model.tab().group, model.list.fold()) {
        (Some(together), Some(rows)) => ((together.title)(rows), format!("the whole {}", together.thing)),
        _ => ((model.tab().name)(row), (model.tab().caption)(row)),
    };
    if let Some(seen) =
        model.preview.as_ref().filter(|_| model.preview_here() && model.wide()).and_then(Preview::coverage)
    {
        caption = format!("{caption} · you have {seen}");
    }
    let room = usize::from(at.w).saturating_sub(usize::from(width(&caption)) + 10);
    let name = cut(&brush.plain(&name), room, "…");
    let title = brush.tone(Tone::Title);
    let x = 3 + brush.put(at.x + 3, at.y, at.w - 3, &format!(" {name} "), title);
    brush.put(at.x + x + 2, at.y, at.w.saturating_sub(x + 2), &format!(" {caption} "), style);
}

/// The detail of the row under the cursor.
pub fn detail(brush: &mut Brush, model: &Model, at: Area) {
    if at.h == 0 {
        return;
    }
    let Some(row) = model.list.current() else { return };
    let lines = said(model, row);
    let lines = laid_out(brush, &lines, at.w.saturating_sub(LABEL + 3));
    let top = model.detail_top.min(lines.len().saturating_sub(1));
    let shown = lines.len() - top > usize::from(at.h);
    let h = if shown { at.h - 1 } else { at.h };
    for (y, (label, text, tone)) in (at.y..at.y + h).zip(&lines[top..]) {
        let (dim, style) = (brush.tone(Tone::Dim), brush.tone(*tone));
        brush.put(at.x + 2, y, LABEL, label, dim);
        brush.put(at.x + 2 + LABEL, y, at.w - LABEL - 2, text, style);
    }
    if shown {
        let more = lines.len() - top - usize::from(h);
        let how = if model.page == Page::Detail { "ctrl-d goes on" } else { "Enter shows all" };
        let dim = brush.tone(Tone::Dim);
        brush.put(at.x + 2 + LABEL, at.y + h, at.w - LABEL, &format!("… {more} more lines; {how}"), dim);
    }
}

/// What is said of the row under the cursor, or of the whole group where that is folded.
fn said(model: &Model, row: &Row) -> Vec<Fact> {
    if let (Some(together), Some(rows)) = (model.tab().group, model.list.fold()) {
        return (together.look)(rows, model.local());
    }
    let facts = model.facts.as_ref().filter(|(id, _)| *id == row.id).map(|(_, facts)| facts);
    let mut lines = (model.tab().detail)(row, facts, model.local());
    if let Some(due) = (model.tab().due)(row, model.promised) {
        let by = day_time(due, model.now, model.zone);
        let (text, tone) = match late(model, row) {
            Some(late) => (format!("by {by}: late by {}", waited(late)), Tone::Stop),
            None => (format!("by {by}: {} left", waited(due - model.now)), Tone::Plain),
        };
        lines.insert(lines.len().min(2), Fact::new("Promised", text).tone(tone));
    }
    lines
}

/// Facts as lines of a width, each with its label on its first line.
pub fn laid_out(brush: &Brush, facts: &[Fact], width: u16) -> Vec<(&'static str, String, Tone)> {
    let mut lines = Vec::new();
    for fact in facts {
        for (n, line) in wrap(&brush.plain(&fact.text), usize::from(width)).into_iter().enumerate() {
            lines.push((if n == 0 { fact.label } else { "" }, line, fact.tone));
        }
    }
    lines
}
