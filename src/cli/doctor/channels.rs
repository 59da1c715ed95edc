//! The channels messages leave by: what waits for one, for those who look after it, and whether its server takes anything, with
//! the worker's rights. Called by `cli::doctor`.

use std::time::Duration;

use super::super::exit;
use super::{Finding, How};
use crate::config::WorkerConfig;
use crate::db::DeliveriesWaiting;
use crate::service::Service;
use crate::text::{capital, shown};
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
        format!("see whether {} in the worker's configuration names a server", section(&of.channel))
    } else {
        format!("the last try ended with \"{}\"", shown(&of.last_error))
    };
    Finding::note(what, format!("{} {things} wait to be delivered, the oldest since {since}: {why}.", of.waiting))
}

/// The servers of each kind of channel.
pub(super) async fn servers(config: &WorkerConfig) -> Vec<Finding> {
    let mut found = Vec::new();
    for kind in CHANNELS {
        let channels = match (kind.open)(config) {
            Ok(channels) => channels,
            Err(error) => {
                found.push(Finding::config(kind.name, format!("{}.", capital(&error.to_string()))));
                continue;
            }
        };
        if channels.is_empty() {
            let kept = format!("{} are kept in the database until there is one", kind.carries);
            let sentence = format!("Without [{}] in the worker's configuration {kept}.", kind.name);
            found.push(Finding::note(kind.name, sentence));
        }
        for channel in channels {
            found.push(server(kind.name, channel).await);
        }
    }
    found
}

async fn server(what: &'static str, mut channel: Box<dyn Channel>) -> Finding {
    let section = section(channel.name());
    let checked = tokio::time::timeout(PATIENCE, channel.check()).await;
    let (exit, why) = match checked.unwrap_or_else(|_| Err(NotSent::Unreached("no answer in time".to_owned()))) {
        Ok(()) => return Finding::well(what, format!("The server in {section} answers the worker.")),
        Err(why @ NotSent::Unreached(_)) => (exit::UNREACHABLE, why),
        Err(why @ NotSent::Refused(_)) => (exit::FAILURE, why),
    };
    let todo = format!("see whether it runs, or correct {section}");
    Finding(what, How::Wrong(exit), format!("The server in {section} does not take the worker ({why}): {todo}."))
}

/// A channel's section of `worker.toml`.
fn section(channel: &str) -> String {
    format!("[{}]", channel.replace(':', "."))
}
