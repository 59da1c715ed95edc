//! What a zip archive lists, read from the end of the file. Called by the preview and the scanner.

use super::preview::{Body, Column, ColumnFacts, Fact, Preview, WINDOW, Window};
use super::values::is_invisible;
use crate::text::Untrusted;

/// Bytes from the end of a file that are looked at.
#[allow(clippy::cast_possible_truncation, reason = "256 K")]
pub(super) const TAIL: usize = WINDOW as usize;

/// What the end of an archive says.
pub(super) struct Listing {
    /// The parts.
    pub entries: Vec<Entry>,
    /// Bytes before the archive begins.
    pub before: u64,
    /// Bytes behind its end.
    pub after: u64,
}

/// One part.
pub(super) struct Entry {
    pub name: String,
    /// Bytes unpacked, as the archive says.
    pub size: u64,
    /// Bytes packed.
    pub packed: u64,
    pub encrypted: bool,
}

/// Reads the listing from the last bytes of a file of `total` bytes. Layout from PKWARE's APPNOTE.TXT, 4.3.12 and 4.3.16.
///
/// # Errors
/// A sentence where the listing is not there, damaged, longer than the tail or in the 64-bit form.
pub(super) fn listing(tail: &[u8], total: u64) -> Result<Listing, &'static str> {
    const END: &[u8] = b"PK\x05\x06";
    let none = "The archive has no listing at its end: it is damaged or something follows it.";
    let at = tail.windows(22).rposition(|window| window.starts_with(END)).ok_or(none)?;
    let end = &tail[at..];
    let (count, size, offset) = (short(end, 10), long(end, 12), long(end, 16));
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
        return Err("The archive is in the 64-bit form, whose listing is not read.");
    }
    let behind = 22 + usize::try_from(short(end, 20)).unwrap_or(0);
    let start = usize::try_from(size).ok().and_then(|size| at.checked_sub(size));
    let start = start.ok_or("The listing of the archive is longer than what is read of it.")?;
    let absolute = total - tail.len() as u64 + start as u64;
    let mut rest = &tail[start..at];
    let mut entries = Vec::new();
    while entries.len() < usize::try_from(count).unwrap_or(0) {
        if rest.len() < 46 || !rest.starts_with(b"PK\x01\x02") {
            return Err("The listing of the archive is damaged.");
        }
        let lengths: u64 = [28, 30, 32].into_iter().map(|field| short(rest, field)).sum();
        let length = 46 + usize::try_from(lengths).unwrap_or(usize::MAX);
        let name = 46 + usize::try_from(short(rest, 28)).unwrap_or(usize::MAX);
        if rest.len() < length {
            return Err("The listing of the archive is damaged.");
        }
        entries.push(Entry {
            name: super::decode::narrow(&rest[46..name], super::decode::Encoding::Utf8).0,
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

/// Shows the listing at the end of an archive; `false` if it is not in this window.
pub(super) fn show(page: &mut Preview, window: &Window) -> bool {
    if window.offset + window.bytes.len() as u64 != window.total {
        return false;
    }
    let listing = match listing(&window.bytes, window.total) {
        Ok(listing) => listing,
        Err(why) => {
            page.note(why);
            return false;
        }
    };
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
    true
}
