//! The worker's tasks: their one list, by which the worker runs and which `exeat worker --once` goes through. Used by `worker`.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use super::pace::{Pace, Wake};
use super::{SigningKey, Worker, WorkerError, chores, deliver, intake, release, seal, sessions, tickets};
use crate::db::Db;

/// Every task there is, in the order of one round.
pub static TASKS: &[Task] = &[
    chores::BEAT,
    tickets::TASK,
    intake::TASK,
    sessions::TASK,
    chores::TASK,
    release::TASK,
    deliver::TASK,
    seal::TASK,
];

/// A task of the worker.
pub struct Task {
    /// Its name, in the log and of its connections to the database.
    pub name: &'static str,
    /// From one turn to the next, where nothing wakes it and all is well.
    pub every: Duration,
    /// Whether a change in the database wakes it.
    pub woken: bool,
    /// Its turns until the worker stops; several futures where it does several things beside each other.
    pub(super) run: fn(Setup) -> Result<Vec<BoxFuture<'static, ()>>, WorkerError>,
    /// One round of it.
    pub(super) once: fn(Setup) -> BoxFuture<'static, Result<(), WorkerError>>,
}

/// What a task works with.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) task: &'static Task,
    pub(super) worker: Arc<Worker>,
    /// Its connection.
    pub(super) db: Arc<Db>,
    pub(super) wake: Wake,
    pub(super) key: Arc<SigningKey>,
}

impl Setup {
    /// Its turns.
    pub(super) fn pace(&self) -> Pace {
        let wake = self.task.woken.then(|| self.wake.clone());
        Pace::new(self.task.name, &self.worker, wake, self.task.every)
    }

    /// The same with a connection of its own.
    pub(super) fn beside(&self) -> Result<Self, WorkerError> {
        Ok(Self { db: Arc::new(self.worker.db(self.task.name)?), ..self.clone() })
    }
}
