//! The whole screen: header, tabs, filter, table, foot, key bar; then whatever lies over it.

use ratatui::Frame;
use ratatui::style::Modifier;

use super::dialogs;
use super::editor::Editor;
use super::filter::{self, counted};
use super::foot;
use super::paint::{Brush, Look, cut, width};
use super::{panes, preview, table};
use crate::tui::app::actions::{ACTIONS, Action, Entry, When};
use crate::tui::app::key::Key;
use crate::tui::app::layers::Layer;
use crate::tui::app::layout::Area;
use crate::tui::app::model::{Link, Model};
use crate::tui::app::state::Page;
use crate::tui::app::state::help::{OwnKey, Place};
use crate::tui::app::tab::Tab;
use crate::tui::app::tab_state::TabState;
use crate::tui::app::words::Tone;

/// Draws the model. `editor` is the comment editor while one is open.
pub fn draw(frame: &mut Frame, model: &Model, look: &Look, editor: Option<&Editor>) {
    let area = frame.area();
    let mut brush = Brush { buf: frame.buffer_mut(), look };
    let all = Area { x: 0, y: 0, w: area.width, h: area.height };
    brush.clear(all);
    if model.tiny() {
        let style = brush.tone(Tone::Plain);
        brush.put(0, 0, all.w, "exeat needs 40 columns and 10 rows.", style);
        return;
    }
    let at = model.layout();
    header(&mut brush, model, at.header);
    match model.here().page {
        Page::Table => {
            tabs(&mut brush, model, at.tabs);
            filter::line(&mut brush, model, at.filter);
            table::table(&mut brush, model, &at);
            if filter::is_old(model) {
                let dim = brush.tone(Tone::Dim);
                brush.wash(at.table, dim);
            }
            filter::pointer(&mut brush, model, &at);
        }
        Page::Detail | Page::Preview => {}
    }
    panes::rule(&mut brush, model, at.rule);
    panes::detail(&mut brush, model, at.detail);
    preview::draw(&mut brush, model, &at);
    bar(&mut brush, model, at.bar);
    foot::draw(&mut brush, model, at.foot);
    let mut cursor = filter::cursor(&brush, model, at.filter);
    let rest = Area { h: all.h - 1, ..all };
    for layer in &model.layers {
        cursor = dialogs::draw(&mut brush, model, layer, rest, editor).or(cursor);
    }
    if let Some((x, y)) = cursor {
        frame.set_cursor_position((x.min(all.w - 1), y.min(all.h - 1)));
    }
}

fn header(brush: &mut Brush, model: &Model, at: Area) {
    let title = brush.tone(Tone::Title);
    let used = brush.put(at.x + 1, at.y, at.w, &format!("exeat  {}", model.site), title) + 1;
    let (tone, state) = match &model.link {
        Link::Connecting => (Tone::Dim, "connecting".to_owned()),
        Link::Live => match &model.trouble {
            Some(trouble) => (Tone::Warn, format!("live, {}", trouble.lacks)),
            None => (Tone::Good, "live".to_owned()),
        },
        Link::Lost(_) => (Tone::Stop, "not connected".to_owned()),
    };
    let clock = crate::text::clock(model.now, model.zone);
    let right = format!("{state}  {clock} ");
    let width = u16::try_from(right.len()).unwrap_or(0);
    let style = brush.tone(tone);
    brush.put_right(at.x, at.y, at.w, &right, style);
    if let Some(me) = &model.me {
        let who = format!("{} · {}", me.login, me.roles);
        let room = at.w.saturating_sub(used + width + 4);
        let style = brush.tone(Tone::Plain);
        let cut = cut(&who, usize::from(room), "…");
        brush.put_right(at.x, at.y, at.w.saturating_sub(width + 2), &cut, style);
    }
}

fn tabs(brush: &mut Brush, model: &Model, at: Area) {
    let title = |tab: &dyn Tab| if model.asks() { tab.area().own_title } else { tab.area().title };
    // Where they do not all fit, the others keep their numbers.
    let fits = model.tabs.iter().map(|state| width(title(state.tab)) + 6).sum::<u16>() + 8 <= at.w;
    let mut x = at.x + 1;
    for (n, TabState { tab, .. }) in model.tabs.iter().enumerate() {
        let here = n == model.at;
        let room = |x: u16| (at.x + at.w).saturating_sub(x);
        let count =
            model.here().list.total.filter(|_| here).map_or_else(String::new, |total| format!(" {}", counted(total)));
        let style =
            if here { brush.tone(Tone::Title).add_modifier(Modifier::UNDERLINED) } else { brush.tone(Tone::Dim) };
        let name = if here || fits { format!("{} {}", n + 1, title(*tab)) } else { format!("{}", n + 1) };
        x += brush.put(x, at.y, room(x), &name, style);
        let style = brush.tone(if here { Tone::Title } else { Tone::Dim });
        x += brush.put(x, at.y, room(x), &count, style) + 4;
    }
}

