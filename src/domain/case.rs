//! Where a case stands. Part of every egress item; used by lists, filters and the desk.

use serde::{Deserialize, Serialize};

/// Where a case stands (design, section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Waits for votes.
    #[default]
    Pending,
    /// A checker asked for changes; a newer version or an undo moves it on.
    ChangesRequested,
    /// Enough approvals; held until the hold time is over, then released.
    Approved,
    /// The worker has claimed it: the point of no return.
    Releasing,
    /// The bytes are in the shared location.
    Released,
    /// Rejected for good, where the policy makes a rejection a veto.
    Rejected,
    /// Taken back by its submitter.
    Withdrawn,
    /// Too large, an undecodable key, or stopped by policy.
    Blocked,
    /// Released once, then stopped.
    Recalled,
    /// Newer bytes came before anyone had voted.
    Superseded,
    /// The bytes changed after someone had voted.
    Altered,
}

impl CaseState {
    /// Every state, the one needing most attention first.
    pub const ALL: [Self; 11] = [
        Self::Altered,
        Self::Blocked,
        Self::Pending,
        Self::ChangesRequested,
        Self::Approved,
        Self::Releasing,
        Self::Recalled,
        Self::Released,
        Self::Rejected,
        Self::Withdrawn,
        Self::Superseded,
    ];

    /// The name the database, the command line and JSON use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::ChangesRequested => "changes_requested",
            Self::Approved => "approved",
            Self::Releasing => "releasing",
            Self::Released => "released",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Blocked => "blocked",
            Self::Recalled => "recalled",
            Self::Superseded => "superseded",
            Self::Altered => "altered",
        }
    }

    /// Whether nobody can decide anything about it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Released | Self::Rejected | Self::Withdrawn | Self::Recalled | Self::Superseded | Self::Altered
        )
    }
}

impl std::fmt::Display for CaseState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for CaseState {
    type Err = String;

    /// The name; `-` and a space do for `_`, and upper case does too.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.to_ascii_lowercase().replace(['-', ' '], "_");
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|state| state.name()).collect();
            format!("There is no such state; use one of {}.", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_one_name_everywhere() {
        for state in CaseState::ALL {
            assert_eq!(state.name().parse::<CaseState>().unwrap(), state);
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
    }
}
