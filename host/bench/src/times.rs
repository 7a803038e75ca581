//! Times of one thing, taken in turns with those of others.

use std::time::{Duration, Instant};

/// How often everything is measured: an odd number, so that there is a middle.
pub(crate) const ROUNDS: usize = 9;

/// Nanoseconds a member, one figure a round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn add(&mut self, nanoseconds: f64) {
        self.0.push(nanoseconds);
        self.0.sort_unstable_by(f64::total_cmp);
    }

    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// How far apart the middle half lies, as a share of the median.
    pub(crate) fn spread(&self) -> f64 {
        let quarter = self.0.len() / 4;
        (self.0[self.0.len() - 1 - quarter] - self.0[quarter]) / self.median()
    }
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let answer = work();
    (start.elapsed(), answer)
}

/// The time of one of `of`, in nanoseconds.
pub(crate) fn each(time: Duration, of: usize) -> f64 {
    time.as_secs_f64() * 1e9 / of as f64
}

/// The middle one of several figures.
pub(crate) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The middle one of several durations.
pub(crate) fn median(rounds: usize, mut work: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..rounds).map(|_| work()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}
