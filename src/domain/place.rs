//! Where in a file a finding is: made by the checks, kept in the database, gone to by the desk.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::text::Untrusted;

/// A place in a file. In JSON `{"in": "row", "row": 3, "column": "deaths"}`; its `Display` is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Place {
    /// The whole file.
    Whole,
    /// The names of a table's columns, or one of them.
    Header {
        /// The column's name, or its number from 1 where it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<Untrusted>,
    },
    /// A row of a table, or a cell of it.
    Row {
        /// Its number from 1, the header not counted.
        row: u64,
        /// As in `Header`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<Untrusted>,
    },
    /// A column of a table.
    Column {
        /// As in `Header`.
        column: Untrusted,
    },
    /// A line of text.
    Line {
        /// Its number from 1.
        line: u64,
    },
    /// The file's name.
    Name,
    /// Something in it that has a name of its own: a file in an archive, what a picture carries.
    Part {
        /// That name.
        path: Untrusted,
    },
    /// What lists the parts of an archive.
    Listing,
    /// Before what the file seems to be.
    Start,
    /// Behind what the file seems to be.
    End,
}

impl Place {
    /// The row or line of findings that were kept with words only.
    #[must_use]
    pub fn of_words(words: &str) -> Option<Self> {
        let number = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
        match (words.strip_prefix("row "), words.strip_prefix("line ")) {
            (Some(rest), _) => Some(Self::Row { row: number(rest)?, column: None }),
            (None, Some(rest)) => Some(Self::Line { line: number(rest)? }),
            (None, None) => None,
        }
    }

    /// The place, or none where a newer exeat names one that is not known here: the finding counts without it.
    pub(super) fn if_known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Self>, D::Error> {
        Ok(serde_json::from_value(serde_json::Value::deserialize(from)?).ok())
    }
}

/// Words a person can follow, with names as they are in the file.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |f: &mut fmt::Formatter<'_>, column: &Option<Untrusted>| match column {
            Some(column) => write!(f, ", column {}", column.raw()),
            None => Ok(()),
        };
        match self {
            Self::Whole => f.write_str("the whole file"),
            Self::Header { column } => f.write_str("the header").and_then(|()| cell(f, column)),
            Self::Row { row, column } => write!(f, "row {row}").and_then(|()| cell(f, column)),
            Self::Column { column } => write!(f, "column {}", column.raw()),
            Self::Line { line } => write!(f, "line {line}"),
            Self::Name => f.write_str("the name"),
            Self::Part { path } => f.write_str(path.raw()),
            Self::Listing => f.write_str("the listing"),
            Self::Start => f.write_str("the beginning of the file"),
            Self::End => f.write_str("the end of the file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::egress::{Finding, Severity};

    use super::*;

    #[test]
    fn a_finding_keeps_its_place_beside_the_words() {
        let at = Place::Row { row: 3, column: Some("deaths".into()) };
        let finding = Finding::new("small_count", Severity::Warn, at.clone(), "Small count.".to_owned());
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["at"], serde_json::json!({"in": "row", "row": 3, "column": "deaths"}));
        assert_eq!(json["place"], "row 3, column deaths");
        let back: Finding = serde_json::from_value(json).unwrap();
        assert_eq!((back.at(), back), (Some(at), finding));
    }

    #[test]
    fn findings_with_words_only_or_with_places_nobody_knows_yet_are_read() {
        let read = |at: &str, place: &str| -> Option<Place> {
            let text = format!(r#"{{"rule": "r", {at} "place": "{place}", "sentence": "s", "severity": "warn"}}"#);
            serde_json::from_str::<Finding>(&text).unwrap().at()
        };
        assert_eq!(read("", "row 3, column n"), Some(Place::Row { row: 3, column: None }));
        assert_eq!(read("", "line 12"), Some(Place::Line { line: 12 }));
        assert_eq!(read("", "the header, column n"), None);
        assert_eq!(read(r#""at": {"in": "sheet", "sheet": 2},"#, "sheet 2"), None);
        assert_eq!(read(r#""at": null,"#, "line 2"), Some(Place::Line { line: 2 }));
        // A part of an archive may be named as it likes: its name leads nowhere.
        let part = Place::Part { path: "row 7".into() };
        assert_eq!(read(r#""at": {"in": "part", "path": "row 7"},"#, "row 7"), Some(part));
    }
}
