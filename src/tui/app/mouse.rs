//! The mouse, where the configuration turns it on: it moves the cursor and scrolls. It opens, marks and decides nothing.

use super::actions::Action;
use super::key::{Code, Key, Mouse};
use super::layout::Area;
use super::model::Model;
use super::msg::Cmd;
use super::state::Page;

/// Rows or lines a turn of the wheel moves.
const WHEEL: usize = 3;

/// Takes what the mouse did at a cell.
pub fn mouse(model: &mut Model, did: Mouse, x: u16, y: u16) -> Vec<Cmd> {
    if model.tiny() {
        return Vec::new();
    }
    if !model.layers.is_empty() {
        return layer(model, did);
    }
    let at = model.layout();
    let inside = |area: Area| (area.x..area.x + area.w).contains(&x) && (area.y..area.y + area.h).contains(&y);
    let action = match did {
        Mouse::Press if model.here().page == Page::Table && inside(at.table) => {
            return model.moved(|list| _ = list.point(usize::from(y - at.table.y)));
        }
        Mouse::WheelDown if inside(at.preview) => Action::PreviewDown,
        Mouse::WheelUp if inside(at.preview) => Action::PreviewUp,
        Mouse::WheelDown if inside(at.table) => Action::Down,
        Mouse::WheelUp if inside(at.table) => Action::Up,
        Mouse::Press | Mouse::WheelDown | Mouse::WheelUp => return Vec::new(),
    };
    if model.why_not(action).is_some() {
        return Vec::new();
    }
    match action {
        Action::Down | Action::Up => (0..WHEEL).flat_map(|_| model.act(action)).collect(),
        _ => model.act(action),
    }
}

/// Over a layer the wheel is the arrow keys where these only scroll or choose; a press does nothing.
fn layer(model: &mut Model, did: Mouse) -> Vec<Cmd> {
    use super::layers::Layer;
    let code = match did {
        Mouse::Press => return Vec::new(),
        Mouse::WheelUp => Code::Up,
        Mouse::WheelDown => Code::Down,
    };
    match model.layers.last() {
        Some(Layer::Help(_) | Layer::Results(_) | Layer::History(_)) => {
            (0..WHEEL).flat_map(|_| super::keys::key(model, Key::plain(code))).collect()
        }
        Some(Layer::Menu(_) | Layer::Palette(_)) => super::keys::key(model, Key::plain(code)),
        _ => Vec::new(),
    }
}
