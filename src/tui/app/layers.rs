//! What can lie over the table: dialogs, fields, help. The top layer gets the keys first.

use chrono::{DateTime, Utc};

use super::decide::Decide;
use super::field::Field;
use super::form::Form;
use super::notes::NoteEdit;
use super::row::{Kind, Target};
use super::state::help::Help;
use super::state::line::FilterEdit;
use super::tab::Tone;
use crate::domain::access::{AccessCheck, AccessRequest, Grant};
use crate::text::Untrusted;

/// Something over the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// A decision to be confirmed.
    Decide(Box<Decide>),
    /// Results of a decision on several rows.
    Results(Results),
    /// The filter line being edited.
    Filter(FilterEdit),
    /// A comment being written; its text lives in the editor of `tui::ui`, its last reading here.
    Comment(CommentEdit),
    /// A text to look for in the preview.
    Find(Field),
    /// Downloads, and how database, worker and store are; the chosen download.
    Tasks(usize),
    /// Which columns are shown; the chosen line.
    Columns(usize),
    /// Everything that happened to the row under the cursor; the first entry shown.
    History(usize),
    /// A dialog with fields.
    Form(Box<Form>),
    /// A request's note being written.
    Note(Box<NoteEdit>),
    /// Every action here.
    Menu(Picker),
    /// Actions by name.
    Palette(Picker),
    /// The help page.
    Help(Help),
}

/// A comment being written.
#[derive(Clone, Debug, PartialEq)]
pub struct CommentEdit {
    /// The row, as seen.
    pub target: Target,
    /// What to call it, safe to draw.
    pub name: String,
    /// The text so far.
    pub text: String,
    /// Only checkers see it.
    pub internal: bool,
    /// The id this text goes out under; a retry keeps it.
    pub command: Option<uuid::Uuid>,
    /// It is on its way; no second one goes out.
    pub sending: Option<uuid::Uuid>,
    /// What went wrong the last time.
    pub complaint: Option<String>,
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
