//! A desk driven by hand: messages in, effects and screens out.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::case::CaseState;
use exeat::domain::egress::{DestinationView, EgressItem, Finding, Place, Severity, VersionId};
use exeat::domain::page::Total;
use exeat::domain::refusal::{Answer, Refusal};
use exeat::inspect::{Body, Column, ColumnFacts};
use exeat::text::Untrusted;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::msg::{Fit, Me};
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Cmd, Key, Model, Msg, Row, first, update};
use exeat::tui::screens::TABS;
use exeat::tui::ui::{Editor, Look, by_name, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// A moment in the life of the tests.
pub fn noon() -> DateTime<Utc> {
    "2026-11-21T09:41:00Z".parse().unwrap()
}

/// A file that waits for votes, seen by a checker who may decide.
pub fn file(id: i64, key: &str) -> EgressItem {
    let refusal = |code: &str, message: &str| Some(Refusal { code: code.into(), message: message.into() });
    let why_not = BTreeMap::from([
        ("approve".to_owned(), None),
        ("reject".to_owned(), None),
        ("changes".to_owned(), None),
        ("comment".to_owned(), None),
        ("claim".to_owned(), None),
        ("preview".to_owned(), None),
        ("undo".to_owned(), refusal("not_held", "You have no vote here to undo.")),
        ("withdraw".to_owned(), refusal("not_submitter", "Only researcher1, who submitted it, can withdraw it.")),
        ("download".to_owned(), refusal("not_released", "It is not released: 2 approvals are needed, it has 1.")),
    ]);
    let view = DestinationView {
        state: CaseState::Pending,
        required: 2,
        count: 1,
        by: vec!["checker2".into()],
        against: Vec::new(),
        asked: Vec::new(),
        held_until: None,
        hold_seconds: Some(30),
        restore_by: None,
        why_not,
    };
    EgressItem {
        id: VersionId(id),
        row_version: 7,
        submission: id,
        turn: 1,
        project: "heart".into(),
        project_title: Untrusted::new("Heart atlas"),
        key: Untrusted::new(key),
        key_hex: None,
        version_id: None,
        etag: None,
        sha256: Some(format!("{id:08x}").repeat(8)),
        size: 12_431,
        media_type: Some("text/csv".into()),
        modified_at: noon(),
        submitted_at: noon() - TimeDelta::hours(98 - id.min(90)),
        submitted_by: Some("researcher1".into()),
        submitted_by_name: Some(Untrusted::new("Rosa Ek")),
        purpose: Untrusted::new("Readmission rates, paper table 2"),
        state: CaseState::Pending,
        blocked_reason: None,
        version: 2,
        newest: true,
        destinations: BTreeMap::from([("trusted".to_owned(), view)]),
        findings: Vec::new(),
        claimed_by: None,
        claimed_until: None,
    }
}

/// A finding.
pub fn finding(rule: &str, severity: Severity, sentence: &str) -> Finding {
    Finding::new(rule, severity, Place::Row { row: 2, column: None }, sentence.to_owned())
}

/// A page of a preview that shows this, all of it.
pub fn page(media_type: &str, body: Body) -> exeat::inspect::Page {
    exeat::inspect::Page {
        media_type: media_type.to_owned(),
        kind: String::new(),
        facts: Vec::new(),
        body,
        offset: 0,
        read_bytes: 4096,
        total_bytes: 12_431,
        next: None,
        carried: None,
        sha256: Some("00000001".repeat(8)),
        notes: Vec::new(),
    }
}

/// Columns of these names.
pub fn columns<'a>(names: impl IntoIterator<Item = &'a str>, facts: ColumnFacts) -> Vec<Column> {
    names.into_iter().map(|name| Column { name: Untrusted::new(name), facts }).collect()
}

/// Done, as the database says it.
pub fn done(sentence: &str) -> Answer {
    Answer { ok: true, code: "done".into(), sentence: sentence.into(), version: Some(8), data: serde_json::Value::Null }
}

