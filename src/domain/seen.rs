//! What of a file a person's screens drew, as rectangles of rows and columns: never more than was drawn. The desk adds to
//! it and declares it, the database keeps it for person and version, lists and dialogs say it. It is declared, so no rule
//! rests on it; that a file was opened is the database's own.

use serde::{Deserialize, Serialize};

/// Rectangles kept at most: where there are more the smallest are forgotten, so that seen is said too small, never too large.
pub const MOST: usize = 256;

/// Rows `top..bottom` by columns `left..right`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "[u64; 4]", into = "[u64; 4]")]
pub struct Rect {
    /// First row.
    pub top: u64,
    /// The row behind the last.
    pub bottom: u64,
    /// First column.
    pub left: u64,
    /// The column behind the last.
    pub right: u64,
}

impl From<[u64; 4]> for Rect {
    fn from([top, bottom, left, right]: [u64; 4]) -> Self {
        Self { top, bottom, left, right }
    }
}

impl From<Rect> for [u64; 4] {
    fn from(rect: Rect) -> Self {
        [rect.top, rect.bottom, rect.left, rect.right]
    }
}

impl Rect {
    /// Cells in it.
    #[must_use]
    pub fn cells(self) -> u64 {
        self.bottom.saturating_sub(self.top).saturating_mul(self.right.saturating_sub(self.left))
    }

    fn is_empty(self) -> bool {
        self.top >= self.bottom || self.left >= self.right
    }

    fn holds(self, row: u64, column: u64) -> bool {
        (self.top..self.bottom).contains(&row) && (self.left..self.right).contains(&column)
    }

    fn meets(self, other: Self) -> bool {
        self.top < other.bottom && other.top < self.bottom && self.left < other.right && other.left < self.right
    }

    /// What is left of it without another that meets it: above, below, left and right.
    fn without(self, other: Self) -> impl Iterator<Item = Self> {
        let (top, bottom) = (self.top.max(other.top), self.bottom.min(other.bottom));
        let pieces = [
            Self { bottom: top, ..self },
            Self { top: bottom, ..self },
            Self { top, bottom, left: self.left, right: other.left.max(self.left) },
            Self { top, bottom, left: other.right.min(self.right), right: self.right },
        ];
        pieces.into_iter().filter(|piece| !piece.is_empty())
    }

    /// The two as one where they lie side by side and are as high or as wide.
    fn with(self, other: Self) -> Option<Self> {
        let rows = (self.top, self.bottom) == (other.top, other.bottom);
        let columns = (self.left, self.right) == (other.left, other.right);
        let beside = self.right == other.left || other.right == self.left;
        let above = self.bottom == other.top || other.bottom == self.top;
        (rows && beside || columns && above).then(|| Self {
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
            left: self.left.min(other.left),
            right: self.right.max(other.right),
        })
    }
}

/// A set of cells as rectangles that do not meet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Rect>", into = "Vec<Rect>")]
pub struct Cells {
    rects: Vec<Rect>,
}

impl From<Vec<Rect>> for Cells {
    /// Whatever they are: rectangles of another program may meet, or be more than there may.
    fn from(rects: Vec<Rect>) -> Self {
        let mut cells = Self::default();
        for rect in rects {
            cells.add(rect);
        }
        cells
    }
}

impl From<Cells> for Vec<Rect> {
    fn from(cells: Cells) -> Self {
        cells.rects
    }
}

impl Cells {
    /// Adds a rectangle; whether anything in it was new.
    pub fn add(&mut self, rect: Rect) -> bool {
        let mut new: Vec<Rect> = Some(rect).filter(|rect| !rect.is_empty()).into_iter().collect();
        for have in &self.rects {
            new = new.into_iter().flat_map(|piece| cut(piece, *have)).collect();
            if new.is_empty() {
                return false;
            }
        }
        for piece in &new {
            self.join(*piece);
        }
        while self.rects.len() > MOST {
            let smallest = (0..self.rects.len()).min_by_key(|at| self.rects[*at].cells());
            self.rects.swap_remove(smallest.unwrap_or(0));
        }
        !new.is_empty()
    }

    /// Adds what another set has.
    pub fn add_all(&mut self, other: &Self) {
        for rect in &other.rects {
            self.add(*rect);
        }
    }

    /// Puts a rectangle that meets none beside the others, as one with its neighbours while there are any.
    fn join(&mut self, mut rect: Rect) {
        while let Some(at) = self.rects.iter().position(|have| have.with(rect).is_some()) {
            rect = self.rects.swap_remove(at).with(rect).unwrap_or(rect);
        }
        self.rects.push(rect);
    }

    /// The rectangles, none of which meet.
    #[must_use]
    pub fn rects(&self) -> &[Rect] {
        &self.rects
    }

    /// How many cells there are in the first so many rows and columns.
    #[must_use]
    pub fn within(&self, rows: u64, columns: u64) -> u64 {
        let cut = |rect: &Rect| Rect { bottom: rect.bottom.min(rows), right: rect.right.min(columns), ..*rect };
        self.rects.iter().map(|rect| cut(rect).cells()).fold(0, u64::saturating_add)
    }

    /// Whether a cell is among them.
    #[must_use]
    pub fn has(&self, row: u64, column: u64) -> bool {
        self.rects.iter().any(|rect| rect.holds(row, column))
    }

    /// In how many rows and in how many columns there is any.
    #[must_use]
    pub fn extent(&self) -> (u64, u64) {
        (
            covered(self.rects.iter().map(|rect| (rect.top, rect.bottom))),
            covered(self.rects.iter().map(|rect| (rect.left, rect.right))),
        )
    }

