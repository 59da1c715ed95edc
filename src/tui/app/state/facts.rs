//! What the detail shows beyond the row itself. Read when the cursor rests, kept by the tab.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use crate::domain::facts::{Comment, Look, Vote};
use crate::domain::facts::{Event, Facts as Read};
use crate::domain::seen::Seen;
use crate::text::Untrusted;

/// What only one area has, as its tab reads it.
pub type More = Option<Arc<dyn Any + Send + Sync>>;

/// What the detail shows beyond the row.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The votes, newest last.
    pub votes: Vec<Vote>,
    /// The comments, newest last.
    pub comments: Vec<Comment>,
    /// Who opened it, and how much of it they saw.
    pub looks: Vec<Look>,
    /// What happened to it, oldest first.
    pub history: Vec<HistoryLine>,
    /// What only its area has.
    pub more: More,
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

impl Facts {
    /// What the database said; `unnamed`: who it was where that names nobody.
    #[must_use]
    pub fn new(read: Read, unnamed: &str, more: More) -> Self {
        let history = read.history.iter().map(|event| HistoryLine::new(event, unnamed)).collect();
        Self { votes: read.votes, comments: read.comments, looks: read.looks, history, more }
    }

    /// What one saw of it oneself, as it was kept.
    #[must_use]
    pub fn own_look(&self) -> Option<&Seen> {
        self.looks.iter().find_map(|look| look.seen.as_ref())
    }

    /// What only its area has, as that of a type.
    #[must_use]
    pub fn more<T: Any>(&self) -> Option<&T> {
        self.more.as_deref()?.downcast_ref()
    }
}

impl HistoryLine {
    /// A journalled command in words; what people gave with it, or else what the worker or a refusal said.
    fn new(event: &Event, unnamed: &str) -> Self {
        let by_itself = event.actor.is_none() && !unnamed.is_empty();
        Self {
            at: event.at,
            changed: event.changed(),
            did: Untrusted::new(event.did()),
            said: if event.ok && !by_itself { event.said() } else { event.sentence.clone() },
            who: event.actor.clone().unwrap_or_else(|| unnamed.to_owned()),
        }
    }
}
