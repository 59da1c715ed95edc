//! What a vote says. Made by the desk and the command line, as part of a [`super::command::Command`].

use serde::{Deserialize, Serialize};

/// What a checker says about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoteKind {
    /// It may go out.
    Approve,
    /// It may not.
    Reject,
    /// Not like this.
    Changes,
}

impl VoteKind {
    /// The name the database knows it by; also its key in [`super::egress::DestinationView::why_not`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Changes => "changes",
        }
    }
}

impl std::fmt::Display for VoteKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
