//! Whether a confirming key was meant: never the key that opened the dialog, a held one, one in the first moment after
//! opening, or one too near behind another (typed ahead, or pasted by a terminal that does not mark pastes).

use chrono::{DateTime, TimeDelta, Utc};

use super::key::Key;

/// How long after opening no key confirms, in milliseconds: longer than a burst of pasted or repeated keys, shorter than
/// anyone can read a name.
const SETTLE_MS: i64 = 300;
/// Keys nearer to each other than this, in milliseconds, were not pressed one by one.
const BURST_MS: i64 = 45;

/// What a dialog remembers of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    opener: Option<Key>,
    opened: DateTime<Utc>,
    last: Option<DateTime<Utc>>,
    burst: bool,
}

impl Guard {
    /// For a dialog opened by a key now.
    #[must_use]
    pub fn new(opener: Option<Key>, now: DateTime<Utc>) -> Self {
        Self { opener, opened: now, last: None, burst: false }
    }

    /// The key that opened it, or its stage.
    #[must_use]
    pub fn opener(&self) -> Option<Key> {
        self.opener
    }

    /// When it opened, or its stage began.
    #[must_use]
    pub fn opened(&self) -> DateTime<Utc> {
        self.opened
    }

    /// Notes that a key came.
    pub fn came(&mut self, now: DateTime<Utc>) {
        let before = self.last.replace(now);
        self.burst = before.is_some_and(|before| now - before < TimeDelta::milliseconds(BURST_MS));
    }

    /// Another stage begins: the key that opened it confirms nothing there.
    pub fn again(&mut self, opener: Key, now: DateTime<Utc>) {
        *self = Self::new(Some(opener), now);
    }

    /// Whether the key, the last that came, may confirm.
    #[must_use]
    pub fn meant(&self, key: Key, now: DateTime<Utc>) -> bool {
        !key.repeat
            && !self.burst
            && self.opener.is_none_or(|opener| !opener.same(key))
            && now - self.opened >= TimeDelta::milliseconds(SETTLE_MS)
    }
}
