//! The brush: text into cells, cut to width, with nothing in it that a terminal could obey. Used by every other file here.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::text::drawn;
use crate::tui::app::field::Field;
use crate::tui::app::layout::Area;
use crate::tui::app::words::Tone;

/// How to draw: the theme, and whether the terminal's locale has only ASCII.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Colours and attributes.
    pub theme: Theme,
    /// Only ASCII symbols and letters.
    pub ascii: bool,
}

/// A buffer with a look.
pub struct Brush<'a> {
    /// Where to.
    pub buf: &'a mut Buffer,
    /// How.
    pub look: &'a Look,
}

impl Brush<'_> {
    /// The look of a tone.
    pub fn tone(&self, tone: Tone) -> Style {
        self.look.theme.tone(tone)
    }

    /// The look of a tone where something else was drawn before: nothing of that stays.
    pub fn over(&self, tone: Tone) -> Style {
        Style::reset().patch(self.tone(Tone::Plain)).patch(self.tone(tone))
    }

    /// The text as this terminal may have it.
    pub fn plain(&self, text: &str) -> String {
        drawn(text, self.look.ascii)
    }

    /// The text cut in its middle to a width: the beginning and the end of a path both matter.
    pub fn middle(&self, text: &str, width: u16) -> String {
        cut_middle(&self.plain(text), usize::from(width), if self.look.ascii { ".." } else { "…" })
    }

    /// Draws one line at a place, at most `w` cells, an ellipsis for what does not fit; returns the cells used.
    pub fn put(&mut self, x: u16, y: u16, w: u16, text: &str, style: Style) -> u16 {
        let area = self.buf.area;
        if y >= area.bottom() || x >= area.right() {
            return 0;
        }
        let w = w.min(area.right() - x);
        let text = cut(&self.plain(text), usize::from(w), if self.look.ascii { ".." } else { "…" });
        let (end, _) = self.buf.set_stringn(x, y, &text, usize::from(w), style);
        end - x
    }

    /// The same, ending at the right edge.
    pub fn put_right(&mut self, x: u16, y: u16, w: u16, text: &str, style: Style) {
        let have = u16::try_from(self.plain(text).width()).unwrap_or(w).min(w);
        self.put(x + w - have, y, have, text, style);
    }

    /// Fills a row of cells with one symbol.
    pub fn line(&mut self, x: u16, y: u16, w: u16, symbol: char, style: Style) {
        let text: String = std::iter::repeat_n(symbol, usize::from(w)).collect();
        self.put(x, y, w, &text, style);
    }

    /// Gives a whole area a style, without touching its text.
    pub fn wash(&mut self, area: Area, style: Style) {
        self.buf.set_style(rect(area).intersection(self.buf.area), style);
    }

    /// Empties an area.
    pub fn clear(&mut self, area: Area) {
        let style = self.tone(Tone::Plain);
        for y in area.y..area.y + area.h {
            self.line(area.x, y, area.w, ' ', style);
        }
        let rect = rect(area).intersection(self.buf.area);
        for y in rect.top()..rect.bottom() {
            for x in rect.left()..rect.right() {
                self.buf[(x, y)].reset();
                self.buf[(x, y)].set_style(style);
            }
        }
    }

    /// An empty box with a title; returns the area inside.
    pub fn frame(&mut self, area: Area, title: &str) -> Area {
        self.clear(area);
        let rule = self.look.theme.rule;
        let (w, h) = (area.w, area.h);
        if w < 4 || h < 3 {
            return Area { x: area.x, y: area.y, w: 0, h: 0 };
        }
        for y in area.y + 1..area.y + h - 1 {
            self.put(area.x, y, 1, "│", rule);
            self.put(area.x + w - 1, y, 1, "│", rule);
        }
        for (y, left, right) in [(area.y, "┌", "┐"), (area.y + h - 1, "└", "┘")] {
            self.line(area.x + 1, y, w - 2, '─', rule);
            self.put(area.x, y, 1, left, rule);
            self.put(area.x + w - 1, y, 1, right, rule);
        }
        let style = self.over(Tone::Title);
        self.put(area.x + 2, area.y, w - 4, &format!(" {title} "), style);
        Area { x: area.x + 2, y: area.y + 1, w: w - 4, h: h - 2 }
    }
}

/// An area as ratatui has it.
pub fn rect(area: Area) -> ratatui::layout::Rect {
    ratatui::layout::Rect::new(area.x, area.y, area.w, area.h)
}

/// The text cut to a width, with a mark where something is missing.
pub fn cut(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(mark.width());
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        out.push_str(grapheme);
    }
    if width >= mark.width() {
        out.push_str(mark);
    }
    out
}

fn cut_middle(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width || width < 8 {
        return text.to_owned();
    }
    let tail_room = (width - mark.width()) * 3 / 5;
    let mut tail = Vec::new();
    let mut used = 0;
    for grapheme in text.graphemes(true).rev() {
        used += grapheme.width();
        if used > tail_room {
            break;
        }
        tail.push(grapheme);
    }
    tail.reverse();
    let tail = tail.concat();
    format!("{}{tail}", cut(text, width - tail.width(), mark))
}

/// Cells a text takes.
pub fn width(text: &str) -> u16 {
    u16::try_from(unicode_width::UnicodeWidthStr::width(text)).unwrap_or(u16::MAX)
}

/// Where the terminal's cursor stands, if in this layer.
pub(super) type Cursor = Option<(u16, u16)>;

/// A box of a size in the middle of all there is.
pub(super) fn centred(all: Area, w: u16, h: u16) -> Area {
    let (w, h) = (w.min(all.w), h.min(all.h));
    Area { x: all.x + (all.w - w) / 2, y: all.y + (all.h - h) / 2, w, h }
}

/// A one-line field that scrolls so that its cursor is on the screen.
pub(super) fn field(brush: &mut Brush, at: Area, field: &Field, style: ratatui::style::Style) -> (u16, u16) {
    let (left, right) = field.parts();
    let mut left = brush.plain(left);
    while width(&left) >= at.w && !left.is_empty() {
        left.remove(0);
    }
    let used = brush.put(at.x, at.y, at.w, &left, style);
    let right = brush.plain(right);
    brush.put(at.x + used, at.y, at.w - used, &right, style);
    (at.x + used, at.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_by_cells() {
        assert_eq!(cut("abcdef", 4, "…"), "abc…");
        assert_eq!(cut_middle("tables/readmission_by_ward.csv", 16, "…"), "tables…_ward.csv");
        assert_eq!(cut_middle("tables/readmission_by_ward.csv", 16, ".."), "tables..ward.csv");
    }
}
