//! The whole state of the desk. Everything drawn is here; nothing here draws.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::draft::Draft;
use super::filter::Filter;
use super::key::Key;
use super::keymap::Keymap;
use super::layers::{Facts, Layer, Page, Toast};
pub use super::link::{Link, Trouble};
use super::list::List;
use super::msg::{Me, Order};
use super::preview::Preview;
use super::row::Kind;
use super::rules::SiteRules;
use super::side::Side;
use super::tab::{Tab, Tone};
use crate::domain::query::Known;

/// What came of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Nothing yet.
    Waiting,
    /// Done, and the database's sentence.
    Done(String),
    /// Refused, and the sentence.
    Refused(String),
    /// No answer came, and why. It goes out again, under the same id, until one comes.
    Unanswered(String),
}

/// A command sent, on one or more targets, until all answers are in.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What, in one or two words (`approve`).
    pub verb: &'static str,
    /// What its targets are.
    pub kind: Kind,
    /// Whether the rows no longer wait after it.
    pub decides: bool,
    /// What was written for it, to be there again if it is refused.
    pub draft: Option<Draft>,
    /// What came of each.
    pub orders: Vec<(Order, Came)>,
    /// How often an answer was missing.
    pub missed: u32,
    /// When what has no answer goes out again by itself; the connection coming back is sooner.
    pub again: Option<DateTime<Utc>>,
}

/// What a tab keeps of its own while another is shown.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Its rows, with cursor and marks.
    pub list: List,
    /// Its filter, as typed.
    pub filter: String,
    /// Its filter, as checked.
    pub checked: Filter,
}

impl Parked {
    /// A tab that was not shown yet: its first view, unread.
    fn fresh(tab: &Tab, now: DateTime<Utc>) -> Self {
        // The desk's own filters are always understood; a test reads them.
        let checked =
            super::filter::check(tab.kind, tab.home, now, Tz::UTC).unwrap_or_else(|_| Filter::everything(tab.kind));
        Self { list: List::default(), filter: tab.home.to_owned(), checked }
    }
}

/// The state of the desk.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, no two of them make one state")]
#[derive(Clone, Debug)]
pub struct Model {
    /// The time as the last message said.
    pub now: DateTime<Utc>,
    /// The zone dates are shown in.
    pub zone: Tz,
    /// The site's numbers for access.
    pub rules: SiteRules,
    /// Cells: columns, rows.
    pub size: (u16, u16),
    /// The terminal has only ASCII: some signs take more cells then.
    pub ascii: bool,
    /// The site's name.
    pub site: String,
    /// Who I am, once the database said it.
    pub me: Option<Me>,
    /// The connection.
    pub link: Link,
    /// What is wrong beside the connection.
    pub trouble: Option<Trouble>,
    /// The first-run hints that have gone; none until that was read.
    pub hints: Option<super::hints::Gone>,
    /// What is wrong with a settings file, in one sentence; it stays until the file is right.
    pub fault: Option<String>,
    /// Which key does what.
    pub keymap: Keymap,
    /// The tabs there are.
    pub tabs: &'static [Tab],
    /// The tab shown.
    pub tab: usize,
    /// What the tabs keep while they are not shown, in their order; the place of the one shown is unused.
    pub parked: Vec<Parked>,
    /// Its rows.
    pub list: List,
    /// The filter, as typed.
    pub filter: String,
    /// The filter, as checked.
    pub checked: Filter,
    /// What was shown before one group alone: the filter and the row.
    pub former: Option<(String, Option<i64>)>,
    /// How long a decision may take, as the site promises it.
    pub promised: Option<TimeDelta>,
    /// What the filter line can offer.
    pub known: Known,
    /// The columns chosen for a tab, by its id, in order; all are shown where none are.
    pub columns: BTreeMap<&'static str, Vec<usize>>,
    /// Filters saved in the configuration: the tab's id, a name, the filter.
    pub saved: Vec<(String, String, String)>,
    /// Which page fills the screen.
    pub page: Page,
    /// How far the detail is scrolled.
    pub detail_top: usize,
    /// What lies over it, the top one last.
    pub layers: Vec<Layer>,
    /// Votes and comments of the row they were read for.
    pub facts: Option<(i64, Facts)>,
    /// The open preview.
    pub preview: Option<Preview>,
    /// Body lines the preview has room for; drawing notes it.
    pub preview_height: usize,
    /// The sentence at the foot.
    pub toast: Option<Toast>,
    /// Commands on their way.
    pub sent: Vec<Sent>,
    /// The person wanted to leave while a command had no answer, and was told.
    pub leaving: bool,
    /// A row whose change closed a dialog, its name, and when the dialog had opened: its history says who it was.
    pub explain: Option<(i64, String, DateTime<Utc>)>,
    /// Downloads of this desk, oldest first.
    pub jobs: Vec<super::jobs::Job>,
    /// How the parts were when last asked; none while the answer is awaited.
    pub status: Option<Vec<super::jobs::Part>>,
    /// What this person approved here and can still undo, the newest last.
    pub held: Vec<super::undo::Held>,
    /// Rows decided here that were not read again yet.
    pub watched: Vec<(Kind, i64)>,
    /// Reasons at hand, by command, as configured.
    pub canned: BTreeMap<String, Vec<String>>,
    /// What was written and not sent, each of its own row and kind.
    pub drafts: Vec<Draft>,
    /// What the pane beside the detail holds, where the tab has one of its own.
    pub side: Option<Side>,
    /// First line of it shown.
    pub side_top: usize,
    /// Facts read so far: a side made from older ones is made again.
    pub facts_read: u64,
    /// Rows came or went since the list was read: read it again once the answer under way is in.
    pub stale: bool,
    /// The key being handled.
    pub key: Option<Key>,
    /// Something to draw changed since the last frame.
    pub dirty: bool,
    seed: [u8; 32],
    ids: u64,
    /// What was seen of each row's file, in words, for the coverage a vote declares.
    pub seen: BTreeMap<i64, String>,
    /// The row and version the votes and comments were last asked for.
    pub facts_asked: Option<(i64, i64)>,
}

