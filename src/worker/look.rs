//! One look at one object: its bytes once through the hash and the scanner, on threads of their own. Called by `pass`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aws_lc_rs::digest;

use super::{Worker, WorkerError};
use crate::db::{DbError, IntakeEntry};
use crate::domain::egress::{Finding, Place, Severity};
use crate::inspect::{Checks, Scanned, Scanner};
use crate::objects::{Head, Listed, ObjectsError};

/// What a project wants of its files.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Larger files are not read; bytes.
    pub largest: Option<u64>,
    /// Numbers of the disclosure checks.
    pub checks: Checks,
}

/// Bytes handed to the scanner at once: enough that the handing over costs nothing, and little enough that others' turns come soon.
const PIECE: usize = 256 * 1024;

/// Reads the newest object at a key. None if it is gone meanwhile. What is too large is not read.
pub(super) async fn look(
    worker: &Worker,
    bucket: &str,
    listed: &Listed,
    wanted: &Wanted,
) -> Result<Option<IntakeEntry>, WorkerError> {
    let store = &worker.store;
    let there = |error: ObjectsError| match error {
        ObjectsError::NotFound(_) => Ok(None),
        error => Err(error.into()),
    };
    if let Some(why) = wanted.too_large(listed.size) {
        return match store.head(bucket, &listed.key, None).await {
            // it shrank: the next pass sees that
            Ok(head) => Ok(Some(IntakeEntry { blocked: Some(why), ..entry(listed) }.with(&head))),
            Err(error) => there(error),
        };
    }
    let mut stream = match store.read(bucket, &listed.key, None, None, None).await {
        Ok(stream) => stream,
        Err(error) => return there(error),
    };
    let mut entry = entry(listed).with(&stream.head);
    // it grew since it was listed
    entry.blocked = wanted.too_large(entry.size);
    if entry.blocked.is_some() {
        return Ok(Some(entry));
    }
    let mut reading = Reading::new(&listed.key, &wanted.checks);
    let mut piece = Vec::new();
    while let Some(bytes) = stream.next().await? {
        piece.extend_from_slice(&bytes);
        if piece.len() >= PIECE {
            let full = std::mem::take(&mut piece);
            reading = worker.scanning(move || reading.feed(&full)).await?;
        }
    }
    let (sha256, scanned) = worker.scanning(move || reading.feed(&piece).finish()).await?;
    entry.sha256 = Some(sha256);
    match scanned {
        Some(scanned) => {
            entry.media_type = Some(scanned.media_type);
            entry.findings = scanned.findings;
        }
        None => entry.findings.push(unscanned()),
    }
    Ok(Some(entry))
}

/// A file being read: its bytes so far through the hash and the scanner.
struct Reading {
    hash: digest::Context,
    scan: Scan,
}

impl Reading {
    fn new(key: &[u8], checks: &Checks) -> Self {
        Self { hash: digest::Context::new(&digest::SHA256), scan: Scan::new(key, checks) }
    }

    fn feed(mut self, bytes: &[u8]) -> Self {
        self.hash.update(bytes);
        self.scan.feed(bytes);
        self
    }

    /// The hash in hex, and what was found.
    fn finish(self) -> (String, Option<Scanned>) {
        (hex::encode(self.hash.finish()), self.scan.finish())
    }
}

impl Worker {
    /// Work for the processor, on a thread of its own and only so many at once: what talks to the database and the store never
    /// waits behind it. Each piece waits its turn, so that no file, however slow, holds the others up.
    ///
    /// # Errors
    /// The worker ends.
    pub(super) async fn scanning<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkerError> {
        let ends = |why: &dyn std::fmt::Display| {
            WorkerError::Db(DbError::Row(format!("a file was not scanned to its end ({why})")))
        };
        let permit = self.scanners.clone().acquire_owned().await.map_err(|why| ends(&why))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(|why| ends(&why))
    }
}

impl Wanted {
    fn too_large(&self, size: u64) -> Option<String> {
        let largest = self.largest.filter(|largest| size > *largest)?;
        Some(format!(
            "It has {size} bytes and the largest file this project lets out has {largest}: ask for less, or in parts."
        ))
    }
}

impl IntakeEntry {
    fn with(self, head: &Head) -> Self {
        let (version_id, etag) = (head.version_id.clone(), head.etag.clone());
        Self { version_id, etag, size: head.size, modified_at: head.modified_at, ..self }
    }
}

/// The scanner reads what strangers made: should it ever panic, the file is shown without its findings and says so, and the
/// other files go on.
struct Scan(Option<Scanner>);

impl Scan {
    fn new(key: &[u8], checks: &Checks) -> Self {
        Self(Some(Scanner::new(&String::from_utf8_lossy(key), checks)))
    }

    fn feed(&mut self, bytes: &[u8]) {
        if let Some(mut scanner) = self.0.take() {
            self.0 = catch_unwind(AssertUnwindSafe(|| {
                scanner.feed(bytes);
                scanner
            }))
            .ok();
        }
    }

    fn finish(self) -> Option<Scanned> {
        self.0.and_then(|scanner| catch_unwind(AssertUnwindSafe(|| scanner.finish())).ok())
    }
}

fn unscanned() -> Finding {
    let sentence = "The checks could not read this file, so nothing was checked: look at all of it yourself.";
    Finding::new("not_scanned", Severity::Warn, Place::Whole, sentence.to_owned())
}

/// What a listing says, before the bytes are read.
pub(super) fn entry(listed: &Listed) -> IntakeEntry {
    IntakeEntry {
        key_hex: hex::encode(&listed.key),
        version_id: None,
        etag: listed.etag.clone(),
        sha256: None,
        size: listed.size,
        media_type: None,
        modified_at: listed.modified_at,
        findings: Vec::new(),
        blocked: None,
        newest: true,
    }
}
