//! When a task takes its next turn: after its period, when the database notified, or later after an error. Used by each task.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;

use super::{Worker, WorkerError};
use crate::db::options;

/// How long a woken task lets others go first: someone waits for a ticket, and a burst of changes is one turn.
const LAG: Duration = Duration::from_millis(20);
/// How long a listener's connection may be silent before it is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(5);

/// Hears that something changed.
pub(super) type Wake = watch::Receiver<u64>;
/// Says that something changed.
pub(super) type Waker = watch::Sender<u64>;

/// A pair of them.
pub(super) fn wake() -> (Waker, Wake) {
    watch::channel(0)
}

/// One task's turns.
pub(super) struct Pace {
    task: &'static str,
    worker: Arc<Worker>,
    wake: Option<Wake>,
    lag: Duration,
    period: Duration,
    delay: Duration,
    backoff: Option<backon::ExponentialBackoff>,
}

impl Pace {
    pub(super) fn new(task: &'static str, worker: &Arc<Worker>, wake: Option<Wake>, period: Duration) -> Self {
        Self { task, worker: worker.clone(), wake, lag: LAG, period, delay: Duration::ZERO, backoff: None }
    }

    /// Takes its turn at once when woken.
    pub(super) fn at_once(self) -> Self {
        Self { lag: Duration::ZERO, ..self }
    }

    /// Waits for the next turn; false when the worker is to stop.
    pub(super) async fn turn(&mut self) -> bool {
        let woken = async {
            // a waker that is gone never wakes anybody
            let heard = match &mut self.wake {
                Some(wake) => wake.changed().await.is_ok(),
                None => false,
            };
            if !heard {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(self.lag).await;
        };
        tokio::select! {
            biased;
            () = self.worker.stop.cancelled() => false,
            () = woken => true,
            () = tokio::time::sleep(self.delay) => true,
        }
    }

    /// What the turn came to: whether there is more to do at once. An error is logged and slows the task down.
    pub(super) fn took(&mut self, turn: Result<bool, WorkerError>) {
        match turn {
            Ok(more) => {
                if self.backoff.take().is_some() {
                    tracing::info!(task = self.task, "works again");
                }
                self.delay = if more { Duration::ZERO } else { self.period };
            }
            Err(error) => {
                let least = Duration::from_millis(200);
                let backoff = self.backoff.get_or_insert_with(|| {
                    tracing::warn!(task = self.task, %error, "did not work; it is tried again");
                    let pace =
                        ExponentialBuilder::default().with_min_delay(least).with_max_delay(Duration::from_secs(5));
                    pace.with_jitter().without_max_times().build()
                });
                self.delay = backoff.next().unwrap_or(self.period).max(self.period);
            }
        }
    }
}

/// Listens on the database's channel and wakes the tasks; after a lost connection too, since something may have been missed.
pub(super) async fn listen(worker: Arc<Worker>, waker: Waker) {
    let mut pace = Pace::new("listen", &worker, None, Duration::from_millis(200));
    while pace.turn().await {
        let heard = tokio::select! {
            () = worker.stop.cancelled() => return,
            heard = hear(&worker, &waker) => heard,
        };
        pace.took(heard.map(|()| false));
    }
}

/// Until the connection is lost. A notification is only a hint: each task asks the database what there is.
async fn hear(worker: &Worker, waker: &Waker) -> Result<(), WorkerError> {
    let database = &worker.config.database;
    let explain = |error| {
        let role = database.user.as_deref().unwrap_or_default();
        WorkerError::Db(crate::db::explain(error, &database.place(), role, &database.name))
    };
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(Duration::from_secs(database.connect_seconds.into()))
        .connect_lazy_with(options(database, None, "exeat worker: listen")?);
    let mut listener = PgListener::connect_with(&pool).await.map_err(explain)?;
    listener.ignore_pool_close_event(true);
    listener.eager_reconnect(false);
    listener.listen("exeat").await.map_err(explain)?;
    loop {
        waker.send_modify(|n| *n += 1);
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Err(_) | Ok(Ok(Some(_))) => {}
            // PgListener says so when the connection was lost
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(explain(error)),
        }
    }
}
