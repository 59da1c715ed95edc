//! What a tab keeps of its own: its rows, its filter, how far one has come in it. Held by `model`, one for each tab.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::filter::Filter;
use super::list::List;
use super::state::Page;
use super::state::facts::Facts;
use super::state::side::Side;
use super::tab::{Tab, check};

/// What a tab keeps.
#[derive(Clone, Debug)]
pub struct TabState {
    /// The tab.
    pub tab: &'static dyn Tab,
    /// Its rows, with cursor and marks.
    pub list: List,
    /// Its filter, as typed.
    pub filter: String,
    /// Its filter, as checked.
    pub checked: Filter,
    /// What was shown before one group alone: the filter and the row.
    pub former: Option<(String, Option<i64>)>,
    /// The tab whose row led here, to go back to.
    pub led_by: Option<usize>,
    /// The columns chosen, in order; all are shown where none are.
    pub columns: Option<Vec<usize>>,
    /// Rows came or went since the list was read: read it again once the answer under way is in.
    pub stale: bool,
    /// Which page fills the screen.
    pub page: Page,
    /// How far the detail is scrolled.
    pub detail_top: usize,
    /// Votes and comments of the row they were read for.
    pub facts: Option<(i64, Facts)>,
    /// The row and version they were last asked for.
    pub facts_asked: Option<(i64, i64)>,
    /// Facts read so far: a side made from older ones is made again.
    pub facts_read: u64,
    /// A row whose change closed a dialog, its name, and when the dialog had opened: its history says who it was.
    pub explain: Option<(i64, String, DateTime<Utc>)>,
    /// What the pane beside the detail holds, where the tab has one of its own.
    pub side: Option<Side>,
    /// First line of it shown.
    pub side_top: usize,
}

impl TabState {
    /// A tab that was not shown yet: its first view, unread.
    #[must_use]
    pub fn new(tab: &'static dyn Tab, now: DateTime<Utc>) -> Self {
        let mut state = Self {
            tab,
            list: List::default(),
            filter: String::new(),
            checked: Filter::everything(tab.area().word),
            former: None,
            led_by: None,
            columns: None,
            stale: false,
            page: Page::Table,
            detail_top: 0,
            facts: None,
            facts_asked: None,
            facts_read: 0,
            explain: None,
            side: None,
            side_top: 0,
        };
        state.ask_for(tab.area().home, now, Tz::UTC);
        state
    }

    /// Has one of the desk's own filters; these are always understood, a test reads them.
    pub fn ask_for(&mut self, filter: &str, now: DateTime<Utc>, zone: Tz) {
        filter.clone_into(&mut self.filter);
        self.checked = check(self.tab, filter, now, zone).unwrap_or_else(|_| Filter::everything(self.tab.area().word));
    }

    /// Begins to be shown again: as it was left, at its table, and what hangs on the row is read anew.
    pub fn come_back(&mut self) {
        self.page = Page::Table;
        self.detail_top = 0;
        self.facts = None;
        self.facts_asked = None;
        self.explain = None;
        self.side = None;
        self.stale = false;
    }
}
