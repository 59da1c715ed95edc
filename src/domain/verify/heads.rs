//! The signed heads, held against the chain as it comes: whose keys count from where on, which heads fit, and which do not.

use std::collections::BTreeMap;

use super::trust::{Renewed, Trusted};
use super::{BadEntry, Fault, Heads, Proof};
use crate::domain::journal::{Head, JournalEntry};

/// A head and whether it was kept outside the database.
type Kept = (Head, bool);

/// A key that counts, for heads that were signed before it was lost.
struct Key {
    public: Vec<u8>,
    lost_at: Option<String>,
}

impl Key {
    fn new(public: Vec<u8>) -> Self {
        Self { public, lost_at: None }
    }
}

/// All of them.
pub(super) struct KeptHeads {
    /// Whose entries have not come.
    waiting: BTreeMap<i64, Vec<Kept>>,
    /// The newest last: it alone hands over.
    keys: Vec<Key>,
    /// Number and moment of each head that fits.
    good: Vec<(i64, String)>,
    outside: i64,
    unfit: Vec<Head>,
    foreign: Vec<Kept>,
    /// What two administrators said and the reader takes their word for.
    renewals: Vec<Renewed>,
    /// The numbers of those, from the reader's own configuration: who rewrites a journal can write such an entry too.
    accepted: Vec<i64>,
    /// Said in the journal, and not accepted.
    said: Vec<Renewed>,
}

impl KeptHeads {
    /// None without a key to check them with.
    pub(super) fn new(heads: Heads) -> Option<Self> {
        let keys = vec![Key::new(heads.public_key?)];
        let mut waiting: BTreeMap<i64, Vec<Kept>> = BTreeMap::new();
        let all =
            heads.stored.into_iter().map(|head| (head, false)).chain(heads.outside.into_iter().map(|h| (h, true)));
        for (head, outside) in all {
            waiting.entry(head.seq).or_default().push((head, outside));
        }
        Some(Self {
            waiting,
            keys,
            good: Vec::new(),
            outside: 0,
            unfit: Vec::new(),
            foreign: Vec::new(),
            renewals: Vec::new(),
            accepted: heads.renewals,
            said: Vec::new(),
        })
    }

    /// Takes a sealed entry that may change whose heads count.
    pub(super) fn entry(&mut self, seq: i64, entry: &JournalEntry) {
        match Trusted::read(seq, entry) {
            Some(Trusted::Handover(handover)) => {
                let last = self.keys.last().filter(|key| key.lost_at.is_none());
                self.keys.extend(last.and_then(|key| handover.by(&key.public)).map(Key::new));
            }
            Some(Trusted::Renewal(renewal)) if self.accepted.contains(&renewal.renewal) => {
                if let Some(key) = renewal.public_key.clone() {
                    self.keys
                        .iter_mut()
                        .filter(|key| key.lost_at.is_none())
                        .for_each(|key| key.lost_at = Some(renewal.at.clone()));
                    self.keys.extend(hex::decode(key).ok().map(Key::new));
                }
                self.renewals.push(renewal);
            }
            Some(Trusted::Renewal(renewal)) => self.said.push(renewal),
            None => {}
        }
    }

    /// Holds the heads of an entry against the chain that has come to it.
    pub(super) fn reached(&mut self, seq: i64, hash: &str) {
        for (head, outside) in self.waiting.remove(&seq).unwrap_or_default() {
            if !self.is_good(&head) {
                self.foreign.push((head, outside));
            } else if head.hash != hash {
                self.unfit.push(head);
            } else {
                self.good.push((seq, head.at));
                if outside {
                    self.outside = seq;
                }
            }
        }
    }

    fn is_good(&self, head: &Head) -> bool {
        let counts = |key: &&Key| key.lost_at.as_ref().is_none_or(|lost| head.at < *lost);
        self.keys.iter().filter(counts).any(|key| head.is_signed_by(&key.public))
    }

    fn last_good(&self) -> i64 {
        self.good.last().map_or(0, |(seq, _)| *seq)
    }

