//! What lies over the screen: the comment here, decisions in `verdict`, menu, palette and help in `learn`.

use ratatui::widgets::Widget;

use super::editor::Editor;
use super::paint::{Brush, Cursor, centred, field, rect};
use super::{form, learn, verdict};
use crate::text::wrap;
use crate::tui::app::field::Field;
use crate::tui::app::layers::{CommentEdit, Layer};
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::tab::Tone;

/// Draws one layer inside the screen without the key bar.
pub fn draw(brush: &mut Brush, model: &Model, layer: &Layer, all: Area, editor: Option<&Editor>) -> Cursor {
    match layer {
        Layer::Decide(dialog) => verdict::decide(brush, dialog, all),
        Layer::Results(results) => verdict::results(brush, results, all),
        Layer::Comment(edit) => comment(brush, edit, all, editor),
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
        Layer::Form(dialog) => form::form(brush, dialog, all, editor),
        Layer::Note(edit) => form::note(brush, edit, all, editor),
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

fn comment(brush: &mut Brush, edit: &CommentEdit, all: Area, editor: Option<&Editor>) -> Cursor {
    let area = centred(all, all.w.saturating_sub(2).min(90), all.h.saturating_sub(4).min(18));
    let inside = brush.frame(area, "Comment");
    let (dim, stop, plain) = (brush.tone(Tone::Dim), brush.tone(Tone::Stop), brush.tone(Tone::Plain));
    brush.put(inside.x, inside.y, inside.w, &format!("on {}", edit.name), dim);
    let who = if edit.internal {
        "Read by checkers only (Tab changes it)"
    } else {
        "Read by the researcher too (Tab changes it)"
    };
    let (text, style) = match (&edit.complaint, edit.sending) {
        (_, Some(_)) => ("Sending ...", dim),
        (Some(complaint), None) => (complaint.as_str(), stop),
        (None, None) => (who, plain),
    };
    let foot = wrap(&brush.plain(text), usize::from(inside.w));
    let foot_h = u16::try_from(foot.len()).unwrap_or(1).min(3);
    for (y, line) in (inside.y + inside.h - foot_h..).zip(&foot) {
        brush.put(inside.x, y, inside.w, line, style);
    }
    let at = Area { y: inside.y + 2, h: inside.h.saturating_sub(3 + foot_h), ..inside };
    let place = rect(at).intersection(brush.buf.area);
    if let Some(editor) = editor.filter(|_| place.height > 0) {
        editor.area().render(place, brush.buf);
    }
    None
}
