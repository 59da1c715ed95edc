//! Permits for people. Every stranger's text goes through `shown`. Used by `permits`.

use chrono::{DateTime, Utc};

use super::access_text::{may, time, until, until_day};
use super::answers::plain;
use super::output::table;
use crate::domain::permit::{FileVote, OutputFile, Permit, PermitFacts, Step, Workspace};
use crate::text::{shown, shown_lines, waited};

/// A table of permits.
pub fn permits(items: &[Permit], now: DateTime<Utc>) -> String {
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            let late = if item.is_late(now) { ", late" } else { "" };
            let waits = match (&item.second, item.waits_for.is_empty()) {
                (Some(second), _) => format!("a second person, to {}", second.what),
                (None, true) => String::new(),
                (None, false) => plain(&item.waits_for.join(", ").replace('_', " ")),
            };
            vec![
                item.id.to_string(),
                plain(&item.reference),
                item.status.to_string(),
                format!("{}{late}", waited(now - item.status_since)),
                waits,
                plain(&item.project),
                until_day(item.valid_until, item.last_day),
                shown(&item.title),
            ]
        })
        .collect();
    table(&["ID", "REFERENCE", "STATUS", "SINCE", "WAITS FOR", "PROJECT", "UNTIL", "TITLE"], &rows)
}

/// One permit with everything about it.
pub fn permit(item: &Permit, now: DateTime<Utc>) -> String {
    let mut lines = vec![format!("Permit {}, {}: {}", item.id, plain(&item.reference), item.status)];
    let mut fact = |name: &str, text: String| lines.push(format!("  {name:<15}{text}"));
    fact("title", shown(&item.title));
    let late = if item.is_late(now) { ", late" } else { "" };
    fact("since", format!("{} ({}{late})", time(item.status_since), waited(now - item.status_since)));
    if let Some(why) = &item.paused_for {
        fact("paused for", plain(why));
    }
    if let Some(second) = &item.second {
        let by = format!("{} asked to {} at {}", plain(&second.by), second.what, time(second.at));
        fact("second person", format!("{by}: {}", shown(&second.reason)));
    }
    fact("project", plain(&item.project));
    fact("valid", format!("{} to {}", time(item.valid_from), until(item.valid_until, item.last_day)));
    let origin = item.request.map_or_else(|| "by hand".to_owned(), |request| format!("from request {request}"));
    fact("issued", format!("{} by {}, {origin}", time(item.created), plain(&item.created_by)));
    for dataset in &item.datasets {
        let grants: Vec<String> =
            dataset.grants.iter().map(|grant| format!("grant {} {}", plain(&grant.id), grant.state)).collect();
        let grants = if grants.is_empty() { String::new() } else { format!(", {}", grants.join(", ")) };
        fact("dataset", format!("{} {}{grants}", plain(&dataset.id), shown(&dataset.title)));
    }
    for step in &item.next {
        fact("next", next(step));
    }
    lines.extend(may(&item.why_not));
    lines.push(team(item));
    if !item.outputs.is_empty() {
        lines.push(outputs(item));
    }
    if !item.workspaces.is_empty() {
        lines.push(workspaces(std::slice::from_ref(item)));
    }
    lines.push(String::new());
    lines.extend(shown_lines(&item.purpose));
    lines.join("\n")
}

fn next(step: &Step) -> String {
    let reason = if step.reason { ", reason needed" } else { "" };
    let persons = if step.persons > 1 { ", two persons" } else { "" };
    format!("{} -> {} ({}{reason}{persons})", step.what, step.becomes, plain(&step.who))
}

/// A table of who is on it.
pub fn team(item: &Permit) -> String {
    let rows: Vec<Vec<String>> = item
        .teams
        .iter()
        .map(|member| {
            let confirmed = member.confirmed_at.map_or_else(String::new, |at| format!("upload confirmed {}", time(at)));
            let lapsed = if member.holds { String::new() } else { "no longer has that role".to_owned() };
            vec![plain(&member.role), plain(&member.login), shown(&member.name), confirmed + &lapsed]
        })
        .collect();
    table(&["ROLE", "LOGIN", "NAME", ""], &rows)
}

/// A table of its outputs.
pub fn outputs(item: &Permit) -> String {
    let rows: Vec<Vec<String>> = item
        .outputs
        .iter()
        .map(|output| {
            vec![
                output.number.to_string(),
                output.version.to_string(),
                plain(&output.status),
                format!("{} of {}", output.approved, output.files),
                shown(&output.folder),
                shown(&output.description),
                shown(&output.reason),
            ]
        })
        .collect();
    table(&["OUTPUT", "VERSION", "STATUS", "APPROVED", "FOLDER", "WHAT", "WHY"], &rows)
}

/// A table of the files of its outputs, with their votes.
pub fn files(files: &[OutputFile]) -> String {
    let vote = |vote: &FileVote| {
        let via = vote.via.as_deref().map_or_else(String::new, |service| format!(" via {}", plain(service)));
        format!("{} {}{via} {}", plain(&vote.voter), plain(&vote.kind), time(vote.at))
    };
    let rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            let votes: Vec<String> = file.votes.iter().map(vote).collect();
            vec![
                file.output.to_string(),
                file.version.to_string(),
                plain(&file.state),
                shown(&file.name),
                votes.join(", "),
            ]
        })
        .collect();
    table(&["OUTPUT", "FILE", "STATE", "NAME", "VOTES"], &rows)
}

/// A table of the workspaces of permits.
pub fn workspaces(items: &[Permit]) -> String {
    let row = |item: &Permit, workspace: &Workspace| {
        let volumes: Vec<String> =
            workspace.volumes.iter().map(|volume| format!("{} {}", plain(&volume.path), plain(&volume.mode))).collect();
        let said = workspace.reported.as_ref().map_or_else(
            || "nothing yet".to_owned(),
            |said| {
                let behind = if said.generation < workspace.generation { ", of an earlier one" } else { "" };
                format!("{}{behind} {} {}", plain(&said.state), time(said.at), shown(&said.detail))
            },
        );
        vec![
            item.id.to_string(),
            plain(&workspace.kind),
            plain(&workspace.state),
            plain(&workspace.network),
            volumes.join(", "),
            workspace.generation.to_string(),
            said,
        ]
    };
    let rows: Vec<Vec<String>> =
        items.iter().flat_map(|item| item.workspaces.iter().map(move |workspace| row(item, workspace))).collect();
    table(&["PERMIT", "KIND", "WANTED", "NETWORK", "VOLUMES", "GENERATION", "REPORTED"], &rows)
}

/// Where it was when, and what can follow.
pub fn life(item: &Permit, facts: &PermitFacts) -> String {
    let rows: Vec<Vec<String>> = facts
        .states
        .iter()
        .map(|line| {
            let second = line.second.as_ref().map_or_else(String::new, |login| format!(", asked by {}", plain(login)));
            let who = line.actor.as_deref().map_or_else(|| "by itself".to_owned(), plain);
            vec![time(line.at), line.status.to_string(), plain(&line.what), who + &second, shown(&line.reason)]
        })
        .collect();
    let mut lines = vec![table(&["AT", "STATUS", "BY THE MOVE", "WHO", "WHY"], &rows)];
    lines.extend(item.next.iter().map(|step| format!("next: {}", next(step))));
    lines.join("\n")
}
