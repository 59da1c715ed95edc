//! The worker's tasks: their one list, by which the worker runs and which `exeat worker --once` goes through. Used by `worker`.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::pace::{Pace, Wake};
use super::{Worker, WorkerError, chores, deliver, intake, prove, release, seal, sessions, tickets};
use crate::db::Db;

const fn ms(many: u64) -> Duration {
    Duration::from_millis(many)
}

/// Every task there is, in the order of one round. Those that are woken look by the clock too: a notification may be lost, or hidden in a
/// flood of them.
pub static TASKS: &[Task] = &[
    Task { name: "beat", every: ms(2000), run: |on| one(chores::beat(on)), once: |on| chores::known(on).boxed() },
    Task { name: "tickets", every: ms(200), run: |on| one(tickets::run(on)), once: |on| tickets::round(on).boxed() },
    Task { name: "intake", every: ms(1000), run: intake::run, once: |on| intake::round(on).boxed() },
    Task { name: "sessions", every: ms(500), run: |on| one(sessions::run(on)), once: |on| sessions::round(on).boxed() },
    Task {
        name: "chores",
        every: ms(1000),
        run: |on| one(chores::run(on)),
        once: |on| chores::round(on, true).boxed(),
    },
    Task { name: "release", every: ms(1000), run: |on| release::run(&on), once: |on| release::round(on).boxed() },
    Task { name: "deliver", every: ms(1000), run: |on| deliver::run(&on), once: |on| deliver::round(on).boxed() },
    Task { name: "seal", every: ms(1000), run: |on| one(seal::run(on)), once: |on| seal::round(on).boxed() },
    Task { name: "prove", every: ms(1000), run: |on| one(prove::run(on)), once: |on| prove::round(on).boxed() },
];

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

#[expect(clippy::unnecessary_wraps, reason = "as the list has it")]
fn one(turns: impl Future<Output = ()> + Send + 'static) -> Turns {
    Ok(vec![turns.boxed()])
}

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
