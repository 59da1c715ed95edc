//! What a file is, from its bytes; the name only settles what bytes leave open (any text is a table of one column). Called by
//! the scanner and the previews.

use super::decode::Encoding;
use super::format::Format;
use super::formats::{FORMATS, UNKNOWN};
use super::head::Head;
use super::names::{extension, says_little};

/// What the first bytes say.
#[derive(Clone)]
pub struct Sniffed {
    /// What it is.
    pub format: &'static Format,
    /// Media type, with the encoding where it is text.
    pub media_type: String,
    /// How its characters are written; UTF-8 where it is no text.
    pub encoding: Encoding,
    /// Length of the byte order mark.
    pub mark: usize,
}

/// Says what a file is. `head` are its first bytes ([`super::HEAD`] of them if it has so many), `key` its name in the store.
#[must_use]
pub fn sniff(head: &[u8], key: &str) -> Sniffed {
    let extension = extension(key).unwrap_or_default();
    sniff_head(FORMATS, &head_of(FORMATS, head, &extension))
}

/// The first bytes of a file with this extension.
pub(super) fn head_of<'a>(formats: &[&'static Format], bytes: &'a [u8], extension: &'a str) -> Head<'a> {
    Head::new(bytes, extension, !says_little(extension) && promised(formats, extension).next().is_some())
}

/// What these first bytes are, of these formats.
pub(super) fn sniff_head(formats: &[&'static Format], head: &Head) -> Sniffed {
    let found = formats.iter().find_map(|format| Some((*format, (format.is)(head)?)));
    let (format, media_type) = found.unwrap_or((UNKNOWN, UNKNOWN.media[0]));
    let text = head.is_textual() && !head.bytes.is_empty();
    let charset = text && media_type.starts_with("text/");
    let name = head.encoding.name().to_ascii_lowercase();
    Sniffed {
        format,
        media_type: if charset { format!("{media_type}; charset={name}") } else { media_type.to_owned() },
        encoding: if text { head.encoding } else { Encoding::Utf8 },
        mark: if text { head.mark } else { 0 },
    }
}

/// The formats a file with this extension may honestly be; none where the extension promises nothing.
pub(super) fn promised<'a>(
    formats: &'a [&'static Format],
    extension: &'a str,
) -> impl Iterator<Item = &'static Format> + 'a {
    formats.iter().copied().filter(move |format| format.names.contains(&extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8], key: &str) -> &'static str {
        sniff(bytes, key).format.id
    }

    fn delimiter(bytes: &[u8]) -> u8 {
        head_of(FORMATS, bytes, "").delimiter()
    }

    #[test]
    fn the_bytes_decide_and_the_name_only_settles_ties() {
        assert_eq!(kind(b"ward,n\nA,12\nB,20\n", "x.csv"), "csv");
        assert_eq!(kind(b"ward\tn\nA\t12\n", "x.txt"), "tsv");
        assert_eq!(kind(b"ward,n,d\nA,12,1\nB,20,2\n", "analysis.log"), "csv");
        assert_eq!(kind(b"2026-01-01 10:00:00,123 start\n2026-01-01 10:00:00,125 end\n", "a.log"), "text");
        assert_eq!(kind(b"BMI,n\n20,12\n25,33\n", "bmi.csv"), "csv");
        assert_eq!(kind(b"only one column\nvalue\n", "x.csv"), "csv");
        assert_eq!(kind(b"A\n2\n3\n", "x.csv"), "csv");
        assert_eq!(kind(b"A\n3\n263170\n197888\n5\nUTF-8\n", "x.rds"), "data");
        assert_eq!(kind(b"PAR1,n\n1,2\n", "x.csv"), "csv");
        assert_eq!(kind(b"PAR1\x15\x04\x15\0\0\0", "x.parquet"), "columnar");
        assert_eq!(kind(b"only one column\nvalue\n", "x"), "text");
        assert_eq!(kind(b"\x89PNG\r\n\x1a\nrest", "table.csv"), "png");
        assert_eq!(kind(b"{\"a\": [1, 2]}", "table.csv"), "json");
        assert_eq!(kind(b"{\"cells\": [], \"nbformat\": 4}", "a.ipynb"), "notebook");
        assert_eq!(kind(b"<?xml version=\"1.0\"?>\n<svg/>", "a"), "svg");
        assert_eq!(kind(b" <!DOCTYPE html><p>", "a.csv"), "html");
        assert_eq!(kind(b"", "a.csv"), "empty");
        assert_eq!(kind(b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc", "a.rds"), "archive");
        assert_eq!(kind(b"\x80\x04\x95\x10\0\0\0\0", "m.pkl"), "model");
        assert_eq!(kind(&[b"\x7fELF\x02\x01\x01".as_slice(), &[0; 60]].concat(), "x.csv"), "program");
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
            assert_eq!((found.format.id, found.media_type.as_str()), ("zip", "application/zip"), "{key}");
        }
        let office = [&local[..26], b"\x13\0\0\0[Content_Types].xml", table.as_bytes()].concat();
        assert!(matches!(kind(&office, "t.docx"), "zip" | "office"));
        assert_eq!(kind(b"PK,n\n1,2\n3,4\n", "pk.csv"), "csv");
    }

    #[test]
    fn semicolons_marks_and_wide_characters_are_found() {
        let bytes = b"\xEF\xBB\xBFa;b\n1,5;2\n2,5;3\n";
        let found = sniff(bytes, "x.csv");
        assert_eq!((delimiter(bytes), found.mark, found.format.id), (b';', 3, "csv"));
        assert_eq!(found.media_type, "text/csv; charset=utf-8");
        let wide: Vec<u8> = "\u{FEFF}a,b\n1,2\n3,4\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = sniff(&wide, "x");
        assert_eq!((found.format.id, found.encoding), ("csv", Encoding::Utf16Le));
    }
}
