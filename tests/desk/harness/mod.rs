//! A desk driven by hand: keys and messages in; screens, commands and reads out. The tests beside this folder speak of
//! those alone. What the desk is made of inside is named in this folder only: what goes out in `sent`, what is on the
//! screen in `screen`, what a dialog holds in `dialog`, what a key answers in `key`,
//! what none of them says in `inner`.

pub mod access;
pub mod dialog;
mod inner;
mod key;
pub mod live;
pub mod permits;
pub mod rows;
mod screen;
mod sent;

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::egress::EgressItem;
use exeat::domain::page::{Cursor, Total};
use exeat::domain::refusal::Answer;
use exeat::tui::app::msg::{Fit, Me};
use exeat::tui::app::state::draft::{Draft, Of};
use exeat::tui::app::{Cmd, Key, Model, Msg, Row, first, update};
use exeat::tui::tabs::TABS;
use exeat::tui::ui::{Editor, Look, by_name};
use serde_json::Value;
use uuid::Uuid;

pub use rows::{columns, done, facts_of, file, finding, history, noon, page};
use sent::Out;
pub use sent::{Asked, Sent};

/// The word of an area in the database; the tests call it by its tab's name in the configuration.
fn word(area: &str) -> &'static str {
    let tab = TABS.iter().find(|tab| tab.area().id == area).unwrap_or_else(|| panic!("there is no area {area}"));
    tab.area().word
}

/// The area of a word of the database.
fn area(word: &str) -> &'static str {
    TABS.iter().find(|tab| tab.area().word == word).unwrap().area().id
}

/// The areas there are.
pub const AREAS: [&str; 4] = ["egress", "requests", "grants", "permits"];

/// The desk.
pub struct Desk {
    model: Model,
    editor: Option<Editor>,
    pub look: Look,
    /// Every effect so far that was not taken.
    outs: Vec<Out>,
}

impl Desk {
    /// A desk of a screen size, before anything was heard.
    pub fn fresh(w: u16, h: u16) -> Self {
        Self::at(noon(), w, h)
    }

    /// The same at another time.
    pub fn at(now: DateTime<Utc>, w: u16, h: u16) -> Self {
        let (mut desk, cmds) = Self::begun(Model::new(TABS, "Cardiac TRE".into(), [7; 32], now, (w, h)));
        desk.heed(cmds);
        desk
    }

    /// The same with the first of the tabs alone.
    pub fn of_one_tab(w: u16, h: u16) -> Self {
        Self::begun(Model::new(&TABS[..1], "Cardiac TRE".into(), [7; 32], noon(), (w, h))).0
    }

    fn begun(mut model: Model) -> (Self, Vec<Cmd>) {
        let cmds = first(&mut model);
        let look = Look { theme: by_name("dark").unwrap(), ascii: false };
        (Self { model, editor: None, look, outs: Vec::new() }, cmds)
    }

    /// A desk of checker1 with these files.
    pub fn with(w: u16, h: u16, files: Vec<EgressItem>) -> Self {
        let mut desk = Self::fresh(w, h);
        desk.sign(Me { roles: "checker of heart, lungs".into(), reads: vec![word("egress")], ..me("checker1") });
        desk.list(files);
        desk
    }

    /// Somebody signed in, and the desk is live.
    pub fn sign(&mut self, me: Me) {
        self.say(Msg::Signed(me));
        self.say(Msg::Live);
    }

    /// The same desk once more, as it is now; nothing went out of it.
    pub fn again(&self) -> Self {
        let look = Look { theme: self.look.theme.clone(), ascii: self.look.ascii };
        Self { model: self.model.clone(), editor: self.editor.clone(), look, outs: Vec::new() }
    }

    /// Answers the newest list request.
    pub fn list(&mut self, files: Vec<EgressItem>) {
        self.rows(files.into_iter().map(rows::read).map(Row::from).collect());
    }

