//! What time it is.

use std::time::Duration;

use jiff::Timestamp;

/// What time it is, and how to let some pass: the system's, or a test's own.
///
/// When messages are due, what signatures say and how long the courier rests comes from here. How long a request may take
/// does not: that is measured by the system, for a server that is slow is slow by its clock.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Comes back once so much time has passed. The courier asks for a tenth of a second at most, and looks in between
    /// whether it is to stop.
    fn wait(&self, time: Duration);
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// `now` and so much later; the end of time where there is no such moment.
pub(crate) fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
