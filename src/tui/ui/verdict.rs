//! The dialog of a decision and the results of one on several rows. Called by `dialogs`.

use super::paint::Brush;
use super::paint::width;
use super::paint::{Cursor, centred, field};
use crate::text::wrap;
use crate::tui::app::decide::{Decide, Focus};
use crate::tui::app::layers::Results;
use crate::tui::app::layout::Area;
use crate::tui::app::pane::laid_out;
use crate::tui::app::tab::Tone;

fn title(dialog: &Decide) -> String {
    let verb = dialog.verdict.title();
    match dialog.targets.as_slice() {
        [one] => {
            let dest = crate::text::shown(&crate::text::Untrusted::new(one.destination.as_str()));
            format!("{verb} for {dest}")
        }
        many => format!("{verb} {} files", many.len()),
    }
}

/// The dialog of a decision.
pub fn decide(brush: &mut Brush, dialog: &Decide, all: Area) -> Cursor {
    let w = all.w.saturating_sub(2).min(100);
    // Where it goes comes first, and where there is a choice it does not scroll away.
    let chooses = dialog.choices.len() > 1;
    let said = if chooses { dialog.statement.get(1..).unwrap_or_default() } else { &dialog.statement };
    let mut lines = laid_out(said, w.saturating_sub(15), brush.look.ascii);
    for text in &dialog.left_out {
        lines.extend(wrap(text, usize::from(w.saturating_sub(15))).into_iter().map(|line| ("", line, Tone::Warn)));
    }
    let fields = 1 + u16::from(dialog.counts());
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(fields + 5 + u16::from(chooses));
    let whole = brush.frame(centred(all, w, wanted), &title(dialog));
    if chooses {
        destination(brush, dialog, whole);
    }
    let used = u16::from(chooses).min(whole.h);
    let inside = Area { y: whole.y + used, h: whole.h - used, ..whole };
    let foot = fields + 3;
    let body = inside.h.saturating_sub(foot);
    let top = dialog.top.min(lines.len().saturating_sub(usize::from(body).max(1)));
    for (y, (label, text, tone)) in (inside.y..inside.y + body).zip(&lines[top..]) {
        let (dim, style) = (brush.tone(Tone::Dim), brush.tone(*tone));
        brush.put(inside.x, y, 9, label, dim);
        brush.put(inside.x + 10, y, inside.w.saturating_sub(10), text, style);
    }
    if lines.len() > usize::from(body) {
        let style = brush.tone(Tone::Warn);
        let more = format!(
            " {} to {} of {} lines; PageDown ",
            top + 1,
            (top + usize::from(body)).min(lines.len()),
            lines.len()
        );
        brush.put_right(whole.x, whole.y - 1, whole.w, &more, style);
    }
    let mut y = inside.y + body;
    let mut cursor = None;
    let (plain, dim) = (brush.tone(Tone::Plain), brush.tone(Tone::Dim));
    let line = |y: u16| Area { x: inside.x + 10, y, w: inside.w.saturating_sub(11), h: 1 };
    if dialog.counts() {
        let label = format!("Type {}", dialog.targets.len());
        brush.put(inside.x, y, 10, &label, dim);
        let at = field(brush, line(y), &dialog.count, plain);
        cursor = (dialog.focus == Focus::Count).then_some(at);
        y += 1;
    }
    let label = if dialog.verdict.needs_reason() { "Reason" } else { "Comment" };
    brush.put(inside.x, y, 10, label, dim);
    let at = field(brush, line(y), &dialog.comment, plain);
    cursor = cursor.or((dialog.focus == Focus::Comment).then_some(at));
    let stop = brush.tone(Tone::Stop);
    if let Some(complaint) = &dialog.complaint {
        brush.put(inside.x, y + 1, inside.w, complaint, stop);
    } else {
        brush.put(inside.x + 10, y + 1, inside.w.saturating_sub(10), &at_hand(dialog), dim);
    }
    buttons(brush, dialog, inside);
    cursor
}

/// The destination that is chosen, and how to choose.
fn destination(brush: &mut Brush, dialog: &Decide, at: Area) {
    let focused = dialog.focus == Focus::Destination;
    let (dim, plain) = (brush.tone(Tone::Dim), brush.tone(Tone::Plain));
    let style = if focused { brush.look.theme.cursor } else { plain };
    brush.put(at.x, at.y, 10, "For", dim);
    let said = dialog.statement.first().map_or("", |fact| fact.text.as_str());
    let text = format!("< {said} >  Left and Right choose, of {}", dialog.choices.len());
    brush.put(at.x + 10, at.y, at.w.saturating_sub(10), &text, style);
}

/// How to get at the reasons at hand, or which one stands there.
fn at_hand(dialog: &Decide) -> String {
    match (dialog.reasons.len(), dialog.picked) {
        (0, _) => String::new(),
        (1, 0) => "ctrl-n puts the usual reason here".into(),
        (count, 0) => format!("ctrl-n puts one of {count} usual reasons here"),
        (count, at) => format!("usual reason {at} of {count}; change it as you like, ctrl-n goes on"),
    }
}

fn buttons(brush: &mut Brush, dialog: &Decide, inside: Area) {
    let y = inside.y + inside.h - 1;
    let yes = format!("y Yes, {}", dialog.verdict.verb());
    let (plain, cursor) = (brush.tone(Tone::Plain), brush.look.theme.cursor);
    let named = |text: &str, focused: bool| if focused { format!("[ {text} ]") } else { format!("  {text}  ") };
    let (no, yes) = (named("No", dialog.focus == Focus::No), named(&yes, dialog.focus == Focus::Yes));
    let x = inside.x + inside.w.saturating_sub(width(&no) + width(&yes) + 3);
    brush.put(x, y, width(&no), &no, if dialog.focus == Focus::No { cursor } else { plain });
    brush.put(x + width(&no) + 3, y, width(&yes), &yes, if dialog.focus == Focus::Yes { cursor } else { plain });
}

/// What came of a decision on several rows.
pub fn results(brush: &mut Brush, results: &Results, all: Area) -> Cursor {
    let w = all.w.saturating_sub(2).min(110);
    let mut lines = Vec::new();
    for (name, tone, text) in &results.lines {
        let text = format!("{name}: {text}");
        lines.extend(wrap(&brush.plain(&text), usize::from(w.saturating_sub(5))).into_iter().map(|line| (line, *tone)));
    }
    let h = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = brush.frame(centred(all, w, h), &results.title);
    for (y, (text, tone)) in (inside.y..inside.y + inside.h).zip(lines.iter().skip(results.top)) {
        let style = brush.tone(*tone);
        brush.put(inside.x, y, inside.w, text, style);
    }
    None
}
