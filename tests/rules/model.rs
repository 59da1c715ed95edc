//! The egress rules a second time, written from the design's words and not from the SQL: plain data, plain loops. The
//! property test holds the database against it.

use std::collections::{BTreeMap, BTreeSet};

/// A person, by place in `support::pg::PEOPLE`.
pub type Who = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Researcher,
    Checker,
}

#[derive(Clone, Debug)]
pub struct Membership {
    pub who: Who,
    pub role: Role,
    pub future: bool,
    pub ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub approvals: i32,
    pub hold: i64,
    pub largest: i64,
    pub veto: bool,
    pub inspect: bool,
}

impl Policy {
    pub fn as_strict_as(self, other: Self) -> bool {
        self.approvals >= other.approvals
            && self.hold >= other.hold
            && self.largest <= other.largest
            && (self.veto || !other.veto)
            && (!self.inspect || other.inspect)
    }
}

#[derive(Clone, Debug)]
pub struct Proposal {
    pub id: i64,
    pub destination: &'static str,
    pub policy: Policy,
    pub by: Who,
    pub open: bool,
}

#[derive(Clone, Debug)]
pub struct Vote {
    pub voter: Who,
    pub kind: &'static str,
    pub policy: Policy,
    pub standing: bool,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub state: &'static str,
    pub announced: bool,
    pub votes: Vec<Vote>,
    pub approved_at: i64,
    pub restore_by: Option<Who>,
    pub copy_to_remove: bool,
}

#[derive(Clone, Debug)]
pub struct Version {
    pub id: i64,
    pub key: usize,
    pub sha: Option<usize>,
    pub size: i64,
    pub newest: bool,
    pub gone: bool,
    pub unknown_origin: bool,
    pub announced: bool,
    /// Who asks for it to go where, and has not taken that back.
    pub asking: BTreeSet<(Who, &'static str)>,
    pub cases: BTreeMap<&'static str, Case>,
    /// Who moved it, step by step; the worker is none.
    pub moves: Vec<Option<Who>>,
    pub claimed_by: Option<Who>,
}

#[derive(Clone, Debug)]
pub struct Registration {
    pub key: usize,
    pub sha: usize,
    pub destination: &'static str,
    pub who: Who,
    pub bound: bool,
    pub submission: i64,
    pub withdrawn: bool,
}

#[derive(Clone, Debug)]
pub struct Release {
    pub id: uuid::Uuid,
    pub version: usize,
    pub destination: &'static str,
    /// From when another worker may take it up.
    pub free_at: i64,
}

/// What counts of a case's votes now.
pub struct Tally {
    pub by: Vec<Who>,
    pub required: i32,
    pub hold: i64,
    pub largest: i64,
    pub asked_for_changes: bool,
}

/// One project and everybody who could matter to it.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub admins: Vec<Who>,
    pub readers: Vec<Who>,
    pub members: Vec<Membership>,
    pub policies: BTreeMap<&'static str, Policy>,
    pub proposals: Vec<Proposal>,
    pub versions: Vec<Version>,
    pub registrations: Vec<Registration>,
    pub releases: Vec<Release>,
    /// Seconds since the sequence began, moved by the test only.
    pub now: i64,
}

impl Model {
    pub fn is(&self, who: Who, role: Role) -> bool {
        self.members.iter().any(|m| m.who == who && m.role == role && !m.future && !m.ended)
    }

    /// Ended memberships count, and so does every other.
    pub(super) fn ever_researcher(&self, who: Who) -> bool {
        self.members.iter().any(|m| m.who == who && m.role == Role::Researcher)
    }

    pub fn sees(&self, who: Who) -> bool {
        self.is(who, Role::Researcher)
            || self.is(who, Role::Checker)
            || self.admins.contains(&who)
            || self.readers.contains(&who)
    }

    /// Did this person ever name these bytes as theirs? Whether the bytes came later, are bound yet, or were taken back since.
    pub fn is_own(&self, who: Who, version: &Version) -> bool {
        self.registrations.iter().any(|r| r.who == who && r.key == version.key && Some(r.sha) == version.sha)
    }

    /// May this person's vote on this version count now?
    pub(super) fn eligible(&self, who: Who, version: &Version) -> bool {
        self.is(who, Role::Checker)
            && !self.is_own(who, version)
            && !(version.unknown_origin && self.ever_researcher(who))
    }

    pub fn tally(&self, version: usize, destination: &str) -> Tally {
        let v = &self.versions[version];
        let case = &v.cases[destination];
        let now = self.policies[destination];
        let counts = |vote: &&Vote| vote.standing && self.eligible(vote.voter, v);
        let approvals: Vec<&Vote> = case.votes.iter().filter(counts).filter(|vote| vote.kind == "approve").collect();
        let policies = || approvals.iter().map(|a| a.policy).chain([now]);
        Tally {
            by: approvals.iter().map(|a| a.voter).collect(),
            required: policies().map(|p| p.approvals).max().unwrap(),
            hold: policies().map(|p| p.hold).max().unwrap(),
            largest: policies().map(|p| p.largest).min().unwrap(),
            asked_for_changes: case.votes.iter().filter(counts).any(|vote| vote.kind == "changes"),
        }
    }

    /// The state its votes give an open case.
    pub fn settle(&mut self, version: usize, destination: &'static str) -> bool {
        let open = ["pending", "approved", "changes_requested", "blocked"];
        let state = self.versions[version].cases[destination].state;
        if !open.contains(&state) {
            return false;
        }
        let tally = self.tally(version, destination);
        let v = &self.versions[version];
        let next = if v.sha.is_none() || v.size > tally.largest {
            "blocked"
        } else if tally.asked_for_changes {
            "changes_requested"
        } else if i32::try_from(tally.by.len()).unwrap() >= tally.required {
            "approved"
        } else {
            "pending"
        };
        if next == state {
            return false;
        }
        let now = self.now;
        let case = self.case_mut(version, destination);
        case.state = next;
        case.approved_at = now;
        true
    }

