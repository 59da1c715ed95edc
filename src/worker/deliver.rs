//! Messages of the outbox on their way out, each at least once, each channel by itself. One of the worker's tasks.
//!
//! A message is taken with a lease, sent, and marked; whoever dies in between leaves it to the next, which sends it again
//! under the same id. A server that is dead, slow or refuses costs its own messages time and nothing else.

use std::time::Duration;

use futures::FutureExt as _;

use super::channels::{CHANNELS, Channel, NotSent};
use super::task::{Setup, Turns};
use super::{Worker, WorkerError};
use crate::db::Db;

/// The most seconds between two tries of a message its server refused.
const REFUSED: i32 = 3_600;
/// The most seconds between two tries while the server is not reached.
const UNREACHED: i32 = 60;
/// The longest one try may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Each channel by itself.
pub(super) fn run(on: &Setup) -> Turns {
    open(&on.worker)?.into_iter().map(|channel| Ok(turns(on.beside()?, channel).boxed())).collect()
}

/// The channels that are configured.
fn open(worker: &Worker) -> Result<Vec<Box<dyn Channel>>, WorkerError> {
    let mut channels = Vec::new();
    for kind in CHANNELS {
        channels.extend((kind.open)(&worker.config)?);
    }
    Ok(channels)
}

async fn turns(on: Setup, mut channel: Box<dyn Channel>) {
    let mut pace = on.pace();
    while pace.turn().await {
        pace.took(one(&on.worker, &on.db, &mut *channel).await);
    }
}

/// Sends what there is now.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    for mut channel in open(&on.worker)? {
        let mut sent = Ok(true);
        while matches!(sent, Ok(true)) {
            sent = one(&on.worker, &on.db, &mut *channel).await;
        }
        if let Err(error) = sent {
            tracing::warn!(%error, "the next round tries it again");
        }
    }
    Ok(())
}

/// Sends the message whose turn it is; whether there was one.
async fn one(worker: &Worker, db: &Db, channel: &mut dyn Channel) -> Result<bool, WorkerError> {
    let lease = worker.config.worker.lease_seconds;
    let taken = db.take_delivery(channel.name(), &worker.holder, i32::try_from(lease).unwrap_or(i32::MAX)).await?;
    let Some(message) = taken else { return Ok(false) };
    // Well within the lease: another worker must not begin while this one may still get through.
    let longest = LONGEST.min(Duration::from_secs(lease.into()) / 2);
    let sent = tokio::time::timeout(longest, channel.deliver(&message))
        .await
        .unwrap_or_else(|_| Err(NotSent::Unreached(format!("no answer within {} seconds", longest.as_secs_f32()))));
    match sent {
        Ok(()) => {
            db.finish_delivery(message.delivery).await?;
            Ok(true)
        }
        Err(why @ NotSent::Refused(_)) => {
            tracing::warn!(error = %why, delivery = message.delivery, topic = message.topic, "a message was refused; it is tried again");
            db.fail_delivery(message.delivery, &worker.holder, &why.to_string(), REFUSED).await?;
            Ok(true)
        }
        Err(why @ NotSent::Unreached(_)) => {
            db.fail_delivery(message.delivery, &worker.holder, &why.to_string(), UNREACHED).await?;
            Err(WorkerError::Delivery(format!("{}: {why}", channel.name())))
        }
    }
}