/// A key on the key bar, with a word or two for what it does.
struct Hint {
    key: String,
    label: String,
    /// It stays whatever else fits.
    pinned: bool,
}

impl Hint {
    fn new(key: String, label: impl Into<String>, pinned: bool) -> Self {
        Self { key, label: label.into(), pinned }
    }
}

fn bar(brush: &mut Brush, model: &Model, at: Area) {
    let marks = match (model.here().list.marks.len(), model.here().list.hidden_marks()) {
        (0, _) => String::new(),
        (all, 0) => format!("{all} marked "),
        (all, hidden) => format!("{all} marked, {hidden} of them hidden "),
    };
    let room = at.w.saturating_sub(width(&marks) + 1);
    let style = brush.tone(Tone::Title);
    brush.put_right(at.x, at.y, at.w, &marks, style);
    let entries = bar_entries(model);
    let cells = |entry: &Hint| width(&entry.key) + 1 + width(&entry.label) + 2;
    // How to find out about the rest is always there: the others give way.
    let pinned: u16 = entries.iter().filter(|entry| entry.pinned).map(cells).sum();
    let free = (room + 2).saturating_sub(pinned);
    let mut taken = at.x + 1;
    let fits = |entry: &Hint| {
        taken += if entry.pinned { 0 } else { cells(entry) };
        entry.pinned || taken <= free
    };
    let entries: Vec<_> = entries.into_iter().filter(fits).collect();
    let mut x = at.x + 1;
    for Hint { key, label, .. } in entries {
        let (bold, dim) = (brush.tone(Tone::Key), brush.tone(Tone::Dim));
        x += brush.put(x, at.y, room, &key, bold) + 1;
        x += brush.put(x, at.y, room, &label, dim) + 2;
    }
}

/// What the key bar says here: the top layer's own keys, or what may be done on the row.
fn bar_entries(model: &Model) -> Vec<Hint> {
    if let Some(layer) = model.layers.last() {
        let own = |own: &OwnKey| (!own.label.is_empty()).then(|| Hint::new(model.own_key(own), own.label, false));
        let mut shown: Vec<_> = match layer {
            // Of a dialog those that work in the field where the keys go.
            Layer::Dialog(dialog) => {
                dialog.own_keys().into_iter().map(|(key, label)| Hint::new(key.to_owned(), label, false)).collect()
            }
            Layer::Writing(writing) => {
                let keys = Place::of(layer).own_keys().iter();
                keys.filter(|own| own.key != "Tab" || writing.readers.len() > 1).filter_map(own).collect()
            }
            _ => Place::of(layer).own_keys().iter().filter_map(own).collect(),
        };
        let over = |name: &&String| Key::parse(name).is_some_and(|key| !key.types());
        if let Some(help) = model.keymap.keys(Action::Help).iter().find(over) {
            shown.push(Hint::new(help.clone(), "help", true));
        }
        return shown;
    }
    let fixed = |when: When| when == When::Always;
    let mut entries: Vec<_> = ACTIONS
        .iter()
        .filter(|entry| entry.bar.is_some() && model.has(entry))
        .filter(|entry| fixed(entry.when) || model.why_not(entry.action).is_none())
        // Who decides on requests finds it in the menu; for who only asks it is what the tab is for.
        .filter(|entry| entry.action != Action::Ask || model.area().asked_for && model.lacks(model.area().word))
        .collect();
    entries.sort_by_key(|entry| entry.bar);
    let named = |entry: &&Entry| {
        let pinned = matches!(entry.action, Action::Filter | Action::Menu | Action::Help);
        Hint::new(model.keymap.key(entry.action), model.label(entry), pinned)
    };
    let mut keys: Vec<_> = entries.iter().map(named).collect();
    if model.here().page != Page::Table {
        keys.insert(0, Hint::new(model.keymap.key(Action::Back), "back", false));
    }
    keys
}
