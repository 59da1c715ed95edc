//! The list behind a table: rows by id, cursor, marks, scroll. Rows come in pages and by push; neither moves the cursor.

use std::collections::BTreeSet;

use super::row::Row;
use crate::domain::page::{Cursor, Total};

/// Rows a page asks for.
pub const PAGE: u32 = 100;

/// Where the reading of the list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Nothing was asked yet.
    Idle,
    /// A page is under way.
    Busy,
    /// The last page asked for came.
    Done,
    /// It failed, and why.
    Failed(String),
}

/// A tab's rows.
#[derive(Clone, Debug)]
pub struct List {
    pub(super) rows: Vec<Row>,
    /// The row under the cursor.
    pub cursor: Option<i64>,
    /// The row the next new answer puts the cursor on, if it has it.
    pub seek: Option<i64>,
    /// First line on the screen.
    pub top: usize,
    /// Groups shown as one line.
    pub folded: BTreeSet<i64>,
    /// Marked rows, shown or not.
    pub marks: BTreeSet<i64>,
    /// Number of the newest request; answers to older ones are dropped.
    pub generation: u64,
    /// Where the reading stands.
    pub reading: Reading,
    /// Behind which row the rows here begin; none at the beginning of the list.
    pub start: Option<Cursor>,
    /// The order, by its place in the tab's orders.
    pub order: usize,
    /// Whether that order is turned round.
    pub turned: bool,
    /// Cursor of the next page, as the database wants it back; none at the end.
    pub next: Option<Cursor>,
    /// Rows the filter lets through.
    pub total: Option<Total>,
    /// All rows this person may see.
    pub all: Option<Total>,
    /// Rows that fit on the screen; drawing notes it, moving by half a screen needs it.
    pub height: usize,
}

impl Default for List {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            cursor: None,
            seek: None,
            top: 0,
            folded: BTreeSet::new(),
            marks: BTreeSet::new(),
            generation: 0,
            reading: Reading::Idle,
            start: None,
            order: 0,
            turned: false,
            next: None,
            total: None,
            all: None,
            height: 1,
        }
    }
}

impl List {
    /// The rows read so far, in order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of an id.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// Place of the cursor.
    #[must_use]
    pub fn at(&self) -> Option<usize> {
        let id = self.cursor?;
        self.rows.iter().position(|row| row.id == id)
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.get(self.cursor?)
    }

    /// Puts the cursor on the row at a place, or the last one.
    pub fn go(&mut self, place: usize) {
        let place = place.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(place).map(|row| row.id);
        self.follow();
    }

    /// Takes the first page of a new question: everything before goes, marks stay.
    pub fn start(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.top = 0;
        self.start = None;
        let seek = self.seek.take().filter(|id| self.get(*id).is_some());
        self.cursor = seek.or_else(|| self.rows.first().map(|row| row.id));
        self.follow();
    }

    /// Takes the same question's rows, read again: the cursor stays on its row and on its line of the screen. A row
    /// under the cursor that no longer is in the answer stays where it was until the person goes on.
    pub fn again(&mut self, mut rows: Vec<Row>) {
        if let (Some(at), Some(id)) = (self.at(), self.cursor) {
            let line = self.line().saturating_sub(self.top);
            if rows.iter().all(|row| row.id != id) {
                let before = self.rows[..at].iter().rev().find_map(|old| rows.iter().position(|row| row.id == old.id));
                let place = before.map_or(0, |place| place + 1);
                rows.insert(place, self.rows[at].clone());
            }
            self.rows = rows;
            self.top = self.line().saturating_sub(line);
        } else {
            self.start(rows);
        }
        self.follow();
    }

    /// Replaces a row by id; false if it is not here.
    pub fn replace(&mut self, row: &Row) -> bool {
        match self.rows.iter_mut().find(|have| have.id == row.id) {
            // Two answers may overtake each other: an older reading never replaces a newer one.
            Some(have) if have.version > row.version => true,
            Some(have) => {
                // What is read by its id does not know where it stands.
                let place = row.place.clone().or_else(|| have.place.take());
                have.clone_from(row);
                have.place = place;
                true
            }
            None => false,
        }
    }

    /// Marks the row, or takes its mark away.
    pub fn mark(&mut self, id: i64) {
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
    }

    /// Marked rows that are in the list, in its order.
    #[must_use]
    pub fn marked(&self) -> Vec<&Row> {
        self.rows.iter().filter(|row| self.marks.contains(&row.id)).collect()
    }

    /// How many marked rows the list does not hold: the filter hides them.
    #[must_use]
    pub fn hidden_marks(&self) -> usize {
        self.marks.len() - self.marked().len()
    }

    /// The next row after (or before) the cursor that fits, going round once.
    #[must_use]
    pub fn find(&self, back: bool, fits: impl Fn(&Row) -> bool) -> Option<i64> {
        let count = self.rows.len();
        let at = self.at()?;
        (1..=count)
            .map(|by| if back { (at + count - by) % count } else { (at + by) % count })
            .map(|place| &self.rows[place])
            .find(|row| fits(row))
            .map(|row| row.id)
    }
}
