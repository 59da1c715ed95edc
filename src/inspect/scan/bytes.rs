//! Scans what is neither text nor table: pictures, archives, documents, models. Called by the scanner.

use super::found::{self, Found, short};
use crate::inspect::archive::{Listing, TAIL, listing};
use crate::inspect::image::Picture;
use crate::inspect::kind::{Kind, extension};

/// A part that grows to more than so many times its size is a bomb. 100: deflate's ceiling is about 1,000, and honest tables
/// stay below 50.
const RATIO: u64 = 100;
/// Smaller parts may grow as they like, in bytes.
const SMALL_PART: u64 = 10 * 1024 * 1024;

/// A scan of bytes.
pub(super) struct ByteScan {
    kind: Kind,
    picture: Option<Picture>,
    /// The last bytes of an archive: its listing is there.
    tail: Vec<u8>,
    total: u64,
    needles: Needles,
}

impl ByteScan {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, picture: Picture::of(kind), tail: Vec::new(), total: 0, needles: Needles::default() }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        if let Some(picture) = &mut self.picture {
            picture.feed(bytes);
        }
        match self.kind {
            Kind::Zip | Kind::Office => {
                self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
                let over = self.tail.len().saturating_sub(TAIL);
                self.tail.drain(..over);
            }
            Kind::Pdf | Kind::Document => self.needles.feed(bytes),
            _ => {}
        }
    }

    pub(super) fn finish(self, found: &mut Found) {
        if let Some(picture) = self.picture {
            picture.finish(found);
        }
        self.needles.finish(found);
        let sentence = match self.kind {
            Kind::Model | Kind::Data => "It may hold the data it was made from and cannot be checked by hand.",
            Kind::Program => {
                let sentence = || "It is a program; programs are not results.".to_owned();
                found.add(found::PROGRAM, whole, sentence);
                return;
            }
            Kind::Pdf => "It is a PDF document, which is not shown here: ask for the figures and tables themselves.",
            Kind::Office => {
                "It is an office document: hidden sheets, formulas and comments are not shown here; ask for CSV."
            }
            Kind::Zip | Kind::Archive => "What is packed inside is not shown here: ask for the files themselves.",
            Kind::Columnar => "It is a table that is not shown here: ask for CSV.",
            Kind::Document | Kind::Media | Kind::Binary => "It cannot be shown here and cannot be checked by hand.",
            _ => return,
        };
        found.add(found::OPAQUE, whole, || sentence.to_owned());
        if matches!(self.kind, Kind::Zip | Kind::Office) {
            match listing(&self.tail, self.total) {
                Ok(listing) => archive(&listing, found),
                Err(why) => found.add(found::OPAQUE, || "the listing".to_owned(), || why.to_owned()),
            }
        }
    }
}

fn whole() -> String {
    "the whole file".to_owned()
}

fn archive(listing: &Listing, found: &mut Found) {
    if listing.before > 0 {
        let sentence = || format!("{} bytes stand before the archive.", listing.before);
        found.add(found::AFTER_END, || "the beginning of the file".to_owned(), sentence);
    }
    if listing.after > 0 {
        let sentence = || format!("{} bytes follow the end of the archive.", listing.after);
        found.add(found::AFTER_END, || "the end of the file".to_owned(), sentence);
    }
    for entry in &listing.entries {
        let name = entry.name.as_str();
        let place = || short(name);
        if name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") {
            found.add(found::ARCHIVE_PATH, place, || "This path leads out of the folder it is unpacked in.".to_owned());
        }
        if entry.encrypted {
            found.add(found::ENCRYPTED, place, || {
                "This part is encrypted: nobody here can see what is in it.".to_owned()
            });
        }
        if name.to_lowercase().ends_with("vbaproject.bin") {
            found.add(found::MACRO, place, || "The document carries macros.".to_owned());
        }
        if entry.size > SMALL_PART && entry.size / entry.packed.max(1) > RATIO {
            let sentence = || format!("{} bytes unpack to {}.", entry.packed, entry.size);
            found.add(found::ZIP_BOMB, place, sentence);
        }
        if matches!(extension(name).as_deref(), Some("zip" | "gz" | "7z" | "rar" | "tar" | "xz" | "bz2")) {
            found.add(found::OPAQUE, place, || "An archive stands inside the archive.".to_owned());
        }
    }
}

/// Words that tell of active or hidden parts of documents, found across chunks.
#[derive(Default)]
struct Needles {
    tail: Vec<u8>,
    seen: [bool; WORDS.len()],
}

const WORDS: [(&[u8], found::Rule, &str); 5] = [
    (b"/JavaScript", found::ACTIVE, "The document carries a script."),
    (b"/EmbeddedFile", found::OPAQUE, "The document has files attached."),
    (b"/Launch", found::ACTIVE, "The document may start a program."),
    (b"/Encrypt", found::ENCRYPTED, "The document is encrypted."),
    (b"V\0B\0A\0", found::MACRO, "The document carries macros."),
];

impl Needles {
    fn feed(&mut self, bytes: &[u8]) {
        let longest = WORDS.iter().map(|(word, ..)| word.len()).max().unwrap_or(0);
        let joined = [self.tail.as_slice(), bytes].concat();
        for (seen, (word, ..)) in self.seen.iter_mut().zip(WORDS) {
            *seen = *seen || joined.windows(word.len()).any(|window| window == word);
        }
        self.tail = joined[joined.len().saturating_sub(longest - 1)..].to_vec();
    }

    fn finish(self, found: &mut Found) {
        for (seen, (_, rule, sentence)) in self.seen.into_iter().zip(WORDS) {
            if seen {
                found.add(rule, whole, || sentence.to_owned());
            }
        }
    }
}
