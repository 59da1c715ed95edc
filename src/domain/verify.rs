//! Proves the journal: recomputes the chain over the stored rows and holds it against the signed heads. Pure over iterators,
//! so that a journal of any length takes little memory. Called by `exeat journal verify`.
//!
//! What it can prove depends on what it is given. The chain alone finds edits, swaps and gaps by someone who left the seals
//! as they were. Heads signed with a key outside the database also find a history rewritten with new seals. Heads kept
//! outside the database also find a tail cut off together with its heads.

use std::collections::BTreeMap;

use super::journal::{GENESIS, Head, JournalEntry, entry_hash};
use super::replay::Releases;

/// A seal and the row it seals, in order of `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// The seal's number; the first is 1 and there are no gaps.
    pub seq: i64,
    /// The hash the seal says, in hex.
    pub hash: String,
    /// The row; none where the seal stands and its row is gone.
    pub entry: Option<JournalEntry>,
}

/// The signed heads one has, and the key to check them with.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    /// The worker's public key (32 bytes), from the reader's own configuration; none proves the chain only.
    pub public_key: Option<Vec<u8>>,
    /// Heads stored in the database.
    pub stored: Vec<Head>,
    /// Heads kept outside the database.
    pub outside: Vec<Head>,
}

/// What a journal without a bad entry was proved with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The rows agree with each other; someone who can write every table could have rewritten all of them.
    Chain,
    /// Also with the signed heads of the database, up to this number; a tail cut together with its heads would not show.
    StoredHeads(i64),
    /// Also with the signed heads kept outside, up to this number: nothing up to it was changed or cut.
    OutsideHeads(i64),
}

/// A journal in which nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many sealed entries there are.
    pub entries: i64,
    /// The last one's hash, or [`GENESIS`].
    pub head: String,
    /// What that rests on.
    pub proof: Proof,
    /// The releases among them, once they were replayed.
    pub releases: Releases,
}

/// What is wrong with the first bad entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The row is not what was sealed at this place: edited, or swapped with another.
    Changed,
    /// The seal stands, its row is gone.
    RowGone,
    /// The seal is gone, later ones stand.
    SealGone,
    /// A signed head says there were more entries than there are.
    Cut,
    /// The chain fits itself and not a signed head: rewritten with new seals.
    Rewritten,
    /// A head is not signed with the worker's key.
    ForgedHead,
    /// What people are shown is not what is sealed.
    Shown,
    /// Something of the database is not this program's: whatever it answers proves nothing.
    Code,
    /// A release was claimed or finished without what the sealed entries before it had to say.
    Unearned,
    /// An entry that no command writes: sealed, and put there by hand.
    Impossible,
    /// A release or a case stands in the database and no sealed entry made it.
    Row,
}

impl Fault {
    /// What it is a finding about: the `database` as it is made, or its `journal`.
    #[must_use]
    pub fn finding(self) -> &'static str {
        if self == Self::Code { "database" } else { "journal" }
    }
}

/// The first bad entry. Where heads show a rewriting, the first that may be bad.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct BadEntry {
    /// Its number.
    pub seq: i64,
    /// The row's id where the row is known.
    pub id: Option<String>,
    /// What is wrong.
    pub fault: Fault,
    /// The same in one sentence.
    pub sentence: String,
    /// What else is wrong with releases.
    pub more: Vec<BadEntry>,
}

impl BadEntry {
    /// One by itself.
    #[must_use]
    pub fn new(seq: i64, id: Option<String>, fault: Fault, sentence: String) -> Self {
        Self { seq, id, fault, sentence, more: Vec::new() }
    }
}

/// Why verifying ended without a proof: the rows could not be read, or one of them is bad.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError<E> {
    /// Reading failed; this says nothing about the journal.
    #[error(transparent)]
    Read(E),
    /// The first bad entry.
    #[error(transparent)]
    Bad(#[from] BadEntry),
}

/// Goes through the journal as pages of it are read; [`verify`] does it over an iterator.
pub struct Verifier {
    heads: BTreeMap<i64, Vec<(Head, bool)>>,
    signed: bool,
    seq: i64,
    hash: String,
    last_good_head: i64,
    outside: i64,
}

