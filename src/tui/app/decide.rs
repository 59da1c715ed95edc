//! The decision dialog: what it shows, which keys confirm it, and what closes it. The only maker of a decision's commands.
//!
//! A confirm is `y`, or Enter on Yes. It never is the key that opened the dialog, a held key, pasted text, a key in the
//! first moment after opening, or one that came too fast behind another (typed ahead, or a paste by a terminal that does
//! not mark pastes).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::actions::Verdict;
use super::field::Field;
use super::key::{Code, Key};
use super::msg::Order;
use super::row::{Row, Target};
use super::tab::Fact;

/// How long after opening no key confirms, in milliseconds: longer than a burst of pasted or repeated keys, shorter than
/// anyone can read a file name.
const SETTLE_MS: i64 = 300;

/// Keys nearer to each other than this, in milliseconds, were not pressed one by one: a paste by a terminal that does not
/// mark pastes, or keys typed ahead while nobody read them. A held key repeats every 25 to 35.
const BURST_MS: i64 = 45;

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The number of targets, typed.
    Count,
    /// Comment or reason.
    Comment,
    /// Which destination, where the file waits for several.
    Destination,
    /// The button that does nothing.
    No,
    /// The button that decides.
    Yes,
}

/// A decision being confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Decide {
    /// What.
    pub verdict: Verdict,
    /// On what, exactly as shown. For one row of several cases: one of [`Decide::choices`].
    pub targets: Vec<Target>,
    /// The cases to choose from, where one row has several.
    pub choices: Vec<Target>,
    /// What is said about the target, or about each of several.
    pub statement: Vec<Fact>,
    /// Marked rows left out, and why, safe to draw.
    pub left_out: Vec<String>,
    /// Comment or reason.
    pub comment: Field,
    /// The typed count.
    pub count: Field,
    /// Where the keys go.
    pub focus: Focus,
    /// The key that opened it; it confirms nothing.
    pub opener: Option<Key>,
    /// When it opened.
    pub opened: DateTime<Utc>,
    /// What is missing, after a confirm that could not be.
    pub complaint: Option<String>,
    /// First statement line shown, where they do not all fit.
    pub top: usize,
    /// Reasons at hand.
    pub reasons: Vec<String>,
    /// Which of them stands in the comment, from 1; 0 is what was typed.
    pub picked: usize,
    typed: String,
    last_key: Option<DateTime<Utc>>,
    burst: bool,
}

/// What a key did to the dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stays.
    Stay,
    /// It closes, nothing happens.
    No,
    /// It is confirmed.
    Yes,
    /// Another destination was chosen: the statement must be made again.
    Choose,
}

impl Decide {
    /// A dialog with the focus where nothing is decided.
    #[must_use]
    pub fn new(verdict: Verdict, targets: Vec<Target>, opener: Option<Key>, now: DateTime<Utc>) -> Self {
        let focus = match (targets.len() > 1, verdict.needs_reason()) {
            (true, _) => Focus::Count,
            (false, true) => Focus::Comment,
            (false, false) => Focus::No,
        };
        Self {
            verdict,
            targets,
            choices: Vec::new(),
            statement: Vec::new(),
            left_out: Vec::new(),
            comment: Field::default(),
            count: Field::default(),
            focus,
            opener,
            opened: now,
            complaint: None,
            top: 0,
            reasons: Vec::new(),
            picked: 0,
            typed: String::new(),
            last_key: None,
            burst: false,
        }
    }

    /// The same with reasons at hand and a text that was written before, for the same thing.
    #[must_use]
    pub fn with(self, reasons: Vec<String>, text: String) -> Self {
        Self { reasons, comment: Field::with(text), ..self }
    }

