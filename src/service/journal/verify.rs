//! Proving the journal: the chain and its heads, what is shown, the releases. Called by `cli::journal`.

use std::path::Path;
use std::time::{Duration, Instant};

use super::catalogue;
use super::shared::Listed;
use super::shown::{self, Sealed};
use super::{JournalFilter, Result, Service, ServiceError};
use crate::config::{JournalConfig, WorkerConfig};
use crate::domain::journal::Head;
use crate::domain::replay::{CaseRow, ReleaseRow, Replay};
use crate::domain::signed::AllowedSigners;
use crate::domain::verify::{BadEntry, Fault, Heads, SealedRow, Verified, Verifier};
use crate::objects::Location;

/// How long the sealer may take for what is written already.
const SEALER: Duration = Duration::from_secs(30);
/// Rows read at once, as they are shown.
const SHOWN: u32 = 1_000;

/// A chain that holds, what it seals, and the releases in it.
type Proved = (Verified, Sealed, Replay);

/// What is gathered from the sealed rows.
struct Reading {
    verifier: Verifier,
    sealed: Sealed,
    replay: Replay,
}

impl Reading {
    fn take(&mut self, rows: &[SealedRow]) -> std::result::Result<(), BadEntry> {
        for row in rows {
            self.verifier.take(row)?;
            self.sealed.keep(row);
            if let Some(entry) = &row.entry {
                self.replay.take(row.seq, entry);
            }
        }
        Ok(())
    }
}

impl Service {
    /// Two findings, each told whatever the other says. The database is held against this program: what a foreign one answers
    /// proves nothing. The journal is proved: waits until what is written is sealed, then recomputes every seal and holds it against the signed heads: those of
    /// the database, and those kept outside it where the configuration names them. The releases are replayed from the same
    /// entries, and those the database has are held against them; with a worker's configuration every object in a shared location
    /// is too. The inner error is the first bad entry.
    ///
    /// # Errors
    /// It cannot be read, the heads file is missing, or no worker seals; see [`ServiceError`].
    pub async fn verify_journal(
        &self,
        shared: Option<&WorkerConfig>,
    ) -> Result<std::result::Result<Verified, BadEntry>> {
        let functions = self.db.functions().await.map_err(|error| self.told(error))?;
        let lines = self.db.catalogue().await.map_err(|error| self.told(error))?;
        let mut found: Vec<BadEntry> =
            shown::foreign(&crate::db::schema::functions(), &functions).into_iter().collect();
        let database = catalogue::differences(&lines);
        let journal = match self.prove_journal(shared).await {
            Err(error) if found.is_empty() && database.is_empty() => return Err(error),
            journal => journal,
        };
        match journal {
            Ok(Ok(verified)) if found.is_empty() && database.is_empty() => return Ok(Ok(verified)),
            Ok(Err(mut bad)) => {
                let more = std::mem::take(&mut bad.more);
                found.push(bad);
                found.extend(more);
            }
            Ok(Ok(_)) => {}
            Err(error) => tracing::warn!(%error, "the journal of a foreign database could not be read"),
        }
        found.extend(database);
        let mut first = found.remove(0);
        first.more = found;
        Ok(Err(first))
    }

    async fn prove_journal(&self, shared: Option<&WorkerConfig>) -> Result<std::result::Result<Verified, BadEntry>> {
        self.may_read_journal().await?;
        let places = self.shared_places().await?;
        let listed = match shared {
            None => None,
            Some(worker) => Some(Listed::of(worker, &places).await?),
        };
        // Rows before their seals: whatever made one is sealed by then.
        let (releases, cases) = self.released().await?;
        if let Err(bad) = self.wait_for_sealer().await? {
            return Ok(Err(bad));
        }
        let (mut verified, sealed, mut replay) = match self.verify_chain().await? {
            Ok(proved) => proved,
            Err(bad) => return Ok(Err(bad)),
        };
        if let Err(bad) = self.verify_shown(sealed).await? {
            return Ok(Err(bad));
        }
        for row in &releases {
            replay.release_row(row);
        }
        for row in &cases {
            replay.case_row(row);
        }
        if let Some(listed) = listed {
            let found = listed.compare(&replay, &places).await?;
            verified.notes.push(found.note());
            found.faults.into_iter().for_each(|bad| replay.fault(bad));
        }
        Ok(replay.added_to(verified))
    }

    /// Where released files go now.
    async fn shared_places(&self) -> Result<Vec<Location>> {
        let projects = self.projects().await?;
        let open = projects.iter().filter(|project| project.standing != "proposed");
        Ok(open.filter_map(|project| project.shared_location.parse().ok()).collect())
    }

    /// Holds rows as they come against the given heads and those kept outside.
    ///
    /// # Errors
    /// The configuration's key or heads file cannot be read.
    pub fn verifier(&self, stored: Vec<Head>) -> Result<Verifier> {
        Ok(Verifier::new(heads(&self.config.journal, stored)?))
    }

