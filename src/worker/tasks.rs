//! The worker's tasks: their one list, by which the worker runs and which `exeat worker --once` goes through. Used by `worker`.

use std::time::Duration;

use futures::FutureExt as _;

use super::task::{Task, Turns};
use super::{chores, deliver, intake, permits, prove, release, seal, sessions, signatures, tickets};

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
    Task { name: "permits", every: ms(1000), run: |on| one(permits::run(on)), once: |on| permits::round(on).boxed() },
    Task {
        name: "signatures",
        every: ms(250),
        run: |on| one(signatures::run(on)),
        once: |on| signatures::round(on).boxed(),
    },
    Task { name: "release", every: ms(1000), run: |on| release::run(&on), once: |on| release::round(on).boxed() },
    Task { name: "deliver", every: ms(1000), run: |on| deliver::run(&on), once: |on| deliver::round(on).boxed() },
    Task { name: "seal", every: ms(1000), run: |on| one(seal::run(on)), once: |on| seal::round(on).boxed() },
    Task { name: "prove", every: ms(1000), run: |on| one(prove::run(on)), once: |on| prove::round(on).boxed() },
];

#[expect(clippy::unnecessary_wraps, reason = "as the list has it")]
fn one(turns: impl Future<Output = ()> + Send + 'static) -> Turns {
    Ok(vec![turns.boxed()])
}
