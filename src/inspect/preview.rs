//! A preview as data: what one window of a file shows, what it does not, and where to read on. Called by `service::bytes`,
//! which reads the window; drawn by the desk and printed by the command line.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::decode::{Encoding, encoding_of};
use super::kind::Kind;
use super::rows::ROW_LIMIT;
use super::sniff::{delimiter_of, sniff};
use super::{archive, image, lines, table};
use crate::text::Untrusted;

/// Bytes of one window: one ranged read. As long as the longest row, so that each window shows at least one.
pub const WINDOW: u64 = ROW_LIMIT as u64;
/// Rows or lines of one page where nobody says how many.
pub const PAGE_ROWS: u32 = 200;
/// Bytes a line of hex shows.
pub const HEX_WIDTH: usize = 16;
/// Bytes of one page of hex for each row asked for.
const HEX_ROW: u64 = HEX_WIDTH as u64;

/// Some bytes of a file and where they lie in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Offset of the first byte.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Bytes of the whole file.
    pub total: u64,
}

/// What to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PreviewRequest {
    /// Rows, lines or lines of hex at most.
    pub rows: u32,
    /// Where to begin: 0, or `next` of the page before. Any other offset works too; the first line is then cut.
    pub offset: u64,
    /// `carried` of the page before, so that numbers, names and encoding go on; without it this page stands alone.
    pub carried: Option<Carried>,
}

impl Default for PreviewRequest {
    fn default() -> Self {
        Self { rows: PAGE_ROWS, offset: 0, carried: None }
    }
}

/// What a page hands to the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// What the file is.
    pub kind: Kind,
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

/// What one window shows. It says what was read of how much; what could not be read as what it seems is in `notes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// Media type, from the bytes.
    pub media_type: String,
    /// What it is.
    pub kind: Kind,
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

impl Preview {
    /// The request for the page after this one.
    #[must_use]
    pub fn next_request(&self, rows: u32) -> Option<PreviewRequest> {
        Some(PreviewRequest { rows, offset: self.next?, carried: self.carried.clone() })
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
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
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
}

/// One line or a piece of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The text, without its line break.
    pub text: Untrusted,
    /// It goes on from the piece before: no line break stands between.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
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

/// The one range of bytes to read for a request. `media_type` is what the row says of the file.
#[must_use]
pub fn window_of(media_type: Option<&str>, request: &PreviewRequest, total: u64) -> Range<u64> {
    let kind = request.carried.as_ref().map(|carried| carried.kind).or_else(|| Kind::of_media_type(media_type?));
    if matches!(kind, Some(Kind::Zip | Kind::Office)) && request.offset == 0 {
        // The listing of a zip archive is at its end.
        return total.saturating_sub(WINDOW)..total;
    }
    let start = request.offset.min(total);
    start..start.saturating_add(WINDOW).min(total)
}

/// What a window shows. The window is the one [`window_of`] named for the same request.
#[must_use]
pub fn preview(window: &Window, request: &PreviewRequest, media_type: Option<&str>) -> Preview {
    let carried = request.carried.clone().unwrap_or_else(|| first_look(window, media_type));
    let media_type = media_type.map_or_else(|| sniff(&window.bytes, "").media_type, str::to_owned);
    let mut page = Preview {
        media_type,
        kind: carried.kind,
        facts: Vec::new(),
        body: Body::Nothing { reason: "The file is empty.".to_owned() },
        offset: window.offset,
        read_bytes: window.bytes.len() as u64,
        total_bytes: window.total,
        next: None,
        carried: None,
        sha256: None,
        notes: Vec::new(),
    };
    if window.bytes.is_empty() {
        if window.total > 0 {
            page.body = Body::Nothing { reason: "The file has no bytes behind this place.".to_owned() };
        }
        return page;
    }
    let rows = usize::try_from(request.rows.max(1)).unwrap_or(usize::MAX);
    match carried.kind {
        Kind::Csv | Kind::Tsv => table::show(&mut page, window, rows, &carried),
        kind if kind.is_text() => lines::show(&mut page, window, rows, &carried),
        kind => {
            let listed = matches!(kind, Kind::Zip | Kind::Office) && archive::show(&mut page, window);
            if matches!(kind, Kind::Png | Kind::Jpeg) && window.offset == 0 {
                image::show(&mut page, window);
            }
            if matches!(kind, Kind::Png | Kind::Jpeg | Kind::Image | Kind::Pdf) && window.offset == 0 {
                page.note(format!(
                    "This is {}, shown as bytes: what it looks like is not to be seen here.",
                    kind.words()
                ));
            }
            if !listed {
                hex(&mut page, window, request.rows, carried);
            }
        }
    }
    page
}

/// What a page that stands alone takes the file for.
fn first_look(window: &Window, media_type: Option<&str>) -> Carried {
    let sniffed = sniff(&window.bytes, "");
    let kind = media_type.and_then(Kind::of_media_type).unwrap_or(sniffed.kind);
    let (mut encoding, mut delimiter) = (sniffed.encoding, sniffed.delimiter);
    if kind.is_text() && !sniffed.kind.is_text() {
        encoding = encoding_of(&window.bytes).0;
    }
    if kind.is_table() && !sniffed.kind.is_table() {
        delimiter = if kind == Kind::Tsv { b'\t' } else { delimiter_of(&window.bytes) };
    }
    // In the middle of a file the two halves of a character may be the wrong ones; the stored type knows better.
    if let Some(said) = media_type.and_then(charset) {
        encoding = said;
    }
    let before = (window.offset == 0).then_some(0);
    Carried { kind, encoding, delimiter, before, header: None, inside: false }
}

fn charset(media_type: &str) -> Option<Encoding> {
    Some(match media_type.split_once("charset=")?.1 {
        "utf-16le" => Encoding::Utf16Le,
        "utf-16be" => Encoding::Utf16Be,
        _ => return None,
    })
}

fn hex(page: &mut Preview, window: &Window, rows: u32, carried: Carried) {
    let length = usize::try_from(u64::from(rows.max(1)).saturating_mul(HEX_ROW)).unwrap_or(usize::MAX);
    let bytes = window.bytes[..window.bytes.len().min(length)].to_vec();
    page.read_on(bytes.len() as u64, carried);
    page.body = Body::Hex { offset: window.offset, bytes };
}

impl Preview {
    /// The page shows so many bytes of its window; the next one, if any, begins behind them.
    pub(super) fn read_on(&mut self, shown: u64, carried: Carried) {
        let next = self.offset.saturating_add(shown);
        if next < self.total_bytes {
            self.next = Some(next);
            self.carried = Some(carried);
        }
    }

    pub(super) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(Untrusted::new(sentence));
    }
}
