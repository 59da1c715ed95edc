//! One cell, line or row shown whole, over the preview: what no column and no line of the screen could hold. Called by `acts`
//! and `keys`; what was paged through counts as seen.

use super::actions::Action;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::preview::Spot;
use super::sheet::{Sheet, chopped};
use super::words::Tone;
use crate::domain::seen::Rect;
use crate::inspect::Body;
use crate::text::{drawn, shown, shown_line};

/// What is shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Which cell or line.
    pub spot: Spot,
    /// All of its row, one line a column.
    pub row: bool,
    /// First line shown.
    pub top: usize,
    /// Lines that were read, from the first on.
    pub read: usize,
}

impl Whole {
    /// A cell or line, from its beginning.
    #[must_use]
    pub const fn of(spot: Spot) -> Self {
        Self { spot, row: false, top: 0, read: 0 }
    }

    /// What was seen once all of it was read.
    #[must_use]
    pub fn rect(self, columns: u64) -> Rect {
        let (row, column) = (self.spot.row.unwrap_or(0) as u64, self.spot.column as u64);
        let across = if self.row { (0, columns) } else { (column, column + 1) };
        Rect::from([row, row + 1, across.0, across.1])
    }
}

impl Model {
    /// Cells and lines there are inside its frame.
    #[must_use]
    pub fn whole_room(&self) -> (u16, u16) {
        (self.size.0.saturating_sub(6), self.size.1.saturating_sub(3))
    }

    /// Its heading, and its lines as they are drawn.
    #[must_use]
    pub fn whole_lines(&self, whole: &Whole) -> (String, Vec<String>) {
        let Some(preview) = self.preview.as_ref() else { return Default::default() };
        let at = whole.spot.row.unwrap_or(0);
        let number = preview.number(at).map_or_else(|| at.to_string(), |number| number.to_string());
        let lines = |text: &str| chopped(&drawn(text, self.ascii), self.whole_room().0);
        match preview.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Lines { lines: all, .. }) => {
                let text = all.get(at).map_or_else(String::new, |line| shown_line(&line.text));
                (format!("Line {number}"), lines(&text))
            }
            Some(Body::Table { columns, rows, .. }) => {
                let cell = |column: usize| rows.get(at).and_then(|row| row.get(column)).map_or_else(String::new, shown);
                let name = |column: usize| columns.get(column).map_or_else(String::new, |column| shown(&column.name));
                if !whole.row {
                    let column = whole.spot.column;
                    return (format!("Row {number}, {}", name(column)), lines(&cell(column)));
                }
                let all = (0..columns.len()).flat_map(|column| lines(&format!("{}: {}", name(column), cell(column))));
                (format!("Row {number}"), all.collect())
            }
            _ => Default::default(),
        }
    }

    /// Shows the cell or line that was gone to whole where it is on the screen, else the first that is cut, else the first on the screen.
    pub(super) fn show_whole(&mut self) -> Vec<Cmd> {
        let Some(preview) = self.preview.as_ref() else { return Vec::new() };
        if !matches!(preview.doc.as_ref().map(|doc| &doc.body), Some(Body::Lines { .. } | Body::Table { .. })) {
            self.say_here(Tone::Plain, "There is no cell and no line here to show whole.");
            return Vec::new();
        }
        let lit = preview.hit.map(|row| Spot { row: Some(row), column: preview.cell.unwrap_or(0) });
        let lit = lit.filter(|spot| preview.is_on_screen(*spot));
        let cut = || {
            let sheet = Sheet::of(preview, preview.room.0, preview.room.1, self.ascii)?;
            sheet.cut().map(|(row, column)| Spot { row: Some(preview.top + row), column })
        };
        let spot = lit.or_else(cut).unwrap_or(Spot::line(preview.top));
        self.push(Layer::Whole(Whole::of(spot)))
    }

    /// A key while something is shown whole.
    pub(super) fn whole_key(&mut self, mut whole: Whole, key: Key) -> Vec<Cmd> {
        let lines = self.whole_lines(&whole).1.len();
        let page = usize::from(self.whole_room().1).max(1);
        let action = self.keymap.action(key);
        let to = |by: isize| whole.top.saturating_add_signed(by).min(lines.saturating_sub(page));
        match (key.code, action) {
            (Code::Esc | Code::Char('q'), _) | (_, Some(Action::Back)) => return Vec::new(),
            (Code::Enter, _) if whole.row => return Vec::new(),
            (Code::Enter, _) => whole = Whole { row: true, top: 0, read: 0, ..whole },
            (Code::PageDown | Code::Char(' '), _) | (_, Some(Action::PreviewDown | Action::HalfDown)) => {
                whole.top = to(isize::try_from(page).unwrap_or(1));
            }
            (Code::PageUp, _) | (_, Some(Action::PreviewUp | Action::HalfUp)) => {
                whole.top = to(-isize::try_from(page).unwrap_or(1));
            }
            (_, Some(Action::Down)) => whole.top = to(1),
            (_, Some(Action::Up)) => whole.top = to(-1),
            (_, Some(Action::First)) => whole.top = 0,
            (_, Some(Action::Last)) => whole.top = to(isize::MAX),
            // On to the next part, where this one was read.
            (_, Some(Action::NextUnseen)) if whole.read >= lines => return self.next_unseen(),
            (_, Some(Action::NextUnseen)) => whole.top = whole.read.min(lines.saturating_sub(page)),
            _ => {}
        }
        self.push(Layer::Whole(whole))
    }
}
