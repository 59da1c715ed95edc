//! What the Access Requests and Access Grants tabs say alike: people, datasets, periods, histories, whether there is access.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::words::{self, count, safe};
use crate::domain::access::{AccessCheck, AccessRequest, Grant, GrantState, PairFacts, RequestStatus, WhyNot};
use crate::domain::query::{self, When};
use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, day_time, full_time, shown};
use crate::tui::app::actions::refusal_shown;
use crate::tui::app::row::Target;
use crate::tui::app::state::facts::{Comment, HistoryLine};
use crate::tui::app::words::{Fact, Tone};

/// `30 Apr 2027`: a day with its year, in the site's or the person's zone.
pub fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y").to_string()
}

/// An end as a day: the one it is the end of, else the one it lies in.
pub fn until(at: DateTime<Utc>, last_day: Option<NaiveDate>, zone: Tz) -> String {
    last_date(at, last_day, zone).format("%-d %b %Y").to_string()
}

fn last_date(at: DateTime<Utc>, last_day: Option<NaiveDate>, zone: Tz) -> NaiveDate {
    last_day.unwrap_or_else(|| at.with_timezone(&zone).date_naive())
}

/// An end in a dialog: the whole day where it is one's end, else the moment.
pub fn end_time(at: DateTime<Utc>, zone: Tz) -> String {
    query::last_day(at, zone)
        .map_or_else(|| full_time(at, zone), |day| format!("the end of {}", day.format("%-d %b %Y")))
}

/// An end as it is typed: the day alone where it is the day's end.
pub fn typed_end(at: DateTime<Utc>, zone: Tz) -> String {
    query::last_day(at, zone).map_or_else(|| at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), |day| day.to_string())
}

/// How many days are left, as the calendar counts.
pub fn left(now: DateTime<Tz>, at: DateTime<Utc>, last_day: Option<NaiveDate>) -> usize {
    let days = (last_date(at, last_day, now.timezone()) - now.date_naive()).num_days();
    usize::try_from(days).unwrap_or(0)
}

/// A beginning as it is typed: the day alone where it is the day's.
pub fn typed(at: DateTime<Utc>, zone: Tz) -> String {
    let day = at.with_timezone(&zone).date_naive();
    if When::Day(day).at(zone) == at { day.to_string() } else { at.format("%Y-%m-%dT%H:%M:%SZ").to_string() }
}

