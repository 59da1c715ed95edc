//! A third part of the model: claims, comments, tickets and policies.

use super::model::{Case, Model, Policy, Proposal, Role, Who};

impl Model {
    /// Any of these answers is right: where several cases are closed, each has its own reason.
    pub fn claim(&mut self, who: Who, version: usize) -> Vec<&'static str> {
        let v = &self.versions[version];
        if !self.sees(who) {
            return vec!["not_found"];
        } else if !self.is(who, Role::Checker) {
            return vec!["not_checker"];
        } else if v.claimed_by.is_some_and(|by| by != who) {
            return vec!["busy"];
        }
        let why: Vec<Option<&str>> = v.cases.keys().map(|name| self.closed(version, name)).collect();
        if why.contains(&None) {
            self.versions[version].claimed_by = Some(who);
            return vec!["done"];
        }
        v.cases.keys().filter_map(|name| self.closed(version, name)).collect()
    }

    pub fn unclaim(&mut self, who: Who, version: usize) -> &'static str {
        if !self.sees(who) {
            "not_found"
        } else if self.versions[version].claimed_by == Some(who) {
            self.versions[version].claimed_by = None;
            "done"
        } else {
            "not_held"
        }
    }

    /// Whether a version is among what waits for a checker: a case is pending that they could vote on and have not.
    pub fn waits_for(&self, who: Who, version: usize) -> bool {
        let v = &self.versions[version];
        let voted = |case: &Case| case.votes.iter().any(|vote| vote.standing && vote.voter == who);
        self.eligible(who, v) && v.cases.values().any(|case| case.state == "pending" && !voted(case))
    }

    pub fn comment(&self, who: Who, internal: bool) -> &'static str {
        match (self.sees(who), self.is(who, Role::Checker), self.is(who, Role::Researcher)) {
            (false, _, _) => "not_found",
            (_, false, _) if internal => "not_checker",
            (_, false, false) => "forbidden",
            _ => "done",
        }
    }

    pub fn ticket(&self, who: Who, version: usize, download: bool) -> Vec<&'static str> {
        let v = &self.versions[version];
        if !self.sees(who) {
            return vec!["not_found"];
        } else if !self.is(who, Role::Checker) && !self.is(who, Role::Researcher) {
            return vec!["forbidden"];
        }
        // The bytes themselves: the tests' store keeps no versions.
        let there = if v.sha.is_none() {
            vec!["blocked"]
        } else if v.gone || !v.newest {
            v.cases.values().map(|case| if case.state == "altered" { "altered" } else { "superseded" }).collect()
        } else {
            vec!["done"]
        };
        if !download {
            return there;
        }
        let mut answers = Vec::new();
        for (name, case) in &v.cases {
            match case.state {
                "released" => return vec!["done"],
                "recalled" => answers.push("recalled"),
                _ if self.is(who, Role::Checker) && self.policies[name].inspect => answers.extend(&there),
                _ => answers.push("not_released"),
            }
        }
        if answers.contains(&"done") { vec!["done"] } else { answers }
    }

    pub fn propose(
        &mut self,
        who: Who,
        destination: &'static str,
        change: impl Fn(&mut Policy),
        id: i64,
    ) -> &'static str {
        if !self.admins.contains(&who) {
            return "forbidden";
        }
        let old = self.policies.get(destination).copied();
        let mut policy =
            old.unwrap_or(Policy { approvals: 2, hold: 30, largest: 10_737_418_240, veto: false, inspect: false });
        change(&mut policy);
        let at_once = old.is_some_and(|old| policy.as_strict_as(old));
        self.proposals.push(Proposal { id, destination, policy, by: who, open: true });
        if at_once {
            self.activate(self.proposals.len() - 1);
        }
        "done"
    }

    fn activate(&mut self, proposal: usize) {
        let Proposal { destination, policy, .. } = self.proposals[proposal];
        self.policies.insert(destination, policy);
        self.proposals.iter_mut().filter(|p| p.destination == destination).for_each(|p| p.open = false);
    }

    pub fn confirm(&mut self, who: Who, proposal: usize) -> &'static str {
        let Proposal { by, open, .. } = self.proposals[proposal];
        if !self.admins.contains(&who) {
            "forbidden"
        } else if !open {
            "not_pending"
        } else if by == who {
            "second_person_needed"
        } else {
            self.activate(proposal);
            "done"
        }
    }
}