impl Verifier {
    /// Begins with the heads.
    ///
    /// # Errors
    /// A head is not signed with the given key.
    pub fn new(heads: Heads) -> Result<Self, BadEntry> {
        let mut by_seq: BTreeMap<i64, Vec<(Head, bool)>> = BTreeMap::new();
        if let Some(key) = &heads.public_key {
            let all = heads.stored.into_iter().map(|h| (h, false)).chain(heads.outside.into_iter().map(|h| (h, true)));
            for (head, outside) in all {
                by_seq.entry(head.seq).or_default().push((head, outside));
            }
            let forged = by_seq.values().flatten().find(|(head, _)| !head.is_signed_by(key));
            if let Some((head, outside)) = forged {
                let place = if *outside { "kept outside" } else { "in the database" };
                let sentence = format!("The head {place} for entry {} is not signed with the worker's key.", head.seq);
                return Err(BadEntry::new(head.seq, None, Fault::ForgedHead, sentence));
            }
        }
        let signed = heads.public_key.is_some();
        Ok(Self { heads: by_seq, signed, seq: 0, hash: GENESIS.to_owned(), last_good_head: 0, outside: 0 })
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// It is bad.
    pub fn take(&mut self, row: &SealedRow) -> Result<(), BadEntry> {
        let seq = self.seq + 1;
        let id = row.entry.as_ref().map(|entry| entry.id.clone());
        let bad = |fault, sentence| Err(BadEntry::new(seq, id.clone(), fault, sentence));
        if row.seq != seq {
            let sentence = format!("Entry {seq} is missing: its seal is gone while seal {} stands.", row.seq);
            return bad(Fault::SealGone, sentence);
        }
        let Some(entry) = &row.entry else {
            return bad(Fault::RowGone, format!("Entry {seq} is missing: its seal stands and its row is gone."));
        };
        let hash = entry_hash(&self.hash, seq, entry);
        if hash != row.hash {
            let sentence = format!("Entry {seq} (row {}) is not what was sealed: it was edited or swapped.", entry.id);
            return bad(Fault::Changed, sentence);
        }
        self.seq = seq;
        self.hash = hash;
        for (head, outside) in self.heads.remove(&seq).unwrap_or_default() {
            if head.hash != self.hash {
                let first = self.last_good_head + 1;
                let sentence = format!(
                    "Entries {first} to {seq} were rewritten: they fit each other and not the head signed at {}.",
                    head.at
                );
                return Err(BadEntry::new(first, None, Fault::Rewritten, sentence));
            }
            self.last_good_head = seq;
            if outside {
                self.outside = seq;
            }
        }
        Ok(())
    }

    /// The number and the hash of the last row that was taken.
    #[must_use]
    pub fn end(&self) -> (i64, &str) {
        (self.seq, &self.hash)
    }

    /// The number up to which the given heads say there are entries, where that is more than there were.
    #[must_use]
    pub fn missing_up_to(&self) -> Option<i64> {
        self.heads.keys().next_back().copied()
    }

    /// Ends after the last row.
    ///
    /// # Errors
    /// A head is left whose entry never came: the tail was cut.
    pub fn finish(self) -> Result<Verified, BadEntry> {
        if let Some((head, _)) = self.heads.into_values().next_back().and_then(|heads| heads.into_iter().next()) {
            let seq = self.seq + 1;
            let sentence = format!(
                "Entry {seq} is missing: the head signed at {} says there were {} entries and there are {}.",
                head.at, head.seq, self.seq
            );
            return Err(BadEntry::new(seq, None, Fault::Cut, sentence));
        }
        let proof = match (self.signed, self.outside, self.last_good_head) {
            (true, 1.., _) => Proof::OutsideHeads(self.outside),
            (true, _, 1..) => Proof::StoredHeads(self.last_good_head),
            _ => Proof::Chain,
        };
        Ok(Verified { entries: self.seq, head: self.hash, proof, releases: Releases::default() })
    }
}

/// Goes through the whole journal.
///
/// # Errors
/// The first bad entry, or a failure to read.
pub fn verify<E>(
    rows: impl IntoIterator<Item = Result<SealedRow, E>>,
    heads: Heads,
) -> Result<Verified, VerifyError<E>> {
    let mut verifier = Verifier::new(heads)?;
    for row in rows {
        verifier.take(&row.map_err(VerifyError::Read)?)?;
    }
    Ok(verifier.finish()?)
}

impl Proof {
    /// What was proved, in one sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Chain => "The chain alone was proved: give the worker's public key and its heads file to prove that \
                            nothing was rewritten or cut."
                .to_owned(),
            Self::StoredHeads(seq) => format!(
                "Proved with the signed heads in the database up to entry {seq}; give the worker's heads file to prove that \
                 no tail was cut together with its heads."
            ),
            Self::OutsideHeads(seq) => {
                format!(
                    "Proved with the signed heads kept outside the database: nothing up to entry {seq} was changed or cut."
                )
            }
        }
    }
}
