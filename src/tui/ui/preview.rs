//! The preview of the row under the cursor: what was read of which bytes, and the body with its numbers. Called by `screen`.

use ratatui::style::Style;

use super::paint::Brush;
use super::paint::width;
use crate::inspect::{Body, Column, HEX_WIDTH, Page};
use crate::text::{Untrusted, shown, wrap};
use crate::tui::app::actions::Action;
use crate::tui::app::layout::{Area, Layout, preview_head};
use crate::tui::app::model::Model;
use crate::tui::app::preview::{LEFT_STEP, Preview};
use crate::tui::app::words::Tone;

/// Widest column of a previewed table.
const WIDEST: usize = 28;

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
    let numbered = Numbered { preview, places: &places, digits: digits(preview, at.h) };
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
    places: &'a [(u64, String)],
    digits: u16,
}

/// Cells the largest number on the screen takes; none where lines have no numbers.
fn digits(preview: &Preview, height: u16) -> u16 {
    let shown = preview.top..(preview.top + usize::from(height)).min(preview.lines());
    shown.rev().find_map(|at| preview.number(at)).map_or(0, |last| width(&last.to_string()))
}

impl Numbered<'_> {
    /// Draws the number of a body line, with `!` where a finding names it and `>` where was gone to; returns the cells
    /// used.
    fn gutter(&self, brush: &mut Brush, x: u16, y: u16, at: usize) -> u16 {
        if self.digits == 0 {
            return 0;
        }
        let number = self.preview.number(at);
        let named = number.is_some_and(|number| self.places.iter().any(|(place, _)| *place == number));
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
        brush.put_right(x + 1, y, self.digits, &text, dim);
        self.digits + 2
    }

    /// The look of a body line or cell: what is looked for stands out.
    fn style(&self, brush: &Brush, text: &str) -> Style {
        let found = self.preview.find.as_ref().is_some_and(|find| text.to_lowercase().contains(find));
        if found { brush.look.theme.cursor } else { brush.tone(Tone::Plain) }
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
        Body::Lines { lines, .. } => {
            let skip = preview.left * LEFT_STEP;
            for (y, (n, line)) in (at.y..at.y + at.h).zip(lines.iter().enumerate().skip(preview.top)) {
                let x = numbered.gutter(brush, at.x, y, n);
                let line = shown(&line.text);
                let style = numbered.style(brush, &line);
                let text: String = line.chars().skip(skip).collect();
                brush.put(at.x + x, y, at.w.saturating_sub(x), &text, style);
            }
        }
        Body::Hex { offset, bytes } => hex(brush, preview, *offset, bytes, at),
        Body::Table { columns, rows, .. } => table(brush, numbered, (columns, doc.body.headings()), rows, at),
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

/// `columns` with how many lines are theirs above the rows: names, and what they hold where that is known.
fn table(
    brush: &mut Brush,
    numbered: &Numbered,
    (columns, above): (&[Column], u16),
    rows: &[Vec<Untrusted>],
    at: Area,
) {
    let preview = numbered.preview;
    let shown_rows: Vec<Vec<String>> = rows
        .iter()
        .skip(preview.top)
        .take(usize::from(at.h))
        .map(|row| row.iter().map(|cell| brush.plain(&shown(cell))).collect())
        .collect();
    let names: Vec<String> = columns.iter().map(|column| brush.plain(&shown(&column.name))).collect();
    let held = |column: &Column| if above > 1 { column.facts.to_string() } else { String::new() };
    let facts: Vec<String> = columns.iter().map(held).collect();
    let columns = shown_rows.iter().map(Vec::len).chain([names.len()]).max().unwrap_or(0);
    let number = |text: &str| !text.is_empty() && text.parse::<f64>().is_ok();
    let mut x = at.x;
    for (n, y) in (at.y..).take(shown_rows.len()).enumerate() {
        x = at.x + numbered.gutter(brush, at.x, y, preview.top + n);
    }
    // The first column says what a row is about: it stays where one goes to the right.
    let first = x;
    let stays = (preview.left > 0).then_some(0);
    for column in stays.into_iter().chain(preview.left + usize::from(preview.left > 0)..columns) {
        let cells = || shown_rows.iter().filter_map(|row| row.get(column));
        let [name, facts] = [&names, &facts].map(|all| all.get(column).map_or("", String::as_str));
        let widest =
            cells().map(String::as_str).chain([name, facts]).map(|text| usize::from(width(text))).max().unwrap_or(0);
        let most = if column == 0 && preview.left > 0 { WIDEST.min(usize::from(at.w / 3)) } else { WIDEST };
        let w = u16::try_from(widest.clamp(1, most.max(1))).unwrap_or(1);
        if x + 2 > at.x + at.w {
            break;
        }
        let room = w.min(at.x + at.w - x);
        let right = cells().any(|text| number(text)) && cells().all(|text| text.is_empty() || number(text));
        let place = |brush: &mut Brush, y: u16, text: &str, style| {
            if right { brush.put_right(x, y, room, text, style) } else { _ = brush.put(x, y, room, text, style) }
        };
        if preview.left > 0 && x > first && column == preview.left + 1 {
            let rule = brush.look.theme.rule;
            for y in at.y - above..at.y + u16::try_from(shown_rows.len()).unwrap_or(0) {
                brush.put(x - 1, y, 1, "│", rule);
            }
        }
        let (title, dim) = (brush.tone(Tone::Title), brush.tone(Tone::Dim));
        place(brush, at.y - 1, facts, dim);
        place(brush, at.y - above, name, title);
        for (y, row) in (at.y..).zip(&shown_rows) {
            let text = row.get(column).map_or("", String::as_str);
            let style = numbered.style(brush, text);
            place(brush, y, text, style);
        }
        x += w + 2;
    }
}
