//! Writes the cells that differ, by the shortest moves. Used by `scroll`.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr as _;

use super::ink::Ink;

/// Blanks from which on erasing is shorter than writing them: the erasing, and the way over them.
const ERASE: usize = 11;

/// Bytes for a terminal, with what they leave behind.
#[derive(Default)]
pub struct Pen {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where the terminal's cursor is, if that is known; the column may be one beyond the last.
    at: Option<(u16, u16)>,
    ink: Ink,
}

/// A blank as the terminal's own erasing leaves it.
fn erased(cell: &Cell) -> bool {
    cell.symbol() == " " && Ink::from(cell).erases()
}

impl Pen {
    /// A pen after these bytes, which leave the cursor anywhere.
    pub fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// Makes a terminal that shows `shown` show `wanted`, its ink put back to none.
    pub fn paint(mut self, shown: &Buffer, wanted: &Buffer) -> Vec<u8> {
        // An empty symbol is the other half of a wide letter.
        let cells: Vec<_> = shown.diff_iter(wanted).filter(|(_, _, cell)| !cell.symbol().is_empty()).collect();
        let mut n = 0;
        while let Some((x, y, cell)) = cells.get(n).copied() {
            let here = cells[n..].iter().take_while(|(_, row, _)| *row == y).count();
            if erased(cell) {
                let blanks =
                    (x..).zip(&cells[n..n + here]).take_while(|(x, (at, _, cell))| x == at && erased(cell)).count();
                if here > 3 && (x..wanted.area.width).all(|x| erased(&wanted[(x, y)])) {
                    self.erase(x, y, wanted, None);
                    n += here;
                    continue;
                }
                if blanks >= ERASE {
                    self.erase(x, y, wanted, Some(blanks));
                    n += blanks;
                    continue;
                }
            }
            self.go(x, y, wanted);
            self.write(cell);
            n += 1;
        }
        if self.ink != Ink::default() {
            self.bytes.extend_from_slice(b"\x1b[m");
        }
        self.bytes
    }

    fn say(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn dip(&mut self, ink: Ink) {
        if self.ink != ink {
            let sequence = ink.since(self.ink);
            self.say(&sequence);
            self.ink = ink;
        }
    }

    fn write(&mut self, cell: &Cell) {
        if !self.ink.suits(cell) {
            self.dip(Ink::from(cell));
        }
        self.say(cell.symbol());
        // Terminals do not agree on the width of everything: after what is not one plain letter the place is named anew.
        let plain = cell.symbol().width() == 1 && cell.symbol().chars().count() == 1;
        self.at = self.at.filter(|_| plain).map(|(x, y)| (x + 1, y));
    }

    /// Erases so many cells, or all to the end of the line; the cursor stays.
    fn erase(&mut self, x: u16, y: u16, wanted: &Buffer, cells: Option<usize>) {
        self.go(x, y, wanted);
        if !self.ink.erases() {
            self.dip(Ink::default());
        }
        match cells {
            None => self.say("\x1b[K"),
            Some(cells) => self.say(&format!("\x1b[{cells}X")),
        }
    }

    /// Moves to a place.
    fn go(&mut self, x: u16, y: u16, wanted: &Buffer) {
        if self.at == Some((x, y)) {
            return;
        }
        let mut best = match (x, y) {
            (0, 0) => "\x1b[H".to_owned(),
            (0, y) => format!("\x1b[{}H", y + 1),
            (x, y) => format!("\x1b[{};{}H", y + 1, x + 1),
        };
        let mut consider = |way: Option<String>| {
            if let Some(way) = way.filter(|way| way.len() < best.len()) {
                best = way;
            }
        };
        match self.at {
            Some((from, row)) if row == y && from < x => {
                consider(Some(forward(x - from)));
                consider(self.written(from, x, y, wanted));
            }
            Some((_, row)) if row + 1 == y => {
                consider(Some(format!("\r\n{}", forward(x))));
                consider(self.written(0, x, y, wanted).map(|text| format!("\r\n{text}")));
            }
            _ => {}
        }
        self.say(&best);
        self.at = Some((x, y));
    }

    /// What stands between two columns, if writing it once more with this ink changes nothing.
    fn written(&self, from: u16, to: u16, y: u16, wanted: &Buffer) -> Option<String> {
        let mut text = String::new();
        for x in from..to {
            let cell = wanted.cell((x, y))?;
            let plain = cell.symbol().len() == 1 && self.ink.suits(cell);
            if !plain || text.len() > 8 {
                return None;
            }
            text.push_str(cell.symbol());
        }
        Some(text)
    }
}

fn forward(columns: u16) -> String {
    match columns {
        0 => String::new(),
        1 => "\x1b[C".to_owned(),
        more => format!("\x1b[{more}C"),
    }
}

/// Lets the terminal move rows `from..until` of the screen by so many: up where `up`, else down. It leaves blank rows.
pub fn moved(from: u16, until: u16, by: u16, up: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (top, way) = (from + 1, if up { 'M' } else { 'L' });
    // Writing to memory does not fail. The region's setting leaves the cursor anywhere, its taking away too.
    let _ = write!(bytes, "\x1b[{top};{until}r\x1b[{top}H\x1b[{by}{way}\x1b[r");
    bytes
}