/// The desk.
pub struct Desk {
    pub model: Model,
    pub editor: Option<Editor>,
    pub look: Look,
    /// Every effect so far that was not taken.
    pub cmds: Vec<Cmd>,
}

impl Desk {
    /// A desk of a screen size, before anything was heard.
    pub fn fresh(w: u16, h: u16) -> Self {
        let mut model = Model::new(TABS, "Cardiac TRE".into(), [7; 32], noon(), (w, h));
        let cmds = first(&mut model);
        let look = Look { theme: by_name("dark").unwrap(), ascii: false };
        Self { model, editor: None, look, cmds }
    }

    /// A desk of checker1 with these files.
    pub fn with(w: u16, h: u16, files: Vec<EgressItem>) -> Self {
        let mut desk = Self::fresh(w, h);
        desk.say(Msg::Signed(Me {
            login: "checker1".into(),
            roles: "checker of heart, lungs".into(),
            reads: vec![Kind::Egress],
            ..Me::default()
        }));
        desk.say(Msg::Live);
        desk.list(files);
        desk
    }

    /// Answers the newest list request.
    pub fn list(&mut self, files: Vec<EgressItem>) {
        self.rows(files.into_iter().map(Row::from).collect());
    }

    /// The same with rows of any kind.
    pub fn rows(&mut self, rows: Vec<Row>) {
        // A filter that is being typed is asked for once the hands rest.
        if matches!(self.model.layers.last(), Some(Layer::Filter(edit)) if edit.due.is_some()) {
            self.wait(500);
        }
        let counted = rows.len() as u64;
        let generation = self.model.list.generation;
        let fit = self
            .take(|cmd| matches!(cmd, Cmd::List { .. }))
            .iter()
            .rev()
            .find_map(|cmd| if let Cmd::List { fit, .. } = cmd { Some(*fit) } else { None })
            .unwrap_or(Fit::Start);
        self.say(Msg::Listed { generation, fit, answer: Ok((rows, None)) });
        let total = Total { counted, more: false };
        self.say(Msg::Counted { generation, total, all: Some(Total { counted: 4310, more: false }) });
    }

    /// One message in; the comment editor's effects are carried out at once, as the runtime does.
    pub fn say(&mut self, msg: Msg) {
        for cmd in update(&mut self.model, msg) {
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
                other => self.cmds.push(other),
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
            self.say(Msg::Key(Key::parse(name).unwrap()));
        }
    }

    /// Text typed letter by letter.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.wait(100);
            self.say(Msg::Key(Key::char(c)));
        }
    }

    /// Takes the effects that fit.
    pub fn take(&mut self, fits: impl Fn(&Cmd) -> bool) -> Vec<Cmd> {
        let (taken, rest) = std::mem::take(&mut self.cmds).into_iter().partition(|cmd| fits(cmd));
        self.cmds = rest;
        taken
    }

    /// Takes the decisions that went out.
    pub fn decisions(&mut self) -> Vec<Cmd> {
        self.take(|cmd| matches!(cmd, Cmd::Decide { .. }))
    }

    /// On a terminal that has only ASCII.
    pub fn ascii(&mut self) {
        self.look.ascii = true;
        self.model.ascii = true;
        self.say(Msg::Resize(self.model.size.0, self.model.size.1));
    }

    /// The screen.
    pub fn buffer(&self) -> Buffer {
        let (w, h) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(w, h)).unwrap();
        terminal.draw(|frame| draw(frame, &self.model, &self.look, self.editor.as_ref())).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as lines of text, blanks at line ends left out.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let line = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        let lines: Vec<String> = (0..buffer.area.height).map(|y| line(y).trim_end().to_owned()).collect();
        lines.join("\n") + "\n"
    }

    /// Name of the row under the cursor.
    pub fn here(&self) -> i64 {
        self.model.list.cursor.unwrap()
    }
}
