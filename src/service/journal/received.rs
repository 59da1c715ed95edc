//! Whether entries one received are what was sealed: each against its seal, and the seals up to the next signed head. What was
//! left out on the way only `verify` can tell. Called by `journal show`.

use std::collections::BTreeMap;

use super::shown::{self, Fingerprint};
use super::{JournalFilter, PAGE, Result, Service};
use crate::db::JournalRow;
use crate::domain::journal::{GENESIS, Head, entry_hash};
use crate::domain::verify::SealedRow;
use crate::domain::verify::trust::handed_over;

/// What can be said of an entry that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is what was sealed, below a head signed with the worker's key.
    Head,
    /// It fits its seal; there is no public key in the configuration to check a head with.
    Seal,
    /// It waits for its seal, or its seal for a head.
    NotYet,
    /// It is not what was sealed.
    No,
    /// Only auditors and administrators read the seals.
    Unknown,
}

impl Checked {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Head => "checked",
            Self::Seal => "seal only",
            Self::NotYet => "not sealed yet",
            Self::No => "NOT WHAT IS SEALED",
            Self::Unknown => "-",
        }
    }
}

/// Sealed rows that are proved up to a head: their fingerprints by number.
struct Stretch {
    rows: BTreeMap<i64, Fingerprint>,
    upto: i64,
    proved: Checked,
}

impl Service {
    /// What can be said of each of the entries.
    ///
    /// # Errors
    /// The database cannot be asked; see [`super::ServiceError`].
    pub async fn check_received(&self, rows: &[JournalRow]) -> Result<Vec<Checked>> {
        if self.may_read_journal().await.is_err() {
            return Ok(vec![Checked::Unknown; rows.len()]);
        }
        let mut numbers: Vec<(i64, usize)> =
            rows.iter().enumerate().filter_map(|(n, row)| Some((row.seq?, n))).collect();
        numbers.sort_unstable();
        let mut checked = vec![Checked::NotYet; rows.len()];
        let keys = self.heads_keys().await?;
        let mut stretch: Option<Stretch> = None;
        for (seq, n) in numbers {
            if stretch.as_ref().is_none_or(|known| known.upto < seq) {
                stretch = Some(self.stretch(seq, &keys).await?);
            }
            if let Some(known) = &stretch {
                let same = known.rows.get(&seq) == Some(&shown::fingerprint(&rows[n]));
                checked[n] = if same || known.proved == Checked::NotYet { known.proved } else { Checked::No };
            }
        }
        Ok(checked)
    }

    /// The configuration's key and those it hands over to; none where there is none. Two administrators' word for another key is
    /// for `verify` to judge: who takes it names the new key in the configuration.
    async fn heads_keys(&self) -> Result<Vec<Vec<u8>>> {
        let configured = self.config.journal.public_key.as_deref().and_then(|key| hex::decode(key).ok());
        let mut keys: Vec<Vec<u8>> = configured.into_iter().collect();
        // By subject, which has an index.
        let (command, subject) = (Some("change_key".to_owned()), Some("journal".to_owned()));
        let handed = JournalFilter { command, subject, ..JournalFilter::default() };
        let rows = if keys.is_empty() { Vec::new() } else { self.journal(&handed, 0, 1_000).await? };
        for row in rows {
            if let Some(key) = keys.last().and_then(|last| handed_over(last, row.request.raw())) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// The sealed rows from one up to the next head.
    async fn stretch(&self, from: i64, keys: &[Vec<u8>]) -> Result<Stretch> {
        let heads = self.db.journal_heads_after(from).await.map_err(|error| self.told(error))?;
        let signed = |head: &&Head| keys.is_empty() || keys.iter().any(|key| head.is_signed_by(key));
        let nothing = Stretch { rows: BTreeMap::new(), upto: from, proved: Checked::NotYet };
        let Some(head) = heads.iter().find(signed) else {
            return Ok(Stretch { proved: if heads.is_empty() { Checked::NotYet } else { Checked::No }, ..nothing });
        };
        // The row before gives the hash that the first one continues.
        let (mut after, mut before, mut rows) = (from - 2, None, BTreeMap::new());
        while after < head.seq {
            let most = i32::try_from(head.seq - after).unwrap_or(PAGE).min(PAGE);
            let page = self.db.journal_rows(after, most).await.map_err(|error| self.told(error))?;
            let Some(last) = page.last().map(|row| row.seq) else { break };
            for row in page.iter().filter(|row| row.seq <= head.seq) {
                if row.seq >= from && !continues(before.as_deref(), row) {
                    return Ok(Stretch { proved: Checked::No, ..nothing });
                }
                if row.seq >= from {
                    rows.extend(shown::sealed_fingerprint(row).map(|print| (row.seq, print)));
                }
                before = Some(row.hash.clone());
            }
            after = last;
        }
        let proved = match (before.as_ref() == Some(&head.hash), keys.is_empty()) {
            (false, _) => Checked::No,
            (true, false) => Checked::Head,
            (true, true) => Checked::Seal,
        };
        Ok(Stretch { rows, upto: head.seq, proved })
    }
}

/// Whether a row's seal continues the hash before it.
fn continues(before: Option<&str>, row: &SealedRow) -> bool {
    let before = before.unwrap_or(GENESIS);
    row.entry.as_ref().is_some_and(|entry| entry_hash(before, row.seq, entry) == row.hash)
}
