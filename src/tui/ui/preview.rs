//! The preview of the row under the cursor: what was read of which bytes, and the body with its numbers. Called by `screen`.

use ratatui::style::{Modifier, Style};

use super::paint::Brush;
use crate::inspect::{Body, HEX_WIDTH, Line, Page};
use crate::text::{shown_line, wrap};
use crate::tui::app::actions::Action;
use crate::tui::app::layout::{Area, Layout, preview_head};
use crate::tui::app::model::Model;
use crate::tui::app::preview::{LEFT_STEP, Preview, Spot};
use crate::tui::app::sheet::{Sheet, chopped};
use crate::tui::app::tab::Found;
use crate::tui::app::words::Tone;

/// The preview of the row under the cursor, or how to get one.
pub fn draw(brush: &mut Brush, model: &Model, places: &Layout) {
    let at = places.preview;
    let style = brush.look.theme.rule;
    if places.split.h > 0 {
        brush.line(places.split.x, places.split.y, places.split.w, '─', style);
    }
    if at.h == 0 {
        return;
    }
    if at.x > 0 {
        for y in at.y..at.y + at.h {
            brush.put(at.x - 1, y, 1, "│", style);
        }
    }
    if model.tab().has_side() {
        return side(brush, model, Area { x: at.x + 1, w: at.w.saturating_sub(2), ..at });
    }
    let dim = brush.tone(Tone::Dim);
    let Some(preview) = model.preview.as_ref().filter(|_| model.preview_here()) else {
        if model.here().list.current().is_some() && model.here().list.fold().is_none() {
            brush.put(at.x + 1, at.y, at.w - 1, "p looks inside; the opening is journalled.", dim);
        }
        return;
    };
    let Some(doc) = &preview.doc else {
        let (tone, text) = match &preview.failed {
            Some(why) => (Tone::Stop, format!("{why} p tries again.")),
            None => (Tone::Dim, "Opening ...".into()),
        };
        let style = brush.tone(tone);
        for (y, line) in (at.y..at.y + at.h).zip(wrap(&text, usize::from(at.w.saturating_sub(2)))) {
            brush.put(at.x + 1, y, at.w - 1, &line, style);
        }
        return;
    };
    let notes = model.preview_notes(at.w);
    for (y, (tone, text)) in (at.y..at.y + at.h).zip(&notes) {
        let style = brush.tone(*tone);
        brush.put(at.x + 1, y, at.w - 1, text, style);
    }
    let head = preview_head(model, at.w).min(at.h);
    let places = model.here().list.current().map(|row| model.tab().places(row)).unwrap_or_default();
    let numbered =
        Numbered { preview, places: &places, gutter: preview.gutter(at.h.saturating_sub(head)), wraps: model.wraps };
    body(brush, &numbered, doc, Area { x: at.x + 1, y: at.y + head, w: at.w.saturating_sub(2), h: at.h - head });
}

/// The pane of a tab that has its own: its lines, and how many more there are.
fn side(brush: &mut Brush, model: &Model, at: Area) {
    let Some(side) = model.here().side.as_ref().filter(|_| model.here().list.current().is_some()) else { return };
    for (y, line) in (at.y..at.y + at.h).zip(side.lines.iter().skip(model.here().side_top)) {
        let mut x = at.x;
        for span in line {
            let style = brush.tone(span.tone);
            x += brush.put(x, y, (at.x + at.w).saturating_sub(x), &span.text, style);
        }
    }
    let more = side.lines.len().saturating_sub(model.here().side_top + usize::from(at.h));
    if more > 0 && at.h > 1 {
        let (dim, down) = (brush.tone(Tone::Dim), model.keymap.key(Action::PreviewDown));
        let text = format!(" {more} more lines, {down} goes on ");
        brush.put_right(at.x, at.y + at.h - 1, at.w, &text, dim);
    }
}

/// A preview with the numbers of its lines and the places findings name.
struct Numbered<'a> {
    preview: &'a Preview,
    places: &'a [Found],
    gutter: u16,
    wraps: bool,
}

impl Numbered<'_> {
    /// Draws the number of a body line, with `!` where a finding names it and `>` where was gone to; returns the cells
    /// used.
    fn gutter(&self, brush: &mut Brush, x: u16, y: u16, at: usize) -> u16 {
        if self.gutter == 0 {
            return 0;
        }
        let number = self.preview.number(at);
        let named = number.is_some_and(|number| self.places.iter().any(|place| place.number == number));
        let here = self.preview.hit == Some(at);
        let (mark, tone) = match (here, named) {
            (true, _) => (">", Tone::Key),
            (false, true) => ("!", Tone::Warn),
            (false, false) => (" ", Tone::Dim),
        };
        let (style, dim) = (brush.tone(tone), brush.tone(if named { Tone::Warn } else { Tone::Dim }));
        brush.put(x, y, 1, mark, style);
        // A piece of a long line has no number of its own.
        let text = number.map_or_else(|| "+".to_owned(), |number| number.to_string());
        brush.put_right(x + 1, y, self.gutter - 2, &text, dim);
        self.gutter
    }

    /// The look of a body line or cell: what is looked for stands out, and most of all where was gone to.
    fn style(&self, brush: &Brush, text: &str, spot: Spot) -> Style {
        let preview = self.preview;
        let found = preview.find.as_ref().is_some_and(|find| text.to_lowercase().contains(find));
        let here = preview.cell == Some(spot.column) && preview.hit == spot.row;
        match (found, here) {
            (true, true) => brush.look.theme.cursor.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            (true, false) => brush.look.theme.cursor,
            (false, true) if spot.row.is_some() => brush.look.theme.cursor,
            (false, _) => brush.tone(if spot.row.is_some() { Tone::Plain } else { Tone::Title }),
        }
    }
}

