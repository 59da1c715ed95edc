//! Scans text by the line. Used by the formats that are text.

use super::texts;
use crate::domain::egress::Place;
use crate::inspect::decode::{Encoding, narrow};
use crate::inspect::format::{Scan, Scope};
use crate::inspect::found::{self, Found};

/// Bytes of a line looked at in one piece.
const PIECE: usize = 64 * 1024;
/// How far back a piece looks for a place to be cut, so that an address or a number is not halved.
const BACK: usize = 256;

/// A scan of text.
pub struct LineScan {
    encoding: Encoding,
    /// What stands before embedded data; something does in markup only.
    embeds: &'static [&'static str],
    pending: Vec<u8>,
    line: u64,
    long: bool,
    after_cr: bool,
}

impl LineScan {
    /// Text in which one of these stands before embedded data; none where nothing is more than text.
    pub fn new(scope: &Scope, embeds: &'static [&'static str]) -> Self {
        Self { encoding: scope.head.encoding, embeds, pending: Vec::new(), line: 1, long: false, after_cr: false }
    }
}

impl Scan for LineScan {
    fn feed(&mut self, mut bytes: &[u8], found: &mut Found) {
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

    fn finish(mut self: Box<Self>, found: &mut Found) {
        let whole = std::mem::take(&mut self.pending);
        self.check(&whole, found);
    }
}

impl LineScan {
    /// A line is longer than a piece: looks at what is there and goes on behind the last blank or sign.
    fn cut(&mut self, found: &mut Found) {
        if !self.long {
            self.long = true;
            let place = self.place();
            let sentence = || "The line is longer than 64 K: hardly anybody reads such a line to its end.".to_owned();
            found.add(found::LONG, || place, sentence);
        }
        let from = PIECE - BACK;
        let blank =
            |byte: &u8| *byte < 0x80 && !byte.is_ascii_alphanumeric() && !matches!(byte, b'@' | b'.' | b'-' | b'_');
        let at = self.pending[from..].iter().rposition(blank).map_or(PIECE, |at| from + at + 1);
        let rest = self.pending.split_off(at);
        let piece = std::mem::replace(&mut self.pending, rest);
        self.check(&piece, found);
    }

    fn place(&self) -> Place {
        Place::Line { line: self.line }
    }

    fn check(&self, line: &[u8], found: &mut Found) {
        if line.is_empty() {
            return;
        }
        let place = || self.place();
        let (text, other) = narrow(line, self.encoding);
        if let Some(other) = other {
            found.add(found::MIXED, place, || format!("This is written in {}, unlike the rest.", other.name()));
        }
        texts::check(&text, found, &place);
        if !self.embeds.is_empty() {
            self.markup(&text, found);
        }
    }

    fn markup(&self, text: &str, found: &mut Found) {
        const ACTIVE: [&str; 8] =
            ["<script", "javascript:", "onload=", "onclick=", "onerror=", "<iframe", "<object", "<foreignobject"];
        let lower = text.to_ascii_lowercase();
        if let Some(what) = ACTIVE.iter().find(|what| lower.contains(*what)) {
            let sentence = || format!("`{what}` runs or loads something when the file is opened in a browser.");
            found.add(found::ACTIVE, || self.place(), sentence);
        }
        if self.embeds.iter().any(|before| lower.contains(before)) {
            let sentence = || "Data is embedded here that cannot be read as text.".to_owned();
            found.add(found::OPAQUE, || self.place(), sentence);
        }
    }
}
