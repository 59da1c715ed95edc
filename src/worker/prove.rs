//! Whether what leaves was earned, by the sealed entries and nothing else: the database counts, the worker replays. One of the
//! worker's tasks, so that little is left to read when a release or a released copy asks.
//!
//! It follows the chain from its first entry to a head it signed itself, and holds it against the heads it kept outside the
//! database. What a release or a copy rests on has to be below such a head. Where the chain does not hold, nothing leaves; where
//! a claim was not earned, that one does not. Both are journalled, told as the event `egress.alarm` and shown by `doctor`.
//!
//! It keeps in memory what a replay needs, some hundred bytes for each file version, and after a start reads the whole journal.

use super::task::Setup;
use super::{Worker, WorkerError, seal, signing};
use crate::db::{ClaimedRelease, Db, DbError, OpenTicket};
use crate::domain::journal::Head;
use crate::domain::replay::{ReleaseRow, Replay};
use crate::domain::verify::{BadEntry, Fault, Heads, SealedRow, Verifier};

/// Rows read at once.
const PAGE: i32 = 5_000;

/// How far the worker has followed the journal.
#[derive(Default)]
pub(super) struct Proof(Option<Box<Following>>);

struct Following {
    verifier: Verifier,
    replay: Replay,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = self.0.as_ref().map(|following| following.verifier.end().0);
        f.debug_tuple("Proof").field(&end).finish()
    }
}

/// Follows the journal.
pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    while pace.turn().await {
        pace.took(round(on.clone()).await.map(|()| false));
    }
}

/// Goes on to the newest head this process signed.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    let head = on.worker.sealed.lock().await.clone();
    let Some(head) = head else { return Ok(()) };
    on.worker.proof.lock().await.follow(&on.worker, &on.db, &head).await
}

impl Worker {
    /// Why the release may not be carried through; none: what it rests on is sealed, and it was earned.
    pub(super) async fn release_why_not(&self, db: &Db, job: &ClaimedRelease) -> Result<Option<String>, WorkerError> {
        let mut proof = self.proof.lock().await;
        let row = ReleaseRow::claimed(
            job.release.to_string(),
            (job.version, job.destination.clone()),
            (job.shared_bucket.clone(), hex::encode(&job.shared_key)),
            &job.record,
        );
        proof.reach(self, db).await?;
        Ok(self.why_not(&proof, |replay| replay.release_why_not(&row, &job.sha256)))
    }

    /// Downloads with why each is not answered; none where it may be. Nothing at all while the journal is being followed: they
    /// wait, and others do not wait for them.
    pub(super) async fn downloads_proved(
        &self,
        db: &Db,
        tickets: Vec<OpenTicket>,
    ) -> Result<Vec<(OpenTicket, Option<String>)>, WorkerError> {
        if tickets.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(mut proof) = self.proof.try_lock() else { return Ok(Vec::new()) };
        proof.reach(self, db).await?;
        let why_not = |ticket: &OpenTicket| {
            let release = ticket.release.map(|id| id.to_string());
            self.why_not(&proof, |replay| replay.copy_why_not(release.as_deref(), &ticket.bucket, &ticket.key))
        };
        let proved = tickets.into_iter().map(|ticket| {
            let why = why_not(&ticket);
            (ticket, why)
        });
        Ok(proved.collect())
    }

    fn why_not(&self, proof: &Proof, ask: impl Fn(&Replay) -> Option<String>) -> Option<String> {
        match (self.broken.get(), &proof.0) {
            (Some(why), _) => Some(why.clone()),
            (None, Some(following)) => ask(&following.replay),
            (None, None) => Some("no entry of the journal is sealed.".to_owned()),
        }
    }

    /// Nothing is proved from here on, until somebody has looked and started the worker again.
    fn breaks(&self, bad: &BadEntry) {
        tracing::error!(why = bad.sentence, "the journal proves nothing, and nothing leaves");
        // The first is the one to look at.
        let _ = self.broken.set(format!("the journal proves nothing: {}", bad.sentence));
    }
}

impl Proof {
    /// Seals what is written, and follows the journal to there.
    async fn reach(&mut self, worker: &Worker, db: &Db) -> Result<(), WorkerError> {
        match seal::all(worker, db).await? {
            Some(head) => self.follow(worker, db, &head).await,
            None => Ok(()),
        }
    }

