//! A tab as its folder writes it, of its own type of rows. Here alone the thing behind a row becomes that type.

use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::filter::Filter;
use super::msg::Me;
use super::row::{Row, Target};
use super::spec::Opens;
use super::state::action::Action;
use super::state::facts::{Facts, More};
use super::tab::{Area, Found, Head, Tab, Width};
use super::words::{Cell, Fact, Line};
use crate::domain::facts;
use crate::domain::item::{Item, RawRow};
use crate::domain::query::{Completion, Field, Known, complete};
use crate::domain::refusal::Refusal;

/// One column of a tab's table: all there is to say of it.
#[derive(Debug)]
pub struct Column<R: 'static> {
    head: Head,
    cell: fn(&R, DateTime<Tz>) -> Cell,
}

impl<R> Column<R> {
    /// A column for wide screens, its text at the left.
    #[must_use]
    pub const fn new(title: &'static str, width: Width, cell: fn(&R, DateTime<Tz>) -> Cell) -> Self {
        Self { head: Head { title, width, narrow: false, sparse: false, right: false }, cell }
    }

    /// The same on narrow screens too.
    #[must_use]
    pub const fn narrow(self) -> Self {
        Self { head: Head { narrow: true, ..self.head }, cell: self.cell }
    }

    /// The same only while a row has something in it.
    #[must_use]
    pub const fn sparse(self) -> Self {
        Self { head: Head { sparse: true, ..self.head }, cell: self.cell }
    }

    /// The same with its text at the right.
    #[must_use]
    pub const fn right(self) -> Self {
        Self { head: Head { right: true, ..self.head }, cell: self.cell }
    }
}

/// How rows that were asked for together are shown: the functions get the rows that stand together in the list, the first
/// of them by itself.
#[derive(Debug)]
pub struct Grouping<R: 'static> {
    /// What such a group is called.
    pub thing: &'static str,
    /// Its one line: how many, from whom, what for. Safe to draw.
    pub title: fn(&R, &[&R]) -> String,
    /// All of it in one look.
    pub look: fn(&R, &[&R], DateTime<Tz>) -> Vec<Fact>,
    /// The filter that shows this group alone.
    pub filter: fn(&R) -> String,
}

/// Makes the lines of a tab's own pane for a width.
pub type MakeSide<R> = fn(&R, Option<&Facts>, DateTime<Tz>, u16) -> Vec<Line>;

/// Where a row leads: rows of another tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leads {
    /// Their area.
    pub area: &'static str,
    /// The filter that shows them alone; none while that is not read yet.
    pub filter: Option<String>,
}

/// A tab as its folder writes it. What most tabs do not have is left out.
pub trait Screen: Debug + Sync + 'static {
    /// The thing behind a row.
    type Row: Item + Sync;
    /// What there is to say before there are rows.
    const AREA: Area;
    /// The columns, in order.
    const COLUMNS: &'static [Column<Self::Row>];
    /// The pane beside the detail; none where it is a file's preview.
    const SIDE: Option<MakeSide<Self::Row>> = None;
    /// How rows that were asked for together are shown as one; none where none are.
    const GROUP: Option<Grouping<Self::Row>> = None;

    /// The filter of the first view: who only asks, or decides on none of the rows, begins with all they see.
    #[must_use]
    fn home(me: &Me) -> String {
        let all = me.asks || me.lacks.contains(&Self::AREA.word);
        if all { String::new() } else { Self::AREA.home.to_owned() }
    }
    /// Whether every row a filter lets through still waits for something, or nothing speaks against it.
    #[must_use]
    fn waits(_filter: &Value) -> bool {
        true
    }
    /// What only its area has beyond a row.
    #[must_use]
    fn more(_said: &Map<String, Value>) -> More {
        None
    }
    /// What a row makes known for that.
    fn knows(row: &Self::Row, known: &mut Known);
    /// The row's name in one line, safe to draw.
    fn name(row: &Self::Row) -> String;
    /// Right part of the rule line above the detail.
    fn caption(row: &Self::Row) -> String;
    /// The detail: what it is, what it needs, what may be done and why not.
    fn detail(row: &Self::Row, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact>;
    /// Why a command (by its name in the database's answers) may not be done on the row; none if it may.
    fn why_not(row: &Self::Row, command: &str) -> Option<Refusal>;
    /// The targets of a command on the row: one for each case it is possible on.
    fn targets(row: &Self::Row, command: &str) -> Vec<Target>;
    /// What another person did to the row between two readings, in one sentence safe to draw.
    fn changed(old: &Self::Row, new: &Self::Row) -> String;
    /// What an action on a row leads to: a dialog, an editor, or its command at once.
    #[must_use]
    fn opens(_action: Action) -> Option<Opens> {
        None
    }
    /// The bytes a preview of the row shows, in hex; none where it is no file.
    fn bytes(_row: &Self::Row) -> Option<String> {
        None
    }
    /// Where in the file something was found, in order.
    fn places(_row: &Self::Row) -> Vec<Found> {
        Vec::new()
    }
    /// Whether the row still waits for this person.
    fn undecided(_row: &Self::Row, _me: &str) -> bool {
        false
    }
    /// When the row's decision was promised, with the site's promise; none if nothing waits.
    fn due(_row: &Self::Row, _promised: Option<TimeDelta>) -> Option<DateTime<Utc>> {
        None
    }
    /// Where opening its detail once more leads; none where to nothing but its own pane.
    fn leads(_row: &Self::Row, _facts: Option<&Facts>) -> Option<Leads> {
        None
    }
    /// Until when the person could undo, if the row is held now.
    fn held(_row: &Self::Row) -> Option<DateTime<Utc>> {
        None
    }
}

