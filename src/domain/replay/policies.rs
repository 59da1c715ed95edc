//! Replays policies: proposed by one administrator, weakened by two.

use std::collections::HashMap;

use super::event::{PolicyEvent, Values};
use super::{Name, Names};

/// One policy of a project for a destination.
pub(super) struct Policy {
    project: Name,
    destination: Name,
    pub(super) values: Values,
    proposed_by: Option<Name>,
    state: State,
}

/// Where a policy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Proposed,
    /// Active now, or once.
    Active,
    Dropped,
}

/// All policies by number, and the active ones.
#[derive(Default)]
pub(super) struct Policies {
    all: HashMap<i64, Policy>,
    active: HashMap<(Name, Name), i64>,
}

impl Policies {
    /// The one that holds now.
    pub(super) fn active(&self, project: &Name, destination: &Name) -> Option<&Policy> {
        self.all.get(self.active.get(&(project.clone(), destination.clone()))?)
    }

    /// A policy of the project for the destination that held at some time.
    pub(super) fn once(&self, policy: i64, project: &Name, destination: &Name) -> Option<&Policy> {
        self.all
            .get(&policy)
            .filter(|p| p.project == *project && p.destination == *destination && p.state == State::Active)
    }

    /// `two`: whether by the rules of its time a destination's first policy needs two administrators.
    pub(super) fn take(&mut self, names: &mut Names, by: Name, two: bool, event: PolicyEvent) -> Result<(), String> {
        match event {
            PolicyEvent::Set { policy, project, destination, proposed, values } => {
                let (project, destination) = (names.of(&project), names.of(&destination));
                if self.all.contains_key(&policy) {
                    return Err(format!("policy {policy} was set before."));
                }
                let now = self.active(&project, &destination);
                if !proposed && now.map_or(two, |now| !values.as_strict_as(&now.values)) {
                    return Err(format!(
                        "policy {policy} is weaker than the one before or the first, and nobody else confirmed it."
                    ));
                }
                let state = if proposed { State::Proposed } else { State::Active };
                self.add(policy, Policy { project, destination, values, proposed_by: Some(by), state });
            }
            PolicyEvent::Confirmed { policy } => {
                let found = self.all.get_mut(&policy).filter(|found| found.state == State::Proposed);
                let found = found.ok_or_else(|| format!("no sealed entry proposes policy {policy}."))?;
                if found.proposed_by.as_ref().is_none_or(|proposer| *proposer == by) {
                    return Err(format!("policy {policy} was confirmed by {by}, who proposed it."));
                }
                found.state = State::Active;
                self.activate(policy);
            }
        }
        Ok(())
    }

    /// One that was taken over.
    pub(super) fn taken_over(&mut self, policy: i64, of: (Name, Name), state: &str, by: Option<Name>, values: Values) {
        let (project, destination) = of;
        let active = state == "active";
        let state = match state {
            "active" | "replaced" => State::Active,
            "proposed" => State::Proposed,
            _ => State::Dropped,
        };
        if active {
            self.active.insert((project.clone(), destination.clone()), policy);
        }
        self.all.insert(policy, Policy { project, destination, values, proposed_by: by, state });
    }

    fn add(&mut self, number: i64, policy: Policy) {
        let active = policy.state == State::Active;
        self.all.insert(number, policy);
        if active {
            self.activate(number);
        }
    }

    fn activate(&mut self, number: i64) {
        let Some(policy) = self.all.get(&number) else { return };
        let key = (policy.project.clone(), policy.destination.clone());
        // Older proposals compared themselves with another policy.
        for other in self.all.values_mut() {
            if other.state == State::Proposed && (&other.project, &other.destination) == (&key.0, &key.1) {
                other.state = State::Dropped;
            }
        }
        self.active.insert(key, number);
    }
}
