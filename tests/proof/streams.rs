//! Made-up histories, some tampered with, over the pure replay: for every claim it says what the model says.
//! `EXEAT_STREAMS` is how many; 1,000 without it.

use exeat::domain::journal::JournalEntry;
use exeat::domain::replay::Replay;
use exeat::domain::verify::Fault;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::{Line, Op, approved_since, counted, is_earned, required};
use crate::support::pg::sha;

/// 2026-11-21T09:00:00Z in seconds.
const BEGIN: i64 = 1_795_251_600;

fn time(at: i64) -> String {
    chrono::DateTime::from_timestamp(BEGIN + at, 0).unwrap().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn login(person: usize) -> String {
    if person > 3 { format!("admin{person}") } else { format!("checker{person}") }
}

fn entry(at: i64, person: Option<usize>, command: &str, subject: &str, request: &Value, data: &Value) -> JournalEntry {
    JournalEntry {
        at: time(at),
        person: person.map(login),
        session_role: person.map_or("worker".into(), login),
        command: command.into(),
        subject: Some(subject.into()),
        project: Some("heart".into()),
        request: Some(request.to_string()),
        ok: "true".into(),
        code: "done".into(),
        data: Some(data.to_string()),
        ..JournalEntry::default()
    }
}

/// People, their logins, a place.
fn beginning() -> Vec<JournalEntry> {
    let nothing =
        json!({"logins": [], "services": [], "removed": [], "memberships": [], "projects": [], "policies": []});
    let mut all = vec![
        entry(0, None, "migrate", "database", &json!({"number": 8}), &nothing),
        entry(0, None, "bootstrap_admin", "person:admin4", &json!({"login": "admin4"}), &Value::Null),
    ];
    for person in [0, 1, 2, 3, 5] {
        let request = json!({"login": login(person), "role": login(person)});
        all.push(entry(0, Some(4), "add_login", "person", &request, &Value::Null));
    }
    let admin = json!({"login": "admin5", "project": null, "role": "administrator"});
    all.push(entry(
        0,
        Some(4),
        "add_membership",
        "person",
        &admin,
        &json!({"membership": 1, "valid_from": time(0), "valid_until": null}),
    ));
    let place = json!({"id": "heart", "shared_location": "s3://shared/"});
    all.push(entry(0, Some(4), "add_project", "project:heart", &place, &Value::Null));
    all
}

/// A step as its command journals it.
fn written(n: usize, Line { op, at, approved, .. }: &Line) -> JournalEntry {
    let at = *at;
    let of = |version: &i64| format!("version:{version}");
    let state = if approved.is_some() { "approved" } else { "pending" };
    let left = json!({"destination": "trusted", "state": state, "approved_at": approved.map(time)});
    let key = |version: &i64| format!("f{version}");
    let case = |person: Option<usize>, command: &str, version: &i64, data: &Value| {
        entry(at, person, command, &of(version), &json!({"version": version}), data)
    };
    match op {
        Op::Add { person, role } => {
            let request = json!({"login": login(*person), "project": "heart", "role": role});
            entry(
                at,
                Some(4),
                "add_membership",
                "person",
                &request,
                &json!({"membership": (100 + n).to_string(), "valid_from": time(at), "valid_until": null}),
            )
        }
        Op::End { person, role } => {
            let request = json!({"login": login(*person), "project": "heart", "role": role});
            entry(at, Some(4), "end_membership", "person", &request, &Value::Null)
        }
        Op::Remove { person } | Op::Bring { person } => {
            let (gone, back) = if matches!(op, Op::Remove { .. }) {
                (vec![login(*person)], vec![])
            } else {
                (vec![], vec![login(*person)])
            };
            entry(
                at,
                Some(4),
                "sync_people",
                "people",
                &json!({}),
                &json!({"dry_run": false, "removed": gone, "restored": back}),
            )
        }
        Op::Policy { number, approvals, hold, proposed } => {
            let values = json!({"approvals": approvals, "hold_seconds": hold, "largest_file": 100, "rejection_vetoes": false, "inspection_downloads": false});
            let data = json!({"policy": number, "proposed": proposed, "values": values});
            entry(
                at,
                Some(4),
                "set_policy",
                "project:heart",
                &json!({"project": "heart", "destination": "trusted"}),
                &data,
            )
        }
        Op::Confirm { number, by } => {
            entry(at, Some(*by), "confirm_policy", "project:heart", &json!({}), &json!({"policy": number}))
        }
        Op::Intake { version, unknown, blocked } => {
            let request = json!({"version": version, "sha256": sha(&key(version)), "size": 10, "blocked": blocked.then_some("why"),
                "key_sha256": sha(&key(version)), "origin_unknown": unknown, "registered_by": []});
            entry(at, None, "intake", &of(version), &request, &Value::Null)
        }
        Op::Gone { version } => case(None, "intake_missing", version, &Value::Null),
        Op::Register { person, version } => {
            let files = json!([{"key": key(version), "sha256": sha(&key(version))}]);
            entry(
                at,
                Some(*person),
                "register_submission",
                "submission",
                &json!({"project": "heart", "files": files}),
                &Value::Null,
            )
        }
        Op::Vote { person, version, kind, policy } => {
            let request = json!({"version": version.to_string(), "kind": kind, "sha256": sha(&key(version))});
            let mut data = left;
            data["policy"] = json!(policy.to_string());
            entry(at, Some(*person), "cast_vote", &of(version), &request, &data)
        }
        Op::Undo { person, version } => case(Some(*person), "undo_vote", version, &left),
        Op::Withdraw { version } => {
            case(Some(0), "withdraw", version, &json!({"destination": "trusted", "state": "withdrawn"}))
        }
        Op::Recall { version } => {
            case(Some(0), "recall", version, &json!({"destination": "trusted", "state": "recalled"}))
        }
        Op::Restore { person, version, proposed } => {
            let data = json!({"destination": "trusted", "state": "pending", "approved_at": null, "proposed": proposed});
            case(Some(*person), "restore", version, &data)
        }
        Op::Claim { version } => claimed(n, at, *version),
    }
}

/// A claim as the database journals it.
fn claimed(n: usize, at: i64, version: i64) -> JournalEntry {
    let key = format!("f{version}");
    let record = json!({"version": version.to_string(), "destination": "trusted", "sha256": sha(&key), "votes": []});
    let place = format!("heart/trusted/{version}/{key}");
    let data = json!({"bucket": "shared", "key_hex": hex::encode(place), "begun": time(at)});
    let request = json!({"release": n.to_string(), "worker": "w", "record": record});
    entry(at, None, "claim_release", &format!("version:{version}"), &request, &data)
}

fn op() -> impl Strategy<Value = Op> {
    let (person, version) = (0..4_usize, 1..3_i64);
    let both = (person.clone(), version.clone());
    let role = prop_oneof![4 => Just("checker"), 1 => Just("researcher")];
    prop_oneof![
        2 => (person.clone(), role.clone()).prop_map(|(person, role)| Op::Add { person, role }),
        1 => (person.clone(), role).prop_map(|(person, role)| Op::End { person, role }),
        1 => person.clone().prop_map(|person| Op::Remove { person }),
        1 => person.prop_map(|person| Op::Bring { person }),
        1 => (1..4_i64, 0..4_i64).prop_map(|(approvals, hold)| Op::Policy { number: 0, approvals, hold, proposed: false }),
        1 => (version.clone(), any::<bool>(), prop::bool::weighted(0.05)).prop_map(|(version, unknown, blocked)| Op::Intake { version, unknown, blocked }),
        1 => prop_oneof![9 => Just(9), 1 => version.clone()].prop_map(|version| Op::Gone { version }),
        1 => both.clone().prop_map(|(person, version)| Op::Register { person, version }),
        12 => (both.clone(), prop_oneof![5 => Just("approve"), 1 => Just("changes"), 1 => Just("reject")])
            .prop_map(|((person, version), kind)| Op::Vote { person, version, kind, policy: 0 }),
        1 => both.clone().prop_map(|(person, version)| Op::Undo { person, version }),
        1 => version.clone().prop_map(|version| Op::Withdraw { version }),
        2 => version.clone().prop_map(|version| Op::Recall { version }),
        3 => (both, any::<bool>()).prop_map(|((person, version), proposed)| Op::Restore { person, version, proposed }),
        6 => version.prop_map(|version| Op::Claim { version }),
    ]
}

/// What somebody does to a history afterwards.
#[derive(Clone, Debug)]
enum Tamper {
    Drop(usize),
    Swap(usize, usize),
    Repeat(usize, usize),
    Other(usize, Op),
}

fn tamper() -> impl Strategy<Value = Tamper> {
    let at = 0..200_usize;
    prop_oneof![
        3 => at.clone().prop_map(Tamper::Drop),
        1 => (at.clone(), at.clone()).prop_map(|(a, b)| Tamper::Swap(a, b)),
        1 => (at.clone(), at.clone()).prop_map(|(a, b)| Tamper::Repeat(a, b)),
        3 => (at, op()).prop_map(|(at, op)| Tamper::Other(at, op)),
    ]
}

/// The history as the database would have written it: policies numbered, weaker ones proposed and confirmed, cases counted.
fn history(steps: Vec<(Op, i64)>) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    let (mut now, mut policy, mut numbers) = (1, (1, 2, 0), 1);
    let first = [
        Op::Policy { number: 1, approvals: 2, hold: 0, proposed: false },
        Op::Intake { version: 1, unknown: false, blocked: false },
        Op::Add { person: 0, role: "checker" },
        Op::Add { person: 1, role: "checker" },
        Op::Add { person: 2, role: "checker" },
    ];
    all.extend(first.map(|op| Line { op, at: 1, approved: None, earned: false }));
    for (mut op, seconds) in steps {
        now += seconds;
        if let Op::Policy { number, approvals, hold, proposed } = &mut op {
            numbers += 1;
            *number = numbers;
            *proposed = *approvals < policy.1 || *hold < policy.2;
            policy = (numbers, *approvals, *hold);
            let waits = *proposed;
            all.push(Line { op, at: now, approved: None, earned: false });
            if waits {
                all.push(Line { op: Op::Confirm { number: numbers, by: 5 }, at: now, approved: None, earned: false });
            }
            continue;
        }
        if let Op::Claim { version } = op {
            let earned = is_earned(&all, version, now);
            all.push(Line { op, at: now, approved: None, earned });
            continue;
        }
        let about = match &mut op {
            Op::Vote { version, policy: at, .. } => {
                *at = policy.0;
                Some(*version)
            }
            Op::Undo { version, .. } => Some(*version),
            _ => None,
        };
        all.push(Line { op, at: now, approved: None, earned: false });
        let Some(version) = about else { continue };
        let before = approved_since(&all[..all.len() - 1], version);
        let count = i64::try_from(counted(&all, version, "approve").len()).unwrap();
        let approved = counted(&all, version, "changes").is_empty()
            && required(&all, version).is_some_and(|(approvals, _)| count >= approvals);
        all.last_mut().unwrap().approved = approved.then(|| before.unwrap_or(now));
    }
    all
}

