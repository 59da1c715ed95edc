//! What the preview pane holds: the pages of a file read so far as one, and where in it one is.

use crate::inspect::{Body, Page};
use crate::text::shown;

/// How many cells one step to the right is in text.
pub const LEFT_STEP: usize = 16;

/// Where a preview is on its way to, while what lies between is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The line or row of this number, its column by name, and what is there.
    Line {
        /// The number.
        number: u64,
        /// The column, where one is named.
        column: Option<String>,
        /// What is there.
        said: String,
    },
    /// The next place that holds the text looked for, at or behind this one.
    Text(Spot),
}

/// A place in what was read: a cell, the heading of a column (no row), or a line (the first column).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The body line.
    pub row: Option<usize>,
    /// The column.
    pub column: usize,
}

impl Spot {
    /// A line, or a row's first cell.
    #[must_use]
    pub const fn line(row: usize) -> Self {
        Self { row: Some(row), column: 0 }
    }
}

/// The preview of one version of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The row.
    pub id: i64,
    /// The bytes it was asked for, in hex.
    pub sha256: String,
    /// What was read so far; none until the first answer.
    pub doc: Option<Page>,
    /// A request is under way.
    pub loading: bool,
    /// Why the last request failed.
    pub failed: Option<String>,
    /// First body line on the screen.
    pub top: usize,
    /// Columns of a table that are left out behind its first one, which stays; pieces of long lines.
    pub left: usize,
    /// The text looked for, in lower case.
    pub find: Option<String>,
    /// The body line that was gone to last.
    pub hit: Option<usize>,
    /// The column that was gone to with it; without a line its heading.
    pub cell: Option<usize>,
    /// Cells there are for the body, without the numbers of its lines; noted when things are placed.
    pub room: (u16, u16),
    /// Where it is on its way to.
    pub goal: Option<Goal>,
    /// Bytes that were read when the search began.
    pub hunted: u64,
}

impl Preview {
    /// An empty one whose first part is being asked for.
    #[must_use]
    pub fn asked(id: i64, sha256: String) -> Self {
        Self {
            id,
            sha256,
            doc: None,
            loading: true,
            failed: None,
            top: 0,
            left: 0,
            find: None,
            hit: None,
            cell: None,
            room: (80, 24),
            goal: None,
            hunted: 0,
        }
    }

    /// Takes an answer: the first page, or the next one.
    pub fn take(&mut self, page: Page) {
        self.loading = false;
        self.failed = None;
        match &mut self.doc {
            None => self.doc = Some(page),
            Some(doc) if doc.goes_on_in(&page) => doc.go_on(page),
            // What was read stays, and there is more: it only cannot be had in this form.
            Some(_) => {
                let why = page.notes.first().map(shown);
                self.failed = Some(why.unwrap_or_else(|| "From here on the file is not what it began as.".into()));
            }
        }
    }

    /// Body lines read so far.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.doc.as_ref().map_or(0, |doc| doc.body.lines())
    }

    /// Furthest useful `left`: what shows the last column of a table beside its first, or the width of the longest line.
    #[must_use]
    pub fn widest(&self) -> usize {
        match self.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Table { columns, .. }) => columns.len().saturating_sub(2),
            Some(Body::Lines { lines, .. }) => {
                lines.iter().map(|line| line.text.raw().chars().count()).max().unwrap_or(0) / LEFT_STEP
            }
            _ => 0,
        }
    }

    /// Where to read on, if a screen below the one shown is not read yet.
    #[must_use]
    pub fn wants(&self, height: usize) -> Option<u64> {
        let doc = self.doc.as_ref()?;
        (!self.loading && self.failed.is_none() && (self.goal.is_some() || self.top + 2 * height >= doc.body.lines()))
            .then_some(doc.next)
            .flatten()
    }

    /// Cells before the body for the numbers of its lines, with the mark beside them; none where lines have no numbers.
    #[must_use]
    pub fn gutter(&self, height: u16) -> u16 {
        let on = self.top..(self.top + usize::from(height)).min(self.lines());
        let last = on.rev().find_map(|at| self.number(at));
        last.map_or(0, |last| u16::try_from(last.to_string().len()).unwrap_or(0) + 2)
    }
}
