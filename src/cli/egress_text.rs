//! Egress for people: the list, one item. Every stranger's text goes through `shown`. Used by `egress`.

use chrono::{DateTime, Utc};

use super::output::table;
use crate::domain::egress::{DestinationView, EgressItem, Severity};
use crate::domain::facts::{Comment, Vote};
use crate::domain::found::{Checked, Group, groups, weighed};
use crate::text::{Untrusted, human_size, shown, waited};

/// A table of items.
pub fn list(items: &[EgressItem], now: DateTime<Utc>) -> String {
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            vec![
                item.id.to_string(),
                item.state.to_string(),
                waited(now - item.submitted_at),
                plain(&item.project),
                human_size(item.size),
                plain(item.submitted_by.as_deref().unwrap_or("unknown")),
                votes(item),
                shown(&item.key),
            ]
        })
        .collect();
    table(&["ID", "STATE", "WAITS", "PROJECT", "SIZE", "FROM", "VOTES", "FILE"], &rows)
}

/// One item with everything about it.
pub fn item(item: &EgressItem, votes: &[Vote], comments: &[Comment]) -> String {
    let mut lines = vec![shown(&item.key)];
    let mut fact = |name: &str, text: String| lines.push(format!("  {name:<10}{text}"));
    fact("id", format!("{} (version {}{})", item.id, item.version, if item.newest { "" } else { ", not the newest" }));
    fact("project", format!("{}, {}", plain(&item.project), shown(&item.project_title)));
    fact("purpose", shown(&item.purpose));
    fact(
        "from",
        match (&item.submitted_by, &item.submitted_by_name) {
            (Some(login), Some(name)) => format!("{} ({}), submission {}", plain(login), shown(name), item.submission),
            (Some(login), None) => format!("{}, submission {}", plain(login), item.submission),
            (None, _) => "nobody known: it was found in the project's location".to_owned(),
        },
    );
    fact("since", item.submitted_at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    fact("size", format!("{} bytes", item.size));
    fact("kind", plain(item.media_type.as_deref().unwrap_or("unknown")));
    fact("sha256", item.sha256.clone().unwrap_or_else(|| "never read".to_owned()));
    fact("state", item.state.to_string());
    if let Some(reason) = &item.blocked_reason {
        fact("blocked", shown(reason));
    }
    if let (Some(login), Some(until)) = (&item.claimed_by, item.claimed_until) {
        fact("claimed", format!("by {} until {}", plain(login), until.format("%H:%M UTC")));
    }
    for (name, view) in &item.destinations {
        lines.extend(destination(name, view));
    }
    lines.extend(inside(item));
    if !votes.is_empty() {
        lines.push("  votes".to_owned());
    }
    for vote in votes {
        // A rejection never adds to the count: only of an approval is it news that it does not.
        let counts = if vote.counted || vote.kind != "approve" { "" } else { " (does not count)" };
        let comment = if vote.comment.is_empty() { String::new() } else { format!(": {}", shown(&vote.comment)) };
        let (at, kind) = (vote.at.format("%Y-%m-%d %H:%M"), plain(&vote.kind));
        let via = vote.via.as_deref().map_or_else(String::new, |service| format!(" via {}", plain(service)));
        let (voter, destination) = (plain(&vote.voter), plain(&vote.destination));
        lines.push(format!("    {at} {voter} {kind} for {destination}{via}{counts}{comment}"));
    }
    if !comments.is_empty() {
        lines.push("  comments".to_owned());
    }
    for comment in comments {
        let internal = if comment.internal { " (internal)" } else { "" };
        let at = comment.at.format("%Y-%m-%d %H:%M");
        lines.push(format!("    {at} {}{internal}: {}", plain(&comment.author), shown(&comment.body)));
    }
    lines.join("\n")
}

/// What is known of its inside, then its findings by rule and column, each with what the first says.
fn inside(item: &EgressItem) -> Vec<String> {
    let (groups, why) = (groups(&item.findings), item.inside.why.as_deref().map(plain));
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    let head = match item.inside.state {
        Checked::Clean => "clean".to_owned(),
        Checked::NotChecked => format!("not checked{why}"),
        Checked::Findings => weighed(&groups),
    };
    let line = |group: &Group| {
        let severity = match group.severity {
            Severity::Note => "note",
            Severity::Warn => "warning",
            Severity::Stop => "stop",
        };
        let first = group.findings.first().map_or_else(String::new, |first| shown(&first.sentence));
        format!("    {severity}: {}: {first}", group.words())
    };
    std::iter::once(format!("  {:<10}{head}", "inside")).chain(groups.iter().map(line)).collect()
}

fn destination(name: &str, view: &DestinationView) -> Vec<String> {
    let by = if view.by.is_empty() { String::new() } else { format!(" ({})", plain(&view.by.join(", "))) };
    let held = view.held_until.map_or(String::new(), |until| format!(", held until {}", until.format("%H:%M:%S UTC")));
    let mut lines =
        vec![format!("  for {}: {}, {} of {} approvals{by}{held}", plain(name), view.state, view.count, view.required)];
    if !view.against.is_empty() {
        lines.push(format!("    against   {}", plain(&view.against.join(", "))));
    }
    for asked in &view.asked {
        lines.push(format!(
            "    asked by  {}, submission {}: {}",
            plain(&asked.by),
            plain(&asked.submission),
            shown(&asked.purpose)
        ));
    }
    let may: Vec<&str> =
        view.why_not.iter().filter(|(_, why)| why.is_none()).map(|(command, _)| command.as_str()).collect();
    if !may.is_empty() {
        lines.push(format!("    you may   {}", plain(&may.join(", "))));
    }
    for (command, why) in &view.why_not {
        if let Some(why) = why {
            lines.push(format!("    not now   {}: {}", plain(command), plain(&why.message)));
        }
    }
    lines
}

/// `1/2 trusted`, for each destination.
fn votes(item: &EgressItem) -> String {
    let each: Vec<String> = item
        .destinations
        .iter()
        .map(|(name, view)| {
            let against =
                if view.against.is_empty() { String::new() } else { format!(", {} against", view.against.len()) };
            format!("{}/{} {}{against}", view.count, view.required, plain(name))
        })
        .collect();
    each.join(", ")
}

fn plain(text: &str) -> String {
    shown(&Untrusted::new(text))
}
