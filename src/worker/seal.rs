//! Sealing: about once a second the committed journal rows are numbered, chained and the new end is signed; first into the
//! file outside the database, then into it. What is hashed and signed is said in one place, `domain::journal`. One of the
//! worker's tasks; `prove` seals too, where what it needs was just written.

use std::time::Duration;

use chrono::Utc;

use super::task::Setup;
use super::{Worker, WorkerError, signing};
use crate::db::{Db, DbError, Seal};
use crate::domain::journal::{GENESIS, Head, JournalEntry, entry_hash};

/// Rows sealed in one go; the database gives fewer where they are large.
const MOST: i32 = 2_000;
/// How often sealing is tried again, and how long another worker that does is given: as much more each time.
const TRIES: u32 = 5;
const GIVE_WAY: Duration = Duration::from_millis(50);
/// A page of this many bytes was probably cut for its size, and there is more.
const LARGE: usize = 4 << 20;

pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    while pace.turn().await {
        pace.took(turn(&on.worker, &on.db).await);
    }
    // what the last commands before the end wrote
    if let Err(error) = turn(&on.worker, &on.db).await {
        tracing::warn!(%error, "the last journal rows are not sealed yet; the next worker does it");
    }
}

/// Seals all there is.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    all(&on.worker, &on.db).await.map(drop)
}

/// The same; the head of its end. Another worker that seals at the same moment is given way.
pub(super) async fn all(worker: &Worker, db: &Db) -> Result<Option<Head>, WorkerError> {
    let mut tries = 0;
    loop {
        match turn(worker, db).await {
            Ok(true) => {}
            Ok(false) => return Ok(worker.sealed.lock().await.clone()),
            Err(error) if tries == TRIES => return Err(error),
            Err(_) => {
                tries += 1;
                tokio::time::sleep(GIVE_WAY * tries).await;
            }
        }
    }
}

/// Seals what there is and signs the end of the chain if it is not signed yet; whether there is more.
/// After a start it signs the end again, so that a head lost in a crash between seal and signature is made up for.
async fn turn(worker: &Worker, db: &Db) -> Result<bool, WorkerError> {
    let mut signed = worker.sealed.lock().await;
    let rows = db.unsealed_journal(MOST).await?;
    let (before, mut hash) = db.last_seal().await?.unwrap_or((0, GENESIS.into()));
    // Beside the other tasks: a row may be large enough to be hashed for seconds.
    let (rows, seals) = {
        let prev = hash.clone();
        let chained = tokio::task::spawn_blocking(move || {
            let seals = chain(before, prev, &rows);
            (rows, seals)
        });
        chained.await.map_err(|e| DbError::Row(e.to_string()))?
    };
    let seals = seals?;
    let mut seq = before;
    if let Some(last) = seals.last() {
        (seq, hash) = (last.seq, last.hash.clone());
    }
    if !seals.is_empty() {
        db.add_seals(&seals).await?;
    }
    if seq > 0 && signed.as_ref().is_none_or(|head| (head.seq, &head.hash) != (seq, &hash)) {
        let head = worker.key.head(seq, &hash, &Utc::now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        if let Some(path) = worker.config.worker.heads.clone() {
            let head = head.clone();
            let kept = tokio::task::spawn_blocking(move || signing::append(&path, &head)).await;
            kept.map_err(|e| DbError::Row(e.to_string()))??;
        }
        db.add_head(&head).await?;
        *signed = Some(head);
    }
    let bytes: usize = rows.iter().filter_map(|row| row.request.as_ref()).map(String::len).sum();
    Ok(bytes >= LARGE || rows.len() >= usize::try_from(MOST).unwrap_or(usize::MAX))
}

/// The seals of rows that follow the seal `seq` with this hash.
fn chain(mut seq: i64, mut hash: String, rows: &[JournalEntry]) -> Result<Vec<Seal>, DbError> {
    let mut seals = Vec::with_capacity(rows.len());
    for row in rows {
        seq += 1;
        hash = entry_hash(&hash, seq, row);
        let journal_id = row.id.parse().map_err(|_| DbError::Row(format!("journal row {}", row.id)))?;
        seals.push(Seal { seq, journal_id, hash: hash.clone() });
    }
    Ok(seals)
}
