//! The detail of the Access Grants tab: one grant, and whether its person has access to its dataset now.

use chrono::DateTime;
use chrono_tz::Tz;

use super::super::access::{
    access_now, committee, dataset, history, live_grants, may, other_requests, period, person, state_tone,
};
use super::super::words::safe;
use super::columns::origin;
use crate::domain::access::{Grant, GrantState, PairFacts};
use crate::text::{day_time, shown};
use crate::tui::app::state::facts::Facts;
use crate::tui::app::words::{Fact, Tone};

/// Commands as the detail lists them: name in the database's answers, words.
const COMMANDS: &[(&str, &str)] = &[("amend", "shorten or extend"), ("revoke", "revoke")];

/// The facts of a grant.
pub fn detail(item: &Grant, facts: Option<&Facts>, now: DateTime<Tz>) -> Vec<Fact> {
    let zone = now.timezone();
    let access = facts.and_then(|facts| facts.more::<PairFacts>());
    let gone = if item.user_removed { ", no longer active" } else { "" };
    let mail = item.user_email.as_ref().map_or_else(String::new, |mail| format!(", mail {}", shown(mail)));
    let mut lines = vec![
        access_now(access, zone),
        Fact::new("Grant", state(item, now)).tone(state_tone(item.state)),
        Fact::new("Person", format!("{}{gone}{mail}", person(&item.user_name, &item.login))),
        Fact::new("Dataset", dataset(&item.dataset_id, &item.dataset_title, item.dataset_removed)),
        Fact::new("Period", period(item.valid_from, item.valid_until, item.last_day, zone)),
    ];
    let by = item.internal.as_ref().map_or_else(String::new, |inside| format!(", by {}", safe(&inside.created_by)));
    let given = day_time(item.created, now.to_utc(), zone);
    let from = if item.request.is_some() { format!("request {}", origin(item)) } else { origin(item) };
    lines.push(Fact::new("Given", format!("{given}{by}, {from}")));
    let (can, not) = may(&item.why_not, COMMANDS);
    if item.internal.is_some() {
        lines.extend(can);
    }
    if let Some(access) = access {
        lines.extend(live_grants(access, zone));
        lines.extend(other_requests(access, item.request.map(|request| request.0), zone));
    }
    lines.extend(facts.map(|facts| history(&facts.history, now)).unwrap_or_default());
    if item.internal.is_some() {
        lines.extend(not);
    }
    lines.push(Fact::new("Committee", committee(&item.dac_alias, &item.dac_email)));
    let iva = item.iva_id.map_or_else(|| "none is named".to_owned(), |iva| iva.to_string());
    lines.push(Fact::new("IVA", iva).tone(Tone::Dim));
    lines
}

fn state(item: &Grant, now: DateTime<Tz>) -> String {
    let zone = now.timezone();
    match (item.state, item.revoked_at) {
        (GrantState::Revoked, Some(at)) => {
            let inside = item.internal.as_ref();
            let who = inside.and_then(|inside| inside.revoked_by.as_deref());
            let who = who.map_or_else(String::new, |who| format!(" by {}", safe(who)));
            let class = inside.and_then(|inside| inside.revoke_class);
            let class = class.map_or_else(String::new, |class| format!(", {class}"));
            let why = inside.and_then(|inside| inside.revoke_reason.as_ref());
            let why = why.map_or_else(String::new, |why| format!(": {}", shown(why)));
            format!("revoked {}{who}{class}{why}", day_time(at, now.to_utc(), zone))
        }
        (state, _) => state.to_string(),
    }
}
