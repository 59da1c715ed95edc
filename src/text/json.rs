//! JSON for machines that also reaches terminals: the true strings, in ASCII only. Called by `cli` for every `--json`.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// One line of JSON in which everything outside printable ASCII is a `\u` escape: it carries the true string and cannot
/// drive a terminal.
///
/// # Errors
/// The value cannot be JSON, such as a map with keys that are no text.
pub fn json_ascii<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Ascii))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Writes as [`CompactFormatter`], strings apart.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, to: &mut W, fragment: &str) -> io::Result<()> {
        for c in fragment.chars() {
            if (' '..='~').contains(&c) {
                CompactFormatter.write_string_fragment(to, c.encode_utf8(&mut [0; 4]))?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(to, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}
