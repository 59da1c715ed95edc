//! What happened to a row, in a person's words: one journalled command, the same type in every area. Part of [`super::facts`];
//! shown by the desk and the command line.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::Untrusted;

/// One line of a history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// Login; none where it was the worker, or where the reader may not know.
    pub actor: Option<String>,
    /// Full name; empty where there is none to tell.
    pub actor_name: Untrusted,
    /// The service that asked for them; none where they did it themselves.
    pub via: Option<String>,
    /// Which version of a file it is about, from 1; none in areas without versions.
    pub version: Option<i32>,
    /// The command.
    pub command: String,
    /// Whether it was done.
    pub ok: bool,
    /// `done`, or the code of the rule that refused.
    pub code: String,
    /// What the person was told.
    pub sentence: Untrusted,
    /// What the command was about; empty where the reader may not know.
    pub detail: Value,
}

impl Event {
    /// What somebody did or tried, and through which service: `rejected it for trusted`, `was refused (rejected it for trusted)`,
    /// `approved it for trusted via portal`.
    #[must_use]
    pub fn did(&self) -> String {
        let words = words(&self.command, &self.detail);
        let via = self.via.as_ref().map_or_else(String::new, |service| format!(" via {service}"));
        if self.ok { words + &via } else { format!("was refused ({words}){via}") }
    }

    /// The words they gave with it: a comment, a reason, a note, a purpose; empty if none.
    #[must_use]
    pub fn said(&self) -> Untrusted {
        let words = ["comment", "reason", "note", "body", "purpose"].into_iter().map(|name| text(&self.detail, name));
        Untrusted::new(words.into_iter().find(|words| !words.is_empty()).unwrap_or_default())
    }

    /// Whether it changed the row: to look at it, or to say something about it, does not.
    #[must_use]
    pub fn changed(&self) -> bool {
        const KEEPS: &[&str] = &[
            "ask_ticket",
            "end_download",
            "claim",
            "unclaim",
            "add_comment",
            "claim_request",
            "unclaim_request",
            "comment_request",
            "report_workspace",
        ];
        self.ok && !KEEPS.contains(&self.command.as_str())
    }
}

/// What a command does, as somebody who did it: `approved it for trusted`. `detail` is its request.
fn words(command: &str, detail: &Value) -> String {
    let to = match text(detail, "destination") {
        "" => String::new(),
        destination => format!(" for {destination}"),
    };
    match (command, text(detail, "kind"), text(detail, "use")) {
        ("register_submission", ..) => format!("submitted it{to}"),
        ("intake", ..) => "found it in the store".to_owned(),
        ("cast_vote", "approve", _) => format!("approved it{to}"),
        ("cast_vote", "reject", _) => format!("rejected it{to}"),
        ("cast_vote", ..) => format!("asked for changes{to}"),
        ("undo_vote", ..) => format!("took the vote back{to}"),
        ("withdraw", ..) => format!("withdrew it{to}"),
        ("recall", ..) => format!("recalled it{to}"),
        ("restore", ..) => format!("wanted it opened for votes again{to}"),
        ("claim" | "claim_request", ..) => "claimed it".to_owned(),
        ("unclaim" | "unclaim_request", ..) => "gave the claim up".to_owned(),
        ("add_comment" | "comment_request", ..) => "commented".to_owned(),
        ("new_request", ..) => "asked for access".to_owned(),
        ("edit_request", ..) => "changed it".to_owned(),
        ("allow_request", ..) => "allowed it".to_owned(),
        ("deny_request", ..) => "denied it".to_owned(),
        ("add_grant", ..) => "gave access".to_owned(),
        ("amend_grant", ..) => "moved its end".to_owned(),
        ("revoke_grant", ..) => "revoked it".to_owned(),
        ("issue_permit", ..) => "issued it".to_owned(),
        ("move_permit", ..) => match text(detail, "move") {
            "" => "moved it".to_owned(),
            what => format!("made the move {}", what.replace('_', " ")),
        },
        ("take_back_permit", ..) => "took back what was asked for".to_owned(),
        ("add_to_team", ..) => format!("named {} {}", text(detail, "login"), text(detail, "role").replace('_', " ")),
        ("end_in_team", ..) => format!("ended {} as {}", text(detail, "login"), text(detail, "role").replace('_', " ")),
        ("submit_output", ..) => format!("submitted an output, {}", text(detail, "folder")),
        ("switch_workspace", ..) => "started or stopped the workspace".to_owned(),
        ("report_workspace", ..) => {
            format!("reported {} {}", text(detail, "kind"), text(detail, "state"))
        }
        ("pause_permits", ..) => "let it pause".to_owned(),
        ("settle_outputs", ..) => "counted the votes of an output".to_owned(),
        ("ask_ticket", _, "download") => "began a download".to_owned(),
        ("ask_ticket", ..) => "looked inside".to_owned(),
        ("end_download", ..) => "ended a download".to_owned(),
        ("claim_release", ..) => "began to release it".to_owned(),
        ("fail_release", ..) => "could not release it".to_owned(),
        ("finish_release", ..) => format!("released it{to}"),
        ("intake_missing", ..) => "no longer found it in the store".to_owned(),
        ("lapse_votes", ..) => format!("let votes lapse{to}"),
        ("check_signature", ..) => format!("looked at the signature of a vote{to}"),
        ("finish_recall", ..) => "took the shared copy away".to_owned(),
        (other, ..) => other.replace('_', " "),
    }
}

fn text<'a>(detail: &'a Value, name: &str) -> &'a str {
    detail.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Event;

    #[test]
    fn what_was_refused_was_not_done() {
        let detail = json!({"destination": "trusted", "kind": "approve"});
        let vote = |ok| Event { ok, command: "cast_vote".into(), detail: detail.clone(), ..Event::default() };
        assert_eq!(vote(true).did(), "approved it for trusted");
        assert_eq!(vote(false).did(), "was refused (approved it for trusted)");
    }
}
