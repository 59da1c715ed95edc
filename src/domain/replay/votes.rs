//! Replays cases: whose votes stand, since when a case is approved, who proposed to restore it.

use super::event::{CaseEvent, CaseStep, Kind};
use super::{At, ByCase, Name, Replay};

/// How long a command may take between its count and its entry, in microseconds.
const COMMAND: i64 = 60_000_000;

/// A vote that stands.
pub(super) struct Vote {
    pub(super) voter: Name,
    pub(super) kind: Kind,
    pub(super) policy: i64,
    /// Through a service.
    pub(super) via: bool,
}

/// A version's way to a destination.
#[derive(Default)]
pub(super) struct Case {
    pub(super) votes: Vec<Vote>,
    /// Since when it is approved without a break, in microseconds since 1970.
    pub(super) approved_at: Option<i64>,
    restore_by: Option<Name>,
    pub(super) way: Way,
}

/// Whether it takes decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    #[default]
    Open,
    /// On its way, out, or rejected for good.
    Closed,
    /// Two people open it again.
    Recalled,
}

/// All of them.
#[derive(Default)]
pub(super) struct Cases(pub(super) ByCase<Case>);

impl Cases {
    /// Ends every vote: nothing of before counts again.
    pub(super) fn recall(&mut self, key: (i64, Name)) {
        *self.0.entry(key).or_default() = Case { way: Way::Recalled, ..Case::default() };
    }

    pub(super) fn taken_over(&mut self, key: (i64, Name), state: &str, approved_at: Option<i64>, votes: Vec<Vote>) {
        let approved_at = approved_at.filter(|_| state == "approved");
        let way = match state {
            "recalled" => Way::Recalled,
            "releasing" | "released" | "rejected" => Way::Closed,
            _ => Way::Open,
        };
        self.0.insert(key, Case { votes, approved_at, restore_by: None, way });
    }
}

impl Replay {
    pub(super) fn case(&mut self, at: At, (by, via): (Name, bool), event: CaseEvent) -> Result<(), String> {
        let CaseEvent { version, destination, what, state, approved_at } = event;
        let destination = self.names.of(&destination);
        let file = self.files.get(version);
        if let (CaseStep::Vote { kind, sha256, policy }, Some(file)) = (&what, file) {
            if *kind == Kind::Approve && sha256.as_deref().and_then(super::files::hash) != file.sha256 {
                return Err(format!("{by} approves version {version} with another sha256 than intake sealed."));
            }
            if self.policies.once(*policy, &file.project, &destination).is_none() {
                let project = &file.project;
                return Err(format!(
                    "{by} votes under policy {policy} of {project} for {destination}, and no sealed entry set it."
                ));
            }
        } else if file.is_none() && !matches!(what, CaseStep::Recall | CaseStep::Withdraw) {
            return Err(format!("no sealed entry says what version {version} is."));
        }
        if matches!(what, CaseStep::Recall) {
            self.claims.recalled(version, &destination);
            self.cases.recall((version, destination));
            return Ok(());
        }
        let case = self.cases.0.entry((version, destination)).or_default();
        case.step(at, (by, via), &what, &state, approved_at)
    }
}

impl Case {
    fn step(
        &mut self,
        at: At,
        (by, via): (Name, bool),
        what: &CaseStep,
        state: &str,
        approved_at: Option<i64>,
    ) -> Result<(), String> {
        if matches!(what, CaseStep::Ask) && self.way != Way::Open && !matches!(state, "pending" | "approved") {
            return Ok(());
        }
        match (self.way, matches!(what, CaseStep::Restore { .. })) {
            (Way::Recalled, false) => return Err("the case was recalled, and no two people had restored it.".into()),
            (Way::Closed, _) => return Err("the case was closed: on its way, out, or rejected.".into()),
            (Way::Open, true) => return Err("there was nothing to restore: no recall is sealed.".into()),
            (Way::Recalled, true) | (Way::Open, false) => {}
        }
        match what {
            CaseStep::Vote { kind, policy, .. } => {
                self.votes.retain(|vote| vote.voter != by);
                self.votes.push(Vote { voter: by, kind: *kind, policy: *policy, via });
            }
            CaseStep::Undo => self.votes.retain(|vote| vote.voter != by),
            // What is submitted again begins anew.
            CaseStep::Withdraw if state == "withdrawn" => *self = Self::default(),
            // Another submitter still asks for it; nothing was counted.
            CaseStep::Withdraw => return Ok(()),
            CaseStep::Restore { proposed: true } => {
                self.restore_by = Some(by);
                return Ok(());
            }
            CaseStep::Restore { proposed: false } => {
                if self.restore_by.take().is_none_or(|proposer| proposer == by) {
                    return Err(format!("{by} restores it, and nobody else had proposed that."));
                }
                self.way = Way::Open;
            }
            CaseStep::Ask | CaseStep::Recount | CaseStep::Recall => {}
        }
        if state == "rejected" {
            self.way = Way::Closed;
        }
        if state != "approved" {
            self.approved_at = None;
        } else if self.approved_at.is_none() {
            let since = approved_at.filter(|since| (at.micros - COMMAND..=at.micros).contains(since));
            self.approved_at = Some(since.ok_or("it counts its hold from another moment than its own.")?);
        }
        Ok(())
    }
}
