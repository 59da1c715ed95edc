//! The words of lists of requests and grants: states and reasons. Part of [`super`].

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in the order of their course.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in lists, filters and JSON.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|one| one.word().eq_ignore_ascii_case(text));
                found.copied().ok_or_else(|| {
                    let words: Vec<&str> = Self::ALL.iter().map(|one| one.word()).collect();
                    format!("There is no such {}; use {}.", $what, words.join(", "))
                })
            }
        }
    };
}

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
