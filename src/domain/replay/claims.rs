//! Replays releases: was each earned when it was claimed, and finished by whoever had claimed it?

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::count::Counting;
use super::event::{CaseStep, Claim, Event, Place, ReleaseEvent};
use super::files::{File, hash};
use super::votes::{Case, Way};
use super::{At, ByCase, Name, Replay};
use crate::domain::verify::Fault;

/// A release.
pub(super) struct Release {
    pub(super) seq: i64,
    pub(super) version: i64,
    pub(super) destination: Name,
    worker: Name,
    /// The hash of bucket and key; none of before the proof.
    pub(super) place: Option<[u8; 32]>,
    /// The hash of the record's text.
    pub(super) record: [u8; 32],
    /// The hash of the record as JSON that was read and written again: so it stands in the file beside the copy.
    pub(super) decided_on: [u8; 32],
    /// The hash of the bytes, as the record says it.
    pub(super) sha256: Option<[u8; 32]>,
    /// Where the record was put.
    pub(super) record_key: Option<String>,
    pub(super) state: State,
    /// Why it was not earned.
    pub(super) unearned: Option<String>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Claimed,
    Done,
    Failed,
}

/// What a case ever was.
#[derive(Debug, Default)]
pub(super) struct Ever {
    pub(super) claimed: bool,
    pub(super) released: bool,
    pub(super) recalled: bool,
    /// The release whose copy is out now.
    pub(super) out: Option<Box<str>>,
}

/// All releases, by id.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) all: HashMap<Box<str>, Release>,
    pub(super) ever: ByCase<Ever>,
    open: ByCase<Box<str>>,
}

impl Claims {
    fn ever(&mut self, version: i64, destination: &Name) -> &mut Ever {
        self.ever.entry((version, destination.clone())).or_default()
    }

    /// A recall ends what is on its way.
    pub(super) fn recalled(&mut self, version: i64, destination: &Name) {
        let ever = self.ever(version, destination);
        (ever.recalled, ever.out) = (true, None);
        if let Some(id) = self.open.remove(&(version, destination.clone()))
            && let Some(release) = self.all.get_mut(&id)
        {
            release.state = State::Failed;
        }
    }

    fn claimed(&mut self, seq: i64, (worker, destination): (Name, Name), claim: Claim, unearned: Option<String>) {
        let Claim { release, record, text, place, .. } = claim;
        let version = record.version.0;
        let made = Release {
            seq,
            version,
            destination: destination.clone(),
            worker,
            place: place.map(|Place { bucket, key_hex, .. }| place_hash(&bucket, &key_hex)),
            decided_on: decided_on(&text),
            record: Sha256::digest(text).into(),
            sha256: hash(&record.sha256),
            record_key: None,
            state: State::Claimed,
            unearned,
        };
        self.ever(version, &destination).claimed = true;
        let release = release.into_boxed_str();
        self.open.insert((version, destination), release.clone());
        self.all.insert(release, made);
    }

    /// Ends a release; the case it was of.
    fn over(&mut self, id: &str, state: State) -> Option<(i64, Name)> {
        let release = self.all.get_mut(id)?;
        release.state = state;
        let case = (release.version, release.destination.clone());
        self.open.remove(&case);
        Some(case)
    }
}

/// What no reader of JSON takes is kept as its text.
fn decided_on(text: &str) -> [u8; 32] {
    let value = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
    Sha256::digest(serde_json::to_vec(&value).unwrap_or_default()).into()
}

pub(super) fn place_hash(bucket: &str, key_hex: &str) -> [u8; 32] {
    Sha256::digest(format!("{bucket}\n{key_hex}")).into()
}

impl Replay {
    /// What an exeat of before the proof says of releases: none is proved, each is known.
    pub(super) fn before(&mut self, at: At, event: Event) {
        match event {
            Event::Release(ReleaseEvent::Claim(claim)) => {
                self.releases.unproved += 1;
                let names = (self.names.of(&claim.worker), self.names.of(&claim.record.destination));
                self.claims.claimed(at.seq, names, claim, None);
            }
            Event::Release(event) => drop(self.release(at, event)),
            Event::Case(event) if matches!(event.what, CaseStep::Recall) => {
                self.claims.recalled(event.version, &self.names.of(&event.destination));
            }
            _ => {}
        }
    }

