//! Messages of the outbox on their way out, each at least once: a task for the mails and one for the bus. Run by the worker.
//!
//! A message is taken with a lease, sent, and marked; whoever dies in between leaves it to the next, which sends it again
//! under the same id. A server that is dead, slow or refuses costs its own messages time and nothing else.

use std::sync::Arc;
use std::time::Duration;

use super::bus::Bus;
use super::mail::Mail;
use super::pace::{Pace, Wake};
use super::{Worker, WorkerError};
use crate::db::Db;

/// The most seconds between two tries of a message its server refused.
const REFUSED: i32 = 3_600;
/// The most seconds between two tries while the server is not reached.
const UNREACHED: i32 = 60;
/// The longest one try may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Where messages leave to.
pub(super) enum Way {
    Mail(Mail),
    Bus(Bus),
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSent {
    /// The server took or left others; it does not want this one.
    #[error("{0}")]
    Refused(String),
    /// The server could not be spoken to.
    #[error("{0}")]
    Unreached(String),
}

impl Way {
    fn channel(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Bus(_) => "bus",
        }
    }
}

/// Both ways, as far as they are configured.
pub(super) fn ways(worker: &Worker) -> Result<Vec<Way>, WorkerError> {
    let mut ways = Vec::new();
    if let Some(config) = &worker.config.mail {
        ways.push(Way::Mail(Mail::new(config)?));
    }
    if let Some(config) = &worker.config.bus {
        ways.push(Way::Bus(Bus::new(config)?));
    }
    Ok(ways)
}

pub(super) async fn run(worker: Arc<Worker>, db: Db, wake: Wake, mut way: Way) {
    // each second too: what failed is tried again, and a notification may be lost
    let mut pace = Pace::new(way.channel(), &worker, Some(wake), Duration::from_secs(1));
    while pace.turn().await {
        pace.took(one(&worker, &db, &mut way).await);
    }
}

/// Sends what there is now.
pub(super) async fn all(worker: &Worker, db: &Db, way: &mut Way) -> Result<(), WorkerError> {
    while one(worker, db, way).await? {}
    Ok(())
}

/// Sends the message whose turn it is; whether there was one.
async fn one(worker: &Worker, db: &Db, way: &mut Way) -> Result<bool, WorkerError> {
    let lease = worker.config.worker.lease_seconds;
    let taken = db.take_delivery(way.channel(), &worker.holder, i32::try_from(lease).unwrap_or(i32::MAX)).await?;
    let Some(message) = taken else { return Ok(false) };
    // Well within the lease: another worker must not begin while this one may still get through.
    let longest = LONGEST.min(Duration::from_secs(lease.into()) / 2);
    let sending = async {
        match way {
            Way::Mail(mail) => mail.send(&message).await,
            Way::Bus(bus) => bus.send(&message).await,
        }
    };
    let sent = tokio::time::timeout(longest, sending)
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
            if let Way::Bus(bus) = way {
                bus.forget();
            }
            db.fail_delivery(message.delivery, &worker.holder, &why.to_string(), UNREACHED).await?;
            Err(WorkerError::Delivery(why.to_string()))
        }
    }
}
