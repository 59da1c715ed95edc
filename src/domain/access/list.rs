//! The words of lists of requests and grants: states and reasons. Part of [`super`].

use serde::{Deserialize, Serialize};

use crate::domain::words::words;

words!(
    /// What became of an access request.
    RequestStatus, "status", {
        /// It waits for a steward.
        Pending = "pending",
        /// There is a grant.
        Allowed = "allowed",
        /// The note says why.
        Denied = "denied",
    }
);
words!(
    /// What a grant is at a moment, apart from what became of its request.
    GrantState, "state", {
        /// Valid from some day to come.
        Upcoming = "upcoming",
        /// Valid.
        Active = "active",
        /// No longer valid.
        Expired = "expired",
        /// Taken back.
        Revoked = "revoked",
    }
);
impl Default for RequestStatus {
    /// It asks to be looked at.
    fn default() -> Self {
        Self::Pending
    }
}

impl Default for GrantState {
    /// It says of no access that it is there.
    fn default() -> Self {
        Self::Revoked
    }
}

words!(
    /// What kind of reason a grant was revoked for.
    RevokeClass, "class", {
        /// The work is over.
        Ended = "ended",
        /// It should never have been given.
        Mistake = "mistake",
        /// It was abused.
        Misuse = "misuse",
    }
);