fn body(brush: &mut Brush, numbered: &Numbered, doc: &Page, at: Area) {
    let (preview, style) = (numbered.preview, brush.tone(Tone::Plain));
    match &doc.body {
        Body::Nothing { reason } => {
            for (y, line) in (at.y..at.y + at.h).zip(wrap(reason, usize::from(at.w))) {
                brush.put(at.x, y, at.w, &line, style);
            }
        }
        Body::Lines { lines, .. } if numbered.wraps => wrapped(brush, numbered, lines, at),
        Body::Lines { lines, .. } => {
            let skip = preview.left * LEFT_STEP;
            for (y, (n, line)) in (at.y..at.y + at.h).zip(lines.iter().enumerate().skip(preview.top)) {
                let x = numbered.gutter(brush, at.x, y, n);
                let line = shown_line(&line.text);
                let style = numbered.style(brush, &line, Spot::line(n));
                let text: String = line.chars().skip(skip).collect();
                brush.put(at.x + x, y, at.w.saturating_sub(x), &text, style);
            }
        }
        Body::Hex { offset, bytes } => hex(brush, preview, *offset, bytes, at),
        Body::Table { .. } => table(brush, numbered, doc.body.headings(), at),
    }
}

/// Lines of a text, each in as many of the screen as it takes; numbers stand beside the first.
fn wrapped(brush: &mut Brush, numbered: &Numbered, lines: &[Line], at: Area) {
    let mut y = at.y;
    for (n, line) in lines.iter().enumerate().skip(numbered.preview.top) {
        if y >= at.y + at.h {
            return;
        }
        let x = numbered.gutter(brush, at.x, y, n);
        let text = brush.plain(&shown_line(&line.text));
        let style = numbered.style(brush, &text, Spot::line(n));
        for part in chopped(&text, at.w.saturating_sub(x)) {
            if y < at.y + at.h {
                brush.put(at.x + x, y, at.w.saturating_sub(x), &part, style);
            }
            y += 1;
        }
    }
}

fn hex(brush: &mut Brush, preview: &Preview, offset: u64, bytes: &[u8], at: Area) {
    let (style, dim) = (brush.tone(Tone::Plain), brush.tone(Tone::Dim));
    // Where the ASCII column does not fit, half as many bytes a line would be another address: the column goes instead.
    for (y, (n, chunk)) in (at.y..at.y + at.h).zip(bytes.chunks(HEX_WIDTH).enumerate().skip(preview.top)) {
        let address = offset + (n * HEX_WIDTH) as u64;
        let used = brush.put(at.x, y, at.w, &format!("{address:08x}  "), dim);
        let codes: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String =
            chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }).collect();
        brush.put(at.x + used, y, at.w.saturating_sub(used), &format!("{:<48} {letters}", codes.join(" ")), style);
    }
}

/// The columns of a table, with how many lines are theirs above the rows: names, and what they hold where that is known.
fn table(brush: &mut Brush, numbered: &Numbered, above: u16, at: Area) {
    let preview = numbered.preview;
    let gutter = preview.gutter(at.h);
    let Some(sheet) = Sheet::of(preview, at.w.saturating_sub(gutter), at.h, brush.look.ascii) else { return };
    let rows = sheet.columns.first().map_or(0, |column| column.cells.len());
    for (n, y) in (at.y..).take(rows).enumerate() {
        numbered.gutter(brush, at.x, y, preview.top + n);
    }
    let dim = brush.tone(Tone::Dim);
    for (n, column) in sheet.columns.iter().enumerate() {
        let x = at.x + gutter + column.x;
        let place = |brush: &mut Brush, y: u16, text: &str, style| {
            if column.right {
                brush.put_right(x, y, column.w, text, style);
            } else {
                brush.put(x, y, column.w, text, style);
            }
        };
        if preview.left > 0 && n == 1 {
            let rule = brush.look.theme.rule;
            for y in at.y - above..at.y + u16::try_from(rows).unwrap_or(0) {
                brush.put(x - 1, y, 1, "│", rule);
            }
        }
        place(brush, at.y - 1, &column.facts, dim);
        let style = numbered.style(brush, &column.name, Spot { row: None, column: column.column });
        place(brush, at.y - above, &column.name, style);
        for (y, (row, text)) in (at.y..).zip((preview.top..).zip(&column.cells)) {
            let style = numbered.style(brush, text, Spot { row: Some(row), column: column.column });
            place(brush, y, text, style);
        }
    }
}
