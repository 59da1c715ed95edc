//! How often somebody may ask: so many a second, and some more at once; and how many long answers they may have at the same moment.
//! Each server counts for itself. Used by `auth`, `routes`, `events` and the download.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Askers that are remembered; who rested long enough is forgotten first.
const REMEMBERED: usize = 10_000;
/// One caller may have a quarter of all downloads, or of all listeners: one that never ends its own leaves most to the others, and a few
/// busy ones can still use all there are.
const SHARE: usize = 4;

/// What each of many askers may still do.
pub struct Limits<K> {
    per_second: f64,
    burst: f64,
    left: Mutex<HashMap<K, Left>>,
    held: Arc<Mutex<Counts<K>>>,
}

/// How many of what each holds.
type Counts<K> = HashMap<(K, &'static str), usize>;

/// One long answer of somebody's, until it is dropped.
pub struct Held<K: Eq + Hash> {
    all: Arc<Mutex<Counts<K>>>,
    of: (K, &'static str),
}

impl<K: Eq + Hash> Drop for Held<K> {
    fn drop(&mut self) {
        let mut all = lock(&self.all);
        let left = all.get(&self.of).map_or(0, |held| held.saturating_sub(1));
        if left == 0 {
            all.remove(&self.of);
        } else if let Some(held) = all.get_mut(&self.of) {
            *held = left;
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Left {
    number: f64,
    at: Instant,
}

impl<K: Clone + Eq + Hash> Limits<K> {
    /// So many a second, and `burst` at once.
    pub fn new(per_second: f64, burst: u32) -> Self {
        Self { per_second, burst: burst.into(), left: Mutex::default(), held: Arc::default() }
    }

    /// Holds one of the `all` there are of something; none where somebody has their share, which is one at least.
    pub fn hold(&self, who: K, what: &'static str, all: usize) -> Option<Held<K>> {
        let of = (who, what);
        let mut counts = lock(&self.held);
        let held = counts.entry(of.clone()).or_default();
        if *held >= (all / SHARE).max(1) {
            return None;
        }
        *held += 1;
        Some(Held { all: Arc::clone(&self.held), of })
    }

    /// Takes one; else the seconds until there is one again.
    ///
    /// # Errors
    /// None is left.
    pub fn take(&self, who: K, now: Instant) -> Result<(), u64> {
        let mut all = lock(&self.left);
        if all.len() >= REMEMBERED && !all.contains_key(&who) {
            all.retain(|_, left| self.filled(left, now) < self.burst);
            // All of them ask at this moment: only the one that did so longest ago is forgiven.
            if all.len() >= REMEMBERED
                && let Some(oldest) = all.iter().min_by_key(|(_, left)| left.at).map(|(who, _)| who.clone())
            {
                all.remove(&oldest);
            }
        }
        let left = all.entry(who).or_insert(Left { number: self.burst, at: now });
        *left = Left { number: self.filled(left, now), at: now };
        if left.number < 1.0 {
            return Err(self.until_one(left));
        }
        left.number -= 1.0;
        Ok(())
    }

    /// Whether one is left, without taking it; else the seconds until there is one.
    ///
    /// # Errors
    /// None is left.
    pub fn look(&self, who: &K, now: Instant) -> Result<(), u64> {
        let all = lock(&self.left);
        let Some(left) = all.get(who) else { return Ok(()) };
        let left = Left { number: self.filled(left, now), at: now };
        if left.number < 1.0 { Err(self.until_one(&left)) } else { Ok(()) }
    }

    fn filled(&self, left: &Left, now: Instant) -> f64 {
        (left.number + now.saturating_duration_since(left.at).as_secs_f64() * self.per_second).min(self.burst)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a minute, never negative")]
    fn until_one(&self, left: &Left) -> u64 {
        ((1.0 - left.number) / self.per_second).ceil().max(1.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_has_its_own_and_gets_it_back_with_time() {
        let (limits, begun) = (Limits::new(0.5, 3), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        for _ in 0..3 {
            assert_eq!(limits.take("portal", at(0)), Ok(()));
        }
        assert_eq!((limits.take("portal", at(0)), limits.look(&"portal", at(0))), (Err(2), Err(2)));
        assert_eq!((limits.look(&"other", at(0)), limits.take("other", at(0))), (Ok(()), Ok(())));
        assert_eq!((limits.take("portal", at(1)), limits.take("portal", at(2))), (Err(1), Ok(())));
        // However long one rests, no more than the burst is there.
        let rested: Vec<_> = (0..4).map(|_| limits.take("portal", at(1_000))).collect();
        assert_eq!(rested, [Ok(()), Ok(()), Ok(()), Err(2)]);
    }

    #[test]
    fn each_holds_its_share_and_no_more() {
        let limits = Limits::new(1.0, 1);
        let held: Vec<_> = (0..2).map(|_| limits.hold("portal", "downloads", 8).unwrap()).collect();
        assert!(limits.hold("portal", "downloads", 8).is_none());
        assert!(limits.hold("portal", "listeners", 1).is_some() && limits.hold("other", "downloads", 8).is_some());
        drop(held);
        assert!(limits.held.lock().unwrap().is_empty());
        assert!(limits.hold("portal", "downloads", 8).is_some());
    }

    #[test]
    fn who_spent_all_is_not_forgiven_because_others_come() {
        let (limits, begun) = (Limits::new(0.001, 2), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        for who in 1..REMEMBERED {
            assert_eq!(limits.take(who, at(0)), Ok(()));
        }
        assert_eq!((limits.take(0, at(1)), limits.take(0, at(1))), (Ok(()), Ok(())));
        for who in 0..10 {
            assert_eq!(limits.take(2 * REMEMBERED + who, at(2)), Ok(()));
        }
        assert!(limits.look(&0, at(2)).is_err());
    }

    #[test]
    fn however_many_ask_so_many_are_remembered() {
        let (limits, now) = (Limits::new(1.0, 2), Instant::now());
        for who in 0..3 * REMEMBERED {
            assert_eq!(limits.take(who, now), Ok(()));
            assert!(limits.left.lock().unwrap().len() <= REMEMBERED);
        }
    }
}
