//! What a dialog is, as data: its words, its inputs, what it says before anything is done, and the command it makes of that.
//! The tabs write them (`tui::tabs`); `dialog` and `dialogs` carry them out and know none by name.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::entry::{Entry, Shape, Stop};
use super::row::{Row, Target};
use super::rules::SiteRules;
use super::state::facts::Facts;
use super::state::writing::Text;
use super::words::{Fact, Tone};
use crate::domain::access::RequestDefaults;
use crate::domain::command::Command;
use crate::domain::query::When;
use crate::domain::seen::Seen;

/// Makes a command that asks nothing before, of a row as this login sees it now; with the word for it.
pub type AtOnce = fn(&Row, &Target, &str, DateTime<Utc>) -> (&'static str, Command);

/// What an action on a row leads to.
#[derive(Clone, Copy, Debug)]
pub enum Opens {
    /// A dialog that confirms it.
    Dialog(&'static Spec),
    /// The editor of a text that is sent.
    Text(&'static Text),
    /// Its command at once.
    Command(AtOnce),
    /// No command: another filter, from the one there is; none goes to the first view.
    Filter(fn(&str) -> Option<&'static str>),
}

/// The title of a value that was read about, and a text for each input that rests on it.
pub type Fills = (String, Vec<(&'static str, String)>);

/// A dialog.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name in the rows' why-nots, in the configuration of reasons, and of its draft.
    pub command: &'static str,
    /// What one does, as on a button.
    pub verb: &'static str,
    /// What its heading begins with.
    pub heading: &'static str,
    /// What was not, where it closed without: `decided`, `done`.
    pub nothing: &'static str,
    /// Whether it is for all marked rows.
    pub several: bool,
    /// Whether the row no longer waits after it.
    pub decides: bool,
    /// Whether it rests on what is read beyond the row. Where not, the history is read if it closes because its row moved
    /// on, to say who was first.
    pub facts: bool,
    /// Who has a mail of it, one each.
    pub mails: Option<&'static str>,
    /// It is about no row yet: what it makes. Its inputs are kept as a draft, and what is sent is shown once more first.
    pub makes: Option<&'static str>,
    /// The texts at hand where the configuration names none.
    pub at_hand: &'static [&'static str],
    /// Its inputs but for count and destination, in order.
    pub inputs: fn(&Start) -> Vec<Entry>,
    /// What is wrong with an input, beyond that a needed one is empty.
    pub wrong: fn(&Inputs, &Entry) -> Option<String>,
    /// What it says of a target.
    pub statement: fn(&Inputs, &Target) -> Statement,
    /// The command on a target; none where nothing would change, or inputs are wrong.
    pub command_of: fn(&Inputs, &Target) -> Option<Command>,
    /// Whether the command on a target goes out signed by the person's key.
    pub signs: fn(&Inputs, &Target) -> bool,
    /// What the defaults of a value mean to the inputs: the value's title, and a text for each that is untouched.
    pub fills: fn(&RequestDefaults, Tz) -> Fills,
}

impl Spec {
    /// A dialog that says and makes nothing: what the others begin with.
    pub const BLANK: Self = Self {
        command: "",
        verb: "",
        heading: "",
        nothing: "done",
        several: false,
        decides: false,
        facts: false,
        mails: None,
        makes: None,
        at_hand: &[],
        inputs: |_| Vec::new(),
        wrong: |_, _| None,
        statement: |_, _| Statement {
            name: String::new(),
            stands: None,
            about: Vec::new(),
            found: Vec::new(),
            looked: None,
            weighs: Vec::new(),
            then: None,
        },
        command_of: |_, _| None,
        signs: |_, _| false,
        fills: |_, _| (String::new(), Vec::new()),
    };
}

/// What a dialog begins with.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// The row, or the first of several; none where it makes one.
    pub row: Option<&'a Row>,
    /// All it is about.
    pub rows: &'a [Row],
    /// Whose bytes were opened on this desk.
    pub opened: Vec<i64>,
    /// Whether it is about several.
    pub many: bool,
    /// The site's zone.
    pub zone: Tz,
    /// What the row under the cursor is about, where the dialog makes another of its kind.
    pub like: String,
    /// The texts at hand.
    pub at_hand: Vec<String>,
}

/// What a dialog says of one target, each part safe to draw.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The one line that names it among several.
    pub name: String,
    /// Where it is to go and how far it is there.
    pub stands: Option<String>,
    /// What names it exactly where it is alone: size and digest, person and dates.
    pub about: Vec<Fact>,
    /// What was found in it.
    pub found: Vec<Fact>,
    /// How much of it was seen, where that matters: in words, and how to read them.
    pub looked: Option<(Tone, String)>,
    /// What else weighs: who is against it, who is at it, what was said of it.
    pub weighs: Vec<Fact>,
    /// What will happen.
    pub then: Option<String>,
}

/// What a spec's functions are asked with: what the dialog holds, and what it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The inputs.
    pub fields: &'a [Entry],
    /// The row as it was shown; none where the dialog makes one.
    pub row: Option<&'a Row>,
    /// What is known beyond it.
    pub facts: Option<&'a Facts>,
    /// What was seen of it.
    pub seen: Option<&'a Seen>,
    /// What was read about a value: the value, and its title or why there is none.
    pub about: Option<&'a (String, Result<String, String>)>,
    /// What is shown is what is sent.
    pub exactly: bool,
    /// The site's numbers.
    pub rules: &'a SiteRules,
    /// Now, in the person's zone.
    pub now: DateTime<Tz>,
    /// Login of the person.
    pub me: &'a str,
}

impl Inputs<'_> {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.fields.iter().find(|entry| entry.name == name)
    }

    /// What an input holds; nothing where there is no such input.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.whole(name).trim()
    }

    /// The same with the blanks around it.
    #[must_use]
    pub fn whole(&self, name: &str) -> &str {
        self.entry(name).map_or("", Entry::value)
    }

    /// What it holds if the person changed it.
    #[must_use]
    pub fn changed(&self, name: &str) -> Option<&str> {
        self.entry(name).filter(|entry| entry.moved()).map(|entry| entry.value().trim())
    }

    /// The moment an input was changed to.
    #[must_use]
    pub fn moved(&self, name: &str) -> Option<DateTime<Utc>> {
        self.changed(name).and_then(|text| self.moment(text).ok())
    }

    /// The end an input was changed to.
    #[must_use]
    pub fn moved_end(&self, name: &str) -> Option<DateTime<Utc>> {
        self.changed(name).and_then(|text| self.end(text).ok())
    }

    /// What was typed as an end: a day is all of it.
    ///
    /// # Errors
    /// As [`Inputs::moment`].
    pub fn end(&self, text: &str) -> Result<DateTime<Utc>, String> {
        match text.trim() {
            "" | "now" => Ok(self.now.to_utc()),
            text => text.parse::<When>().map(|when| when.end(self.rules.zone)),
        }
    }

    /// What was typed as a moment; `now` and nothing are now.
    ///
    /// # Errors
    /// It is none, as a sentence.
    pub fn moment(&self, text: &str) -> Result<DateTime<Utc>, String> {
        match text.trim() {
            "" | "now" => Ok(self.now.to_utc()),
            text => text.parse::<When>().map(|when| when.at(self.rules.zone)),
        }
    }

    /// Whether what will happen can be said: no input is wrong but the number, or a reason not written yet.
    #[must_use]
    pub fn right(&self) -> bool {
        self.fields
            .iter()
            .all(|entry| entry.wrong.is_none() || entry.stop == Stop::Needed || entry.shape == Shape::Count)
    }
}
