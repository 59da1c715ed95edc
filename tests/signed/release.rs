//! From the voter's agent to the record beside the released file, with the real worker, agents and `ssh-keygen`.

use std::time::Duration;

use exeat::config::{Config, DatabaseConfig, JournalConfig};
use exeat::domain::command::Command;
use exeat::domain::egress::EgressItem;
use exeat::domain::vote::VoteKind;
use exeat::service::Service;
use serde_json::Value;
use uuid::Uuid;

use super::{person, registered, signatures, vote};
use crate::support::s3::{S3, local};
use crate::support::ssh::{Key, SshAgent, verifies};
use crate::worker::site::{Site, until};

/// A site whose `trusted` counts signed approvals only, and the keys of two checkers; the worker allows those of `allowed`.
pub(super) async fn site(s3: &'static S3, allowed: &[usize]) -> (Site, Vec<Key>) {
    let mut site = Site::new(s3, false).await;
    signatures(&site.database, "required").await;
    let keys = vec![Key::new("ed25519"), Key::new("rsa -b 3072")];
    let mut lines = String::new();
    for (n, key) in keys.iter().enumerate() {
        let login = format!("checker{}", n + 1);
        registered(&site.database, &login, key).await;
        if allowed.contains(&n) {
            lines.push_str(&format!("{login} namespaces=\"vote@exeat\" {}\n", key.public()));
        }
    }
    let file = site.folder.path().join("allowed_signers");
    std::fs::write(&file, lines).unwrap();
    site.config.worker.allowed_signers = Some(file);
    (site, keys)
}

/// An approval of a file whose bytes are its name, signed by the real agent.
pub(super) async fn approve(site: &Site, login: &str, key: &Key, version: i64, body: &str) {
    let agent = SshAgent::with(key);
    let service = person(&site.database, login);
    let order = vec![(Uuid::new_v4(), vote(version, body, VoteKind::Approve))];
    let signed = service.sign_with(order, Some(agent.socket()), Duration::from_mins(1)).await.unwrap();
    let (id, command) = &signed.orders[0];
    assert!(matches!(command, Command::CastVote { signature: Some(_), .. }));
    let answer = service.carry_out(*id, command).await.unwrap();
    assert!(answer.ok, "{answer:?}");
}

/// The record beside what was released.
async fn record(site: &Site) -> Value {
    let held = site.held(&site.buckets.shared).await;
    let (_, record) = held.iter().find(|(key, _)| key.starts_with("_records/")).unwrap();
    serde_json::from_slice(record).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_waits_for_its_signatures_and_keeps_them_for_ssh_keygen() {
    let (site, keys) = site(local(), &[0, 1]).await;
    let version = site.submit("a.csv", "a,10\n").await;
    for (n, key) in keys.iter().enumerate() {
        approve(&site, &format!("checker{}", n + 1), key, version, "a,10\n").await;
    }
    assert_eq!(site.state(version).await, "pending");
    let worker = site.start();
    until("the release", || async { (site.state(version).await == "released").then_some(()) }).await;
    worker.end().await;
    let record = record(&site).await;
    let votes = record["decided_on"]["votes"].as_array().unwrap();
    assert_eq!(votes.len(), 2);
    let history = person(&site.database, "checker1").facts_of::<EgressItem>(version).await.unwrap().history;
    let told: Vec<&Value> =
        history.iter().filter(|event| event.command == "cast_vote").map(|event| &event.detail).collect();
    for (n, (vote, told)) in votes.iter().zip(told).enumerate() {
        let login = format!("checker{}", n + 1);
        let (text, signature) = (vote["signed"].as_str().unwrap(), vote["signature"].as_str().unwrap());
        let allowed = format!("{login} {}\n", keys[n].public());
        assert!(verifies(&allowed, &login, text, signature), "{vote}");
        assert!(!verifies(&allowed, &login, &text.replace("approve", "reject"), signature));
        for part in
            [format!("person={login} "), format!("version={version} "), record["sha256"].as_str().unwrap().to_owned()]
        {
            assert!(text.contains(&part), "{text}");
        }
        assert_eq!(
            (&vote["key_known_from"], &told["signature"], &told["signed"]),
            (&"allowed_signers".into(), &vote["signature"], &vote["signed"])
        );
    }
}

/// Who proves the journal believes their own file of keys, and neither the database nor the worker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_proves_the_signatures_with_a_file_of_their_own() {
    let (site, keys) = site(local(), &[0, 1]).await;
    let version = site.submit("a.csv", "a,10\n").await;
    for (n, key) in keys.iter().enumerate() {
        approve(&site, &format!("checker{}", n + 1), key, version, "a,10\n").await;
    }
    let worker = site.start();
    until("the release", || async { (site.state(version).await == "released").then_some(()) }).await;
    let file = site.folder.path().join("own_signers");
    let database = DatabaseConfig { user: Some("auditor1".into()), ..site.config.database.clone() };
    let journal = JournalConfig { allowed_signers: Some(file.clone()), ..JournalConfig::default() };
    let auditor = Service::open(Config { database, journal, ..Config::default() }, None).unwrap();
    let line = |n: usize| format!("checker{} {}\n", n + 1, keys[n].public());
    std::fs::write(&file, line(0) + &line(1)).unwrap();
    assert_eq!(auditor.verify_journal(None).await.unwrap().unwrap().releases.earned, 1);
    std::fs::write(&file, line(0)).unwrap();
    let bad = auditor.verify_journal(None).await.unwrap().unwrap_err();
    assert!(bad.sentence.contains("1 of the 2 approvals it needs are signed"), "{bad}");
    worker.end().await;
}

