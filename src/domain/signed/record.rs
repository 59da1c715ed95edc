//! Whether the votes a release rests on are signed, by the release's own record: the worker asks before the first byte, and who proves
//! the journal asks again. Neither believes the row that says so: who can write every table can write that too.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{AllowedSigners, SignedVote, proven};

/// What of a record is asked. The rest is passed over: voters wrote into it, and no depth or number of theirs keeps it from being read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decided {
    site: Option<Uuid>,
    /// How many approvals it says were needed.
    pub required: Option<usize>,
    policy: Asked,
    votes: Vec<Vote>,
}

/// Of a policy: whether voters sign.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    signatures: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Vote {
    voter: Option<String>,
    kind: Option<String>,
    counted: Option<bool>,
    /// Of the policy it was cast under: whether voters sign, and its number.
    signatures: Option<String>,
    policy: Option<i32>,
    command: Option<Uuid>,
    comment: Option<String>,
    public_key: Option<String>,
    signed: Option<String>,
    signature: Option<String>,
}

impl Decided {
    /// Reads a record as PostgreSQL writes it; one that is none has no votes.
    #[must_use]
    pub fn read(record: &str) -> Self {
        serde_json::from_str(record).unwrap_or_default()
    }

    fn counted(&self) -> impl Iterator<Item = &Vote> {
        self.votes.iter().filter(|vote| vote.counted == Some(true) && vote.kind.as_deref() == Some("approve"))
    }

    /// How many approvals it still has without those that had to be signed and by `signers` are not. One had to be where its own
    /// policy or that of the claim required it, as `exeat.tally` counts.
    #[must_use]
    pub fn standing(&self, signers: &BTreeSet<&str>) -> usize {
        let required = |signatures: &Option<String>| signatures.as_deref() == Some("required");
        let must = |vote: &Vote| required(&self.policy.signatures) || required(&vote.signatures);
        let stands = |vote: &&Vote| !must(vote) || vote.voter.as_deref().is_some_and(|voter| signers.contains(voter));
        self.counted().filter(stands).count()
    }
}

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
        record: &'r Decided,
        allowed: Option<&AllowedSigners>,
        at: DateTime<Utc>,
    ) -> BTreeSet<&'r str> {
        let mut keys = BTreeSet::new();
        let by = |vote: &'r Vote| Some((self.signer(record, vote, allowed, at)?, vote.voter.as_deref()?));
        record.counted().filter_map(by).filter(|(key, _)| keys.insert(*key)).map(|(_, voter)| voter).collect()
    }

    /// The key a vote of the record is signed with, where it is that voter's vote for exactly this release.
    fn signer<'v>(
        &self,
        record: &Decided,
        vote: &'v Vote,
        allowed: Option<&AllowedSigners>,
        at: DateTime<Utc>,
    ) -> Option<&'v str> {
        let key = vote.public_key.as_deref()?;
        let signed = SignedVote {
            site: record.site?,
            person: vote.voter.as_deref()?,
            kind: "approve",
            project: self.project,
            destination: self.destination,
            policy: vote.policy?,
            command: vote.command?,
            version: self.version,
            sha256: self.sha256,
            comment: vote.comment.as_deref()?,
        };
        let text = (vote.signed.as_deref()?, vote.signature.as_deref()?);
        proven(&signed, text, key, allowed, at).ok().map(|_| key)
    }
}
