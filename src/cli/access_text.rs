//! Requests and grants for people. Every stranger's text goes through `shown`. Used by `requests` and `grants`;
//! `permits` shares some of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::answers::plain;
use super::output::table;
use super::{exit, output};
use crate::domain::access::{AccessCheck, AccessRequest, Grant, RequestStatus, WhyNot};
use crate::domain::facts::Comment;
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown, shown_lines, waited};

/// Who decided, to whom it is not told.
pub const UNNAMED: &str = "a steward";

/// Prints the answer to a command that made something, with its id.
///
/// # Errors
/// The refusal; see [`output::line`].
pub fn made(answer: Answer, what: &str, as_json: bool) -> anyhow::Result<u8> {
    let answer = answer.into_result()?;
    if as_json {
        output::json(&json!({
            "id": answer.data[what], "ok": true, "code": answer.code, "message": answer.sentence,
            "row_version": answer.version, "data": answer.data,
        }))?;
    } else {
        output::line(&plain(&answer.sentence))?;
    }
    Ok(exit::OK)
}

/// A table of requests.
pub fn requests(items: &[AccessRequest], now: DateTime<Utc>) -> String {
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            let waits = match item.status {
                RequestStatus::Pending if item.is_overdue(now) => {
                    format!("{}, overdue", waited(now - item.request_created))
                }
                RequestStatus::Pending => waited(now - item.request_created),
                _ => String::new(),
            };
            vec![
                item.id.to_string(),
                item.status.to_string(),
                waits,
                plain(&item.login),
                plain(&item.dataset_id),
                day(item.access_starts),
                until_day(item.access_ends, item.last_day),
                item.internal
                    .as_ref()
                    .and_then(|internal| internal.claimed_by.as_deref())
                    .map_or_else(String::new, plain),
                titled(&item.dataset_title, item.dataset_removed),
            ]
        })
        .collect();
    table(&["ID", "STATUS", "WAITS", "FROM", "DATASET", "STARTS", "ENDS", "CLAIMED", "TITLE"], &rows)
}

/// One request with everything about it.
pub fn request(item: &AccessRequest, comments: &[Comment], now: DateTime<Utc>) -> String {
    let mut lines = vec![format!("Access request {}: {}", item.id, item.status)];
    let mut fact = |name: &str, text: String| lines.push(format!("  {name:<15}{text}"));
    fact("person", format!("{} ({}), {}", plain(&item.login), shown(&item.full_user_name), shown(&item.email)));
    let gone = if item.dataset_removed { ", no longer offered" } else { "" };
    fact("dataset", format!("{}, {}{gone}", plain(&item.dataset_id), shown(&item.dataset_title)));
    fact("committee", format!("{} {}", shown(&item.dac_alias), shown(&item.dac_email)));
    fact("period", format!("{} to {}", time(item.access_starts), until(item.access_ends, item.last_day)));
    let overdue = if item.is_overdue(now) { ", overdue" } else { "" };
    fact("sent", format!("{}, to be decided by {}{overdue}", time(item.request_created), time(item.due)));
    if let Some(at) = item.status_changed {
        let by = item.internal.as_ref().and_then(|internal| internal.changed_by.as_deref());
        fact("decided", format!("{}{}", time(at), by.map_or_else(String::new, |by| format!(" by {}", plain(by)))));
    }
    if let Some(grant) = item.grant {
        fact("grant", grant.to_string());
    }
    let mut text = |name: &str, text: Option<&Untrusted>| {
        if let Some(text) = text {
            fact(name, shown(text));
        }
    };
    text("ticket", item.ticket_id.as_ref());
    text("note to them", item.note_to_requester.as_ref());
    if let Some(internal) = &item.internal {
        text("internal note", internal.internal_note.as_ref());
        if let (Some(by), Some(until)) = (&internal.claimed_by, internal.claimed_until) {
            fact("claimed", format!("by {} until {}", plain(by), until.format("%H:%M UTC")));
        }
        for iva in &internal.ivas {
            let state = if iva.verified { "verified" } else { "not verified" };
            fact("IVA", format!("{} ({}), {state}", iva.id, plain(&iva.kind)));
        }
    }
    lines.extend(may(&item.why_not));
    for comment in comments {
        let at = comment.at.format("%Y-%m-%d %H:%M");
        lines.push(format!("  {at} {}: {}", plain(&comment.author), shown(&comment.body)));
    }
    lines.push(String::new());
    lines.extend(shown_lines(&item.request_text));
    lines.join("\n")
}

