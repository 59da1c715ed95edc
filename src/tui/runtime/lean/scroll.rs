//! Rows that only moved are moved by the terminal, where that is shorter. Used by the backend.

use ratatui::buffer::{Buffer, Cell};

use super::pen::{Pen, moved};

/// The bytes that make a terminal that shows `shown` show `wanted`: the shorter of writing what differs, and of moving
/// rows first.
pub fn painted(shown: &Buffer, wanted: &Buffer) -> Vec<u8> {
    let plain = Pen::default().paint(shown, wanted);
    let Some(shift) = Shift::find(shown, wanted) else { return plain };
    let first = moved(shift.from, shift.until, shift.by, shift.up);
    if first.len() >= plain.len() {
        return plain;
    }
    let rest = Pen::after(first).paint(&shift.applied(shown), wanted);
    if rest.len() < plain.len() { rest } else { plain }
}

/// Rows `from..until` of the screen move by so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift {
    from: u16,
    until: u16,
    by: u16,
    up: bool,
}

impl Shift {
    /// The one that puts most rows in place that are not yet.
    fn find(shown: &Buffer, wanted: &Buffer) -> Option<Self> {
        let height = wanted.area.height;
        let changed: Vec<u16> = (0..height).filter(|y| row(shown, *y) != row(wanted, *y)).collect();
        let mut best = None;
        for by in 1..=height / 2 {
            for up in [true, false] {
                let source = |y: u16| if up { y + by } else { y.saturating_sub(by) };
                let inside = |y: u16| if up { y + by < height } else { y >= by };
                let fits = |y: &u16| inside(*y) && row(shown, source(*y)) == row(wanted, *y);
                let rows: Vec<u16> = changed.iter().copied().filter(fits).collect();
                let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
                let (from, until) = (source(*first).min(*first), source(*last).max(*last) + 1);
                if best.is_none_or(|(count, _)| rows.len() > count) {
                    best = Some((rows.len(), Self { from, until, by, up }));
                }
            }
        }
        best.map(|(_, shift)| shift)
    }

    /// The screen after the terminal moved the rows.
    fn applied(self, shown: &Buffer) -> Buffer {
        let mut after = shown.clone();
        for y in self.from..self.until {
            let source = if self.up { y.checked_add(self.by) } else { y.checked_sub(self.by) };
            let source = source.filter(|source| (self.from..self.until).contains(source));
            for x in 0..shown.area.width {
                after[(x, y)] = source.map_or(Cell::EMPTY, |source| shown[(x, source)].clone());
            }
        }
        after
    }
}

fn row(buffer: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    let start = usize::from(y) * width;
    &buffer.content[start..start + width]
}
