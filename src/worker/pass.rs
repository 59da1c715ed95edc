//! One pass over one project's location: list it page by page, read what is new or changed, register it, and say what is
//! gone. Called by `intake`.

use std::collections::{HashMap, HashSet};

use chrono::{TimeDelta, Utc};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tokio::time::{Duration, Instant};

use super::faults::checks_of;
use super::look::{Wanted, entry, look};
use super::{Worker, WorkerError};
use crate::db::{Db, IntakeEntry, IntakeProject, KnownObject};
use crate::inspect::Checks;
use crate::objects::{Listed, Location};
use crate::text::{Untrusted, shown};

/// Objects read at once.
const READERS: usize = 4;
/// Entries registered in one statement.
const BATCH: usize = 200;
/// No entry that was read waits longer than this to be registered.
const LATEST: Duration = Duration::from_millis(700);
/// Known keys compared in one statement when looking for what is gone.
const COMPARED: usize = 20_000;
/// Objects written less than this before they were seen are looked at once more in the next pass: stores give whole seconds,
/// so a second writing in the same second could look the same.
const FRESH: TimeDelta = TimeDelta::seconds(3);
/// Most keys remembered for that.
const MOST_FRESH: usize = 10_000;

/// What a pass did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassReport {
    /// Objects in the location, folder markers not counted.
    pub listed: u64,
    /// Objects whose bytes were read.
    pub read: u64,
    /// Versions registered.
    pub registered: u64,
    /// Objects that are gone.
    pub gone: u64,
    /// Objects that could not be read this time.
    pub failed: u64,
}

/// Keys to look at again in the next pass of a project.
pub(super) type Fresh = HashSet<Vec<u8>>;

/// Makes one pass. `fresh` is what the last pass of this project left to look at again.
///
/// # Errors
/// The database or the listing failed. An object that cannot be read is counted and does not stop the others.
pub(super) async fn pass(
    worker: &Worker,
    db: &Db,
    project: &IntakeProject,
    fresh: &mut Fresh,
) -> Result<PassReport, WorkerError> {
    let location = Location::new(project.bucket.clone(), project.prefix.clone());
    let mut pass = Pass {
        worker,
        db,
        project,
        checks: checks_of(project).unwrap_or_default(),
        number: Utc::now().timestamp_micros(),
        again: std::mem::take(fresh),
        fresh: Fresh::new(),
        report: PassReport::default(),
        present: Vec::new(),
    };
    let mut next = None;
    loop {
        if worker.stop.is_cancelled() {
            return Ok(pass.report);
        }
        let page = worker.store.list(&location, next).await?;
        pass.page(page.entries).await?;
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    pass.gone().await?;
    *fresh = pass.fresh;
    Ok(pass.report)
}

struct Pass<'a> {
    worker: &'a Worker,
    db: &'a Db,
    project: &'a IntakeProject,
    checks: Checks,
    number: i64,
    again: Fresh,
    fresh: Fresh,
    report: PassReport,
    /// Every key seen. Kept for the whole pass because stores list in orders of their own (SeaweedFS: folder by folder), so
    /// what is gone is only known at the end.
    present: Vec<Vec<u8>>,
}

