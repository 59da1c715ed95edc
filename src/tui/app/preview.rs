//! What the preview pane holds: the parts of a file read so far, as data. The runtime fills it from `inspect`.

use crate::text::Untrusted;

/// One answer of a preview: facts about the file and a stretch of its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Facts about the file, one a line, as read from its bytes.
    pub facts: Vec<Untrusted>,
    /// Bytes of the file read so far.
    pub read: u64,
    /// Bytes of the file.
    pub of: u64,
    /// SHA-256 of the version the part was read from, in hex.
    pub sha256: String,
    /// The stretch.
    pub body: Body,
    /// Where the next stretch starts (rows, lines or bytes as the kind counts); none at the end.
    pub next: Option<u64>,
    /// How many rows, lines or bytes there are in all, where known.
    pub total: Option<u64>,
}

/// A stretch of a file's body.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Lines of text.
    Lines(Vec<Line>),
    /// Rows of a table under its header.
    Table {
        /// Column names.
        header: Vec<Untrusted>,
        /// Rows of cells.
        rows: Vec<Vec<Untrusted>>,
    },
    /// Bytes from an offset on.
    Hex {
        /// Offset of the first byte.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Nothing can be shown, and why.
    Nothing(Untrusted),
}

/// A line of text, or a piece of a very long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: Untrusted,
    /// Its number in the file; none for a piece that goes on from the one before.
    pub number: Option<u64>,
}

/// How many bytes a line of the hex view shows.
pub const HEX_WIDTH: usize = 16;

/// How many cells one step to the right is in text.
pub const LEFT_STEP: usize = 16;

impl Body {
    /// How many lines it takes on the screen, without a header.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Table { rows, .. } => rows.len(),
            Self::Hex { bytes, .. } => bytes.len().div_ceil(HEX_WIDTH),
            Self::Nothing(_) => 1,
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What one of its units is called, many of them.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Lines(_) | Self::Nothing(_) => "lines",
            Self::Table { .. } => "rows",
            Self::Hex { .. } => "bytes",
        }
    }

    fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Lines(have), Self::Lines(more)) => have.extend(more),
            (Self::Table { header: names, rows: have }, Self::Table { header, rows }) => {
                if header.len() > names.len() {
                    *names = header;
                }
                have.extend(rows);
            }
            (Self::Hex { bytes: have, .. }, Self::Hex { bytes, .. }) => have.extend(bytes),
            // Another kind than before cannot continue it; the file is the same version, so this does not happen.
            _ => {}
        }
    }
}

/// The preview of one version of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The row.
    pub id: i64,
    /// The bytes it was asked for, in hex.
    pub sha256: String,
    /// What was read so far; none until the first answer.
    pub doc: Option<Part>,
    /// A request is under way.
    pub loading: bool,
    /// Why the last request failed.
    pub failed: Option<String>,
    /// First body line on the screen.
    pub top: usize,
    /// Columns of a table that are left out behind its first one, which stays; pieces of long lines.
    pub left: usize,
    /// The body lines that were on the screen, as stretches in order, for the coverage a vote declares.
    pub seen: Vec<(usize, usize)>,
    /// The text looked for, in lower case.
    pub find: Option<String>,
    /// The body line that was gone to last.
    pub hit: Option<usize>,
    /// Where it is on its way to.
    pub goal: Option<super::look::Goal>,
    /// Bytes that were read when the search began.
    pub hunted: u64,
}

impl Preview {
    /// An empty one whose first part is being asked for.
    #[must_use]
    pub fn asked(id: i64, sha256: String) -> Self {
        Self {
            id,
            sha256,
            doc: None,
            loading: true,
            failed: None,
            top: 0,
            left: 0,
            seen: Vec::new(),
            find: None,
            hit: None,
            goal: None,
            hunted: 0,
        }
    }

    /// Takes an answer: the first part, or the next stretch.
    pub fn take(&mut self, part: Part) {
        self.loading = false;
        self.failed = None;
        match &mut self.doc {
            None => self.doc = Some(part),
            Some(doc) => {
                doc.read = part.read;
                for fact in part.facts {
                    if !doc.facts.contains(&fact) {
                        doc.facts.push(fact);
                    }
                }
                doc.next = part.next;
                doc.total = part.total.or(doc.total);
                doc.body.append(part.body);
            }
        }
    }

    /// Body lines read so far.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.doc.as_ref().map_or(0, |doc| doc.body.len())
    }

    /// Furthest useful `left`: what shows the last column of a table beside its first, or the width of the longest line.
    #[must_use]
    pub fn widest(&self) -> usize {
        match self.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Table { header, rows }) => {
                rows.iter().map(Vec::len).chain([header.len()]).max().unwrap_or(0).saturating_sub(2)
            }
            Some(Body::Lines(lines)) => {
                lines.iter().map(|line| line.text.raw().chars().count()).max().unwrap_or(0) / LEFT_STEP
            }
            _ => 0,
        }
    }

    /// Notes that a screen of `height` body lines is shown from `top`.
    pub fn note_seen(&mut self, height: usize) {
        let mut stretch = (self.top, (self.top + height).min(self.lines()));
        if stretch.0 >= stretch.1 {
            return;
        }
        self.seen.retain(|(from, to)| {
            let apart = *to < stretch.0 || *from > stretch.1;
            if !apart {
                stretch = (stretch.0.min(*from), stretch.1.max(*to));
            }
            apart
        });
        self.seen.push(stretch);
        self.seen.sort_unstable();
    }

    /// Where to read on, if a screen below the one shown is not read yet.
    #[must_use]
    pub fn wants(&self, height: usize) -> Option<u64> {
        let doc = self.doc.as_ref()?;
        (!self.loading && self.failed.is_none() && (self.goal.is_some() || self.top + 2 * height >= doc.body.len()))
            .then_some(doc.next)
            .flatten()
    }

    /// `you have seen 40 of 212 rows`, or as much of it as is known.
    #[must_use]
    pub fn coverage(&self) -> Option<String> {
        let doc = self.doc.as_ref()?;
        let unit = doc.body.unit();
        let seen: usize = self.seen.iter().map(|(from, to)| to - from).sum();
        let seen = match &doc.body {
            Body::Nothing(_) => return Some("seen no more than its facts".into()),
            Body::Hex { bytes, .. } => (seen * HEX_WIDTH).min(bytes.len()),
            _ => seen,
        };
        let total = doc.total.or_else(|| doc.next.is_none().then_some(seen.max(self.lines()) as u64));
        Some(match total {
            Some(1) => format!("seen {seen} of 1 {}", unit.trim_end_matches('s')),
            Some(total) => format!("seen {seen} of {total} {unit}"),
            None => format!("seen {seen} {unit}, there are more"),
        })
    }
}