    /// The first entry that no head of before covers: those of after a backup say nothing of what it lacks.
    fn first_after(&self, head: &Head) -> i64 {
        let before = self.good.partition_point(|(_, at)| *at <= head.at);
        before.checked_sub(1).map_or(1, |n| self.good[n].0 + 1)
    }

    /// Who said that the database is that of a backup, after a head was signed.
    fn restored(&self, head: &Head) -> Option<&Renewed> {
        self.renewals.iter().find(|renewal| renewal.is_restore() && head.at < renewal.at)
    }

    /// What to do where somebody said so and the reader has not taken their word.
    fn hint(&self) -> String {
        let Some(renewal) = self.said.last() else { return String::new() };
        format!(" {} Ask them, and name it in renewals of [journal] if it is so.", renewal.said())
    }

    /// A good head whose entry did not come, and nobody said that a backup took its place.
    pub(super) fn beyond(&self) -> Option<&Head> {
        let good = |(head, _): &&Kept| self.restored(head).is_none() && self.is_good(head);
        self.waiting.values().rev().flatten().find(good).map(|(head, _)| head)
    }

    /// The tail that good heads speak of and that did not come after `entries`.
    pub(super) fn cut_why(&self, entries: i64) -> Option<BadEntry> {
        let head = self.beyond()?;
        let sentence = format!(
            "Entry {} is missing: the head signed at {} says there were {} entries and there are {entries}.{}",
            entries + 1,
            head.at,
            head.seq,
            self.hint()
        );
        Some(BadEntry::new(entries + 1, None, Fault::Cut, sentence))
    }

    /// A head that contradicts the chain, where nobody said that a backup took its place.
    pub(super) fn unsettled(&self) -> Option<BadEntry> {
        let head = self.unfit.iter().find(|head| self.restored(head).is_none())?;
        let first = self.first_after(head);
        let sentence = format!(
            "Entries {first} to {} were rewritten: they fit each other and not the head signed at {}.{}",
            head.seq,
            head.at,
            self.hint()
        );
        Some(BadEntry::new(first, None, Fault::Rewritten, sentence))
    }

    /// Heads of keys that do not count, whether their entries came or not.
    fn foreign(&self) -> impl Iterator<Item = &Kept> {
        let waiting = self.waiting.values().flatten().filter(|(head, _)| !self.is_good(head));
        self.foreign.iter().chain(waiting)
    }

    /// The first foreign head whose entries no later good one covers.
    pub(super) fn foreign_why(&self) -> Option<BadEntry> {
        let (head, outside) = self.foreign().find(|(head, _)| head.seq > self.last_good())?;
        let place = if *outside { "kept outside" } else { "in the database" };
        let hint = self.hint();
        let sentence = format!("The head {place} for entry {} is not signed with the worker's key.{hint}", head.seq);
        Some(BadEntry::new(head.seq, None, Fault::ForgedHead, sentence))
    }

    /// What is no fault and has to be known.
    pub(super) fn notes(&self) -> Vec<String> {
        let note = |renewal: &Renewed| Some(renewal.note(self.rests_from(renewal)?));
        let mut notes: Vec<String> = self.renewals.iter().filter_map(note).collect();
        let foreign = self.foreign().count();
        if foreign > 0 {
            notes.push(format!(
                "{foreign} of the heads are not signed with the worker's key; a later one that is covers their entries. See who wrote them."
            ));
        }
        notes
    }

    /// The entry from which on the proof rests on a renewal; none where no head needed it.
    fn rests_from(&self, renewal: &Renewed) -> Option<i64> {
        if !renewal.is_restore() {
            return Some(renewal.seq);
        }
        let beyond = self.waiting.values().flatten().map(|(head, _)| head).filter(|head| self.is_good(head));
        let set_aside = self.unfit.iter().chain(beyond).filter(|head| head.at < renewal.at);
        set_aside.map(|head| self.first_after(head)).min()
    }

    pub(super) fn proof(&self) -> Proof {
        match (self.outside, self.last_good()) {
            (1.., _) => Proof::OutsideHeads(self.outside),
            (_, 1..) => Proof::StoredHeads(self.last_good()),
            _ => Proof::Chain,
        }
    }
}
