//! What a tab is to the desk: its area as data, and pure functions over one of its rows. Update and drawing read nothing
//! else about a tab; its folder writes a [`super::screen::Screen`].

use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::filter::{Filter, Mistake};
use super::msg::Me;
use super::row::{Row, Target};
use super::screen::Leads;
use super::spec::Opens;
use super::state::action::Action;
use super::state::facts::Facts;
use super::words::{Cell, Fact, Line};
use crate::domain::facts;
use crate::domain::item::RawRow;
use crate::domain::page::Sort;
use crate::domain::query::{Completion, Field, Known, Query};
use crate::domain::refusal::Refusal;

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

/// What is said of a column beside its cells.
#[derive(Clone, Copy, Debug)]
pub struct Head {
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

/// Something that was found at a row or a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The number of the row or line.
    pub number: u64,
    /// The name of the column, where one is named.
    pub column: Option<String>,
    /// Whether going from finding to finding stops here: of neighbours of one kind, at the first.
    pub stop: bool,
    /// What it is, safe to draw.
    pub said: String,
}

/// Whether the person has a role.
pub type HasRole<'a> = dyn Fn(&str) -> bool + 'a;

/// What there is to say of a tab before it has rows.
#[derive(Debug)]
pub struct Area {
    /// The word of its rows in the database: in the change feed, in reads.
    pub word: &'static str,
    /// Its name in the configuration.
    pub id: &'static str,
    /// Its name on the tab line.
    pub title: &'static str,
    /// The same for one who only asks and sees their own rows.
    pub own_title: &'static str,
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
    pub acts: &'static [(Action, &'static str, &'static str)],
    /// What else only who decides on its rows is offered, beside [`Action::decides`].
    pub among_deciders: &'static [Action],
    /// Whether asking for them is what it is for, to who decides on none.
    pub asked_for: bool,
    /// Whether a row is a file that can be looked into.
    pub preview: bool,
    /// The areas whose changes matter to what is said of a row beyond itself.
    pub rests_on: &'static [&'static str],
    /// Who it was where a history names nobody; empty where the reader may not know.
    pub unnamed: &'static str,
    /// The roles that decide on its rows.
    pub who_decides: &'static [&'static str],
    /// The roles that read its rows, whoever asked.
    pub who_reads: &'static [&'static str],
    /// Whether it comes first for somebody; asked with whether they have a role.
    pub comes_first: fn(&HasRole) -> bool,
}

impl Area {
    /// The command of an action on this tab's rows, and the word for it.
    #[must_use]
    pub fn command(&self, action: Action) -> Option<(&'static str, &'static str)> {
        self.acts.iter().find(|(has, ..)| *has == action).map(|(_, command, label)| (*command, *label))
    }
}

/// A tab, whichever its rows are.
pub trait Tab: Debug + Sync {
    /// What there is to say before there are rows.
    fn area(&self) -> &'static Area;
    /// The columns, in order.
    fn heads(&self) -> Vec<Head>;
    /// The text of a row in a column, by its place.
    fn cell(&self, row: &Row, column: usize, now: DateTime<Tz>) -> Cell;
    /// The filter of the first view, for a person.
    fn home(&self, me: &Me) -> String;
    /// The words of its filter line.
    fn fields(&self) -> &'static [Field];
    /// Whether every row a filter lets through still waits for something, or nothing speaks against it.
    fn waits(&self, filter: &Filter) -> bool;
    /// A row as it left the database.
    fn read(&self, raw: &RawRow) -> Row;
    /// What the database said beyond a row.
    fn facts(&self, facts: facts::Facts) -> Facts;
    /// What could stand in the filter line at a byte.
    fn complete(&self, line: &str, at: usize, known: &Known) -> Completion;
    /// What a row makes known for that.
    fn knows(&self, row: &Row, known: &mut Known);
    /// The row's name in one line, safe to draw.
    fn name(&self, row: &Row) -> String;
    /// Right part of the rule line above the detail.
    fn caption(&self, row: &Row) -> String;
    /// The detail: what it is, what it needs, what may be done and why not.
    fn detail(&self, row: &Row, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact>;
    /// The bytes a preview of the row shows, in hex; none where it is no file.
    fn bytes(&self, row: &Row) -> Option<String>;
    /// Where in the file something was found, in order.
    fn places(&self, row: &Row) -> Vec<Found>;
    /// Whether the pane beside the detail is the tab's own, and no file's preview.
    fn has_side(&self) -> bool;
    /// The lines of that pane for a width.
    fn side(&self, row: &Row, facts: Option<&Facts>, now: DateTime<Tz>, width: u16) -> Vec<Line>;
    /// What rows that were asked for together are called; none where none are.
    fn group(&self) -> Option<&'static str>;
    /// The one line of such a group: how many, from whom, what for. Safe to draw.
    fn group_title(&self, rows: &[Row]) -> String;
    /// All of a group in one look.
    fn group_look(&self, rows: &[Row], now: DateTime<Tz>) -> Vec<Fact>;
    /// The filter that shows the row's group alone.
    fn group_filter(&self, row: &Row) -> String;
    /// Why a command (by its name in the database's answers) may not be done on the row; none if it may.
    fn why_not(&self, row: &Row, command: &str) -> Option<Refusal>;
    /// The targets of a command on the row: one for each case it is possible on.
    fn targets(&self, row: &Row, command: &str) -> Vec<Target>;
    /// What an action on a row leads to: a dialog, an editor, or its command at once.
    fn opens(&self, action: Action) -> Option<Opens>;
    /// Whether the row still waits for this person.
    fn undecided(&self, row: &Row, me: &str) -> bool;
    /// When the row's decision was promised, with the site's promise; none if nothing waits.
    fn due(&self, row: &Row, promised: Option<TimeDelta>) -> Option<DateTime<Utc>>;
    /// Where opening its detail once more leads; none where to nothing but its own pane.
    fn leads(&self, row: &Row, facts: Option<&Facts>) -> Option<Leads>;
    /// Until when the person could undo, if the row is held now.
    fn held(&self, row: &Row) -> Option<DateTime<Utc>>;
    /// What another person did to the row between two readings, in one sentence safe to draw.
    fn changed(&self, old: &Row, new: &Row) -> String;
}

/// Checks a filter; ages in it count back from `now`, days begin in the site's `zone`.
///
/// # Errors
/// The word that is not understood, and why.
pub fn check(tab: &dyn Tab, text: &str, now: DateTime<Utc>, zone: Tz) -> Result<Filter, Mistake> {
    let query = Query::parse(tab.fields(), text).map_err(|error| (error.span, error.sentence))?;
    Ok(Filter { area: tab.area().word, asks: query.filter(now, zone) })
}
