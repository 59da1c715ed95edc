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

/// What kind of no a refusal is: the command line and HTTP answer alike for all codes of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A field is missing or wrong.
    Usage,
    /// The database does not know who asks.
    NotSignedIn,
    /// A rule forbids it, or the thing does not exist for the asker.
    Forbidden,
    /// Someone was first, or the thing changed, or is not what the asker saw.
    Conflict,
}

impl Class {
    /// The class of a code; one that is not known here is a rule that forbids.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match code {
            "reason_required" | "invalid" | "out_of_range" => Self::Usage,
            "not_signed_in" => Self::NotSignedIn,
            "not_pending" | "decided" | "changed" | "sha_missing" | "sha_differs" | "altered" | "superseded"
            | "released" | "command_id_reused" | "busy" | "key_taken" => Self::Conflict,
            _ => Self::Forbidden,
        }
    }

    /// The exit code of the command line (design, section 9).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::NotSignedIn => 4,
            Self::Forbidden => 5,
            Self::Conflict => 6,
        }
    }

    /// The status of HTTP.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Usage => 400,
            Self::NotSignedIn => 401,
            Self::Forbidden => 403,
            Self::Conflict => 409,
        }
    }
}

impl Refusal {
    /// What kind of no it is.
    #[must_use]
    pub fn class(&self) -> Class {
        Class::of(&self.code)
    }

    /// Whether a retry of the same command may succeed with nothing else changed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.code == "busy"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_exit_as_the_command_line_promises() {
        for (code, exit, status) in [
            ("reason_required", 2, 400),
            ("not_signed_in", 4, 401),
            ("own_submission", 5, 403),
            ("not_found", 5, 403),
            ("sha_missing", 6, 409),
        ] {
            assert_eq!((Class::of(code).exit_code(), Class::of(code).status()), (exit, status), "{code}");
        }
    }
}
