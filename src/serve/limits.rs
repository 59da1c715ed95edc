//! How often somebody may ask: so many a second, and some more at once. Each server counts for itself. Used by `auth` and `routes`.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Askers that are remembered; who rested long enough is forgotten first.
const REMEMBERED: usize = 10_000;

/// What each of many askers may still do.
pub struct Limits<K> {
    per_second: f64,
    burst: f64,
    left: Mutex<HashMap<K, Left>>,
}

struct Left {
    number: f64,
    at: Instant,
}

impl<K: Eq + Hash> Limits<K> {
    /// So many a second, and `burst` at once.
    pub fn new(per_second: f64, burst: u32) -> Self {
        Self { per_second, burst: burst.into(), left: Mutex::default() }
    }

    /// Takes one; else the seconds until there is one again.
    ///
    /// # Errors
    /// None is left.
    pub fn take(&self, who: K, now: Instant) -> Result<(), u64> {
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED && !all.contains_key(&who) {
            all.retain(|_, left| self.filled(left, now) < self.burst);
            // All of them ask at this moment: whom to forget makes no difference then.
            if all.len() >= REMEMBERED {
                all.clear();
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
        let all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn however_many_ask_so_many_are_remembered() {
        let (limits, now) = (Limits::new(1.0, 2), Instant::now());
        for who in 0..3 * REMEMBERED {
            assert_eq!(limits.take(who, now), Ok(()));
            assert!(limits.left.lock().unwrap().len() <= REMEMBERED);
        }
    }
}