impl Model {
    /// A desk before anything was heard. There is at least one tab; `seed` must be random: command ids are made from it.
    #[must_use]
    pub fn new(tabs: &'static [Tab], title: String, seed: [u8; 32], now: DateTime<Utc>, size: (u16, u16)) -> Self {
        let parked: Vec<_> = tabs.iter().map(|tab| Parked::fresh(tab, now)).collect();
        let Parked { list, filter, checked } = Parked::fresh(&tabs[0], now);
        Self {
            now,
            zone: Tz::UTC,
            rules: SiteRules::default(),
            size,
            ascii: false,
            site: title,
            me: None,
            link: Link::Connecting,
            trouble: None,
            hints: None,
            fault: None,
            keymap: Keymap::default(),
            tabs,
            tab: 0,
            parked,
            list,
            filter,
            checked,
            former: None,
            promised: None,
            known: Known::default(),
            columns: BTreeMap::new(),
            saved: Vec::new(),
            page: Page::Table,
            detail_top: 0,
            layers: Vec::new(),
            facts: None,
            preview: None,
            preview_height: 1,
            toast: None,
            sent: Vec::new(),
            leaving: false,
            explain: None,
            jobs: Vec::new(),
            status: None,
            held: Vec::new(),
            watched: Vec::new(),
            canned: BTreeMap::new(),
            drafts: Vec::new(),
            side: None,
            side_top: 0,
            facts_read: 0,
            stale: false,
            key: None,
            dirty: true,
            seed,
            ids: 0,
            seen: BTreeMap::new(),
            facts_asked: None,
        }
    }

    /// The time in the person's zone.
    #[must_use]
    pub fn local(&self) -> DateTime<Tz> {
        self.now.with_timezone(&self.zone)
    }

