//! Reading through tickets.

use exeat::domain::egress::{EgressItem, VersionId};
use exeat::service::ServiceError;

use super::changes::service;
use crate::support::desk::{desk, text, unique};

fn submitted(bytes: &[u8]) -> (VersionId, String) {
    let item = desk().submit("researcher1", "heart", "trusted", &(unique("bytes") + ".bin"), bytes);
    (text(&item["id"]).parse().unwrap(), text(&item["key"]))
}

#[tokio::test]
async fn any_range_is_exactly_those_bytes() {
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let (id, _) = submitted(&bytes);
    let service = service("checker1");
    let reader = service.open_version(id).await.unwrap();
    assert_eq!(reader.size(), bytes.len() as u64);
    let end = reader.size();
    for range in [0..1, 0..16, 5..77, end - 3..end, end - 1..end + 50, end..end + 9, 70_000..90_001, 0..end] {
        let wanted = usize::try_from(range.start).unwrap()..usize::try_from(range.end.min(end)).unwrap();
        assert_eq!(reader.read(range.clone()).await.unwrap(), bytes[wanted], "{range:?}");
    }
    let (empty, _) = submitted(b"");
    assert!(service.open_version(empty).await.unwrap().read(0..10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_old_version_stays_itself_and_a_new_one_starts_with_no_votes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(unique("twice") + ".txt");
    let path = file.to_str().unwrap();
    let args = ["egress", "submit", path, "--project", "heart", "--destination", "trusted", "--purpose", "twice"];
    std::fs::write(&file, "AAAA").unwrap();
    let one = desk().json("researcher1", &args)["items"][0].clone();
    let (id, sha) = (text(&one["id"]), text(&one["sha256"]));
    desk().json("checker1", &["egress", "approve", &id, "--sha256", &sha, "--unseen", "1"]);
    let service = service("checker1");
    let reader = service.open_version(id.parse().unwrap()).await.unwrap();
    std::fs::write(&file, "BBBB").unwrap();
    let two = desk().json("researcher1", &args)["items"][0].clone();
    assert_ne!(one["id"], two["id"], "an id never moves to other bytes");
    assert_eq!(reader.read(0..4).await.unwrap(), b"AAAA", "the store keeps versions and the ticket names one");
    assert_eq!(desk().item("checker1", &id)["state"], "altered");
    assert_eq!(two["destinations"]["trusted"]["count"], 0);
    let late = desk().run("checker2", &["egress", "approve", &id, "--sha256", &sha, "--unseen", "1", "--json"]);
    assert_eq!((late.exit, late.code().as_str()), (6, "altered"));
}

#[tokio::test]
async fn opening_is_checked_and_journalled() {
    let (id, _) = submitted(b"look");
    let refused = service("steward1").open_version(id).await.err().unwrap();
    assert!(matches!(&refused, ServiceError::Refused(refusal) if refusal.code == "not_found"), "{refused}");
    let checker = service("checker1");
    checker.open_version(id).await.unwrap();
    let opened = checker.facts_of::<EgressItem>(id.0).await.unwrap().history;
    assert!(opened.iter().any(|row| row.command == "ask_ticket" && row.actor.as_deref() == Some("checker1")));
}
