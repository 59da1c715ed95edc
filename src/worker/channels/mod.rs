//! The channels messages leave by, a file each, and their one list: `deliver` sends by it, `cli::doctor` asks and names by it.
//! What goes to a channel is said by the routes (`exeat.routes`), where its server is by the section of its kind's name in
//! `worker.toml` (`config::channels`).

mod bus;
mod mail;

use async_trait::async_trait;

use super::WorkerError;
use crate::config::WorkerConfig;
use crate::db::Delivery;

/// Every kind of channel there is.
pub static CHANNELS: &[Kind] = &[mail::KIND, bus::KIND];

/// A kind of channel.
pub struct Kind {
    /// Its name in routes, and of its section in `worker.toml`.
    pub name: &'static str,
    /// What it carries, in the plural, such as `mails`.
    pub carries: &'static str,
    /// The channels of it that are configured; their servers are not asked yet.
    pub(crate) open: fn(&WorkerConfig) -> Opened,
}

/// Channels, or which setting cannot work.
type Opened = Result<Vec<Box<dyn Channel>>, WorkerError>;

/// A server that messages leave to.
#[async_trait]
pub(crate) trait Channel: Send + Sync {
    /// Its name in routes: its kind's, and where a site has several of the kind, `kind:name`.
    fn name(&self) -> &str;

    /// Brings a message, which is there once this is well. Whoever has waited long enough drops it half-way, and may ask again.
    async fn deliver(&mut self, message: &Delivery) -> Result<(), NotSent>;

    /// Whether the server would take a message from us now; it gets none.
    async fn check(&mut self) -> Result<(), NotSent>;
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSent {
    /// The server took or left others; it does not want this one.
    #[error("{0}")]
    Refused(String),
    /// The server could not be spoken to.
    #[error("{0}")]
    Unreached(String),
}

impl Kind {
    /// The kind of a channel by its name in routes; none that this program does not know.
    pub(crate) fn of(channel: &str) -> Option<&'static Self> {
        let name = channel.split(':').next().unwrap_or_default();
        CHANNELS.iter().find(|kind| kind.name == name)
    }
}
