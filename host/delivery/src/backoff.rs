//! How long a message waits after a failure.

use std::time::Duration;

use ring::digest::{SHA256, digest};

/// How long a message waits after an attempt that failed: exponential, with full jitter.
///
/// After the *n*-th failure the wait is drawn evenly from between 0 and `base × 2^(n-1)`, or `cap` if that is less; it is
/// never under a millisecond. By default the base is 10 seconds and the cap 6 hours: with the courier's 20 attempts, a
/// target may be away for a day in the middle, and for 53 hours at most, before the first message is dead.
///
/// # Determinism
///
/// The draw is the hash (SHA-256) of the message's key and its number of attempts. Keys differ, so that messages which
/// failed together do not come back together; and the same message waits as long each time this is computed, so that no
/// source of randomness is needed, and none has to be held still in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    base: Duration,
    cap: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self::new()
    }
}

impl BackOff {
    /// A base of 10 seconds, and a cap of 6 hours.
    pub const fn new() -> Self {
        Self { base: Duration::from_secs(10), cap: Duration::from_secs(6 * 60 * 60) }
    }

    /// The longest wait after the first failure; under a millisecond counts as one.
    #[must_use]
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The longest wait after any failure, and the longest that a target's `retry-after` is heeded.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// The longest wait.
    pub(crate) const fn longest(self) -> Duration {
        self.cap
    }

    /// How long to wait after so many failures; 0 counts as 1.
    pub fn wait(&self, key: &str, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(63);
        let bound = self.base.as_millis().saturating_mul(1 << doublings).min(self.cap.as_millis());
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        let drawn = (u128::from(bound) * u128::from(draw(key, failures))) >> 64;
        Duration::from_millis(u64::try_from(drawn).unwrap_or(u64::MAX).max(1))
    }
}

/// Evenly one of all numbers.
fn draw(key: &str, failures: u32) -> u64 {
    let text = format!("groundswell back-off\n{failures}\n{key}");
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_drawn_evenly_from_under_a_bound_that_doubles_up_to_the_cap() {
        let back_off = BackOff::new();
        for (failures, bound) in
            [(0, 10), (1, 10), (2, 20), (5, 160), (12, 20_480), (13, 21_600), (99, 21_600)]
        {
            let waits: Vec<f64> =
                (0..2_000).map(|key| back_off.wait(&format!("k-{key}"), failures).as_secs_f64()).collect();
            let bound = f64::from(bound);
            assert!(waits.iter().all(|wait| *wait < bound), "{failures}");
            for (tenth, part) in [0.1, 0.3, 0.5, 0.7, 0.9].into_iter().enumerate() {
                let below = waits.iter().filter(|wait| **wait < bound * part).count();
                assert!((below as f64 / 2_000.0 - part).abs() < 0.05, "{failures}, {tenth}: {below}");
            }
        }
    }

    #[test]
    fn the_same_message_waits_the_same_and_another_does_not() {
        let back_off = BackOff::new();
        assert_eq!(back_off.wait("k", 3), back_off.wait("k", 3));
        assert_ne!(back_off.wait("k", 3), back_off.wait("l", 3));
        assert_ne!(
            back_off.wait("k", 30),
            back_off.wait("k", 31),
            "at the cap, too, each wait is a draw of its own"
        );
    }

    #[test]
    fn no_wait_is_nothing_and_none_overflows() {
        let none = BackOff::new().base(Duration::ZERO);
        assert_eq!(none.wait("k", 7), Duration::from_millis(1));
        let endless = BackOff::new().base(Duration::MAX).cap(Duration::MAX);
        assert!(endless.wait("k", u32::MAX) > Duration::from_secs(1));
    }

    #[test]
    fn twenty_attempts_take_as_long_as_the_page_says() {
        let bounds = (1..20).map(|failures: u32| (10_u64 << (failures - 1)).min(21_600));
        assert_eq!(bounds.sum::<u64>() / 3_600, 53);
    }
}
