//! The editor of a text that is sent by itself: a comment, a note. What it is and who reads it the tab says as data; texts
//! for different readers never look alike. Opened by `acts`; drawn by `ui::writing`.

use chrono::DateTime;
use chrono_tz::Tz;
use uuid::Uuid;

use super::actions::{Action, refusal_shown};
use super::draft::{Draft, Words};
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Order};
use super::row::{Row, Target};
use super::tab::{Fact, Tone};
use crate::domain::command::Command;
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

/// Names of what is kept in a draft: the text, and for which of its readers.
const TEXT: &str = "text";
const READER: &str = "reader";

/// What a reader sees around a text, under a title; all safe to draw.
pub type Around = (String, Vec<Fact>);

/// A text that can be written about a row.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The command whose why-not the row answers.
    pub command: &'static str,
    /// What it is called, and what its draft is of.
    pub noun: &'static str,
    /// Its heading, safe to draw.
    pub title: fn(&Row) -> String,
    /// Who can read it, as sentences safe to draw; Tab goes through them where there are several.
    pub readers: fn(&Row) -> Vec<(Tone, String)>,
    /// What it takes the place of.
    pub before: fn(&Row) -> String,
    /// What its reader sees around it, under a title; nothing where that does not matter.
    pub seen: fn(&Row, DateTime<Tz>) -> Option<Around>,
    /// The command of a text for the reader of a place.
    pub command_of: fn(text: String, reader: usize, &Target) -> Command,
}

/// A text being written; it lives in the editor of `tui::ui`, its last reading here.
#[derive(Clone, Debug)]
pub struct Writing {
    /// What it is.
    pub spec: &'static Text,
    /// The action that opens it again.
    pub action: Action,
    /// The row, as seen.
    pub target: Target,
    /// What to call the row, safe to draw.
    pub name: String,
    /// Its heading, safe to draw.
    pub title: String,
    /// Who can read it.
    pub readers: Vec<(Tone, String)>,
    /// Who will.
    pub reader: usize,
    /// The text so far.
    pub text: String,
    /// The text as it was.
    pub before: String,
    /// What its reader sees around it, under a title.
    pub seen: Option<Around>,
    /// The id this text goes out under; a retry keeps it.
    pub command: Option<Uuid>,
    /// It is on its way; no second one goes out.
    pub sending: bool,
    /// What went wrong the last time, safe to draw.
    pub complaint: Option<String>,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    Stay,
    /// It closes.
    Close,
    /// It is to be sent.
    Send,
    /// Another reader: another command, and another draft.
    Turned,
    /// The key belongs to the editor.
    Write,
}

impl Writing {
    /// Takes one key.
    pub fn key(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc => Outcome::Close,
            _ if self.sending => Outcome::Stay,
            Code::Tab if self.readers.len() > 1 => {
                self.reader = (self.reader + 1) % self.readers.len();
                self.command = None;
                Outcome::Turned
            }
            Code::Char('s') if key.ctrl => Outcome::Send,
            _ => Outcome::Write,
        }
    }

    /// Its draft; blank where nothing was written.
    fn words(&self) -> Words {
        let text = if self.text.trim() == self.before.trim() { "" } else { &self.text };
        let mut words = Words::from([(TEXT.to_owned(), text.to_owned())]);
        if !text.trim().is_empty() && self.reader > 0 {
            words.insert(READER.to_owned(), self.reader.to_string());
        }
        words
    }
}

impl Model {
    /// Opens the editor on the row under the cursor, with the draft that was kept or the text there is.
    pub(super) fn write(&mut self, action: Action, spec: &'static Text) -> Vec<Cmd> {
        let tab = self.tab();
        let Some(row) = self.list.current() else { return Vec::new() };
        let Some(target) = (tab.targets)(row, spec.command).into_iter().next() else { return Vec::new() };
        let before = (spec.before)(row);
        let kept = self.kept(&self.of(row.id, spec.noun));
        let of = |name: &str| kept.and_then(|words| words.get(name));
        let readers = (spec.readers)(row);
        let reader = of(READER).and_then(|reader| reader.parse().ok()).filter(|at| *at < readers.len()).unwrap_or(0);
        let text = of(TEXT).unwrap_or(&before).clone();
        let writing = Writing {
            spec,
            action,
            target,
            name: (tab.name)(row),
            title: (spec.title)(row),
            readers,
            reader,
            text: text.clone(),
            before,
            seen: (spec.seen)(row, self.local()),
            command: None,
            sending: false,
            complaint: None,
        };
        self.layers.push(Layer::Writing(Box::new(writing)));
        vec![Cmd::Edit(text)]
    }

