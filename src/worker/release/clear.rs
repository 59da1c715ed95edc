//! Taking away what a release wrote, and nothing else: after a mismatch, after a lease was lost, after a recall. Called by
//! the release and by the worker's chores.

use uuid::Uuid;

use super::{Progress, Release};
use crate::db::{Db, OpenRecall};
use crate::objects::{ObjectsError, Own, Removed, Unmarked};
use crate::worker::{Worker, WorkerError};

impl Release {
    /// The lease is lost. If the release failed since, or was finished and recalled, a copy this worker wrote after the
    /// other one's clean-up has to go; if it is done or another worker's, the copy is theirs.
    pub(super) async fn forget(&self) -> Result<(), WorkerError> {
        match self.db.release_state(self.job.release).await?.as_deref() {
            Some("failed") => self.sweep().await,
            // The record stays: it was released once.
            Some("recalled") => self.clear_shared().await,
            _ => Ok(()),
        }
    }

    /// It ends here: nothing may be left behind. The copies go before the database is told, so that a crash in between finds
    /// the same again; and once more after, for what a worker that lost its lease may have written in between.
    pub(super) async fn stop(&mut self, code: &str, sentence: String) -> Result<Progress, WorkerError> {
        self.sweep().await?;
        let answer = self.db.fail_release(self.job.release, &self.worker.holder, code, &sentence).await?;
        if !answer.ok {
            return Err(WorkerError::LeaseLost);
        }
        self.sweep().await?;
        Ok(Progress::Stopped(sentence))
    }

    async fn sweep(&self) -> Result<(), WorkerError> {
        let (job, store) = (&self.job, &self.worker.store);
        self.clear_shared().await?;
        nothing_where_nothing_can_be(
            store.remove_own(&job.shared_bucket, self.record_key().as_bytes(), self.own_record()).await,
        )?;
        store.remove(&self.worker.staging.bucket, &self.staged_key()).await?;
        Ok(())
    }

    async fn clear_shared(&self) -> Result<(), WorkerError> {
        let job = &self.job;
        let found = self.worker.store.remove_own(&job.shared_bucket, &job.shared_key, self.own_copy()).await;
        if nothing_where_nothing_can_be(found)?.foreign {
            alarm(&self.db, job.release, &job.shared_bucket, &job.shared_key).await?;
        }
        Ok(())
    }

    /// How it knows its shared copy.
    pub(super) fn own_copy(&self) -> Own<'_> {
        let unmarked = if self.job.unmarked { Unmarked::OwnBytes(&self.job.sha256) } else { Unmarked::Foreign };
        Own { release: &self.mark, version: None, unmarked }
    }

    /// How it knows its record, whose key is its own id.
    pub(super) fn own_record(&self) -> Own<'_> {
        let unmarked = if self.job.unmarked { Unmarked::Own } else { Unmarked::Foreign };
        Own { release: &self.mark, version: None, unmarked }
    }

    pub(super) fn staged_key(&self) -> Vec<u8> {
        self.worker.staging.key(self.mark.as_bytes())
    }

    /// `_records/<release>.json` at the top of the shared location.
    pub(super) fn record_key(&self) -> String {
        let job = &self.job;
        record_key(&job.shared_key_prefix, &job.project, &job.destination, job.version, job.release)
    }
}

/// A recall: the shared copy goes, and of a release that was never out its record and what was staged too.
///
/// Releases of before ids were written beside the bytes are known by the version the store named then; where the bucket
/// kept none, by key and hash. Where two releases claim one such copy, the database says that it is nobody's to remove.
///
/// # Errors
/// The store or the database failed; it is tried again.
pub(in crate::worker) async fn take_back(worker: &Worker, db: &Db, recall: &OpenRecall) -> Result<(), WorkerError> {
    let (store, mark) = (&worker.store, recall.release.to_string());
    let unmarked = if recall.unmarked { Unmarked::OwnBytes(&recall.sha256) } else { Unmarked::Foreign };
    let own = Own { release: &mark, version: recall.version_id.as_deref(), unmarked };
    let found = nothing_where_nothing_can_be(store.remove_own(&recall.bucket, &recall.key, own).await)?;
    if found.foreign {
        alarm(db, recall.release, &recall.bucket, &recall.key).await?;
    }
    if !recall.was_out {
        let (project, destination) = (&recall.project, &recall.destination);
        let key = record_key(&recall.key_prefix, project, destination, recall.version, recall.release);
        let unmarked = if recall.unmarked { Unmarked::Own } else { Unmarked::Foreign };
        let own = Own { release: &mark, version: None, unmarked };
        nothing_where_nothing_can_be(store.remove_own(&recall.bucket, key.as_bytes(), own).await)?;
        store.remove(&worker.staging.bucket, &worker.staging.key(mark.as_bytes())).await?;
    }
    Ok(())
}

/// Somebody else's object at a release's key: it stays, and people are told.
async fn alarm(db: &Db, release: Uuid, bucket: &str, key: &[u8]) -> Result<(), WorkerError> {
    let key_hex = hex::encode(key);
    tracing::error!(%release, bucket, key_hex, "an object this release did not write lies at its place; it was left there");
    db.foreign_object(release, bucket, key).await?;
    Ok(())
}

/// Where the store can never take a key, there is nothing at it.
fn nothing_where_nothing_can_be(found: Result<Removed, ObjectsError>) -> Result<Removed, ObjectsError> {
    match found {
        Err(error) if error.is_final() => Ok(Removed::default()),
        other => other,
    }
}

fn record_key(key_prefix: &str, project: &str, destination: &str, version: i64, release: Uuid) -> String {
    let below = format!("{project}/{destination}/{version}/");
    let top = key_prefix.strip_suffix(&below).unwrap_or_default();
    format!("{top}_records/{release}.json")
}
