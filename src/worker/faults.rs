//! What keeps the worker from working on one project, and telling it to the database, where the project's people read it.
//! The others go on. Called by `intake`, and before anything is released.

use super::{Worker, WorkerError};
use crate::db::{Db, IntakeProject};
use crate::inspect::Checks;
use crate::objects::{Location, ObjectsError};
use crate::text::{Untrusted, shown};

/// Why a project is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Its addresses and releases stop too.
    pub closes: bool,
    /// What happened and what to do.
    pub sentence: String,
}

impl Fault {
    /// What a failed pass says of its project. None where it says something of the store, or of the database.
    pub(super) fn of_pass(project: &IntakeProject, error: &WorkerError) -> Option<Self> {
        let WorkerError::Objects(error @ (ObjectsError::NoBucket(_) | ObjectsError::Denied(_))) = error else {
            return None;
        };
        let location = Location::new(&project.bucket, &project.prefix);
        let sentence = format!(
            "Its location {location} cannot be listed ({error}): make the bucket, or give the worker's key the right to list and read it."
        );
        Some(Self { closes: false, sentence })
    }
}

impl Worker {
    /// What can be said against a project before its location is looked at.
    pub(super) fn fault_of(&self, project: &IntakeProject) -> Option<Fault> {
        for (what, bucket, prefix) in
            [("egress", &project.bucket, &project.prefix), ("shared", &project.shared_bucket, &project.shared_prefix)]
        {
            let other = Location::new(bucket, prefix);
            if self.staging.overlaps(&other) {
                let sentence = format!(
                    "The worker's staging location {} overlaps the {what} location {other}: name another staging in [worker.s3].",
                    self.staging
                );
                return Some(Fault { closes: true, sentence });
            }
        }
        let why = checks_of(project).err()?;
        let why = shown(&Untrusted::new(why.to_string()));
        let sentence = format!("The checks of its policy cannot be read ({why}): set a policy with others.");
        Some(Fault { closes: false, sentence })
    }
}

/// The strictest numbers of the project's policies.
///
/// # Errors
/// They are no JSON this program reads: nested too deep.
pub(super) fn checks_of(project: &IntakeProject) -> Result<Checks, serde_json::Error> {
    let policies: Vec<serde_json::Value> =
        project.checks.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok(Checks::strictest(&policies))
}

/// Tells the database what keeps this worker from a project; none: nothing does.
pub(super) async fn tell(
    worker: &Worker,
    db: &Db,
    project: &IntakeProject,
    fault: Option<&Fault>,
) -> Result<(), WorkerError> {
    let closes = fault.is_some_and(|fault| fault.closes);
    let sentence = fault.map(|fault| fault.sentence.as_str());
    if db.project_fault(&project.project, &worker.name, sentence, closes).await? {
        if let Some(sentence) = sentence {
            tracing::error!(project = project.project, sentence, "the project is left out");
        } else {
            tracing::info!(project = project.project, "the project is worked on again");
        }
    }
    Ok(())
}

/// Tells of every project that cannot be worked on as things are; the others.
pub(super) async fn sound(worker: &Worker, db: &Db) -> Result<Vec<IntakeProject>, WorkerError> {
    let mut sound = Vec::new();
    for project in db.intake_projects().await? {
        match worker.fault_of(&project) {
            Some(fault) => tell(worker, db, &project, Some(&fault)).await?,
            None => sound.push(project),
        }
    }
    Ok(sound)
}
