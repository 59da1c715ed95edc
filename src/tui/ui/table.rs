//! The table: headings, rows, the groups rows were asked for in.

use super::filter;
use super::paint::Brush;
use crate::tui::app::layout::{Area, Layout};
use crate::tui::app::lines::Line;
use crate::tui::app::model::Model;
use crate::tui::app::row::Row;
use crate::tui::app::tab::{Head, Width};
use crate::tui::app::words::{Cell, Tone};

/// Cells left of the first column: the cursor, the mark, whether it is late.
const GUTTER: u16 = 4;

/// The width of each column; nothing for those that are not shown.
fn widths(model: &Model, columns: &[Head], screen: u16) -> Vec<u16> {
    let chosen = model.chosen_columns();
    let is_shown = |n| chosen.map_or_else(|| shows(model, columns, n, screen), |chosen| chosen.contains(&n));
    let mut shown: Vec<bool> = (0..columns.len()).map(is_shown).collect();
    let cells = |column: &Head, share: u16| match column.width {
        Width::Cells(cells) => cells,
        Width::Grows(least, most) => (least + share).min(most),
        Width::Rest(_) => 0,
    };
    let gives_way = |column: &Head| !matches!(column.width, Width::Rest(_));
    let rest = |shown: &[bool], share: u16| {
        let others = columns.iter().zip(shown).filter(|(column, shown)| **shown && gives_way(column));
        screen.saturating_sub(GUTTER + others.map(|(column, _)| cells(column, share) + 1).sum::<u16>())
    };
    let wish = |column: &Head| if let Width::Rest(least) = column.width { least.min(screen * 3 / 8) } else { 0 };
    let wish = columns.iter().map(wish).max().unwrap_or(0);
    // What a row is called is always there: on a narrow screen others give way to it, the last ones first; before what
    // matters on small screens too goes what few rows have, and before that the others. Chosen columns all count alike.
    let order = model.all_columns().into_iter().map(|(n, _)| n).skip(1);
    let mut order: Vec<usize> = order.filter(|n| gives_way(&columns[*n])).collect();
    order.reverse();
    if chosen.is_none() {
        order.sort_by_key(|n| (columns[*n].narrow, !columns[*n].sparse));
    }
    for n in order {
        shown[n] = shown[n] && rest(&shown, 0) >= wish;
    }
    // Of what is left over, two thirds are for the columns that grow, until they have enough.
    let grows = |(column, shown): &(&Head, &bool)| **shown && matches!(column.width, Width::Grows(..));
    let growing = u16::try_from(columns.iter().zip(&shown).filter(grows).count()).unwrap_or(1).max(1);
    let share = rest(&shown, 0).saturating_sub(wish) * 2 / 3 / growing;
    let each = |(column, is_shown): (&Head, &bool)| match column.width {
        _ if !is_shown => 0,
        Width::Rest(_) => rest(&shown, share),
        _ => cells(column, share),
    };
    columns.iter().zip(&shown).map(each).collect()
}

fn shows(model: &Model, columns: &[Head], n: usize, screen: u16) -> bool {
    let column = &columns[n];
    let wide = screen >= 100 || column.narrow;
    let filled = || model.here().list.rows().iter().any(|row| !model.tab().cell(row, n, model.local()).text.is_empty());
    wide && (!column.sparse || filled())
}

