//! The release: approved bytes, and only those, from a project's location to the shared one. Run by the worker.
//!
//! The claim is a transaction in the database that counts votes, memberships and policy again: from there on the case is
//! `releasing`, under a lease. Then the steps below, one after another. A worker that dies leaves its lease to run out;
//! another one claims the release again and begins at the first step. Every step can be done twice:
//!
//! | killed | what is left | what the next claim does |
//! |---|---|---|
//! | before the claim commits | nothing; the case is approved | claims it |
//! | after the claim, in `Check` | a lease | checks again |
//! | in `Stage` | parts of an upload nobody sees, or the staged object | aborts the parts, stages again over it |
//! | after `Stage`, in `Share` before the object is visible | the staged object, parts nobody sees | stages again, shares |
//! | in `Share` after the object is visible | the shared object, unread; the case is not released yet | `If-None-Match: *` refuses to write it again; `Verify` reads it back |
//! | in `Verify` | the same | reads it back again |
//! | in `Record` | the shared object, perhaps its record | writes the record again |
//! | in `Finish` before the commit | shared object and record; the case is not released yet | all steps again, then finishes |
//! | in `Finish` after the commit | nothing open: it is released | nothing |
//! | in the clean-up of a mismatch, before its commit | perhaps a shared object; the case is not released | finds the mismatch again, cleans up again |
//! | in the clean-up of a mismatch, after its commit | the shared copy was removed before the commit | nothing |
//! | stopped in `Share` for longer than its lease, then let go on | perhaps a copy written after another's clean-up | the one that wrote it sees that the release failed and removes it |
//! | the same, and another finished it and it was recalled | perhaps a copy written after the recall took it away | the one that wrote it sees the recall and removes it |
//!
//! If the bytes at the key change between two claims, the second finds a mismatch: what the first had shared is removed and
//! the case is `altered`. People can download only what is `released`; the shared location itself holds an unreleased copy
//! at most between `Share` and `Finish`.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use chrono::Utc;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::pace::{Pace, Wake};
use super::{Worker, WorkerError};
use crate::db::{ClaimedRelease, Db};
use crate::objects::{ObjectsError, PutMode};

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Are the newest bytes at the key still there, and of the size voted on?
    Check,
    /// Stream exactly that version to staging, hashing; compare with the hash voted on.
    Stage,
    /// Write the staged bytes to the shared location, never over anything.
    Share,
    /// Read the shared copy back and compare; drop the staged one.
    Verify,
    /// Write down what it was decided on, beside it.
    Record,
    /// Tell the database: now it is released.
    Finish,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This one is next.
    Next(Step),
    /// Released.
    Released,
    /// Not released, and nothing was left behind: why, in a sentence.
    Stopped(String),
}

/// A release under way. Dropping it anywhere is the same as being killed there.
pub struct Release {
    worker: Arc<Worker>,
    db: Arc<Db>,
    job: ClaimedRelease,
    step: Step,
    /// The store's id of the bytes that were checked.
    source: Option<String>,
    shared_version: Option<String>,
    record: Option<Value>,
}

/// A mismatch ends the case, anything else is tried again.
enum Failure {
    Mismatch(&'static str, String),
    Other(WorkerError),
}

impl<E: Into<WorkerError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl Release {
    /// Claims a release, if there is one to do.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn claim(worker: &Arc<Worker>, db: &Arc<Db>) -> Result<Option<Self>, WorkerError> {
        let claimed = db.claim_release(&worker.holder, lease_seconds(worker)).await?;
        Ok(claimed.map(|job| Self {
            worker: worker.clone(),
            db: db.clone(),
            job,
            step: Step::Check,
            source: None,
            shared_version: None,
            record: None,
        }))
    }

    /// What was claimed.
    #[must_use]
    pub fn job(&self) -> &ClaimedRelease {
        &self.job
    }

    /// The step that is next.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Takes the next step, keeping the lease meanwhile.
    ///
    /// # Errors
    /// The database or the store failed, or the lease is lost; the release stays claimed until its lease runs out.
    pub async fn advance(&mut self) -> Result<Progress, WorkerError> {
        let taken = self.held_step().await;
        if matches!(taken, Err(WorkerError::LeaseLost)) && !matches!(self.step, Step::Check | Step::Stage) {
            self.forget().await?;
        }
        taken
    }

