//! The part of a long list that is held: it grows at the end one scrolls to and is cut at the other, so that a million
//! rows take no more memory than a thousand. Used by `reading`.

use super::list::{List, PAGE, Reading};
use super::row::Row;
use crate::domain::page::Cursor;

/// Rows held at most, but for marked ones: these stay.
pub const HELD: usize = 600;
/// Rows between the screen and the end of what is held, at which more is asked for.
const NEAR: usize = PAGE as usize / 4;

impl List {
    /// Whether the next page should be asked for: the cursor or the screen comes near the end.
    #[must_use]
    pub fn wants_more(&self) -> bool {
        self.next.is_some()
            && self.reading != Reading::Busy
            && self.at().unwrap_or(0).max(self.last_row()) + NEAR >= self.rows.len()
    }

    /// Whether the page before should be asked for.
    #[must_use]
    pub fn wants_before(&self) -> bool {
        self.start.is_some() && self.reading != Reading::Busy && self.at().unwrap_or(0).min(self.first_row()) < NEAR
    }

    /// Whether the list's end can be read by itself.
    #[must_use]
    pub fn can_end(&self) -> bool {
        self.next.is_some() && self.rows.last().is_some_and(|row| row.place.is_some())
    }

    /// Takes a further page; rows already here are replaced in place.
    pub fn more(&mut self, rows: Vec<Row>) {
        for row in rows {
            if !self.replace(&row) {
                self.rows.push(row);
            }
        }
        if self.cursor.is_none() {
            self.go(0);
        }
        let spare = self.at().unwrap_or(0).min(self.first_row()).saturating_sub(2 * PAGE as usize);
        let over = self.rows.len().saturating_sub(HELD).min(spare);
        let marked = self.rows[..over].iter().position(|row| self.marks.contains(&row.id)).unwrap_or(over);
        let Some(place) = marked.checked_sub(1).and_then(|last| self.rows[last].place.clone()) else { return };
        self.start = Some(place);
        self.on_its_line(|list| _ = list.rows.drain(..marked));
    }

    /// Takes the page before, in the list's order. `further`: the list goes on before it, and its first row only says where.
    pub fn before(&mut self, mut rows: Vec<Row>, further: bool) {
        self.start = first(&mut rows, further);
        self.on_its_line(|list| {
            let known: Vec<bool> = rows.iter().map(|row| list.replace(row)).collect();
            let new = rows.into_iter().zip(known).filter(|(_, known)| !known).map(|(row, _)| row);
            list.rows.splice(0..0, new);
        });
        let needed = self.at().unwrap_or(0).max(self.last_row()) + 2 * PAGE as usize;
        let keep = self.rows.len().min(HELD.max(needed));
        let marked = self.rows[keep..].iter().rposition(|row| self.marks.contains(&row.id));
        let keep = marked.map_or(keep, |last| keep + last + 1);
        if keep < self.rows.len()
            && let Some(place) = self.rows[keep - 1].place.clone()
        {
            self.rows.truncate(keep);
            self.next = Some(place);
        }
    }

    /// Takes the last page, in the list's order, in place of all others; the cursor goes to the last row.
    pub fn end(&mut self, mut rows: Vec<Row>, further: bool) {
        let start = first(&mut rows, further);
        self.start(rows);
        self.start = start;
        self.next = None;
        self.go(usize::MAX);
    }

    /// Changes the rows; the cursor keeps its line of the screen.
    fn on_its_line(&mut self, change: impl FnOnce(&mut Self)) {
        let line = self.line().saturating_sub(self.top);
        change(self);
        self.top = self.line().saturating_sub(line);
        self.follow();
    }
}

/// Where a page begins that was read towards the beginning: its first row is given up for that.
fn first(rows: &mut Vec<Row>, further: bool) -> Option<Cursor> {
    if further && !rows.is_empty() { rows.remove(0).place } else { None }
}
