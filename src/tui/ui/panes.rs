//! The lower half: the rule line with the row's name, its detail, its preview.

use super::filter::n_of_m;
use super::paint::{Brush, cut, wrap};
use super::screen::width;
use crate::text::{Untrusted, shown};
use crate::tui::app::layers::Page;
use crate::tui::app::layout::{Area, Layout, preview_head};
use crate::tui::app::model::Model;
use crate::tui::app::preview::{Body, HEX_WIDTH, LEFT_STEP, Part, Preview};
use crate::tui::app::tab::{Fact, Tone};

/// Cells of the label column.
const LABEL: u16 = 10;
/// Widest column of a previewed table.
const WIDEST: usize = 28;

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
    let caption = (model.tab().caption)(row);
    let room = usize::from(at.w).saturating_sub(usize::from(width(&caption)) + 10);
    let name = cut(&brush.plain(&(model.tab().name)(row)), room, "…");
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
    let facts = model.facts.as_ref().filter(|(id, _)| *id == row.id).map(|(_, facts)| facts);
    let lines = (model.tab().detail)(row, facts, model.local());
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

/// The preview of the row under the cursor, or how to get one.
pub fn preview(brush: &mut Brush, model: &Model, places: &Layout) {
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
    let dim = brush.tone(Tone::Dim);
    let Some(preview) = model.preview.as_ref().filter(|_| model.preview_here()) else {
        if model.list.current().is_some() {
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
    captions(brush, preview, doc, at);
    let head = preview_head(model).min(at.h);
    body(brush, preview, doc, Area { x: at.x + 1, y: at.y + head, w: at.w.saturating_sub(2), h: at.h - head });
}

/// What was read of how much and which bytes; then what the file is.
fn captions(brush: &mut Brush, preview: &Preview, doc: &Part, at: Area) {
    let (dim, warn) = (brush.tone(Tone::Dim), brush.tone(Tone::Stop));
    let seen = preview.coverage().map_or_else(String::new, |text| format!("{text} · "));
    let hash = cut(&doc.sha256, 16, "…");
    let read = format!("{seen}read {} of {} bytes · sha256 {hash}", doc.read, doc.of);
    brush.put(at.x + 1, at.y, at.w - 1, &read, dim);
    let facts: Vec<String> = doc.facts.iter().map(shown).collect();
    let (style, text) = match (&preview.failed, preview.loading) {
        (Some(why), _) => (warn, why.clone()),
        (None, true) => (dim, format!("{} · reading on ...", facts.join(" · "))),
        (None, false) => (dim, facts.join(" · ")),
    };
    if at.h > 1 {
        brush.put(at.x + 1, at.y + 1, at.w - 1, &text, style);
    }
}

fn body(brush: &mut Brush, preview: &Preview, doc: &Part, at: Area) {
    let style = brush.tone(Tone::Plain);
    match &doc.body {
        Body::Nothing(why) => {
            for (y, line) in (at.y..at.y + at.h).zip(wrap(&shown(why), usize::from(at.w))) {
                brush.put(at.x, y, at.w, &line, style);
            }
        }
        Body::Lines(lines) => {
            let skip = preview.left * LEFT_STEP;
            for (y, line) in (at.y..at.y + at.h).zip(lines.iter().skip(preview.top)) {
                let text: String = shown(line).chars().skip(skip).collect();
                brush.put(at.x, y, at.w, &text, style);
            }
        }
        Body::Hex { offset, bytes } => hex(brush, preview, *offset, bytes, at),
        Body::Table { header, rows } => table(brush, preview, header, rows, at),
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

fn table(brush: &mut Brush, preview: &Preview, header: &[Untrusted], rows: &[Vec<Untrusted>], at: Area) {
    let shown_rows: Vec<Vec<String>> = rows
        .iter()
        .skip(preview.top)
        .take(usize::from(at.h))
        .map(|row| row.iter().map(|cell| brush.plain(&shown(cell))).collect())
        .collect();
    let names: Vec<String> = header.iter().map(|cell| brush.plain(&shown(cell))).collect();
    let columns = shown_rows.iter().map(Vec::len).chain([names.len()]).max().unwrap_or(0);
    let number = |text: &str| !text.is_empty() && text.parse::<f64>().is_ok();
    let mut x = at.x;
    for column in preview.left..columns {
        let cells = || shown_rows.iter().filter_map(|row| row.get(column));
        let name = names.get(column).map_or("", String::as_str);
        let widest = cells().map(String::as_str).chain([name]).map(|text| usize::from(width(text))).max().unwrap_or(0);
        let w = u16::try_from(widest.clamp(1, WIDEST)).unwrap_or(1);
        if x + 2 > at.x + at.w {
            break;
        }
        let room = w.min(at.x + at.w - x);
        let right = cells().any(|text| number(text)) && cells().all(|text| text.is_empty() || number(text));
        let (title, style) = (brush.tone(Tone::Title), brush.tone(Tone::Plain));
        let mut place = |y: u16, text: &str, style| {
            if right { brush.put_right(x, y, room, text, style) } else { _ = brush.put(x, y, room, text, style) }
        };
        place(at.y - 1, name, title);
        for (y, row) in (at.y..).zip(&shown_rows) {
            place(y, row.get(column).map_or("", String::as_str), style);
        }
        x += w + 2;
    }
}
