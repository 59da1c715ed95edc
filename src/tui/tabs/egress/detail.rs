//! The detail of the Egress Files tab: one file version with its votes, comments, findings, and what may be done.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::words::{self, count, long_hash, safe};
use super::columns::{in_a_word, reason, state_tone, state_words};
use crate::domain::case::CaseState;
use crate::domain::egress::{Asked, DestinationView, EgressItem, Severity};
use crate::domain::found::{Checked, groups};
use crate::domain::refusal::Refusal;
use crate::text::{day_time, shown};
use crate::tui::app::state::facts::{Facts, Look};
use crate::tui::app::words::{Fact, Tone};

/// Login and full name of who asked.
pub fn from_whom(item: &EgressItem) -> String {
    match (&item.submitted_by, &item.submitted_by_name) {
        (Some(login), Some(full)) if !full.is_empty() => format!("{} ({})", safe(login), shown(full)),
        (Some(login), _) => safe(login),
        (None, _) => "someone unknown".into(),
    }
}

/// The facts of a file.
pub fn detail(item: &EgressItem, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
    let mut lines = Vec::new();
    let purpose = if item.purpose.is_empty() { "none was given".into() } else { shown(&item.purpose) };
    lines.push(Fact::new("Purpose", purpose));
    let dests = item.destinations.keys().map(|name| safe(name)).collect::<Vec<_>>().join(", ");
    let turn = if item.turn > 1 { format!(", turn {}", item.turn) } else { String::new() };
    let asked = format!(
        "{}, {}, for {dests}{turn}",
        from_whom(item),
        day_time(item.submitted_at, now.to_utc(), now.timezone())
    );
    lines.push(Fact::new("Asked", asked));
    if let Some(why) = &item.blocked_reason {
        lines.push(Fact::new("Blocked", shown(why)).tone(Tone::Warn));
    }
    for (name, view) in &item.destinations {
        lines.push(needs(name, view, now));
        // Without a veto others may still let it out: they should know.
        if !view.against.is_empty() {
            let who: Vec<String> = view.against.iter().map(|login| safe(login)).collect();
            lines.push(Fact::new("Against", format!("{} for {}", who.join(", "), safe(name))).tone(Tone::Warn));
        }
        lines.extend(also_asked(item, name, view));
    }
    let (can, not) = may(item);
    lines.extend(can);
    if let Some(login) = item.claimed_by.as_ref().filter(|_| item.claimed_until > Some(now.to_utc())) {
        lines.push(Fact::new("Claimed", format!("{} is looking at it", safe(login))));
    }
    lines.extend(inside(item));
    lines.extend(facts.map(|facts| said(facts, now)).unwrap_or_default());
    lines.extend(not);
    let media = item.media_type.as_deref().map_or_else(String::new, |media| format!(", {}", safe(media)));
    lines
        .push(Fact::new("File", format!("id {}, submission {}, {} bytes{media}", item.id, item.submission, item.size)));
    if let Some(hash) = &item.sha256 {
        lines.push(Fact::new("sha256", long_hash(hash)).tone(Tone::Dim));
    }
    lines.extend(facts.map(|facts| history(facts, now)).unwrap_or_default());
    lines
}

/// What is known of its inside in a word, then each group of findings: where, and what the first of it says.
fn inside(item: &EgressItem) -> Vec<Fact> {
    let tone = if item.inside.state == Checked::Clean { Tone::Dim } else { Tone::Warn };
    let mut lines = vec![Fact::new("Findings", in_a_word(item)).tone(tone)];
    for group in groups(&item.findings) {
        let tone = match group.severity {
            Severity::Stop => Tone::Stop,
            Severity::Warn => Tone::Warn,
            Severity::Note => Tone::Dim,
        };
        let first = group.findings.first().map_or_else(String::new, |first| shown(&first.sentence));
        lines.push(Fact::new("", format!("{}: {first}", group.words())).tone(tone));
    }
    lines
}

/// What happened to the file, the newest first.
fn history(facts: &Facts, now: DateTime<Tz>) -> Vec<Fact> {
    const SHOWN: usize = 30;
    let mut lines = Vec::new();
    let mut label = "History";
    for line in facts.history.iter().rev().take(SHOWN) {
        let at = day_time(line.at, now.to_utc(), now.timezone());
        let said = if line.said.is_empty() { String::new() } else { format!(": {}", shown(&line.said)) };
        lines.push(Fact::new(label, format!("{at}  {} {}{said}", safe(&line.who), shown(&line.did))).tone(Tone::Dim));
        label = "";
    }
    if facts.history.len() > SHOWN {
        let more = facts.history.len() - SHOWN;
        lines.push(Fact::new("", format!("and {more} before: :history shows them all")).tone(Tone::Dim));
    }
    lines
}

