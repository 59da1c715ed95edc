//! The release: approved bytes, and only those, from a project's location to the shared one. One of the worker's tasks.
//!
//! The claim is a transaction in the database that counts votes, memberships and policy again: from there on the case is
//! `releasing`, under a lease. Then the steps of `steps`, one after another. A worker that dies leaves its lease to run out;
//! another one claims the release again and begins at the first step. Every step can be done twice:
//!
//! | killed | what is left | what the next claim does |
//! |---|---|---|
//! | before the claim commits | nothing; the case is approved | claims it |
//! | after the claim, in `Check` | a lease | checks again |
//! | in `Stage` | parts of an upload nobody sees, or the staged object | aborts the parts, stages again over it |
//! | after `Stage`, in `Share` before the object is visible | the staged object, parts nobody sees | stages again, shares |
//! | in `Share` after the object is visible | the shared object, unread; the case is not released yet | sees it there and writes nothing; `Verify` reads it back |
//! | in `Verify` | the same | reads it back again |
//! | in `Record` | the shared object, perhaps its record | writes the record again |
//! | in `Finish` before the commit | shared object and record; the case is not released yet | all steps again, then finishes |
//! | in `Finish` after the commit | nothing open: it is released | nothing |
//! | in a clean-up, before its commit | perhaps a shared object; the case is not released | finds the same again, cleans up again |
//! | in a clean-up, after its commit | the shared copy was removed before the commit | nothing |
//! | after the alarm over somebody else's object, before the clean-up's commit | the alarm; the case is not released | finds it again, ends; the alarm is given once |
//! | recalled while its worker was gone | perhaps a shared object and its record, and an open recall | nothing: the chores take away what the release wrote |
//! | stopped in `Share` for longer than its lease, then let go on | perhaps a copy written after another's clean-up | the one that wrote it sees that the release failed and removes it |
//! | the same, and another finished it and it was recalled | perhaps a copy written after the recall took it away | the one that wrote it sees the recall and removes it |
//!
//! What a release writes carries the release's id beside the bytes, and only what carries it is the release's: an object at
//! its key with another id or with none is somebody else's, even with the right bytes. It is never written over and never
//! removed; the worker raises an alarm (journal `foreign_object`, event `egress.alarm`) and the release ends.
//!
//! How it ends where it cannot succeed:
//!
//! | what happened | the case becomes | what then |
//! |---|---|---|
//! | the bytes changed or are gone | `altered` | the newest version is decided |
//! | somebody else's object lies at the shared key | `recalled`, with the reason | two people restore it once that is mended, and it is decided anew |
//! | the store will never take it (`objects::ObjectsError::is_final`), or has denied it for a day | `recalled`, with the reason | the same |
//! | what is sealed does not say that it was earned (`prove`) | stays `releasing`, with the reason | an alarm, once; tried again like the next; a checker may recall it meanwhile |
//! | anything else: no answer, half a file, no room | stays `releasing`, with the reason | tried again, after 2 s to 5 min, behind fresh work; a checker may recall it meanwhile |
//!
//! If the bytes at the key change between two claims, the second finds a mismatch: what the first had shared is removed and
//! the case is `altered`. People can download only what is `released`; the shared location itself holds an unreleased copy
//! at most between `Share` and `Finish`.

mod clear;
mod signed;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use serde_json::Value;
use tokio::time::Instant;

use super::task::{Setup, Turns};
use super::{Worker, WorkerError};
use crate::db::{ClaimedRelease, Db};
use crate::objects::ObjectsError;

pub(super) use clear::take_back;

/// How many releases are worked on at once.
const RELEASERS: usize = 2;

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Was it earned, by what is sealed? Are the newest bytes at the key still there, and of the size voted on? Could a copy be taken back?
    Check,
    /// Stream exactly that version to staging, hashing; compare with the hash voted on.
    Stage,
    /// Write the staged bytes to the shared location, never over anything.
    Share,
    /// Read the shared copy back: is it this release's own, with these bytes? Drop the staged one.
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
    /// What it writes beside its bytes.
    mark: String,
    /// The store's id of the bytes that were checked.
    source: Option<String>,
    shared_version: Option<String>,
    record: Option<Value>,
}

/// What ends the case, under the code the database knows it by; anything else is tried again.
enum Failure {
    Ends(&'static str, String),
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
            mark: job.release.to_string(),
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
            Err(Failure::Ends(code, sentence)) => self.stop(code, sentence).await,
            Err(Failure::Other(error)) => Err(error),
        }
    }
}

fn lease_seconds(worker: &Worker) -> i32 {
    i32::try_from(worker.config.worker.lease_seconds).unwrap_or(i32::MAX)
}

/// Each with a connection of its own.
pub(super) fn run(on: &Setup) -> Turns {
    (0..RELEASERS).map(|_| Ok(turns(on.beside()?).boxed())).collect()
}

/// All there is to release.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    while one(&on.worker, &on.db).await? {}
    Ok(())
}

async fn turns(on: Setup) {
    tokio::select! {
        () = on.worker.checked.cancelled() => {}
        () = on.worker.stop.cancelled() => return,
    }
    let mut pace = on.pace();
    while pace.turn().await {
        pace.took(one(&on.worker, &on.db).await);
    }
}

/// Claims one release and carries it through; whether there was one.
async fn one(worker: &Arc<Worker>, db: &Arc<Db>) -> Result<bool, WorkerError> {
    let Some(mut release) = Release::claim(worker, db).await? else { return Ok(false) };
    let version = release.job.version;
    loop {
        let taken = if worker.stop.is_cancelled() {
            give_back(&release, "back", "the worker was asked to stop").await;
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
                tracing::warn!(version, "another worker took the release over, or it was recalled");
                return Ok(true);
            }
            Err(error @ WorkerError::Unproved(_)) => {
                tracing::error!(version, %error, "nothing was let out");
                give_back(&release, "retry", &error.to_string()).await;
                return Ok(true);
            }
            Err(error) => {
                tracing::warn!(version, step = ?release.step, %error, "the release is tried again later");
                // staging is the worker's own place: no release is to blame for what is denied there
                let denied =
                    release.step != Step::Stage && matches!(error, WorkerError::Objects(ObjectsError::Denied(_)));
                give_back(&release, if denied { "denied" } else { "retry" }, &error.to_string()).await;
                return Err(error);
            }
        }
    }
}

/// Lets another worker, or this one later, take it up without waiting for the lease.
async fn give_back(release: &Release, code: &str, why: &str) {
    let told = release.db.fail_release(release.job.release, &release.worker.holder, code, why).await;
    if let Err(error) = told {
        tracing::debug!(%error, "the release waits for its lease to run out");
    }
}
