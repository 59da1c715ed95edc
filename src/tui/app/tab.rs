//! What a tab is: data and pure functions over one row. `tui::screens` has one small file for each; update and drawing
//! read nothing else about a tab.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::actions::Action;
use super::layers::Facts;
use super::row::{Kind, Row, Target};
use super::side::Line;
use super::spec::Opens;
use crate::domain::page::Sort;
use crate::domain::query::{Completion, Known};
use crate::domain::refusal::Refusal;

/// How a text is to be read; the theme gives each its look, and no meaning rests on the look alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Ordinary text.
    #[default]
    Plain,
    /// Less important: labels, units, what is over.
    Dim,
    /// What names the place: titles, the current tab.
    Title,
    /// A key to press.
    Key,
    /// Well, done, may be done.
    Good,
    /// Look here first.
    Warn,
    /// Stopped, refused, lost.
    Stop,
}

/// How wide a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// So many cells.
    Cells(u16),
    /// So many at least, and on wide screens up to so many.
    Grows(u16, u16),
    /// What the others leave, which is at least so many where the screen has them; one column a tab.
    Rest(u16),
}

/// One column of a tab's table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading, in capitals.
    pub title: &'static str,
    /// How wide.
    pub width: Width,
    /// Shown on narrow screens (under 100 cells) too.
    pub narrow: bool,
    /// Shown only while a row has something in it.
    pub sparse: bool,
    /// Numbers stand right.
    pub right: bool,
}

/// One cell, already safe to draw (made with `text::shown`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
}

/// A fact of the detail view or of a dialog: a label and a text, already safe to draw; it wraps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, one or two words; empty goes on under the last one.
    pub label: &'static str,
    /// The text.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
}

impl Fact {
    /// A fact in ordinary tone.
    #[must_use]
    pub fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into(), tone: Tone::Plain }
    }

    /// The same in another tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// An order of the list.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// As the database knows it.
    pub sort: Sort,
    /// In words.
    pub says: &'static str,
    /// The same where rows that wait for nothing are among them.
    pub of_all: &'static str,
    /// In words, turned round.
    pub turned: &'static str,
}

/// An order whose words are the same whatever rows are among them.
#[must_use]
pub const fn order(by: &'static str, descending: bool, says: &'static str, turned: &'static str) -> Order {
    Order { sort: Sort::new(by, descending), says, of_all: says, turned }
}

/// How rows that were asked for together are shown: all functions get the rows that stand together in the list.
#[derive(Clone, Copy, Debug)]
pub struct Together {
    /// What such a group is called.
    pub thing: &'static str,
    /// Its one line: how many, from whom, what for. Safe to draw.
    pub title: fn(&[Row]) -> String,
    /// All of it in one look.
    pub look: fn(&[Row], DateTime<Tz>) -> Vec<Fact>,
    /// The filter that shows this group alone.
    pub filter: fn(&Row) -> String,
}

/// A piece of a line, already safe to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
}

impl Span {
    /// A piece in a tone.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

/// Makes the lines of a tab's own pane for a width.
pub type MakeSide = fn(&Row, Option<&Facts>, DateTime<Tz>, u16) -> Vec<Line>;

/// What a tab shows and knows, as data.
#[derive(Debug)]
pub struct Tab {
    /// Its name in the configuration.
    pub id: &'static str,
    /// Its name on the tab line.
    pub title: &'static str,
    /// The same for one who only asks and sees their own rows.
    pub own_title: &'static str,
    /// What its rows are.
    pub kind: Kind,
    /// What its rows are called, many of them.
    pub things: &'static str,
    /// Who reads its rows, as a sentence goes on behind a colon.
    pub readers: &'static str,
    /// The filter of the first view.
    pub home: &'static str,
    /// The orders it can be shown in, the first view's first.
    pub orders: &'static [Order],
    /// What can be done with a row: the action, the command whose why-not the row answers, and the key bar's word for it.
    /// Actions of the table that ask a row and are not here are not for this tab.
    pub does: &'static [(Action, &'static str, &'static str)],
    /// What could stand in its filter line at a byte.
    pub complete: fn(line: &str, at: usize, known: &Known) -> Completion,
    /// What a row makes known for that.
    pub knows: fn(&Row, &mut Known),
    /// The columns, in order.
    pub columns: &'static [Column],
    /// The text of a row in a column (by place in `columns`).
    pub cell: fn(&Row, usize, DateTime<Tz>) -> Cell,
    /// The row's name in one line, safe to draw.
    pub name: fn(&Row) -> String,
    /// Right part of the rule line above the detail.
    pub caption: fn(&Row) -> String,
    /// The detail: what it is, what it needs, what may be done and why not.
    pub detail: fn(&Row, Option<&Facts>, DateTime<Tz>) -> Vec<Fact>,
    /// Why a command (by its name in the database's answers) may not be done on the row; none if it may.
    pub why_not: fn(&Row, &str) -> Option<Refusal>,
    /// The targets of a command on the row: one for each case it is possible on.
    pub targets: fn(&Row, &str) -> Vec<Target>,
    /// What an action on a row leads to: a dialog, an editor, or its command at once.
    pub opens: fn(Action) -> Option<Opens>,
    /// The lines of the pane beside the detail, for a width; none where it is a file's preview.
    pub side: Option<MakeSide>,
    /// Whether the row still waits for this person.
    pub undecided: fn(&Row, me: &str) -> bool,
    /// When the row's decision was promised, with the site's promise; none if nothing waits.
    pub due: fn(&Row, promised: Option<TimeDelta>) -> Option<DateTime<Utc>>,
    /// How rows that were asked for together are shown as one; none where none are.
    pub group: Option<Together>,
    /// Until when the person could undo, if the row is held now.
    pub held: fn(&Row) -> Option<DateTime<Utc>>,
    /// What another person did to the row between two readings, in one sentence safe to draw.
    pub changed: fn(old: &Row, new: &Row) -> String,
}

impl Tab {
    /// The command of an action on this tab's rows, and the word for it.
    #[must_use]
    pub fn command(&self, action: Action) -> Option<(&'static str, &'static str)> {
        self.does.iter().find(|(has, ..)| *has == action).map(|(_, command, label)| (*command, *label))
    }
}
