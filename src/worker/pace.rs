//! When a task takes its next turn: after its period, when the database notified, or later after an error. Used by each task.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Worker, WorkerError};
use crate::db::Db;

/// How long a woken task lets others go first: someone waits for a ticket, and a burst of changes is one turn.
const LAG: Duration = Duration::from_millis(20);
/// At least so long from one woken turn to the next. Anybody may notify, as often as they like: what they cause is bounded here.
const REST: Duration = Duration::from_millis(100);
/// The same where someone waits for each turn.
const SHORT_REST: Duration = Duration::from_millis(5);
/// How long a listener's connection may be silent before it is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(5);
/// More notifications than this in one second are a flood. People's programs cause one for each file they look into.
const FLOOD: u32 = 500;

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
    stop: CancellationToken,
    wake: Option<Wake>,
    lag: Duration,
    rest: Duration,
    /// When it was woken and has not taken its turn yet.
    heard: Option<Instant>,
    /// When the last turn began that it was woken for.
    woken: Option<Instant>,
    period: Duration,
    /// When it takes its turn though nobody woke it.
    due: Instant,
    backoff: Option<backon::ExponentialBackoff>,
}

impl Pace {
    pub(super) fn new(task: &'static str, worker: &Worker, wake: Option<Wake>, period: Duration) -> Self {
        Self::until(worker.stop.clone(), task, wake, period)
    }

    fn until(stop: CancellationToken, task: &'static str, wake: Option<Wake>, period: Duration) -> Self {
        let (heard, woken, due) = (None, None, Instant::now());
        Self { task, stop, wake, lag: LAG, rest: REST, heard, woken, period, due, backoff: None }
    }

    /// Takes its turn at once when woken.
    pub(super) fn at_once(self) -> Self {
        Self { lag: Duration::ZERO, rest: SHORT_REST, ..self }
    }

    /// Waits for the next turn; false when the worker is to stop. Who stops waiting and waits again misses nothing.
    pub(super) async fn turn(&mut self) -> bool {
        let woken = async {
            if self.heard.is_none() {
                // a waker that is gone never wakes anybody
                let heard = match &mut self.wake {
                    Some(wake) => wake.changed().await.is_ok(),
                    None => false,
                };
                if !heard {
                    std::future::pending::<()>().await;
                }
                self.heard = Some(Instant::now());
            }
            let begin = self.heard.map(|heard| heard + self.lag).max(self.woken.map(|woken| woken + self.rest));
            if let Some(begin) = begin {
                tokio::time::sleep_until(begin).await;
            }
        };
        let was_woken = tokio::select! {
            biased;
            () = self.stop.cancelled() => return false,
            () = woken => true,
            () = tokio::time::sleep_until(self.due) => false,
        };
        self.heard = None;
        if was_woken {
            self.woken = Some(Instant::now());
        }
        true
    }

    /// What the turn came to: whether there is more to do at once. An error is logged and slows the task down.
    pub(super) fn took(&mut self, turn: Result<bool, WorkerError>) {
        match turn {
            Ok(more) => {
                if self.backoff.take().is_some() {
                    tracing::info!(task = self.task, "works again");
                }
                self.due = Instant::now() + if more { Duration::ZERO } else { self.period };
            }
            Err(error) => {
                let least = Duration::from_millis(200);
                let backoff = self.backoff.get_or_insert_with(|| {
                    tracing::warn!(task = self.task, %error, "did not work; it is tried again");
                    let pace =
                        ExponentialBuilder::default().with_min_delay(least).with_max_delay(Duration::from_secs(5));
                    pace.with_jitter().without_max_times().build()
                });
                self.due = Instant::now() + backoff.next().unwrap_or(self.period).max(self.period);
            }
        }
    }
}

/// Listens on the database's channel and wakes the tasks; after a lost connection too, since something may have been missed.
pub(super) async fn listen(worker: Arc<Worker>, db: Db, waker: Waker) {
    let mut pace = Pace::new("listen", &worker, None, Duration::from_millis(200));
    while pace.turn().await {
        let heard = tokio::select! {
            () = worker.stop.cancelled() => return,
            heard = hear(&db, &waker) => heard,
        };
        pace.took(heard.map(|()| false));
    }
}

/// Until the connection is lost, or somebody floods it: nobody listens then for a while, and every task takes its turns by its
/// period, for each notification is work for whoever hears it. It is only a hint: each task asks the database what there is.
async fn hear(db: &Db, waker: &Waker) -> Result<(), WorkerError> {
    let mut listener = db.listen("exeat worker: listen").await?;
    let (mut second, mut heard) = (Instant::now(), 0);
    loop {
        waker.send_modify(|n| *n += 1);
        if second.elapsed() > Duration::from_secs(1) {
            (second, heard) = (Instant::now(), 0);
        }
        heard += 1;
        if heard > FLOOD {
            return Err(WorkerError::Flooded);
        }
        if !listener.heard(db, SILENCE).await? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(wake: Wake) -> Pace {
        Pace::until(CancellationToken::new(), "test", Some(wake), Duration::from_hours(1))
    }

    #[tokio::test]
    async fn a_flood_of_notifications_is_few_turns() {
        for at_once in [false, true] {
            let (waker, wake) = wake();
            let flood = tokio::spawn(async move {
                loop {
                    waker.send_modify(|n| *n += 1);
                    tokio::task::yield_now().await;
                }
            });
            let (mut pace, rest) = if at_once { (pace(wake).at_once(), SHORT_REST) } else { (pace(wake), REST) };
            let (begun, turns) = (Instant::now(), 20);
            for _ in 0..turns {
                assert!(pace.turn().await);
                pace.took(Ok(false));
            }
            // Two come without a rest before them: the first of all, and the first one woken.
            let most = begun.elapsed().as_millis() / rest.as_millis() + 2;
            assert!(turns <= most, "{turns} turns, {most} at most, at once: {at_once}");
            flood.abort();
        }
    }

    #[tokio::test]
    async fn who_stops_waiting_and_waits_again_misses_nothing() {
        let (waker, wake) = wake();
        let mut pace = pace(wake);
        assert!(pace.turn().await);
        pace.took(Ok(false));
        waker.send_modify(|n| *n += 1);
        tokio::select! {
            biased;
            _ = pace.turn() => panic!("others go first"),
            () = tokio::task::yield_now() => {}
        }
        drop(waker);
        assert!(tokio::time::timeout(Duration::from_mins(1), pace.turn()).await.unwrap());
    }
}
