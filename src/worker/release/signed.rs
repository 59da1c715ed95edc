//! Whether the votes a release rests on are signed, asked once more before the first byte: the row that says so is the database's, and
//! who can write every table can write that too. Called by `Release::check`.

use chrono::Utc;
use serde_json::Value;

use super::{Failure, Release};
use crate::domain::signed::{AllowedSigners, SignedVote, proven};
use crate::worker::signatures;

impl Release {
    /// Nothing where signatures are not required, or enough of the counted approvals are signed.
    pub(super) fn signed(&self) -> Result<(), Failure> {
        let section = &self.worker.config.worker;
        let record: Value = serde_json::from_str(&self.job.record).unwrap_or_default();
        let counted = || array(&record["votes"]).filter(|vote| vote["counted"] == true && vote["kind"] == "approve");
        let by_policy =
            record["policy"]["signatures"] == "required" || counted().any(|vote| vote["signatures"] == "required");
        let required = record["required"].as_u64().filter(|_| by_policy).unwrap_or_default();
        let required = required.max(section.signed_approvals(&self.job.project, &self.job.destination).into());
        if required == 0 {
            return Ok(());
        }
        let allowed =
            signatures::allowed(section.allowed_signers.as_deref()).map_err(crate::worker::WorkerError::from)?;
        let mut signers: Vec<&str> =
            counted().filter_map(|vote| self.signer(&record, vote, allowed.as_ref())).collect();
        signers.sort_unstable();
        signers.dedup();
        if signers.len() as u64 >= required {
            return Ok(());
        }
        let sentence = format!(
            "{} of the {required} approvals it needs are signed by their voters in a way that can be proved; nothing was copied.",
            signers.len()
        );
        Err(Failure::Ends("unsigned", sentence))
    }

    /// The key a vote of the record is signed with, where it is that voter's vote for exactly this release.
    fn signer<'a>(&self, record: &Value, vote: &'a Value, allowed: Option<&AllowedSigners>) -> Option<&'a str> {
        let word = |name: &str| vote[name].as_str();
        let key = vote["public_key"].as_str()?;
        let signed = SignedVote {
            site: record["site"].as_str()?.parse().ok()?,
            person: word("voter")?,
            kind: "approve",
            project: &self.job.project,
            destination: &self.job.destination,
            policy: vote["policy"].as_i64()?.try_into().ok()?,
            command: word("command")?.parse().ok()?,
            version: self.job.version,
            sha256: &self.job.sha256,
            comment: word("comment")?,
        };
        proven(&signed, (word("signed")?, word("signature")?), key, allowed, Utc::now()).ok().map(|_| key)
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
