//! Text by the line. Used by the formats that are text.

use super::decode::{Encoding, encoding_of, narrow, wide_len, widen};
use super::format::{Asked, Held, Need, Window};
use super::head::Head;
use super::page::{Body, Carried, Line, Page};

/// Bytes of one piece of a long line: a few screens, and no bytes are left out between two pieces.
const PIECE: usize = 4096;

/// A window as bytes that are UTF-8 or nearly so, and how to get back to offsets of the file.
pub(super) struct Characters<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    wide: bool,
    /// Length of the byte order mark.
    pub mark: usize,
}

impl<'a> Characters<'a> {
    pub(super) fn of(window: &Window<'a>, encoding: Encoding) -> Self {
        let mark = if window.offset == 0 { encoding_of(window.bytes).1.min(window.bytes.len()) } else { 0 };
        let bytes = &window.bytes[mark..];
        if encoding.is_wide() {
            return Self { bytes: widen(bytes, encoding).into_bytes().into(), wide: true, mark };
        }
        Self { bytes: bytes.into(), wide: false, mark }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the window that the first so many of these stand for.
    pub(super) fn in_file(&self, length: usize) -> u64 {
        let text = &self.bytes[..length.min(self.bytes.len())];
        self.mark as u64 + if self.wide { wide_len(text) } else { text.len() as u64 }
    }
}

/// Says on the page how its characters are written.
pub(super) fn say_encoding(page: &mut Page, window: &Window, encoding: Encoding, text: &Characters<'_>) {
    if encoding != Encoding::Utf8 {
        page.note(format!("The characters are read as {}.", encoding.name()));
    }
    if text.wide && window.bytes.len() % 2 == 1 && page.offset + page.read_bytes == page.total_bytes {
        page.note("The last byte is half a character and is not shown.");
    }
}

/// Says on the page what in these bytes does not show by itself.
pub(super) fn say_controls(page: &mut Page, shown: &[u8]) {
    let (mut nul, mut other) = (0, 0);
    for byte in shown.iter().filter(|byte| **byte < 0x20) {
        match byte {
            0 => nul += 1,
            b'\t' | b'\n' | b'\r' => {}
            _ => other += 1,
        }
    }
    if nul > 0 {
        page.note(format!(
            "{} here; some programs show nothing behind such a byte.",
            counted(nul, "NUL byte is", "NUL bytes are")
        ));
    }
    if other > 0 {
        page.note(format!(
            "{} here, shown as escapes.",
            counted(other, "control character is", "control characters are")
        ));
    }
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `3, 7, 9 and 12 more`.
pub(super) fn listed(numbers: &[String]) -> String {
    const SHOWN: usize = 5;
    if numbers.len() <= SHOWN {
        return numbers.join(", ");
    }
    format!("{} and {} more", numbers[..SHOWN].join(", "), numbers.len() - SHOWN)
}

/// A page of lines.
pub(super) fn page(held: &Held, asked: &Asked) -> Result<Page, Need> {
    let window = asked.window(held)?;
    let mut page = asked.page(held);
    show(&mut page, &window, asked.rows, &began(&window, asked));
    Ok(page)
}

/// What the page before handed on, or how a page that begins here is written.
pub(super) fn began(window: &Window, asked: &Asked) -> Carried {
    let mut carried = asked.carried();
    if asked.carried.is_none() {
        let head = Head::new(window.bytes, "", false);
        let own = || if head.is_textual() { head.encoding } else { encoding_of(window.bytes).0 };
        // In the middle of a file the two halves of a character may be the wrong ones; the stored type knows better.
        carried.encoding = charset(asked.media_type).unwrap_or_else(own);
    }
    carried
}

fn charset(media_type: &str) -> Option<Encoding> {
    Some(match media_type.split_once("charset=")?.1 {
        "utf-16le" => Encoding::Utf16Le,
        "utf-16be" => Encoding::Utf16Be,
        _ => return None,
    })
}

/// Shows the lines of a window.
pub(super) fn show(page: &mut Page, window: &Window, rows: usize, carried: &Carried) {
    let text = Characters::of(window, carried.encoding);
    let at_end = window.at_end();
    let cut = cut_lines(text.bytes(), rows, at_end, carried.inside);
    let mut lines = Vec::new();
    let mut foreign = Vec::new();
    // Inside a line the count so far includes that line once, whichever page ends it.
    let mut number = carried.before;
    for piece in &cut.pieces {
        if !piece.continues {
            number = number.map(|number| number + 1);
        }
        let (line, other) = narrow(&text.bytes()[piece.start..piece.end], carried.encoding);
        if let Some(other) = other {
            let place =
                number.map_or_else(|| format!("line {} of this page", lines.len() + 1), |at| format!("line {at}"));
            foreign.push(format!("{place} ({})", other.name()));
        }
        lines.push(Line { text: line.into(), continues: piece.continues, number: number.filter(|_| !piece.continues) });
    }
    say_encoding(page, window, carried.encoding, &text);
    if !foreign.is_empty() {
        page.note(format!("Written in another encoding than the rest, and read so: {}.", listed(&foreign)));
    }
    if lines.iter().any(|line| line.continues) {
        page.note("A very long line is shown in pieces.");
    }
    if window.offset > 0 && request_stands_alone(carried) {
        page.note("The page begins in the middle of the file: its first line may be cut, and lines are not numbered.");
    }
    say_controls(page, &text.bytes()[..cut.used]);
    let first = if carried.inside { carried.before } else { carried.before.map(|before| before + 1) };
    let next = Carried { before: number, inside: cut.inside, ..carried.clone() };
    let shown =
        if cut.used == text.bytes().len() && at_end { window.bytes.len() as u64 } else { text.in_file(cut.used) };
    page.read_on(shown, next);
    page.body = Body::Lines { first_line: first, lines, encoding: carried.encoding };
}

pub(super) fn request_stands_alone(carried: &Carried) -> bool {
    carried.before.is_none()
}

struct Piece {
    start: usize,
    end: usize,
    continues: bool,
}

struct Cut {
    pieces: Vec<Piece>,
    /// Bytes the pieces and their line breaks take.
    used: usize,
    /// The last piece does not end its line.
    inside: bool,
}

fn cut_lines(text: &[u8], rows: usize, at_end: bool, inside: bool) -> Cut {
    let mut cut = Cut { pieces: Vec::new(), used: 0, inside };
    while cut.used < text.len() && cut.pieces.len() < rows {
        let rest = &text[cut.used..];
        let stop = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let length = stop.unwrap_or(rest.len());
        // A carriage return at the end of the window may be half a line break: the next window reads it.
        let half = stop.is_some() && rest[length] == b'\r' && length + 1 == rest.len() && !at_end;
        if (stop.is_none() && !at_end || half) && !cut.pieces.is_empty() && length <= PIECE {
            break;
        }
        let (take, ends) = if length > PIECE { (boundary(rest, PIECE), false) } else { (length, stop.is_some()) };
        cut.pieces.push(Piece { start: cut.used, end: cut.used + take, continues: cut.inside });
        let brk = match (ends, rest.get(take), rest.get(take + 1)) {
            (false, ..) => 0,
            (true, Some(b'\r'), Some(b'\n')) => 2,
            _ => 1,
        };
        cut.used += take + brk;
        cut.inside = !ends;
    }
    cut
}

/// The nearest end of a character at or before a place.
fn boundary(text: &[u8], at: usize) -> usize {
    (at.saturating_sub(3)..=at).rev().find(|end| text.get(*end).is_none_or(|byte| byte & 0xC0 != 0x80)).unwrap_or(at)
}
