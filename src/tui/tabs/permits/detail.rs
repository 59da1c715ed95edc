//! The detail of the Permits tab: where it stands, for whom it waits, what can follow and who may, what it rests on.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{day, history, period, reason, state_tone, until};
use super::super::words::{self, count, safe};
use super::WAY;
use super::columns::{standing, tone, waits};
use crate::domain::permit::{FileVote, Member, OutputFile, Permit, PermitFacts, Stage, Step};
use crate::text::{day_time, full_time, shown, waited};
use crate::tui::app::state::facts::Facts;
use crate::tui::app::words::{Fact, Tone};

/// Teams as the detail lists them, each with its roles.
const TEAMS: &[(&str, &[&str])] = &[
    ("Research", &["investigator", "member"]),
    ("HDAB", &["manager", "preparator", "data_reviewer", "setup_engineer", "setup_reviewer", "egress_reviewer"]),
    ("Holders", &["data_holder"]),
];

/// How many files of an output are listed; the Egress tab has them all.
const FILES: usize = 20;

/// The lines.
pub fn detail(permit: &Permit, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
    let zone = now.timezone();
    let mut lines = vec![Fact::new("Title", shown(&permit.title))];
    lines.extend(stands(permit, now));
    lines.extend(next(permit));
    lines.extend(may(permit));
    lines.push(Fact::new("Data", period(permit.valid_from, permit.valid_until, permit.last_day, zone)));
    lines.extend(teams(permit));
    lines.extend(datasets(permit, zone));
    let more = facts.and_then(|facts| facts.more::<PermitFacts>());
    lines.extend(outputs(permit, more.map_or(&[], |more| &more.files), now));
    lines.push(Fact::new("Project", origin(permit, zone)));
    if !permit.purpose.is_empty() {
        lines.extend(super::super::access::text_lines("Purpose", &permit.purpose, Tone::Plain));
    }
    if let Some(facts) = facts {
        lines.extend(history(&facts.history, now));
    }
    lines
}

fn origin(permit: &Permit, zone: Tz) -> String {
    let from = permit.request.map_or_else(|| "by hand".to_owned(), |request| format!("from request {request}"));
    format!("{}; issued {from} by {}, {}", safe(&permit.project), safe(&permit.created_by), day(permit.created, zone))
}

/// Where on its way it is, since when, and for whom it waits.
fn stands(permit: &Permit, now: DateTime<Tz>) -> Vec<Fact> {
    let place = WAY.iter().position(|(_, place)| place.contains(&permit.status)).unwrap_or(0) + 1;
    let since = waited(now.to_utc() - permit.status_since);
    let late = if permit.is_late(now.to_utc()) { ", late" } else { "" };
    let text = format!("{}, step {place} of {}, since {since}{late}", standing(permit), WAY.len());
    let mut lines = vec![Fact::new("Stands", text).tone(tone(permit))];
    let waiting = waits(permit);
    let who = permit.next.iter().find(|step| Some(&step.roles) == Some(&permit.waits_for)).map(|step| safe(&step.who));
    if let Some(second) = &permit.second {
        let text = format!(
            "a second person to {}: {} asked at {}{}",
            second.what,
            safe(&second.by),
            full_time(second.at, now.timezone()),
            if second.reason.is_empty() { String::new() } else { format!(", \"{}\"", shown(&second.reason)) }
        );
        lines.push(Fact::new("Waits for", text).tone(Tone::Warn));
    } else if !waiting.is_empty() {
        let who = who.map_or_else(String::new, |who| format!(" ({who})"));
        lines.push(Fact::new("Waits for", format!("{waiting}{who}")));
    }
    lines
}

/// What can follow, where that leads and who may.
fn next(permit: &Permit) -> Vec<Fact> {
    let line = |(n, step): (usize, &Step)| {
        let mut needs = String::new();
        if step.reason {
            needs.push_str(", reason required");
        }
        if step.persons > 1 {
            needs.push_str(", two persons");
        }
        let text = format!("{} -> {}{needs} ({})", safe(&step.says), step.becomes.said(), safe(&step.who));
        Fact::new(if n == 0 { "Next" } else { "" }, text)
    };
    let mut lines: Vec<Fact> = permit.next.iter().enumerate().map(line).collect();
    if lines.is_empty() {
        lines.push(Fact::new("Next", "nothing: it is over").tone(Tone::Dim));
    }
    lines
}

