//! A dialog that confirms a command: what it holds, which keys fill and confirm it. Opened by `dialogs` from a spec, drawn by
//! `ui::dialog`. Nothing that needs a confirmation goes out but through its Yes.
//!
//! A confirm is `y` where no letter can be typed, or Enter on Yes, and only a key that [`Guard`] says was meant.

use chrono::{DateTime, Utc};

use super::entry::{COUNT, DESTINATION, Entry, Shape, Stop};
use super::field::Field;
use super::guard::Guard;
use super::key::{Code, Key};
use super::msg::Cmd;
use super::row::{Row, Target};
use super::spec::Spec;
use super::state::action::Action;
use super::state::draft::Words;
use super::words::Fact;

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// An input, by place.
    Field(usize),
    /// The button that does nothing.
    No,
    /// The button that does it.
    Yes,
}

/// A dialog.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// What for.
    pub spec: &'static Spec,
    /// The action that opens it again.
    pub action: Action,
    /// Its heading, safe to draw.
    pub title: String,
    /// The rows as they were when it opened; none where it makes one.
    pub rows: Vec<Row>,
    /// On what, exactly as shown, in the order of the rows.
    pub targets: Vec<Target>,
    /// The cases to choose from, where one row has several.
    pub choices: Vec<Target>,
    /// The inputs, in order.
    pub fields: Vec<Entry>,
    /// Where the keys go.
    pub focus: Focus,
    /// What it says; made anew after every key.
    pub said: Vec<Fact>,
    /// First line of that shown, where they do not all fit.
    pub top: usize,
    /// Marked rows left out, and why, safe to draw.
    pub left_out: Vec<String>,
    /// What is missing, after a confirm that could not be.
    pub complaint: Option<String>,
    /// The inputs are done: what is sent is shown, and Yes sends it.
    pub exactly: bool,
    /// Which keys confirm.
    pub guard: Guard,
    /// The value that was asked about last.
    pub asked: String,
    /// What came of it: the value, and its title or why there is none, safe to draw.
    pub about: Option<(String, Result<String, String>)>,
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

impl Dialog {
    /// A dialog on these rows and targets; the keys begin at the first input that wants them, else where nothing is done.
    #[must_use]
    pub fn new(
        (action, spec): (Action, &'static Spec),
        (rows, targets): (Vec<Row>, Vec<Target>),
        fields: Vec<Entry>,
        guard: Guard,
    ) -> Self {
        let focus = fields.iter().position(Entry::begins).map_or(Focus::No, Focus::Field);
        Self {
            spec,
            action,
            title: String::new(),
            rows,
            targets,
            choices: Vec::new(),
            fields,
            focus,
            said: Vec::new(),
            top: 0,
            left_out: Vec::new(),
            complaint: None,
            exactly: false,
            guard,
            asked: String::new(),
            about: None,
        }
    }

    /// An input by what it is.
    pub fn entry_mut(&mut self, name: &str) -> Option<&mut Entry> {
        self.fields.iter_mut().find(|entry| entry.name == name)
    }

    /// The input the keys go to.
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
        self.here().is_some_and(|entry| entry.shape == Shape::Text)
    }

    /// What the buttons are called now: the one that does nothing, the one that does it.
    #[must_use]
    pub fn buttons(&self) -> (&'static str, String) {
        match (self.spec.makes, self.exactly) {
            (None, _) => ("No", format!("y Yes, {}", self.spec.verb)),
            (Some(_), false) => ("No", "Continue".into()),
            (Some(_), true) => ("Back", format!("y {}", self.spec.verb)),
        }
    }

