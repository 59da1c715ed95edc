//! Goes through the chain as pages of it are read, and holds it against the heads.

use super::heads::KeptHeads;
use super::{BadEntry, Fault, Heads, Proof, SealedRow, Verified};
use crate::domain::journal::{GENESIS, entry_hash};
use crate::domain::replay::Releases;

/// Goes through the journal as pages of it are read; [`verify`](super::verify) does it over an iterator.
pub struct Verifier {
    seq: i64,
    hash: String,
    /// None without a key to check them with.
    heads: Option<KeptHeads>,
}

impl Verifier {
    /// Begins with the heads.
    #[must_use]
    pub fn new(heads: Heads) -> Self {
        Self { seq: 0, hash: GENESIS.to_owned(), heads: KeptHeads::new(heads) }
    }

    /// Takes the next row. What is wrong with a head is told at the end: an entry further on may say why, and none of them hides
    /// an edit.
    ///
    /// # Errors
    /// It is bad.
    pub fn take(&mut self, row: &SealedRow) -> Result<(), BadEntry> {
        let seq = self.seq + 1;
        let id = row.entry.as_ref().map(|entry| entry.id.clone());
        let bad = |fault, sentence| {
            let mut bad = BadEntry::new(seq, id.clone(), fault, sentence);
            bad.more.extend(self.unsettled());
            Err(bad)
        };
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
        if let Some(heads) = &mut self.heads {
            heads.entry(seq, entry);
            heads.reached(seq, &self.hash);
        }
        Ok(())
    }

    /// The number and the hash of the last row that was taken.
    #[must_use]
    pub fn end(&self) -> (i64, &str) {
        (self.seq, &self.hash)
    }

    /// What the heads say against the rows that were taken so far, and no entry among them explains.
    #[must_use]
    pub fn unsettled(&self) -> Option<BadEntry> {
        self.heads.as_ref()?.unsettled()
    }

    /// The number up to which the given heads say there are entries, where that is more than there were.
    #[must_use]
    pub fn missing_up_to(&self) -> Option<i64> {
        Some(self.heads.as_ref()?.beyond()?.seq)
    }

    /// Ends after the last row.
    ///
    /// # Errors
    /// What the heads say against it: the tail was cut, the chain was rewritten, or a head is another's.
    pub fn finish(self) -> Result<Verified, BadEntry> {
        let mut verified = Verified {
            entries: self.seq,
            head: self.hash,
            proof: Proof::Chain,
            notes: Vec::new(),
            releases: Releases::default(),
        };
        let Some(heads) = self.heads else { return Ok(verified) };
        if let Some(bad) = heads.unsettled() {
            return Err(bad);
        }
        if let Some(bad) = heads.cut_why(verified.entries) {
            return Err(bad);
        }
        if let Some(bad) = heads.foreign_why() {
            return Err(bad);
        }
        verified.notes = heads.notes();
        verified.proof = heads.proof();
        Ok(verified)
    }
}
