//! Archives: what a zip lists, read from the end of the file, is shown and judged; what is packed in it is not.

use super::bytes::{self, Says, as_bytes};
use crate::domain::egress::Place;
use crate::inspect::decode::{Encoding, narrow};
use crate::inspect::format::{Asked, Format, Held, Need, Scan, WINDOW};
use crate::inspect::found::{self, Found, part};
use crate::inspect::names::extension;
use crate::inspect::page::{Body, Column, ColumnFacts, Fact, Page};
use crate::inspect::values::is_invisible;
use crate::text::Untrusted;

/// Bytes from the end of a file that are looked at first, and by a scan at all.
#[allow(clippy::cast_possible_truncation, reason = "256 K")]
const TAIL: usize = WINDOW as usize;
/// Bytes of the longest listing that is shown: some 50,000 parts. Our own; nobody looks through more.
const LONGEST: u64 = 4 << 20;
/// A part that grows to more than so many times its size is a bomb. 100: deflate's ceiling is about 1,000, and honest tables
/// stay below 50.
const RATIO: u64 = 100;
/// Smaller parts may grow as they like, in bytes.
const SMALL_PART: u64 = 10 * 1024 * 1024;

const PACKED: &str = "What is packed inside is not shown here: ask for the files themselves.";

/// A zip archive.
pub(super) static ZIP: Format = Format {
    id: "zip",
    words: "a zip archive",
    media: &["application/zip"],
    names: &["zip", "npz", "docx", "xlsx", "pptx", "xlsm", "docm", "pptm", "odt", "ods", "odp", "pt", "pth", "keras"],
    is: |head| if head.is_zip() { Some("application/zip") } else { head.guessed(ZIP.media) },
    page,
    scan: |_| Box::new(Tail::new(PACKED)),
};

/// A document of an office program (zip inside).
pub(super) static OFFICE: Format = Format {
    id: "office",
    words: "an office document",
    media: &["application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."],
    names: &["docx", "xlsx", "pptx", "xlsm", "docm", "pptm", "odt", "ods", "odp"],
    is: |head| head.guessed(OFFICE.media),
    page,
    scan: |_| {
        Box::new(Tail::new(
            "It is an office document: hidden sheets, formulas and comments are not shown here; ask for CSV.",
        ))
    },
};

/// Another archive or a compressed file.
pub(super) static ARCHIVE: Format = Format {
    id: "archive",
    words: "an archive or a compressed file",
    media: &[
        "application/x-tar",
        "application/vnd.rar",
        "application/gzip",
        "application/x-bzip2",
        "application/x-7z-compressed",
        "application/x-xz",
        "application/zstd",
        "application/x-lz4",
        "application/x-compress",
        "application/x-lzip",
        "application/vnd.bzip3",
        "application/x-cpio",
        "application/vnd.ms-cab-compressed",
        "application/vnd.debian.binary-package",
        "application/x-unix-archive",
        "application/x-rpm",
    ],
    names: &[
        "gz",
        "bz2",
        "xz",
        "zst",
        "tar",
        "tgz",
        "7z",
        "rar",
        "rds",
        "rda",
        "rdata",
        "pkl",
        "pickle",
        "h5",
        "hdf5",
        "onnx",
        "safetensors",
        "gguf",
        "joblib",
        "model",
    ],
    is: |head| head.guessed(ARCHIVE.media),
    page: as_bytes,
    scan: |_| Box::new(Says::opaque(PACKED)),
};

/// What the end of an archive says.
struct Listing {
    /// The parts.
    entries: Vec<Entry>,
    /// Bytes before the archive begins.
    before: u64,
    /// Bytes behind its end.
    after: u64,
}

/// One part.
struct Entry {
    name: String,
    /// Bytes unpacked, as the archive says.
    size: u64,
    /// Bytes packed.
    packed: u64,
    encrypted: bool,
}

/// Why there is no listing.
enum Unlisted {
    /// It begins before what was read of the file, at this offset.
    Before(u64),
    /// Something else, in a sentence.
    Because(&'static str),
}

impl Unlisted {
    fn said(&self) -> &'static str {
        match self {
            Self::Before(_) => "The listing of the archive is longer than what is read of it.",
            Self::Because(why) => why,
        }
    }
}

