//! The Egress Files tab: file versions, their votes, what they need.

mod changed;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use self::changed::changed;
use super::words::{count, long_hash};
use crate::domain::case::CaseState;
use crate::domain::egress::{DestinationView, EgressItem, FindingState, Severity};
use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, day_time, human_size, short_sha, shown, waited};
use crate::tui::app::actions::{Verdict, refusal_shown};
use crate::tui::app::layers::Facts;
use crate::tui::app::row::{Item, Row, Target};
use crate::tui::app::tab::{Cell, Column, Fact, Tab, Tone, Width};

const fn column(title: &'static str, width: Width) -> Column {
    Column { title, width, narrow: false, right: false }
}

/// Places in the table; `cell` answers by them.
const COLUMNS: &[Column] = &[
    Column { narrow: true, ..column("WAITS", Width::Cells(8)) },
    column("PROJECT", Width::Cells(9)),
    Column { narrow: true, ..column("FILE", Width::Rest) },
    Column { right: true, ..column("SIZE", Width::Cells(8)) },
    column("KIND", Width::Cells(6)),
    column("FROM", Width::Cells(13)),
    Column { narrow: true, ..column("VOTES", Width::Cells(17)) },
    Column { narrow: true, ..column("FINDINGS", Width::Cells(16)) },
];

/// The tab.
pub const TAB: Tab = Tab {
    title: "Egress Files",
    things: "files",
    home: "is:mine",
    order: "longest waiting first",
    columns: COLUMNS,
    cell,
    name,
    caption,
    detail,
    why_not,
    targets,
    statement,
    undecided,
    held,
    changed,
};

fn item(row: &Row) -> &EgressItem {
    let Item::Egress(item) = &row.item;
    item
}

/// Names from the directory of people are shown like anything else that was typed once.
fn safe(text: &str) -> String {
    shown(&Untrusted::new(text))
}

fn name(row: &Row) -> String {
    shown(&item(row).key)
}

fn kind(item: &EgressItem) -> String {
    let media = item.media_type.as_deref().unwrap_or("");
    let last = item.key.raw().rsplit('/').next().unwrap_or("");
    match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (1..=6).contains(&ending.len()) => safe(&ending.to_lowercase()),
        _ => safe(media.rsplit('/').next().unwrap_or("")),
    }
}

fn open_findings(item: &EgressItem) -> Vec<&crate::domain::egress::Finding> {
    let mut open: Vec<_> = item.findings.iter().filter(|finding| finding.state != FindingState::Waived).collect();
    open.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    open
}

fn cell(row: &Row, column: usize, now: DateTime<Tz>) -> Cell {
    let item = item(row);
    let over = item.state.is_final();
    let tone = if over { Tone::Dim } else { Tone::Plain };
    let text = match column {
        0 if over => String::new(),
        0 => waited(now.to_utc() - item.submitted_at),
        1 => safe(&item.project),
        2 => name(row),
        3 => human_size(item.size),
        4 => kind(item),
        5 => item.submitted_by.as_deref().map_or_else(|| "unknown".into(), safe),
        6 => return Cell { text: votes_cell(item, now), tone: state_tone(item.state) },
        _ => return findings_cell(item),
    };
    Cell { text, tone }
}

fn state_tone(state: CaseState) -> Tone {
    match state {
        CaseState::Pending => Tone::Plain,
        CaseState::Approved | CaseState::Releasing => Tone::Good,
        CaseState::ChangesRequested | CaseState::Blocked => Tone::Warn,
        CaseState::Altered | CaseState::Recalled => Tone::Stop,
        CaseState::Released | CaseState::Rejected | CaseState::Withdrawn | CaseState::Superseded => Tone::Dim,
    }
}

fn state_words(state: CaseState) -> String {
    state.name().replace('_', " ")
}

