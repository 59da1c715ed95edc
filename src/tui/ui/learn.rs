//! What one learns the desk by: the action menu, the palette, the help. Called by `dialogs`.

use super::paint::Brush;
use super::paint::{Cursor, centred, field};
use crate::text::wrap;
use crate::tui::app::keys::menu_entries;
use crate::tui::app::layers::Picker;
use crate::tui::app::layout::Area;
use crate::tui::app::model::Model;
use crate::tui::app::state::help::Help;
use crate::tui::app::words::Tone;

/// Cells of the help that the keys take.
const KEYS: u16 = 22;

/// One action to pick, as a line.
struct Choice {
    key: String,
    name: String,
    text: String,
    why_not: Option<String>,
    letters: Vec<u32>,
}

impl Choice {
    fn sentence(&self) -> String {
        match &self.why_not {
            Some(why) => format!("not now: {why}"),
            None => self.text.clone(),
        }
    }
}

/// The action menu.
pub fn menu(brush: &mut Brush, model: &Model, picker: &Picker, all: Area) -> Cursor {
    let choices: Vec<Choice> = menu_entries(model)
        .into_iter()
        .map(|(entry, why_not)| Choice {
            key: model.keymap.key(entry.action),
            name: model.label(entry).to_owned(),
            text: entry.help.to_owned(),
            why_not,
            letters: Vec::new(),
        })
        .collect();
    let h = u16::try_from(choices.len()).unwrap_or(u16::MAX).saturating_add(5);
    let inside = brush.frame(centred(all, all.w.saturating_sub(2).min(110), h), "What can be done here");
    list(brush, inside, &choices, picker.at);
    None
}

/// The palette.
pub fn palette(brush: &mut Brush, model: &Model, picker: &Picker, all: Area) -> (u16, u16) {
    let choices: Vec<Choice> = model
        .found(picker.field.text())
        .into_iter()
        .map(|found| Choice {
            key: model.keymap.keys(found.entry.action).first().cloned().unwrap_or_default(),
            name: found.entry.id.to_owned(),
            text: found.entry.help.to_owned(),
            why_not: model.why_not(found.entry.action),
            letters: found.letters,
        })
        .collect();
    let inside = brush.frame(centred(all, all.w.saturating_sub(2).min(110), 18), "Find an action");
    let (key, plain) = (brush.tone(Tone::Key), brush.tone(Tone::Plain));
    brush.put(inside.x, inside.y, 1, ":", key);
    let line = Area { x: inside.x + 2, w: inside.w.saturating_sub(3), h: 1, ..inside };
    let cursor = field(brush, line, &picker.field, plain);
    if choices.is_empty() && inside.h > 1 {
        brush.put(inside.x, inside.y + 1, inside.w, "No action has these letters in its name.", plain);
    }
    list(brush, Area { y: inside.y + 1, h: inside.h.saturating_sub(1), ..inside }, &choices, picker.at);
    cursor
}

/// The choices, and below a rule the whole sentence of the picked one.
fn list(brush: &mut Brush, at: Area, choices: &[Choice], picked: usize) {
    let Some(choice) = choices.get(picked) else { return };
    let foot = if at.h > 8 { 2 } else { 0 };
    let room = at.h.saturating_sub(if foot > 0 { foot + 1 } else { 0 });
    let top = (picked + 1).saturating_sub(usize::from(room));
    for (y, (n, choice)) in (at.y..at.y + room).zip(choices.iter().enumerate().skip(top)) {
        let (bold, style) =
            (brush.tone(Tone::Key), brush.tone(if choice.why_not.is_some() { Tone::Dim } else { Tone::Plain }));
        brush.put(at.x, y, 7, &choice.key, bold);
        brush.put(at.x + 8, y, 18, &choice.name, style);
        brush.put(at.x + 27, y, at.w.saturating_sub(27), &choice.sentence(), style);
        for letter in choice.letters.iter().filter_map(|at| u16::try_from(*at).ok()).filter(|at| *at < 18) {
            brush.wash(Area { x: at.x + 8 + letter, y, w: 1, h: 1 }, bold);
        }
        if n == picked {
            let cursor = brush.look.theme.cursor;
            brush.wash(Area { x: at.x, y, w: at.w, h: 1 }, cursor);
        }
    }
    if foot > 0 {
        let (rule, style) = (brush.look.theme.rule, brush.tone(Tone::Plain));
        brush.line(at.x, at.y + room, at.w, '─', rule);
        let lines = wrap(&brush.plain(&choice.sentence()), usize::from(at.w));
        for (y, line) in (at.y + room + 1..at.y + at.h).zip(&lines) {
            brush.put(at.x, y, at.w, line, style);
        }
    }
}

/// The help of a place.
pub fn help(brush: &mut Brush, model: &Model, help: &Help, all: Area) -> Cursor {
    let inside = brush.frame(centred(all, all.w, all.h), &format!("Help for {}", help.place.title()));
    let lines = model.help_lines(help);
    let (key, plain, dim, title) =
        (brush.tone(Tone::Key), brush.tone(Tone::Plain), brush.tone(Tone::Dim), brush.tone(Tone::Title));
    let mut body = inside;
    let mut cursor = None;
    if help.searching || !help.field.text().is_empty() {
        brush.put(inside.x, inside.y, 1, "/", key);
        let line = Area { x: inside.x + 2, w: inside.w.saturating_sub(3), h: 1, ..inside };
        let at = field(brush, line, &help.field, plain);
        cursor = help.searching.then_some(at);
        body = Area { y: inside.y + 1, h: inside.h.saturating_sub(1), ..inside };
    }
    if lines.is_empty() {
        brush.put(body.x, body.y, body.w, "No line has all these words; Esc shows every line.", plain);
    }
    let room = usize::from(body.w.saturating_sub(KEYS + 1));
    let mut y = body.y;
    let mut shown = 0;
    for line in lines.iter().skip(help.top) {
        let Some(keys) = &line.keys else {
            // A blank line parts the sections.
            let gap = u16::from(y > body.y);
            if y + gap >= body.y + body.h {
                break;
            }
            brush.put(body.x, y + gap, body.w, &line.text, title);
            (y, shown) = (y + gap + 1, shown + 1);
            continue;
        };
        let mut texts: Vec<_> = wrap(&brush.plain(&line.text), room).into_iter().map(|text| (text, plain)).collect();
        if let Some(why) = &line.why_not {
            texts.extend(wrap(&brush.plain(&format!("not now: {why}")), room).into_iter().map(|text| (text, dim)));
        }
        let need = u16::try_from(texts.len()).unwrap_or(u16::MAX);
        if y.saturating_add(need) > body.y + body.h && y > body.y {
            break;
        }
        let w = if line.text.is_empty() { body.w } else { KEYS };
        brush.put(body.x, y, w, keys, key);
        for (at, (text, style)) in (y..body.y + body.h).zip(texts) {
            brush.put(body.x + KEYS + 1, at, body.w.saturating_sub(KEYS + 1), &text, style);
        }
        (y, shown) = (y.saturating_add(need), shown + 1);
        if y >= body.y + body.h {
            break;
        }
    }
    if lines.len() > help.top + shown {
        let more = format!(" {} more ", lines.len() - help.top - shown);
        brush.put_right(inside.x, inside.y.saturating_sub(1), inside.w, &more, dim);
    }
    cursor
}
