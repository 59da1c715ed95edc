//! The foot of the screen: what was said last, and the countdown of what can still be undone.

use super::filter;
use super::filter::try_again;
use super::paint::Brush;
use crate::text::wrap;
use crate::tui::app::layout::Area;
use crate::tui::app::list::Reading;
use crate::tui::app::model::{Link, Model, Sent};
use crate::tui::app::words::Tone;

/// The newest sentence: a filter's mistake, a toast, or what stays wrong. It grows upwards over the table.
pub fn draw(brush: &mut Brush, model: &Model, at: Area) {
    let mistake = filter::mistake_for_foot(brush, model, at.w).map(|sentence| (Tone::Stop, sentence));
    let toast = || model.toast.as_ref().map(|toast| (toast.tone, toast.text.clone()));
    let waiting = || {
        let missed: Vec<_> = model.sent.iter().filter(|sent| sent.missed > 0).collect();
        let said = |sent: &Sent| match sent.missed {
            0 => (Tone::Dim, format!("Waiting for the answer to: {}.", sent.waits_for())),
            times => (
                Tone::Warn,
                format!("No answer yet to: {} (asked {} times, under one id).", sent.waits_for(), times + 1),
            ),
        };
        missed.first().copied().or(model.sent.first()).map(said)
    };
    let tries = |why: &str| try_again(model, why);
    let lost = || match &model.link {
        Link::Lost(why) if !model.here().list.rows().is_empty() => Some((Tone::Stop, tries(why))),
        _ => None,
    };
    let failed = || match &model.here().list.reading {
        Reading::Failed(why) if !model.here().list.rows().is_empty() => Some((Tone::Stop, tries(why))),
        _ => None,
    };
    let fault = || model.fault.as_ref().map(|why| (Tone::Warn, why.clone()));
    let trouble = || model.trouble.as_ref().map(|trouble| (Tone::Warn, trouble.why.clone()));
    let hint = || model.hint().map(|text| (Tone::Dim, text));
    let newest = mistake
        .or_else(toast)
        .or_else(waiting)
        .or_else(lost)
        .or_else(failed)
        .or_else(fault)
        .or_else(trouble)
        .or_else(hint);
    let countdown = model.countdown().map(|text| (Tone::Title, text));
    let running = model.running().map(|text| (Tone::Dim, text));
    let mut lines = Vec::new();
    for (tone, text) in newest.into_iter().chain(countdown).chain(running) {
        let style = brush.tone(tone);
        let wrapped = wrap(&brush.plain(&text), usize::from(at.w.saturating_sub(2)));
        lines.extend(wrapped.into_iter().take(4).map(|line| (line, style)));
    }
    if lines.is_empty() {
        return;
    }
    let top = at.y + 1 - u16::try_from(lines.len()).unwrap_or(1);
    if lines.len() > 1 {
        brush.clear(Area { x: 0, y: top, w: at.w, h: at.y + 1 - top });
    }
    for (y, (line, style)) in (top..).zip(&lines) {
        brush.put(at.x + 1, y, at.w - 1, line, *style);
    }
}