fn votes_cell(item: &EgressItem, now: DateTime<Tz>) -> String {
    let one = |(name, view): (&String, &DestinationView)| match view.state {
        CaseState::Pending => format!("{}/{} {}", view.count, view.required, safe(name)),
        CaseState::Approved => match view.held_until.map(|until| (until - now.to_utc()).num_seconds()) {
            Some(left) if left > 0 => format!("approved, {left} s"),
            _ => "approved".into(),
        },
        CaseState::ChangesRequested => "changes asked".into(),
        state => format!("{} {}", state_words(state), safe(name)),
    };
    if item.destinations.is_empty() {
        return state_words(item.state);
    }
    item.destinations.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn findings_cell(item: &EgressItem) -> Cell {
    let open = open_findings(item);
    let Some(first) = open.first() else { return Cell::default() };
    let rule = safe(&first.rule).replace('_', " ");
    let text = if open.len() == 1 { rule } else { format!("{}: {rule}", open.len()) };
    let tone = match first.severity {
        Severity::Stop => Tone::Stop,
        Severity::Warn => Tone::Warn,
        Severity::Note => Tone::Dim,
    };
    Cell { text, tone }
}

fn caption(row: &Row) -> String {
    let item = item(row);
    let hash = item.sha256.as_deref().map_or_else(|| "not read".into(), short_sha);
    let newest = if item.newest { "" } else { ", not the newest" };
    format!("{hash} · version {}{newest}", item.version)
}

fn from_whom(item: &EgressItem) -> String {
    match (&item.submitted_by, &item.submitted_by_name) {
        (Some(login), Some(full)) if !full.is_empty() => format!("{} ({})", safe(login), shown(full)),
        (Some(login), _) => safe(login),
        (None, _) => "someone unknown".into(),
    }
}

fn detail(row: &Row, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
    let item = item(row);
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
    }
    let (can, not) = may(item);
    lines.extend(can);
    if let Some(login) = item.claimed_by.as_ref().filter(|_| item.claimed_until > Some(now.to_utc())) {
        lines.push(Fact::new("Taken", format!("{} is looking at it", safe(login))));
    }
    let mut label = "Findings";
    for finding in open_findings(item) {
        let place = if finding.place.is_empty() { String::new() } else { format!("{}: ", shown(&finding.place)) };
        let tone = if finding.severity == Severity::Stop { Tone::Stop } else { Tone::Warn };
        lines.push(Fact::new(label, format!("{place}{}", shown(&finding.sentence))).tone(tone));
        label = "";
    }
    lines.extend(facts.map(|facts| said(facts, now)).unwrap_or_default());
    lines.extend(not);
    let media = item.media_type.as_deref().map_or_else(String::new, |media| format!(", {}", safe(media)));
    lines
        .push(Fact::new("File", format!("id {}, submission {}, {} bytes{media}", item.id, item.submission, item.size)));
    if let Some(hash) = &item.sha256 {
        lines.push(Fact::new("sha256", long_hash(hash)).tone(Tone::Dim));
    }
    lines
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
];

/// What may be done; and what not, with each reason once.
fn may(item: &EgressItem) -> (Option<Fact>, Vec<Fact>) {
    let mut can = Vec::new();
    let mut not: Vec<(String, Vec<&str>)> = Vec::new();
    for (command, words) in COMMANDS {
        match reason(item, command) {
            None => can.push(*words),
            Some(refusal) => {
                let text = refusal_shown(&refusal);
                match not.iter_mut().find(|(have, _)| *have == text) {
                    Some((_, all)) => all.push(words),
                    None => not.push((text, vec![words])),
                }
            }
        }
    }
    let can = (!can.is_empty()).then(|| Fact::new("You may", can.join(" · ")).tone(Tone::Good));
    let mut lines = Vec::new();
    let mut label = "Not yet";
    for (text, words) in not {
        lines.push(Fact::new(label, format!("{}: {text}", words.join(", "))).tone(Tone::Dim));
        label = "";
    }
    (can, lines)
}

