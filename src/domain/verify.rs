//! Proves the journal: recomputes the chain over the stored rows and holds it against the signed heads. Pure over iterators,
//! so that a journal of any length takes little memory. Called by `exeat journal verify`.
//!
//! What it can prove depends on what it is given. The chain alone finds edits, swaps and gaps by someone who left the seals
//! as they were. Heads signed with a key outside the database also find a history rewritten with new seals. Heads kept
//! outside the database also find a tail cut off together with its heads.

mod heads;
pub mod trust;
mod verifier;

pub use verifier::Verifier;

use super::journal::{Head, JournalEntry};
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
    /// The worker's public key (32 bytes), from the reader's own configuration; none proves the chain only. A key that this one
    /// hands over to counts from there on.
    pub public_key: Option<Vec<u8>>,
    /// Heads stored in the database.
    pub stored: Vec<Head>,
    /// Heads kept outside the database.
    pub outside: Vec<Head>,
    /// The renewals the reader takes two administrators' word for; others change nothing.
    pub renewals: Vec<i64>,
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
    /// The last one's hash, or [`GENESIS`](super::journal::GENESIS).
    pub head: String,
    /// What that rests on.
    pub proof: Proof,
    /// What is no fault and has to be known, one sentence each: on whose word the proof rests in place of a head, and heads of
    /// foreign keys whose entries a later good one covers.
    pub notes: Vec<String>,
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

/// Goes through the whole journal.
///
/// # Errors
/// The first bad entry, or a failure to read.
pub fn verify<E>(
    rows: impl IntoIterator<Item = Result<SealedRow, E>>,
    heads: Heads,
) -> Result<Verified, VerifyError<E>> {
    let mut verifier = Verifier::new(heads);
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
