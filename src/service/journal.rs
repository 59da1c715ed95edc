//! Reading the journal; proving it is in `verify`. Called by `cli::journal`.

mod catalogue;
mod file;
mod received;
mod shared;
mod shown;
mod verify;

pub use file::verify_file;
pub use received::Checked;

use serde_json::{Value, json};

use super::{Result, Service, ServiceError};
use crate::db::{JournalRow, RenewalRow};
use crate::domain::journal::Head;
use crate::domain::verify::SealedRow;

/// Rows read at once.
const PAGE: i32 = 5_000;
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

    /// What two administrators said of keys and backups.
    ///
    /// # Errors
    /// See [`ServiceError`]; nothing for who is no administrator or auditor.
    pub async fn renewals(&self) -> Result<Vec<RenewalRow>> {
        self.db.list_renewals().await.map_err(|error| self.told(error))
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
}

/// A sealed row as `journal export` writes it.
#[must_use]
pub fn exported(row: &SealedRow) -> Value {
    json!({"seq": row.seq, "hash": row.hash, "entry": row.entry})
}
