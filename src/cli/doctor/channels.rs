//! The channels messages leave by: what waits for one, for those who look after it, and whether its server takes anything, with
//! the worker's rights. Called by `cli::doctor`.

use std::time::Duration;

use super::super::exit;
use super::worker::capital;
use super::{Finding, How};
use crate::config::WorkerConfig;
use crate::db::DeliveriesWaiting;
use crate::service::Service;
use crate::text::shown;
use crate::worker::channels::{CHANNELS, Channel, Kind, NotSent};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Messages that wait. That some do is no fault of this desk.
pub(super) async fn waiting(service: &Service) -> Vec<Finding> {
    match service.deliveries_waiting().await {
        Err(error) => vec![Finding::failed("messages", &error)],
        Ok(found) => found.iter().map(wait).collect(),
    }
}

fn wait(of: &DeliveriesWaiting) -> Finding {
    let (what, things) = Kind::of(&of.channel).map_or(("messages", "messages"), |kind| (kind.name, kind.carries));
    let since = of.since.format("%Y-%m-%d %H:%M:%S UTC");
    let why = if of.last_error.is_empty() {
        format!("see whether [{}] in the worker's configuration names a server", of.channel.replace(':', "."))
    } else {
        format!("the last try ended with \"{}\"", shown(&of.last_error))
    };
    Finding::note(what, format!("{} {things} wait to be delivered, the oldest since {since}: {why}.", of.waiting))
}

/// Each kind of channel, and each server of it.
pub(super) async fn servers(config: &WorkerConfig) -> Vec<Finding> {
    let mut found = Vec::new();
    for kind in CHANNELS {
        match (kind.open)(config) {
            Err(error) => found.push(Finding::config(kind.name, format!("{}.", capital(&error.to_string())))),
            Ok(none) if none.is_empty() => found.push(Finding::note(
                kind.name,
                format!(
                    "Without [{}] in the worker's configuration {} are kept in the database until there is one.",
                    kind.name, kind.carries
                ),
            )),
            Ok(channels) => {
                for channel in channels {
                    found.push(server(kind, channel).await);
                }
            }
        }
    }
    found
}

async fn server(kind: &Kind, mut channel: Box<dyn Channel>) -> Finding {
    let checked = tokio::time::timeout(PATIENCE, channel.check()).await;
    let checked = checked.unwrap_or_else(|_| Err(NotSent::Unreached("no answer in time".to_owned())));
    let (server, section) = (channel.server(), channel.name().replace(':', "."));
    match checked {
        Ok(()) => Finding::well(kind.name, format!("{server} answers the worker.")),
        Err(NotSent::Unreached(why)) => Finding(
            kind.name,
            How::Wrong(exit::UNREACHABLE),
            format!(
                "{server} is not reached ({why}): see whether it runs, or correct [{section}]; {} wait for it.",
                kind.carries
            ),
        ),
        Err(NotSent::Refused(why)) => Finding(
            kind.name,
            How::Wrong(exit::FAILURE),
            format!(
                "{server} does not take the worker ({why}): correct user and password in [{section}]; {} wait.",
                kind.carries
            ),
        ),
    }
}
