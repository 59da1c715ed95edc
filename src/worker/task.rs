//! What a task of the worker is: its record, what it works with, and its turns. Used by `tasks`, which lists them, and by each of them.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use super::pace::{Pace, Wake};
use super::{Worker, WorkerError};
use crate::db::Db;

/// A task of the worker.
pub struct Task {
    /// Its name, in the log and of its connections to the database.
    pub name: &'static str,
    /// From one turn to the next, where nothing wakes it and all is well.
    pub every: Duration,
    /// Its turns until the worker stops; several where it does several things beside each other.
    pub(super) run: fn(Setup) -> Turns,
    /// One round of it.
    pub(super) once: fn(Setup) -> BoxFuture<'static, Result<(), WorkerError>>,
}

/// What runs until the worker stops.
pub(super) type Turns = Result<Vec<BoxFuture<'static, ()>>, WorkerError>;

/// What a task works with.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) task: &'static Task,
    pub(super) worker: Arc<Worker>,
    pub(super) db: Arc<Db>,
    pub(super) wake: Wake,
}

impl Setup {
    /// When its turns are: by the clock.
    pub(super) fn pace(&self) -> Pace {
        Pace::new(self.task.name, &self.worker, None, self.task.every)
    }

    /// The same, and when something changed.
    pub(super) fn woken(&self) -> Pace {
        Pace::new(self.task.name, &self.worker, Some(self.wake.clone()), self.task.every)
    }

    /// The same with a connection of its own.
    pub(super) fn beside(&self) -> Result<Self, WorkerError> {
        Ok(Self { db: Arc::new(self.worker.db(self.task.name)?), ..self.clone() })
    }
}