    /// Whether the number of targets must be typed.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.targets.len() > 1
    }

    /// Keys that work where the focus is, each with what it does there, for the key bar.
    #[must_use]
    pub fn own_keys(&self) -> Vec<(&'static str, String)> {
        let yes = || ("y", format!("yes, {}", self.verdict.verb()));
        let reason = if self.verdict.needs_reason() { "reason" } else { "comment" };
        let next = || ("Tab", "next field".to_owned());
        let mut keys = match self.focus {
            Focus::Count => {
                vec![("0-9", format!("type {}", self.targets.len())), ("Enter", "go on".to_owned()), next()]
            }
            Focus::Comment => vec![("Enter", "go on".to_owned()), next()],
            Focus::Destination => {
                vec![("Left Right", "choose".to_owned()), ("Enter", "go on".to_owned()), yes(), ("n", "no".to_owned())]
            }
            Focus::No | Focus::Yes => vec![yes(), ("n", "no".to_owned()), ("c", reason.to_owned()), next()],
        };
        if self.focus == Focus::Comment && !self.reasons.is_empty() {
            keys.insert(0, ("ctrl-n", "usual reasons".to_owned()));
        }
        keys.push(("Esc", "no".to_owned()));
        keys
    }

    /// The cases to choose from: where there are several the focus begins there.
    #[must_use]
    pub fn choosing(self, choices: Vec<Target>) -> Self {
        let focus = if choices.len() > 1 { Focus::Destination } else { self.focus };
        Self { choices, focus, ..self }
    }

    /// Takes one key.
    pub fn key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        let before = self.last_key.replace(now);
        self.burst = before.is_some_and(|before| now - before < TimeDelta::milliseconds(BURST_MS));
        match key.code {
            Code::Esc => return Outcome::No,
            Code::Char('c') if key.ctrl => return Outcome::No,
            Code::Char('n') if key.ctrl => self.reason(1),
            Code::Char('p') if key.ctrl => self.reason(-1),
            Code::Tab | Code::Down => self.turn(1),
            Code::BackTab | Code::Up => self.turn(-1),
            Code::PageDown => self.top = (self.top + 1).min(self.statement.len()),
            Code::PageUp => self.top = self.top.saturating_sub(1),
            _ => match self.focus {
                Focus::Count => self.count_key(key),
                Focus::Comment if key.code == Code::Enter => self.focus = Focus::No,
                Focus::Comment => _ = self.comment.key(key),
                Focus::Destination => return self.destination_key(key, now),
                Focus::No | Focus::Yes => return self.button_key(key, now),
            },
        }
        Outcome::Stay
    }

    /// Takes pasted text: a comment may be pasted, a count or an answer not.
    pub fn paste(&mut self, text: &str) {
        if self.focus == Focus::Comment {
            self.comment.paste(text);
        }
    }

    fn stops(&self) -> Vec<Focus> {
        let mut stops = Vec::new();
        if self.counts() {
            stops.push(Focus::Count);
        }
        if self.choices.len() > 1 {
            stops.push(Focus::Destination);
        }
        stops.extend([Focus::Comment, Focus::No, Focus::Yes]);
        stops
    }

    fn turn(&mut self, by: isize) {
        let stops = self.stops();
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or(0);
        let count = stops.len();
        self.focus = stops[(at + count).saturating_add_signed(by) % count];
    }

    /// Puts the next reason at hand into the comment, to be edited there; before the first comes what was typed.
    fn reason(&mut self, by: isize) {
        if self.reasons.is_empty() {
            return;
        }
        if self.picked.checked_sub(1).and_then(|at| self.reasons.get(at)).map(String::as_str)
            != Some(self.comment.text())
        {
            self.comment.text().clone_into(&mut self.typed);
            self.picked = 0;
        }
        let count = self.reasons.len() + 1;
        self.picked = (self.picked + count).saturating_add_signed(by) % count;
        let text = if self.picked == 0 { &self.typed } else { &self.reasons[self.picked - 1] };
        self.comment = Field::with(text.clone());
        self.focus = Focus::Comment;
    }

    fn count_key(&mut self, key: Key) {
        match key.code {
            Code::Enter => self.focus = if self.verdict.needs_reason() { Focus::Comment } else { Focus::No },
            Code::Char(c) if !key.ctrl && !c.is_ascii_digit() => {}
            _ => _ = self.count.key(key),
        }
    }

    fn destination_key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        let count = self.choices.len();
        let at = self.choices.iter().position(|choice| Some(choice) == self.targets.first()).unwrap_or(0);
        let to = match key.code {
            Code::Left => (at + count - 1) % count,
            Code::Right | Code::Char(' ') => (at + 1) % count,
            Code::Enter => {
                self.turn(1);
                // From a comment that is only possible one goes on to No at once.
                if self.focus == Focus::Comment && !self.verdict.needs_reason() {
                    self.focus = Focus::No;
                }
                return Outcome::Stay;
            }
            _ => return self.button_key(key, now),
        };
        self.targets = vec![self.choices[to].clone()];
        Outcome::Choose
    }

    fn button_key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        match key.code {
            Code::Left | Code::Right | Code::Char('h' | 'l') if !key.ctrl => {
                self.focus = if self.focus == Focus::No { Focus::Yes } else { Focus::No };
            }
            Code::Char('n') if !key.ctrl => return Outcome::No,
            Code::Char('c') if !key.ctrl => self.focus = Focus::Comment,
            Code::Char(c) if self.counts() && c.is_ascii_digit() && !key.ctrl => {
                self.focus = Focus::Count;
                self.count_key(key);
            }
            Code::Char('y') if !key.ctrl && !key.alt => return self.confirm(key, now),
            Code::Enter if self.focus == Focus::Yes => return self.confirm(key, now),
            Code::Enter if self.focus == Focus::No => return self.decline(key, now),
            _ => {}
        }
        Outcome::Stay
    }

    /// Whether the key was meant: not the opener, not held, not in the first moment, not in a burst.
    fn meant(&self, key: Key, now: DateTime<Utc>) -> bool {
        !key.repeat
            && !self.burst
            && self.opener.is_none_or(|opener| !opener.same(key))
            && now - self.opened >= TimeDelta::milliseconds(SETTLE_MS)
    }

    /// Enter on No closes it, unless it is the Enter that opened it, still held.
    fn decline(&self, key: Key, now: DateTime<Utc>) -> Outcome {
        if self.meant(key, now) { Outcome::No } else { Outcome::Stay }
    }

    fn confirm(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        if !self.meant(key, now) {
            self.complaint = Some("Not taken: press y once more, on its own.".into());
            return Outcome::Stay;
        }
        if self.counts() && self.count.text().trim().parse() != Ok(self.targets.len()) {
            self.complaint = Some(format!("Type {} first: it is for that many files.", self.targets.len()));
            self.focus = Focus::Count;
            return Outcome::Stay;
        }
        if self.verdict.needs_reason() && self.comment.is_blank() {
            self.complaint = Some(format!("To {} needs a reason.", self.verdict.verb()));
            self.focus = Focus::Comment;
            return Outcome::Stay;
        }
        Outcome::Yes
    }

    /// The commands of a confirmed dialog, with what was seen of each target.
    #[must_use]
    pub fn orders(&self, seen: &BTreeMap<i64, String>, mut id: impl FnMut() -> uuid::Uuid) -> Vec<Order> {
        let said = self.comment.text().trim();
        let order = |target: &Target| {
            let command = self.verdict.command_on(target, said, seen.get(&target.id));
            Order { id: id(), command, target: target.clone() }
        };
        self.targets.iter().map(order).collect()
    }

    /// The target a row read again no longer is, if it moved on since the dialog opened.
    #[must_use]
    pub fn outdated(&self, row: &Row) -> bool {
        self.targets.iter().any(|target| target.id == row.id && target.seen != row.version)
    }
}