    /// Recomputes every seal, and replays what is sealed; the next rows are read meanwhile.
    async fn verify_chain(&self) -> Result<std::result::Result<Proved, BadEntry>> {
        // Heads before rows: whatever a head speaks of is there by then.
        let stored = self.heads().await?;
        let signers = allowed(&self.config.journal)?;
        let mut reading = Reading {
            verifier: self.verifier(stored)?,
            sealed: Sealed::default(),
            replay: Replay::with_signers(signers),
        };
        let mut rows = self.sealed(i64::MIN).await?;
        while let Some(last) = rows.last().map(|row| row.seq) {
            let work = tokio::task::spawn_blocking(move || reading.take(&rows).map(|()| reading));
            let next = self.sealed(last).await;
            reading = match work.await.map_err(|why| ServiceError::Other(why.to_string()))? {
                Ok(reading) => reading,
                Err(bad) => return Ok(Err(bad)),
            };
            rows = next?;
        }
        let Reading { verifier, sealed, replay } = reading;
        Ok(verifier.finish().map(|verified| (verified, sealed, replay)))
    }

    /// The other way in, which `journal show` takes.
    async fn verify_shown(&self, mut sealed: Sealed) -> Result<std::result::Result<(), BadEntry>> {
        let mut after = 0;
        loop {
            let rows = self.journal(&JournalFilter::default(), after, SHOWN).await?;
            let Some(last) = rows.last().map(|row| row.id) else { return Ok(sealed.finish()) };
            for row in &rows {
                if let Err(bad) = sealed.compare(row) {
                    return Ok(Err(bad));
                }
            }
            after = last;
        }
    }

    /// What the database says is on its way, out, or was.
    async fn released(&self) -> Result<(Vec<ReleaseRow>, Vec<CaseRow>)> {
        let (mut releases, mut cases) = (Vec::new(), Vec::new());
        let mut after = i64::MIN;
        loop {
            let rows = self.db.journal_releases(after).await.map_err(|error| self.told(error))?;
            let Some(last) = rows.last().map(|row| row.number) else { break };
            releases.extend(rows);
            after = last;
        }
        after = i64::MIN;
        loop {
            let rows = self.db.journal_cases(after).await.map_err(|error| self.told(error))?;
            let Some(last) = rows.last().map(|row| row.id) else { return Ok((releases, cases)) };
            cases.extend(rows);
            after = last;
        }
    }

    /// Waits until every row that is there now has its seal; a row that waits for none lost its seal.
    async fn wait_for_sealer(&self) -> Result<std::result::Result<(), BadEntry>> {
        let since = Instant::now();
        let mut upto = None;
        loop {
            let rows = self.db.journal_unsealed().await.map_err(|error| self.told(error))?;
            if let Some(row) = rows.iter().find(|row| !row.waiting) {
                let sentence = format!(
                    "Journal row {} was never sealed or its seal is gone: it waits for none and has none.",
                    row.id
                );
                return Ok(Err(BadEntry::new(0, Some(row.id.to_string()), Fault::SealGone, sentence)));
            }
            let newest = *upto.get_or_insert_with(|| rows.iter().map(|row| row.id).max().unwrap_or(0));
            let waiting = rows.iter().filter(|row| row.id <= newest).count();
            if waiting == 0 {
                return Ok(Ok(()));
            }
            let late = since.elapsed() > SEALER;
            if late || since.elapsed() > Duration::from_secs(3) && !self.system().await?.worker_alive {
                return Err(ServiceError::Unreachable {
                    what: "the worker".to_owned(),
                    sentence: format!(
                        "{waiting} journal entries wait for their seal and no worker seals them: start `exeat worker` and verify again."
                    ),
                });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The heads given, those kept outside, and what the reader judges them with.
pub(super) fn heads(journal: &JournalConfig, stored: Vec<Head>) -> Result<Heads> {
    let public_key = journal.public_key.as_deref().map(hex::decode).transpose();
    let public_key = public_key.map_err(|_| ServiceError::Config("The public key of the heads is not hex.".into()))?;
    let outside = journal.heads.as_deref().map(read_heads).transpose()?.unwrap_or_default();
    Ok(Heads { public_key, stored, outside, renewals: journal.renewals.clone() })
}

/// Whose keys count where votes have to be signed, as the reader keeps them; none where no file is named.
pub(super) fn allowed(journal: &JournalConfig) -> Result<Option<AllowedSigners>> {
    let Some(file) = &journal.allowed_signers else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|why| {
        ServiceError::Config(format!(
            "Cannot read the allowed signers {} ({why}): correct allowed_signers in [journal].",
            file.display()
        ))
    })?;
    Ok(Some(AllowedSigners::read(&text)))
}

/// The heads kept outside the database, one JSON object a line. A last line without its end is being written.
fn read_heads(file: &Path) -> Result<Vec<Head>> {
    let text = std::fs::read_to_string(file).map_err(|why| {
        ServiceError::Config(format!(
            "Cannot read the heads file {} ({why}): correct heads in [journal]; if it was there before, someone took it away.",
            file.display()
        ))
    })?;
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    complete
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| {
            serde_json::from_str(line).map_err(|why| {
                ServiceError::Config(format!(
                    "Line {} of the heads file {} is no head ({why}): see whether someone changed the file.",
                    n + 1,
                    file.display()
                ))
            })
        })
        .collect()
}
