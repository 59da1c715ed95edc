//! Every object where released files go, held against its sealed claim and finish, with the worker's keys: an object that no
//! release put there was read by people all the same. Called by `verify`.

use sha2::{Digest as _, Sha256};

use super::{Result, ServiceError};
use crate::config::WorkerConfig;
use crate::domain::replay::{Lies, Replay};
use crate::domain::verify::{BadEntry, Fault};
use crate::objects::{Location, ObjectsError, Store};
use crate::text::{Untrusted, shown};

/// Bytes of the largest record that is looked into; a release writes some kilobytes.
const LARGEST_RECORD: u64 = 64 << 20;

/// What was listed before the journal was read: each object's claim is sealed by then.
pub(super) struct Listed {
    store: Store,
    objects: Vec<(String, Vec<u8>)>,
}

/// What was found in the shared locations.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) faults: Vec<BadEntry>,
    pub(super) copies: u64,
    over: u64,
}

/// How an object compares with what is sealed.
enum Is {
    Same,
    Other(&'static str),
    /// Taken away since it was listed.
    Gone,
}

impl Found {
    /// What was compared, in one sentence.
    pub(super) fn note(&self) -> String {
        let compared =
            format!("Objects in the shared locations that are what their sealed claims say: {}.", self.copies);
        match self.over {
            0 => compared,
            n => format!("{compared} Left of releases that were recalled or failed, for the worker to take away: {n}."),
        }
    }
}

impl Listed {
    /// Lists the places.
    pub(super) async fn of(worker: &WorkerConfig, places: &[Location]) -> Result<Self> {
        let mut listed = Self { store: Store::open(&worker.worker.s3).await, objects: Vec::new() };
        listed.add(places).await?;
        Ok(listed)
    }

    async fn add(&mut self, places: &[Location]) -> Result<()> {
        for place in places {
            let mut next = None;
            loop {
                let page = self.store.list(place, next).await.map_err(|why| unread(place, &why))?;
                self.objects.extend(page.entries.into_iter().map(|entry| (place.bucket.clone(), entry.key)));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Holds each against what is sealed. Places that only the journal still knows are listed now.
    pub(super) async fn compare(mut self, replay: &Replay, known: &[Location]) -> Result<Found> {
        let all = replay.shared_places().into_iter().map(|(bucket, prefix)| Location::new(bucket, prefix));
        let old: Vec<Location> = all.filter(|place| !known.contains(place)).collect();
        self.add(&old).await?;
        // Projects share places, and old and new ones may be nested: an object is listed more than once.
        self.objects.sort_unstable();
        self.objects.dedup();
        let shared = replay.shared();
        let mut found = Found::default();
        for (bucket, key) in &self.objects {
            let is = match shared.lies(bucket, key) {
                Lies::OnItsWay => continue,
                Lies::Over => {
                    found.over += 1;
                    continue;
                }
                Lies::Unclaimed => Is::Other("no sealed claim put it there"),
                Lies::Copy(sha256) => self.differs(bucket, key, sha256).await?,
                Lies::Record(decided_on) => self.record_differs(bucket, key, decided_on).await?,
            };
            match is {
                Is::Gone => {}
                Is::Same => found.copies += 1,
                Is::Other(why) => {
                    let name = shown(&Untrusted::new(String::from_utf8_lossy(key).into_owned()));
                    let sentence = format!("The object {name} in {bucket} lies where released files go, and {why}.");
                    found.faults.push(BadEntry::new(0, None, Fault::Row, sentence));
                }
            }
        }
        Ok(found)
    }

    async fn differs(&self, bucket: &str, key: &[u8], wanted: [u8; 32]) -> Result<Is> {
        let hash = match self.store.read(bucket, key, None, None, None).await {
            Ok(stream) => stream.sha256().await,
            Err(why) => Err(why),
        };
        match hash {
            Ok((hash, _)) if hash == hex::encode(wanted) => Ok(Is::Same),
            Ok(_) => Ok(Is::Other("its bytes are not those that were released")),
            // recalled since it was listed
            Err(ObjectsError::NotFound(_)) => Ok(Is::Gone),
            Err(why) => Err(unread(&Location::new(bucket, ""), &why)),
        }
    }

    async fn record_differs(&self, bucket: &str, key: &[u8], wanted: [u8; 32]) -> Result<Is> {
        let place = Location::new(bucket, "");
        let mut stream = match self.store.read(bucket, key, None, None, None).await {
            Ok(stream) if stream.head.size <= LARGEST_RECORD => stream,
            Ok(_) => return Ok(Is::Other("it is larger than any record")),
            Err(ObjectsError::NotFound(_)) => return Ok(Is::Gone),
            Err(why) => return Err(unread(&place, &why)),
        };
        let mut bytes = Vec::new();
        while let Some(part) = stream.next().await.map_err(|why| unread(&place, &why))? {
            bytes.extend_from_slice(&part);
        }
        let record: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let decided_on = serde_json::to_vec(&record["decided_on"]).unwrap_or_default();
        let same = <[u8; 32]>::from(Sha256::digest(decided_on)) == wanted;
        Ok(if same { Is::Same } else { Is::Other("its record is not what the release was decided on") })
    }
}

fn unread(place: &Location, why: &ObjectsError) -> ServiceError {
    ServiceError::store(format!("{place} cannot be read ({why}): give the configuration of a worker that can."))
}
