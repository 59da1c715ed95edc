//! What goes out of the desk in one neutral form: a command by the database's name with the database's fields, and
//! everything else by a word of ours. The one place that knows how the desk itself says it.

use exeat::tui::app::msg::{Fit, Order};
use exeat::tui::app::{Cmd, Target};
use serde_json::{Value, json};
use uuid::Uuid;

use super::area;

/// A command on its way to the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Made once; a retry sends it again.
    pub id: Uuid,
    /// Its name in the database.
    pub command: &'static str,
    /// Its fields, by the database's names; what is not said is not there.
    pub request: Value,
    /// The row it is about; 0 where there is none yet.
    pub row: i64,
    /// That row's version as the person saw it, whether or not the database is told; 0 where none was seen.
    pub seen: i64,
}

impl Sent {
    /// A field that is a text; empty where it is not said.
    pub fn text(&self, field: &str) -> &str {
        self.request[field].as_str().unwrap_or_default()
    }
}

/// Anything else the desk wants done: a read, something to keep, a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What, in a word.
    pub what: &'static str,
    /// Of which area, where there is one.
    pub area: &'static str,
    /// The rest.
    pub with: Value,
}

/// An effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Out {
    Sent(Sent),
    Asked(Asked),
}

/// How an answer to a page fits, as was asked.
pub fn fit_of(page: &Asked) -> &'static str {
    let fits = ["start", "again", "more", "before", "end"];
    fits.into_iter().find(|fit| page.with["fit"] == *fit).unwrap()
}

/// The commands a desk sends, by the database's names.
const COMMANDS: [&str; 19] = [
    "move_permit",
    "take_back_permit",
    "cast_vote",
    "undo_vote",
    "withdraw",
    "recall",
    "restore",
    "claim",
    "unclaim",
    "add_comment",
    "new_request",
    "edit_request",
    "allow_request",
    "deny_request",
    "claim_request",
    "unclaim_request",
    "comment_request",
    "amend_grant",
    "revoke_grant",
];

/// What an effect is in neutral words; one on several targets is as many commands, in order.
pub fn outs(cmd: Cmd) -> Vec<Out> {
    match cmd {
        Cmd::Send(orders) => orders.into_iter().map(sent).collect(),
        other => vec![Out::Asked(asked(other))],
    }
}

/// The command on one target, as the database gets it.
fn sent(order: Order) -> Out {
    let Order { id, command, target: Target { id: row, seen, .. } } = order;
    let (name, mut request) = command.parts().unwrap();
    // An id is written as text, so that no reader of JSON rounds it; the tests know the row by its number.
    for of in ["version", "request", "grant", "permit"] {
        if let Some(id) = request[of].as_str() {
            request[of] = id.parse::<i64>().unwrap().into();
        }
    }
    let command = COMMANDS.into_iter().find(|known| *known == name);
    let command = command.unwrap_or_else(|| panic!("{name} is no command of the desk's"));
    Out::Sent(Sent { id, command, request, row, seen })
}

fn asked(cmd: Cmd) -> Asked {
    let (what, of, with) = match cmd {
        Cmd::List { generation, fit, filter, sort, after, page } => {
            let fit = match fit {
                Fit::Start => "start",
                Fit::Again => "again",
                Fit::More => "more",
                Fit::Before => "before",
                Fit::End => "end",
            };
            let with = json!({
                "number": generation, "fit": fit, "filter": filter.asks, "after": after, "rows": page,
                "sort": { "field": sort.by, "descending": sort.descending },
            });
            ("page", area(filter.area), with)
        }
        Cmd::Count { generation, filter } => {
            ("count", area(filter.area), json!({ "number": generation, "filter": filter.asks }))
        }
        Cmd::Rows(word, ids) => ("rows", area(word), json!(ids)),
        Cmd::Facts(word, id) => ("facts", area(word), json!(id)),
        Cmd::Preview { id, sha256, offset, rows } => {
            ("preview", "egress", json!({ "id": id, "sha256": sha256, "offset": offset, "rows": rows }))
        }
        Cmd::NoteSeen(area, id, seen) => ("note_seen", area, json!({ "id": id, "seen": seen })),
        Cmd::Defaults(dataset) => ("defaults", "requests", json!(dataset)),
        Cmd::Datasets => ("datasets", "requests", Value::Null),
        Cmd::Download { job, id } => ("download", "egress", json!({ "job": job, "id": id })),
        other => apart(other),
    };
    Asked { what, area: of, with }
}

/// What is of no area.
fn apart(cmd: Cmd) -> (&'static str, &'static str, Value) {
    let (what, with) = match cmd {
        // What is kept of which row is told by the drafts' own tests, on the screen.
        Cmd::Keep(draft) => {
            let words = if draft.is_blank() { Value::Null } else { json!(draft.words) };
            (if draft.of.kind == "ask" { "keep_request_draft" } else { "keep_draft" }, words)
        }
        Cmd::Hints(gone) => ("keep_hints", json!(gone)),
        Cmd::Sign(orders) => ("sign", json!(orders.iter().map(|order| order.id).collect::<Vec<_>>())),
        Cmd::StopSigning => ("stop_signing", Value::Null),
        Cmd::Stop(job) => ("stop", json!(job)),
        Cmd::Copy(ids) => ("copy", json!(ids)),
        Cmd::Quit => ("quit", Value::Null),
        Cmd::Connect => ("connect", Value::Null),
        Cmd::ReadHints => ("read_hints", Value::Null),
        Cmd::ReadDrafts => ("read_drafts", Value::Null),
        Cmd::Refresh => ("refresh", Value::Null),
        Cmd::Status => ("status", Value::Null),
        Cmd::ReadSettings => ("read_settings", Value::Null),
        Cmd::Redraw => ("redraw", Value::Null),
        Cmd::Suspend => ("suspend", Value::Null),
        other => panic!("{other:?} has no neutral form: give it one in tests/desk/harness/sent.rs"),
    };
    (what, "", with)
}
