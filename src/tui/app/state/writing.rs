//! A text that is sent by itself, a comment or a note: what it is, as its tab says it, and one being written. Held as a
//! layer; `writing` carries it out.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::key::{Code, Key};
use super::super::msg::Order;
use super::super::row::{Row, Target};
use super::super::words::{Fact, Tone};
use super::action::Action;
use super::draft::Words;
use crate::domain::command::Command;

/// Names of what is kept in a draft: the text, and for which of its readers.
pub(in crate::tui::app) const TEXT: &str = "text";
pub(in crate::tui::app) const READER: &str = "reader";

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
    /// What went out and has no answer yet; a retry is the same, under the same id.
    pub order: Option<Order>,
    /// It is on its way; no second one goes out.
    pub sending: bool,
    /// It was refused because the row moved on: the next try is about what it is now.
    pub moved_on: bool,
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
                self.order = None;
                Outcome::Turned
            }
            Code::Char('s') if key.ctrl => Outcome::Send,
            _ => Outcome::Write,
        }
    }

    /// Its draft; blank where nothing was written.
    #[must_use]
    pub fn words(&self) -> Words {
        let text = if self.text.trim() == self.before.trim() { "" } else { &self.text };
        let mut words = Words::from([(TEXT.to_owned(), text.to_owned())]);
        if !text.trim().is_empty() && self.reader > 0 {
            words.insert(READER.to_owned(), self.reader.to_string());
        }
        words
    }
}
