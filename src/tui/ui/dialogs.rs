//! What lies over the screen: dialogs in `dialog`, comments and notes in `writing`, menu, palette and help in `learn`.

use super::editor::Editor;
use super::paint::Brush;
use super::{dialog, learn, writing};
use crate::tui::app::field::Field;
use crate::tui::app::layers::Layer;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::tab::Tone;

/// Where the terminal's cursor stands, if in this layer.
pub(super) type Cursor = Option<(u16, u16)>;

/// Draws one layer inside the screen without the key bar.
pub fn draw(brush: &mut Brush, model: &Model, layer: &Layer, all: Area, editor: Option<&Editor>) -> Cursor {
    match layer {
        Layer::Dialog(open) => dialog::draw(brush, open, all, editor),
        Layer::Writing(open) => writing::draw(brush, open, all, editor),
        Layer::Results(results) => dialog::results(brush, results, all),
        Layer::Menu(picker) => learn::menu(brush, model, picker, all),
        Layer::Palette(picker) => Some(learn::palette(brush, model, picker, all)),
        Layer::Help(help) => learn::help(brush, model, help, all),
        Layer::Find(text) => Some(find(brush, text, all)),
        Layer::Tasks(at) => {
            super::tasks::draw(brush, model, *at, all);
            None
        }
        Layer::Columns(at) => {
            super::columns::draw(brush, model, *at, all);
            None
        }
        Layer::History(top) => {
            super::history::draw(brush, model, *top, all);
            None
        }
        Layer::Filter(_) => None,
    }
}

/// The field for a text to look for, on the foot's line.
fn find(brush: &mut Brush, text: &Field, all: Area) -> (u16, u16) {
    let at = Area { x: all.x, y: all.y + all.h - 1, w: all.w, h: 1 };
    brush.clear(at);
    let (key, plain) = (brush.tone(Tone::Key), brush.tone(Tone::Plain));
    let used = brush.put(at.x + 1, at.y, at.w, "look for", key) + 2;
    field(brush, Area { x: at.x + used, w: at.w.saturating_sub(used + 1), ..at }, text, plain)
}

pub(super) fn centred(all: Area, w: u16, h: u16) -> Area {
    let (w, h) = (w.min(all.w), h.min(all.h));
    Area { x: all.x + (all.w - w) / 2, y: all.y + (all.h - h) / 2, w, h }
}

/// A one-line field that scrolls so that its cursor is on the screen.
pub(super) fn field(brush: &mut Brush, at: Area, field: &Field, style: ratatui::style::Style) -> (u16, u16) {
    let (left, right) = field.parts();
    let mut left = brush.plain(left);
    while super::screen::width(&left) >= at.w && !left.is_empty() {
        left.remove(0);
    }
    let used = brush.put(at.x, at.y, at.w, &left, style);
    let right = brush.plain(right);
    brush.put(at.x + used, at.y, at.w - used, &right, style);
    (at.x + used, at.y)
}