/// A row as the tab knows it; rows of another type have their own tab and never come here.
fn of<S: Screen>(row: &Row) -> Option<&S::Row> {
    row.thing()
}

/// What there is to say of a row.
fn say<S: Screen, T: Default>(row: &Row, of_it: impl FnOnce(&S::Row) -> T) -> T {
    of::<S>(row).map(of_it).unwrap_or_default()
}

/// What there is to say of rows that stand together.
fn say_all<S: Screen, T: Default>(
    rows: &[Row],
    of_them: impl FnOnce(&Grouping<S::Row>, &S::Row, &[&S::Row]) -> T,
) -> T {
    let rows: Vec<_> = rows.iter().filter_map(of::<S>).collect();
    match (S::GROUP, rows.first()) {
        (Some(together), Some(first)) => of_them(&together, first, &rows),
        _ => T::default(),
    }
}

impl<S: Screen> Tab for S {
    fn area(&self) -> &'static Area {
        const { &S::AREA }
    }
    fn heads(&self) -> Vec<Head> {
        S::COLUMNS.iter().map(|column| column.head).collect()
    }
    fn cell(&self, row: &Row, column: usize, now: DateTime<Tz>) -> Cell {
        S::COLUMNS.get(column).map_or_else(Cell::default, |column| say::<S, _>(row, |row| (column.cell)(row, now)))
    }
    fn home(&self, me: &Me) -> String {
        S::home(me)
    }
    fn fields(&self) -> &'static [Field] {
        <S::Row as Item>::FIELDS
    }
    fn waits(&self, filter: &Filter) -> bool {
        S::waits(&filter.asks)
    }
    fn read(&self, raw: &RawRow) -> Row {
        Row::from(raw.read::<S::Row>()).at(raw.cursor.clone())
    }
    fn facts(&self, facts: facts::Facts) -> Facts {
        let more = S::more(&facts.more);
        Facts::new(facts, S::AREA.unnamed, more)
    }
    fn complete(&self, line: &str, at: usize, known: &Known) -> Completion {
        complete(<S::Row as Item>::FIELDS, line, at, known)
    }
    fn knows(&self, row: &Row, known: &mut Known) {
        say::<S, _>(row, |row| S::knows(row, known));
    }
    fn name(&self, row: &Row) -> String {
        say::<S, _>(row, S::name)
    }
    fn caption(&self, row: &Row) -> String {
        say::<S, _>(row, S::caption)
    }
    fn detail(&self, row: &Row, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
        say::<S, _>(row, |row| S::detail(row, facts, now))
    }
    fn bytes(&self, row: &Row) -> Option<String> {
        say::<S, _>(row, S::bytes)
    }
    fn places(&self, row: &Row) -> Vec<Found> {
        say::<S, _>(row, S::places)
    }
    fn has_side(&self) -> bool {
        S::SIDE.is_some()
    }
    fn side(&self, row: &Row, facts: Option<&Facts>, now: DateTime<Tz>, width: u16) -> Vec<Line> {
        say::<S, _>(row, |row| S::SIDE.map_or_else(Vec::new, |side| side(row, facts, now, width)))
    }
    fn group(&self) -> Option<&'static str> {
        S::GROUP.map(|together| together.thing)
    }
    fn group_title(&self, rows: &[Row]) -> String {
        say_all::<S, _>(rows, |together, first, rows| (together.title)(first, rows))
    }
    fn group_look(&self, rows: &[Row], now: DateTime<Tz>) -> Vec<Fact> {
        say_all::<S, _>(rows, |together, first, rows| (together.look)(first, rows, now))
    }
    fn group_filter(&self, row: &Row) -> String {
        say::<S, _>(row, |row| S::GROUP.map_or_else(String::new, |together| (together.filter)(row)))
    }
    fn why_not(&self, row: &Row, command: &str) -> Option<Refusal> {
        say::<S, _>(row, |row| S::why_not(row, command))
    }
    fn targets(&self, row: &Row, command: &str) -> Vec<Target> {
        say::<S, _>(row, |row| S::targets(row, command))
    }
    fn opens(&self, action: Action) -> Option<Opens> {
        S::opens(action)
    }
    fn undecided(&self, row: &Row, me: &str) -> bool {
        say::<S, _>(row, |row| S::undecided(row, me))
    }
    fn due(&self, row: &Row, promised: Option<TimeDelta>) -> Option<DateTime<Utc>> {
        say::<S, _>(row, |row| S::due(row, promised))
    }
    fn leads(&self, row: &Row, facts: Option<&Facts>) -> Option<Leads> {
        say::<S, _>(row, |row| S::leads(row, facts))
    }
    fn held(&self, row: &Row) -> Option<DateTime<Utc>> {
        say::<S, _>(row, S::held)
    }
    fn changed(&self, old: &Row, new: &Row) -> String {
        match (of::<S>(old), of::<S>(new)) {
            (Some(old), Some(new)) => S::changed(old, new),
            _ => String::new(),
        }
    }
}
