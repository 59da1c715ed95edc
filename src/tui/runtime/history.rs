//! A file's journalled commands as lines of the desk's history. Called by `read`.

use crate::domain::history::{did, said};
use crate::service::HistoryRow;
use crate::text::Untrusted;
use crate::tui::app::layers::HistoryLine;

/// A journalled command in words; what people gave with it, or else what the worker or a refusal said.
pub(super) fn line(row: HistoryRow) -> HistoryLine {
    let given = said(&row.detail);
    HistoryLine {
        at: row.at,
        changed: row.ok && !matches!(row.command.as_str(), "ask_ticket" | "end_download"),
        said: match (row.ok, &row.actor) {
            (true, Some(_)) => given,
            _ => row.sentence,
        },
        did: Untrusted::new(did(row.ok, &row.command, &row.detail)),
        who: row.actor.unwrap_or_else(|| "the worker".to_owned()),
    }
}
