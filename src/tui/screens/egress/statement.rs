//! What a dialog says before a verdict on an egress file: which bytes, what was found in them, what will come of it.

use super::super::words::{count, long_hash};
use super::detail::from_whom;
use super::{open_findings, safe, state_words};
use crate::domain::case::CaseState;
use crate::domain::egress::{EgressItem, Finding, Severity};
use crate::text::{human_size, shown};
use crate::tui::app::actions::Verdict;
use crate::tui::app::row::Target;
use crate::tui::app::words::{Fact, Tone};

/// The lines of a dialog about one destination of the file.
pub fn statement(item: &EgressItem, target: &Target, verdict: Verdict) -> Vec<Fact> {
    let head = format!("{}  {}  {}  {}", shown(&item.key), human_size(item.size), safe(&item.project), from_whom(item));
    let newest = if item.newest { "the newest at its name" } else { "not the newest at its name" };
    let mut lines = vec![
        Fact::new("For", stands(item, target)),
        Fact::new("File", head),
        Fact::new("Bytes", format!("id {}, version {}, {newest}", item.id, item.version)),
        Fact::new("sha256", long_hash(&target.sha256)),
    ];
    lines.extend(findings(item));
    lines.push(Fact::new("Then", outcome(item, target, verdict)));
    lines
}

/// The destination and how far the file is there: `trusted, with 1 of 2 approvals (checker2)`.
fn stands(item: &EgressItem, target: &Target) -> String {
    let dest = safe(&target.destination);
    let Some(view) = item.destinations.get(&target.destination) else { return dest };
    let by: Vec<String> = view.by.iter().map(|login| safe(login)).collect();
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    let approvals = count(usize::try_from(view.required).unwrap_or(0), "approval");
    match view.state {
        CaseState::Pending => format!("{dest}, with {} of {approvals}{by}", view.count),
        state => format!("{dest}, {}, with {} of {approvals}{by}", state_words(state), view.count),
    }
}

/// The open findings, a line for each rule: where, and if there is only one, what it says.
fn findings(item: &EgressItem) -> Vec<Fact> {
    const RULES: usize = 3;
    const PLACES: usize = 4;
    let open = open_findings(item);
    let Some(worst) = open.first() else { return vec![Fact::new("Findings", "none are open")] };
    let (total, tone) = (open.len(), if worst.severity == Severity::Note { Tone::Plain } else { Tone::Warn });
    let mut rules: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in open {
        match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, all)) => all.push(finding),
            None => rules.push((&finding.rule, vec![finding])),
        }
    }
    let (only, left) = (rules.len() == 1, rules.len().saturating_sub(RULES));
    let mut lines = Vec::new();
    for (rule, all) in rules.into_iter().take(RULES) {
        let rule = safe(rule).replace('_', " ");
        let mut places: Vec<String> =
            all.iter().filter(|one| !one.place.is_empty()).take(PLACES).map(|one| shown(&one.place)).collect();
        if all.len() > PLACES {
            places.push(format!("and {} more", all.len() - PLACES));
        }
        let place = if places.is_empty() { String::new() } else { format!(", {}", places.join("; ")) };
        let text = match all.as_slice() {
            [one] => format!("{rule}{place}: {}", shown(&one.sentence)),
            _ if only => format!("{rule}{place}"),
            many => format!("{rule} {} times{place}", many.len()),
        };
        lines.push(text);
    }
    if left > 0 {
        lines.push(format!("and of {left} more kinds: the detail lists them"));
    }
    let head = format!("{} open: {}", if total == 1 { "1 is".into() } else { format!("{total} are") }, lines.remove(0));
    let rest = lines.into_iter().map(|text| Fact::new("", text).tone(tone));
    std::iter::once(Fact::new("Findings", head).tone(tone)).chain(rest).collect()
}

/// A hold in the largest unit that says it exactly: `30 s`, `5 min`, `2 h`.
fn seconds(held: i32) -> String {
    match held {
        _ if held >= 7200 && held % 3600 == 0 => format!("{} h", held / 3600),
        _ if held >= 120 && held % 60 == 0 => format!("{} min", held / 60),
        _ => format!("{held} s"),
    }
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
                match view.hold_seconds {
                    Some(0) => format!("with yours it has {with} of {required} for {dest}: it is released at once"),
                    Some(held) => format!(
                        "with yours it has {with} of {required} for {dest}: it is released in {} unless undone (u)",
                        seconds(held)
                    ),
                    None => format!("with yours it has {with} of {required} for {dest}: it is held, then released"),
                }
            } else {
                let more = count(usize::try_from(required - with).unwrap_or(0), "approval");
                format!("with yours it has {with} of {required} for {dest}: {more} more needed")
            }
        }
        Verdict::Reject => format!("your rejection for {dest} is kept with its reason; {researcher} reads it"),
        Verdict::Changes => {
            format!("it goes back to {researcher} with your reason; a newer version starts with no votes")
        }
        Verdict::Recall => format!(
            "downloads for {dest} stop at once, the shared copy is taken away, and you are told who has it already; two people can open it for votes again, from none"
        ),
        Verdict::Restore => match &view.restore_by {
            Some(first) => format!(
                "{} proposed it and you are the second: it waits for votes for {dest} again, and none of before counts",
                safe(first)
            ),
            None => format!("you propose it for {dest}; it stays recalled until a second person confirms"),
        },
        Verdict::Withdraw => format!(
            "you no longer ask for {dest}; if nobody else submitted these bytes, nobody can decide on them any more"
        ),
    }
}
