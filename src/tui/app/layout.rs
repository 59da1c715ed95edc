//! Where things stand on the screen, in cells: update needs it to scroll by what fits, drawing to draw there.

use super::model::Model;
use super::state::Page;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Columns.
    pub w: u16,
    /// Rows.
    pub h: u16,
}

impl Area {
    const fn new(x: u16, y: u16, w: u16, h: u16) -> Self {
        Self { x, y, w, h }
    }
}

/// The places of a screen; an area with no rows is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Name, person, connection, time.
    pub header: Area,
    /// The tabs.
    pub tabs: Area,
    /// The filter and `n of m`.
    pub filter: Area,
    /// The column headings.
    pub head: Area,
    /// The rows.
    pub table: Area,
    /// The rule line with the row's name.
    pub rule: Area,
    /// The detail.
    pub detail: Area,
    /// The rule between detail and preview where they stand above each other.
    pub split: Area,
    /// The preview, with its caption lines.
    pub preview: Area,
    /// One sentence.
    pub foot: Area,
    /// The key bar.
    pub bar: Area,
}

/// Lines above the preview's body in a pane of that width: what was read, facts, and the header of a table with what its
/// columns hold.
#[must_use]
pub fn preview_head(model: &Model, width: u16) -> u16 {
    let notes = u16::try_from(model.preview_notes(width).len()).unwrap_or(0);
    notes + model.preview.as_ref().and_then(|preview| preview.doc.as_ref()).map_or(0, |doc| doc.body.headings())
}

impl Model {
    /// Whether detail and preview stand below the table.
    #[must_use]
    pub fn wide(&self) -> bool {
        self.size.0 >= 110 && self.size.1 >= 28
    }

    /// Whether the screen is too small for anything but one line.
    #[must_use]
    pub fn tiny(&self) -> bool {
        self.size.0 < 40 || self.size.1 < 10
    }

    /// Where things stand now.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let (w, h) = self.size;
        let body = h.saturating_sub(2);
        let mut at = Layout {
            header: Area::new(0, 0, w, 1),
            foot: Area::new(0, body, w, 1),
            bar: Area::new(0, body + 1, w, 1),
            ..Layout::default()
        };
        match self.here().page {
            Page::Table => {
                at.tabs = Area::new(0, 1, w, 1);
                at.filter = Area::new(0, 2, w, 1);
                at.head = Area::new(0, 3, w, 1);
                let room = body.saturating_sub(4);
                let lower = if self.wide() { (room * 9 / 20).max(12) } else { 0 };
                at.table = Area::new(0, 4, w, room - lower);
                if lower > 0 {
                    at.rule = Area::new(0, 4 + room - lower, w, 1);
                    self.beside(&mut at, 5 + room - lower, lower - 1);
                }
            }
            Page::Detail => {
                at.rule = Area::new(0, 1, w, 1);
                let room = body.saturating_sub(2);
                if self.wide() {
                    self.beside(&mut at, 2, room);
                } else if self.pane_here() {
                    let upper = room / 2;
                    at.detail = Area::new(0, 2, w, upper);
                    at.split = Area::new(0, 2 + upper, w, 1);
                    at.preview = Area::new(0, 3 + upper, w, room.saturating_sub(upper + 1));
                } else {
                    at.detail = Area::new(0, 2, w, room);
                }
            }
            Page::Preview => {
                at.rule = Area::new(0, 1, w, 1);
                at.preview = Area::new(0, 2, w, body.saturating_sub(2));
            }
        }
        at
    }

    fn beside(&self, at: &mut Layout, y: u16, h: u16) {
        let w = self.size.0;
        // The facts need no more than that; what is wider is for the file.
        let left = (w * 46 / 100).min(64);
        at.detail = Area::new(0, y, left, h);
        at.preview = Area::new(left + 1, y, w - left - 1, h);
    }

    /// Whether the open preview is of the row under the cursor.
    #[must_use]
    pub fn preview_here(&self) -> bool {
        let here = self.preview.as_ref().is_some_and(|preview| Some(preview.id) == self.here().list.cursor);
        here && self.area().preview && self.here().list.fold().is_none()
    }

    /// Whether there is something to show beside the row under the cursor.
    #[must_use]
    pub fn pane_here(&self) -> bool {
        if self.tab().has_side() { self.here().list.current().is_some() } else { self.preview_here() }
    }

    /// Brings scrolls in line with what fits, after each message.
    pub fn fit(&mut self) {
        let at = self.layout();
        if at.table.h > 0 {
            self.here_mut().list.height = usize::from(at.table.h);
            self.here_mut().list.follow();
        }
        self.preview_height = usize::from(at.preview.h.saturating_sub(preview_head(self, at.preview.w)));
        if at.preview.h > 0 {
            self.fit_side(at.preview.w.saturating_sub(2), at.preview.h);
        }
        if self.here().detail_top > 0 {
            let lines = self.detail_lines(at.detail.w).len();
            self.here_mut().detail_top =
                self.here().detail_top.min(lines.saturating_sub(usize::from(at.detail.h).max(1)));
        }
        if let Some(preview) = &mut self.preview {
            preview.top = preview.top.min(preview.lines().saturating_sub(1));
            let h = u16::try_from(self.preview_height).unwrap_or(u16::MAX);
            preview.room = (at.preview.w.saturating_sub(2).saturating_sub(preview.gutter(h)), h);
        }
    }
}
