//! How a previewed table stands in its pane: which columns, where, how wide, which cells are cut. Drawing puts them there;
//! what a person has seen is told from the same.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use super::preview::Preview;
use crate::domain::seen::Rect;
use crate::inspect::{Body, Column};
use crate::text::{drawn, shown};

/// Widest column while there are more than fit.
const WIDEST: u16 = 28;
/// Cells between two columns.
const GAP: u16 = 2;

/// A text in pieces of a width, nothing left out: blanks are its own.
#[must_use]
pub fn chopped(text: &str, w: u16) -> Vec<String> {
    let w = usize::from(w.max(1));
    let mut parts = vec![String::new()];
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() > w && used > 0 {
            parts.push(String::new());
            used = 0;
        }
        used += grapheme.width();
        if let Some(last) = parts.last_mut() {
            last.push_str(grapheme);
        }
    }
    parts
}

/// One column on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its place in the file.
    pub column: usize,
    /// Left cell, from where the columns begin.
    pub x: u16,
    /// Cells it has.
    pub w: u16,
    /// Numbers stand right.
    pub right: bool,
    /// Its name.
    pub name: String,
    /// What it holds, where that is known.
    pub facts: String,
    /// Its cells on the screen, as they are drawn.
    pub cells: Vec<String>,
}

impl Placed {
    /// Whether a text has more cells than it.
    fn cuts(&self, cell: &str) -> bool {
        cell.width() > usize::from(self.w)
    }

    /// The rows on the screen whose cell is whole, as stretches.
    fn whole(&self) -> Vec<Range<usize>> {
        let mut stretches: Vec<Range<usize>> = Vec::new();
        for row in (0..self.cells.len()).filter(|row| !self.cuts(&self.cells[*row])) {
            match stretches.last_mut() {
                Some(last) if last.end == row => last.end = row + 1,
                _ => stretches.push(row..row + 1),
            }
        }
        stretches
    }
}

/// The columns of a table on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// They, from left to right.
    pub columns: Vec<Placed>,
    /// Columns of the file behind the last.
    pub beyond: usize,
}

impl Sheet {
    /// The columns of a preview in `w` cells and `h` rows; none where it shows no table.
    #[must_use]
    pub fn of(preview: &Preview, w: u16, h: u16, ascii: bool) -> Option<Self> {
        let Body::Table { columns, rows, .. } = &preview.doc.as_ref()?.body else { return None };
        let known = columns.iter().any(|column| column.facts.is_known());
        let rows: Vec<_> = rows.iter().skip(preview.top).take(usize::from(h)).collect();
        let count = rows.iter().map(|row| row.len()).chain([columns.len()]).max().unwrap_or(0);
        // The first column says what a row is about: it stays where one goes to the right.
        let stays = usize::from(preview.left > 0);
        let mut sheet = Self::default();
        let mut x: u16 = 0;
        for column in (0..stays).chain(preview.left + stays..count) {
            if x + GAP > w {
                sheet.beyond = count - column;
                break;
            }
            let cells: Vec<String> = rows
                .iter()
                .map(|row| row.get(column).map_or_else(String::new, |cell| drawn(&shown(cell), ascii)))
                .collect();
            let [name, facts] = heads(columns.get(column), known, ascii);
            let most = if column == 0 && preview.left > 0 { WIDEST.min(w / 3) } else { WIDEST };
            let widest = widest(&name, &facts, &cells).clamp(1, most.max(1));
            let right = cells.iter().any(|text| is_number(text)) && cells.iter().all(|text| stands_right(text));
            sheet.columns.push(Placed { column, x, w: widest.min(w - x), right, name, facts, cells });
            x += widest + GAP;
        }
        sheet.widen(w);
        Some(sheet)
    }

    /// Where all columns have room, the cut ones take what is left.
    fn widen(&mut self, w: u16) {
        let end = self.columns.last().map_or(0, |last| last.x + last.w);
        let mut left = if self.beyond == 0 { w.saturating_sub(end) } else { 0 };
        let mut moved = 0;
        for column in &mut self.columns {
            column.x += moved;
            let more = widest(&column.name, &column.facts, &column.cells).saturating_sub(column.w).min(left);
            column.w += more;
            moved += more;
            left -= more;
        }
    }

    /// The first cell that is cut, by rows: its row on the screen and its column in the file.
    #[must_use]
    pub fn cut(&self) -> Option<(usize, usize)> {
        let rows = self.columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
        let cut = |row: usize| {
            let cut = self.columns.iter().find(|placed| placed.cells.get(row).is_some_and(|cell| placed.cuts(cell)));
            cut.map(|placed| (row, placed.column))
        };
        (0..rows).find_map(cut)
    }

    /// Whether the last column of the file is on the screen, whole.
    #[must_use]
    pub fn shows_last(&self) -> bool {
        let whole = |last: &Placed| last.w >= widest(&last.name, &last.facts, &last.cells).min(WIDEST);
        self.beyond == 0 && self.columns.last().is_some_and(whole)
    }

    /// The cells that are drawn whole, as rows and columns of the file; `top`: the first row on the screen.
    #[must_use]
    pub fn whole(&self, top: usize) -> Vec<Rect> {
        let mut rects: Vec<Rect> = Vec::new();
        for placed in &self.columns {
            let column = placed.column as u64;
            for rows in placed.whole() {
                let (from, to) = ((top + rows.start) as u64, (top + rows.end) as u64);
                match rects.iter_mut().find(|rect| (rect.top, rect.bottom, rect.right) == (from, to, column)) {
                    Some(rect) => rect.right = column + 1,
                    None => rects.push(Rect::from([from, to, column, column + 1])),
                }
            }
        }
        rects
    }
}

/// A column's name and what it holds.
fn heads(column: Option<&Column>, known: bool, ascii: bool) -> [String; 2] {
    let Some(column) = column else { return [String::new(), String::new()] };
    [drawn(&shown(&column.name), ascii), if known { column.facts.to_string() } else { String::new() }]
}

fn widest(name: &str, facts: &str, cells: &[String]) -> u16 {
    let cells = cells.iter().map(String::as_str);
    u16::try_from(cells.chain([name, facts]).map(UnicodeWidthStr::width).max().unwrap_or(0)).unwrap_or(u16::MAX)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.parse::<f64>().is_ok()
}

/// Whether a cell may stand in a column of numbers: one, nothing, or what stands for one that is suppressed (GSS symbols,
/// `<10`, stars, dots, NA).
fn stands_right(text: &str) -> bool {
    let below = text.trim_start_matches(['<', '>', '=', '~', '\u{2264}', '\u{2265}']);
    let mark = text.trim_matches(['[', ']', '(', ')', '*', '.', '-', '\u{2013}', '\u{2026}']);
    is_number(text)
        || (below.len() < text.len() && is_number(below.trim()))
        || mark.is_empty()
        || matches!(mark.to_ascii_lowercase().as_str(), "c" | "x" | "z" | "w" | "u" | "low" | "na" | "n/a" | "null")
        || matches!(mark.to_ascii_lowercase().as_str(), "suppressed" | "redacted" | "masked")
}
