//! What a push changed about an egress file, in words: said when a dialog closes because its target moved.

use super::super::words::safe;
use super::columns::state_words;
use crate::domain::egress::EgressItem;

/// The first difference worth naming between what was shown and what came.
pub(super) fn changed(old: &EgressItem, new: &EgressItem) -> String {
    for (name, now) in &new.destinations {
        let Some(before) = old.destinations.get(name) else {
            return format!("it was asked for {} too", safe(name));
        };
        if let Some(who) = now.by.iter().find(|login| !before.by.contains(login)) {
            return format!("{} approved it for {}", safe(who), safe(name));
        }
        if before.state != now.state {
            return format!("it became {} for {}", state_words(now.state), safe(name));
        }
        if let Some(who) = before.by.iter().find(|login| !now.by.contains(login)) {
            return format!("{}'s approval for {} no longer counts", safe(who), safe(name));
        }
    }
    match (&old.claimed_by, &new.claimed_by) {
        (before, Some(who)) if before.as_ref() != Some(who) => format!("{} claimed it", safe(who)),
        _ if old.newest && !new.newest => "a newer version of it came".into(),
        _ => "it changed".into(),
    }
}
