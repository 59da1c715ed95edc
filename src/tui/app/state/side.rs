//! The lines of a tab's own pane, and what they were made from. Kept by the tab.

use super::super::words::Line;

/// What the lines were made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is compared and no more")]
pub struct Source {
    pub area: &'static str,
    pub id: i64,
    pub version: i64,
    pub width: u16,
    pub facts: u64,
    pub hour: i64,
}

/// The pane's lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// What they were made from.
    pub source: Source,
    /// The lines.
    pub lines: Vec<Line>,
}
