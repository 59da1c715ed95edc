//! What the dialogs of a vote say of how much of a file was seen, what a vote declares of it, and what has to be typed for
//! what was never opened.

use super::super::words::safe;
use super::columns::reason;
use super::dialogs::item;
use crate::domain::egress::{EgressItem, Unseen};
use crate::domain::seen::{Seen, Unit};
use crate::text::{day_time, shown};
use crate::tui::app::entry::Entry;
use crate::tui::app::row::Target;
use crate::tui::app::spec::{Inputs, Start};
use crate::tui::app::state::facts::Vote;
use crate::tui::app::words::{Fact, Tone};

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

/// Comments of others that a dialog names; the detail has them all.
const COMMENTS: usize = 2;

/// What else weighs on a vote: who is against it and why, who is at it now, what others said of it.
pub fn weighs(inputs: &Inputs, item: &EgressItem, target: &Target) -> Vec<Fact> {
    let (now, zone) = (inputs.now.to_utc(), inputs.now.timezone());
    let against = item.destinations.get(&target.destination).map_or(&[][..], |view| &view.against);
    let votes = inputs.facts.map_or(&[][..], |facts| &facts.votes);
    let against = against.iter().map(|login| {
        let of = |vote: &&Vote| vote.voter == *login && vote.kind == "reject" && vote.destination == target.destination;
        let why = votes.iter().rev().find(of).filter(|vote| !vote.comment.is_empty());
        why.map_or_else(|| safe(login), |vote| format!("{}: {}", safe(login), shown(&vote.comment)))
    });
    let claimed = item.claimed_by.as_deref().filter(|login| *login != inputs.me && item.claimed_until > Some(now));
    let claimed = claimed.map(|login| format!("{} is looking at it", safe(login)));
    let said = inputs.facts.map_or(&[][..], |facts| &facts.comments).iter().rev();
    let said = said.filter(|comment| comment.author != inputs.me).take(COMMENTS);
    let said =
        said.map(|said| format!("{}, {}: {}", safe(&said.author), day_time(said.at, now, zone), shown(&said.body)));
    let (against, said): (Vec<_>, Vec<_>) = (against.collect(), said.collect());
    let all = [("Against", against), ("Claimed", claimed.into_iter().collect()), ("Said", said)];
    all.into_iter().flat_map(|(label, texts)| labelled(label, texts)).collect()
}

/// Lines under one label.
fn labelled(label: &'static str, texts: Vec<String>) -> impl Iterator<Item = Fact> {
    let line = move |(n, text)| Fact::new(if n == 0 { label } else { "" }, text).tone(Tone::Warn);
    texts.into_iter().enumerate().map(line)
}