    /// The same with rows of any kind.
    pub fn rows(&mut self, rows: Vec<Row>) {
        // A filter that is being typed is asked for once the hands rest.
        if self.is_typing() {
            self.wait(500);
        }
        let counted = rows.len() as u64;
        let fit = self.asked("page").last().map_or("start", |page| sent::fit_of(page));
        self.page(self.number(), fit, rows, None);
        self.counted(Total { counted, more: false }, Total { counted: 4310, more: false });
    }

    /// An answer to the list request of a number; `fit` is how it fits to the rows there are, as was asked.
    pub fn page(&mut self, number: u64, fit: &str, rows: Vec<Row>, next: Option<Cursor>) {
        let fit = match fit {
            "start" => Fit::Start,
            "again" => Fit::Again,
            "more" => Fit::More,
            "before" => Fit::Before,
            "end" => Fit::End,
            other => panic!("no page fits {other}"),
        };
        self.say(Msg::Listed { generation: number, fit, answer: Ok((rows, next)) });
    }

    /// The newest list request is counted.
    pub fn counted(&mut self, total: Total, all: Total) {
        self.say(Msg::Counted { generation: self.number(), total, all: Some(all) });
    }

    /// Rows of an area changed somewhere.
    pub fn changed(&mut self, area: &str, ids: &[i64]) {
        self.say(Msg::Changed(word(area), ids.to_vec()));
    }

    /// Rows were read again.
    pub fn read_again(&mut self, rows: Vec<Row>) {
        let read = |row: Row| row.thing::<EgressItem>().cloned().map_or(row.clone(), |file| rows::read(file).into());
        self.say(Msg::Rows(rows.into_iter().map(read).collect()));
    }

    /// What the detail shows beyond the row was read.
    pub fn facts(&mut self, area: &str, id: i64, facts: rows::Facts) {
        self.say(Msg::Facts(word(area), id, Ok(facts)));
    }

    /// A command is done, and the database's sentence.
    pub fn answer(&mut self, command: Uuid, sentence: &str) {
        self.answer_as(command, done(sentence));
    }

    /// A command is refused, and the database's sentence.
    pub fn refuse(&mut self, command: Uuid, sentence: &str) {
        self.answer_as(command, Answer { ok: false, ..done(sentence) });
    }

    /// A command is refused with a code that the desk knows.
    pub fn refuse_as(&mut self, command: Uuid, code: &str, sentence: &str) {
        self.answer_as(command, Answer { ok: false, code: code.into(), ..done(sentence) });
    }

    fn answer_as(&mut self, command: Uuid, answer: Answer) {
        self.say(Msg::Done { command, answer: Ok(answer) });
    }

    /// An earlier desk left the draft of a request.
    pub fn left(&mut self, words: Value) {
        let of = Of { kind: "ask".into(), ..Of::default() };
        self.say(Msg::Drafts(vec![Draft { of, words: serde_json::from_value(words).unwrap() }]));
    }

    /// No answer came to a command.
    pub fn silence(&mut self, command: Uuid) {
        self.say(Msg::Done { command, answer: Err("PostgreSQL does not answer.".into()) });
    }

    /// The connection is lost.
    pub fn lose(&mut self) {
        self.say(Msg::Lost("PostgreSQL does not answer.".into()));
    }

    /// One message in; the comment editor's effects are carried out at once, as the runtime does.
    pub fn say(&mut self, msg: Msg) {
        let cmds = update(&mut self.model, msg);
        self.heed(cmds);
    }

    fn heed(&mut self, cmds: Vec<Cmd>) {
        for cmd in cmds {
            match cmd {
                Cmd::Edit(text) => self.editor = Some(Editor::with(&text)),
                Cmd::EditKey(key) => {
                    let editor = self.editor.as_mut().unwrap();
                    editor.key(key);
                    let text = editor.text();
                    self.say(Msg::Edited(text));
                }
                Cmd::EditPaste(text) => {
                    let editor = self.editor.as_mut().unwrap();
                    editor.paste(&text);
                    let text = editor.text();
                    self.say(Msg::Edited(text));
                }
                other => self.outs.extend(sent::outs(other)),
            }
        }
    }

    /// Time passes.
    pub fn wait(&mut self, milliseconds: i64) {
        let now = self.model.now + TimeDelta::milliseconds(milliseconds);
        self.say(Msg::Clock(now));
    }

