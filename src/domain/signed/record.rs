//! Whether the votes a release rests on are signed, by the release's own record: the worker asks before the first byte, and who proves
//! the journal asks again. Neither believes the row that says so: who can write every table can write that too.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{AllowedSigners, SignedVote, proven};

/// What was released, where the record itself is not asked.
#[derive(Clone, Copy, Debug)]
pub struct Released<'a> {
    /// The project's id.
    pub project: &'a str,
    /// Where it goes.
    pub destination: &'a str,
    /// The file version.
    pub version: i64,
    /// Its bytes, in small hex digits.
    pub sha256: &'a str,
}

impl Released<'_> {
    /// Who signed a counted approval of exactly this, as far as that can be proved at a moment; each key serves one.
    #[must_use]
    pub fn signers<'r>(
        &self,
        record: &'r Value,
        allowed: Option<&AllowedSigners>,
        at: DateTime<Utc>,
    ) -> BTreeSet<&'r str> {
        let mut keys = BTreeSet::new();
        let by = |vote: &'r Value| Some((self.signer(record, vote, allowed, at)?, vote["voter"].as_str()?));
        counted(record).filter_map(by).filter(|(key, _)| keys.insert(*key)).map(|(_, voter)| voter).collect()
    }

    /// The key a vote of the record is signed with, where it is that voter's vote for exactly this release.
    fn signer<'v>(
        &self,
        record: &Value,
        vote: &'v Value,
        allowed: Option<&AllowedSigners>,
        at: DateTime<Utc>,
    ) -> Option<&'v str> {
        let word = |name: &str| vote[name].as_str();
        let key = vote["public_key"].as_str()?;
        let signed = SignedVote {
            site: record["site"].as_str()?.parse().ok()?,
            person: word("voter")?,
            kind: "approve",
            project: self.project,
            destination: self.destination,
            policy: vote["policy"].as_i64()?.try_into().ok()?,
            command: word("command")?.parse().ok()?,
            version: self.version,
            sha256: self.sha256,
            comment: word("comment")?,
        };
        proven(&signed, (word("signed")?, word("signature")?), key, allowed, at).ok().map(|_| key)
    }
}

/// How many approvals a record still has without those that had to be signed and by `signers` are not. One had to be where its own
/// policy or that of the claim required it, as `exeat.tally` counts.
#[must_use]
pub fn standing(record: &Value, signers: &BTreeSet<&str>) -> usize {
    let required = |policy: &Value| policy["signatures"] == "required";
    let all = required(&record["policy"]);
    let stands =
        |vote: &&Value| !(all || required(vote)) || vote["voter"].as_str().is_some_and(|by| signers.contains(by));
    counted(record).filter(stands).count()
}

fn counted(record: &Value) -> impl Iterator<Item = &Value> {
    let votes = record["votes"].as_array().into_iter().flatten();
    votes.filter(|vote| vote["counted"] == true && vote["kind"] == "approve")
}