    /// Keys that work where the focus is, each with what it does there, for the key bar.
    #[must_use]
    pub fn own_keys(&self) -> Vec<(&'static str, String)> {
        let word = |key, label: &str| (key, label.to_owned());
        let verb = self.spec.verb.to_lowercase();
        let (yes, no, leave) = match (self.spec.makes, self.exactly) {
            (None, _) => (format!("yes, {verb}"), "no", "no"),
            (Some(_), false) => ("continue".into(), "no", "keep as a draft"),
            (Some(_), true) => (verb, "back", "back"),
        };
        let answers = || vec![word("y", &yes), word("n", no)];
        let go_on = || word("Enter", "go on");
        let mut keys = match self.here() {
            None => {
                let mut keys = answers();
                keys.extend(self.sentence().map(|at| ("c", self.fields[at].label.to_lowercase())));
                keys
            }
            Some(entry) => match entry.shape {
                Shape::Text => Vec::new(),
                Shape::Choice => [vec![word("Left Right", "choose"), go_on()], answers()].concat(),
                Shape::Count => vec![word("0-9", &format!("type {}", self.targets.len())), go_on()],
                Shape::Word | Shape::Line if entry.at_hand.is_empty() => vec![go_on()],
                Shape::Word | Shape::Line => vec![("ctrl-n", format!("{}s", entry.one_of)), go_on()],
            },
        };
        if self.here().is_none_or(|entry| entry.shape != Shape::Choice) {
            keys.push(word("Tab", "next field"));
        }
        keys.push(word("Esc", leave));
        keys
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
            _ if self.writes() => return Outcome::Write,
            Code::PageDown => self.top = (self.top + 1).min(self.said.len() + self.left_out.len()),
            Code::PageUp => self.top = self.top.saturating_sub(1),
            Code::Char('n') if key.ctrl => self.next_at_hand(1),
            Code::Char('p') if key.ctrl => self.next_at_hand(-1),
            Code::Down => self.turn(1),
            Code::Up => self.turn(-1),
            _ => return self.field_key(key, now),
        }
        Outcome::Stay
    }

    fn field_key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        let Some(entry) = self.here_mut() else { return self.button_key(key, now) };
        match (entry.shape, key.code) {
            (_, Code::Enter) => self.go_on(),
            (Shape::Choice, Code::Left) => self.choose(-1),
            (Shape::Choice, Code::Right | Code::Char(' ')) => self.choose(1),
            // No letter can be typed there: they answer.
            (Shape::Choice, _) => return self.button_key(key, now),
            (Shape::Count, Code::Char(c)) if !key.ctrl && !c.is_ascii_digit() => {}
            _ => _ = entry.input.key(key),
        }
        Outcome::Stay
    }

    /// Takes pasted text: into what is typed, never into the count or an answer.
    pub fn paste(&mut self, text: &str) {
        if let Some(entry) = self.here_mut().filter(|entry| matches!(entry.shape, Shape::Word | Shape::Line)) {
            entry.input.paste(text);
        }
    }

    fn turn(&mut self, by: isize) {
        let fields = if self.exactly { 0 } else { self.fields.len() };
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

    /// From an input to the next that Enter does not pass by.
    fn go_on(&mut self) {
        let Focus::Field(at) = self.focus else { return };
        let next = self.fields.iter().skip(at + 1).position(|entry| entry.stop != Stop::Aside);
        self.focus = next.map_or(Focus::No, |next| Focus::Field(at + 1 + next));
    }

    fn choose(&mut self, by: isize) {
        let Some(entry) = self.here_mut() else { return };
        entry.choose(by);
        if let (DESTINATION, at) = (entry.name, entry.at)
            && let Some(choice) = self.choices.get(at)
        {
            self.targets = vec![choice.clone()];
        }
    }

    /// The input in which a sentence is written.
    fn sentence(&self) -> Option<usize> {
        self.fields.iter().position(|entry| entry.shape == Shape::Line).filter(|_| !self.exactly)
    }

    fn next_at_hand(&mut self, by: isize) {
        let has = |entry: &Entry| !entry.at_hand.is_empty();
        if !self.here().is_some_and(has) {
            let Some(at) = self.fields.iter().position(has).filter(|_| !self.exactly) else { return };
            self.focus = Focus::Field(at);
        }
        if let Some(entry) = self.here_mut() {
            entry.next_at_hand(by);
        }
    }

    fn button_key(&mut self, key: Key, now: DateTime<Utc>) -> Outcome {
        let count = self.fields.iter().position(|entry| entry.name == COUNT);
        match key.code {
            Code::Left | Code::Right | Code::Char('h' | 'l') if !key.ctrl => {
                self.focus = if self.focus == Focus::No { Focus::Yes } else { Focus::No };
            }
            Code::Char('n') if !key.ctrl => return Outcome::No,
            Code::Char('c') if !key.ctrl => self.focus = self.sentence().map_or(self.focus, Focus::Field),
            Code::Char(c) if c.is_ascii_digit() && !key.ctrl && count.is_some() => {
                self.focus = count.map_or(self.focus, Focus::Field);
                return self.field_key(key, now);
            }
            Code::Char('y') if !key.ctrl && !key.alt => return self.confirm(key, now),
            Code::Enter if self.focus == Focus::Yes => return self.confirm(key, now),
            // Not the Enter that opened it, still held.
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
            if !self.exactly {
                self.focus = Focus::Field(at);
            }
            return Outcome::Stay;
        }
        Outcome::Yes
    }

    /// Goes to the stage that shows exactly what is sent, or back from it; the key that went there confirms nothing.
    pub fn show_exactly(&mut self, exactly: bool, key: Key, now: DateTime<Utc>) {
        self.exactly = exactly;
        self.focus = if exactly { Focus::No } else { Focus::Field(0) };
        self.top = 0;
        self.guard.again(key, now);
    }

    /// Whether a row read again is no longer what the dialog showed.
    #[must_use]
    pub fn outdated(&self, row: &Row) -> bool {
        self.targets.iter().any(|target| target.id == row.id && target.seen != row.version)
    }

    /// The words in it that cost something to write: all inputs where it makes something, else the sentences.
    #[must_use]
    pub fn words(&self) -> Words {
        let all = self.spec.makes.is_some();
        let keeps = |entry: &&Entry| if all { entry.choices.is_empty() } else { entry.shape == Shape::Line };
        self.fields.iter().filter(keeps).map(|entry| (entry.name.to_owned(), entry.value().to_owned())).collect()
    }

    /// Puts kept words back. Of what is made they are what it begins with; elsewhere they were typed.
    pub fn restore(&mut self, words: &Words) {
        let makes = self.spec.makes.is_some();
        for (name, text) in words {
            let Some(entry) = self.entry_mut(name) else { continue };
            entry.input = Field::with(text.clone());
            if makes {
                entry.first.clone_from(text);
            }
        }
        self.focus = self.fields.iter().position(Entry::begins).map_or(Focus::No, Focus::Field);
    }

    /// The value an input of it has that was not asked about yet, as the question.
    pub fn asks_about(&mut self) -> Option<Cmd> {
        let (value, source) = self.fields.iter().find_map(|entry| Some((entry.value().to_owned(), entry.source?)))?;
        let question = (source.about)(&value).filter(|_| self.asked != value)?;
        self.asked = value;
        self.about = None;
        Some(question)
    }
}