fn tampered(mut all: Vec<Line>, tampers: Vec<Tamper>) -> Vec<Line> {
    for tamper in tampers {
        let length = all.len();
        match tamper {
            Tamper::Drop(at) => drop(all.remove(at % length)),
            Tamper::Swap(a, b) => {
                let (a, b) = (a % length, b % length);
                let (first, second) = (all[a].op.clone(), all[b].op.clone());
                (all[a].op, all[b].op) = (second, first);
            }
            Tamper::Repeat(from, to) => {
                let mut line = all[from % length].clone();
                let at = to % length;
                line.at = all[at].at;
                all.insert(at, line);
            }
            Tamper::Other(at, op) => all[at % length].op = op,
        }
    }
    // What a line leaves its case in is of its own moment, or nobody would believe it.
    for line in &mut all {
        line.approved = line.approved.filter(|since| line.at >= *since && line.at - since <= 60);
    }
    for n in 0..all.len() {
        if let Op::Claim { version } = all[n].op {
            all[n].earned = is_earned(&all[..n], version, all[n].at);
        }
    }
    all
}

/// An id of before the proof begins is no way into it.
#[test]
fn an_entry_that_was_put_in_before_the_beginning_is_found() {
    let mut replay = Replay::default();
    for (seq, mut entry) in (1..).zip(beginning()) {
        entry.id = (seq + 10).to_string();
        replay.take(seq, &entry);
    }
    let late = entry(0, None, "finish_release", "version:1", &json!({"release": "r", "worker": "w"}), &Value::Null);
    replay.take(100, &JournalEntry { id: "3".into(), ..late });
    let (_, faults) = replay.finish();
    assert!(faults.len() == 1 && faults[0].seq == 100 && faults[0].fault == Fault::Impossible, "{faults:?}");
}

