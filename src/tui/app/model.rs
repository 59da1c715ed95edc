//! The whole state of the desk. Everything drawn is here; nothing here draws.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::key::Key;
use super::layers::{Layer, Toast};
pub use super::link::{Link, Trouble};
use super::msg::{Gone, Me, Order};
use super::preview::Preview;
use super::row::Row;
use super::rules::SiteRules;
use super::sight::{Look, Looked};
use super::state::draft::Draft;
use super::state::job::{Job, Part};
use super::state::keymap::Keymap;
use super::tab::{Area, Tab};
use super::tab_state::TabState;
use super::words::Tone;
use crate::domain::query::Known;

/// What came of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
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
    /// The area of its targets.
    pub area: &'static str,
    /// Whether the rows no longer wait after it.
    pub decides: bool,
    /// What was written for it, to be there again if it is refused.
    pub draft: Option<Draft>,
    /// What came of each.
    pub orders: Vec<(Order, Reply)>,
    /// How often an answer was missing.
    pub missed: u32,
    /// When what has no answer goes out again by itself; the connection coming back is sooner.
    pub again: Option<DateTime<Utc>>,
}

/// Something this person just approved that is not out yet.
#[derive(Clone, Debug)]
pub struct Held {
    /// The tab it is on.
    pub(super) tab: usize,
    /// It, as read last.
    pub(super) row: Row,
}

/// The last decision of this desk.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The area of its rows.
    pub(super) area: &'static str,
    /// Its rows, as far as it was done.
    pub(super) ids: Vec<i64>,
    /// The same as read since.
    pub(super) rows: Vec<Row>,
}

impl Batch {
    /// Whether a row is among them.
    pub(super) fn has(&self, area: &str, id: i64) -> bool {
        self.area == area && self.ids.contains(&id)
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
    pub hints: Option<Gone>,
    /// What is wrong with a settings file, in one sentence; it stays until the file is right.
    pub fault: Option<String>,
    /// Which key does what.
    pub keymap: Keymap,
    /// What each tab keeps.
    pub tabs: Vec<TabState>,
    /// The place of the tab shown.
    pub at: usize,
    /// List requests so far: the number of the newest.
    pub reads: u64,
    /// How long a decision may take, as the site promises it.
    pub promised: Option<TimeDelta>,
    /// What the filter line can offer.
    pub known: Known,
    /// Filters saved in the configuration: the tab's id, a name, the filter.
    pub saved: Vec<(String, String, String)>,
    /// What lies over it, the top one last.
    pub layers: Vec<Layer>,
    /// The open preview.
    pub preview: Option<Preview>,
    /// Lines of text wider than the preview go on below.
    pub wraps: bool,
    /// Body lines the preview has room for; drawing notes it.
    pub preview_height: usize,
    /// The sentence at the foot.
    pub toast: Option<Toast>,
    /// Commands on their way.
    pub sent: Vec<Sent>,
    /// The person wanted to leave while a command had no answer, and was told.
    pub leaving: bool,
    /// Downloads of this desk, oldest first.
    pub jobs: Vec<Job>,
    /// How the parts were when last asked; none while the answer is awaited.
    pub status: Option<Vec<Part>>,
    /// What this person approved here and can still undo, the newest last.
    pub held: Vec<Held>,
    /// The last decision, which is taken back as a whole.
    pub batch: Batch,
    /// Rows decided here that were not read again yet.
    pub watched: Vec<(&'static str, i64)>,
    /// Reasons at hand, by command, as configured.
    pub canned: BTreeMap<String, Vec<String>>,
    /// What was written and not sent, each of its own row and kind.
    pub drafts: Vec<Draft>,
    /// The key being handled.
    pub key: Option<Key>,
    /// Something to draw changed since the last frame.
    pub dirty: bool,
    seed: [u8; 32],
    ids: u64,
    /// What was seen of each row's file, for the coverage a vote declares.
    pub seen: BTreeMap<i64, Looked>,
    /// What of the preview is on the screen, since when, and whether it was counted as seen.
    pub sight: Option<(Look, DateTime<Utc>, bool)>,
}

impl Model {
    /// A desk before anything was heard. There is at least one tab; `seed` must be random: command ids are made from it.
    #[must_use]
    pub fn new(
        tabs: &'static [&'static dyn Tab],
        title: String,
        seed: [u8; 32],
        now: DateTime<Utc>,
        size: (u16, u16),
    ) -> Self {
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
            tabs: tabs.iter().map(|tab| TabState::new(*tab, now)).collect(),
            at: 0,
            reads: 0,
            promised: None,
            known: Known::default(),
            saved: Vec::new(),
            layers: Vec::new(),
            preview: None,
            wraps: false,
            preview_height: 1,
            toast: None,
            sent: Vec::new(),
            leaving: false,
            jobs: Vec::new(),
            status: None,
            held: Vec::new(),
            batch: Batch::default(),
            watched: Vec::new(),
            canned: BTreeMap::new(),
            drafts: Vec::new(),
            key: None,
            dirty: true,
            seed,
            ids: 0,
            seen: BTreeMap::new(),
            sight: None,
        }
    }

