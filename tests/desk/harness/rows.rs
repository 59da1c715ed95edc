//! Rows and facts as the database says them, for desks that are fed by hand.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::case::CaseState;
use exeat::domain::egress::{DestinationView, EgressItem, Finding, Place, Severity, Unseen, VersionId};
use exeat::domain::found::{Checked, Inside};
use exeat::domain::refusal::{Answer, Refusal};
use exeat::inspect::{Body, Column, ColumnFacts, ColumnKind, Page};
use exeat::text::Untrusted;
pub use exeat::tui::app::state::facts::Facts;
use exeat::tui::app::state::facts::{Comment, HistoryLine, Vote};

/// A moment in the life of the tests.
pub fn noon() -> DateTime<Utc> {
    "2026-11-21T09:41:00Z".parse().unwrap()
}

/// A file that waits for votes, seen by a checker who may decide.
pub fn file(id: i64, key: &str) -> EgressItem {
    let refusal = |code: &str, message: &str| Some(Refusal { code: code.into(), message: message.into() });
    let why_not = BTreeMap::from([
        ("approve".to_owned(), None),
        ("reject".to_owned(), None),
        ("changes".to_owned(), None),
        ("comment".to_owned(), None),
        ("claim".to_owned(), None),
        ("preview".to_owned(), None),
        ("undo".to_owned(), refusal("not_held", "You have no vote here to undo.")),
        ("withdraw".to_owned(), refusal("not_submitter", "Only researcher1, who submitted it, can withdraw it.")),
        ("download".to_owned(), refusal("not_released", "It is not released: 2 approvals are needed, it has 1.")),
    ]);
    let view = DestinationView {
        state: CaseState::Pending,
        required: 2,
        count: 1,
        by: vec!["checker2".into()],
        against: Vec::new(),
        asked: Vec::new(),
        held_until: None,
        hold_seconds: Some(30),
        restore_by: None,
        unseen: Unseen::Ask,
        signing: None,
        why_not,
    };
    EgressItem {
        id: VersionId(id),
        row_version: 7,
        submission: id,
        turn: 1,
        project: "heart".into(),
        project_title: Untrusted::new("Heart atlas"),
        key: Untrusted::new(key),
        key_hex: None,
        version_id: None,
        etag: None,
        sha256: Some(format!("{id:08x}").repeat(8)),
        size: 12_431,
        media_type: Some("text/csv".into()),
        modified_at: noon(),
        submitted_at: noon() - TimeDelta::hours(98 - id.min(90)),
        submitted_by: Some("researcher1".into()),
        submitted_by_name: Some(Untrusted::new("Rosa Ek")),
        purpose: Untrusted::new("Readmission rates, paper table 2"),
        state: CaseState::Pending,
        blocked_reason: None,
        version: 2,
        newest: true,
        destinations: BTreeMap::from([("trusted".to_owned(), view)]),
        findings: Vec::new(),
        inside: Inside::default(),
        opened: true,
        seen: None,
        claimed_by: None,
        claimed_until: None,
    }
}

/// A file as the database hands it out: with what its findings mean, of a kind whose rules read all of it.
pub fn read(file: EgressItem) -> EgressItem {
    let notes = file.findings.iter().filter(|finding| finding.severity == Severity::Note).count();
    let state = if notes < file.findings.len() { Checked::Findings } else { Checked::Clean };
    if file.inside != Inside::default() {
        return file;
    }
    EgressItem { inside: Inside { state, why: None, notes: u32::try_from(notes).unwrap() }, ..file }
}

/// A finding.
pub fn finding(rule: &str, severity: Severity, sentence: &str) -> Finding {
    Finding::new(rule, severity, Place::Row { row: 2, column: None }, sentence.to_owned())
}

/// A page of a preview that shows this, all of it.
pub fn page(media_type: &str, body: Body) -> Page {
    Page {
        media_type: media_type.to_owned(),
        kind: String::new(),
        facts: Vec::new(),
        body,
        offset: 0,
        read_bytes: 4096,
        total_bytes: 12_431,
        next: None,
        carried: None,
        sha256: Some("00000001".repeat(8)),
        notes: Vec::new(),
    }
}

/// What a column of so many numbers holds.
pub fn numbers(values: u64) -> ColumnFacts {
    ColumnFacts { kind: ColumnKind::Number, values, ..ColumnFacts::default() }
}

/// What a column of so many texts holds.
pub fn texts(values: u64) -> ColumnFacts {
    ColumnFacts { kind: ColumnKind::Text, values, ..ColumnFacts::default() }
}

/// Columns of these names.
pub fn columns<'a>(names: impl IntoIterator<Item = &'a str>, facts: ColumnFacts) -> Vec<Column> {
    names.into_iter().map(|name| Column { name: Untrusted::new(name), facts }).collect()
}

/// Done, as the database says it.
pub fn done(sentence: &str) -> Answer {
    Answer { ok: true, code: "done".into(), sentence: sentence.into(), version: Some(8), data: serde_json::Value::Null }
}

/// Something that happened to a row so long before noon: who, what, and what they said.
pub fn history(before: TimeDelta, who: &str, did: &str, said: &str) -> HistoryLine {
    let (did, said) = (Untrusted::new(did), Untrusted::new(said));
    HistoryLine { at: noon() - before, who: who.into(), did, said, changed: true }
}

/// Facts that are a history, oldest first.
pub fn facts_of(history: Vec<HistoryLine>) -> Facts {
    Facts { history, ..Facts::default() }
}

/// A file with a vote, a comment and a history.
pub fn spoken_of() -> Facts {
    let at = noon() - TimeDelta::hours(20);
    let vote = Vote {
        destination: "trusted".into(),
        voter: "checker2".into(),
        kind: "approve".into(),
        comment: Untrusted::new("fine by me"),
        at,
        counted: true,
        ..Vote::default()
    };
    let comment = Comment {
        author: "checker2".into(),
        body: Untrusted::new("is row 2 rounded?\nit does not look so"),
        internal: true,
        at,
        ..Comment::default()
    };
    let step = history(TimeDelta::hours(20), "checker2", "approved it for trusted", "fine by me");
    Facts { votes: vec![vote], comments: vec![comment], looks: Vec::new(), history: vec![step], more: None }
}

/// A file that is out.
pub fn released(id: i64) -> EgressItem {
    let mut item = file(id, "models/risk.rds");
    item.state = CaseState::Released;
    item.destinations.get_mut("trusted").unwrap().state = CaseState::Released;
    item
}