/// Who else asked for it to go there, or for another purpose than the one above.
fn also_asked(item: &EgressItem, name: &str, view: &DestinationView) -> Vec<Fact> {
    let other = |asked: &&Asked| {
        asked.purpose != item.purpose || item.submitted_by.as_ref().is_some_and(|login| *login != asked.by)
    };
    let words = |asked: &Asked| format!("{}, for {}: {}", safe(&asked.by), safe(name), shown(&asked.purpose));
    view.asked.iter().filter(other).map(|asked| Fact::new("Also", words(asked))).collect()
}

fn needs(name: &str, view: &DestinationView, now: DateTime<Tz>) -> Fact {
    let by = if view.by.is_empty() {
        String::new()
    } else {
        format!(" ({})", view.by.iter().map(|login| safe(login)).collect::<Vec<_>>().join(", "))
    };
    let approvals = count(usize::try_from(view.required).unwrap_or(0), "approval");
    let text = match view.state {
        CaseState::Pending => format!("{approvals} for {}; has {}{by}", safe(name), view.count),
        CaseState::Approved => {
            let left = view.held_until.map_or(0, |until| (until - now.to_utc()).num_seconds());
            let next =
                if left > 0 { format!("released in {left} s unless undone (u)") } else { "released next".into() };
            format!("nothing more for {}: {} of {}{by}; {next}", safe(name), view.count, view.required)
        }
        state => format!("{} for {}: {} of {approvals}{by}", state_words(state), safe(name), view.count),
    };
    let text = match &view.restore_by {
        Some(first) => format!("{text}; {} wants it restored, a second person has to confirm", safe(first)),
        None => text,
    };
    Fact::new("Needs", text).tone(state_tone(view.state))
}

/// Commands as the detail lists them: name in the database's answers, words.
const COMMANDS: &[(&str, &str)] = &[
    ("approve", "approve"),
    ("reject", "reject"),
    ("changes", "request changes"),
    ("undo", "undo"),
    ("withdraw", "withdraw"),
    ("comment", "comment"),
    ("preview", "preview"),
    ("download", "download"),
    ("recall", "recall"),
    ("restore", "restore"),
];

/// What may be done; and what not, with each reason once.
fn may(item: &EgressItem) -> (Option<Fact>, Vec<Fact>) {
    let news = |command: &str, refusal: &Refusal| match refusal.code.as_str() {
        // There is nothing to take back.
        "not_held" | "not_submitter" => false,
        // Of what comes after a release, only that another person has to.
        code => !matches!(command, "recall" | "restore") || code == "second_person_needed",
    };
    let all = COMMANDS.iter().map(|(command, words)| (*command, *words, reason(item, command)));
    let told = all.filter(|(command, _, why)| why.as_ref().is_none_or(|why| news(command, why)));
    words::may("Not yet", told.map(|(_, words, why)| (words, why)))
}

/// `checker3 all`, `checker2 opened it 27 Nov 09:12`.
fn seen_by(look: &Look, now: DateTime<Tz>) -> String {
    match look.share {
        Some(share) => format!("{} {share}", safe(&look.person)),
        None => format!("{} opened it {}", safe(&look.person), day_time(look.opened_at, now.to_utc(), now.timezone())),
    }
}

fn said(facts: &Facts, now: DateTime<Tz>) -> Vec<Fact> {
    let mut lines = Vec::new();
    let mut label = "Votes";
    for vote in &facts.votes {
        let did = words::voted(&vote.kind);
        let comment = if vote.comment.is_empty() { String::new() } else { format!(": {}", shown(&vote.comment)) };
        // Only an approval counts at all; of the others it would be no news.
        let counts = if vote.counted || vote.kind != "approve" { "" } else { " (does not count now)" };
        let (who, dest, at) =
            (safe(&vote.voter), safe(&vote.destination), day_time(vote.at, now.to_utc(), now.timezone()));
        let via = words::via(vote.via.as_deref());
        lines.push(Fact::new(label, format!("{who} {did} for {dest}{via}, {at}{counts}{comment}")));
        label = "";
    }
    let looks: Vec<String> = facts.looks.iter().map(|look| seen_by(look, now)).collect();
    if !looks.is_empty() {
        lines.push(Fact::new("Seen", looks.join("; ")));
    }
    label = "Comments";
    for comment in &facts.comments {
        let inside = if comment.internal { ", for checkers only" } else { "" };
        let head =
            format!("{}, {}{inside}: ", safe(&comment.author), day_time(comment.at, now.to_utc(), now.timezone()));
        // Each of its lines is shown by itself, so that a written `\n` and a line end stay two things.
        for (n, line) in comment.body.raw().split('\n').enumerate() {
            let text = if n == 0 { format!("{head}{}", safe(line)) } else { safe(line) };
            lines.push(Fact::new(label, text));
            label = "";
        }
    }
    lines
}
