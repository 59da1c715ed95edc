//! What the tests need of the desk's inside because no screen says it, and what the world outside puts into it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use exeat::tui::app::actions::Entry;
use exeat::tui::app::keymap::Keymap;
use exeat::tui::app::keys::menu_entries;
use exeat::tui::app::layout::Area;
use exeat::tui::app::state::Page;
use exeat::tui::app::{Action, Key};

use super::Desk;
use exeat::domain::seen::{Cells, Rect, Seen, Unit};
use exeat::tui::app::sight::Looked;

/// Where the window on a long list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First line on the screen.
    pub top: usize,
    /// Lines that fit on it.
    pub height: usize,
    /// The cursor's line, and how many there are.
    pub line: usize,
    pub lines: usize,
    /// Whether what is held begins where the list does.
    pub begins: bool,
}

impl Desk {
    /// The time as the desk has it.
    pub fn now(&self) -> DateTime<Utc> {
        self.model.now
    }

    /// Its size in cells.
    pub(super) fn size(&self) -> (u16, u16) {
        self.model.size
    }

    /// The area shown.
    pub fn area(&self) -> &'static str {
        self.model.area().id
    }

    /// Which page fills the screen.
    pub fn page_name(&self) -> &'static str {
        match self.model.here().page {
            Page::Table => "table",
            Page::Detail => "detail",
            Page::Preview => "preview",
        }
    }

    /// The id of the row under the cursor.
    #[track_caller]
    pub fn here(&self) -> i64 {
        self.cursor().unwrap()
    }

    /// The same, if there is one.
    pub fn cursor(&self) -> Option<i64> {
        self.model.here().list.cursor
    }

    /// Puts the cursor on a row, however far it is.
    pub fn put_cursor(&mut self, id: i64) {
        self.model.here_mut().list.cursor = Some(id);
    }

    /// The marked rows, shown or not.
    pub fn marks(&self) -> BTreeSet<i64> {
        self.model.here().list.marks.clone()
    }

    /// How many of them the list does not hold.
    pub fn hidden_marks(&self) -> usize {
        self.model.here().list.hidden_marks()
    }

    /// The rows held, in order.
    pub fn ids(&self) -> Vec<i64> {
        self.model.here().list.rows().iter().map(|row| row.id).collect()
    }

    /// The version of a row as the desk read it last, if the list has the row.
    pub fn version(&self, id: i64) -> Option<i64> {
        self.model.here().list.get(id).map(|row| row.version)
    }

    /// The number of the newest list request.
    pub fn number(&self) -> u64 {
        self.model.here().list.generation
    }

    /// Where the window on the list stands.
    pub fn window(&self) -> Window {
        let list = &self.model.here().list;
        let (line, lines) = (list.line(), list.lines().len());
        Window { top: list.top, height: list.height, line, lines, begins: list.start.is_none() }
    }

    /// Why an action cannot be done now, if it cannot.
    pub fn why_not(&self, action: Action) -> Option<String> {
        self.model.why_not(action)
    }

    /// Whether an action is one of the tab shown.
    pub fn has(&self, entry: &Entry) -> bool {
        self.model.has(entry)
    }

    /// What a key does on the page.
    pub fn action_of(&self, key: Key) -> Option<Action> {
        self.model.keymap.action(key)
    }

    /// The actions the menu lists, each with why not now.
    pub fn menu(&self) -> Vec<(&'static Entry, Option<String>)> {
        menu_entries(&self.model)
    }

    /// The actions the palette finds for nothing typed.
    pub fn palette(&self) -> Vec<Action> {
        self.model.found("").into_iter().map(|found| found.entry.action).collect()
    }

    /// What the desk says was seen of a file.
    pub fn seen(&self, id: i64) -> String {
        self.model.seen_words(id).unwrap_or_default()
    }

    /// So many of 212 rows of five columns were seen.
    pub fn saw(&mut self, id: i64, rows: u64) {
        let parts = Cells::from(vec![Rect::from([0, rows, 0, 5])]);
        let seen = Seen { unit: Unit::Cells, rows: 212, columns: 5, whole: true, parts };
        self.model.seen.insert(id, Looked::of(seen, self.model.now));
    }

    /// Lines of a preview that fit on the screen.
    pub fn preview_height(&self) -> usize {
        self.model.preview_height
    }

    /// Where table and preview stand on the screen.
    pub fn table_at(&self) -> Area {
        self.model.layout().table
    }

    pub fn preview_at(&self) -> Area {
        self.model.layout().preview
    }

    /// The preview that was opened is none any more.
    pub fn close_preview(&mut self) {
        self.model.preview = None;
    }

    /// What was read beyond the row is unknown again.
    pub fn forget_facts(&mut self) {
        self.model.here_mut().facts = None;
    }

    /// The sentence at the foot goes before its time.
    pub fn hush(&mut self) {
        self.model.toast = None;
    }

    /// Who is at the desk.
    pub fn login(&self) -> &str {
        self.model.login()
    }

    /// Whether a command has no answer yet.
    pub fn waits(&self) -> bool {
        !self.model.sent.is_empty()
    }

    /// Whether nothing is held or watched that could be undone.
    pub fn holds_nothing(&self) -> bool {
        self.model.held.is_empty() && self.model.watched.is_empty()
    }

    /// Whether it is not yet known who changed the row of a dialog that closed.
    pub fn asks_who(&self) -> bool {
        self.model.here().explain.is_some()
    }

    /// How long the screen stays as it is if nothing happens.
    pub fn stays(&self) -> TimeDelta {
        self.model.next_change() - self.model.now
    }

    /// Whether something to draw changed; from now on nothing has.
    pub fn has_changed(&mut self) -> bool {
        std::mem::replace(&mut self.model.dirty, false)
    }

    /// The site promises a decision after so long.
    pub fn promise(&mut self, time: TimeDelta) {
        self.model.promised = Some(time);
    }

    /// The configuration has these reasons at hand for a command.
    pub fn usual(&mut self, command: &str, reasons: &[&str]) {
        self.model.canned.insert(command.into(), reasons.iter().map(|reason| (*reason).to_owned()).collect());
    }

    /// The configuration has these filters: the area, a name, the filter.
    pub fn saved(&mut self, filters: &[(&str, &str, &str)]) {
        let own = |(tab, name, filter): &(&str, &str, &str)| ((*tab).into(), (*name).into(), (*filter).into());
        self.model.saved = filters.iter().map(own).collect();
    }

    /// The person's own keys.
    pub fn keys(&mut self, keymap: &str) {
        self.model.keymap = Keymap::parse(keymap).unwrap();
    }

    /// The columns: each place in the table's, and whether it is shown; and the line of the configuration that says so.
    pub fn columns(&self) -> (Vec<(usize, bool)>, String) {
        (self.model.all_columns(), self.model.columns_line())
    }

    /// The columns chosen, by place.
    pub fn chosen_columns(&self) -> &[usize] {
        self.model.chosen_columns().unwrap()
    }

    /// The area's name on the tab line.
    pub fn tab_title(&self) -> &'static str {
        self.model.area().title
    }
}
