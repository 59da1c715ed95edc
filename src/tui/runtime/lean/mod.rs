//! Frames to bytes, as few as the change needs: people work over slow lines, and a held key must not fill them. Used by
//! `terminal`.
//!
//! ratatui says which cells changed; what the terminal shows is kept here too, so that rows that only moved are moved by
//! the terminal itself, blanks are erased and not written, and colours are named once.

mod ink;
mod pen;
mod scroll;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use self::ink::VISIBLE;

/// Columns and rows of the terminal.
pub type Measure = fn() -> io::Result<(u16, u16)>;

/// A backend that writes little. What ratatui says has changed is passed over: the whole frame is compared with what the
/// terminal shows, by [`Lean::show`].
pub struct Lean<W> {
    out: W,
    measure: Measure,
    /// What the terminal shows; none if that is not known.
    shown: Option<Buffer>,
    cursor: Cursor,
    wanted_cursor: Cursor,
}

/// Where the cursor is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    Unknown,
    Hidden,
    At(Position),
}

impl<W: Write> Lean<W> {
    /// A backend for a terminal whose content is not known.
    pub fn new(out: W, measure: Measure) -> Self {
        Self { out, measure, shown: None, cursor: Cursor::Unknown, wanted_cursor: Cursor::Hidden }
    }

    /// Makes the terminal show a frame: one write, and none if nothing changed.
    pub fn show(&mut self, frame: &Buffer) -> io::Result<()> {
        let wanted = as_seen(frame);
        let mut bytes = Vec::new();
        let shown = self.shown.take().filter(|shown| shown.area == wanted.area).unwrap_or_else(|| {
            bytes.extend_from_slice(b"\x1b[m\x1b[r\x1b[2J");
            self.cursor = Cursor::Unknown;
            Buffer::empty(wanted.area)
        });
        let painted = scroll::painted(&shown, &wanted);
        self.shown = Some(wanted);
        bytes.extend_from_slice(&painted);
        if let Cursor::At(at) = self.wanted_cursor {
            if !painted.is_empty() || self.cursor != self.wanted_cursor {
                write!(bytes, "\x1b[{};{}H", at.y + 1, at.x + 1)?;
            }
            if !matches!(self.cursor, Cursor::At(_)) {
                bytes.extend_from_slice(b"\x1b[?25h");
            }
        } else if self.cursor != Cursor::Hidden {
            bytes.extend_from_slice(b"\x1b[?25l");
        }
        self.cursor = self.wanted_cursor;
        if bytes.is_empty() {
            return Ok(());
        }
        self.out.write_all(&bytes)?;
        self.out.flush()
    }
}

/// The frame with everything made equal that looks equal, so that it is not taken for a difference: a blank's letters have
/// no colour, and the other half of a wide letter is no cell of its own.
fn as_seen(frame: &Buffer) -> Buffer {
    let mut seen = frame.clone();
    let width = usize::from(frame.area.width).max(1);
    for row in seen.content.chunks_mut(width) {
        let mut hidden = 0;
        for cell in row {
            if hidden > 0 {
                cell.reset();
                // Not a blank: whoever overwrites the wide letter has to write here too.
                cell.set_symbol("");
                hidden -= 1;
                continue;
            }
            hidden = cell.symbol().width().saturating_sub(1);
            if cell.symbol() == " " && !cell.modifier.intersects(VISIBLE) {
                (cell.fg, cell.modifier) = (Color::Reset, Modifier::empty());
            }
        }
    }
    seen
}

impl<W: Write> Backend for Lean<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, _: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted_cursor = Cursor::Hidden;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // The terminal is never asked: an answer may be long in coming.
        Ok(if let Cursor::At(at) = self.wanted_cursor { at } else { Position::default() })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wanted_cursor = Cursor::At(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.shown = None;
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        // ratatui empties parts of the screen for views that are not the whole of it; the desk's always is.
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        (self.measure)().map(|(width, height)| Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