    /// Keys by name, half a second apart.
    pub fn press(&mut self, names: &str) {
        for name in names.split_whitespace() {
            self.wait(500);
            self.key(name);
        }
    }

    /// A key by name at once.
    pub fn key(&mut self, name: &str) {
        self.say(Msg::Key(Key::parse(name).unwrap()));
    }

    /// Text typed letter by letter.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.wait(100);
            self.say(Msg::Key(Key::char(c)));
        }
    }

    /// Takes the commands that went out, in order.
    pub fn sent(&mut self) -> Vec<Sent> {
        let taken = self.take(|out| matches!(out, Out::Sent(_)));
        taken.into_iter().filter_map(|out| if let Out::Sent(sent) = out { Some(sent) } else { None }).collect()
    }

    fn take(&mut self, fits: impl Fn(&Out) -> bool) -> Vec<Out> {
        let (taken, rest) = std::mem::take(&mut self.outs).into_iter().partition(|out| fits(out));
        self.outs = rest;
        taken
    }

    /// Takes the only command that went out: it must be this one.
    #[track_caller]
    pub fn sent_one(&mut self, command: &str) -> Sent {
        let mut sent = self.sent();
        assert!(sent.len() == 1 && sent[0].command == command, "not {command} alone: {sent:?}\n{}", self.screen());
        sent.remove(0)
    }

    /// Takes the only command that went out: it must be that one once more, under its own id.
    #[track_caller]
    pub fn sent_again(&mut self, sent: &Sent) {
        assert_eq!(self.sent(), std::slice::from_ref(sent));
    }

    /// Takes what else went out under a name: reads (`page`, `facts`), drafts to keep, jobs.
    pub fn asked(&mut self, what: &str) -> Vec<Asked> {
        let taken = self.take(|out| matches!(out, Out::Asked(asked) if asked.what == what));
        taken.into_iter().filter_map(|out| if let Out::Asked(asked) = out { Some(asked) } else { None }).collect()
    }

    /// Takes all of that but what is under a name.
    pub fn asked_but(&mut self, what: &str) -> Vec<Asked> {
        let taken = self.take(|out| matches!(out, Out::Asked(asked) if asked.what != what));
        taken.into_iter().filter_map(|out| if let Out::Asked(asked) = out { Some(asked) } else { None }).collect()
    }

    /// The names of all that went out and was not taken; of a command its own.
    pub fn out(&self) -> Vec<&'static str> {
        let name = |out: &Out| match out {
            Out::Sent(sent) => sent.command,
            Out::Asked(asked) => asked.what,
        };
        self.outs.iter().map(name).collect()
    }

    /// Forgets what went out so far.
    pub fn forget(&mut self) {
        self.outs.clear();
    }

    /// On a terminal that has only ASCII.
    pub fn ascii(&mut self) {
        self.look.ascii = true;
        self.model.ascii = true;
        self.resize(self.model.size.0, self.model.size.1);
    }

    /// The terminal has another size.
    pub fn resize(&mut self, w: u16, h: u16) {
        self.say(Msg::Resize(w, h));
    }
}

/// A person of a login, with no roles said yet.
pub fn me(login: &str) -> Me {
    Me { login: login.into(), ..Me::default() }
}

/// The same as one who decides on nothing; `asks` who only sees their own.
pub fn reader(login: &str, roles: &str, asks: bool) -> Me {
    Me { roles: roles.into(), asks, lacks: AREAS.map(word).to_vec(), ..me(login) }
}

/// The same as one whose roles decide on some areas only, and read some.
pub fn reads_only(login: &str, roles: &str, lacks: &[&str], reads: &[&str]) -> Me {
    let words = |areas: &[&str]| areas.iter().map(|name| word(name)).collect();
    Me { roles: roles.into(), lacks: words(lacks), reads: words(reads), ..me(login) }
}

/// A steward, who begins with the requests.
pub fn steward_me(login: &str) -> Me {
    Me { roles: "steward".into(), begins: Some(word("requests")), ..me(login) }
}
