//! Pages of a list: order, place to go on from, total. Made in `db`, used by the desk and the command line.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortField {
    /// When intake registered it.
    #[default]
    SubmittedAt,
    /// By the key's bytes.
    Key,
    /// By size in bytes.
    Size,
    /// By how much attention its state needs.
    State,
    /// By how long it has waited for a decision.
    Waits,
}

impl SortField {
    /// The name the database and the command line know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SubmittedAt => "submitted_at",
            Self::Key => "key",
            Self::Size => "size",
            Self::State => "state",
            Self::Waits => "waits",
        }
    }
}

impl Sort {
    /// The same rows from the other end.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { descending: !self.descending, ..self }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The field.
    pub field: SortField,
    /// Largest or newest first.
    pub descending: bool,
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Self { field: SortField::SubmittedAt, descending: true }
    }
}

impl std::str::FromStr for Sort {
    type Err = String;

    /// `size`, or `-size` for the other way round; times are newest first unless written `+submitted_at`, everything
    /// else smallest first.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, turned) = match text.split_at_checked(1) {
            Some(("-", rest)) => (rest, Some(true)),
            Some(("+", rest)) => (rest, Some(false)),
            _ => (text, None),
        };
        let field = match name {
            "submitted_at" => SortField::SubmittedAt,
            "key" => SortField::Key,
            "size" => SortField::Size,
            "state" => SortField::State,
            "waits" => SortField::Waits,
            _ => return Err(format!("{text:?} is no sort field; use submitted_at, key, size, state or waits.")),
        };
        let usual = matches!(field, SortField::SubmittedAt | SortField::Waits);
        Ok(Self { field, descending: turned.unwrap_or(usual) })
    }
}

/// Where the next page begins: what the database said about the last row. Opaque.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub serde_json::Value);

impl std::fmt::Display for Cursor {
    /// One word for the command line: the JSON in unpadded base64url.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.to_string()))
    }
}

impl std::str::FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "This is no cursor; give the `next` of an earlier list, unchanged.".to_owned();
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        serde_json::from_slice(&json).map(Self).map_err(|_| wrong())
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page begins; none after the last row.
    pub next: Option<Cursor>,
    /// Where a page that begins behind each row would begin, in the order of the rows.
    #[serde(skip)]
    pub places: Vec<Option<Cursor>>,
}

/// How many rows a filter matches: exact up to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// The number counted.
    pub counted: u64,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.counted, if self.more { "+" } else { "" })
    }
}

impl Serialize for Total {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.more { to.collect_str(self) } else { to.serialize_u64(self.counted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_command_line() {
        let cursor = Cursor(serde_json::json!(["2026-11-21T09:00:00Z", 12, "ü"]));
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        assert!("not a cursor".parse::<Cursor>().is_err());
    }

    #[test]
    fn a_total_is_a_number_or_says_more() {
        let json = |total: Total| serde_json::to_string(&total).unwrap();
        assert_eq!(json(Total { counted: 12, more: false }), "12");
        assert_eq!(json(Total { counted: 10_000, more: true }), "\"10000+\"");
    }
}