/// Draws headings and rows, or why there are none.
pub fn table(brush: &mut Brush, model: &Model, at: &Layout) {
    let (tab, heads) = (model.tab(), model.tab().heads());
    let widths = widths(model, &heads, at.table.w);
    let dim = brush.tone(Tone::Dim);
    let mut x = at.head.x + GUTTER - 1;
    for (n, _) in model.all_columns() {
        let (column, w) = (&heads[n], widths[n]);
        if w > 0 {
            if column.right {
                brush.put_right(x, at.head.y, w, column.title, dim);
            } else {
                brush.put(x, at.head.y, w, column.title, dim);
            }
            x += w + 1;
        }
    }
    let rows = model.here().list.rows();
    if rows.is_empty() {
        return filter::empty(brush, model, at.table);
    }
    let lines = model.here().list.lines();
    let cursor = model.here().list.line();
    for (n, line) in lines.iter().enumerate().skip(model.here().list.top).take(usize::from(at.table.h)) {
        let place = Area { y: at.table.y + u16::try_from(n - model.here().list.top).unwrap_or(0), h: 1, ..at.table };
        match line {
            Line::Row(at) => {
                gutter(brush, model, place, &rows[*at..=*at], n == cursor);
                cells(brush, model, &rows[*at], (&heads, &widths), place);
            }
            Line::Head(all) => group(brush, model, &rows[all.clone()], "[-]", place),
            Line::Fold(all) => {
                gutter(brush, model, place, &rows[all.clone()], n == cursor);
                // How long the first of them waits stands where it does for a row.
                let (first, w) = (heads[0], widths[0]);
                let waits = tab.cell(&rows[all.start], 0, model.local());
                draw_cell(brush, &waits, first, place.x + GUTTER - 1, place.y, w);
                let rest = Area { x: place.x + w + 1, w: place.w.saturating_sub(w + 1), ..place };
                group(brush, model, &rows[all.clone()], "[+]", rest);
            }
        }
        if n == cursor {
            let style = brush.look.theme.cursor;
            brush.wash(place, style);
        }
    }
}

/// The cursor, a mark, and a sign for what waits longer than promised.
fn gutter(brush: &mut Brush, model: &Model, at: Area, rows: &[Row], here: bool) {
    let (key, stop) = (brush.tone(Tone::Key), brush.tone(Tone::Stop));
    let marked = rows.iter().any(|row| model.here().list.marks.contains(&row.id));
    brush.put(at.x, at.y, 1, if here { ">" } else { " " }, key);
    brush.put(at.x + 1, at.y, 1, if marked { "*" } else { " " }, key);
    if rows.iter().any(|row| model.late(row).is_some()) {
        brush.put(at.x + 2, at.y, 1, "!", stop);
    }
}

fn cells(brush: &mut Brush, model: &Model, row: &Row, (heads, widths): (&[Head], &[u16]), at: Area) {
    let tab = model.tab();
    let mut x = at.x + GUTTER - 1;
    for (n, w) in model.all_columns().into_iter().map(|(n, _)| (n, widths[n])).filter(|(_, w)| *w > 0) {
        let cell = tab.cell(row, n, model.local());
        draw_cell(brush, &cell, heads[n], x, at.y, w);
        x += w + 1;
    }
}

/// The line of a group, unfolded or folded.
fn group(brush: &mut Brush, model: &Model, rows: &[Row], sign: &str, at: Area) {
    let marked = rows.iter().filter(|row| model.here().list.marks.contains(&row.id)).count();
    let marked = if marked == 0 { String::new() } else { format!(" ({marked} of them marked)") };
    let text = format!("{sign} {}", model.tab().group_title(rows));
    let style = brush.tone(Tone::Dim);
    let room = at.w.saturating_sub(GUTTER);
    let used = brush.put(at.x + GUTTER - 1, at.y, room.saturating_sub(super::paint::width(&marked)), &text, style);
    let key = brush.tone(Tone::Key);
    brush.put(at.x + GUTTER - 1 + used, at.y, room.saturating_sub(used), &marked, key);
}

fn draw_cell(brush: &mut Brush, cell: &Cell, column: Head, x: u16, y: u16, w: u16) {
    let style = brush.tone(cell.tone);
    if column.right {
        brush.put_right(x, y, w, &cell.text, style);
    } else if matches!(column.width, Width::Rest(_)) {
        let text = brush.middle(&cell.text, w);
        brush.put(x, y, w, &text, style);
    } else {
        brush.put(x, y, w, &cell.text, style);
    }
}
