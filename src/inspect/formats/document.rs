//! PDF and other documents of pages: what is active or hidden in them is looked for; what they show is not shown yet.

use super::bytes::{as_bytes, as_bytes_only};
use crate::domain::egress::Place;
use crate::inspect::format::{Format, Scan};
use crate::inspect::found::{self, Found, Rule};

/// A PDF document.
pub(super) static PDF: Format = Format {
    id: "pdf",
    words: "a PDF document",
    media: &["application/pdf"],
    names: &["pdf"],
    is: |head| if head.starts(&[b"%PDF-"]) { Some("application/pdf") } else { head.guessed(PDF.media) },
    page: as_bytes_only,
    scan: |_| {
        Box::new(Needles::new(
            "It is a PDF document, which is not shown here: ask for the figures and tables themselves.",
        ))
    },
};

/// A document of an old office program (OLE), RTF or `PostScript`.
pub(super) static DOCUMENT: Format = Format {
    id: "document",
    words: "a document",
    media: &[
        "application/rtf",
        "application/postscript",
        "application/x-ole-storage",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
    ],
    names: &["eps", "ps", "rtf", "doc", "xls", "ppt"],
    is: |head| match head {
        head if head.starts(&[b"{\\rtf"]) => Some("application/rtf"),
        head if head.starts(&[b"%!PS"]) => Some("application/postscript"),
        head => head.guessed(DOCUMENT.media),
    },
    page: as_bytes,
    scan: |_| Box::new(Needles::new("It cannot be shown here and cannot be checked by hand.")),
};

/// Words that tell of active or hidden parts of documents, found across chunks.
struct Needles {
    sentence: &'static str,
    tail: Vec<u8>,
    seen: [bool; WORDS.len()],
}

const WORDS: [(&[u8], Rule, &str); 5] = [
    (b"/JavaScript", found::ACTIVE, "The document carries a script."),
    (b"/EmbeddedFile", found::OPAQUE, "The document has files attached."),
    (b"/Launch", found::ACTIVE, "The document may start a program."),
    (b"/Encrypt", found::ENCRYPTED, "The document is encrypted."),
    (b"V\0B\0A\0", found::MACRO, "The document carries macros."),
];

impl Needles {
    fn new(sentence: &'static str) -> Self {
        Self { sentence, tail: Vec::new(), seen: [false; WORDS.len()] }
    }
}

impl Scan for Needles {
    fn feed(&mut self, bytes: &[u8], _: &mut Found) {
        let longest = WORDS.iter().map(|(word, ..)| word.len()).max().unwrap_or(0);
        let joined = [self.tail.as_slice(), bytes].concat();
        for (seen, (word, ..)) in self.seen.iter_mut().zip(WORDS) {
            *seen = *seen || joined.windows(word.len()).any(|window| window == word);
        }
        self.tail = joined[joined.len().saturating_sub(longest - 1)..].to_vec();
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        for (seen, (_, rule, sentence)) in self.seen.into_iter().zip(WORDS) {
            if seen {
                found.add(rule, || Place::Whole, || sentence.to_owned());
            }
        }
        found.add(found::OPAQUE, || Place::Whole, || self.sentence.to_owned());
    }
}
