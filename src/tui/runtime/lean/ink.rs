//! Colours and attributes, and the shortest way from one set of them to another. Used by `pen`.

use std::fmt::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Attributes one sees on a blank.
pub const VISIBLE: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Attributes: how they are switched on, and off.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// What text is written with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ink {
    /// Of the letters.
    pub fg: Color,
    /// Behind them.
    pub bg: Color,
    /// Attributes.
    pub modifier: Modifier,
}

impl From<&Cell> for Ink {
    fn from(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }
}

impl Ink {
    /// Whether a blank written with it looks like one erased by the terminal.
    pub fn erases(self) -> bool {
        self.bg == Color::Reset && !self.modifier.intersects(VISIBLE)
    }

    /// Whether a cell written with it looks as it should.
    pub fn suits(self, cell: &Cell) -> bool {
        let blank = cell.symbol() == " " && !cell.modifier.intersects(VISIBLE) && !self.modifier.intersects(VISIBLE);
        self == Self::from(cell) || blank && self.bg == cell.bg
    }

    /// The sequence that makes this ink of another one.
    pub fn since(self, before: Self) -> String {
        let anew = sequence(&self.all());
        let changed = sequence(&self.changes(before));
        if anew.len() < changed.len() { anew } else { changed }
    }

    /// From any ink: everything off, then what this one has.
    fn all(self) -> Vec<String> {
        let mut codes = self.changes(Self::default());
        if !codes.is_empty() {
            codes.insert(0, "0".to_owned());
        }
        codes
    }

    /// Only what differs.
    fn changes(self, before: Self) -> Vec<String> {
        let mut codes = Vec::new();
        let mut off = before.modifier.difference(self.modifier);
        // Some are switched off together: what should stay is switched on again.
        let mut on = self.modifier.difference(before.modifier);
        for pair in [Modifier::BOLD | Modifier::DIM, Modifier::SLOW_BLINK | Modifier::RAPID_BLINK] {
            if off.intersects(pair) {
                on |= self.modifier & pair;
            }
        }
        for (attribute, _, code) in ATTRIBUTES {
            if off.contains(attribute) {
                codes.push(code.to_string());
                off = off.difference(attribute);
                if code == 22 {
                    off = off.difference(Modifier::BOLD | Modifier::DIM);
                }
            }
        }
        for (attribute, code, _) in ATTRIBUTES {
            if on.contains(attribute) {
                codes.push(code.to_string());
            }
        }
        if self.fg != before.fg {
            codes.push(color(self.fg, 30));
        }
        if self.bg != before.bg {
            codes.push(color(self.bg, 40));
        }
        codes
    }
}

/// No codes: everything off, which is what an empty sequence says.
fn sequence(codes: &[String]) -> String {
    format!("\x1b[{}m", codes.join(";"))
}

/// A colour's code: the terminal's sixteen by the codes that terminals of sixteen know too. `base` is 30 for letters, 40 for behind.
fn color(color: Color, base: u8) -> String {
    let mut code = String::new();
    // Writing to a string does not fail.
    let _ = match color {
        Color::Reset => write!(code, "{}", base + 9),
        Color::Black => write!(code, "{base}"),
        Color::Red => write!(code, "{}", base + 1),
        Color::Green => write!(code, "{}", base + 2),
        Color::Yellow => write!(code, "{}", base + 3),
        Color::Blue => write!(code, "{}", base + 4),
        Color::Magenta => write!(code, "{}", base + 5),
        Color::Cyan => write!(code, "{}", base + 6),
        Color::Gray => write!(code, "{}", base + 7),
        Color::DarkGray => write!(code, "{}", base + 60),
        Color::LightRed => write!(code, "{}", base + 61),
        Color::LightGreen => write!(code, "{}", base + 62),
        Color::LightYellow => write!(code, "{}", base + 63),
        Color::LightBlue => write!(code, "{}", base + 64),
        Color::LightMagenta => write!(code, "{}", base + 65),
        Color::LightCyan => write!(code, "{}", base + 66),
        Color::White => write!(code, "{}", base + 67),
        Color::Indexed(number @ 0..8) => write!(code, "{}", base + number),
        Color::Indexed(number @ 8..16) => write!(code, "{}", base + 52 + number),
        Color::Indexed(number) => write!(code, "{};5;{number}", base + 8),
        Color::Rgb(red, green, blue) => write!(code, "{};2;{red};{green};{blue}", base + 8),
    };
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_way_is_taken() {
        let plain = Ink::default();
        let green = Ink { fg: Color::Green, ..plain };
        let loud = Ink { fg: Color::Green, bg: Color::Red, modifier: Modifier::BOLD | Modifier::UNDERLINED };
        assert_eq!(green.since(plain), "\x1b[32m");
        assert_eq!(plain.since(loud), "\x1b[m");
        assert_eq!(plain.since(green), "\x1b[m", "never longer than everything off");
        let dim = Ink { modifier: Modifier::DIM, ..plain };
        let both = Ink { modifier: Modifier::DIM | Modifier::BOLD, ..plain };
        assert_eq!(dim.since(both), "\x1b[0;2m");
        assert_eq!(Ink { modifier: Modifier::REVERSED, ..green }.since(green), "\x1b[7m");
    }

    #[test]
    fn the_sixteen_are_written_as_old_terminals_know_them() {
        let code = |fg| Ink { fg, ..Ink::default() }.since(Ink::default());
        assert_eq!((code(Color::Red), code(Color::Indexed(1))), ("\x1b[31m".into(), "\x1b[31m".into()));
        assert_eq!((code(Color::White), code(Color::Indexed(15))), ("\x1b[97m".into(), "\x1b[97m".into()));
        assert_eq!(code(Color::Indexed(16)), "\x1b[38;5;16m");
        let behind = Ink { bg: Color::Indexed(8), ..Ink::default() };
        assert_eq!(behind.since(Ink::default()), "\x1b[100m");
    }
}
