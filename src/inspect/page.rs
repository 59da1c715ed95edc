//! A page of a preview as data: what is shown of a file, what is not, and where to read on. Made by the formats; the desk
//! draws it and the command line prints it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::decode::Encoding;
use crate::text::Untrusted;

/// Bytes a line of hex shows.
pub const HEX_WIDTH: usize = 16;
/// Characters up to which a text is a word or a few.
const WORDS: u64 = 20;
/// What a page hands to the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// What the file is: the id of its format.
    pub kind: String,
    /// How its characters are written.
    pub encoding: Encoding,
    /// What stands between the cells.
    pub delimiter: u8,
    /// Rows (without the header) or lines before the page; none if unknown.
    pub before: Option<u64>,
    /// Names of the columns, if the file has them.
    pub header: Option<Vec<Untrusted>>,
    /// The page goes on inside a line that began before it.
    pub inside: bool,
}

/// What is shown of a file. It says what was read of how much; what could not be read as what it seems is in `notes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// Media type, from the bytes.
    pub media_type: String,
    /// What it is: the id of its format.
    pub kind: String,
    /// Facts about the file as a whole: size of an image, what an archive holds, what a picture carries.
    pub facts: Vec<Fact>,
    /// What is shown.
    pub body: Body,
    /// Offset of the first byte shown.
    pub offset: u64,
    /// Bytes read to make it.
    pub read_bytes: u64,
    /// Bytes of the whole file.
    pub total_bytes: u64,
    /// Where the next page begins; none at the end.
    pub next: Option<u64>,
    /// What to hand to the next page.
    pub carried: Option<Carried>,
    /// SHA-256 of the version shown, in hex: filled by who read the window.
    pub sha256: Option<String>,
    /// What a person should know of this page, one sentence each.
    pub notes: Vec<Untrusted>,
}

impl Page {
    /// Whether a page shows what follows as this one began; what fails over a later stretch is shown as bytes.
    #[must_use]
    pub fn goes_on_in(&self, page: &Self) -> bool {
        std::mem::discriminant(&self.body) == std::mem::discriminant(&page.body)
    }

    /// Takes in the page that follows this one, if it [goes on](Self::goes_on_in) in it.
    pub fn go_on(&mut self, page: Self) {
        // Two pages may have read the same bytes: the second begins behind what the first showed.
        let end = |page: &Self| page.offset.saturating_add(page.read_bytes);
        self.read_bytes = end(self).max(end(&page)).saturating_sub(self.offset);
        for fact in page.facts {
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
        }
        for note in page.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        (self.next, self.carried) = (page.next, page.carried);
        self.body.go_on(page.body);
    }
}

/// A fact about a file: its name is ours, its value a stranger's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What the file says.
    pub value: Untrusted,
}

impl Fact {
    /// One of a name and what the file says.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Untrusted::new(value) }
    }
}

/// The body of a preview.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// Lines of text.
    Lines {
        /// Number of the first line, from 1; none if the page stands alone in the middle of a file.
        first_line: Option<u64>,
        /// The lines; a very long one comes in pieces.
        lines: Vec<Line>,
        /// How the characters were written.
        encoding: Encoding,
    },
    /// Rows of a table.
    Table {
        /// The columns, as many as the widest row shown has.
        columns: Vec<Column>,
        /// The rows, each as long as it is in the file.
        rows: Vec<Vec<Untrusted>>,
        /// Number of the first row, from 1, the header not counted; none if unknown.
        first_row: Option<u64>,
        /// Whether the names of the columns come from the file.
        header: bool,
    },
    /// Bytes as they are.
    Hex {
        /// Offset of the first.
        offset: u64,
        /// The bytes.
        #[serde(serialize_with = "as_hex")]
        bytes: Vec<u8>,
    },
    /// Nothing, and why.
    Nothing {
        /// One sentence.
        reason: String,
    },
}

