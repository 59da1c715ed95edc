//! What people are shown against what is sealed, and the database's code against this program's: a superuser can leave the
//! journal as it is and replace the functions that show it. Used by `journal verify`, and by `received` for what is shown.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::db::JournalRow;
use crate::domain::journal::{JournalEntry, entry_hash};
use crate::domain::verify::{BadEntry, Fault, SealedRow};

/// The sealed entries by row, to compare what is shown with them: some fifty bytes an entry.
#[derive(Default)]
pub(super) struct Sealed {
    rows: HashMap<i64, (i64, [u8; 32])>,
    last: i64,
}

impl Sealed {
    /// Keeps a proven row.
    pub(super) fn keep(&mut self, row: &SealedRow) {
        if let Some(entry) = &row.entry
            && let Ok(id) = entry.id.parse()
        {
            self.last = row.seq;
            self.rows.insert(id, (row.seq, digest(row.seq, &row.hash, entry.clone())));
        }
    }

    /// A row as it is shown; one that was written or sealed since is passed over.
    pub(super) fn compare(&mut self, row: &JournalRow) -> Result<(), BadEntry> {
        match (self.rows.remove(&row.id), row.seq) {
            (Some((seq, _)), None) => Err(differs(seq, row.id, "as not sealed")),
            (Some((seq, sealed)), Some(said)) => {
                let shown = digest(said, row.hash.as_deref().unwrap_or_default(), entry(row));
                if shown == sealed { Ok(()) } else { Err(differs(seq, row.id, "otherwise than it is sealed")) }
            }
            (None, Some(said)) if said <= self.last => Err(differs(said, row.id, "and was never sealed, or twice")),
            (None, _) => Ok(()),
        }
    }

    /// Ends after the last row that is shown.
    pub(super) fn finish(self) -> Result<(), BadEntry> {
        let Some((id, (seq, _))) = self.rows.into_iter().min_by_key(|(_, (seq, _))| *seq) else { return Ok(()) };
        let sentence = format!("Entry {seq} (row {id}) is sealed and `exeat journal show` leaves it out.");
        Err(BadEntry::new(seq, Some(id.to_string()), Fault::Shown, sentence))
    }
}

fn differs(seq: i64, id: i64, how: &str) -> BadEntry {
    let sentence = format!("Entry {seq} (row {id}) is shown by `exeat journal show` {how}.");
    BadEntry::new(seq, Some(id.to_string()), Fault::Shown, sentence)
}

/// Everything of an entry and its seal in short, to compare what was received with what is sealed.
pub(super) type Fingerprint = [u8; 32];

/// Of a row as it is shown; none of one without a seal is right.
pub(super) fn fingerprint(row: &JournalRow) -> Fingerprint {
    digest(row.seq.unwrap_or_default(), row.hash.as_deref().unwrap_or_default(), entry(row))
}

/// Of a sealed row; none where the row is gone.
pub(super) fn sealed_fingerprint(row: &SealedRow) -> Option<Fingerprint> {
    row.entry.clone().map(|entry| digest(row.seq, &row.hash, entry))
}

/// Everything of an entry and its seal in short. Null and the empty text are shown alike.
fn digest(seq: i64, hash: &str, mut entry: JournalEntry) -> [u8; 32] {
    entry.request.get_or_insert_default();
    entry.data.get_or_insert_default();
    let mut short = [0; 32];
    // It is hex of that length.
    let _ = hex::decode_to_slice(entry_hash(hash, seq, &entry), &mut short);
    short
}

/// A row as it is shown, in the form that is hashed.
fn entry(row: &JournalRow) -> JournalEntry {
    JournalEntry {
        id: row.id.to_string(),
        at: row.at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        person: row.person.clone(),
        session_role: row.session_role.clone(),
        via: row.via.clone(),
        command: row.command.clone(),
        command_id: row.command_id.clone(),
        subject: row.subject.clone(),
        project: row.project.clone(),
        request: Some(row.request.raw().to_owned()),
        ok: row.ok.to_string(),
        code: row.code.clone(),
        sentence: row.sentence.raw().to_owned(),
        data: Some(row.data.raw().to_owned()),
    }
}

/// The first function of the database that is not this program's.
pub(super) fn foreign(known: &BTreeMap<&str, Vec<Cow<str>>>, there: &[(String, String)]) -> Option<BadEntry> {
    let mut found: BTreeMap<&str, Vec<Cow<str>>> = BTreeMap::new();
    for (name, body) in there {
        found.entry(name).or_default().push(body.into());
    }
    let sorted = |bodies: Option<&Vec<Cow<str>>>| {
        let mut bodies: Vec<String> = bodies.into_iter().flatten().map(ToString::to_string).collect();
        bodies.sort_unstable();
        bodies
    };
    let names = known.keys().chain(found.keys()).copied().collect::<std::collections::BTreeSet<&str>>();
    let name = names.into_iter().find(|name| sorted(known.get(name)) != sorted(found.get(name)))?;
    let what = match (known.contains_key(name), found.contains_key(name)) {
        (true, true) => "is not the one of this exeat",
        (true, false) => "is gone",
        (false, _) => "is none of this exeat",
    };
    let sentence = format!(
        "The function exeat.{name} in the database {what}: someone replaced it, or another exeat migrated the database (then verify with that one, or run `exeat db migrate`). What the database answers proves nothing until then."
    );
    Some(BadEntry::new(0, None, Fault::Code, sentence))
}
