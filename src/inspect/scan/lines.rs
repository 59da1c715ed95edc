//! Scans text by the line. Called by the scanner.

use super::found::{self, Found};
use super::texts;
use crate::inspect::decode::{Encoding, narrow};
use crate::inspect::kind::Kind;

/// Bytes of a line looked at in one piece.
const PIECE: usize = 64 * 1024;
/// How far back a piece looks for a place to be cut, so that an address or a number is not halved.
const BACK: usize = 256;

/// A scan of text.
pub(super) struct LineScan {
    encoding: Encoding,
    kind: Kind,
    pending: Vec<u8>,
    line: u64,
    long: bool,
    after_cr: bool,
}

impl LineScan {
    pub(super) fn new(kind: Kind, encoding: Encoding) -> Self {
        Self { encoding, kind, pending: Vec::new(), line: 1, long: false, after_cr: false }
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8], found: &mut Found) {
        if self.after_cr && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
            self.after_cr = false;
        }
        while !bytes.is_empty() {
            let room = PIECE - self.pending.len();
            let window = &bytes[..bytes.len().min(room)];
            if let Some(at) = window.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                self.pending.extend_from_slice(&window[..at]);
                let whole = std::mem::take(&mut self.pending);
                self.check(&whole, found);
                self.line += 1;
                self.long = false;
                let pair = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
                self.after_cr = bytes[at] == b'\r' && at + 1 == bytes.len();
                bytes = &bytes[at + 1 + usize::from(pair)..];
                continue;
            }
            self.pending.extend_from_slice(window);
            bytes = &bytes[window.len()..];
            self.after_cr = false;
            if self.pending.len() == PIECE {
                self.cut(found);
            }
        }
    }

    pub(super) fn finish(mut self, found: &mut Found) {
        let whole = std::mem::take(&mut self.pending);
        self.check(&whole, found);
    }

    /// A line is longer than a piece: looks at what is there and goes on behind the last blank or sign.
    fn cut(&mut self, found: &mut Found) {
        if !self.long {
            self.long = true;
            let line = self.line;
            let sentence = || "The line is longer than 64 K: hardly anybody reads such a line to its end.".to_owned();
            found.add(found::LONG, || format!("line {line}"), sentence);
        }
        let from = PIECE - BACK;
        let blank =
            |byte: &u8| *byte < 0x80 && !byte.is_ascii_alphanumeric() && !matches!(byte, b'@' | b'.' | b'-' | b'_');
        let at = self.pending[from..].iter().rposition(blank).map_or(PIECE, |at| from + at + 1);
        let rest = self.pending.split_off(at);
        let piece = std::mem::replace(&mut self.pending, rest);
        self.check(&piece, found);
    }

    fn check(&self, line: &[u8], found: &mut Found) {
        if line.is_empty() {
            return;
        }
        let place = || format!("line {}", self.line);
        let (text, other) = narrow(line, self.encoding);
        if let Some(other) = other {
            found.add(found::MIXED, place, || format!("This is written in {}, unlike the rest.", other.name()));
        }
        texts::check(&text, found, &place);
        if matches!(self.kind, Kind::Html | Kind::Svg | Kind::Xml | Kind::Notebook) {
            self.markup(&text, found);
        }
    }

    fn markup(&self, text: &str, found: &mut Found) {
        const ACTIVE: [&str; 8] =
            ["<script", "javascript:", "onload=", "onclick=", "onerror=", "<iframe", "<object", "<foreignobject"];
        let lower = text.to_ascii_lowercase();
        if let Some(what) = ACTIVE.iter().find(|what| lower.contains(*what)) {
            let sentence = || format!("`{what}` runs or loads something when the file is opened in a browser.");
            found.add(found::ACTIVE, || format!("line {}", self.line), sentence);
        }
        if lower.contains(";base64,") || self.kind == Kind::Notebook && lower.contains("\"image/png\"") {
            let sentence = || "Data is embedded here that cannot be read as text.".to_owned();
            found.add(found::OPAQUE, || format!("line {}", self.line), sentence);
        }
    }
}
