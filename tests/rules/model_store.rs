//! The second half of the model: what submissions, intake, releases and recalls do to cases.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Case, Model, Registration, Release, Role, Version, Who};

impl Model {
    /// The newest version at a key, unless it was taken away.
    pub fn newest(&self, key: usize) -> Option<usize> {
        self.versions.iter().position(|v| v.key == key && v.newest)
    }

    pub fn register(&mut self, who: Who, key: usize, sha: usize, size: i64, destination: &'static str) -> &'static str {
        if !self.sees(who) {
            return "not_found";
        } else if !self.is(who, Role::Researcher) {
            return "forbidden";
        }
        let Some(policy) = self.policies.get(destination) else { return "invalid" };
        if size > policy.largest {
            return "too_large";
        }
        // Bytes that are there are bound by the worker: see `bind_waiting`.
        let (bound, withdrawn) = (false, false);
        self.registrations.push(Registration { key, sha, destination, who, bound, submission: 0, withdrawn });
        "done"
    }

    /// What of a submission has not come is waited for no longer.
    pub fn withdraw_submission(&mut self, who: Who, submission: i64) -> &'static str {
        let mut answer = "not_found";
        for r in self.registrations.iter_mut().filter(|r| r.who == who && r.submission == submission) {
            answer = if r.bound || r.withdrawn { "not_pending" } else { "done" };
            r.withdrawn |= !r.bound;
        }
        answer
    }

    /// Brings a version under a registration; false where its case is over for good.
    fn bind(&mut self, registration: usize, version: usize) -> bool {
        let Registration { destination, who, .. } = self.registrations[registration];
        match self.versions[version].cases.get(destination).map(|case| case.state) {
            Some("rejected" | "recalled") => return false,
            Some("withdrawn") => {
                let case = self.case_mut(version, destination);
                case.votes.iter_mut().for_each(|vote| vote.standing = false);
                case.state = "pending";
                case.announced = true;
            }
            Some(_) => self.case_mut(version, destination).announced = true,
            None => self.open_case(version, destination, true),
        }
        self.registrations[registration].bound = true;
        self.versions[version].asking.insert((who, destination));
        self.versions[version].announced = true;
        self.settle(version, destination);
        for (name, case) in &mut self.versions[version].cases {
            if *name != destination && case.state == "pending" && !case.announced && case.votes.is_empty() {
                case.state = "withdrawn";
            }
        }
        true
    }

    fn open_case(&mut self, version: usize, destination: &'static str, announced: bool) {
        let case = Case {
            state: "pending",
            announced,
            votes: Vec::new(),
            approved_at: 0,
            restore_by: None,
            copy_to_remove: false,
        };
        self.versions[version].cases.insert(destination, case);
        self.settle(version, destination);
    }

    /// What intake sees at a key; no hash: something that cannot be read. True if that made a new version.
    pub fn intake(&mut self, key: usize, sha: Option<usize>, size: i64) -> bool {
        if let Some(old) = self.newest(key) {
            if sha.is_some() && self.versions[old].sha == sha && !self.versions[old].gone {
                return false;
            }
            self.versions[old].newest = false;
            if !self.versions[old].gone {
                self.stop(old);
            }
        }
        let waiting: Vec<usize> = (0..self.registrations.len())
            .filter(|r| {
                let r = &self.registrations[*r];
                !r.bound && !r.withdrawn && r.key == key && Some(r.sha) == sha
            })
            .collect();
        self.versions.push(Version {
            id: 0,
            key,
            sha,
            size,
            newest: true,
            gone: false,
            unknown_origin: waiting.is_empty(),
            announced: !waiting.is_empty(),
            asking: BTreeSet::new(),
            cases: BTreeMap::new(),
            moves: Vec::new(),
            claimed_by: None,
        });
        let version = self.versions.len() - 1;
        if waiting.is_empty() {
            self.open_case(version, "trusted", false);
        }
        for registration in waiting {
            self.bind(registration, version);
        }
        true
    }

    /// The object at a key is gone. True if it was known to be there.
    pub fn missing(&mut self, key: usize) -> bool {
        let Some(version) = self.newest(key).filter(|v| !self.versions[*v].gone) else { return false };
        self.versions[version].gone = true;
        self.stop(version);
        true
    }

    fn stop(&mut self, version: usize) {
        for case in self.versions[version].cases.values_mut() {
            if ["pending", "approved", "changes_requested", "blocked"].contains(&case.state) {
                case.state = if case.votes.is_empty() { "superseded" } else { "altered" };
            }
        }
        self.moved(version, None);
    }

