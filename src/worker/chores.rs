//! Small things done every few seconds: the beat, recalled copies, registrations of bytes that are there, lapsed votes, counted refusals.
//! Two of the worker's tasks.

use std::time::Duration;

use tokio::time::Instant;

use super::task::Setup;
use super::{Worker, WorkerError, host, release};
use crate::db::Db;

/// Between two looks at every registration that waits; each round looks at the young ones.
const EVERYTHING: Duration = Duration::from_mins(2);
/// Most calls in one round: a long list does not hold the other chores up.
const MOST_BINDS: u32 = 10;

/// Says that the worker lives.
pub(super) async fn beat(on: Setup) {
    let (host, pid) = (host(), i32::try_from(std::process::id()).unwrap_or(0));
    let staging = on.worker.staging.to_string();
    let mut pace = on.pace();
    while pace.turn().await {
        let (known, fault) = (on.db.check_schema().await, on.worker.broken.get().cloned());
        let beat = match known {
            Ok(()) => on.db.worker_beat(&on.worker.name, &host, pid, &staging, fault.as_deref()).await,
            Err(error) => Err(error),
        };
        pace.took(beat.map(|()| false).map_err(Into::into));
    }
}

/// Whether it may work at all. A round is no sign of a worker that lives.
pub(super) async fn known(on: Setup) -> Result<(), WorkerError> {
    Ok(on.db.check_schema().await?)
}

/// The rest; each tries again by itself in the next round.
pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    let mut looked = None::<Instant>;
    while pace.turn().await {
        let all = looked.is_none_or(|at| at.elapsed() > EVERYTHING);
        let done = round(on.clone(), all).await;
        if all && done.is_ok() {
            looked = Some(Instant::now());
        }
        pace.took(done.map(|()| false));
    }
}

/// One round, each chore by itself: what keeps one from its work keeps none of the others. `all`: every registration that waits is
/// looked at, not only the young ones.
///
/// # Errors
/// The first chore's that did not work; the others were done all the same.
pub(super) async fn round(on: Setup, all: bool) -> Result<(), WorkerError> {
    let (worker, db) = (&on.worker, &on.db);
    let done = [
        take_back_recalled(worker, db).await,
        bind(db, all).await,
        db.lapse_votes().await.map(drop).map_err(Into::into),
        db.keep_refusals().await.map_err(Into::into),
    ];
    done.into_iter().collect()
}

async fn take_back_recalled(worker: &Worker, db: &Db) -> Result<(), WorkerError> {
    for recall in db.open_recalls().await? {
        let removed = release::take_back(worker, db, &recall).await;
        if let Err(error) = &removed {
            tracing::warn!(%error, version = recall.version, "a recalled file is still in the shared location");
        }
        db.finish_recall(recall.id, removed.is_ok()).await?;
    }
    Ok(())
}

async fn bind(db: &Db, all: bool) -> Result<(), WorkerError> {
    for _ in 0..MOST_BINDS {
        if db.bind_registrations(all).await? == 0 {
            break;
        }
    }
    Ok(())
}
