//! What a worker asks before it lets anything out: is the release it holds, or the copy somebody wants, the one that sealed
//! entries say was earned? Called by `worker::prove`.

use super::claims::{State, place_hash};
use super::files::hash;
use super::rows::differs;
use super::{Name, ReleaseRow, Replay};

impl Replay {
    /// Why a claimed release may not be carried through; none: it was earned, and the row says what was sealed.
    #[must_use]
    pub fn release_why_not(&self, row: &ReleaseRow, sha256: &str) -> Option<String> {
        let Some(known) = self.claims.all.get(row.release.as_str()) else {
            return Some("no sealed entry claims it.".to_owned());
        };
        if let Some(why) = &known.unearned {
            return Some(why.clone());
        }
        if known.state != State::Claimed {
            return Some("by what is sealed it is over.".to_owned());
        }
        if hash(sha256) != known.sha256 || known.sha256.is_none() {
            return Some("it has other bytes than its sealed claim says.".to_owned());
        }
        differs(row, known).map(|how| format!("it stands in the database with {how}."))
    }

    /// Why nobody is given what lies at a place; none: it is no place of released files, or the copy there is one of a release
    /// that was earned and finished and is out. `release` is the one the database says it is of.
    #[must_use]
    pub fn copy_why_not(&self, release: Option<&str>, bucket: &str, key: &[u8]) -> Option<String> {
        let Some(release) = release else {
            let no_release = "it lies where released files go, and no release put it there.".to_owned();
            return self.places.is_shared(bucket, key).then_some(no_release);
        };
        let Some(known) = self.claims.all.get(release) else {
            return Some("no sealed entry claims its release.".to_owned());
        };
        if let Some(why) = &known.unearned {
            return Some(why.clone());
        }
        let case = (known.version, Name::clone(&known.destination));
        let out = self.claims.ever.get(&case).and_then(|ever| ever.out.as_deref());
        if known.state != State::Done {
            Some("no sealed entry finishes its release.".to_owned())
        } else if out != Some(release) {
            Some("by what is sealed it was recalled, or another copy took its place.".to_owned())
        } else if known.place.is_some_and(|place| place != place_hash(bucket, &hex::encode(key))) {
            Some("it lies elsewhere than its sealed claim says.".to_owned())
        } else {
            None
        }
    }
}
