//! What goes out of the desk in one neutral form: a command by the database's name with the database's fields, and
//! everything else by a word of ours. The one place that knows how the desk itself says it.

use exeat::tui::app::actions::Verdict;
use exeat::tui::app::deeds::{Changes, Deed};
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

/// What is not said is not there.
fn said(mut request: Value) -> Value {
    request.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    request
}

/// Text that is there.
fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The command on one target.
fn order(order: &Order, command: &'static str, request: Value) -> Out {
    let Order { command: id, target: Target { id: row, seen, .. } } = order;
    Out::Sent(Sent { id: *id, command, request: said(request), row: *row, seen: *seen })
}

/// What an effect is in neutral words; one on several targets is as many commands, in order.
pub fn outs(cmd: Cmd) -> Vec<Out> {
    match cmd {
        Cmd::Decide { verdict, orders, comment, coverage } => {
            orders.iter().map(|order| decision(verdict, order, &comment, &coverage)).collect()
        }
        Cmd::Deed { deed, orders } => orders.iter().map(|order| one_deed(&deed, order)).collect(),
        Cmd::Undo(one) => {
            vec![order(&one, "undo_vote", json!({ "version": one.target.id, "destination": one.target.destination }))]
        }
        Cmd::Claim { order: one, take } => {
            vec![order(&one, if take { "claim" } else { "unclaim" }, json!({ "version": one.target.id }))]
        }
        Cmd::Comment { command: id, id: row, body, internal } => {
            let request = json!({ "version": row, "body": body, "internal": internal });
            vec![Out::Sent(Sent { id, command: "add_comment", request, row, seen: 0 })]
        }
        other => vec![Out::Asked(asked(other))],
    }
}

/// A verdict's command and, of a vote, its kind.
pub fn command_of(verdict: Verdict) -> (&'static str, Option<&'static str>) {
    match verdict {
        Verdict::Approve => ("cast_vote", Some("approve")),
        Verdict::Reject => ("cast_vote", Some("reject")),
        Verdict::Changes => ("cast_vote", Some("changes")),
        Verdict::Withdraw => ("withdraw", None),
        Verdict::Recall => ("recall", None),
        Verdict::Restore => ("restore", None),
    }
}

fn decision(verdict: Verdict, one: &Order, comment: &str, coverage: &[(i64, String)]) -> Out {
    let Target { id, seen, destination, sha256, .. } = &one.target;
    let (command, kind) = command_of(verdict);
    if kind.is_none() {
        let request = json!({ "version": id, "destination": destination, "reason": some(comment) });
        return order(one, command, request);
    }
    let looked = coverage.iter().find(|(of, _)| of == id).map(|(_, shown)| json!({ "shown": shown }));
    let request = json!({
        "version": id, "destination": destination, "kind": kind, "sha256": some(sha256), "comment": some(comment),
        "seen_row_version": seen, "coverage": looked,
    });
    order(one, command, request)
}

fn one_deed(deed: &Deed, one: &Order) -> Out {
    let (id, seen) = (one.target.id, one.target.seen);
    match deed {
        Deed::Allow { starts, ends, iva, note } => {
            let fields = json!({ "starts": starts, "ends": ends, "iva": iva, "note": note });
            of_request(one, "allow_request", fields, true)
        }
        Deed::Deny(reason) => of_request(one, "deny_request", json!({ "reason": reason }), true),
        Deed::Edit(changes) => of_request(one, "edit_request", json!({ "changes": changed(changes) }), true),
        Deed::Comment(body) => of_request(one, "comment_request", json!({ "body": body }), false),
        Deed::Claim(true) => of_request(one, "claim_request", json!({}), false),
        Deed::Claim(false) => of_request(one, "unclaim_request", json!({}), false),
        Deed::Amend { until, reason } => {
            let request = json!({ "grant": id, "until": until, "reason": reason, "seen_row_version": seen });
            order(one, "amend_grant", request)
        }
        Deed::Revoke { class, reason } => {
            let request = json!({ "grant": id, "class": class.word(), "reason": reason, "seen_row_version": seen });
            order(one, "revoke_grant", request)
        }
        Deed::Ask(asked) => {
            let request = json!({
                "dataset": asked.dataset, "text": asked.text, "starts": asked.starts, "ends": asked.ends,
                "email": some(&asked.email),
            });
            order(one, "new_request", request)
        }
    }
}

/// A command on a request; `seen`: the database is told which version was seen.
fn of_request(one: &Order, command: &'static str, mut fields: Value, seen: bool) -> Out {
    fields["request"] = one.target.id.into();
    if seen {
        fields["seen_row_version"] = one.target.seen.into();
    }
    order(one, command, fields)
}

fn changed(changes: &Changes) -> Value {
    said(json!({
        "iva_id": changes.iva, "access_starts": changes.starts, "access_ends": changes.ends,
        "ticket_id": changes.ticket, "internal_note": changes.internal_note,
        "note_to_requester": changes.note_to_requester,
    }))
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
            ("page", area(filter.kind), with)
        }
        Cmd::Count { generation, filter } => {
            ("count", area(filter.kind), json!({ "number": generation, "filter": filter.asks }))
        }
        Cmd::Rows(kind, ids) => ("rows", area(kind), json!(ids)),
        Cmd::Facts(kind, id) => ("facts", area(kind), json!(id)),
        Cmd::Preview { id, sha256, offset, rows } => {
            ("preview", "egress", json!({ "id": id, "sha256": sha256, "offset": offset, "rows": rows }))
        }
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
        Cmd::Draft(draft) => ("keep_draft", json!(draft)),
        Cmd::AskDraft(draft) => ("keep_request_draft", json!(draft)),
        Cmd::Hints(gone) => ("keep_hints", json!(gone)),
        Cmd::Stop(job) => ("stop", json!(job)),
        Cmd::Copy(ids) => ("copy", json!(ids)),
        Cmd::Quit => ("quit", Value::Null),
        Cmd::Connect => ("connect", Value::Null),
        Cmd::ReadHints => ("read_hints", Value::Null),
        Cmd::ReadDraft => ("read_drafts", Value::Null),
        Cmd::Refresh => ("refresh", Value::Null),
        Cmd::Status => ("status", Value::Null),
        Cmd::ReadSettings => ("read_settings", Value::Null),
        Cmd::Redraw => ("redraw", Value::Null),
        Cmd::Suspend => ("suspend", Value::Null),
        other => panic!("{other:?} has no neutral form: give it one in tests/desk/harness/sent.rs"),
    };
    (what, "", with)
}
