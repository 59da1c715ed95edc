//! What changes which heads count: a key that hands over to another, and what two administrators say where no key can speak any
//! more, because it is lost or because the database is that of a backup. Both are sealed entries.

use serde::{Deserialize, Serialize};

use crate::domain::journal::JournalEntry;

/// Why heads kept outside count anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// The key is lost: another takes its place.
    LostKey,
    /// The database is that of a backup.
    Restored,
}

/// The text with which a key hands over to another, to sign with the old one.
#[must_use]
pub fn handover_text(old: &str, new: &str) -> String {
    format!("exeat journal key 1\n{old}\n{new}")
}

/// The key that `old` (32 bytes) hands over to by the request of an entry; none where it does not.
#[must_use]
pub fn handed_over(old: &[u8], request: &str) -> Option<Vec<u8>> {
    serde_json::from_str::<Handover>(request).ok()?.by(old)
}

/// An entry that changes which heads count.
pub(super) enum Trusted {
    Handover(Handover),
    Renewal(Renewed),
}

/// The old key and the new one in hex, and the old one's signature.
#[derive(Deserialize)]
pub(super) struct Handover {
    old: String,
    new: String,
    signature: String,
}

impl Handover {
    /// The key that `old` (32 bytes) hands over to; none where it is another's, or not signed by it.
    pub(super) fn by(&self, old: &[u8]) -> Option<Vec<u8>> {
        let named = hex::encode(old);
        let text = handover_text(&named, &self.new);
        let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, old);
        let signed =
            || hex::decode(&self.signature).is_ok_and(|signature| key.verify(text.as_bytes(), &signature).is_ok());
        (self.old == named && signed()).then(|| hex::decode(&self.new).ok()).flatten()
    }
}

/// What one administrator proposed and another confirmed.
#[derive(Deserialize)]
pub(super) struct Renewed {
    /// Its number.
    pub(super) renewal: i64,
    why: Renewal,
    /// The key that counts from here on, in hex; none where it stays.
    pub(super) public_key: Option<String>,
    proposed_by: String,
    #[serde(skip)]
    confirmed_by: String,
    /// The entry.
    #[serde(skip)]
    pub(super) seq: i64,
    /// Its moment, as heads write theirs.
    #[serde(skip)]
    pub(super) at: String,
}

impl Trusted {
    pub(super) fn read(seq: i64, entry: &JournalEntry) -> Option<Self> {
        match entry.command.as_str() {
            _ if entry.ok != "true" => None,
            "change_key" => serde_json::from_str(entry.request.as_deref()?).ok().map(Self::Handover),
            "confirm_renewal" => {
                let renewal: Renewed = serde_json::from_str(entry.data.as_deref()?).ok()?;
                let confirmed_by = entry.person.clone()?;
                Some(Self::Renewal(Renewed { confirmed_by, seq, at: entry.at.clone(), ..renewal }))
            }
            _ => None,
        }
    }
}

impl Renewed {
    pub(super) fn is_restore(&self) -> bool {
        self.why == Renewal::Restored
    }

    /// Who said what.
    pub(super) fn said(&self) -> String {
        let Self { renewal, proposed_by, confirmed_by, seq, .. } = self;
        format!("{proposed_by} and {confirmed_by} said in entry {seq}, renewal {renewal}, {}.", self.what())
    }

    fn what(&self) -> String {
        match &self.public_key {
            _ if self.is_restore() => "that the database is that of a backup".to_owned(),
            Some(key) => format!("that the key was lost and {key} took its place"),
            None => "that the key was lost".to_owned(),
        }
    }

    /// On whose word the proof rests, from which entry on.
    pub(super) fn note(&self, first: i64) -> String {
        let Self { proposed_by, confirmed_by, seq, .. } = self;
        let what = self.what();
        format!(
            "From entry {first} on the proof rests on {proposed_by} and {confirmed_by}, who said in entry {seq} {what}."
        )
    }
}
