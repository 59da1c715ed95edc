//! What lies over the screen: dialogs in `dialog`, comments and notes in `writing`, menu, palette and help in `learn`.

use super::editor::Editor;
use super::paint::{Brush, Cursor, field};
use super::{dialog, learn, writing};
use crate::tui::app::field::Field;
use crate::tui::app::layers::Layer;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::words::Tone;

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
        Layer::Whole(whole) => {
            super::whole::draw(brush, model, whole, all);
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