    /// The lease is lost. If the release failed since, or was finished and recalled, a copy this worker wrote after the
    /// other one's clean-up has to go; if it is done or another worker's, the copy is theirs.
    async fn forget(&self) -> Result<(), WorkerError> {
        match self.db.release_state(self.job.release).await?.as_deref() {
            Some("failed") => self.sweep().await,
            // The record stays: it was released once.
            Some("recalled") => {
                self.worker.store.remove(&self.job.shared_bucket, &self.job.shared_key).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn held_step(&mut self) -> Result<Progress, WorkerError> {
        let (db, release, holder) = (self.db.clone(), self.job.release, self.worker.holder.clone());
        let seconds = lease_seconds(&self.worker);
        let third = Duration::from_secs(seconds.unsigned_abs().into()) / 3;
        let step = self.take_step();
        tokio::pin!(step);
        let mut held_until = Instant::now() + third * 3;
        let mut first = true;
        loop {
            // asked before each step too: a worker that was stopped for long must not go on
            if !std::mem::take(&mut first) {
                tokio::select! {
                    taken = &mut step => return taken,
                    () = tokio::time::sleep(third) => {}
                }
            }
            match db.renew_lease(release, &holder, seconds).await {
                Ok(true) => held_until = Instant::now() + third * 3,
                Ok(false) => return Err(WorkerError::LeaseLost),
                Err(error) if Instant::now() >= held_until => return Err(error.into()),
                Err(error) => tracing::debug!(%error, "the lease was not renewed yet"),
            }
        }
    }

    async fn take_step(&mut self) -> Result<Progress, WorkerError> {
        let taken = match self.step {
            Step::Check => self.check().await,
            Step::Stage => self.stage().await,
            Step::Share => self.share().await,
            Step::Verify => self.verify().await,
            Step::Record => self.write_record().await,
            Step::Finish => self.finish().await,
        };
        match taken {
            Ok(progress) => {
                if let Progress::Next(next) = progress {
                    self.step = next;
                }
                Ok(progress)
            }
            Err(Failure::Mismatch(code, sentence)) => self.stop(code, sentence).await,
            Err(Failure::Other(error)) => Err(error),
        }
    }

    async fn check(&mut self) -> Result<Progress, Failure> {
        let job = &self.job;
        let head = match self.worker.store.head(&job.bucket, &job.key, None).await {
            Err(ObjectsError::NotFound(_)) => {
                return Err(Failure::Mismatch("missing", "The file is no longer in the project's location.".into()));
            }
            other => other?,
        };
        if i64::try_from(head.size) != Ok(job.size) {
            return Err(altered());
        }
        // a newer version with the same bytes is the same file; Stage compares them
        self.source = head.version_id;
        Ok(Progress::Next(Step::Stage))
    }

    async fn stage(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        let (bucket, key) = (self.worker.staging.bucket.as_str(), self.staged_key());
        store.abort_uploads(bucket, &key).await?;
        let mut stream = match store.read(&job.bucket, &job.key, self.source.as_deref(), None, None).await {
            Err(ObjectsError::NotFound(_)) => {
                return Err(Failure::Mismatch("missing", "The file is no longer in the project's location.".into()));
            }
            other => other?,
        };
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut put = store.put(bucket, &key, stream.head.size, PutMode::Replace);
        while let Some(bytes) = stream.next().await? {
            hash.update(&bytes);
            put.write(&bytes).await?;
        }
        if hex::encode(hash.finish()) != job.sha256 {
            put.give_up().await?;
            return Err(altered());
        }
        put.finish().await?;
        Ok(Progress::Next(Step::Share))
    }

    async fn share(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        let key = self.staged_key();
        store.abort_uploads(&job.shared_bucket, &job.shared_key).await?;
        let mut stream = store.read(&self.worker.staging.bucket, &key, None, None, None).await?;
        let mut put = store.put(&job.shared_bucket, &job.shared_key, stream.head.size, PutMode::Create);
        while let Some(bytes) = stream.next().await? {
            put.write(&bytes).await?;
        }
        match put.finish().await {
            // an earlier attempt wrote it: Verify reads what is there
            Ok(()) | Err(ObjectsError::Precondition(_)) => Ok(Progress::Next(Step::Verify)),
            Err(error) => Err(error.into()),
        }
    }

    async fn verify(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        let stream = store.read(&job.shared_bucket, &job.shared_key, None, None, None).await?;
        self.shared_version.clone_from(&stream.head.version_id);
        let (hash, _) = stream.sha256().await?;
        if hash != job.sha256 {
            return Err(Failure::Mismatch(
                "altered",
                "The copy in the shared location did not hold the approved bytes and was removed.".into(),
            ));
        }
        store.remove(&self.worker.staging.bucket, &self.staged_key()).await?;
        Ok(Progress::Next(Step::Record))
    }

    async fn write_record(&mut self) -> Result<Progress, Failure> {
        let job = &self.job;
        let head = self.db.last_head().await?;
        let record = json!({
            "release": job.release,
            "decided_on": job.record,
            "sha256": job.sha256,
            "read_back_sha256": job.sha256,
            "size": job.size,
            "shared": {"bucket": job.shared_bucket, "key_hex": hex::encode(&job.shared_key), "version_id": self.shared_version},
            "source": {"bucket": job.bucket, "key_hex": hex::encode(&job.key), "version_id": self.source},
            "journal_head": head,
            "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
            "worker": self.worker.name,
            "attempt": job.attempt,
            "at": Utc::now(),
        });
        let body = serde_json::to_vec_pretty(&record).unwrap_or_default();
        let key = self.record_key();
        self.worker.store.put_bytes(&job.shared_bucket, key.as_bytes(), body, PutMode::Replace).await?;
        self.record = Some(record);
        Ok(Progress::Next(Step::Finish))
    }

    async fn finish(&mut self) -> Result<Progress, Failure> {
        let head = self.record.as_ref().map_or(Value::Null, |record| record["journal_head"].clone());
        let (holder, version) = (&self.worker.holder, self.shared_version.as_deref());
        let answer = self.db.finish_release(&self.job, holder, version, &self.record_key(), &head).await?;
        if answer.ok { Ok(Progress::Released) } else { Err(WorkerError::LeaseLost.into()) }
    }

    /// A mismatch: nothing may be left behind. The copies go before the database is told, so that a crash in between finds
    /// the mismatch again; and once more after, for what a worker that lost its lease may have written in between.
    async fn stop(&mut self, code: &str, sentence: String) -> Result<Progress, WorkerError> {
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
        store.remove(&job.shared_bucket, &job.shared_key).await?;
        store.remove(&job.shared_bucket, self.record_key().as_bytes()).await?;
        store.remove(&self.worker.staging.bucket, &self.staged_key()).await?;
        Ok(())
    }

    fn staged_key(&self) -> Vec<u8> {
        self.worker.staging.key(self.job.release.to_string().as_bytes())
    }

    /// `_records/<release>.json` at the top of the shared location.
    fn record_key(&self) -> String {
        let job = &self.job;
        let below = format!("{}/{}/{}/", job.project, job.destination, job.version);
        let top = job.shared_key_prefix.strip_suffix(&below).unwrap_or_default();
        format!("{top}_records/{}.json", job.release)
    }
}

fn altered() -> Failure {
    Failure::Mismatch("altered", "The bytes at the key are not those that were approved. Nothing was copied.".into())
}

fn lease_seconds(worker: &Worker) -> i32 {
    i32::try_from(worker.config.worker.lease_seconds).unwrap_or(i32::MAX)
}

pub(super) async fn run(worker: Arc<Worker>, db: Db, wake: Wake) {
    let db = Arc::new(db);
    let mut pace = Pace::new("release", &worker, Some(wake), Duration::from_secs(1));
    while pace.turn().await {
        pace.took(one(&worker, &db).await);
    }
}

/// Claims one release and carries it through; whether there was one.
pub(super) async fn one(worker: &Arc<Worker>, db: &Arc<Db>) -> Result<bool, WorkerError> {
    let Some(mut release) = Release::claim(worker, db).await? else { return Ok(false) };
    let version = release.job.version;
    loop {
        let taken = if worker.stop.is_cancelled() {
            give_back(&release, "the worker was asked to stop").await;
            return Ok(false);
        } else {
            release.advance().await
        };
        match taken {
            Ok(Progress::Next(_)) => {}
            Ok(Progress::Released) => {
                tracing::info!(version, destination = release.job.destination, "released");
                return Ok(true);
            }
            Ok(Progress::Stopped(why)) => {
                tracing::warn!(version, why, "not released");
                return Ok(true);
            }
            Err(WorkerError::LeaseLost) => {
                tracing::warn!(version, "another worker took the release over");
                return Ok(true);
            }
            Err(error) => {
                tracing::warn!(version, step = ?release.step, %error, "the release is tried again later");
                give_back(&release, &error.to_string()).await;
                return Err(error);
            }
        }
    }
}

/// Lets another worker, or this one later, take it up without waiting for the lease.
async fn give_back(release: &Release, why: &str) {
    let told = release.db.fail_release(release.job.release, &release.worker.holder, "retry", why).await;
    if let Err(error) = told {
        tracing::debug!(%error, "the release waits for its lease to run out");
    }
}
