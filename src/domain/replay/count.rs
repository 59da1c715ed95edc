//! Counts what a claimed release rests on: its votes, its hold, its signatures. Called by `claims`.

use chrono::DateTime;

use super::event::{Claim, Kind, Signatures};
use super::files::File;
use super::policies::Policy;
use super::votes::{Case, Vote};
use super::{Name, Replay};
use crate::domain::signed::{Decided, Released};

/// A claim of a version's release, with what it is judged by.
#[derive(Clone, Copy)]
pub(super) struct Counting<'c> {
    pub(super) replay: &'c Replay,
    pub(super) file: &'c File,
    pub(super) destination: &'c Name,
    pub(super) case: &'c Case,
    /// The one that holds at the claim.
    pub(super) policy: &'c Policy,
    pub(super) claim: &'c Claim,
    /// From the begin of the count to its entry, in microseconds since 1970.
    pub(super) during: (i64, i64),
}

impl<'c> Counting<'c> {
    /// What is wrong with its votes, its hold or its signatures.
    pub(super) fn why_not(self) -> Option<String> {
        let counted = self.counted();
        self.count_why_not(&counted).or_else(|| self.signed_why_not(&counted))
    }

    /// The policy a vote was cast under.
    fn at_vote(self, vote: &Vote) -> Option<&'c Policy> {
        self.replay.policies.once(vote.policy, &self.file.project, self.destination)
    }

    /// What is wrong with its votes or its hold. Where a moment decides, what begins or ends between the begin of the count
    /// and its entry is taken for the release.
    fn count_why_not(self, counted: &[&Vote]) -> Option<String> {
        let Self { file, case, policy, during, .. } = self;
        let valid = |vote: &Vote, all| self.voter_why_not(&vote.voter, all).is_none();
        let changes = case.votes.iter().find(|vote| vote.kind == Kind::Changes && valid(vote, true));
        if let Some(vote) = changes {
            return Some(format!("{} asks for changes.", vote.voter));
        }
        let rules = counted.iter().filter_map(|vote| self.at_vote(vote));
        let (mut approvals, mut hold, mut largest) =
            (policy.values.approvals, policy.values.hold_seconds, policy.values.largest_file);
        for rule in rules {
            approvals = approvals.max(rule.values.approvals);
            hold = hold.max(rule.values.hold_seconds);
            largest = largest.min(rule.values.largest_file);
        }
        let count = i64::try_from(counted.len()).unwrap_or(i64::MAX);
        let uncounted = self.uncounted();
        if count < approvals {
            return Some(format!("sealed entries give {count} of {approvals} approvals{uncounted}."));
        } else if !uncounted.is_empty() {
            return Some(format!("its record counts votes that no sealed entry does{uncounted}."));
        }
        let Some(since) = case.approved_at else {
            return Some("no sealed entry says since when it is approved.".into());
        };
        if during.1 - since < hold.saturating_mul(1_000_000) {
            Some(format!("its hold of {hold} s was not over."))
        } else if file.size > largest {
            Some(format!("it is larger than the sealed policies allow ({largest} bytes)."))
        } else {
            None
        }
    }

    /// The approvals that count.
    fn counted(self) -> Vec<&'c Vote> {
        let is = |vote: &&Vote| vote.kind == Kind::Approve && self.vote_why_not(vote).is_none();
        self.case.votes.iter().filter(is).collect()
    }

    /// Why an approval does not count.
    fn vote_why_not(self, vote: &Vote) -> Option<&'static str> {
        let (now, at_vote) = (self.policy, self.at_vote(vote));
        let via = now.values.votes_via_services && at_vote.is_some_and(|policy| policy.values.votes_via_services);
        let through = "voted through a service, and the sealed policies count no such vote";
        self.voter_why_not(&vote.voter, false).or((vote.via && !via).then_some(through))
    }

    /// Why no vote of a person counts.
    fn voter_why_not(self, voter: &Name, all: bool) -> Option<&'static str> {
        let Self { replay, file, during, .. } = self;
        if !replay.people.is_checker(voter, &file.project, during, all) {
            Some("is no checker by sealed memberships")
        } else if replay.files.is_own(voter, file) {
            Some("submitted these bytes")
        } else if file.origin_unknown && replay.people.was_researcher(voter, &file.project) {
            Some("was a researcher, and nobody knows who submitted it")
        } else {
            None
        }
    }

    /// Those the record counts and the entries do not, each with why.
    pub(super) fn uncounted(self) -> String {
        let Self { case, claim, .. } = self;
        let recorded = claim.record.votes.iter().filter(|vote| vote.counted);
        recorded
            .filter_map(|recorded| {
                let sealed = case.votes.iter().find(|v| *v.voter == *recorded.voter && v.kind == Kind::Approve);
                let why = match sealed {
                    Some(vote) => self.vote_why_not(vote)?,
                    None => "has no sealed vote that stands",
                };
                Some(format!("; {} {why}", recorded.voter))
            })
            .collect()
    }

    /// What is wrong with the signatures of its votes, where a policy requires them. Looked at only once the votes are counted.
    fn signed_why_not(self, counted: &[&Vote]) -> Option<String> {
        let Self { file, destination, policy, claim, during, .. } = self;
        let once = |vote: &&Vote| self.at_vote(vote);
        let must = |rule: Option<&Policy>| rule.is_some_and(|rule| rule.values.signatures == Signatures::Required);
        let all = must(Some(policy));
        if !all && !counted.iter().any(|vote| must(once(vote))) {
            return None;
        }
        let rules = counted.iter().filter_map(once).chain([policy]);
        let approvals = rules.map(|rule| rule.values.approvals).max().unwrap_or_default();
        let record = Decided::read(&claim.text);
        let released = Released {
            project: &file.project,
            destination,
            version: claim.record.version.0,
            sha256: &claim.record.sha256,
        };
        let moment = DateTime::from_timestamp_micros(during.1).unwrap_or_default();
        let signers = released.signers(&record, self.replay.signers.as_ref(), moment);
        // As the database counts: each vote by its own policy and that of now.
        let stands = |vote: &&&Vote| !(all || must(once(vote))) || signers.contains(&*vote.voter);
        let standing = i64::try_from(counted.iter().filter(stands).count()).unwrap_or(i64::MAX);
        let signers = signers.len();
        (standing < approvals).then(|| {
            format!("{signers} of the {approvals} approvals it needs are signed by their voters in a way that can be proved.")
        })
    }
}