fn streams() -> u32 {
    std::env::var("EXEAT_STREAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(streams()))]
    #[test]
    fn every_claim_is_judged_as_the_model_judges_it(
        steps in prop::collection::vec((op(), 0..3_i64), 5..60),
        tampers in prop::collection::vec(tamper(), 0..4),
    ) {
        let lines = tampered(history(steps), tampers);
        let mut replay = Replay::default();
        let before = beginning();
        let begun = i64::try_from(before.len()).unwrap();
        let entries = before.into_iter().chain(lines.iter().enumerate().map(|(n, line)| written(n, line)));
        for (seq, mut entry) in (1..).zip(entries) {
            entry.id = seq.to_string();
            replay.take(seq, &entry);
        }
        let claims = || (begun + 1..).zip(&lines).filter(|(_, line)| matches!(line.op, Op::Claim { .. }));
        let unearned: Vec<i64> = claims().filter(|(_, line)| !line.earned).map(|(seq, _)| seq).collect();
        let earned = claims().count() - unearned.len();
        let (releases, faults) = replay.finish();
        let told: Vec<i64> = faults.iter().filter(|bad| bad.fault == Fault::Unearned).map(|bad| bad.seq).collect();
        prop_assert_eq!(&told, &unearned, "{:?}", faults);
        prop_assert_eq!(releases.earned, earned as u64);
    }
}
