//! What a detail shows beside the row: votes, comments, history, the same types in every area. Made in `db::reads`, shown by the
//! desk and the command line.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use super::history::Event;
use super::seen::{Seen, Share};
use crate::text::Untrusted;

/// Everything beside a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The votes that stand, by destination in the order of their casting; none in areas without votes.
    pub votes: Vec<Vote>,
    /// The comments the reader may see, oldest first.
    pub comments: Vec<Comment>,
    /// Who opened it and how much of it they saw, as far as the reader may know; none in areas without files.
    pub looks: Vec<Look>,
    /// What happened, oldest first.
    pub history: Vec<Event>,
    /// What only this area has.
    pub more: Map<String, Value>,
}

/// One vote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// The case's destination.
    pub destination: String,
    /// Login.
    pub voter: String,
    /// Full name.
    pub voter_name: Untrusted,
    /// `approve`, `reject` or `changes`.
    pub kind: String,
    /// What they wrote; empty if nothing.
    pub comment: Untrusted,
    /// The bytes it was cast on.
    pub sha256: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// The service it came through; none where they voted themselves.
    pub via: Option<String>,
    /// Whether it counts now.
    pub counted: bool,
}

/// What one person saw of a file version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Login.
    pub person: String,
    /// When they first had it opened: the database's own.
    pub opened_at: DateTime<Utc>,
    /// How much of it their screens drew, as they declare; none where nothing was declared.
    pub share: Option<Share>,
    /// Of oneself, what.
    pub seen: Option<Seen>,
}

/// One comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// Login.
    pub author: String,
    /// Full name.
    pub author_name: Untrusted,
    /// The text.
    pub body: Untrusted,
    /// Whether only those who decide read it.
    pub internal: bool,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<Value> for Facts {
    /// Reads what the database said, line by line: one that is not understood says so itself.
    fn from(facts: Value) -> Self {
        let Value::Object(mut more) = facts else { return Self::default() };
        Self {
            votes: each(more.remove("votes"), |comment| Vote { comment, ..Vote::default() }),
            comments: each(more.remove("comments"), |body| Comment { body, ..Comment::default() }),
            looks: more.remove("looks").and_then(|looks| serde_json::from_value(looks).ok()).unwrap_or_default(),
            history: each(more.remove("history"), |sentence| Event { sentence, ..Event::default() }),
            more,
        }
    }
}

fn each<T: DeserializeOwned>(lines: Option<Value>, unread: impl Fn(Untrusted) -> T) -> Vec<T> {
    let Some(Value::Array(lines)) = lines else { return Vec::new() };
    let line = |line| {
        serde_json::from_value(line).unwrap_or_else(|why| {
            unread(
                format!("This exeat cannot read the line ({why}): use the one the database was migrated with.").into(),
            )
        })
    };
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_says_so_and_the_rest_goes_on() {
        let good = Comment { author: "checker1".into(), ..Comment::default() };
        let facts = Facts::from(json!({"comments": [good, {"author": 3}], "text": "more"}));
        assert_eq!(facts.comments[0], good);
        assert!(facts.comments[1].body.raw().contains("cannot read the line"), "{:?}", facts.comments[1]);
        assert_eq!(facts.more["text"], "more");
    }
}