impl Pass<'_> {
    async fn page(&mut self, entries: Vec<Listed>) -> Result<(), WorkerError> {
        let marker = |e: &Listed| e.key.len() == self.project.prefix.len() || (e.size == 0 && e.key.ends_with(b"/"));
        let entries: Vec<Listed> = entries.into_iter().filter(|e| !marker(e)).collect();
        let keys: Vec<Vec<u8>> = entries.iter().map(|e| e.key.clone()).collect();
        let known = self.db.intake_known(&self.project.project, &keys).await?;
        let known: HashMap<Vec<u8>, KnownObject> = known.into_iter().map(|k| (k.key.clone(), k)).collect();
        self.report.listed += keys.len() as u64;
        self.present.extend(keys);
        let mut batch = Vec::new();
        let mut changed = Vec::new();
        for listed in entries {
            if let Some(why) = undecidable(&listed) {
                if known.get(&listed.key).is_none_or(|k| k.blocked.as_ref() != Some(&why)) {
                    batch.push(IntakeEntry { blocked: Some(why), ..entry(&listed) });
                }
            } else if self.is_changed(&listed, known.get(&listed.key)) {
                changed.push(listed);
            }
        }
        self.read_and_register(changed, batch).await
    }

    /// Whether the bytes have to be read. An ETag is a cache key, never proof: the release compares the bytes themselves.
    fn is_changed(&self, listed: &Listed, known: Option<&KnownObject>) -> bool {
        let Some(known) = known else { return true };
        let same = known.etag == listed.etag
            && u64::try_from(known.size) == Ok(listed.size)
            && known.modified_at.is_some_and(|at| at.timestamp() == listed.modified_at.timestamp());
        // blocked for its size, and the policy takes more now
        let unblocked = known.sha256.is_none() && self.largest().is_none_or(|largest| listed.size <= largest);
        !same || unblocked || self.again.contains(&listed.key)
    }

    fn largest(&self) -> Option<u64> {
        self.project.largest_file.and_then(|n| u64::try_from(n).ok())
    }

    async fn read_and_register(
        &mut self,
        changed: Vec<Listed>,
        mut batch: Vec<IntakeEntry>,
    ) -> Result<(), WorkerError> {
        let (worker, bucket) = (self.worker, &self.project.bucket);
        let wanted = &Wanted { largest: self.largest(), checks: self.checks.clone() };
        let mut looks: BoxStream<'_, _> = stream::iter(changed)
            .map(|listed| async move {
                let seen = look(worker, bucket, &listed, wanted).await;
                (listed, seen)
            })
            .buffer_unordered(READERS)
            .boxed();
        let mut latest = Instant::now() + LATEST;
        loop {
            tokio::select! {
                () = self.worker.stop.cancelled() => break,
                () = tokio::time::sleep_until(latest), if !batch.is_empty() => {
                    self.register(&mut batch).await?;
                    latest = Instant::now() + LATEST;
                }
                looked = looks.next() => match looked {
                    None => break,
                    Some((listed, seen)) => self.take(&listed, seen, &mut batch),
                },
            }
            if batch.len() >= BATCH {
                self.register(&mut batch).await?;
                latest = Instant::now() + LATEST;
            }
        }
        self.register(&mut batch).await
    }

    fn take(&mut self, listed: &Listed, seen: Result<Option<IntakeEntry>, WorkerError>, batch: &mut Vec<IntakeEntry>) {
        match seen {
            Ok(Some(entry)) => {
                self.report.read += 1;
                if Utc::now() - entry.modified_at < FRESH && self.fresh.len() < MOST_FRESH {
                    self.fresh.insert(listed.key.clone());
                }
                batch.push(entry);
            }
            // gone between the listing and the reading: the next pass will see
            Ok(None) => {}
            Err(error) => {
                self.report.failed += 1;
                let key = shown(&Untrusted::new(String::from_utf8_lossy(&listed.key)));
                tracing::warn!(project = self.project.project, key, %error, "a file could not be read");
            }
        }
    }

    async fn register(&mut self, batch: &mut Vec<IntakeEntry>) -> Result<(), WorkerError> {
        for entries in batch.chunks(BATCH) {
            self.report.registered += self.db.intake_register(&self.project.project, self.number, entries).await?;
        }
        batch.clear();
        Ok(())
    }

    /// Tells the database which keys are there, range by range in byte order, so that it marks the rest as gone.
    async fn gone(&mut self) -> Result<(), WorkerError> {
        let mut present = std::mem::take(&mut self.present);
        self.present = self
            .worker
            .scanning(move || {
                present.sort_unstable();
                present
            })
            .await?;
        let mut from: Option<&[u8]> = None;
        let mut rest = self.present.as_slice();
        loop {
            let (now, later) = rest.split_at(rest.len().min(COMPARED));
            let to = if later.is_empty() { None } else { now.last().map(Vec::as_slice) };
            let gone = self.db.intake_missing(&self.project.project, self.number, from, to, now).await?;
            self.report.gone += u64::try_from(gone).unwrap_or(0);
            if to.is_none() {
                return Ok(());
            }
            (from, rest) = (to, later);
        }
    }
}

/// Why nothing can be done with an entry but show that it is there.
fn undecidable(listed: &Listed) -> Option<String> {
    if let Some(why) = &listed.undecoded {
        return Some(format!("Its name cannot be decoded: {why}."));
    }
    let not_text = std::str::from_utf8(&listed.key).is_err();
    not_text.then(|| "Its name is not UTF-8, so no request can ask for it: give it another name.".into())
}