/// Reads the listing from the last bytes of a file of `total` bytes. Layout from PKWARE's APPNOTE.TXT, 4.3.12 and 4.3.16.
///
/// # Errors
/// Where the listing is not there, damaged, longer than the tail or in the 64-bit form.
fn listing(tail: &[u8], total: u64) -> Result<Listing, Unlisted> {
    const END: &[u8] = b"PK\x05\x06";
    let none = Unlisted::Because("The archive has no listing at its end: it is damaged or something follows it.");
    let damaged = || Unlisted::Because("The listing of the archive is damaged.");
    let at = tail.windows(22).rposition(|window| window.starts_with(END)).ok_or(none)?;
    let end = &tail[at..];
    let (count, size, offset) = (short(end, 10), long(end, 12), long(end, 16));
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
        return Err(Unlisted::Because("The archive is in the 64-bit form, whose listing is not read."));
    }
    let behind = 22 + usize::try_from(short(end, 20)).unwrap_or(0);
    let read_from = total - tail.len() as u64;
    let absolute = (read_from + at as u64).checked_sub(size).ok_or_else(damaged)?;
    let start = absolute.checked_sub(read_from).ok_or(Unlisted::Before(absolute))?;
    let start = usize::try_from(start).map_err(|_| damaged())?;
    let mut rest = &tail[start..at];
    let mut entries = Vec::new();
    while entries.len() < usize::try_from(count).unwrap_or(0) {
        if rest.len() < 46 || !rest.starts_with(b"PK\x01\x02") {
            return Err(damaged());
        }
        let lengths: u64 = [28, 30, 32].into_iter().map(|field| short(rest, field)).sum();
        let length = 46 + usize::try_from(lengths).unwrap_or(usize::MAX);
        let name = 46 + usize::try_from(short(rest, 28)).unwrap_or(usize::MAX);
        if rest.len() < length {
            return Err(damaged());
        }
        entries.push(Entry {
            name: narrow(&rest[46..name], Encoding::Utf8).0,
            size: long(rest, 24),
            packed: long(rest, 20),
            encrypted: short(rest, 8) & 1 == 1,
        });
        rest = &rest[length..];
    }
    let after = (end.len().saturating_sub(behind)) as u64;
    Ok(Listing { entries, before: absolute.saturating_sub(offset), after })
}

fn short(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 2).map_or(0, |bytes| u64::from(bytes[0]) | u64::from(bytes[1]) << 8)
}

fn long(bytes: &[u8], at: usize) -> u64 {
    short(bytes, at) | short(bytes, at + 2) << 16
}

/// The listing of an archive as a table; its bytes where there is none, and behind the first page.
fn page(held: &Held, asked: &Asked) -> Result<Page, Need> {
    let mut page = asked.page(held);
    if asked.offset == 0 {
        let total = held.total();
        let from = total.saturating_sub(WINDOW);
        let listed = match listing(held.get(from..total)?, total) {
            Err(Unlisted::Before(start)) if total - start <= LONGEST => listing(held.get(start..total)?, total),
            listed => listed,
        };
        match listed {
            Ok(listing) => {
                page.offset = from;
                show(&mut page, listing);
                return Ok(page);
            }
            Err(why) => page.note(why.said()),
        }
    }
    bytes::show(&mut page, &asked.window(held)?, asked);
    Ok(page)
}

fn show(page: &mut Page, listing: Listing) {
    page.facts.push(Fact::new("parts", listing.entries.len().to_string()));
    if listing.before + listing.after > 0 {
        page.note(format!("{} bytes stand before the archive and {} behind it.", listing.before, listing.after));
    }
    if listing.entries.iter().any(|entry| entry.name.chars().any(is_invisible)) {
        page.note("Names in it hold invisible characters.");
    }
    page.note("This is what the archive lists; what is packed in it is not shown.");
    let columns = ["name", "bytes", "packed", "encrypted"]
        .into_iter()
        .map(|name| Column { name: name.into(), facts: ColumnFacts::default() })
        .collect();
    let yes = |flag: bool| Untrusted::from(if flag { "yes" } else { "" }.to_owned());
    let rows = listing
        .entries
        .into_iter()
        .map(|entry| {
            let number = |value: u64| Untrusted::from(value.to_string());
            vec![entry.name.into(), number(entry.size), number(entry.packed), yes(entry.encrypted)]
        })
        .collect();
    page.body = Body::Table { columns, rows, first_row: Some(1), header: true };
}

/// Keeps the last bytes of an archive: its listing is there.
struct Tail {
    sentence: &'static str,
    bytes: Vec<u8>,
    total: u64,
}

impl Tail {
    fn new(sentence: &'static str) -> Self {
        Self { sentence, bytes: Vec::new(), total: 0 }
    }
}

impl Scan for Tail {
    fn feed(&mut self, bytes: &[u8], _: &mut Found) {
        self.total += bytes.len() as u64;
        self.bytes.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        let over = self.bytes.len().saturating_sub(TAIL);
        self.bytes.drain(..over);
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        found.add(found::OPAQUE, || Place::Whole, || self.sentence.to_owned());
        match listing(&self.bytes, self.total) {
            Ok(listing) => judge(&listing, found),
            Err(why) => found.add(found::OPAQUE, || Place::Listing, || why.said().to_owned()),
        }
    }
}

fn judge(listing: &Listing, found: &mut Found) {
    if listing.before > 0 {
        let sentence = || format!("{} bytes stand before the archive.", listing.before);
        found.add(found::AFTER_END, || Place::Start, sentence);
    }
    if listing.after > 0 {
        let sentence = || format!("{} bytes follow the end of the archive.", listing.after);
        found.add(found::AFTER_END, || Place::End, sentence);
    }
    for entry in &listing.entries {
        let name = entry.name.as_str();
        let place = || part(name);
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
