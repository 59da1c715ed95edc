//! Small things done every few seconds: the beat, recalled copies, lapsed votes, idle sessions. Run by the worker.

use std::sync::Arc;
use std::time::Duration;

use super::pace::Pace;
use super::{Worker, WorkerError, host, release};
use crate::db::Db;

/// Says that the worker lives.
pub(super) async fn beat(worker: Arc<Worker>, db: Db) {
    let (host, pid) = (host(), i32::try_from(std::process::id()).unwrap_or(0));
    let mut pace = Pace::new("beat", &worker, None, Duration::from_secs(2));
    while pace.turn().await {
        let known = db.check_schema().await;
        let beat = match known {
            Ok(()) => db.worker_beat(&worker.name, &host, pid).await,
            Err(error) => Err(error),
        };
        pace.took(beat.map(|()| false).map_err(Into::into));
    }
}

/// The rest; each tries again by itself in the next round.
pub(super) async fn run(worker: Arc<Worker>, db: Db) {
    let mut pace = Pace::new("chores", &worker, None, Duration::from_secs(1));
    while pace.turn().await {
        let done = round(&worker, &db).await;
        pace.took(done.map(|()| false));
    }
}

pub(super) async fn round(worker: &Worker, db: &Db) -> Result<(), WorkerError> {
    for recall in db.open_recalls().await? {
        let removed = release::take_back(worker, db, &recall).await;
        if let Err(error) = &removed {
            tracing::warn!(%error, version = recall.version, "a recalled file is still in the shared location");
        }
        db.finish_recall(recall.id, removed.is_ok()).await?;
    }
    db.lapse_votes().await?;
    let idle = i32::try_from(worker.config.worker.idle_seconds).unwrap_or(i32::MAX);
    let ended = db.end_idle_sessions(idle).await?;
    if ended > 0 {
        tracing::warn!(ended, "sessions of people that kept a transaction open too long were ended");
    }
    Ok(())
}
