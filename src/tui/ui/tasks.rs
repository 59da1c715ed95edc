//! The tasks page: how the parts are, and the downloads. Called by `dialogs`.

use super::paint::Brush;
use super::paint::centred;
use crate::text::{shown, wrap};
use crate::tui::app::layout::Area;
use crate::tui::app::model::{Link, Model};
use crate::tui::app::words::Tone;

/// Cells of the names.
const NAME: u16 = 12;

/// Draws the page; `at` is the chosen download.
pub fn draw(brush: &mut Brush, model: &Model, at: usize, all: Area) {
    let w = all.w.saturating_sub(2).min(110);
    let room = usize::from(w.saturating_sub(NAME + 6));
    // Name, text, tone, and whether it is the chosen one.
    let mut lines: Vec<(String, String, Tone, bool)> = Vec::new();
    let mut add = |name: &str, text: &str, tone: Tone, chosen: bool| {
        for (n, line) in wrap(&brush.plain(text), room).into_iter().enumerate() {
            lines.push((if n == 0 { name.to_owned() } else { String::new() }, line, tone, chosen));
        }
    };
    let (tone, text) = match &model.link {
        Link::Connecting => (Tone::Dim, "the connection is being made"),
        Link::Live => (Tone::Good, "changes of others come in at once"),
        Link::Lost(why) => (Tone::Stop, why.as_str()),
    };
    add("changes", text, tone, false);
    for part in model.status.iter().flatten() {
        add(part.name, &shown(&part.text), if part.ok { Tone::Good } else { Tone::Stop }, false);
    }
    if model.status.is_none() {
        add("", "Asking database, worker and store ...", Tone::Dim, false);
    }
    add("", "", Tone::Plain, false);
    if model.jobs.is_empty() {
        add("downloads", "there were none on this desk", Tone::Dim, false);
    }
    for (n, job) in model.jobs.iter().enumerate() {
        let text = format!("{}: {}", job.name, job.words());
        add(if n == 0 { "downloads" } else { "" }, &text, job.tone(), n == at);
    }
    let h = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = brush.frame(centred(all, w, h), "Tasks and status");
    let chosen = lines.iter().rposition(|(.., chosen)| *chosen).unwrap_or(0);
    let top = (chosen + 1).saturating_sub(usize::from(inside.h));
    for (y, (name, text, tone, chosen)) in (inside.y..inside.y + inside.h).zip(&lines[top.min(lines.len())..]) {
        let (dim, style, key) = (brush.tone(Tone::Dim), brush.tone(*tone), brush.tone(Tone::Key));
        brush.put(inside.x, y, NAME, name, dim);
        brush.put(inside.x + NAME - 1, y, 1, if *chosen { ">" } else { " " }, key);
        brush.put(inside.x + NAME + 1, y, inside.w.saturating_sub(NAME + 1), text, style);
    }
}