    /// The first cell of so many rows and columns that is not among them, by rows, from a row on.
    #[must_use]
    pub fn missing(&self, from: u64, rows: u64, columns: u64) -> Option<(u64, u64)> {
        let mut row = from;
        while row < rows && columns > 0 {
            let mut here: Vec<Rect> =
                self.rects.iter().copied().filter(|rect| (rect.top..rect.bottom).contains(&row)).collect();
            here.sort_unstable_by_key(|rect| rect.left);
            let seen = here.iter().fold(0, |at, rect| if rect.left <= at { at.max(rect.right) } else { at });
            if seen < columns {
                return Some((row, seen));
            }
            // All of them hold the row: none ends before the next that can differ.
            row = here.iter().map(|rect| rect.bottom).min().unwrap_or(row + 1);
        }
        None
    }
}

impl Cells {
    /// The first of so many rows in which there is none.
    #[must_use]
    pub fn untouched_row(&self, rows: u64) -> Option<u64> {
        first_free(self.rects.iter().map(|rect| (rect.top, rect.bottom)), rows)
    }

    /// The first of so many columns in which there is none.
    #[must_use]
    pub fn untouched_column(&self, columns: u64) -> Option<u64> {
        first_free(self.rects.iter().map(|rect| (rect.left, rect.right)), columns)
    }
}

/// The first place before an end that no stretch covers.
fn first_free(stretches: impl Iterator<Item = (u64, u64)>, end: u64) -> Option<u64> {
    let mut all: Vec<_> = stretches.collect();
    all.sort_unstable();
    let free = all.into_iter().fold(0, |at, (from, to)| if from <= at { at.max(to) } else { at });
    (free < end).then_some(free)
}

fn cut(piece: Rect, have: Rect) -> Vec<Rect> {
    if piece.meets(have) { piece.without(have).collect() } else { vec![piece] }
}

/// How much of a line stretches cover together.
fn covered(stretches: impl Iterator<Item = (u64, u64)>) -> u64 {
    let mut all: Vec<_> = stretches.collect();
    all.sort_unstable();
    let mut sum = 0;
    let mut end = 0;
    for (from, to) in all {
        sum += to.saturating_sub(from.max(end));
        end = end.max(to);
    }
    sum
}

/// What the units of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The cells of a table.
    Cells,
    /// The lines of a text.
    #[default]
    Lines,
    /// There is nothing to see but what is said of it: never `all`.
    Facts,
}

/// What a person's screens drew of a file version, as it is declared and kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What is counted.
    pub unit: Unit,
    /// Rows or lines there are, as far as they were read.
    pub rows: u64,
    /// Columns there are.
    pub columns: u64,
    /// Whether the file was read to its end, so that there are no more.
    pub whole: bool,
    /// What was drawn.
    pub parts: Cells,
}

impl Seen {
    /// Units there are, as far as they were read.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.saturating_mul(self.columns)
    }

    /// Units that were drawn.
    #[must_use]
    pub fn drawn(&self) -> u64 {
        self.parts.within(self.rows, self.columns)
    }

    /// How much that is.
    #[must_use]
    pub fn share(&self) -> Share {
        Share { unit: self.unit, drawn: self.drawn(), total: self.total(), whole: self.whole }
    }

    /// Takes in what was kept of the same version earlier.
    pub fn add_all(&mut self, earlier: &Self) {
        if (earlier.unit, earlier.columns) == (self.unit, self.columns) {
            self.parts.add_all(&earlier.parts);
            self.rows = self.rows.max(earlier.rows);
            self.whole |= earlier.whole;
        }
    }

    /// `40 of 212 rows x 5 of 5 columns: 18%`, `whole: 7 rows x 4 columns`, `24 of 80 lines: 30%`, `its facts`. Of a file that
    /// was not read to its end the rows are what they will be about.
    #[must_use]
    pub fn words(&self) -> String {
        let share = self.share();
        let about = if self.whole { "" } else { "about " };
        let (rows, columns) = self.parts.extent();
        let (rows, columns) = (rows.min(self.rows), columns.min(self.columns));
        match self.unit {
            Unit::Facts => "its facts".into(),
            _ if share.drawn == 0 => "nothing of it yet".into(),
            Unit::Cells if share.is_all() => {
                format!("whole: {} x {}", count(self.rows, "row"), count(self.columns, "column"))
            }
            Unit::Lines if share.is_all() => format!("whole: {}", count(self.rows, "line")),
            Unit::Lines => format!("{rows} of {about}{}: {share}", count(self.rows, "line")),
            Unit::Cells => {
                let of = count(self.columns, "column");
                format!("{rows} of {about}{} x {columns} of {of}: {share}", count(self.rows, "row"))
            }
        }
    }
}

fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// How much of a file version was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// What is counted.
    pub unit: Unit,
    /// Units drawn.
    pub drawn: u64,
    /// Units there are, as far as they were read.
    pub total: u64,
    /// Whether there are no more.
    pub whole: bool,
}

impl Share {
    /// Whether nothing is left.
    #[must_use]
    pub fn is_all(self) -> bool {
        self.unit != Unit::Facts && self.whole && self.drawn >= self.total
    }
}

/// `all`, `18%` rounded down, `<1%` for a beginning, `facts`.
impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.unit == Unit::Facts {
            return f.write_str("facts");
        } else if self.is_all() {
            return f.write_str("all");
        }
        match (u128::from(self.drawn) * 100).checked_div(u128::from(self.total)).unwrap_or(0) {
            0 => f.write_str("<1%"),
            percent => write!(f, "{}%", percent.min(99)),
        }
    }
}
