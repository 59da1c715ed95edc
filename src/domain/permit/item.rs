//! Permits as rows of lists, and what their detail shows beside them. Part of [`super`].

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Move, Permit, Status};
use crate::domain::item::Item;
use crate::domain::page::Sort;
use crate::domain::query::{Field, PERMIT_FIELDS};
use crate::text::Untrusted;

impl Item for Permit {
    const AREA: &'static str = "permit";
    const THING: &'static str = "permit";
    const LISTED_BY: &'static str = "exeat permits list";
    const FIELDS: &'static [Field] = PERMIT_FIELDS;
    const SORTS: &'static [Sort] = &[
        Sort::new("created", true),
        Sort::new("waits", false),
        Sort::new("ends", false),
        Sort::new("reference", false),
        Sort::new("title", false),
    ];
    const NOTE: &'static str = "title";

    fn id(&self) -> i64 {
        self.id.0
    }

    fn row_version(&self) -> i64 {
        self.row_version
    }
}

/// One move a permit made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Where it stood; none before it was issued.
    pub previous: Option<Status>,
    /// Where it stood then.
    pub status: Status,
    /// The move; `issue` was the first.
    #[serde(rename = "move")]
    pub what: String,
    /// Login; none where it moved by itself.
    pub actor: Option<String>,
    /// Login of who asked for it first, where two were needed.
    pub second: Option<String>,
    /// Why.
    pub reason: Untrusted,
    /// The row version it had then.
    pub version: i64,
}

impl StateLine {
    /// The move it was; none of the issuing.
    #[must_use]
    pub fn moved(&self) -> Option<Move> {
        self.what.parse().ok()
    }
}

/// A message about a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The event.
    pub topic: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Its ways out; none where the site has none.
    pub deliveries: Vec<Delivery>,
}

/// How far a message is by one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The channel.
    pub channel: String,
    /// How often it was tried.
    pub attempt: i32,
    /// When it was there.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it is tried next, where it is not.
    pub next_try_at: DateTime<Utc>,
}

/// A file of an output, for whoever reads the project's files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputFile {
    /// The output's number.
    pub output: i32,
    /// The file's version.
    pub version: i64,
    /// Its name.
    pub name: Untrusted,
    /// Where it stands.
    pub state: String,
    /// The votes on it that stand, oldest first.
    pub votes: Vec<FileVote>,
}

/// A vote on a file of an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileVote {
    /// Login.
    pub voter: String,
    /// `approve`, `reject` or `changes`.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The service it came through; none where they voted themselves.
    pub via: Option<String>,
}

/// Beside a permit: its moves, its messages, the files of its outputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PermitFacts {
    /// Its moves, oldest first.
    pub states: Vec<StateLine>,
    /// Its newest messages, oldest first.
    pub messages: Vec<Message>,
    /// The files of its outputs, by output; none for who does not read them.
    pub files: Vec<OutputFile>,
}

impl PermitFacts {
    /// What the database said beside the history. A line this exeat does not understand is left out.
    #[must_use]
    pub fn of(more: &Map<String, Value>) -> Self {
        Self {
            states: lines(more.get("states")),
            messages: lines(more.get("messages")),
            files: lines(more.get("files")),
        }
    }
}

fn lines<T: DeserializeOwned>(lines: Option<&Value>) -> Vec<T> {
    lines.and_then(Value::as_array).into_iter().flatten().filter_map(|line| T::deserialize(line).ok()).collect()
}
