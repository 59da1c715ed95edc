//! The journal's entry, its hash chain and its signed heads: the one place that says what is hashed and what is signed.
//! The worker's sealer makes seals and heads with it, [`super::verify`] proves them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One journal row, every column as the text the database gives for hashing; none where the column is null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The row's number, in order of writing (not of sealing).
    pub id: String,
    /// UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    pub at: String,
    /// Login of the person; none where it was a machine.
    pub person: Option<String>,
    /// The database role of the session.
    pub session_role: String,
    /// The service that acted for the person, if one did.
    pub via: Option<String>,
    /// The command function's name.
    pub command: String,
    /// The client's UUID.
    pub command_id: Option<String>,
    /// What it was about, such as `version 12`.
    pub subject: Option<String>,
    /// The project's id.
    pub project: Option<String>,
    /// The arguments as JSON text.
    pub request: Option<String>,
    /// `true` or `false`: whether it was done.
    pub ok: String,
    /// `done`, or the code of the rule that refused.
    pub code: String,
    /// What the person was told.
    pub sentence: String,
    /// What the command made, as JSON text.
    pub data: Option<String>,
}

impl JournalEntry {
    /// The columns in the order they are hashed.
    #[must_use]
    pub fn columns(&self) -> [Option<&str>; 14] {
        [
            Some(&self.id),
            Some(&self.at),
            self.person.as_deref(),
            Some(&self.session_role),
            self.via.as_deref(),
            Some(&self.command),
            self.command_id.as_deref(),
            self.subject.as_deref(),
            self.project.as_deref(),
            self.request.as_deref(),
            Some(&self.ok),
            Some(&self.code),
            Some(&self.sentence),
            self.data.as_deref(),
        ]
    }
}

/// The hash of the entry with number `seq`: SHA-256 over the hash before it, the number, and the columns as a JSON array of
/// strings and nulls, one a line. In hex.
#[must_use]
pub fn entry_hash(prev: &str, seq: i64, entry: &JournalEntry) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{prev}\n{seq}\n"));
    // As it is written: a column may have many megabytes. Neither texts nor a hash can fail to be written.
    let _ = serde_json::to_writer(&mut hash, &entry.columns());
    hex::encode(hash.finalize())
}

/// A signed head of the chain: nothing up to `seq` can be rewritten or cut without contradicting it. One JSON object a line
/// in the file the worker keeps outside the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the newest sealed entry.
    pub seq: i64,
    /// That entry's hash, in hex.
    pub hash: String,
    /// When it was signed; part of what is signed.
    pub at: String,
    /// Ed25519 over [`Head::text`], in hex.
    pub signature: String,
    /// The public key it was made with, in hex. Only a hint: what counts is the key the verifier was given.
    pub public_key: String,
}

impl Head {
    /// What is signed.
    #[must_use]
    pub fn text(&self) -> String {
        head_text(self.seq, &self.hash, &self.at)
    }

    /// Whether `public_key` (32 bytes) made the signature.
    #[must_use]
    pub fn is_signed_by(&self, public_key: &[u8]) -> bool {
        let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public_key);
        hex::decode(&self.signature).is_ok_and(|signature| key.verify(self.text().as_bytes(), &signature).is_ok())
    }
}

/// The text of a head, to sign.
#[must_use]
pub fn head_text(seq: i64, hash: &str, at: &str) -> String {
    format!("exeat journal head 1\n{seq}\n{hash}\n{at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_over_what_the_plan_of_the_chain_says() {
        let entry = JournalEntry {
            id: "7".into(),
            at: "2026-11-21T09:00:00.000001Z".into(),
            session_role: "checker1".into(),
            command: "cast_vote".into(),
            ok: "true".into(),
            code: "done".into(),
            sentence: "a \"b\"\n\u{202e}".into(),
            ..JournalEntry::default()
        };
        let text = format!(
            "{GENESIS}\n1\n[\"7\",\"2026-11-21T09:00:00.000001Z\",null,\"checker1\",null,\"cast_vote\",null,null,null,null,\
             \"true\",\"done\",\"a \\\"b\\\"\\n\u{202e}\",null]"
        );
        assert_eq!(entry_hash(GENESIS, 1, &entry), hex::encode(Sha256::digest(text)));
        // Null is not the empty text, and a boundary cannot move.
        let other = JournalEntry { via: Some(String::new()), ..entry.clone() };
        assert_ne!(entry_hash(GENESIS, 1, &entry), entry_hash(GENESIS, 1, &other));
    }
}