    /// A key for the editor on top, which was taken off the layers.
    pub(super) fn writing_key(&mut self, mut writing: Box<Writing>, key: Key) -> Vec<Cmd> {
        let cmds = match writing.key(key) {
            Outcome::Close => return self.close_writing(&writing),
            Outcome::Stay => Vec::new(),
            Outcome::Turned => self.keep_writing(&writing),
            Outcome::Send => self.send_writing(&mut writing),
            Outcome::Write => vec![Cmd::EditKey(key)],
        };
        self.layers.push(Layer::Writing(writing));
        cmds
    }

    fn close_writing(&mut self, writing: &Writing) -> Vec<Cmd> {
        let cmds = self.keep_writing(writing);
        if self.kept(&self.of(writing.target.id, writing.spec.noun)).is_some() {
            let key = self.keymap.key(writing.action);
            self.say(Tone::Plain, format!("The {} is kept as a draft; {key} goes on with it.", writing.spec.noun));
        }
        cmds
    }

    fn keep_writing(&mut self, writing: &Writing) -> Vec<Cmd> {
        self.keep(Draft { of: self.of(writing.target.id, writing.spec.noun), words: writing.words() })
    }

    fn send_writing(&mut self, writing: &mut Writing) -> Vec<Cmd> {
        let text = writing.text.trim_end().to_owned();
        if text.is_empty() && writing.before.is_empty() {
            writing.complaint = Some("There is nothing to send yet.".into());
            return Vec::new();
        }
        // Told once that it moved on, the person's next try is about what it is now.
        if writing.complaint.take().is_some()
            && let Some(row) = self.list.get(writing.target.id)
            && writing.target.seen != row.version
        {
            writing.target.seen = row.version;
            writing.command = None;
        }
        let id = writing.command.unwrap_or_else(|| self.new_id());
        writing.command = Some(id);
        writing.sending = true;
        let command = (writing.spec.command_of)(text, writing.reader, &writing.target);
        vec![Cmd::Send(vec![Order { id, command, target: writing.target.clone() }])]
    }

    /// The text, as the editor has it now.
    pub(super) fn written(&mut self, text: String) -> Vec<Cmd> {
        let Some(Layer::Writing(mut writing)) = self.layers.pop() else { return Vec::new() };
        let mut cmds = Vec::new();
        if writing.text != text {
            writing.text = text;
            // Another text is another command: the id is bound to what it sent.
            writing.command = None;
            cmds = self.keep_writing(&writing);
        }
        self.layers.push(Layer::Writing(writing));
        cmds
    }

    /// The answer to a text, if it was one: the editor closes, or says what went wrong and keeps the text.
    pub(super) fn writing_answered(&mut self, command: Uuid, answer: &Result<Answer, String>) -> Option<Vec<Cmd>> {
        let sends = |layer: &Layer| matches!(layer, Layer::Writing(one) if one.sending && one.command == Some(command));
        let at = self.layers.iter().position(sends)?;
        let Layer::Writing(writing) = &mut self.layers[at] else { return None };
        writing.sending = false;
        match answer {
            Ok(answer) if answer.ok => {
                let (id, noun, name) = (writing.target.id, writing.spec.noun, writing.name.clone());
                self.layers.remove(at);
                self.facts_asked = None;
                self.say(Tone::Good, format!("{name}: {}", shown(&Untrusted::new(answer.sentence.clone()))));
                let mut cmds = self.drop_draft(self.of(id, noun));
                cmds.push(Cmd::Rows(self.kind(), vec![id]));
                return Some(cmds);
            }
            Ok(answer) => {
                writing.command = None;
                writing.complaint = answer.clone().into_result().err().as_ref().map(refusal_shown);
            }
            Err(sentence) => {
                writing.complaint =
                    Some(format!("{} ctrl-s sends it again.", shown(&Untrusted::new(sentence.clone()))));
            }
        }
        Some(Vec::new())
    }
}
