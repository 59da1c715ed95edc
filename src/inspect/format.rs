//! What a format is: how its bytes are known, shown and scanned. Filled in by the files in `formats`, read by `sniff`,
//! `preview` and the scanner, none of which knows one format from another.

use std::ops::Range;

use super::checks::Checks;
use super::decode::Encoding;
use super::found::Found;
use super::head::Head;
use super::page::{Body, Carried, Page};
use super::rows::ROW_LIMIT;

/// Bytes of one window: what most pages need. As long as the longest row, so that each window shows at least one.
pub const WINDOW: u64 = ROW_LIMIT as u64;

/// A kind of files.
pub struct Format {
    /// Its name in JSON.
    pub id: &'static str,
    /// What people call it, with its article.
    pub words: &'static str,
    /// Media types it has in the database; one that ends in `/` or `.` stands for all that begin so.
    pub media: &'static [&'static str],
    /// Extensions such a file may honestly have. From the registrations at IANA and the habits of the programs that write
    /// them.
    pub names: &'static [&'static str],
    /// Whether a file begins like one: its media type.
    pub is: fn(&Head) -> Option<&'static str>,
    /// A page of what is in it, or the bytes that are needed to make one. It reads what strangers made: should it panic or
    /// never end, the file is shown as bytes.
    pub page: fn(&Held, &Asked) -> Result<Page, Need>,
    /// What looks at a whole file of it.
    pub scan: fn(&Scope) -> Box<dyn Scan>,
}

/// Looks at a whole file in chunks, in bounded memory; what it finds does not depend on the chunks.
pub trait Scan: Send {
    /// Takes the next bytes: UTF-16 comes as UTF-8, without its mark.
    fn feed(&mut self, bytes: &[u8], found: &mut Found);
    /// The end of the file.
    fn finish(self: Box<Self>, found: &mut Found);
}

/// What a scan is made for.
pub struct Scope<'a> {
    /// The first bytes.
    pub head: &'a Head<'a>,
    /// Numbers of the disclosure checks.
    pub checks: &'a Checks,
}

/// Ranges of a file that have to be read before there is a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need(pub Vec<Range<u64>>);

/// What was read of a file so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    total: u64,
    stretches: Vec<(u64, Vec<u8>)>,
}

impl Held {
    /// Nothing yet, of a file of so many bytes.
    #[must_use]
    pub fn of(total: u64) -> Self {
        Self { total, stretches: Vec::new() }
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Bytes read.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.stretches.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Takes bytes that begin at an offset.
    pub fn take(&mut self, offset: u64, bytes: Vec<u8>) {
        self.stretches.push((offset, bytes));
    }

    /// The bytes of a range, cut at the end of the file.
    ///
    /// # Errors
    /// It has to be read first.
    pub fn get(&self, range: Range<u64>) -> Result<&[u8], Need> {
        let end = range.end.min(self.total);
        if range.start >= end {
            return Ok(&[]);
        }
        let within = |(offset, bytes): &(u64, Vec<u8>)| {
            let [from, to] = [range.start, end].map(|at| usize::try_from(at.checked_sub(*offset)?).ok());
            (to? <= bytes.len()).then_some(from?..to?)
        };
        let found = self.stretches.iter().find_map(|stretch| stretch.1.get(within(stretch)?));
        let wanted = range.start..end;
        found.ok_or_else(|| Need(vec![wanted]))
    }
}

/// Some bytes of a file and where they lie in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window<'a> {
    /// Offset of the first byte.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Bytes of the whole file.
    pub total: u64,
}

impl Window<'_> {
    /// Whether the file ends with it.
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.offset + self.bytes.len() as u64 >= self.total
    }
}

/// A page that is asked for.
pub struct Asked<'a> {
    /// What the file is taken for.
    pub format: &'static Format,
    /// Its media type.
    pub media_type: &'a str,
    /// Rows, lines or lines of hex at most; at least one.
    pub rows: usize,
    /// Where to begin.
    pub offset: u64,
    /// What the page before handed on.
    pub carried: Option<&'a Carried>,
}

impl Asked<'_> {
    /// The window a page begins with.
    ///
    /// # Errors
    /// It has to be read first.
    pub fn window<'a>(&self, held: &'a Held) -> Result<Window<'a>, Need> {
        let bytes = held.get(self.offset..self.offset.saturating_add(WINDOW))?;
        Ok(Window { offset: self.offset, bytes, total: held.total() })
    }

    /// A page with nothing on it yet.
    #[must_use]
    pub fn page(&self, held: &Held) -> Page {
        Page {
            media_type: self.media_type.to_owned(),
            kind: self.format.id.to_owned(),
            facts: Vec::new(),
            body: Body::Nothing { reason: String::new() },
            offset: self.offset,
            read_bytes: held.read(),
            total_bytes: held.total(),
            next: None,
            carried: None,
            sha256: None,
            notes: Vec::new(),
        }
    }

    /// What the page before handed on, or what the first one takes the file for.
    #[must_use]
    pub fn carried(&self) -> Carried {
        self.carried.cloned().unwrap_or_else(|| Carried {
            kind: self.format.id.to_owned(),
            encoding: Encoding::Utf8,
            delimiter: b',',
            before: (self.offset == 0).then_some(0),
            header: None,
            inside: false,
        })
    }
}
