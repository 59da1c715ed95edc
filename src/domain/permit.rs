//! A data permit: where it stands in its life, who is on its teams, what it rests on, its outputs and workspaces. Read in
//! `service`, shown by the desk and the command line. Which move leads where, and who may make it, is the database's table
//! (`exeat.permit_moves`); a row brings its own next steps from there.

mod item;
mod list;

pub use item::{Delivery, FileVote, Message, OutputFile, PermitFacts, StateLine};
pub use list::{Move, Stage, Status, Way};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::access::{GrantState, RequestId, WhyNot};
use super::id::id;
use crate::text::Untrusted;

id!(
    /// A permit. On the wire a decimal string.
    PermitId
);

/// One data permit of one project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Permit {
    /// The permit.
    pub id: PermitId,
    /// What people call it, such as `PRM-2026-014`.
    pub reference: String,
    /// Moves with every change; commands name the one they saw.
    pub row_version: i64,
    /// Where it stands.
    pub status: Status,
    /// The part of its life that is.
    pub stage: Stage,
    /// Where it stands in few cells: `setup review`.
    pub short: String,
    /// The same as the row version, as the platform's interface calls it.
    pub version: i64,
    /// Since when it stands there.
    pub status_since: DateTime<Utc>,
    /// The project's id.
    pub project: String,
    /// What it is for, in one line.
    pub title: Untrusted,
    /// What it is for. The first 500 characters in lists, all of it where one permit is asked for.
    pub purpose: Untrusted,
    /// The access request it was issued from; none if by hand.
    pub request: Option<RequestId>,
    /// When it was issued.
    pub created: DateTime<Utc>,
    /// Login of who issued it.
    pub created_by: String,
    /// Valid from this moment.
    pub valid_from: DateTime<Utc>,
    /// Valid until this moment.
    pub valid_until: DateTime<Utc>,
    /// The day of the site's zone that this is the end of; none where it is another moment.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
    /// Why its analysis is paused: `person`, `ended` or `grants`.
    pub paused_for: Option<String>,
    /// Whether the research team stopped its workspace.
    pub stopped: bool,
    /// The roles it waits for.
    pub waits_for: Vec<String>,
    /// By when their step should be made (the site's turnaround).
    pub due: Option<DateTime<Utc>>,
    /// What one person asked for and a second has to confirm.
    pub second: Option<Second>,
    /// Who is on its teams.
    pub teams: Vec<Member>,
    /// The data it is for.
    pub datasets: Vec<PermitDataset>,
    /// What came out of the analysis, oldest first.
    pub outputs: Vec<Output>,
    /// What its workspaces should be, and what was reported of them.
    pub workspaces: Vec<Workspace>,
    /// The moves from where it stands.
    pub next: Vec<Step>,
    /// For every move, and for `take_back`, `team`, `submit_output`, `switch_workspace` and `report_workspace`.
    pub why_not: WhyNot,
}

/// A move that waits for its second person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// The move.
    #[serde(rename = "move")]
    pub what: Move,
    /// Login of who asked for it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Untrusted,
}

/// Somebody in a role on a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The role as the database calls it.
    pub role: String,
    /// The same in words.
    pub says: String,
    /// Login.
    pub login: String,
    /// Full name.
    pub name: Untrusted,
    /// Whether they still hold in the directory what the role rests on.
    pub holds: bool,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When a data holder confirmed the upload.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// A dataset of a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitDataset {
    /// Its accession.
    pub id: String,
    /// Its title.
    pub title: Untrusted,
    /// Whether it is no longer offered.
    pub removed: bool,
    /// The grants on it that the permit was issued on.
    pub grants: Vec<PermitGrant>,
}

/// A grant that a permit rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitGrant {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub login: String,
    /// What it is now.
    pub state: GrantState,
    /// Its end.
    pub until: DateTime<Utc>,
    /// The day of the site's zone that this is the end of; none where it is another moment.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
}

/// A set of egress files that came out of the analysis; their votes decide it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Its number on the permit, from 1.
    pub number: i32,
    /// Counts its submissions, from 1.
    pub version: i32,
    /// `EGRESS_REVIEW_PENDING`, `EGRESS_REWORK` or `EGRESS_APPROVED`.
    pub status: String,
    /// Where its files lie, below the project's location.
    pub folder: Untrusted,
    /// What it is.
    pub description: Untrusted,
    /// Login.
    pub submitted_by: String,
    /// When this version came.
    pub submitted_at: DateTime<Utc>,
    /// When its votes were over.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it has to be reworked.
    pub reason: Untrusted,
    /// How many files it has.
    pub files: i64,
    /// How many of them are approved or out.
    pub approved: i64,
}

/// What a workspace should be, and what was last said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// `ingress`, `preprocessing`, `review` or `workspace`.
    pub kind: String,
    /// `running`, `frozen`, `stopped` or `absent`.
    pub state: String,
    /// `none` or `proxied`.
    pub network: String,
    /// What is mounted where and how: `[{"path", "mode"}]`.
    pub volumes: Vec<Volume>,
    /// Counts what it should have been, from 1.
    pub generation: i64,
    /// What a provisioning service said of it.
    pub reported: Option<Reported>,
}

/// Something mounted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// Where.
    pub path: String,
    /// `read-only`, `writable`, `write-only`, `kept` or `evidence`.
    pub mode: String,
}

/// What a workspace was said to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reported {
    /// As of what it should be, or `failed`.
    pub state: String,
    /// What it should have been then.
    pub generation: i64,
    /// In the service's words.
    pub detail: Untrusted,
    /// When.
    pub at: DateTime<Utc>,
}

/// A move from where a permit stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The move.
    #[serde(rename = "move")]
    pub what: Move,
    /// Where it leads.
    pub becomes: Status,
    /// Which way that is.
    pub way: Way,
    /// What one does, in words.
    pub says: String,
    /// The same in few words.
    pub short: String,
    /// Whether it needs a reason.
    pub reason: bool,
    /// How many persons it takes.
    pub persons: i32,
    /// Who may: any of these roles.
    pub roles: Vec<String>,
    /// Which roles are told; `all`: everybody on it.
    pub told: Vec<String>,
    /// The events it sends.
    pub events: Vec<String>,
    /// The people who may, by login.
    pub who: String,
    /// What the workspaces should be then: kind, state, network, volumes.
    pub wants: Vec<Value>,
}

impl Permit {
    /// Whether it waits longer than the site promises.
    #[must_use]
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.due.is_some_and(|due| due < now)
    }

    /// The step of a move from where it stands.
    #[must_use]
    pub fn step(&self, what: Move) -> Option<&Step> {
        self.next.iter().find(|step| step.what == what)
    }

    /// Whether the reader may make a move now.
    #[must_use]
    pub fn may(&self, what: Move) -> bool {
        matches!(self.why_not.get(what.word()), Some(None))
    }

    /// Logins of who holds one of these roles on it.
    #[must_use]
    pub fn people(&self, roles: &[&str]) -> Vec<&str> {
        let holders = self.teams.iter().filter(|member| member.holds && roles.contains(&member.role.as_str()));
        holders.map(|member| member.login.as_str()).collect()
    }
}
