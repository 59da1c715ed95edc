//! What a file is, from its bytes; the name only settles what bytes leave open (any text is a table of one column). Called by
//! the scanner, the previews and the command line.

use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::decode::{Encoding, encoding_of, is_textual, widen};
use super::kind::{Kind, extension};
use super::rows::Rows;

/// Bytes from the start of a file that [`sniff`] looks at; more does no harm.
pub const HEAD: usize = 64 * 1024;
/// Rows looked at to find what stands between the cells.
const SNIFF_ROWS: usize = 50;

/// What the first bytes say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sniffed {
    /// Media type, with the encoding where it is text.
    pub media_type: String,
    /// What it is.
    pub kind: Kind,
    /// How its characters are written; UTF-8 where it is no text.
    pub encoding: Encoding,
    /// Length of the byte order mark.
    pub mark: usize,
    /// What stands between the cells of a table.
    pub delimiter: u8,
}

/// Says what a file is. `head` are its first bytes ([`HEAD`] of them if it has so many), `key` its name in the store.
#[must_use]
pub fn sniff(head: &[u8], key: &str) -> Sniffed {
    let head = &head[..head.len().min(HEAD)];
    let extension = extension(key).unwrap_or_default();
    let (encoding, mark) = encoding_of(head);
    let binary = |kind, media_type: &str| Sniffed {
        media_type: media_type.to_owned(),
        kind,
        encoding: Encoding::Utf8,
        mark: 0,
        delimiter: b',',
    };
    if head.is_empty() {
        return binary(Kind::Empty, "application/x-empty");
    }
    if let Some((kind, media_type)) = signature(head) {
        return binary(kind, media_type);
    }
    // Before the library's signatures: two letters of a header (`BM`I, `MZ`…) are enough for some of those.
    // Never a zip: what is stored in it uncompressed makes most of its bytes look like text.
    let zip = [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08"].iter().any(|start| head.starts_with(start));
    if !zip && is_textual(&head[mark..], encoding) {
        let (kind, delimiter) = textual(head, encoding, mark, &extension);
        return Sniffed { media_type: text_type(kind, encoding), kind, encoding, mark, delimiter };
    }
    // Letters that could as well begin the header of a table.
    for (start, kind, media_type) in [
        (&b"PAR1"[..], Kind::Columnar, "application/vnd.apache.parquet"),
        (b"ARROW1", Kind::Columnar, "application/vnd.apache.arrow.file"),
        (b"GGUF", Kind::Model, "application/x-gguf"),
    ] {
        if head.starts_with(start) {
            return binary(kind, media_type);
        }
    }
    let guess = infer::get(head).map(|found| found.mime_type());
    match guess.and_then(|media_type| Some((Kind::of_media_type(media_type)?, media_type))) {
        Some((kind, media_type)) if !kind.is_text() => binary(kind, media_type),
        _ if zip => binary(Kind::Zip, "application/zip"),
        _ => binary(Kind::Binary, "application/octet-stream"),
    }
}

/// Signatures that hold whatever follows, and those the library `infer` does not know.
fn signature(head: &[u8]) -> Option<(Kind, &'static str)> {
    const KNOWN: &[(&[u8], Kind, &str)] = &[
        (b"%PDF-", Kind::Pdf, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", Kind::Png, "image/png"),
        (b"\xFF\xD8\xFF", Kind::Jpeg, "image/jpeg"),
        (b"{\\rtf", Kind::Document, "application/rtf"),
        (b"%!PS", Kind::Document, "application/postscript"),
        (b"\x89HDF\r\n\x1a\n", Kind::Model, "application/x-hdf5"),
        (b"\x80\x02", Kind::Model, "application/x-pickle"),
        (b"\x80\x03", Kind::Model, "application/x-pickle"),
        (b"\x80\x04", Kind::Model, "application/x-pickle"),
        (b"\x80\x05", Kind::Model, "application/x-pickle"),
        (b"X\n\0\0\0", Kind::Data, "application/x-r-data"),
        (b"RDX2\n", Kind::Data, "application/x-r-data"),
        (b"RDX3\n", Kind::Data, "application/x-r-data"),
        (b"RDA2\n", Kind::Data, "application/x-r-data"),
        (b"RDA3\n", Kind::Data, "application/x-r-data"),
        (b"<stata_dta>", Kind::Data, "application/x-stata"),
        (b"$FL2@(#)", Kind::Data, "application/x-spss"),
        (b"$FL3@(#)", Kind::Data, "application/x-spss"),
        (b"\x93NUMPY", Kind::Data, "application/x-npy"),
    ];
    if let Some((_, kind, media_type)) = KNOWN.iter().find(|(start, ..)| head.starts_with(start)) {
        return Some((*kind, media_type));
    }
    // Saved by R as text: format 2 or 3, then the writer's version and the oldest R that reads it, 2.3.0 or 3.5.0.
    if head.starts_with(b"A\n")
        && [&b"\n131840\n"[..], b"\n197888\n"].iter().any(|old| contains(&head[..head.len().min(40)], old))
    {
        return Some((Kind::Data, "application/x-r-data"));
    }
    // Safetensors: the length of a JSON header in eight bytes, then the header.
    let length = u64::from_le_bytes(head.get(..8)?.try_into().ok()?);
    (head.get(8..10) == Some(b"{\"") && length < 1 << 32).then_some((Kind::Model, "application/x-safetensors"))
}

fn text_type(kind: Kind, encoding: Encoding) -> String {
    let bare = match kind {
        Kind::Csv => "text/csv",
        Kind::Tsv => "text/tab-separated-values",
        Kind::Json => return "application/json".to_owned(),
        Kind::Notebook => return "application/x-ipynb+json".to_owned(),
        Kind::Svg => return "image/svg+xml".to_owned(),
        Kind::Html => "text/html",
        Kind::Xml => "text/xml",
        _ => "text/plain",
    };
    format!("{bare}; charset={}", encoding.name().to_ascii_lowercase())
}

fn textual(head: &[u8], encoding: Encoding, mark: usize, extension: &str) -> (Kind, u8) {
    let wide;
    let text = if encoding.is_wide() {
        wide = widen(&head[mark..], encoding);
        wide.as_bytes()
    } else {
        &head[mark..]
    };
    let start = text.trim_ascii_start();
    if let Some(kind) = markup(start) {
        return (kind, b',');
    }
    if matches!(start.first(), Some(b'{' | b'[')) && is_json(start, head.len() >= HEAD) {
        let notebook = extension == "ipynb" && contains(start, b"\"cells\"");
        return (if notebook { Kind::Notebook } else { Kind::Json }, b',');
    }
    let (delimiter, shape) = table_shape(text);
    let named = match extension {
        "csv" | "tsv" | "tab" => return (if delimiter == b'\t' { Kind::Tsv } else { Kind::Csv }, delimiter),
        "" | "txt" | "dat" => false,
        other => super::kind::promised(other).is_some(),
    };
    // A log with one comma in each line is no table; three cells in every line are, whatever the name says.
    let table = if named {
        shape.rows >= 3
            && shape.even * 20 >= shape.rows * 19
            && (shape.cells >= 3 || delimiter == b'\t' && shape.cells == 2)
    } else {
        shape.rows >= 2 && shape.even * 5 >= shape.rows * 4 && shape.cells >= 2
    };
    match (table, delimiter) {
        (false, _) => (Kind::Text, b','),
        (true, b'\t') => (Kind::Tsv, delimiter),
        (true, _) => (Kind::Csv, delimiter),
    }
}

fn markup(start: &[u8]) -> Option<Kind> {
    let lower = start[..start.len().min(4096)].to_ascii_lowercase();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(Kind::Html);
    }
    let xml = lower.starts_with(b"<?xml") || lower.starts_with(b"<!--") || lower.starts_with(b"<!doctype");
    if lower.starts_with(b"<svg") || xml && contains(&lower, b"<svg") {
        return Some(Kind::Svg);
    }
    if xml && contains(&lower, b"<html") {
        return Some(Kind::Html);
    }
    lower.starts_with(b"<?xml").then_some(Kind::Xml)
}

/// One whole document, or the beginning of one where the rest was not read.
fn is_json(text: &[u8], more: bool) -> bool {
    match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
        Ok(_) => true,
        Err(why) => more && why.classify() == Category::Eof,
    }
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
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

/// The delimiter that makes the evenest table.
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

pub(super) fn delimiter_of(text: &[u8]) -> u8 {
    table_shape(&text[..text.len().min(HEAD)]).0
}

fn shape(text: &[u8], delimiter: u8) -> Shape {
    let mut counts = Vec::new();
    let mut rows = Rows::new(delimiter);
    let mut each = |row: super::rows::Row| {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8], key: &str) -> Kind {
        sniff(bytes, key).kind
    }

    #[test]
    fn the_bytes_decide_and_the_name_only_settles_ties() {
        assert_eq!(kind(b"ward,n\nA,12\nB,20\n", "x.csv"), Kind::Csv);
        assert_eq!(kind(b"ward\tn\nA\t12\n", "x.txt"), Kind::Tsv);
        assert_eq!(kind(b"ward,n,d\nA,12,1\nB,20,2\n", "analysis.log"), Kind::Csv);
        assert_eq!(kind(b"2026-01-01 10:00:00,123 start\n2026-01-01 10:00:00,125 end\n", "a.log"), Kind::Text);
        assert_eq!(kind(b"BMI,n\n20,12\n25,33\n", "bmi.csv"), Kind::Csv);
        assert_eq!(kind(b"only one column\nvalue\n", "x.csv"), Kind::Csv);
        assert_eq!(kind(b"A\n2\n3\n", "x.csv"), Kind::Csv);
        assert_eq!(kind(b"A\n3\n263170\n197888\n5\nUTF-8\n", "x.rds"), Kind::Data);
        assert_eq!(kind(b"PAR1,n\n1,2\n", "x.csv"), Kind::Csv);
        assert_eq!(kind(b"PAR1\x15\x04\x15\0\0\0", "x.parquet"), Kind::Columnar);
        assert_eq!(kind(b"only one column\nvalue\n", "x"), Kind::Text);
        assert_eq!(kind(b"\x89PNG\r\n\x1a\nrest", "table.csv"), Kind::Png);
        assert_eq!(kind(b"{\"a\": [1, 2]}", "table.csv"), Kind::Json);
        assert_eq!(kind(b"{\"cells\": [], \"nbformat\": 4}", "a.ipynb"), Kind::Notebook);
        assert_eq!(kind(b"<?xml version=\"1.0\"?>\n<svg/>", "a"), Kind::Svg);
        assert_eq!(kind(b" <!DOCTYPE html><p>", "a.csv"), Kind::Html);
        assert_eq!(kind(b"", "a.csv"), Kind::Empty);
        assert_eq!(kind(b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc", "a.rds"), Kind::Archive);
        assert_eq!(kind(b"\x80\x04\x95\x10\0\0\0\0", "m.pkl"), Kind::Model);
        assert_eq!(kind(&[b"\x7fELF\x02\x01\x01".as_slice(), &[0; 60]].concat(), "x.csv"), Kind::Program);
    }

    #[test]
    fn a_zip_that_stores_a_table_as_it_is_stays_a_zip() {
        let table = "ward,deaths\nA,12\n".repeat(6_000);
        let length = u32::try_from(table.len()).unwrap_or(0).to_le_bytes();
        let local =
            [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\x01\x02\x03\x04"[..], &length, &length, b"\x05\0\0\0t.csv"].concat();
        let stored = [&local, table.as_bytes()].concat();
        for key in ["t.zip", "t.csv", "t.txt", "t"] {
            let found = sniff(&stored, key);
            assert_eq!((found.kind, found.media_type.as_str()), (Kind::Zip, "application/zip"), "{key}");
        }
        let office = [&local[..26], b"\x13\0\0\0[Content_Types].xml", table.as_bytes()].concat();
        assert!(matches!(kind(&office, "t.docx"), Kind::Zip | Kind::Office));
        assert_eq!(kind(b"PK,n\n1,2\n3,4\n", "pk.csv"), Kind::Csv);
    }

    #[test]
    fn semicolons_marks_and_wide_characters_are_found() {
        let found = sniff(b"\xEF\xBB\xBFa;b\n1,5;2\n2,5;3\n", "x.csv");
        assert_eq!((found.delimiter, found.mark, found.kind), (b';', 3, Kind::Csv));
        assert_eq!(found.media_type, "text/csv; charset=utf-8");
        let wide: Vec<u8> = "\u{FEFF}a,b\n1,2\n3,4\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = sniff(&wide, "x");
        assert_eq!((found.kind, found.encoding), (Kind::Csv, Encoding::Utf16Le));
    }
}