    /// Everything follows what changed elsewhere.
    pub fn lapse(&mut self) {
        for version in 0..self.versions.len() {
            let names: Vec<&'static str> = self.versions[version].cases.keys().copied().collect();
            for name in names {
                if self.settle(version, name) {
                    self.moved(version, None);
                }
            }
        }
    }

    /// Registrations of bytes that are there.
    pub fn bind_waiting(&mut self) {
        for registration in 0..self.registrations.len() {
            let r = self.registrations[registration].clone();
            let here = self.newest(r.key).filter(|v| self.versions[*v].sha == Some(r.sha) && !self.versions[*v].gone);
            if let (false, Some(version)) = (r.bound || r.withdrawn, here) {
                // Asked for once more by the same person, it is no news.
                let news = !self.versions[version].asking.contains(&(r.who, r.destination));
                if self.bind(registration, version) && news {
                    self.moved(version, None);
                }
            }
        }
    }

    /// The cases a worker may release at this moment.
    pub fn releasable(&self) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        for (index, version) in self.versions.iter().enumerate() {
            for (name, case) in &version.cases {
                if case.state != "approved" || case.copy_to_remove {
                    continue;
                }
                let tally = self.tally(index, name);
                let held = case.approved_at + tally.hold > self.now;
                let enough = i32::try_from(tally.by.len()).unwrap() >= tally.required;
                if enough && !held && !tally.asked_for_changes && version.size <= tally.largest {
                    found.push((index, *name));
                }
            }
        }
        found
    }

    pub fn released_claim(&mut self, id: uuid::Uuid, version: usize, destination: &'static str, lease: i64) {
        self.case_mut(version, destination).state = "releasing";
        self.moved(version, None);
        self.releases.push(Release { id, version, destination, free_at: self.now + lease });
    }

    pub fn finish(&mut self, release: usize, altered: bool) {
        let Release { version, destination, .. } = self.releases.remove(release);
        self.case_mut(version, destination).state = if altered { "altered" } else { "released" };
        self.moved(version, None);
    }

    pub fn recall(&mut self, who: Who, version: usize, destination: &'static str, reason: bool) -> &'static str {
        if !self.sees(who) {
            return "not_found";
        }
        let Some(state) = self.versions[version].cases.get(destination).map(|case| case.state) else {
            return "not_found";
        };
        if !self.is(who, Role::Checker) && !self.admins.contains(&who) {
            return "not_checker";
        }
        // Nobody works on it: its lease is over.
        let of = |r: &Release| r.version == version && r.destination == destination;
        let idle = self.releases.iter().any(|r| of(r) && r.free_at <= self.now);
        match state {
            "releasing" if !idle => "not_released",
            "released" | "releasing" if !reason => "reason_required",
            "released" | "releasing" => {
                self.releases.retain(|r| !of(r));
                let case = self.case_mut(version, destination);
                case.state = "recalled";
                case.restore_by = None;
                case.votes.iter_mut().for_each(|vote| vote.standing = false);
                case.copy_to_remove = true;
                self.moved(version, Some(who));
                "done"
            }
            "recalled" => "recalled",
            _ => "not_released",
        }
    }

    pub fn restore(&mut self, who: Who, version: usize, destination: &'static str, reason: bool) -> &'static str {
        if !self.sees(who) {
            return "not_found";
        }
        let Some(case) = self.versions[version].cases.get(destination).cloned() else { return "not_found" };
        let v = &self.versions[version];
        let reviews = |who| self.is(who, Role::Checker) || self.admins.contains(&who);
        let inside = |who| self.is_own(who, v) || v.unknown_origin && self.ever_researcher(who);
        let first = case.restore_by.filter(|first| reviews(*first) && !inside(*first));
        if !reviews(who) {
            return "not_checker";
        } else if case.state != "recalled" {
            return "not_pending";
        } else if self.is_own(who, v) {
            return "own_submission";
        } else if inside(who) {
            return "was_researcher";
        } else if !self.versions[version].newest || self.versions[version].gone {
            return "superseded";
        } else if case.restore_by == Some(who)
            || first.is_some_and(|first| ![first, who].into_iter().any(|one| self.is(one, Role::Checker)))
        {
            return "second_person_needed";
        } else if !reason {
            return "reason_required";
        }
        if first.is_some() {
            let case = self.case_mut(version, destination);
            case.restore_by = None;
            case.state = "pending";
            self.settle(version, destination);
        } else {
            self.case_mut(version, destination).restore_by = Some(who);
        }
        self.moved(version, Some(who));
        "done"
    }
}
