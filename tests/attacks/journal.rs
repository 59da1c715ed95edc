//! The journal under attack by someone who can write every table: edits, swaps, deletions, a cut tail and a rewritten one
//! are found and the place is named (field notes, 2.9). Pure; the same against a real database is in `attacks::sql`.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use exeat::domain::journal::{GENESIS, Head, JournalEntry, entry_hash, head_text};
use exeat::domain::verify::{BadEntry, Fault, Heads, Proof, SealedRow, Verified, VerifyError, verify};
use proptest::prelude::*;

fn entry(n: i64) -> JournalEntry {
    JournalEntry {
        id: n.to_string(),
        at: format!("2026-11-21T09:00:00.{n:06}Z"),
        person: Some("checker1".into()),
        session_role: "checker1".into(),
        command: "cast_vote".into(),
        request: Some(format!("{{\"version\": {n}}}")),
        ok: "true".into(),
        code: "done".into(),
        sentence: "Approved.".into(),
        ..JournalEntry::default()
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}

/// Seals entries in their order.
fn seal(entries: impl IntoIterator<Item = JournalEntry>) -> Vec<SealedRow> {
    let mut prev = GENESIS.to_owned();
    (1..)
        .zip(entries)
        .map(|(seq, entry)| {
            prev = entry_hash(&prev, seq, &entry);
            SealedRow { seq, hash: prev.clone(), entry: Some(entry) }
        })
        .collect()
}

fn sign(key: &Ed25519KeyPair, row: &SealedRow) -> Head {
    let at = format!("2026-11-21T10:00:{:02}Z", row.seq % 60);
    let signature = hex::encode(key.sign(head_text(row.seq, &row.hash, &at).as_bytes()));
    Head { seq: row.seq, hash: row.hash.clone(), at, signature, public_key: hex::encode(key.public_key()) }
}

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

/// Heads for every third row and the last.
fn heads(rows: &[SealedRow], key: &Ed25519KeyPair) -> Vec<Head> {
    rows.iter().filter(|row| row.seq % 3 == 0 || row.seq == count(rows.len())).map(|row| sign(key, row)).collect()
}

fn run(rows: &[SealedRow], heads: Heads) -> Result<Verified, BadEntry> {
    verify(rows.iter().cloned().map(Ok::<_, std::convert::Infallible>), heads).map_err(|error| match error {
        VerifyError::Bad(bad) => bad,
        VerifyError::Read(never) => match never {},
    })
}

fn with(stored: Vec<Head>, outside: Vec<Head>) -> Heads {
    Heads { public_key: Some(key(1).public_key().as_ref().to_vec()), stored, outside, renewals: Vec::new() }
}

#[test]
fn it_says_which_of_the_proofs_it_gives() {
    let rows = seal((1..=10).map(entry));
    let all = heads(&rows, &key(1));
    let proof = |heads| run(&rows, heads).unwrap().proof;
    assert_eq!(proof(Heads::default()), Proof::Chain);
    assert_eq!(proof(Heads { public_key: None, ..with(all.clone(), all.clone()) }), Proof::Chain);
    assert_eq!(proof(with(all.clone(), vec![])), Proof::StoredHeads(10));
    assert_eq!(proof(with(all.clone(), all[..2].to_vec())), Proof::OutsideHeads(6));
    let verified = run(&rows, with(vec![], all)).unwrap();
    assert_eq!((verified.entries, verified.head, verified.proof), (10, rows[9].hash.clone(), Proof::OutsideHeads(10)));
    assert_eq!(run(&[], Heads::default()).unwrap().head, GENESIS);
}

#[test]
fn a_cut_tail_shows_only_with_heads_that_survived_it() {
    let rows = seal((1..=10).map(entry));
    let all = heads(&rows, &key(1));
    let cut = &rows[..7];
    let bad = run(cut, with(all.clone(), vec![])).unwrap_err();
    assert_eq!((bad.seq, bad.fault), (8, Fault::Cut));
    let left: Vec<_> = all.iter().filter(|head| head.seq <= 7).cloned().collect();
    assert_eq!(run(cut, with(left.clone(), vec![])).unwrap().proof, Proof::StoredHeads(6));
    assert_eq!(run(cut, with(left, all)).unwrap_err().seq, 8);
}

#[test]
fn a_rewriting_with_new_seals_shows_against_the_signed_heads() {
    let mut entries: Vec<_> = (1..=10).map(entry).collect();
    let all = heads(&seal(entries.clone()), &key(1));
    entries[4].person = Some("checker2".into());
    let rewritten = seal(entries);
    assert_eq!(run(&rewritten, Heads::default()).unwrap().proof, Proof::Chain);
    let bad = run(&rewritten, with(all, vec![])).unwrap_err();
    assert_eq!((bad.seq, bad.fault), (4, Fault::Rewritten));
    // Signing it anew takes the worker's key.
    let bad = run(&rewritten, with(heads(&rewritten, &key(2)), vec![])).unwrap_err();
    assert_eq!(bad.fault, Fault::ForgedHead);
}

/// What a superuser does to the tables.
#[derive(Clone, Debug)]
enum Attack {
    Edit(usize, usize),
    Swap(usize, usize),
    DeleteRow(usize),
    DeleteSeal(usize),
    DeleteBoth(usize),
    CutTail(usize),
    Insert(usize),
}

fn attack() -> impl Strategy<Value = Attack> {
    let at = 0..100_usize;
    prop_oneof![
        (at.clone(), 0..14_usize).prop_map(|(a, b)| Attack::Edit(a, b)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Attack::Swap(a, b)),
        at.clone().prop_map(Attack::DeleteRow),
        at.clone().prop_map(Attack::DeleteSeal),
        at.clone().prop_map(Attack::DeleteBoth),
        at.clone().prop_map(Attack::CutTail),
        at.prop_map(Attack::Insert),
    ]
}

fn edit(entry: &mut JournalEntry, column: usize) {
    let optional = |value: &mut Option<String>| *value = if value.is_some() { None } else { Some(String::new()) };
    match column {
        0 => entry.id.push('0'),
        1 => entry.at.push('0'),
        2 => optional(&mut entry.person),
        3 => entry.session_role.push('2'),
        4 => optional(&mut entry.via),
        5 => entry.command.clear(),
        6 => optional(&mut entry.command_id),
        7 => optional(&mut entry.subject),
        8 => optional(&mut entry.project),
        9 => optional(&mut entry.request),
        10 => entry.ok = "false".into(),
        11 => entry.code = "forbidden".into(),
        12 => entry.sentence.push(' '),
        _ => optional(&mut entry.data),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn every_attack_is_found_at_its_first_entry(length in 2..40_usize, attack in attack()) {
        let rows = seal((1..=count(length)).map(entry));
        let kept = heads(&rows, &key(1));
        let mut bad = rows.clone();
        let first = match attack {
            Attack::Edit(at, column) => {
                let at = at % length;
                edit(bad[at].entry.as_mut().unwrap(), column);
                at
            }
            Attack::Swap(a, b) => {
                let (a, b) = (a % length, b % length);
                prop_assume!(a != b);
                let entry = bad[a].entry.take();
                bad[a].entry = bad[b].entry.take();
                bad[b].entry = entry;
                a.min(b)
            }
            Attack::DeleteRow(at) => {
                let at = at % length;
                bad[at].entry = None;
                at
            }
            Attack::DeleteSeal(at) => {
                let at = at % length;
                bad.remove(at);
                at
            }
            Attack::DeleteBoth(at) => {
                // Later entries are renumbered, as a careful attacker would.
                let at = at % length;
                bad.remove(at);
                for row in &mut bad[at..] { row.seq -= 1; }
                at
            }
            Attack::CutTail(at) => {
                let at = at % length;
                bad.truncate(at);
                at
            }
            Attack::Insert(at) => {
                let at = at % length;
                bad.insert(at, SealedRow { seq: count(at) + 1, hash: "0".repeat(64), entry: Some(entry(999)) });
                for row in &mut bad[at + 1..] { row.seq += 1; }
                at
            }
        };
        let found = run(&bad, with(vec![], kept)).unwrap_err();
        prop_assert_eq!(found.seq, count(first) + 1, "{}", found.sentence);
        prop_assert!(run(&rows, with(vec![], heads(&rows, &key(1)))).is_ok());
    }
}