    /// Goes on to a head this process signed.
    async fn follow(&mut self, worker: &Worker, db: &Db, head: &Head) -> Result<(), WorkerError> {
        if worker.broken.get().is_none()
            && let Err(bad) = self.go_on(worker, db, head).await?
        {
            worker.breaks(&bad);
        }
        Ok(())
    }

    async fn go_on(&mut self, worker: &Worker, db: &Db, head: &Head) -> Result<Result<(), BadEntry>, WorkerError> {
        if self.0.is_none() {
            self.0 = Some(begin(worker).await?);
        }
        // What is dropped on the way is read again from the beginning.
        while let Some(mut following) = self.0.take() {
            let (end, _) = following.verifier.end();
            if end >= head.seq {
                let (fits, upto) = (following.fits(head), following.verifier.missing_up_to());
                self.0 = Some(following);
                return if fits.is_ok() { lacks_nothing(db, upto).await } else { Ok(fits) };
            }
            let rows = match db.sealed_rows(end, PAGE).await {
                Ok(rows) => rows,
                Err(error) => {
                    self.0 = Some(following);
                    return Err(error.into());
                }
            };
            let upto = head.seq;
            let taken = tokio::task::spawn_blocking(move || following.take(&rows, upto).map(|()| following)).await;
            match taken.map_err(|error| DbError::Row(error.to_string()))? {
                Ok(following) => self.0 = Some(following),
                Err(bad) => return Ok(Err(bad)),
            }
        }
        Ok(Ok(()))
    }
}

/// With the heads this worker's key signed and the file outside keeps; others prove nothing to it.
async fn begin(worker: &Worker) -> Result<Box<Following>, WorkerError> {
    let public_key = worker.key.public_bytes().to_vec();
    let renewals = worker.config.worker.renewals.clone();
    let mut outside = match worker.config.worker.heads.clone() {
        Some(path) => tokio::task::spawn_blocking(move || signing::read(&path))
            .await
            .map_err(|error| DbError::Row(error.to_string()))??,
        None => Vec::new(),
    };
    outside.retain(|head| head.is_signed_by(&public_key));
    let verifier = Verifier::new(Heads { public_key: Some(public_key), stored: Vec::new(), outside, renewals });
    Ok(Box::new(Following { verifier, replay: Replay::default() }))
}

impl Following {
    /// Takes rows up to a number.
    fn take(&mut self, rows: &[SealedRow], upto: i64) -> Result<(), BadEntry> {
        for row in rows.iter().filter(|row| row.seq <= upto) {
            self.verifier.take(row)?;
            if let Some(entry) = &row.entry {
                self.replay.take(row.seq, entry);
            }
        }
        let (end, _) = self.verifier.end();
        if rows.last().is_none_or(|row| row.seq > upto) && end < upto {
            return Err(missing(end + 1, upto));
        }
        Ok(())
    }

    /// Whether the chain so far is the one below the head.
    fn fits(&self, head: &Head) -> Result<(), BadEntry> {
        let (end, hash) = self.verifier.end();
        if end == head.seq && hash != head.hash {
            let sentence =
                format!("Entries up to {end} were rewritten: they do not fit the head signed at {}.", head.at);
            return Err(BadEntry::new(end, None, Fault::Rewritten, sentence));
        }
        self.verifier.unsettled().map_or(Ok(()), Err)
    }
}

/// Whether the database has as many seals as a head kept outside speaks of. They were there before the head was.
async fn lacks_nothing(db: &Db, upto: Option<i64>) -> Result<Result<(), BadEntry>, WorkerError> {
    let Some(upto) = upto else { return Ok(Ok(())) };
    let last = db.last_seal().await?.map_or(0, |(seq, _)| seq);
    Ok(if last < upto { Err(missing(last + 1, upto)) } else { Ok(()) })
}

fn missing(seq: i64, upto: i64) -> BadEntry {
    let sentence = format!("Entry {seq} is missing: a signed head says there were {upto} entries.");
    BadEntry::new(seq, None, Fault::Cut, sentence)
}
