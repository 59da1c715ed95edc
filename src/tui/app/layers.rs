//! What can lie over the table: dialogs, fields, help. The top layer gets the keys first.

use chrono::{DateTime, Utc};

use super::dialog::Dialog;
use super::field::Field;
use super::state::help::Help;
use super::state::line::FilterEdit;
use super::state::writing::Writing;
use super::whole::Whole;
use super::words::Tone;

/// Something over the page.
#[derive(Clone, Debug)]
pub enum Layer {
    /// A command to be confirmed.
    Dialog(Box<Dialog>),
    /// Results of a decision on several rows.
    Results(Results),
    /// The filter line being edited.
    Filter(FilterEdit),
    /// A comment or note being written.
    Writing(Box<Writing>),
    /// A text to look for in the preview.
    Find(Field),
    /// Downloads, and how database, worker and store are; the chosen download.
    Tasks(usize),
    /// Which columns are shown; the chosen line.
    Columns(usize),
    /// Everything that happened to the row under the cursor; the first entry shown.
    History(usize),
    /// One cell, line or row of the preview, whole.
    Whole(Whole),
    /// Every action here.
    Menu(Picker),
    /// Actions by name.
    Palette(Picker),
    /// The help page.
    Help(Help),
}

/// A list of actions to pick from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picker {
    /// What is typed to narrow it.
    pub field: Field,
    /// The picked line.
    pub at: usize,
}

/// The outcome of a decision on several rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// What was decided.
    pub title: String,
    /// One line for each row: its name and what came of it, safe to draw.
    pub lines: Vec<(String, Tone, String)>,
    /// First line shown.
    pub top: usize,
}

/// A sentence at the foot of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// The sentence, safe to draw.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
    /// When it goes.
    pub until: DateTime<Utc>,
    /// The row it is about where it does not name it: it goes when the cursor does.
    pub about: Option<(&'static str, i64)>,
}