#[tokio::test]
async fn doctor_reads_the_allowed_signers_as_the_worker_does() {
    use crate::worker::doctor::{assert_one, doctor};
    let (mut site, keys) = site(local(), &[0, 1]).await;
    assert_one(&doctor(&site), "allowed signers", "ok", "names the keys that sign votes: 2");
    let file = site.config.worker.allowed_signers.clone().unwrap();
    std::fs::write(&file, format!("checker1 cert-authority {}\n", keys[0].public())).unwrap();
    assert_one(&doctor(&site), "allowed signers", "wrong", "line 1: cert-authority is not understood here");
    std::fs::remove_file(&file).unwrap();
    assert_one(&doctor(&site), "allowed signers", "wrong", "cannot be read");
    site.config.worker.allowed_signers = None;
    site.config.worker.signed_approvals = [("*/trusted".to_owned(), 1)].into();
    assert_one(&doctor(&site), "allowed signers", "note", "Keys known only to the database");
}

/// A key that only the database knows signs nothing where the site says whose keys do; where it does not, the record says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_known_only_to_the_database_is_told_apart() {
    let (mut site, keys) = site(local(), &[0]).await;
    let version = site.submit("a.csv", "a,10\n").await;
    for (n, key) in keys.iter().enumerate() {
        approve(&site, &format!("checker{}", n + 1), key, version, "a,10\n").await;
    }
    let worker = site.start();
    let checked = "select count(*) from exeat.vote_signatures where checked_at is not null";
    let mut owner = site.database.owner().await;
    while crate::support::pg::one::<i64>(&mut owner, checked).await < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    worker.end().await;
    assert_eq!(site.state(version).await, "pending");
    let why: String = crate::support::pg::one(&mut owner, "select why from exeat.vote_signatures where not good").await;
    assert!(why.contains("not among the allowed signers of checker2"), "{why}");
    // Without such a file.
    site.config.worker.allowed_signers = None;
    let version = site.submit("b.csv", "b,10\n").await;
    for (n, key) in keys.iter().enumerate() {
        approve(&site, &format!("checker{}", n + 1), key, version, "b,10\n").await;
    }
    let worker = site.start();
    until("the release", || async { (site.state(version).await == "released").then_some(()) }).await;
    worker.end().await;
    let votes = record(&site).await["decided_on"]["votes"].clone();
    assert!(votes.as_array().unwrap().iter().all(|vote| vote["key_known_from"] == "database"), "{votes}");
}
