//! The database's answers to commands: done, or why not. Made in `db`, mapped to exit codes in `cli`, shown by the desk.

use serde::{Deserialize, Serialize};

/// What a command function returned. A refusal is an answer, not an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it was done.
    pub ok: bool,
    /// `done`, or the code of the rule that refused; see [`Refusal::code`].
    pub code: String,
    /// One sentence for the person.
    pub sentence: String,
    /// The row version after the command, where the command is about one row.
    pub version: Option<i64>,
    /// What the command made: ids and such; `null` where there is nothing to say.
    pub data: serde_json::Value,
}

impl Answer {
    /// The answer as a result: the refusal on the error side.
    ///
    /// # Errors
    /// The refusal, if the database refused.
    pub fn into_result(self) -> Result<Self, Refusal> {
        if self.ok { Ok(self) } else { Err(Refusal { code: self.code, message: self.sentence }) }
    }
}

/// Why something may not be done: a stable code and a sentence that says who can or what would have to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// A stable code such as `own_submission`.
    pub code: String,
    /// The sentence; it may quote what strangers wrote, so it is drawn like untrusted text.
    pub message: String,
}
