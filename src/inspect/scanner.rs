//! Findings: takes a whole file in chunks while the worker hashes it, in bounded memory, and says what a checker should look
//! at. The findings do not depend on the chunks. Called by the worker's intake and by `submit` before it sends.
//!
//! Sentences never repeat a name, number or address they found: findings are stored and shown where the file is not. Small
//! counts are the exception: the checker has to see them.

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

use super::checks::Checks;
use super::decode::Encoding;
use super::format::{Format, Scan, Scope};
use super::formats::FORMATS;
use super::found::{self, Found};
use super::head::HEAD;
use super::names::{extension, is_model_extension};
use super::sniff::{head_of, promised, sniff, sniff_head};
use crate::domain::egress::{Finding, Place};

/// What a whole file was found to be and to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// Media type, from its bytes.
    pub media_type: String,
    /// What a checker should look at, the most serious first.
    pub findings: Vec<Finding>,
    /// Bytes looked at.
    pub bytes: u64,
}

/// Takes a file in chunks. It holds a few hundred kilobytes at most, whatever the file.
pub struct Scanner {
    key: String,
    checks: Checks,
    found: Found,
    bytes: u64,
    /// First bytes, until there are enough of them to say what the file is.
    head: Vec<u8>,
    running: Option<Running>,
}

struct Running {
    format: &'static Format,
    media_type: String,
    /// Turns UTF-16 into UTF-8.
    wide: Option<Decoder>,
    scan: Box<dyn Scan>,
}

impl Scanner {
    /// For the file with this key (a lossy form of it does); numbers from the policy.
    #[must_use]
    pub fn new(key: &str, checks: &Checks) -> Self {
        Self {
            key: key.to_owned(),
            checks: checks.clone(),
            found: Found::default(),
            bytes: 0,
            head: Vec::new(),
            running: None,
        }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        let mut chunk = chunk;
        if self.running.is_none() {
            let room = (HEAD - self.head.len()).min(chunk.len());
            self.head.extend_from_slice(&chunk[..room]);
            chunk = &chunk[room..];
            if self.head.len() < HEAD {
                return;
            }
            self.start();
        }
        if let Some(running) = &mut self.running {
            running.feed(chunk, false, &mut self.found);
        }
    }

    /// The end of the file.
    #[must_use]
    pub fn finish(mut self) -> Scanned {
        if self.running.is_none() {
            self.start();
        }
        let Some(mut running) = self.running.take() else {
            // Unreachable: it was started above. An empty answer would hide everything, so say that.
            let media_type = sniff(&[], &self.key).media_type;
            return Scanned { media_type, findings: Vec::new(), bytes: self.bytes };
        };
        running.feed(&[], true, &mut self.found);
        running.scan.finish(&mut self.found);
        if self.bytes > 0 {
            names(&self.key, running.format, &mut self.found);
        }
        let findings = self.found.into_findings(self.checks.most_findings);
        Scanned { media_type: running.media_type, findings, bytes: self.bytes }
    }

    fn start(&mut self) {
        let bytes = std::mem::take(&mut self.head);
        let extension = extension(&self.key).unwrap_or_default();
        let head = head_of(FORMATS, &bytes, &extension);
        let sniffed = sniff_head(FORMATS, &head);
        let wide = match sniffed.encoding {
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            _ => None,
        };
        let scan = (sniffed.format.scan)(&Scope { head: &head, checks: &self.checks });
        let mut running = Running { format: sniffed.format, media_type: sniffed.media_type, wide, scan };
        running.feed(&bytes[sniffed.mark..], false, &mut self.found);
        self.running = Some(running);
    }
}

impl Running {
    fn feed(&mut self, chunk: &[u8], last: bool, found: &mut Found) {
        let text;
        let chunk = match &mut self.wide {
            None => chunk,
            Some(decoder) => {
                let most = decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(chunk.len() * 4 + 16);
                let mut narrow = String::with_capacity(most);
                let _ = decoder.decode_to_string(chunk, &mut narrow, last);
                text = narrow;
                text.as_bytes()
            }
        };
        self.scan.feed(chunk, found);
    }
}

/// What the name says against the bytes.
fn names(key: &str, format: &'static Format, found: &mut Found) {
    let Some(extension) = extension(key) else { return };
    let mut promised = promised(FORMATS, &extension).peekable();
    if promised.peek().is_some() && promised.all(|other| other.id != format.id) {
        let sentence = || format!("It is named .{extension}, but its bytes are {}.", format.words);
        found.add(found::TYPE, || Place::Name, sentence);
    }
    if is_model_extension(&extension) && !found.has(found::OPAQUE) {
        let sentence =
            || "Files of this name may hold the data they were made from and cannot be checked by hand.".to_owned();
        found.add(found::OPAQUE, || Place::Whole, sentence);
    }
}
