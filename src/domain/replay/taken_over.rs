//! What the first migration with a proof takes over: an exeat that journalled less made it.

use serde::Deserialize;

use super::event::{Id, Kind, MembershipAdded, PersonEvent, Role, Values, time, time_or_none};
use super::votes::Vote;
use super::{At, Replay};

/// People, places and policies as they were.
#[derive(Deserialize)]
pub(super) struct AsItWas {
    logins: Vec<Login>,
    services: Vec<Service>,
    removed: Vec<String>,
    memberships: Vec<Held>,
    projects: Vec<Project>,
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
struct Login {
    role: String,
    login: String,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    role: String,
}

#[derive(Deserialize)]
struct Held {
    membership: Id,
    login: String,
    project: Option<String>,
    role: Role,
    #[serde(deserialize_with = "time")]
    valid_from: i64,
    #[serde(deserialize_with = "time_or_none")]
    valid_until: Option<i64>,
    ended: bool,
}

#[derive(Deserialize)]
struct Project {
    #[serde(rename = "project")]
    name: String,
    bucket: String,
    prefix: String,
}

#[derive(Deserialize)]
struct Policy {
    #[serde(rename = "policy")]
    number: Id,
    project: String,
    destination: String,
    state: String,
    proposed_by: Option<String>,
    values: Values,
}

/// A file version as it was.
#[derive(Deserialize)]
pub(super) struct FileAsItWas {
    pub(super) version: Id,
    pub(super) sha256: String,
    pub(super) size: i64,
    pub(super) blocked: Option<String>,
    pub(super) key_sha256: String,
    pub(super) origin_unknown: bool,
    pub(super) registered_by: Vec<String>,
    cases: Vec<CaseAsItWas>,
    /// From the entry's column.
    #[serde(skip)]
    pub(super) project: String,
}

#[derive(Deserialize)]
struct CaseAsItWas {
    destination: String,
    state: String,
    #[serde(deserialize_with = "time_or_none")]
    approved_at: Option<i64>,
    votes: Vec<VoteAsItWas>,
}

#[derive(Deserialize)]
struct VoteAsItWas {
    voter: String,
    kind: Kind,
    policy: Id,
    via: bool,
}

impl Replay {
    pub(super) fn take_over(&mut self, was: AsItWas) -> Result<(), String> {
        let names = &mut self.names;
        for Login { role, login } in was.logins {
            self.people.add_login(names.of(&login), &role)?;
        }
        for Service { name, role } in was.services {
            self.people.add_service(&name, &role)?;
        }
        for login in was.removed {
            self.people.remove(names.of(&login));
        }
        for held in was.memberships {
            let bounds = (held.valid_from, held.valid_until.unwrap_or(i64::MAX));
            let Held { membership, login, project, role, ended, .. } = held;
            let added = MembershipAdded { id: membership.0, login, project, role, bounds, ended };
            self.people.take(names, At { seq: 0, id: 0, micros: 0 }, PersonEvent::Added(added))?;
        }
        for Project { name, bucket, prefix } in was.projects {
            self.places.taken_over(names.of(&name), bucket, prefix);
        }
        for policy in was.policies {
            let of = (names.of(&policy.project), names.of(&policy.destination));
            let by = policy.proposed_by.map(|login| names.of(&login));
            self.policies.taken_over(policy.number.0, of, &policy.state, by, policy.values);
        }
        Ok(())
    }

    pub(super) fn take_over_file(&mut self, at: At, file: FileAsItWas) -> Result<(), String> {
        let version = file.version.0;
        self.files.taken_over(&mut self.names, &file)?;
        self.files.is_next(version, at.id);
        for CaseAsItWas { destination, state, approved_at, votes } in file.cases {
            let votes = votes.into_iter().map(|vote| {
                let VoteAsItWas { voter, kind, policy, via } = vote;
                Vote { voter: self.names.of(&voter), kind, policy: policy.0, via }
            });
            let votes = votes.collect();
            let destination = self.names.of(&destination);
            self.cases.taken_over((version, destination), &state, approved_at, votes);
        }
        Ok(())
    }
}