/// What I may do, and why not.
fn may(permit: &Permit) -> Vec<Fact> {
    let ask = |command: &str| reason(&permit.why_not, command);
    let steps = permit.next.iter().map(|step| (safe(&step.short), ask(step.what.word())));
    let (can, not) = words::may("Not now", steps);
    can.into_iter().chain(not).chain(back(permit)).collect()
}

fn back(permit: &Permit) -> Option<Fact> {
    let mine = matches!(permit.why_not.get("take_back"), Some(None));
    mine.then(|| Fact::new("", "take back what waits for a second person").tone(Tone::Good))
}

fn teams(permit: &Permit) -> Vec<Fact> {
    let mut lines = Vec::new();
    for (label, roles) in TEAMS {
        let members: Vec<String> =
            permit.teams.iter().filter(|member| roles.contains(&member.role.as_str())).map(member).collect();
        if !members.is_empty() {
            lines.push(Fact::new(label, members.join(" · ")));
        }
    }
    lines
}

fn member(member: &Member) -> String {
    let state = match (member.holds, member.confirmed_at) {
        (false, _) => ", no longer",
        (true, Some(_)) => ", upload confirmed",
        (true, None) => "",
    };
    // Holders are holders by their label; the rest has a role each.
    let role = if member.role == "data_holder" { String::new() } else { format!("{} ", safe(&short(&member.role))) };
    format!("{role}{}{state}", safe(&member.login))
}

/// A role in few cells: its label says the rest.
fn short(role: &str) -> String {
    role.replace('_', " ")
}

fn datasets(permit: &Permit, zone: Tz) -> Vec<Fact> {
    let mut lines = Vec::new();
    for dataset in &permit.datasets {
        let gone = if dataset.removed { ", no longer offered" } else { "" };
        let label = if lines.is_empty() { "Datasets" } else { "" };
        lines.push(Fact::new(label, format!("{} {}{gone}", safe(&dataset.id), shown(&dataset.title))));
        for grant in &dataset.grants {
            let text = format!(
                "  grant {} of {}: {}, until {}",
                safe(&grant.id),
                safe(&grant.login),
                grant.state,
                until(grant.until, grant.last_day, zone)
            );
            lines.push(Fact::new("", text).tone(state_tone(grant.state)));
        }
    }
    lines
}

/// Each output with what its votes made of it, and where the reader sees them, its files with who voted how.
fn outputs(permit: &Permit, files: &[OutputFile], now: DateTime<Tz>) -> Vec<Fact> {
    let mut lines = Vec::new();
    for output in &permit.outputs {
        let (tone, state) = match output.status.as_str() {
            "EGRESS_APPROVED" => (Tone::Good, "approved".to_owned()),
            "EGRESS_REWORK" => (Tone::Warn, format!("rework: {}", shown(&output.reason))),
            _ => (Tone::Plain, "votes wait".to_owned()),
        };
        let all = usize::try_from(output.files).unwrap_or(0);
        let text = format!(
            "{} v{} {state}, {} of {} approved: {} ({})",
            output.number,
            output.version,
            output.approved,
            count(all, "file"),
            shown(&output.description),
            shown(&output.folder)
        );
        lines.push(Fact::new(if lines.is_empty() { "Outputs" } else { "" }, text).tone(tone));
        let of_it = files.iter().filter(|file| file.output == output.number).take(FILES);
        lines.extend(of_it.map(|file| Fact::new("", format!("  {}", voted(file, now)))));
    }
    if permit.outputs.is_empty() && permit.stage == Stage::Analysis {
        lines.push(Fact::new("Outputs", "none yet").tone(Tone::Dim));
    }
    lines
}

/// A file of an output: its state, and each vote with who cast it.
fn voted(file: &OutputFile, now: DateTime<Tz>) -> String {
    let vote = |vote: &FileVote| {
        let at = day_time(vote.at, now.to_utc(), now.timezone());
        format!("{} {}{} {at}", safe(&vote.voter), words::voted(&vote.kind), words::via(vote.via.as_deref()))
    };
    let votes: Vec<String> = file.votes.iter().map(vote).collect();
    let votes = if votes.is_empty() { "no votes yet".to_owned() } else { votes.join(", ") };
    format!("{}, {}: {votes}", shown(&file.name), safe(&file.state.replace('_', " ")))
}
