//! A file's journalled commands in words. Called by `read`.

use serde_json::Value;

use crate::service::HistoryRow;
use crate::text::Untrusted;
use crate::tui::app::layers::HistoryLine;

/// A journalled command in words.
pub(super) fn line(row: HistoryRow) -> HistoryLine {
    let text = |name: &str| row.detail.get(name).and_then(Value::as_str).unwrap_or_default();
    let for_whom = match text("destination") {
        "" => String::new(),
        destination => format!(" for {destination}"),
    };
    let did = match (row.command.as_str(), text("kind"), text("use")) {
        ("cast_vote", "approve", _) => format!("approved it{for_whom}"),
        ("cast_vote", "reject", _) => format!("rejected it{for_whom}"),
        ("cast_vote", ..) => format!("asked for changes{for_whom}"),
        ("undo_vote", ..) => format!("took the vote back{for_whom}"),
        ("withdraw", ..) => format!("withdrew it{for_whom}"),
        ("recall", ..) => format!("recalled it{for_whom}"),
        ("restore", ..) => format!("wanted it restored{for_whom}"),
        ("claim", ..) => "took it".to_owned(),
        ("unclaim", ..) => "gave it back".to_owned(),
        ("add_comment", ..) => "commented".to_owned(),
        ("ask_ticket", _, "download") => "began a download".to_owned(),
        ("ask_ticket", ..) => "looked inside".to_owned(),
        ("end_download", ..) => "ended a download".to_owned(),
        (command, ..) => format!("{}: {}", command.replace('_', " "), row.sentence.raw()),
    };
    let said = ["comment", "reason", "body"].into_iter().map(text).find(|said| !said.is_empty()).unwrap_or_default();
    let did =
        if row.ok { did } else { format!("was refused ({}): {}", row.command.replace('_', " "), row.sentence.raw()) };
    HistoryLine {
        at: row.at,
        said: Untrusted::new(if row.ok { said } else { "" }),
        changed: row.ok && !matches!(row.command.as_str(), "ask_ticket" | "end_download"),
        did: Untrusted::new(did),
        who: row.actor.unwrap_or_else(|| "the worker".to_owned()),
    }
}
