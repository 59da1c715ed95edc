//! The first bytes of a file, with what several formats want to know of them found once. Made by `sniff`; asked by the formats.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::decode::{Encoding, encoding_of, is_textual, widen};
use super::rows::{Row, Rows};

/// Bytes from the start of a file that say what it is; more does no harm.
pub const HEAD: usize = 64 * 1024;
/// Rows looked at to find what stands between the cells.
const SNIFF_ROWS: usize = 50;

/// The first bytes of a file.
pub struct Head<'a> {
    /// The bytes, [`HEAD`] of them if the file has so many.
    pub bytes: &'a [u8],
    /// The extension of its name, or nothing.
    pub extension: &'a str,
    /// Whether that extension says what kind of file it is.
    pub promised: bool,
    /// How its characters are written, if it is text.
    pub encoding: Encoding,
    /// Length of the byte order mark.
    pub mark: usize,
    textual: OnceCell<bool>,
    guess: OnceCell<Option<&'static str>>,
    text: OnceCell<Cow<'a, [u8]>>,
    shape: OnceCell<(u8, Shape)>,
}

impl<'a> Head<'a> {
    /// Of these bytes.
    pub(super) fn new(bytes: &'a [u8], extension: &'a str, promised: bool) -> Self {
        let bytes = &bytes[..bytes.len().min(HEAD)];
        let (encoding, mark) = encoding_of(bytes);
        let (textual, guess, text, shape) = Default::default();
        Self { bytes, extension, promised, encoding, mark, textual, guess, text, shape }
    }

    /// Whether there may be more of the file.
    #[must_use]
    pub fn more(&self) -> bool {
        self.bytes.len() >= HEAD
    }

    /// Whether it begins with one of these.
    #[must_use]
    pub fn starts(&self, with: &[&[u8]]) -> bool {
        with.iter().any(|start| self.bytes.starts_with(start))
    }

    /// Whether it is a zip archive, of whatever.
    #[must_use]
    pub fn is_zip(&self) -> bool {
        self.starts(&[b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"])
    }

    /// Whether it is read as characters. Never a zip: what is stored in it uncompressed makes most of its bytes look like text.
    #[must_use]
    pub fn is_textual(&self) -> bool {
        *self.textual.get_or_init(|| !self.is_zip() && is_textual(&self.bytes[self.mark..], self.encoding))
    }

    /// The media type the library `infer` knows it by, if that is one of these. Not asked about text: two letters of a header
    /// (`BM`I, `MZ`…) are enough for some of its signatures.
    #[must_use]
    pub fn guessed(&self, media: &[&str]) -> Option<&'static str> {
        let known = || infer::get(self.bytes).map(|found| found.mime_type());
        let guess = self.guess.get_or_init(|| if self.is_textual() { None } else { known() });
        guess.filter(|guess| media.iter().any(|media| stands_for(media, guess)))
    }

    /// The characters as UTF-8 or nearly so, without the mark.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.text.get_or_init(|| {
            let bytes = &self.bytes[self.mark..];
            if self.encoding.is_wide() { widen(bytes, self.encoding).into_bytes().into() } else { bytes.into() }
        })
    }

    /// What stands between the cells of the evenest table the text makes.
    #[must_use]
    pub fn delimiter(&self) -> u8 {
        self.shape().0
    }

    /// Whether that table is one. `named` says that the name promises one: then any text is a table.
    #[must_use]
    pub fn is_table(&self, named: bool) -> bool {
        let (delimiter, shape) = self.shape();
        // A log with one comma in each line is no table; three cells in every line are, whatever the name says.
        named
            || if self.promised {
                shape.rows >= 3
                    && shape.even * 20 >= shape.rows * 19
                    && (shape.cells >= 3 || delimiter == b'\t' && shape.cells == 2)
            } else {
                shape.rows >= 2 && shape.even * 5 >= shape.rows * 4 && shape.cells >= 2
            }
    }

    fn shape(&self) -> (u8, Shape) {
        *self.shape.get_or_init(|| table_shape(self.text()))
    }
}

/// Whether an entry of a format's media types stands for a type.
pub(super) fn stands_for(entry: &str, media_type: &str) -> bool {
    entry == media_type || entry.ends_with(['/', '.']) && media_type.starts_with(entry)
}

/// How much a text looks like a table.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    rows: usize,
    /// Rows with the usual number of cells.
    even: usize,
    /// That number.
    cells: usize,
}

fn table_shape(text: &[u8]) -> (u8, Shape) {
    let mut best = (b',', Shape::default());
    let mut best_score = 0;
    for delimiter in *b",\t;|" {
        let shape = shape(text, delimiter);
        let score = if shape.cells < 2 { 0 } else { shape.even * 1000 / shape.rows.max(1) + shape.cells.min(100) };
        if score > best_score {
            (best, best_score) = ((delimiter, shape), score);
        }
    }
    best
}

fn shape(text: &[u8], delimiter: u8) -> Shape {
    let mut counts = Vec::new();
    let mut rows = Rows::new(delimiter);
    let mut each = |row: Row| {
        counts.push(row.cells.len());
        counts.len() < SNIFF_ROWS
    };
    if rows.feed(text, &mut each) && text.len() < HEAD {
        rows.finish(&mut each);
    }
    let usual = |cells: usize| counts.iter().filter(|count| **count == cells).count();
    let cells = counts.iter().copied().max_by_key(|cells| (usual(*cells), *cells)).unwrap_or(0);
    Shape { rows: counts.len(), even: usual(cells), cells }
}