fn said(facts: &Facts, now: DateTime<Tz>) -> Vec<Fact> {
    let mut lines = Vec::new();
    let mut label = "Votes";
    for vote in &facts.votes {
        let did = match vote.kind.as_str() {
            "approve" => "approved",
            "reject" => "rejected",
            "changes" => "asked for changes",
            other => other,
        };
        let comment = if vote.comment.is_empty() { String::new() } else { format!(": {}", shown(&vote.comment)) };
        let counts = if vote.counted { "" } else { " (does not count now)" };
        let (who, dest, at) =
            (safe(&vote.voter), safe(&vote.destination), day_time(vote.at, now.to_utc(), now.timezone()));
        lines.push(Fact::new(label, format!("{who} {} for {dest}, {at}{counts}{comment}", safe(did))));
        label = "";
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

fn reason(item: &EgressItem, command: &str) -> Option<Refusal> {
    let mut first = None;
    for view in item.destinations.values() {
        match view.why_not.get(command) {
            Some(None) => return None,
            Some(Some(refusal)) if first.is_none() => first = Some(refusal.clone()),
            _ => {}
        }
    }
    first.or_else(|| {
        let why = item.blocked_reason.as_ref().map_or("nothing waits to be decided here", |why| why.raw());
        Some(Refusal { code: "not_pending".into(), message: format!("This is not possible now: {why}.") })
    })
}

fn why_not(row: &Row, command: &str) -> Option<Refusal> {
    reason(item(row), command)
}

fn targets(row: &Row, command: &str) -> Vec<Target> {
    let item = item(row);
    let open = item.destinations.iter().filter(|(_, view)| matches!(view.why_not.get(command), Some(None)));
    open.map(|(destination, _)| Target {
        id: row.id,
        seen: row.version,
        destination: destination.clone(),
        sha256: item.sha256.clone().unwrap_or_default(),
        name: item.key.clone(),
    })
    .collect()
}

fn statement(row: &Row, target: &Target, verdict: Verdict, _now: DateTime<Tz>) -> Vec<Fact> {
    let item = item(row);
    let head = format!("{}  {}  {}  {}", name(row), human_size(item.size), safe(&item.project), from_whom(item));
    let newest = if item.newest { "the newest at its name" } else { "not the newest at its name" };
    let mut lines = vec![
        Fact::new("File", head),
        Fact::new("Bytes", format!("id {}, version {}, {newest}", item.id, item.version)),
        Fact::new("sha256", long_hash(&target.sha256)),
    ];
    let open = open_findings(item);
    if open.is_empty() {
        lines.push(Fact::new("Findings", "none are open"));
    }
    for (n, finding) in open.iter().take(3).enumerate() {
        let more = if n == 2 && open.len() > 3 { format!(" (and {} more)", open.len() - 3) } else { String::new() };
        let label = if n == 0 { "Findings" } else { "" };
        lines.push(Fact::new(label, format!("{}{more}", shown(&finding.sentence))).tone(Tone::Warn));
    }
    lines.push(Fact::new("Then", outcome(item, target, verdict)));
    lines
}

/// What the verdict will bring about.
fn outcome(item: &EgressItem, target: &Target, verdict: Verdict) -> String {
    let dest = safe(&target.destination);
    let Some(view) = item.destinations.get(&target.destination) else { return String::new() };
    let researcher = item.submitted_by.as_deref().map_or_else(|| "its submitter".into(), safe);
    match verdict {
        Verdict::Approve => {
            let with = view.count + 1;
            let required = view.required;
            if with >= required {
                format!(
                    "with yours it has {with} of {required} for {dest}: held for a moment (u undoes it), then released"
                )
            } else {
                let more = count(usize::try_from(required - with).unwrap_or(0), "approval");
                format!("with yours it has {with} of {required} for {dest}: {more} more needed")
            }
        }
        Verdict::Reject => format!("your rejection for {dest} is kept with its reason; {researcher} reads it"),
        Verdict::Changes => {
            format!("it goes back to {researcher} with your reason; a newer version starts with no votes")
        }
        Verdict::Withdraw => format!("nobody can decide on it for {dest} any more; submit it again to ask again"),
    }
}

fn undecided(row: &Row, me: &str) -> bool {
    item(row).destinations.values().any(|view| {
        view.state == CaseState::Pending
            && matches!(view.why_not.get("approve"), Some(None))
            && !view.by.iter().any(|login| login == me)
    })
}

fn held(row: &Row) -> Option<DateTime<Utc>> {
    let views = item(row).destinations.values();
    views.filter(|view| view.state == CaseState::Approved).filter_map(|view| view.held_until).max()
}