/// How many days a period has, counted from date to date as the person reads them.
pub fn days(from: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> usize {
    let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    usize::try_from((date(until) - date(from)).num_days()).unwrap_or(0)
}

/// `21 Nov 2026 to 21 Nov 2027, 365 days`; a last day that belongs to it whole is counted.
pub fn period(from: DateTime<Utc>, to: DateTime<Utc>, last_day: Option<NaiveDate>, zone: Tz) -> String {
    let begins = from.with_timezone(&zone).date_naive();
    let days = (last_date(to, last_day, zone) - begins).num_days() + i64::from(last_day.is_some());
    let days = count(usize::try_from(days).unwrap_or(0), "day");
    format!("{} to {}, {days}", day(from, zone), until(to, last_day, zone))
}

/// Name and login: `Rosa Ek (researcher1)`.
pub fn person(name: &Untrusted, login: &str) -> String {
    if name.is_empty() { safe(login) } else { format!("{} ({})", shown(name), safe(login)) }
}

/// Accession and title, and whether it is gone.
pub fn dataset(accession: &str, title: &Untrusted, removed: bool) -> String {
    let gone = if removed { ", no longer offered" } else { "" };
    format!("{} {}{gone}", safe(accession), shown(title))
}

/// The committee and where it is written to.
pub fn committee(alias: &Untrusted, mail: &Untrusted) -> String {
    match (alias.is_empty(), mail.is_empty()) {
        (true, true) => "none is named".into(),
        (_, true) => shown(alias),
        _ => format!("{} <{}>", shown(alias), shown(mail)),
    }
}

pub fn status_tone(status: RequestStatus) -> Tone {
    match status {
        RequestStatus::Pending => Tone::Plain,
        RequestStatus::Allowed => Tone::Good,
        RequestStatus::Denied => Tone::Dim,
    }
}

pub fn state_tone(state: GrantState) -> Tone {
    match state {
        GrantState::Active => Tone::Good,
        GrantState::Upcoming => Tone::Plain,
        GrantState::Expired => Tone::Dim,
        GrantState::Revoked => Tone::Stop,
    }
}

/// `yes, until 30 Apr 2027 (grant 25)` or `no: Grant 18 was revoked at ...`.
pub fn access_words(check: &AccessCheck, zone: Tz) -> (Tone, String) {
    let by = |check: &AccessCheck| {
        let ids: Vec<String> = check.grants.iter().take(3).map(|grant| format!("grant {grant}")).collect();
        let more = if check.grants.len() > 3 { format!(" and {} more", check.grants.len() - 3) } else { String::new() };
        format!("{}{more}", ids.join(", "))
    };
    match (&check.why_not, check.until) {
        (None, Some(until)) if check.access => {
            (Tone::Good, format!("yes, until {} ({})", self::until(until, check.last_day, zone), by(check)))
        }
        (Some(why), _) => (Tone::Stop, format!("no: {}", refusal_shown(why))),
        _ => (Tone::Stop, "no".into()),
    }
}

/// Whether there is access, with the day its end is, which the grant that gives it knows.
pub fn check_of(facts: &PairFacts) -> Option<AccessCheck> {
    let check = facts.check.clone()?;
    let last =
        facts.grants.iter().find(|grant| check.grants.contains(&grant.id) && Some(grant.valid_until) == check.until);
    Some(AccessCheck { last_day: last.and_then(|grant| grant.last_day), ..check })
}

/// The line that answers "has this person access to this dataset now".
pub fn access_now(facts: Option<&PairFacts>, zone: Tz) -> Fact {
    let (tone, text) = match facts.and_then(check_of) {
        None => (Tone::Dim, "asking ...".into()),
        Some(check) => access_words(&check, zone),
    };
    Fact::new("Access", format!("now: {text}")).tone(tone)
}

/// A row's own answer to a command.
pub fn reason(why_not: &WhyNot, command: &str) -> Option<Refusal> {
    match why_not.get(command) {
        Some(refusal) => refusal.clone(),
        // To look is no command.
        None if command == "read" => None,
        // What the row does not speak of is not offered.
        None => Some(Refusal {
            code: "forbidden".to_owned(),
            message: "The database does not say that you may: use the exeat it was migrated with.".to_owned(),
        }),
    }
}

/// What may be done; and what not, with each reason once.
pub fn may(why_not: &WhyNot, commands: &[(&str, &'static str)]) -> (Option<Fact>, Vec<Fact>) {
    words::may("Not now", commands.iter().map(|(command, words)| (*words, reason(why_not, command))))
}

/// The row as the target of a command; none where it is not possible.
pub fn targets(why_not: &WhyNot, command: &str, target: Target) -> Vec<Target> {
    reason(why_not, command).is_none().then_some(target).into_iter().collect()
}

/// A text of several lines under one label; each of its lines is shown by itself, so that a written `\n` and a line end
/// stay two things.
pub fn text_lines(label: &'static str, text: &Untrusted, tone: Tone) -> Vec<Fact> {
    let lines = text.raw().split('\n').enumerate();
    lines.map(|(n, line)| Fact::new(if n == 0 { label } else { "" }, safe(line)).tone(tone)).collect()
}

/// What happened, oldest first; who did it only where the reader may know.
pub fn history(steps: &[HistoryLine], now: DateTime<Tz>) -> Vec<Fact> {
    let line = |(n, step): (usize, &HistoryLine)| {
        let who = if step.who.is_empty() { String::new() } else { format!("{} ", safe(&step.who)) };
        let said = if step.said.is_empty() { String::new() } else { format!(": {}", shown(&step.said)) };
        let at = day_time(step.at, now.to_utc(), now.timezone());
        Fact::new(if n == 0 { "History" } else { "" }, format!("{at}  {who}{}{said}", shown(&step.did)))
            .tone(if step.changed { Tone::Plain } else { Tone::Dim })
    };
    steps.iter().enumerate().map(line).collect()
}

/// What stewards said among themselves.
pub fn comments(comments: &[Comment], now: DateTime<Tz>) -> Vec<Fact> {
    let mut lines = Vec::new();
    for comment in comments {
        let label = if lines.is_empty() { "Comments" } else { "" };
        let head = format!("{}, {}: ", safe(&comment.author), day_time(comment.at, now.to_utc(), now.timezone()));
        for (n, line) in comment.body.raw().split('\n').enumerate() {
            let text = if n == 0 { format!("{head}{}", safe(line)) } else { safe(line) };
            lines.push(Fact::new(if n == 0 { label } else { "" }, text));
        }
    }
    lines
}

/// The person's other requests for the dataset.
pub fn other_requests(facts: &PairFacts, but: Option<i64>, zone: Tz) -> Vec<Fact> {
    let others = facts.requests.iter().filter(|request| Some(request.id.0) != but);
    let line = |(n, request): (usize, &AccessRequest)| {
        let asked = day(request.request_created, zone);
        let text = format!("request {} of {asked}: {}", request.id, request.status);
        Fact::new(if n == 0 { "Also asked" } else { "" }, text).tone(status_tone(request.status))
    };
    some(others.enumerate().map(line).collect(), facts.requests.len())
}

/// The grants of the person on the dataset that are or will be valid; how many are over.
pub fn live_grants(facts: &PairFacts, zone: Tz) -> Vec<Fact> {
    let live = |grant: &&Grant| matches!(grant.state, GrantState::Active | GrantState::Upcoming);
    let line = |(n, grant): (usize, &Grant)| {
        let text = format!(
            "grant {}: {}, {}",
            grant.id,
            grant.state,
            period(grant.valid_from, grant.valid_until, grant.last_day, zone)
        );
        Fact::new(if n == 0 { "Grants" } else { "" }, text).tone(state_tone(grant.state))
    };
    let mut lines: Vec<Fact> = facts.grants.iter().filter(live).enumerate().map(line).collect();
    let over = facts.grants.len() - lines.len();
    if lines.is_empty() {
        lines.push(Fact::new("Grants", "none is valid now or later").tone(Tone::Dim));
    }
    let mut lines = some(lines, facts.grants.len());
    if over > 0 {
        lines.push(Fact::new("", format!("{} over (expired or revoked)", count(over, "grant"))).tone(Tone::Dim));
    }
    lines
}

/// The first few lines, and how many there are.
fn some(mut lines: Vec<Fact>, all: usize) -> Vec<Fact> {
    const FEW: usize = 6;
    if lines.len() > FEW {
        let more = lines.len() - FEW;
        lines.truncate(FEW);
        lines.push(Fact::new("", format!("and {more} more, of {all} in all")).tone(Tone::Dim));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_does_not_speak_of_is_not_offered() {
        let mut why_not = WhyNot::new();
        assert!(reason(&why_not, "read").is_none(), "to look is no command");
        assert_eq!(reason(&why_not, "revoke").unwrap().code, "forbidden");
        why_not.insert("revoke".into(), None);
        assert!(reason(&why_not, "revoke").is_none());
    }
}
