//! A dialog with fields: what it shows, which keys fill and confirm it, what is wrong with what was typed. Opened by
//! `forms`, drawn by `ui::form`. Dates are judged while they are typed; nothing goes out but through Yes.

use chrono::{DateTime, Utc};

pub use super::entry::{Entry, Name};
use super::guard::Guard;
use super::key::{Code, Key};
use super::row::{Row, Target};
use super::tab::Fact;

/// What a dialog is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// Allow requests.
    Allow,
    /// Deny requests.
    Deny,
    /// Change a request's dates, IVA or ticket.
    Edit,
    /// Move a grant's end.
    Amend,
    /// Take grants back.
    Revoke,
    /// Ask for access.
    Ask,
}

impl What {
    /// Its name in the rows' why-nots and in the configuration of reasons.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Edit => "edit",
            Self::Amend => "amend",
            Self::Revoke => "revoke",
            Self::Ask => "ask",
        }
    }

    /// What one does, as on a button.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Edit => "change",
            Self::Ask => "Send request",
            other => other.command(),
        }
    }

    /// The texts at hand where the configuration names none.
    #[must_use]
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Self::Allow => &[
                "Please use the data only for the purpose you described.",
                "Access ends by itself; ask again in good time if you need it longer.",
            ],
            Self::Deny => &[
                "The purpose does not say what the data is needed for; please ask again with more detail.",
                "The data access committee did not agree.",
                "The ethics vote is missing or has expired.",
                "The project may not use this dataset under its contract.",
            ],
            Self::Amend => &["The project ends earlier.", "The project was extended.", "The contract was extended."],
            Self::Revoke => &[
                "The work with the data is over.",
                "The person has left the institution.",
                "The grant was given to the wrong person.",
                "The terms of use were broken.",
            ],
            Self::Edit | Self::Ask => &[],
        }
    }
}

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// A field, by place.
    Field(usize),
    /// The button that does nothing.
    No,
    /// The button that does it.
    Yes,
}

/// A dialog with fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// What for.
    pub what: What,
    /// Its heading, safe to draw.
    pub title: String,
    /// On what, exactly as shown.
    pub targets: Vec<Target>,
    /// The fields, in order.
    pub fields: Vec<Entry>,
    /// Where the keys go.
    pub focus: Focus,
    /// What exactly will happen; made anew after every key.
    pub plan: Vec<Fact>,
    /// First line of the plan shown, where they do not all fit.
    pub top: usize,
    /// Marked rows left out, and why, safe to draw.
    pub left_out: Vec<String>,
    /// What is missing, after a confirm that could not be.
    pub complaint: Option<String>,
    /// A new request whose fields are done: its plan is what is sent, and Yes sends it.
    pub preview: bool,
    /// What keys confirm.
    pub guard: Guard,
    /// A new request: the title of its dataset, safe to draw.
    pub dataset_title: String,
    /// A new request: the accession whose defaults were asked for last.
    pub defaults_asked: String,
    /// A new request: an accession that is not known, and what was said about it.
    pub unknown: Option<(String, String)>,
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
    /// The key belongs to the editor of the text.
    Write,
}

impl Form {
    /// A dialog; the focus is on the first field that must be filled, else where nothing is done.
    #[must_use]
    pub fn new(what: What, title: String, targets: Vec<Target>, fields: Vec<Entry>, guard: Guard) -> Self {
        let must = |entry: &Entry| match entry.name {
            Name::Count | Name::Reason => true,
            Name::Dataset => entry.value().is_empty(),
            Name::Text => what == What::Ask,
            Name::Ends => what == What::Amend,
            Name::Starts => what == What::Edit,
            _ => false,
        };
        let focus = fields.iter().position(must).map_or(Focus::No, Focus::Field);
        Self {
            what,
            title,
            targets,
            fields,
            focus,
            plan: Vec::new(),
            top: 0,
            left_out: Vec::new(),
            complaint: None,
            preview: false,
            guard,
            dataset_title: String::new(),
            defaults_asked: String::new(),
            unknown: None,
        }
    }

    /// A field by what it is.
    #[must_use]
    pub fn entry(&self, name: Name) -> Option<&Entry> {
        self.fields.iter().find(|entry| entry.name == name)
    }

    /// The same, to change it.
    pub fn entry_mut(&mut self, name: Name) -> Option<&mut Entry> {
        self.fields.iter_mut().find(|entry| entry.name == name)
    }

    /// What a field holds; nothing where there is no such field.
    #[must_use]
    pub fn value(&self, name: Name) -> &str {
        self.entry(name).map_or("", Entry::value)
    }

    /// What a field holds if the person changed it.
    #[must_use]
    pub fn changed(&self, name: Name) -> Option<&str> {
        self.entry(name).filter(|entry| entry.moved()).map(Entry::value)
    }

