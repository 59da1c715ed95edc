//! Sealing: about once a second the committed journal rows are numbered, chained and the new end is signed; first into the
//! file outside the database, then into it. What is hashed and signed is said in one place, `domain::journal`.

use chrono::Utc;

use super::tasks::Setup;
use super::{WorkerError, signing};
use crate::db::{DbError, Seal};
use crate::domain::journal::{GENESIS, JournalEntry, entry_hash};

/// Rows sealed in one go; the database gives fewer where they are large.
const MOST: i32 = 2_000;
/// A page of this many bytes was probably cut for its size, and there is more.
const LARGE: usize = 4 << 20;

pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    let mut signed = None;
    while pace.turn().await {
        pace.took(turn(&on, &mut signed).await);
    }
    // what the last commands before the end wrote
    if let Err(error) = turn(&on, &mut signed).await {
        tracing::warn!(%error, "the last journal rows are not sealed yet; the next worker does it");
    }
}

/// Seals all there is.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    let mut signed = None;
    while turn(&on, &mut signed).await? {}
    Ok(())
}

/// Seals what there is and signs the end of the chain if it is not signed yet; whether there is more.
/// `signed` is the number of the head this process signed last: after a start it signs the end again, so that a head lost in
/// a crash between seal and signature is made up for.
async fn turn(on: &Setup, signed: &mut Option<i64>) -> Result<bool, WorkerError> {
    let (worker, db) = (&on.worker, &on.db);
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
    if seq > 0 && *signed != Some(seq) {
        let head = on.key.head(seq, &hash, &Utc::now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        if let Some(path) = worker.config.worker.heads.clone() {
            let head = head.clone();
            let kept = tokio::task::spawn_blocking(move || signing::append(&path, &head)).await;
            kept.map_err(|e| DbError::Row(e.to_string()))??;
        }
        db.add_head(&head).await?;
        *signed = Some(seq);
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