    pub fn case_mut(&mut self, version: usize, destination: &str) -> &mut Case {
        self.versions[version].cases.get_mut(destination).unwrap()
    }

    pub fn moved(&mut self, version: usize, by: Option<Who>) {
        self.versions[version].moves.push(by);
    }

    /// The destination a command means, or why it means none.
    fn destination(&self, version: usize, named: Option<&'static str>) -> Result<&'static str, &'static str> {
        let cases = &self.versions[version].cases;
        // What was withdrawn is meant only where there is nothing else.
        let open: Vec<&&str> = cases.iter().filter(|case| case.1.state != "withdrawn").map(|case| case.0).collect();
        match named {
            None if open.len() > 1 => Err("invalid"),
            None => Ok(open.first().copied().unwrap_or_else(|| cases.keys().next().unwrap())),
            Some(name) if cases.contains_key(name) => Ok(name),
            Some(_) => Err("not_found"),
        }
    }

    /// Why a case takes no decision any more.
    pub fn closed(&self, version: usize, destination: &str) -> Option<&'static str> {
        let v = &self.versions[version];
        match v.cases[destination].state {
            "pending" | "approved" | "changes_requested" => None,
            "blocked" if v.sha.is_none() => Some("blocked"),
            "blocked" => Some("too_large"),
            "releasing" | "released" => Some("released"),
            "rejected" => Some("decided"),
            "withdrawn" => Some("not_pending"),
            same => Some(same),
        }
    }

    /// Why this person may not vote here.
    pub fn vote_why_not(&self, who: Who, version: usize, destination: &'static str) -> Option<&'static str> {
        let v = &self.versions[version];
        if !self.is(who, Role::Checker) {
            Some("not_checker")
        } else if self.is_own(who, v) {
            Some("own_submission")
        } else if v.unknown_origin && self.ever_researcher(who) {
            Some("was_researcher")
        } else if let Some(code) = self.closed(version, destination) {
            Some(code)
        } else if v.size > self.tally(version, destination).largest {
            Some("too_large")
        } else {
            None
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a vote has these parts")]
    pub fn vote(
        &mut self,
        who: Who,
        version: usize,
        named: Option<&'static str>,
        kind: &'static str,
        sha: Option<usize>,
        reason: bool,
        seen: Option<usize>,
    ) -> &'static str {
        if !self.sees(who) {
            return "not_found";
        }
        let destination = match self.destination(version, named) {
            Ok(destination) => destination,
            Err(code) => return code,
        };
        if let Some(code) = self.vote_why_not(who, version, destination) {
            return code;
        }
        let v = &self.versions[version];
        if kind != "approve" && !reason {
            return "reason_required";
        } else if kind == "approve" && sha.is_none() {
            return "sha_missing";
        } else if sha.is_some() && sha != v.sha {
            return "sha_differs";
        } else if let Some(seen) = seen {
            let news = &v.moves[seen..];
            if !(news.is_empty() || news == [Some(who)]) {
                return "changed";
            }
        }
        let policy = self.policies[destination];
        let case = self.case_mut(version, destination);
        // Voting again the same way keeps the place in the order of first votes.
        let again = case.votes.iter().position(|vote| vote.voter == who && vote.standing && vote.kind == kind);
        let vote = Vote { voter: who, kind, policy, standing: true };
        if let Some(place) = again {
            case.votes[place] = vote;
        } else {
            case.votes.iter_mut().filter(|vote| vote.voter == who).for_each(|vote| vote.standing = false);
            case.votes.push(vote);
        }
        if kind == "reject" && policy.veto {
            case.state = "rejected";
        } else {
            self.settle(version, destination);
        }
        self.moved(version, Some(who));
        "done"
    }

    pub fn undo(&mut self, who: Who, version: usize, named: Option<&'static str>) -> &'static str {
        if !self.sees(who) {
            return "not_found";
        }
        let destination = match self.destination(version, named) {
            Ok(destination) => destination,
            Err(code) => return code,
        };
        let case = &self.versions[version].cases[destination];
        let has_vote = case.votes.iter().any(|vote| vote.voter == who && vote.standing);
        if !has_vote || ["releasing", "released"].contains(&case.state) {
            return "not_held";
        }
        if let Some(code) = self.closed(version, destination) {
            return code;
        }
        let case = self.case_mut(version, destination);
        case.votes.iter_mut().filter(|vote| vote.voter == who).for_each(|vote| vote.standing = false);
        self.settle(version, destination);
        self.moved(version, Some(who));
        "done"
    }

    pub fn withdraw(&mut self, who: Who, version: usize, named: Option<&'static str>) -> &'static str {
        if !self.sees(who) {
            return "not_found";
        }
        let destination = match self.destination(version, named) {
            Ok(destination) => destination,
            Err(code) => return code,
        };
        let mine = |asking: &&(Who, &str)| asking.0 == who && asking.1 == destination;
        if !self.versions[version].asking.iter().any(|asking| mine(&asking)) {
            return "not_submitter";
        }
        let state = self.versions[version].cases[destination].state;
        if let Some(code) = self.closed(version, destination)
            && state != "blocked"
        {
            return code;
        }
        // What one asked for oneself is taken back; the case falls with the last who asks.
        let v = &mut self.versions[version];
        v.asking.retain(|asking| !(asking.0 == who && asking.1 == destination));
        if v.asking.iter().all(|asking| asking.1 != destination) {
            self.case_mut(version, destination).state = "withdrawn";
        }
        self.moved(version, Some(who));
        "done"
    }
}