/// A table of grants.
pub fn grants(items: &[Grant]) -> String {
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            vec![
                item.id.to_string(),
                item.state.to_string(),
                plain(&item.login),
                plain(&item.dataset_id),
                day(item.valid_from),
                until_day(item.valid_until, item.last_day),
                item.request.map_or_else(|| "by hand".to_owned(), |request| format!("request {request}")),
                titled(&item.dataset_title, item.dataset_removed),
            ]
        })
        .collect();
    table(&["ID", "STATE", "PERSON", "DATASET", "FROM", "UNTIL", "ORIGIN", "TITLE"], &rows)
}

/// One grant, and what access its person has by all of them.
pub fn grant(item: &Grant, check: &AccessCheck) -> String {
    let mut lines = vec![format!("Grant {}: {}", item.id, item.state)];
    let mut fact = |name: &str, text: String| lines.push(format!("  {name:<15}{text}"));
    let removed = if item.user_removed { ", no longer active" } else { "" };
    fact("person", format!("{} ({}){removed}", plain(&item.login), shown(&item.user_name)));
    let gone = if item.dataset_removed { ", no longer offered" } else { "" };
    fact("dataset", format!("{}, {}{gone}", plain(&item.dataset_id), shown(&item.dataset_title)));
    fact("valid", format!("{} to {}", time(item.valid_from), until(item.valid_until, item.last_day)));
    let by = item.internal.as_ref().map_or_else(String::new, |internal| format!(" by {}", plain(&internal.created_by)));
    let origin = item.request.map_or_else(|| "by hand".to_owned(), |request| format!("from request {request}"));
    fact("given", format!("{}{by}, {origin}", time(item.created)));
    if let Some(at) = item.revoked_at {
        let why = item.internal.as_ref().map_or_else(String::new, |internal| {
            let class = internal.revoke_class.map_or_else(String::new, |class| format!(", {class}"));
            let reason =
                internal.revoke_reason.as_ref().map_or_else(String::new, |reason| format!(": {}", shown(reason)));
            format!(" by {}{class}{reason}", plain(internal.revoked_by.as_deref().unwrap_or("-")))
        });
        fact("revoked", format!("{}{why}", time(at)));
    }
    fact("access now", self::check(check));
    lines.extend(may(&item.why_not));
    lines.join("\n")
}

/// `yes, until …`, or why not.
pub fn check(check: &AccessCheck) -> String {
    match (check.until, &check.why_not) {
        (Some(until), _) => {
            let grants: Vec<String> = check.grants.iter().map(ToString::to_string).collect();
            format!("yes, until {} (grants {})", self::until(until, check.last_day), grants.join(", "))
        }
        (None, Some(why)) => format!("no. {}", plain(&why.message)),
        (None, None) => "no.".to_owned(),
    }
}

/// A title, marked where the dataset is gone.
fn titled(title: &Untrusted, removed: bool) -> String {
    let gone = if removed { " (no longer offered)" } else { "" };
    format!("{}{gone}", shown(title))
}

/// What may be done, and what not.
pub fn may(why_not: &WhyNot) -> Vec<String> {
    let may: Vec<&str> = why_not.iter().filter(|(_, why)| why.is_none()).map(|(command, _)| command.as_str()).collect();
    let mut lines = Vec::new();
    if !may.is_empty() {
        lines.push(format!("  {:<15}{}", "you may", plain(&may.join(", "))));
    }
    for (command, why) in why_not {
        if let Some(why) = why {
            lines.push(format!("  {:<15}{}: {}", "not", plain(command), plain(&why.message)));
        }
    }
    lines
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// An end: as the day it is the end of, where it is one's.
pub fn until(at: DateTime<Utc>, last_day: Option<NaiveDate>) -> String {
    last_day.map_or_else(|| time(at), |day| day.to_string())
}

/// The day of an end, for tables.
pub fn until_day(at: DateTime<Utc>, last_day: Option<NaiveDate>) -> String {
    last_day.map_or_else(|| day(at), |day| day.to_string())
}

/// A moment.
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