    pub(super) fn release(&mut self, at: At, event: ReleaseEvent) -> Result<(), (Fault, String)> {
        let unearned = |sentence: String| (Fault::Unearned, sentence);
        match event {
            ReleaseEvent::Claim(claim) => return self.claim(at, claim).map_err(unearned),
            ReleaseEvent::Again { release, worker } => {
                let worker = self.names.of(&worker);
                let known = self.claims.all.get_mut(release.as_str()).filter(|known| known.state == State::Claimed);
                known
                    .ok_or_else(|| {
                        unearned(format!("release {release} is taken up again, and no first claim stands."))
                    })?
                    .worker = worker;
            }
            ReleaseEvent::Finish { release, worker, record_key } => {
                let known = self.claims.all.get_mut(release.as_str()).filter(|known| known.state != State::Failed);
                let Some(known) = known else {
                    return Err(unearned(format!("release {release} is finished, and no sealed claim of it stands.")));
                };
                if *known.worker != *worker {
                    let sentence =
                        format!("release {release} is finished by {worker}, and {} had claimed it.", known.worker);
                    return Err(unearned(sentence));
                }
                known.record_key = record_key;
                if let Some((version, destination)) = self.claims.over(&release, State::Done) {
                    let ever = self.claims.ever(version, &destination);
                    (ever.released, ever.out) = (true, Some(release.into()));
                }
            }
            ReleaseEvent::Fail { release, code } => {
                if matches!(code.as_str(), "altered" | "missing" | "foreign" | "impossible" | "unsigned")
                    && let Some(case) = self.claims.over(&release, State::Failed)
                    && matches!(code.as_str(), "foreign" | "impossible" | "unsigned")
                {
                    self.claims.ever(case.0, &case.1).recalled = true;
                    self.cases.recall(case);
                }
            }
        }
        Ok(())
    }

    fn claim(&mut self, at: At, claim: Claim) -> Result<(), String> {
        let (version, destination) = (claim.record.version.0, self.names.of(&claim.record.destination));
        let worker = self.names.of(&claim.worker);
        let why_not = self.why_not_earned(at, &destination, &claim);
        let told = format!("release {} of version {version} to {destination} was not earned: ", claim.release);
        self.claims.claimed(at.seq, (worker, destination.clone()), claim, why_not.clone());
        if let Some(why) = why_not {
            return Err(told + &why);
        }
        if let Some(case) = self.cases.0.get_mut(&(version, destination)) {
            (case.approved_at, case.way) = (None, Way::Closed);
        }
        self.releases.earned += 1;
        Ok(())
    }

    fn why_not_earned(&self, at: At, destination: &Name, claim: &Claim) -> Option<String> {
        let version = claim.record.version.0;
        if self.claims.all.contains_key(claim.release.as_str()) {
            return Some("it was claimed before.".into());
        } else if claim.subject.as_deref() != Some(&format!("version:{version}")) {
            return Some("its record speaks of another version than its entry.".into());
        }
        let Some(file) = self.files.get(version) else {
            return Some(format!("no sealed entry says what version {version} is."));
        };
        let Some(place) = &claim.place else {
            return Some("its entry does not say where it goes.".into());
        };
        let Some(policy) = self.policies.active(&file.project, destination) else {
            return Some(format!("no sealed policy of {} for {destination} holds.", file.project));
        };
        let (during, none) = ((place.begun, at.micros), Case::default());
        let decided = self.cases.0.get(&(version, destination.clone()));
        let case = decided.unwrap_or(&none);
        let counting = Counting { replay: self, file, destination, case, policy, claim, during };
        if decided.is_none() {
            return Some(format!("no sealed entry decides about it{}.", counting.uncounted()));
        }
        self.file_why_not(file, destination, claim, place).or_else(|| counting.why_not())
    }

    /// What is wrong with its bytes or where they go.
    fn file_why_not(&self, file: &File, destination: &Name, claim: &Claim, place: &Place) -> Option<String> {
        let version = claim.record.version.0;
        if file.sha256.is_none() || hash(&claim.record.sha256) != file.sha256 {
            Some("its sha256 is not the one that intake sealed.".into())
        } else if file.blocked {
            Some("intake blocked these bytes.".into())
        } else if file.gone {
            Some("these bytes had been replaced or taken away.".into())
        } else if !self.places.is_place(file, version, destination, &place.bucket, &place.key_hex) {
            Some(format!(
                "it goes to {}, key {}, and the sealed location of {} is another.",
                place.bucket, place.key_hex, file.project
            ))
        } else {
            None
        }
    }
}
