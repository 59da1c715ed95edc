//! What the dialogs of a vote say of how much of a file was seen, what a vote declares of it, and what has to be typed for
//! what was never opened.

use super::super::words::safe;
use super::columns::reason;
use super::dialogs::item;
use crate::domain::egress::{EgressItem, Unseen};
use crate::domain::seen::{Seen, Unit};
use crate::tui::app::entry::Entry;
use crate::tui::app::spec::{Inputs, Start};
use crate::tui::app::words::Tone;

/// The input that says one knows what was never opened.
const UNOPENED: &str = "unopened";

/// What a vote declares was seen: in words, and as rectangles.
pub fn coverage(seen: &Seen) -> serde_json::Value {
    serde_json::json!({ "shown": format!("seen {}", seen.words()), "seen": seen })
}

/// How much of a file one saw, then how much others did.
pub fn looked(inputs: &Inputs, item: &EgressItem) -> (Tone, String) {
    let (tone, mine) = match (inputs.seen, item.seen) {
        (Some(seen), _) if seen.drawn() > 0 || seen.unit == Unit::Facts => (Tone::Plain, seen.words()),
        (_, Some(share)) => (Tone::Plain, format!("{share}, before")),
        _ if item.opened || inputs.seen.is_some() => {
            (Tone::Warn, "opened, and no part of it stood on your screen".into())
        }
        _ => (Tone::Warn, "nothing: you never opened these bytes".into()),
    };
    let others = inputs.facts.map_or(&[][..], |facts| &facts.looks).iter().filter(|look| look.person != inputs.me);
    let others = others.map(|look| match look.share {
        Some(share) => format!("{} saw {share}", safe(&look.person)),
        None => format!("{} opened it", safe(&look.person)),
    });
    (tone, [mine].into_iter().chain(others).collect::<Vec<_>>().join("; "))
}

/// What has to be typed to approve what was never opened, where a destination asks for it: the word for one file, for
/// several how many of them.
pub fn unopened(start: &Start) -> Option<Entry> {
    let asks = |item: &&EgressItem| {
        !item.opened
            && !start.opened.contains(&item.id.0)
            && reason(item, "preview").is_none()
            && item.destinations.values().any(|view| view.unseen == Unseen::Ask)
    };
    let never = start.rows.iter().filter_map(item).filter(asks).count();
    match (never, start.many) {
        (0, _) => None,
        (_, false) => Some(Entry::must(UNOPENED, "Unseen", "unseen", "Type unseen to approve it all the same.")),
        (never, true) => {
            let why = format!("Type {never}: of so many you never opened the bytes.");
            Some(Entry::must(UNOPENED, "Unseen", &never.to_string(), why))
        }
    }
}
