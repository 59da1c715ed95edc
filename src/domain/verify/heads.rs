//! The signed heads, held against the chain as it comes: whose keys count from where on, which heads fit, and which do not.

use std::collections::BTreeMap;

use super::trust::{Handover, Renewed, Trusted, is_handed_over};
use super::{BadEntry, Fault, Heads, Proof};
use crate::domain::journal::{Head, JournalEntry};

/// A head and whether it was kept outside the database.
type Kept = (Head, bool);

/// A head that does not fit the chain, and the first entry that may be bad for it.
struct Unfit {
    first: i64,
    head: Head,
}

/// All of them.
pub(super) struct KeptHeads {
    /// Whose entries have not come.
    waiting: BTreeMap<i64, Vec<Kept>>,
    /// The keys that count so far, the newest last. Each hands over to the next, or two administrators put it there.
    keys: Vec<Vec<u8>>,
    last_good: i64,
    outside: i64,
    unfit: Vec<Unfit>,
    foreign: Vec<Kept>,
    /// Each with the first entry that no head before it covers.
    renewals: Vec<(i64, Renewed)>,
}

impl KeptHeads {
    /// None without a key to check them with.
    pub(super) fn new(heads: Heads) -> Option<Self> {
        let key = heads.public_key?;
        let mut waiting: BTreeMap<i64, Vec<Kept>> = BTreeMap::new();
        let all =
            heads.stored.into_iter().map(|head| (head, false)).chain(heads.outside.into_iter().map(|h| (h, true)));
        for (head, outside) in all {
            waiting.entry(head.seq).or_default().push((head, outside));
        }
        let (unfit, foreign, renewals) = (Vec::new(), Vec::new(), Vec::new());
        Some(Self { waiting, keys: vec![key], last_good: 0, outside: 0, unfit, foreign, renewals })
    }

    /// Takes a sealed entry that may change whose heads count.
    pub(super) fn entry(&mut self, seq: i64, entry: &JournalEntry) {
        let key = match Trusted::read(seq, entry) {
            Some(Trusted::Handover(Handover { old, new, signature })) => {
                let known =
                    self.keys.iter().any(|key| hex::encode(key) == old && is_handed_over(key, &new, &signature));
                known.then_some(new)
            }
            Some(Trusted::Renewal(renewal)) => {
                let key = renewal.public_key.clone();
                self.renewals.push((self.last_good + 1, renewal));
                key
            }
            None => None,
        };
        let key = key.and_then(|key| hex::decode(key).ok());
        if let Some(key) = key.filter(|key| !self.keys.contains(key)) {
            self.keys.push(key);
        }
    }

    /// Holds the heads of an entry against the chain that has come to it.
    pub(super) fn reached(&mut self, seq: i64, hash: &str) {
        for (head, outside) in self.waiting.remove(&seq).unwrap_or_default() {
            if !self.is_good(&head) {
                self.foreign.push((head, outside));
            } else if head.hash != hash {
                self.unfit.push(Unfit { first: self.last_good + 1, head });
            } else {
                self.last_good = seq;
                if outside {
                    self.outside = seq;
                }
            }
        }
    }

    fn is_good(&self, head: &Head) -> bool {
        self.keys.iter().any(|key| head.is_signed_by(key))
    }

    /// Who said that the database is that of a backup, after a head was signed.
    fn restored(&self, head: &Head) -> Option<&Renewed> {
        let mut renewals = self.renewals.iter().map(|(_, renewal)| renewal);
        renewals.find(|renewal| renewal.is_restore() && head.at < renewal.at)
    }

    /// A good head whose entry did not come, and nobody said that a backup took its place.
    pub(super) fn beyond(&self) -> Option<&Head> {
        let good = |(head, _): &&Kept| self.is_good(head) && self.restored(head).is_none();
        self.waiting.values().rev().flatten().find(good).map(|(head, _)| head)
    }

    /// A head that contradicts the chain, where nobody said that a backup took its place.
    pub(super) fn unsettled(&self) -> Option<BadEntry> {
        let Unfit { first, head } = self.unfit.iter().find(|unfit| self.restored(&unfit.head).is_none())?;
        let sentence = format!(
            "Entries {first} to {} were rewritten: they fit each other and not the head signed at {}.",
            head.seq, head.at
        );
        Some(BadEntry::new(*first, None, Fault::Rewritten, sentence))
    }

    /// Heads of keys that do not count, whether their entries came or not.
    fn foreign(&self) -> impl Iterator<Item = &Kept> {
        let waiting = self.waiting.values().flatten().filter(|(head, _)| !self.is_good(head));
        self.foreign.iter().chain(waiting)
    }

    /// The first foreign head whose entries no later good one covers.
    pub(super) fn foreign_why(&self) -> Option<BadEntry> {
        let (head, outside) = self.foreign().find(|(head, _)| head.seq > self.last_good)?;
        let place = if *outside { "kept outside" } else { "in the database" };
        let sentence = format!("The head {place} for entry {} is not signed with the worker's key.", head.seq);
        Some(BadEntry::new(head.seq, None, Fault::ForgedHead, sentence))
    }

    /// What is no fault and has to be known.
    pub(super) fn notes(&self) -> Vec<String> {
        let from = |(first, renewal): &(i64, Renewed)| Some(renewal.note(self.rests_from(*first, renewal)?));
        let mut notes: Vec<String> = self.renewals.iter().filter_map(from).collect();
        let foreign = self.foreign().count();
        if foreign > 0 {
            notes.push(format!(
                "{foreign} of the heads are not signed with the worker's key; a later one that is covers their entries. See who wrote them."
            ));
        }
        notes
    }

    /// The entry from which on the proof rests on a renewal; none where no head needed it.
    fn rests_from(&self, first: i64, renewal: &Renewed) -> Option<i64> {
        if !renewal.is_restore() {
            return Some(renewal.seq);
        }
        let unfit = self.unfit.iter().filter(|unfit| unfit.head.at < renewal.at).map(|unfit| unfit.first).min();
        let beyond = || self.waiting.values().flatten().any(|(head, _)| self.is_good(head) && head.at < renewal.at);
        unfit.or_else(|| beyond().then_some(first))
    }

    pub(super) fn proof(&self) -> Proof {
        match (self.outside, self.last_good) {
            (1.., _) => Proof::OutsideHeads(self.outside),
            (_, 1..) => Proof::StoredHeads(self.last_good),
            _ => Proof::Chain,
        }
    }
}
