//! Reading and proving the journal. Called by `cli::journal`.

mod shown;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::shown::Sealed;
use super::{Result, Service, ServiceError};
use crate::db::JournalRow;
use crate::domain::journal::Head;
use crate::domain::verify::{BadEntry, Fault, Heads, SealedRow, Verified, Verifier};

/// How long the sealer may take for what is written already.
const SEALER: Duration = Duration::from_secs(30);
/// Rows read at once.
const PAGE: i32 = 5_000;
/// The same, as they are shown.
const SHOWN: u32 = 1_000;

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct JournalFilter {
    /// Only this person's.
    pub person: Option<String>,
    /// Only this command.
    pub command: Option<String>,
    /// Only about this, such as `version:12`.
    pub subject: Option<String>,
    /// Only in this project.
    pub project: Option<String>,
    /// Only what was done, or only what was refused.
    pub ok: Option<bool>,
}

impl Service {
    /// Entries one may read after a number, oldest first; at most 1,000.
    pub async fn journal(&self, filter: &JournalFilter, after: i64, page: u32) -> Result<Vec<JournalRow>> {
        let fields = [
            ("person", filter.person.clone().map(Value::from)),
            ("command", filter.command.clone().map(Value::from)),
            ("subject", filter.subject.clone().map(Value::from)),
            ("project", filter.project.clone().map(Value::from)),
            ("ok", filter.ok.map(Value::from)),
        ];
        let filter: Value = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let page = i32::try_from(page.min(1_000)).unwrap_or(1_000);
        self.db.journal_page(&filter, after, page).await.map_err(|error| self.told(error))
    }

    /// Sealed entries after a number, as they are hashed.
    ///
    /// # Errors
    /// Only auditors and administrators may; see [`ServiceError`].
    pub async fn sealed(&self, after: i64) -> Result<Vec<SealedRow>> {
        self.db.journal_rows(after, PAGE).await.map_err(|error| self.told(error))
    }

    /// The signed heads in the database.
    ///
    /// # Errors
    /// Only auditors and administrators may; see [`ServiceError`].
    pub async fn heads(&self) -> Result<Vec<Head>> {
        self.db.journal_heads().await.map_err(|error| self.told(error))
    }

    /// Whether one may read the whole journal.
    ///
    /// # Errors
    /// `forbidden` if not; see [`ServiceError`].
    pub async fn may_read_journal(&self) -> Result<()> {
        let me = self.whoami().await?;
        let all = ["auditor", "administrator"];
        let may = me.roles.as_array().into_iter().flatten().any(|role| {
            role.get("project").is_none_or(Value::is_null)
                && role.get("role").and_then(Value::as_str).is_some_and(|role| all.contains(&role))
        });
        if may {
            return Ok(());
        }
        Err(ServiceError::refused(
            "forbidden",
            format!(
                "Only auditors and administrators read the whole journal, and {} is neither: ask one of them.",
                me.login
            ),
        ))
    }

    /// First the functions of the database are held against this program's: what a replaced one answers proves nothing.
    /// Waits until what is written is sealed, then recomputes every seal and holds it against the signed heads: those of
    /// the database, and those kept outside it where the configuration names them. The inner error is the first bad entry.
    ///
    /// # Errors
    /// It cannot be read, the heads file is missing, or no worker seals; see [`ServiceError`].
    pub async fn verify_journal(&self) -> Result<std::result::Result<Verified, BadEntry>> {
        self.may_read_journal().await?;
        let functions = self.db.functions().await.map_err(|error| self.told(error))?;
        if let Some(bad) = shown::foreign(&crate::db::schema::functions(), &functions) {
            return Ok(Err(bad));
        }
        if let Err(bad) = self.wait_for_sealer().await? {
            return Ok(Err(bad));
        }
        let journal = &self.config.journal;
        let public_key = journal.public_key.as_deref().map(hex::decode).transpose();
        let public_key = public_key.map_err(|_| ServiceError::Config("public_key in [journal] is not hex.".into()))?;
        let outside = journal.heads.as_deref().map(read_heads).transpose()?.unwrap_or_default();
        // Heads before rows: whatever a head speaks of is there by then.
        let stored = self.heads().await?;
        let mut verifier = match Verifier::new(Heads { public_key, stored, outside }) {
            Ok(verifier) => verifier,
            Err(bad) => return Ok(Err(bad)),
        };
        let mut after = i64::MIN;
        let mut sealed = Sealed::default();
        loop {
            let rows = self.sealed(after).await?;
            let Some(last) = rows.last().map(|row| row.seq) else { break };
            for row in &rows {
                if let Err(bad) = verifier.take(row) {
                    return Ok(Err(bad));
                }
                sealed.keep(row);
            }
            after = last;
        }
        let verified = match verifier.finish() {
            Ok(verified) => verified,
            Err(bad) => return Ok(Err(bad)),
        };
        // The other way in, which `journal show` takes.
        let mut after = 0;
        loop {
            let rows = self.journal(&JournalFilter::default(), after, SHOWN).await?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            for row in &rows {
                if let Err(bad) = sealed.compare(row) {
                    return Ok(Err(bad));
                }
            }
            after = last;
        }
        Ok(sealed.finish().map(|()| verified))
    }

    /// Waits until every row that is there now has its seal; a row that waits for none lost its seal.
    async fn wait_for_sealer(&self) -> Result<std::result::Result<(), BadEntry>> {
        let since = Instant::now();
        let mut upto = None;
        loop {
            let rows = self.db.journal_unsealed().await.map_err(|error| self.told(error))?;
            if let Some(row) = rows.iter().find(|row| !row.waiting) {
                return Ok(Err(BadEntry {
                    seq: 0,
                    id: Some(row.id.to_string()),
                    fault: Fault::SealGone,
                    sentence: format!(
                        "Journal row {} was never sealed or its seal is gone: it waits for none and has none.",
                        row.id
                    ),
                }));
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

/// A sealed row as `journal export` writes it.
#[must_use]
pub fn exported(row: &SealedRow) -> Value {
    json!({"seq": row.seq, "hash": row.hash, "entry": row.entry})
}
