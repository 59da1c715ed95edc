//! What exactly amending or revoking a grant will change, and what access remains after it.

use chrono_tz::Tz;

use super::super::access::{day, days, person, safe};
use super::super::words::count;
use crate::domain::access::{Grant, GrantState};
use crate::domain::command::Command;
use crate::text::{full_time, shown};
use crate::tui::app::layers::AccessFacts;
use crate::tui::app::tab::{Fact, Plan, Tone};

/// The plan for one grant.
pub fn plan(item: &Grant, plan: &Plan) -> Vec<Fact> {
    let zone = plan.rules.zone;
    if plan.short {
        let head = format!("{}: {} on {}", item.id, safe(&item.login), safe(&item.dataset_id));
        return vec![Fact::new("", format!("{head}, {} until {}", item.state, day(item.valid_until, zone)))];
    }
    let mut facts = vec![
        Fact::new("Person", person(&item.user_name, &item.login)),
        Fact::new("Dataset", format!("{} {}", safe(&item.dataset_id), shown(&item.dataset_title))),
        Fact::new("Grant", format!("{}, {}, until {}", item.id, item.state, full_time(item.valid_until, zone))),
    ];
    let mail = item.user_email.as_ref().map_or_else(|| "nobody: no address is known".into(), shown);
    match plan.command {
        None => facts.push(Fact::new("Then", "nothing can be said before the fields are right").tone(Tone::Dim)),
        Some(Command::AmendGrant { until, .. }) => {
            let how = if *until < item.valid_until {
                format!("{} shorter", count(days(*until, item.valid_until, zone), "day"))
            } else {
                format!("{} longer", count(days(item.valid_until, *until, zone), "day"))
            };
            facts.push(Fact::new("New end", format!("{}, {how}", full_time(*until, zone))).tone(Tone::Good));
            facts.push(Fact::new("Mail", format!("to {mail}: the new end")));
            facts.push(Fact::new("Events", "grant.amended").tone(Tone::Dim));
        }
        Some(Command::RevokeGrant { class, .. }) => {
            facts.push(Fact::new("Then", "it is never valid again; the row stays").tone(Tone::Warn));
            facts.push(remains(item, plan.facts, zone));
            facts.push(Fact::new("Mail", format!("to {mail}: revoked")));
            facts.push(Fact::new("Events", format!("grant.revoked, {class}")).tone(Tone::Dim));
        }
        Some(_) => {}
    }
    facts
}

/// What access remains without the grant, from the database's check read with the row: that knows which grants count (a
/// site may ask for a verified identity). The answer after the revocation is the database's own.
fn remains(item: &Grant, facts: Option<&AccessFacts>, zone: Tz) -> Fact {
    let check = match facts.and_then(|facts| facts.check.as_ref()) {
        None => return Fact::new("Remains", "reading the other grants ...").tone(Tone::Dim),
        Some(Err(why)) => return Fact::new("Remains", safe(why)).tone(Tone::Warn),
        Some(Ok(check)) => check,
    };
    let grants = facts.map_or(&[][..], |facts| &facts.grants);
    let valid = |grant: &&Grant| grant.id != item.id && check.grants.contains(&grant.id);
    let last = grants.iter().filter(valid).max_by_key(|grant| grant.valid_until);
    let later = grants.iter().filter(|grant| grant.id != item.id && grant.state == GrantState::Upcoming).count();
    let text = match last {
        Some(grant) => format!("access until {} by grant {}", full_time(grant.valid_until, zone), grant.id),
        None if later > 0 => format!("no access now; upcoming grants: {later}"),
        None => "no access".into(),
    };
    Fact::new("Remains", text).tone(Tone::Warn)
}
