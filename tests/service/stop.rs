//! A download that is stopped: the journal says so, and the next one goes on.

use exeat::domain::egress::{EgressItem, VersionId};
use uuid::Uuid;

use super::changes::service;
use crate::support::desk::{desk, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_download_is_journalled_as_such_and_can_be_taken_up_again() {
    let item = tokio::task::spawn_blocking(|| desk().released()).await.unwrap();
    let id = text(&item["id"]).parse::<VersionId>().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let service = service("researcher1");
    let stopped = service.download_until(Uuid::new_v4(), id, folder.path(), &|_| {}, async {}).await.unwrap_err();
    assert_eq!(stopped.code(), "stopped", "{stopped}");
    let history = service.facts_of::<EgressItem>(id.0).await.unwrap().history;
    let ended = history.iter().filter(|row| row.command == "end_download").collect::<Vec<_>>();
    assert_eq!(ended.len(), 1, "{history:?}");
    assert_eq!(ended[0].detail["completed"], false);
    let done = service.download(Uuid::new_v4(), id, folder.path(), &|_| {}).await.unwrap();
    assert_eq!(std::fs::read(&done.path).unwrap().len() as u64, done.bytes);
}
