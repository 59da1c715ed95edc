//! The words of lists of requests and grants: states, reasons, orders. Part of [`super`].

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
words!(
    /// By what requests and grants are ordered.
    AccessSortField, "order", {
        /// When they were made.
        Created = "created",
        /// Pending requests first, the oldest on top; requests only.
        Waits = "waits",
        /// When access starts.
        Starts = "starts",
        /// When access ends.
        Ends = "ends",
        /// The dataset's accession.
        Dataset = "dataset",
        /// The person's login.
        Login = "login",
    }
);

/// An order of requests or grants: a field and a direction. `created` is newest first, the others smallest first; `-`
/// before the field turns it round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessSort {
    /// By what.
    pub field: AccessSortField,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl AccessSort {
    /// The same rows from the other end.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { descending: !self.descending, ..self }
    }
}

impl Default for AccessSort {
    fn default() -> Self {
        Self { field: AccessSortField::Created, descending: true }
    }
}

impl std::str::FromStr for AccessSort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, turned) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let field: AccessSortField = name.parse()?;
        Ok(Self { field, descending: (field == AccessSortField::Created) != turned })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_turn_round() {
        let order = |text: &str| text.parse::<AccessSort>().map(|sort| (sort.field, sort.descending));
        assert_eq!(order("created"), Ok((AccessSortField::Created, true)));
        assert_eq!(order("-created"), Ok((AccessSortField::Created, false)));
        assert_eq!(order("ends"), Ok((AccessSortField::Ends, false)));
        assert_eq!(order("-ends"), Ok((AccessSortField::Ends, true)));
        assert_eq!(
            order("size").unwrap_err(),
            "There is no such order; use created, waits, starts, ends, dataset, login."
        );
    }
}
