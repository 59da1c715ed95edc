//! The whole state of the desk. Everything drawn is here; nothing here draws.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::filter::Filter;
use super::key::Key;
use super::keymap::Keymap;
use super::layers::{Facts, Layer, Page, Toast};
use super::list::List;
use super::msg::{Cmd, Draft, Me, Order};
use super::preview::Preview;
use super::tab::{Tab, Tone};

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Nothing was heard yet.
    Connecting,
    /// Changes come in.
    Live,
    /// Lost, or never there; the sentence says what to do.
    Lost(String),
}

/// What came of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Nothing yet.
    Waiting,
    /// Done, and the database's sentence.
    Done(String),
    /// Refused, and the sentence.
    Refused(String),
    /// No answer came, and why. It goes out again, under the same id, when the connection is back.
    Unanswered(String),
}

/// A command sent, on one or more targets, until all answers are in.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What, in one or two words (`approve`).
    pub verb: &'static str,
    /// The effect, to send it again.
    pub cmd: Cmd,
    /// What came of each.
    pub orders: Vec<(Order, Came)>,
}

/// The state of the desk.
#[derive(Clone, Debug)]
pub struct Model {
    /// The time as the last message said.
    pub now: DateTime<Utc>,
    /// The zone dates are shown in.
    pub zone: Tz,
    /// Cells: columns, rows.
    pub size: (u16, u16),
    /// The site's name.
    pub site: String,
    /// Who I am, once the database said it.
    pub me: Option<Me>,
    /// The connection.
    pub link: Link,
    /// What is wrong beside the connection (worker, store), in one sentence.
    pub trouble: Option<String>,
    /// Which key does what.
    pub keymap: Keymap,
    /// The tabs there are.
    pub tabs: &'static [Tab],
    /// The tab shown.
    pub tab: usize,
    /// Its rows.
    pub list: List,
    /// The filter, as typed.
    pub filter: String,
    /// The filter, as checked.
    pub checked: Filter,
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
    /// Rows whose change closed a dialog: their votes will say who it was.
    pub explain: Option<(i64, String)>,
    /// A comment's draft that was kept.
    pub draft: Option<Draft>,
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
    /// A desk before anything was heard. `seed` must be random: command ids are made from it.
    #[must_use]
    pub fn new(tabs: &'static [Tab], title: String, seed: [u8; 32], now: DateTime<Utc>, size: (u16, u16)) -> Self {
        let home = tabs.first().map_or("", |tab| tab.home).to_owned();
        Self {
            now,
            zone: Tz::UTC,
            size,
            site: title,
            me: None,
            link: Link::Connecting,
            trouble: None,
            keymap: Keymap::default(),
            tabs,
            tab: 0,
            list: List::default(),
            checked: super::filter::check(&home, now).unwrap_or_default(),
            filter: home,
            page: Page::Table,
            detail_top: 0,
            layers: Vec::new(),
            facts: None,
            preview: None,
            preview_height: 1,
            toast: None,
            sent: Vec::new(),
            explain: None,
            draft: None,
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
        self.toast = Some(Toast { text: text.into(), tone, until: self.now + TimeDelta::seconds(seconds) });
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
        let held = |row| (self.tab().held)(row).is_some_and(|until| until > self.now);
        if self.list.current().is_some_and(held) {
            next = next.min(self.now + TimeDelta::milliseconds(1000));
        }
        next
    }
}
