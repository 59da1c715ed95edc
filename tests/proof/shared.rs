//! What lies where released files go, with the real store: nothing that no release put there passes.

use exeat::domain::verify::{BadEntry, Verified};
use exeat::service::Service;

use super::file::site;
use crate::support::s3::{Who, local};
use crate::worker::site::Site;

async fn proved(site: &Site, auditor: &Service) -> Result<Verified, BadEntry> {
    auditor.verify_journal(Some(&site.config)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_object_where_released_files_go_has_its_sealed_claim() {
    let (site, auditor, _) = Box::pin(site()).await;
    let worker = site.start();
    let verified = proved(&site, &auditor).await.unwrap_or_else(|bad| panic!("{bad}"));
    assert_eq!(verified.notes, ["Objects in the shared locations that are what their sealed claims say: 2."]);

    let shared = &site.buckets.shared;
    let held = site.held(shared).await;
    let key = |part: &str| held.iter().find(|(key, _)| key.contains(part)).map(|(key, _)| key.clone()).unwrap();
    let (copy, record) = (key("t.csv"), key("_records/"));
    let ways: [(&str, &[u8], &str); 4] = [
        ("heart/trusted/99/mine.csv", b"mine", "no sealed claim put it there"),
        (&copy, b"other bytes", "its bytes are not those that were released"),
        (&record, b"{\"decided_on\": {\"votes\": []}}", "its record is not what the release was decided on"),
        ("_records/00000000-0000-0000-0000-000000000000.json", b"{}", "no sealed claim put it there"),
    ];
    for (key, bytes, words) in ways {
        local().put(Who::Site, shared, key, bytes).await;
        let bad = proved(&site, &auditor).await.unwrap_err();
        let told: Vec<&str> = [&bad].into_iter().chain(&bad.more).map(|bad| bad.sentence.as_str()).collect();
        assert!(told.iter().any(|told| told.contains(key) && told.contains(words)), "{key}: {told:?}");
    }
    worker.end().await;
}
