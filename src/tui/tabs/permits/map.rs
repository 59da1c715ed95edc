//! The map of a permit's life, drawn in cells: the whole way, what is done, where it stands and since when. It reads without
//! colour and in plain letters. Under it the workspaces, the messages and the log of its moves.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::words::{safe, wrapped};
use super::WAY;
use super::columns::{standing, tone};
use crate::domain::permit::{Message, Permit, PermitFacts, StateLine, Status, Workspace};
use crate::text::{day_time, shown, waited};
use crate::tui::app::state::facts::Facts;
use crate::tui::app::words::{Line, Span, Tone};

/// How many messages are shown.
const MESSAGES: usize = 4;

/// The pane's lines.
pub fn side(permit: &Permit, facts: Option<&Facts>, now: DateTime<Tz>, width: u16) -> Vec<Line> {
    let width = usize::from(width);
    let more = facts.and_then(|facts| facts.more::<PermitFacts>());
    let states = more.map_or(&[][..], |more| &more.states);
    let mut lines = drawn(permit, states, now, width);
    for workspace in permit.workspaces.iter().filter(|one| one.state != "absent" || !one.volumes.is_empty()) {
        lines.push(Vec::new());
        lines.extend(of_workspace(workspace, now, width));
    }
    if let Some(more) = more {
        lines.push(Vec::new());
        lines.push(vec![Span::new(Tone::Title, "Messages")]);
        let newest = more.messages.iter().rev().take(MESSAGES);
        lines.extend(newest.flat_map(|message| of_message(message, now, width)));
        lines.push(Vec::new());
        lines.push(vec![Span::new(Tone::Title, "Its way so far")]);
        lines.extend(more.states.iter().rev().flat_map(|line| of_state(line, now, width)));
    }
    lines
}

/// Where it was, by its log: each place of the way that it left.
fn left(place: &[Status], states: &[StateLine]) -> bool {
    states.iter().any(|line| line.previous.is_some_and(|previous| place.contains(&previous)))
}

/// The way: a line for each place, or where they fit, all of them in one.
fn drawn(permit: &Permit, states: &[StateLine], now: DateTime<Tz>, width: usize) -> Vec<Line> {
    let here = WAY.iter().position(|(_, place)| place.contains(&permit.status)).unwrap_or(0);
    let since = waited(now.to_utc() - permit.status_since);
    let mut places = Vec::new();
    for (n, (name, place)) in WAY.iter().enumerate() {
        let name = if n == here { standing(permit) } else { (*name).to_owned() };
        let under = match n.cmp(&here) {
            std::cmp::Ordering::Equal => (tone(permit), since.clone()),
            std::cmp::Ordering::Less if left(place, states) || here < WAY.len() - 1 => (Tone::Dim, "done".to_owned()),
            std::cmp::Ordering::Less => (Tone::Dim, "-".to_owned()),
            std::cmp::Ordering::Greater => (Tone::Dim, String::new()),
        };
        let name = if n == here { format!("[{name}]") } else { name };
        places.push((n == here, name, under));
    }
    rows(&places, width)
}

/// Breaks the way into as many rows as the width asks for.
fn rows(places: &[(bool, String, (Tone, String))], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut names, mut under): (Line, Line) = (Vec::new(), Vec::new());
    let mut used = 0;
    for (n, (here, name, (tone, below))) in places.iter().enumerate() {
        let link = if n + 1 < places.len() { " -- " } else { "" };
        let cells = name.chars().count().max(below.chars().count());
        if used + cells + link.len() > width && used > 0 {
            lines.push(std::mem::take(&mut names));
            lines.push(std::mem::take(&mut under));
            used = 0;
        }
        names.push(Span::new(if *here { Tone::Title } else { Tone::Plain }, format!("{name:<cells$}")));
        names.push(Span::new(Tone::Dim, link));
        under.push(Span::new(*tone, format!("{below:<cells$}{:width$}", "", width = link.len())));
        used += cells + link.len();
    }
    lines.push(names);
    lines.push(under);
    lines
}

/// What a workspace should be, and what was said of it.
fn of_workspace(workspace: &Workspace, now: DateTime<Tz>, width: usize) -> Vec<Line> {
    let network = if workspace.network == "none" { "no network" } else { "proxied internet" };
    let volumes: Vec<String> =
        workspace.volumes.iter().map(|volume| format!("{} {}", safe(&volume.path), safe(&volume.mode))).collect();
    let volumes = if volumes.is_empty() { "no data".to_owned() } else { volumes.join(", ") };
    let wanted = format!("{}: {}, {network}, {volumes}", safe(&workspace.kind), safe(&workspace.state));
    let (tone, actual) = match &workspace.reported {
        None => (Tone::Dim, "actual: nothing was reported yet".to_owned()),
        Some(said) => {
            let at = day_time(said.at, now.to_utc(), now.timezone());
            let detail = if said.detail.is_empty() { String::new() } else { format!(": {}", shown(&said.detail)) };
            let same = said.state == workspace.state && said.generation == workspace.generation;
            let words = match (same, said.state.as_str()) {
                (true, _) => "the same".to_owned(),
                (false, "failed") => "failed".to_owned(),
                (false, state) => format!("{} yet", safe(state)),
            };
            let tone = match (same, said.state.as_str()) {
                (true, _) => Tone::Good,
                (false, "failed") => Tone::Stop,
                (false, _) => Tone::Warn,
            };
            (tone, format!("actual: {words}, {at}{detail}"))
        }
    };
    let line = |tone: Tone, text: &str| wrapped(text, width).into_iter().map(move |line| vec![Span::new(tone, line)]);
    line(Tone::Plain, &wanted).chain(line(tone, &actual)).collect()
}

fn of_message(message: &Message, now: DateTime<Tz>, width: usize) -> Vec<Line> {
    let time = |at| day_time(at, now.to_utc(), now.timezone());
    let far: Vec<String> = message
        .deliveries
        .iter()
        .map(|delivery| match delivery.delivered_at {
            Some(at) => format!("{} delivered {}", safe(&delivery.channel), time(at)),
            None if delivery.attempt > 0 => {
                format!("{} try {} at {}", safe(&delivery.channel), delivery.attempt + 1, time(delivery.next_try_at))
            }
            None => format!("{} waits", safe(&delivery.channel)),
        })
        .collect();
    let text = format!("{}  {}  {}", time(message.at), safe(&message.topic), far.join(", "));
    wrapped(&text, width).into_iter().map(|line| vec![Span::new(Tone::Dim, line)]).collect()
}

fn of_state(line: &StateLine, now: DateTime<Tz>, width: usize) -> Vec<Line> {
    let at = day_time(line.at, now.to_utc(), now.timezone());
    let who = line.actor.as_deref().map_or_else(|| "by itself".to_owned(), safe);
    let second = line.second.as_deref().map_or_else(String::new, |login| format!(", asked by {}", safe(login)));
    let why = if line.reason.is_empty() { String::new() } else { format!(": {}", shown(&line.reason)) };
    let text = format!("{at}  {who}{second} {} -> {}{why}", safe(&line.what.replace('_', " ")), line.status.said());
    wrapped(&text, width).into_iter().map(|line| vec![Span::new(Tone::Plain, line)]).collect()
}