impl Body {
    /// How many rows, lines or lines of hex it shows; pieces of a long line are one line.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let count = match self {
            Self::Lines { lines, .. } => lines.iter().filter(|line| !line.continues).count(),
            Self::Table { rows, .. } => rows.len(),
            Self::Hex { bytes, .. } => bytes.len().div_ceil(HEX_WIDTH),
            Self::Nothing { .. } => 0,
        };
        count as u64
    }

    /// How many lines it takes on a screen, without a heading.
    #[must_use]
    pub fn lines(&self) -> usize {
        match self {
            Self::Lines { lines, .. } => lines.len(),
            Self::Table { rows, .. } => rows.len(),
            Self::Hex { bytes, .. } => bytes.len().div_ceil(HEX_WIDTH),
            Self::Nothing { .. } => 1,
        }
    }

    /// How many lines a screen has above them: the names of a table's columns, and what they hold where that is known.
    #[must_use]
    pub fn headings(&self) -> u16 {
        let Self::Table { columns, .. } = self else { return 0 };
        1 + u16::from(columns.iter().any(|column| column.facts.is_known()))
    }

    /// What one of its units is called, many of them.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Lines { .. } | Self::Nothing { .. } => "lines",
            Self::Table { .. } => "rows",
            Self::Hex { .. } => "bytes",
        }
    }

    fn go_on(&mut self, more: Self) {
        match (self, more) {
            (Self::Lines { lines, .. }, Self::Lines { lines: more, .. }) => lines.extend(more),
            (Self::Table { columns: have, rows, .. }, Self::Table { columns, rows: more, .. }) => {
                for (at, column) in columns.into_iter().enumerate() {
                    match have.get_mut(at) {
                        Some(have) => have.facts = have.facts.and(column.facts),
                        None => have.push(column),
                    }
                }
                rows.extend(more);
            }
            (Self::Hex { bytes, .. }, Self::Hex { bytes: more, .. }) => bytes.extend(more),
            _ => {}
        }
    }
}

/// One line or a piece of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The text, without its line break.
    pub text: Untrusted,
    /// It goes on from the piece before: no line break stands between.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// Its number in the file; none for a piece that goes on, or where the page stands alone. In JSON `first_line` and
    /// `continues` say it.
    #[serde(skip)]
    pub number: Option<u64>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its name in the file, or `column 3`.
    pub name: Untrusted,
    /// Facts about the cells of this page.
    pub facts: ColumnFacts,
}

/// Facts about the cells of one column. No smallest and no largest value: those are single people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ColumnFacts {
    /// What its values are.
    pub kind: ColumnKind,
    /// Cells with a value.
    pub values: u64,
    /// Cells without one: empty, `NA`, `NaN`, `null`, `.`; or the row ends before.
    pub missing: u64,
    /// Characters of the shortest value.
    pub shortest: u64,
    /// Characters of the longest value.
    pub longest: u64,
}

impl ColumnFacts {
    /// Of the cells of two pages together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (one, other) = if self.values == 0 { (other, self) } else { (self, other) };
        Self {
            kind: if other.values == 0 || one.kind == other.kind { one.kind } else { ColumnKind::Text },
            values: one.values + other.values,
            missing: one.missing + other.missing,
            shortest: if other.values == 0 { one.shortest } else { one.shortest.min(other.shortest) },
            longest: one.longest.max(other.longest),
        }
    }

    /// Whether any cell was looked at.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.values + self.missing > 0
    }
}

/// `number`, `text to 240, 3 missing`: how long a text gets is said where it is longer than words.
impl fmt::Display for ColumnFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ColumnKind::Empty => f.write_str("empty")?,
            ColumnKind::Number => f.write_str("number")?,
            ColumnKind::Date => f.write_str("date")?,
            ColumnKind::Text if self.longest > WORDS => write!(f, "text to {}", self.longest)?,
            ColumnKind::Text => f.write_str("text")?,
        }
        if self.missing > 0 && self.values > 0 { write!(f, ", {} missing", self.missing) } else { Ok(()) }
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// There are none.
    #[default]
    Empty,
    /// All are numbers.
    Number,
    /// All are dates.
    Date,
    /// Anything else.
    Text,
}

fn as_hex<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(bytes))
}

/// One line of a hex view: offset, up to [`HEX_WIDTH`] bytes, and what of them is ASCII.
#[must_use]
pub fn hex_line(offset: u64, bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let letters: String =
        bytes.iter().map(|byte| if matches!(byte, 0x20..=0x7E) { char::from(*byte) } else { '.' }).collect();
    format!("{offset:08x}  {:<width$}  {letters}", pairs.join(" "), width = HEX_WIDTH * 3 - 1)
}

impl Page {
    /// The page shows so many bytes; the next one, if any, begins behind them.
    pub fn read_on(&mut self, shown: u64, carried: Carried) {
        let next = self.offset.saturating_add(shown);
        if next < self.total_bytes {
            self.next = Some(next);
            self.carried = Some(carried);
        }
    }

    /// Says a sentence about the page.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(Untrusted::new(sentence));
    }
}
