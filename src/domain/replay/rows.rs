//! Holds rows of the database against the sealed entries: a release or a case without its claim was put there by hand.

use sha2::{Digest as _, Sha256};

use super::claims::{Release, State, place_hash};
use super::{Name, Replay};
use crate::domain::verify::{BadEntry, Fault};

/// A release as the database has it.
#[derive(Clone, Debug)]
pub struct ReleaseRow {
    /// In order of claiming.
    pub number: i64,
    /// Its id.
    pub release: String,
    /// The file version.
    pub version: i64,
    /// Where it goes.
    pub destination: String,
    /// `claimed`, `done` or `failed`.
    pub state: String,
    /// The shared bucket.
    pub bucket: String,
    /// The whole key there, in hex.
    pub key_hex: String,
    /// Where its record is, once it is done.
    pub record_key: Option<String>,
    /// Of what it was decided on, JSON as PostgreSQL writes it.
    pub record_sha256: [u8; 32],
}

impl ReleaseRow {
    /// One that is claimed: its id, version and destination, bucket and key in hex, record as PostgreSQL writes it.
    #[must_use]
    pub fn claimed(
        release: String,
        (version, destination): (i64, String),
        (bucket, key_hex): (String, String),
        record: &str,
    ) -> Self {
        let (state, record_sha256) = ("claimed".to_owned(), Sha256::digest(record).into());
        Self { number: 0, release, version, destination, state, bucket, key_hex, record_key: None, record_sha256 }
    }
}

/// A case that is on its way, out, or was, as the database has it.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Its number.
    pub id: i64,
    /// The file version.
    pub version: i64,
    /// Where it goes.
    pub destination: String,
    /// `releasing`, `released` or `recalled`.
    pub state: String,
}

impl Replay {
    /// Holds a row against the entries, which were sealed after it was read.
    pub fn release_row(&mut self, row: &ReleaseRow) {
        let found = self.claims.all.get(row.release.as_str());
        let why = match found {
            None => Some("no sealed claim".to_owned()),
            Some(known) => differs(row, known),
        };
        if let Some(why) = why {
            let seq = found.map_or(0, |known| known.seq);
            let sentence = format!(
                "Release {} of version {} to {} stands in the database with {why}: somebody wrote it there.",
                row.release, row.version, row.destination
            );
            self.fault(BadEntry::new(seq, None, Fault::Row, sentence));
        }
    }

    /// The same for a case.
    pub fn case_row(&mut self, row: &CaseRow) {
        let ever = self.claims.ever.get(&(row.version, Name::from(row.destination.as_str())));
        let (known, lacks) = match row.state.as_str() {
            "releasing" => (ever.is_some_and(|ever| ever.claimed), "claim"),
            "released" => (ever.is_some_and(|ever| ever.released), "finish of a release"),
            _ => (ever.is_some_and(|ever| ever.recalled), "recall"),
        };
        if !known {
            let sentence = format!(
                "Version {} is {} for {} in the database with no sealed {lacks}: somebody wrote it there.",
                row.version, row.state, row.destination
            );
            self.fault(BadEntry::new(0, None, Fault::Row, sentence));
        }
    }
}

/// What a row says otherwise than the sealed claim and finish.
pub(super) fn differs(row: &ReleaseRow, known: &Release) -> Option<String> {
    let what = if (row.version, row.destination.as_str()) != (known.version, &known.destination) {
        "another version or destination"
    } else if known.place.is_some_and(|place| place != place_hash(&row.bucket, &row.key_hex)) {
        "another place"
    } else if row.record_sha256 != known.record {
        "another record"
    } else if row.state == "done" && known.state != State::Done {
        return Some("no sealed finish".to_owned());
    } else if row.state == "done" && row.record_key != known.record_key {
        "another place of its record"
    } else {
        return None;
    };
    Some(format!("{what} than its sealed claim and finish say"))
}
