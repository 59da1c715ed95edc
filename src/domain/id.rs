//! Ids as types of their own, each a decimal string on the wire. Used by every noun that has one; what the whole desk speaks of
//! (a file version, whose bytes are asked for by it) stands here.

/// A text that should be an id and is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is a number, such as 12; it stands in the first column of the list")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
        )]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.to_string()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::id::NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| $crate::domain::id::NotAnId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::domain::id::NotAnId;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}

pub(super) use id;

id!(
    /// The id of a file version; it never moves to other bytes. On the wire a decimal string.
    VersionId
);
