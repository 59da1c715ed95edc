//! What can lie over the table: dialogs, fields, help. The top layer gets the keys first.

use chrono::{DateTime, Utc};

use super::dialog::Dialog;
use super::field::Field;
use super::help::Help;
use super::row::Kind;
use super::tab::Tone;
use super::typing::FilterEdit;
use super::writing::Writing;
use crate::domain::access::{AccessCheck, AccessRequest, Grant};
use crate::text::Untrusted;

/// Which page fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The table, with detail and preview below where there is room.
    #[default]
    Table,
    /// One row's detail, with its preview.
    Detail,
    /// The preview alone.
    Preview,
}

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

/// One vote, as the detail shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteLine {
    /// For which destination.
    pub destination: String,
    /// Login of the voter.
    pub voter: String,
    /// `approve`, `reject` or `changes`.
    pub kind: String,
    /// What they said.
    pub comment: Untrusted,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it counts now.
    pub counted: bool,
}

/// One comment, as the detail shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentLine {
    /// Login of the author.
    pub author: String,
    /// The text.
    pub body: Untrusted,
    /// Only checkers see it.
    pub internal: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// One thing that happened, as the detail shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Login, or `the worker`; empty where the reader may not know.
    pub who: String,
    /// What, so that it reads on behind the login: `approved it for trusted`.
    pub did: Untrusted,
    /// The comment or reason they gave.
    pub said: Untrusted,
    /// Whether it changed the row: an opening does not.
    pub changed: bool,
}

/// What the detail of a request or grant shows beyond the row: all about its person and dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessFacts {
    /// The whole request text, where the row is a request.
    pub text: Option<Untrusted>,
    /// The person's requests for the dataset, newest first.
    pub requests: Vec<AccessRequest>,
    /// The person's grants on the dataset.
    pub grants: Vec<Grant>,
    /// Has the person access now; or why that is not known.
    pub check: Option<Result<AccessCheck, String>>,
}

/// What the detail shows beyond the row itself; read when the cursor rests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The votes, newest last.
    pub votes: Vec<VoteLine>,
    /// The comments, newest last.
    pub comments: Vec<CommentLine>,
    /// What happened to it, oldest first.
    pub history: Vec<HistoryLine>,
    /// All about the person and dataset, where the row is of those.
    pub access: Option<Box<AccessFacts>>,
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
    pub about: Option<(Kind, i64)>,
}
