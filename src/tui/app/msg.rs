//! What comes into the app and what goes out of it. Both are data: `tui::runtime` makes the ones and does the others.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::filter::Filter;
use super::key::Key;
use super::link::Trouble;
use super::row::{Row, Target};
use super::rules::SiteRules;
use super::state::draft::Draft;
use super::state::facts::Facts;
use super::state::job::{News, Part};
use super::waiting::Countersigned;
use crate::domain::access::{Dataset, RequestDefaults};
use crate::domain::command::Command;
use crate::domain::page::{Cursor, Sort, Total};
use crate::domain::refusal::Answer;
use crate::domain::seen::Seen;
use crate::inspect::Page;
use crate::text::Untrusted;

/// First-run hints that have gone for good, by name.
pub type Gone = BTreeSet<String>;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The time, before each other message.
    Clock(DateTime<Utc>),
    /// The screen's size in cells.
    Resize(u16, u16),
    /// A key.
    Key(Key),
    /// The mouse did something at a cell (column, row).
    Mouse(super::key::Mouse, u16, u16),
    /// The person's own settings were read: the keys, and what is wrong with a file.
    Adapted {
        /// The keys from now on.
        keymap: Box<super::state::keymap::Keymap>,
        /// A file's fault, with its line.
        fault: Option<String>,
    },
    /// Pasted text; it goes into text fields and nowhere else.
    Paste(String),
    /// The editor's text after a key or a paste.
    Edited(String),
    /// Who the database says I am, and what it says of the desk.
    Signed(Me),
    /// The projects one may see, each with its destinations.
    Projects(Vec<(String, Vec<String>)>),
    /// The site's numbers for access.
    Rules(SiteRules),
    /// State of the parts beside the database: none if well.
    Trouble(Option<Trouble>),
    /// The database cannot be used, and what to do, in one sentence.
    Lost(String),
    /// The change feed runs.
    Live,
    /// Rows of an area changed somewhere.
    Changed(&'static str, Vec<i64>),
    /// Changes may have been missed: read again.
    Resync,
    /// A page of the list.
    Listed {
        /// The request's number.
        generation: u64,
        /// How it fits to the rows there are.
        fit: Fit,
        /// The rows and the next page's cursor, or why not.
        answer: Result<(Vec<Row>, Option<Cursor>), String>,
    },
    /// Rows the filter lets through and all rows, as words.
    Counted {
        /// The request's number.
        generation: u64,
        /// Under the filter.
        total: Total,
        /// Without any.
        all: Option<Total>,
    },
    /// Rows read again by id.
    Rows(Vec<Row>),
    /// What the detail shows beyond a row of an area.
    Facts(&'static str, i64, Result<Facts, String>),
    /// A page of a preview.
    Previewed {
        /// The row.
        id: i64,
        /// The bytes it was asked for.
        sha256: String,
        /// The page, or why not.
        answer: Result<Page, String>,
    },
    /// A command's answer.
    Done {
        /// The command's id.
        command: Uuid,
        /// The database's answer, or why there is none.
        answer: Result<Answer, String>,
    },
    /// The person's key answered for the commands that begin with this one, or cannot sign, and why.
    KeyAnswered(Uuid, Result<Countersigned, String>),
    /// What a longer task says on its way or at its end.
    Note {
        /// Whether it went well.
        ok: bool,
        /// The sentence, drawn like untrusted text.
        text: Untrusted,
    },
    /// The first-run hints that have gone already.
    Hints(Gone),
    /// Something about a job.
    Job(u64, News),
    /// How the parts are.
    Status(Vec<Part>),
    /// The drafts that earlier desks left behind.
    Drafts(Vec<Draft>),
    /// The datasets one may ask for.
    Datasets(Vec<Dataset>),
    /// What a form for a dataset starts from, or why not.
    Defaults(String, Result<RequestDefaults, String>),
}

/// How an answered page fits to the rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Another question: start from the top.
    Start,
    /// The same question read again.
    Again,
    /// Its next page.
    More,
    /// The page before it.
    Before,
    /// Its last page, in place of all that was read.
    End,
}

/// Who I am.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// Login of the person.
    pub login: String,
    /// Roles in words (`checker of heart, lungs`).
    pub roles: String,
    /// Whether one only asks: every role is a researcher's.
    pub asks: bool,
    /// The area to begin with, where the roles say one.
    pub begins: Option<&'static str>,
    /// The areas on whose rows none of one's roles decides: one asks for them, or only reads them.
    pub lacks: Vec<&'static str>,
    /// The areas whose rows the roles let one read, whoever asked.
    pub reads: Vec<&'static str>,
}

/// One command on one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Made once; a retry sends the command again under it.
    pub id: Uuid,
    /// What.
    pub command: Command,
    /// What about, as seen.
    pub target: Target,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Cmd {
    /// Leave.
    Quit,
    /// Connect if needed, say who I am, follow the changes.
    Connect,
    /// Read a page of the list.
    List {
        /// Echoed in the answer.
        generation: u64,
        /// Echoed in the answer.
        fit: Fit,
        /// The filter, as checked.
        filter: Filter,
        /// In which order.
        sort: Sort,
        /// Behind which row; for [`Fit::Before`] before which.
        after: Option<Cursor>,
        /// Rows wanted.
        page: u32,
    },
    /// Count what the filter lets through and everything.
    Count {
        /// Echoed in the answer.
        generation: u64,
        /// The filter, as checked.
        filter: Filter,
    },
    /// Keep what was seen of a file version.
    NoteSeen(&'static str, i64, Seen),
    /// Read rows again.
    Rows(&'static str, Vec<i64>),
    /// Read a row's votes and comments.
    Facts(&'static str, i64),
    /// Read a stretch of a file.
    Preview {
        /// The row.
        id: i64,
        /// Its bytes.
        sha256: String,
        /// Where to start, as the last part's `next` said; 0 first.
        offset: u64,
        /// How many rows or lines are wanted.
        rows: u64,
    },
    /// Send commands, one after the other, so that each has its own answer.
    Send(Vec<Order>),
    /// Have commands signed by the person's key; they come back as [`Msg::KeyAnswered`].
    Sign(Vec<Order>),
    /// Wait for no key any more.
    StopSigning,
    /// Keep a draft on disk; a blank one drops what was kept of the same.
    Keep(Draft),
    /// Keep which first-run hints have gone.
    Hints(Gone),
    /// Read which have.
    ReadHints,
    /// Read the drafts earlier desks left.
    ReadDrafts,
    /// Read which datasets one may ask for.
    Datasets,
    /// Read what a form for a dataset starts from.
    Defaults(String),
    /// Open the editor with a text.
    Edit(String),
    /// A key for the editor.
    EditKey(Key),
    /// Pasted text for the editor.
    EditPaste(String),
    /// Ask the worker for a pass over the locations.
    Refresh,
    /// Download a released file, as a job of this number.
    Download {
        /// The job.
        job: u64,
        /// The file version.
        id: i64,
    },
    /// Stop a job.
    Stop(u64),
    /// See how database, worker and store are.
    Status,
    /// Put an id on the terminal's clipboard.
    Copy(String),
    /// Read keymap, theme and configuration again.
    ReadSettings,
    /// Clear the screen and draw it anew.
    Redraw,
    /// Stop the process until the shell brings it back.
    Suspend,
}