    /// The tab shown.
    #[must_use]
    pub fn tab(&self) -> &'static Tab {
        &self.tabs[self.tab]
    }

    /// Whether the person only asks: every row is their own.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.asks)
    }

    /// Whether no role of the person's decides on a kind of rows.
    #[must_use]
    pub fn lacks(&self, kind: Kind) -> bool {
        self.me.as_ref().is_some_and(|me| me.lacks.contains(&kind))
    }

    /// The filter of a tab's first view: what needs one; of who only asks everything of their own; of who only reads all.
    #[must_use]
    pub fn home_of(&self, tab: &Tab) -> String {
        match tab.kind {
            Kind::Egress if self.asks() => format!("by:{}", self.login()),
            kind if self.asks() || self.lacks(kind) && kind != Kind::Grant => String::new(),
            _ => tab.home.to_owned(),
        }
    }

    /// The filter of the first view of the tab shown.
    #[must_use]
    pub fn home(&self) -> String {
        self.home_of(self.tab())
    }

    /// What the rows of the tab shown are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.tab().kind
    }

    /// The list of a kind of rows, shown or not.
    pub fn list_of(&mut self, kind: Kind) -> &mut List {
        match self.tabs.iter().position(|tab| tab.kind == kind) {
            Some(at) if at != self.tab => &mut self.parked[at].list,
            _ => &mut self.list,
        }
    }

    /// Shows another tab as it was left; nothing is read.
    pub fn turn_to(&mut self, tab: usize) {
        let generation = self.list.generation;
        // What is shown goes to its own place, then the other comes out of its.
        for at in [self.tab, tab] {
            let parked = &mut self.parked[at];
            std::mem::swap(&mut self.list, &mut parked.list);
            std::mem::swap(&mut self.filter, &mut parked.filter);
            std::mem::swap(&mut self.checked, &mut parked.checked);
        }
        self.tab = tab;
        // Answers to what the other tab asked are no longer awaited.
        self.list.generation = generation;
        self.page = Page::Table;
        self.detail_top = 0;
        self.facts = None;
        self.facts_asked = None;
        self.explain = None;
        self.stale = false;
        self.former = None;
    }

    /// The saved filters of the tab shown, each with its name.
    pub fn saved_here(&self) -> impl Iterator<Item = (&String, &String)> {
        let id = self.tab().id;
        self.saved.iter().filter(move |(tab, ..)| tab == id).map(|(_, name, filter)| (name, filter))
    }

    /// A new command id; a retry must keep the one it has.
    pub fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        let hash = Sha256::new().chain_update(self.seed).chain_update(self.ids.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Says one sentence at the foot of the screen; bad news stays longer.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let seconds = if tone == Tone::Stop || tone == Tone::Warn { 15 } else { 6 };
        let until = self.now + TimeDelta::seconds(seconds);
        self.toast = Some(Toast { text: text.into(), tone, until, about: None });
    }

    /// The same about the row under the cursor, without its name: beside another row it would mislead and goes.
    pub fn say_here(&mut self, tone: Tone, text: impl Into<String>) {
        self.say(tone, text);
        let here = self.list.cursor.map(|id| (self.kind(), id));
        if let Some(toast) = &mut self.toast {
            toast.about = here;
        }
    }

    /// Takes away what was said of a row the cursor has left.
    pub(super) fn drop_stray(&mut self) {
        let here = self.list.cursor.map(|id| (self.kind(), id));
        self.toast = self.toast.take().filter(|toast| toast.about.is_none() || toast.about == here);
    }

    /// Whether detail and preview stand below the table.
    #[must_use]
    pub fn wide(&self) -> bool {
        self.size.0 >= 110 && self.size.1 >= 28
    }

    /// Whether the screen is too small for anything but one line.
    #[must_use]
    pub fn tiny(&self) -> bool {
        self.size.0 < 40 || self.size.1 < 10
    }

    /// Login of the person, or nothing yet.
    #[must_use]
    pub fn login(&self) -> &str {
        self.me.as_ref().map_or("", |me| &me.login)
    }

    /// When the screen changes by itself: a countdown's next second, a toast's end, the next minute.
    #[must_use]
    pub fn next_change(&self) -> DateTime<Utc> {
        let minute = 60 - self.now.timestamp().rem_euclid(60);
        let mut next = self.now + TimeDelta::seconds(minute);
        if let Some(toast) = &self.toast {
            next = next.min(toast.until);
        }
        if self.link == Link::Live {
            next = self.sent.iter().filter_map(|sent| sent.again).fold(next, DateTime::min);
        }
        if let Some(Layer::Filter(edit)) = self.layers.last() {
            next = edit.due.map_or(next, |due| next.min(due));
        }
        let held = |row| (self.tab().held)(row).is_some_and(|until| until > self.now);
        if self.counts_down() || self.list.current().is_some_and(held) {
            next = next.min(self.now + TimeDelta::milliseconds(1000));
        }
        next
    }
}
