//! The next part of a file that was not seen yet: where something was found first, then rows, then columns, then what is cut.
//! Stands in the action table.

use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::preview::{Goal, Preview, Spot};
use super::state::Page;
use super::whole::Whole;
use super::words::Tone;
use crate::domain::seen::{Cells, Seen, Unit};
use crate::inspect::Body;

impl Model {
    /// Goes to the next unseen part, and opens the preview where it is not open.
    pub(super) fn next_unseen(&mut self) -> Vec<Cmd> {
        if !self.preview_here() {
            return self.preview_key();
        }
        if self.here().page == Page::Table && !self.wide() {
            self.here_mut().page = Page::Preview;
        }
        // What was said was of where one was.
        self.toast = None;
        let found = self.here().list.current().map(|row| self.tab().places(row)).unwrap_or_default();
        let counted = self.sight.as_ref().is_some_and(|(_, _, counted)| *counted);
        let Some(preview) = self.preview.as_mut().filter(|preview| preview.doc.is_some()) else { return Vec::new() };
        let Some(seen) = self.seen.get(&preview.id).map(|looked| &looked.seen) else { return Vec::new() };
        if seen.unit == Unit::Facts || preview.lines() == 0 {
            self.say_here(Tone::Plain, "There is nothing more to see of it here: its facts stand above.");
            return Vec::new();
        }
        let unseen =
            found.into_iter().find(|place| !preview.has_seen(&seen.parts, place.number, place.column.as_deref()));
        if let Some(place) = unseen {
            preview.goal = Some(Goal::Line { number: place.number, column: place.column, said: place.said });
            self.hunt();
            return Vec::new();
        }
        match preview.next_part(seen) {
            Some(spot) if preview.is_on_screen(spot) && !counted => Vec::new(),
            Some(spot) if preview.is_on_screen(spot) => self.push(Layer::Whole(Whole::of(spot))),
            Some(spot) => {
                preview.top = spot.row.unwrap_or(0);
                preview.show_column(spot.column);
                self.lines(0)
            }
            None if preview.doc.as_ref().is_some_and(|doc| doc.next.is_some()) => {
                preview.top = preview.lines().saturating_sub(1);
                self.lines(0)
            }
            None => {
                self.say_here(Tone::Good, "You have seen all of it.");
                Vec::new()
            }
        }
    }

    /// Shows the last columns of a previewed table, or the first.
    pub(super) fn show_column(&mut self, last: bool) -> Vec<Cmd> {
        if let Some(preview) = &mut self.preview {
            preview.left = if last { preview.widest() } else { 0 };
            // As many before the last as have room.
            while last && preview.left > 0 && preview.shows_all_from(preview.left - 1) {
                preview.left -= 1;
            }
        }
        Vec::new()
    }

    /// Lets wide lines of a text go on below, or cuts them at the edge.
    pub(super) fn wrap(&mut self) -> Vec<Cmd> {
        self.wraps = !self.wraps;
        if let Some(preview) = &mut self.preview {
            preview.left = 0;
        }
        self.say(Tone::Plain, if self.wraps { "Wide lines go on below." } else { "Wide lines are cut at the edge." });
        Vec::new()
    }
}

impl Preview {
    fn columns(&self) -> u64 {
        match self.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Table { columns, .. }) => columns.len() as u64,
            _ => 1,
        }
    }

    /// Whether a place that is named was seen; one that is not read yet was not.
    fn has_seen(&self, parts: &Cells, number: u64, column: Option<&str>) -> bool {
        let column = self.column_of(column) as u64;
        self.line_of(number).is_some_and(|row| parts.has(row as u64, column))
    }

    /// The first place read that was not seen: a row of which nothing was, then such a column, then a cell.
    fn next_part(&self, seen: &Seen) -> Option<Spot> {
        let (rows, columns) = (self.lines() as u64, self.columns());
        let place = |at: u64| usize::try_from(at).unwrap_or(0);
        let row = seen.parts.untouched_row(rows).map(|row| Spot { row: Some(place(row)), column: 0 });
        let column = || seen.parts.untouched_column(columns).map(|column| Spot { row: Some(0), column: place(column) });
        let cell = || {
            let (row, column) = seen.parts.missing(0, rows, columns)?;
            Some(Spot { row: Some(place(row)), column: place(column) })
        };
        row.or_else(column).or_else(cell)
    }

    pub(super) fn is_on_screen(&self, spot: Spot) -> bool {
        let row = spot.row.unwrap_or(0);
        let rows = self.top..self.top + usize::from(self.room.1);
        rows.contains(&row) && self.has_column(spot.column)
    }

    /// Whether every column behind one has room beside the first.
    fn shows_all_from(&self, left: usize) -> bool {
        let there = Self { left, ..self.clone() };
        super::sheet::Sheet::of(&there, self.room.0, self.room.1, false).is_some_and(|sheet| sheet.shows_last())
    }
}
