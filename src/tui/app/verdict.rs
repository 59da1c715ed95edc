//! What a decision dialog can be about, in words. Used by the dialog, the tabs and the runtime.

use super::actions::Action;
use super::row::Target;
use crate::domain::command::Command;
use crate::domain::vote::VoteKind;

/// What a decision dialog is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Vote for letting it out.
    Approve,
    /// Vote against; needs a reason.
    Reject,
    /// Send it back for changes; needs a reason.
    Changes,
    /// Take one's own file back.
    Withdraw,
    /// Stop the downloads of what was released; needs a reason.
    Recall,
    /// Let what was recalled out again, as one of two; needs a reason.
    Restore,
}

impl Verdict {
    /// The one an action opens a dialog for.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::Approve => Self::Approve,
            Action::Reject => Self::Reject,
            Action::Changes => Self::Changes,
            Action::Withdraw => Self::Withdraw,
            Action::Recall => Self::Recall,
            Action::Restore => Self::Restore,
            _ => return None,
        })
    }

    /// Its name in the database's answers.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Changes => "changes",
            Self::Withdraw => "withdraw",
            Self::Recall => "recall",
            Self::Restore => "restore",
        }
    }

    /// What one does, as on a button.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Changes => "request changes",
            Self::Withdraw => "withdraw",
            Self::Recall => "recall",
            Self::Restore => "restore",
        }
    }

    /// The word its dialog begins with.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Reject => "Reject",
            Self::Changes => "Request changes",
            Self::Withdraw => "Withdraw",
            Self::Recall => "Recall",
            Self::Restore => "Restore",
        }
    }

    /// Whether it is a vote on the bytes.
    #[must_use]
    pub fn is_vote(self) -> bool {
        matches!(self, Self::Approve | Self::Reject | Self::Changes)
    }

    /// Whether it decides about what waits; the others are about what was decided.
    #[must_use]
    pub fn decides(self) -> bool {
        !matches!(self, Self::Recall | Self::Restore)
    }

    /// The reasons at hand where the configuration names none: what checkers write most.
    #[must_use]
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Self::Reject => &[
                "Small counts: cells under the threshold can point at single people.",
                "It holds data about single people.",
                "It is not covered by the project's purpose.",
                "It cannot be checked by hand: no table, figure or text a person could read.",
            ],
            Self::Changes => &[
                "Please suppress or combine the cells with small counts.",
                "Please round the counts and take totals away that give a hidden cell back.",
                "Please leave out what is not needed: minimum, maximum, single values.",
                "Please say what the file shows and how many people stand behind each figure.",
            ],
            Self::Recall => &[
                "It holds data about single people that was overlooked.",
                "It went out for the wrong destination.",
                "The researcher asked for it.",
            ],
            Self::Restore => &["It was recalled by mistake.", "It was checked again and may go out."],
            Self::Approve | Self::Withdraw => &[],
        }
    }

    /// The command on one target, with what was said and what was seen of it.
    #[must_use]
    pub fn command_on(self, target: &Target, said: &str, seen: Option<&String>) -> Command {
        let (version, destination) = (target.version_id(), Some(target.destination.clone()));
        let said = (!said.is_empty()).then(|| said.to_owned());
        let kind = match self {
            Self::Approve => VoteKind::Approve,
            Self::Reject => VoteKind::Reject,
            Self::Changes => VoteKind::Changes,
            Self::Withdraw => return Command::Withdraw { version, destination, reason: said },
            Self::Recall => return Command::Recall { version, destination, reason: said },
            Self::Restore => return Command::Restore { version, destination, reason: said },
        };
        Command::CastVote {
            version,
            destination,
            kind,
            sha256: (!target.sha256.is_empty()).then(|| target.sha256.clone()),
            comment: said,
            seen_row_version: Some(target.seen),
            coverage: seen.map(|seen| serde_json::json!({ "shown": seen })),
        }
    }

    /// The one a command came from, and what was said with it.
    #[must_use]
    pub fn said(command: &Command) -> Option<(Self, String)> {
        let (verdict, said) = match command {
            Command::CastVote { kind: VoteKind::Approve, comment, .. } => (Self::Approve, comment),
            Command::CastVote { kind: VoteKind::Reject, comment, .. } => (Self::Reject, comment),
            Command::CastVote { kind: VoteKind::Changes, comment, .. } => (Self::Changes, comment),
            Command::Withdraw { reason, .. } => (Self::Withdraw, reason),
            Command::Recall { reason, .. } => (Self::Recall, reason),
            Command::Restore { reason, .. } => (Self::Restore, reason),
            _ => return None,
        };
        said.clone().map(|said| (verdict, said))
    }

    /// Whether it is refused without a reason.
    #[must_use]
    pub fn needs_reason(self) -> bool {
        !matches!(self, Self::Approve | Self::Withdraw)
    }
}
