//! What lies where released files go, held against the sealed claims and finishes. Called by `journal verify --shared`.

use std::collections::HashMap;

use super::claims::{Release, State, place_hash};
use super::{Name, Replay};

/// What an object in a shared location is, by what is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// A copy that is out: the hash its bytes have to have.
    Copy([u8; 32]),
    /// A record: the hash of what it was decided on.
    Record([u8; 32]),
    /// Of a release that is on its way.
    OnItsWay,
    /// Of a release that was recalled or failed; a worker takes it away.
    Over,
    /// Nothing that is sealed put it there.
    Unclaimed,
}

/// The places, to ask of each object.
pub struct Shared<'r> {
    replay: &'r Replay,
    by_place: HashMap<[u8; 32], &'r str>,
}

impl Replay {
    /// Bucket and prefix of each place released files go to, or went, records beside them.
    #[must_use]
    pub fn shared_places(&self) -> Vec<(String, String)> {
        let mut places: Vec<(String, String)> =
            self.places.shared().map(|(bucket, prefix)| (bucket.to_owned(), prefix.to_owned())).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// What lies in them.
    #[must_use]
    pub fn shared(&self) -> Shared<'_> {
        let mut by_place: HashMap<[u8; 32], &str> = HashMap::new();
        let all = self.claims.all.iter().filter_map(|(id, release)| Some((&**id, release.place?, release)));
        for (id, place, release) in all {
            // Of several at one place the one that is out says what has to lie there.
            let there = by_place.entry(place).or_insert(id);
            if self.is_out(id, release) {
                *there = id;
            }
        }
        Shared { replay: self, by_place }
    }

    fn is_out(&self, id: &str, release: &Release) -> bool {
        let case = (release.version, release.destination.clone());
        self.claims.ever.get(&case).is_some_and(|ever| ever.out.as_deref() == Some(id))
    }
}

impl<'r> Shared<'r> {
    /// The release of before the proof that is out and of whose case a key is: its claim said no place, its bytes are known.
    fn older(&self, key: &str) -> Option<&'r str> {
        let parts: Vec<&str> = key.split('/').collect();
        let case = |part: &[&str]| Some((part[1].parse().ok()?, Name::from(part[0])));
        let out =
            parts.windows(2).filter_map(case).find_map(|case| self.replay.claims.ever.get(&case)?.out.as_deref())?;
        self.replay.claims.all.get(out).filter(|release| release.place.is_none()).map(|_| out)
    }

    /// What an object is.
    #[must_use]
    pub fn lies(&self, bucket: &str, key: &[u8]) -> Lies {
        let text = String::from_utf8_lossy(key);
        let named = text.rsplit_once("_records/").and_then(|(_, name)| name.strip_suffix(".json"));
        if let Some(release) = named.and_then(|id| self.replay.claims.all.get(id)) {
            return match release.state {
                State::Done if release.record_key.as_deref() == Some(&*text) => Lies::Record(release.decided_on),
                State::Claimed => Lies::OnItsWay,
                State::Failed => Lies::Over,
                State::Done => Lies::Unclaimed,
            };
        }
        let found = self.by_place.get(&place_hash(bucket, &hex::encode(key))).copied().or_else(|| self.older(&text));
        let Some((id, release)) = found.and_then(|id| Some((id, self.replay.claims.all.get(id)?))) else {
            return Lies::Unclaimed;
        };
        match (release.state, release.sha256) {
            (State::Claimed, _) => Lies::OnItsWay,
            (State::Done, Some(sha256)) if self.replay.is_out(id, release) => Lies::Copy(sha256),
            _ => Lies::Over,
        }
    }
}