    /// The field the keys go to.
    #[must_use]
    pub fn here(&self) -> Option<&Entry> {
        if let Focus::Field(at) = self.focus { self.fields.get(at) } else { None }
    }

    fn here_mut(&mut self) -> Option<&mut Entry> {
        if let Focus::Field(at) = self.focus { self.fields.get_mut(at) } else { None }
    }

    /// Whether the keys go to the editor of the text.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.preview && self.here().is_some_and(|entry| entry.name == Name::Text)
    }

    /// What Yes is called now.
    #[must_use]
    pub fn yes(&self) -> String {
        match (self.what, self.preview) {
            (What::Ask, false) => "Continue".into(),
            (What::Ask, true) => "y Send request".into(),
            (what, _) => format!("y Yes, {}", what.verb()),
        }
    }

    /// Takes one key.
    pub fn key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        self.guard.came(now);
        self.complaint = None;
        match key.code {
            Code::Esc => return Outcome::No,
            Code::Char('c') if key.ctrl => return Outcome::No,
            Code::Tab => self.turn(1),
            Code::BackTab => self.turn(-1),
            Code::PageDown if !self.writes() => self.top += 1,
            Code::PageUp if !self.writes() => self.top = self.top.saturating_sub(1),
            Code::Char('n') if key.ctrl && !self.writes() => self.reason(1),
            Code::Char('p') if key.ctrl && !self.writes() => self.reason(-1),
            _ if self.writes() => return Outcome::Write,
            Code::Down => self.turn(1),
            Code::Up => self.turn(-1),
            _ => return self.other_key(key, now),
        }
        Outcome::Stay
    }

    fn other_key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        let Some(entry) = self.here_mut().filter(|_| !matches!(key.code, Code::Enter)) else {
            return if matches!(self.focus, Focus::Field(_)) {
                self.turn(1);
                Outcome::Stay
            } else {
                self.button_key(key, now)
            };
        };
        match key.code {
            Code::Left if !entry.choices.is_empty() => entry.choose(-1),
            Code::Right | Code::Char(' ') if !entry.choices.is_empty() => entry.choose(1),
            _ if !entry.choices.is_empty() => {}
            Code::Char(c) if entry.name == Name::Count && !key.ctrl && !c.is_ascii_digit() => {}
            _ => _ = entry.input.key(key),
        }
        Outcome::Stay
    }

    /// Takes pasted text: into fields that are typed, never into the count or an answer.
    pub fn paste(&mut self, text: &str) {
        if let Some(entry) = self.here_mut().filter(|entry| entry.choices.is_empty() && entry.name != Name::Count) {
            entry.input.paste(text);
        }
    }

    fn turn(&mut self, by: isize) {
        let fields = if self.preview { 0 } else { self.fields.len() };
        let at = match self.focus {
            Focus::Field(at) => at.min(fields),
            Focus::No => fields,
            Focus::Yes => fields + 1,
        };
        let count = fields + 2;
        let to = (at + count).saturating_add_signed(by) % count;
        self.focus = match to {
            to if to < fields => Focus::Field(to),
            to if to == fields => Focus::No,
            _ => Focus::Yes,
        };
    }

    fn reason(&mut self, by: isize) {
        let has = |entry: &Entry| !entry.reasons.is_empty();
        if !self.here().is_some_and(has) {
            let Some(at) = self.fields.iter().position(has) else { return };
            self.focus = Focus::Field(at);
        }
        if let Some(entry) = self.here_mut() {
            entry.reason(by);
        }
    }

    fn button_key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        match key.code {
            Code::Left | Code::Right | Code::Char('h' | 'l') if !key.ctrl => {
                self.focus = if self.focus == Focus::No { Focus::Yes } else { Focus::No };
            }
            Code::Char('n') if !key.ctrl => return Outcome::No,
            Code::Char('y') if !key.ctrl && !key.alt => return self.confirm(key, now),
            Code::Enter if self.focus == Focus::Yes => return self.confirm(key, now),
            Code::Enter if self.guard.meant(key, now) => return Outcome::No,
            _ => {}
        }
        Outcome::Stay
    }

    fn confirm(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        if !self.guard.meant(key, now) {
            self.complaint = Some("Not taken: press y once more, on its own.".into());
            return Outcome::Stay;
        }
        if let Some(at) = self.fields.iter().position(|entry| entry.wrong.is_some()) {
            self.complaint.clone_from(&self.fields[at].wrong);
            if !self.preview {
                self.focus = Focus::Field(at);
            }
            return Outcome::Stay;
        }
        Outcome::Yes
    }

    /// Whether a row read again is no longer what the dialog showed.
    #[must_use]
    pub fn outdated(&self, row: &Row) -> bool {
        self.targets.iter().any(|target| target.id == row.id && target.seen != row.version)
    }
}
