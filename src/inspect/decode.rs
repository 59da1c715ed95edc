//! From bytes to characters without losing any: which encoding, and the fallback for what does not fit it. Called by `sniff`,
//! the previews and the scanner.

use encoding_rs::WINDOWS_1252;
use serde::{Deserialize, Serialize};

/// The encodings exeat tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, of which ASCII is a part; a stretch that is not is read as windows-1252, and that is said.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// UTF-16, low byte first.
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
    /// windows-1252: the usual one of old programs in western Europe. Every byte is a character in it, so nothing gets lost.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// Whether two bytes make a character.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }
}

/// The encoding of a file by its first bytes, and the length of its byte order mark.
pub(super) fn encoding_of(head: &[u8]) -> (Encoding, usize) {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return (Encoding::Utf8, 3),
        [0xFF, 0xFE, ..] => return (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => return (Encoding::Utf16Be, 2),
        _ => {}
    }
    // Western text in UTF-16 without a mark has a NUL in nearly every second byte, always on the same side.
    let pairs = head.len() / 2;
    if pairs >= 4 {
        let zeros = |side: usize| head.chunks_exact(2).filter(|pair| pair[side] == 0).count();
        let (high, low) = (zeros(0), zeros(1));
        if low * 10 >= pairs * 7 && high * 10 < pairs {
            return (Encoding::Utf16Le, 0);
        }
        if high * 10 >= pairs * 7 && low * 10 < pairs {
            return (Encoding::Utf16Be, 0);
        }
    }
    let utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character cut by the end of what was read is no mistake.
        Err(why) => why.error_len().is_none(),
    };
    (if utf8 { Encoding::Utf8 } else { Encoding::Windows1252 }, 0)
}

/// The characters of a line or cell, and the encoding they were read as if that is another than the file's: UTF-8 where they
/// are that, else windows-1252.
pub(super) fn narrow(bytes: &[u8], file: Encoding) -> (String, Option<Encoding>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let other = file == Encoding::Windows1252 && !text.is_ascii();
        return (text.to_owned(), other.then_some(Encoding::Utf8));
    }
    let text = WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    (text, (file != Encoding::Windows1252).then_some(Encoding::Windows1252))
}

/// UTF-16 as UTF-8 bytes; half characters become U+FFFD, one for each two bytes; an odd byte at the end is left out.
pub(super) fn widen(bytes: &[u8], encoding: Encoding) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match encoding {
        Encoding::Utf16Be => u16::from_be_bytes([pair[0], pair[1]]),
        _ => u16::from_le_bytes([pair[0], pair[1]]),
    });
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// How many bytes of UTF-16 a stretch made by [`widen`] stood for.
pub(super) fn wide_len(text: &[u8]) -> u64 {
    // Leading bytes count: one unit up to three bytes of UTF-8, two units for four. `text` may end inside a character only
    // where a table's row was cut there, and then the next row begins with the rest of it.
    text.iter()
        .map(|byte| {
            if byte & 0xC0 == 0x80 {
                0
            } else if *byte >= 0xF0 {
                4
            } else {
                2
            }
        })
        .sum()
}

/// Whether bytes are characters rather than numbers of a machine: few control characters, NUL among them.
pub(super) fn is_textual(head: &[u8], encoding: Encoding) -> bool {
    let bad = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    if encoding.is_wide() {
        let text = widen(head, encoding);
        let odd =
            text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER || (*c as u32) < 0x20 && bad(*c as u8)).count();
        return odd * 20 <= text.chars().count();
    }
    // A NUL hidden in a table must not turn the rest of it into hex nobody reads: one in twenty passes, and more in what
    // is otherwise right and has lines.
    let controls = head.iter().filter(|byte| bad(**byte)).count();
    let high = head.iter().filter(|byte| **byte >= 0x80).count();
    let lines = head.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    let few = controls * 20 <= head.len() || encoding == Encoding::Utf8 && lines && controls * 4 <= head.len();
    few && (encoding == Encoding::Utf8 || high * 3 <= head.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_their_absence_name_the_encoding() {
        assert_eq!(encoding_of(b"\xEF\xBB\xBFa,b"), (Encoding::Utf8, 3));
        assert_eq!(encoding_of(b"\xFF\xFEa\0"), (Encoding::Utf16Le, 2));
        assert_eq!(encoding_of(b"\xFE\xFF\0a"), (Encoding::Utf16Be, 2));
        assert_eq!(encoding_of(b"w\0a\0r\0d\0,\0n\0"), (Encoding::Utf16Le, 0));
        assert_eq!(encoding_of(b"\0w\0a\0r\0d\0,\0n"), (Encoding::Utf16Be, 0));
        assert_eq!(encoding_of("naïve".as_bytes()), (Encoding::Utf8, 0));
        assert_eq!(encoding_of(b"na\xC3"), (Encoding::Utf8, 0));
        assert_eq!(encoding_of(b"na\xEFve text"), (Encoding::Windows1252, 0));
    }

    #[test]
    fn half_characters_stay_visible_and_are_counted() {
        let text = widen(b"a\0\0\xD8b\0", Encoding::Utf16Le);
        assert_eq!(text, "a\u{FFFD}b");
        assert_eq!(wide_len(text.as_bytes()), 6);
        assert_eq!(
            wide_len(
                widen(
                    "a😀".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice(),
                    Encoding::Utf16Le
                )
                .as_bytes()
            ),
            6
        );
    }

    #[test]
    fn a_nul_does_not_make_a_table_binary() {
        assert!(is_textual(b"ward,n\nA,12\n\0B,3\nC,14\nD,15\n", Encoding::Utf8));
        assert!(is_textual(b"a,n\n\0B,3\n", Encoding::Utf8));
        assert!(!is_textual(&[0, 1, 2, 3, 4, 250, 9, 8], Encoding::Windows1252));
    }
}
