//! Following the change feed for as long as somebody wants to. Called by the desk and `serve`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;

use super::{Change, Service, ServiceError};
use crate::db::{ChangeRow, Feed};

/// Changes of one look the database tells at most: of more, everything has to be read again.
pub const MOST: usize = 10_000;
/// The longest wait between two tries to connect again.
const LONGEST: Duration = Duration::from_secs(15);

impl Service {
    /// The changes one may see, from now on, without end. They begin with [`Change::Resync`]; a lost connection is told,
    /// tried again with growing pauses, and followed by another one.
    pub fn follow(self: &Arc<Self>) -> impl Stream<Item = Change> + Send + use<> {
        let state = Follower { service: Arc::clone(self), feed: None, told: VecDeque::new(), lost: false, failures: 0 };
        futures::stream::unfold(state, |mut state| async move {
            let change = state.next().await;
            Some((change, state))
        })
    }
}

/// A place in the changes one may see, for programs that come back to it.
pub struct Watch(Feed);

impl Service {
    /// Begins to watch: from a place named before, or from now on.
    ///
    /// # Errors
    /// The place is none; the database does not answer.
    pub async fn watch(&self, after: Option<&str>) -> super::Result<Watch> {
        match after {
            Some(place) => place.parse().map(Watch).map_err(|()| {
                ServiceError::Usage("This is no place in the changes; give the id of an event, unchanged.".to_owned())
            }),
            None => self.asked(self.db.feed().await).map(Watch),
        }
    }

    /// Waits for the next look: what changed, and the place behind it. More than [`MOST`] changes are not all told.
    ///
    /// # Errors
    /// The database does not answer: the place before is good to go on from.
    pub async fn watched(&self, watch: &mut Watch) -> super::Result<(String, Vec<ChangeRow>)> {
        let rows = self.asked(watch.0.wait(&self.db).await)?;
        Ok((watch.0.place().to_owned(), rows))
    }
}

struct Follower {
    service: Arc<Service>,
    feed: Option<Feed>,
    told: VecDeque<Change>,
    lost: bool,
    failures: u32,
}

impl Follower {
    async fn next(&mut self) -> Change {
        loop {
            if let Some(change) = self.told.pop_front() {
                return change;
            }
            let result = match &mut self.feed {
                Some(feed) => feed.next(&self.service.db).await.map(|changes| self.told.extend(changes)),
                None => self.connect().await,
            };
            if let Err(error) = result {
                self.feed = None;
                if !self.lost {
                    self.lost = true;
                    return Change::Lost(self.service.told(error).to_string());
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<(), crate::db::DbError> {
        if self.failures > 0 {
            tokio::time::sleep(Duration::from_millis(250 << self.failures.min(6)).min(LONGEST)).await;
        }
        self.failures += 1;
        self.feed = Some(self.service.db.feed().await?);
        self.failures = 0;
        self.lost = false;
        // What changed before the feed began, at the first time too, nobody tells: it has to be read again.
        self.told.push_back(Change::Resync);
        Ok(())
    }
}
