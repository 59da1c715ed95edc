//! A vote as it is asked for. Made by the desk and the command line, sent by `service::egress`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::egress::VersionId;

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

    /// Whether the person must say why.
    #[must_use]
    pub fn needs_reason(self) -> bool {
        self != Self::Approve
    }
}

impl std::fmt::Display for VoteKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// One vote on one case, on exactly the bytes the voter saw.
#[derive(Clone, Debug, PartialEq)]
pub struct VoteRequest {
    /// Made by the client once per decision, the same for every retry of it.
    pub command_id: Uuid,
    /// The file version.
    pub id: VersionId,
    /// Which of its cases; none where there is only one.
    pub destination: Option<String>,
    /// What is said.
    pub kind: VoteKind,
    /// Hex of the SHA-256 the voter saw; the database refuses a vote without it or with another than the file's.
    pub sha256: Option<String>,
    /// Why, or empty.
    pub comment: String,
    /// The row version the voter saw; none where they did not look at a row.
    pub seen_row_version: Option<i64>,
    /// What the client says was shown: useful, never proof.
    pub coverage: Option<serde_json::Value>,
}
