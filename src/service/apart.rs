//! Code that reads what strangers made, on a thread of its own: should it panic or never end, only its own answer is lost.
//! Called by `preview`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// Name of the threads.
const NAME: &str = "exeat-format";
/// So many at once, those that were given up among them: files that never end take no more than these.
const SEATS: usize = 8;
static FREE: Semaphore = Semaphore::const_new(SEATS);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It panicked.
    Failed,
    /// It took too long, or no thread was free for it.
    Late,
}

/// Whether the calling thread is one of them: its panics are caught, and what they say may hold what a stranger wrote.
#[must_use]
pub fn is_apart() -> bool {
    std::thread::current().name() == Some(NAME)
}

/// The answer of some work, if there is one in time; else its thread is left to itself.
pub async fn apart<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Lost> {
    let answer = async {
        let seat = FREE.acquire().await.map_err(|_| Lost::Late)?;
        let (tell, told) = oneshot::channel();
        let started = std::thread::Builder::new().name(NAME.to_owned()).spawn(move || {
            let answer = catch_unwind(AssertUnwindSafe(work)).map_err(|_| Lost::Failed);
            let _ = tell.send(answer);
            drop(seat);
        });
        started.map_err(|_| Lost::Failed)?;
        told.await.unwrap_or(Err(Lost::Failed))
    };
    timeout(limit, answer).await.unwrap_or(Err(Lost::Late))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn only_so_many_are_given_up_and_each_is_counted_until_it_ends() {
        static GO_ON: AtomicBool = AtomicBool::new(true);
        let forever = || {
            while GO_ON.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        assert_eq!(apart(Duration::from_mins(1), || 7).await, Ok(7));
        assert_eq!(apart(Duration::from_mins(1), || -> u8 { panic!("on purpose") }).await, Err(Lost::Failed));
        assert!(apart(Duration::from_mins(1), is_apart).await == Ok(true) && !is_apart());
        let short = Duration::from_millis(50);
        while FREE.available_permits() > 0 {
            assert_eq!(apart(short, forever).await, Err(Lost::Late));
        }
        let ran = std::sync::Arc::new(AtomicBool::new(false));
        let mark = std::sync::Arc::clone(&ran);
        assert_eq!(apart(short, move || mark.store(true, Ordering::SeqCst)).await, Err(Lost::Late));
        assert!(!ran.load(Ordering::SeqCst), "none is free");
        GO_ON.store(false, Ordering::SeqCst);
        assert_eq!(apart(Duration::from_mins(1), || 7).await, Ok(7), "those that end make room");
    }
}
