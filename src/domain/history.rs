//! Journalled commands on a file, a request or a grant in a person's words. Used by `cli::egress_text` and the desk's history page.

use serde_json::Value;

use crate::text::Untrusted;

/// What somebody did or tried: `rejected it for trusted`, `was refused (rejected it for trusted)`. `ok` is the command's
/// answer, `detail` its request.
#[must_use]
pub fn did(ok: bool, command: &str, detail: &Value) -> String {
    let words = words(command, detail);
    if ok { words } else { format!("was refused ({words})") }
}

/// What a command does, as somebody who did it: `approved it for trusted`. `detail` is its request.
#[must_use]
pub fn words(command: &str, detail: &Value) -> String {
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
        ("ask_ticket", _, "download") => "began a download".to_owned(),
        ("ask_ticket", ..) => "looked inside".to_owned(),
        ("end_download", ..) => "ended a download".to_owned(),
        ("claim_release", ..) => "began to release it".to_owned(),
        ("fail_release", ..) => "could not release it".to_owned(),
        ("finish_release", ..) => format!("released it{to}"),
        ("intake_missing", ..) => "no longer found it in the store".to_owned(),
        ("lapse_votes", ..) => format!("let votes lapse{to}"),
        ("finish_recall", ..) => "took the shared copy away".to_owned(),
        (other, ..) => other.replace('_', " "),
    }
}

/// The words they gave with it: a comment, a reason, a purpose; empty if none.
#[must_use]
pub fn said(detail: &Value) -> Untrusted {
    let words = ["comment", "reason", "body", "purpose"].into_iter().map(|name| text(detail, name));
    Untrusted::new(words.into_iter().find(|words| !words.is_empty()).unwrap_or_default())
}

fn text<'a>(detail: &'a Value, name: &str) -> &'a str {
    detail.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::did;

    #[test]
    fn what_was_refused_was_not_done() {
        let vote = json!({"destination": "trusted", "kind": "approve"});
        assert_eq!(did(true, "cast_vote", &vote), "approved it for trusted");
        assert_eq!(did(false, "cast_vote", &vote), "was refused (approved it for trusted)");
    }
}