    /// The time in the person's zone.
    #[must_use]
    pub fn local(&self) -> DateTime<Tz> {
        self.now.with_timezone(&self.zone)
    }

    /// What the tab shown keeps.
    #[must_use]
    pub fn here(&self) -> &TabState {
        &self.tabs[self.at]
    }

    /// The same, to be changed.
    pub fn here_mut(&mut self) -> &mut TabState {
        &mut self.tabs[self.at]
    }

    /// The tab shown.
    #[must_use]
    pub fn tab(&self) -> &'static dyn Tab {
        self.here().tab
    }

    /// What there is to say of it before it has rows.
    #[must_use]
    pub fn area(&self) -> &'static Area {
        self.tab().area()
    }

    /// Whether the person only asks: every row is their own.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.asks)
    }

    /// Whether no role of the person's decides on the rows of an area.
    #[must_use]
    pub fn lacks(&self, area: &str) -> bool {
        self.me.as_ref().is_some_and(|me| me.lacks.contains(&area))
    }

    /// The filter of a tab's first view.
    #[must_use]
    pub fn home_of(&self, tab: &dyn Tab) -> String {
        self.me.as_ref().map_or_else(|| tab.area().home.to_owned(), |me| tab.home(me))
    }

    /// The filter of the first view of the tab shown.
    #[must_use]
    pub fn home(&self) -> String {
        self.home_of(self.tab())
    }

    /// What the tab of an area keeps, shown or not.
    pub fn tab_of(&mut self, area: &str) -> Option<&mut TabState> {
        self.tabs.iter_mut().find(|state| state.tab.area().word == area)
    }

    /// Shows another tab; nothing is read.
    pub fn turn_to(&mut self, at: usize) {
        self.at = at;
        self.here_mut().come_back();
    }

    /// The saved filters of the tab shown, each with its name.
    pub fn saved_here(&self) -> impl Iterator<Item = (&String, &String)> {
        let id = self.area().id;
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
        let here = self.here().list.cursor.map(|id| (self.area().word, id));
        if let Some(toast) = &mut self.toast {
            toast.about = here;
        }
    }

    /// Takes away what was said of a row the cursor has left.
    pub(super) fn drop_stray(&mut self) {
        let here = self.here().list.cursor.map(|id| (self.area().word, id));
        self.toast = self.toast.take().filter(|toast| toast.about.is_none() || toast.about == here);
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
        next = self.next_look().map_or(next, |at| next.min(at));
        if self.link == Link::Live {
            next = self.sent.iter().filter_map(|sent| sent.again).fold(next, DateTime::min);
        }
        if let Some(Layer::Filter(edit)) = self.layers.last() {
            next = edit.due.map_or(next, |due| next.min(due));
        }
        let held = |row| self.tab().held(row).is_some_and(|until| until > self.now);
        if self.counts_down() || self.here().list.current().is_some_and(held) {
            next = next.min(self.now + TimeDelta::milliseconds(1000));
        }
        next
    }
}
