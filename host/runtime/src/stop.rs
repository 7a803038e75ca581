//! Stopping a run before its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::Error;

/// Stops runs: those that were given a clone of it. A run notices within some tens of milliseconds, also in the
/// middle of a call to a plugin, and ends with [`Error::Cancelled`].
///
/// ```
/// use groundswell_runtime::{Cancel, RunOptions};
///
/// let cancel = Cancel::new();
/// let options = RunOptions::new().cancel(cancel.clone());
/// cancel.cancel(); // from any thread
/// assert!(cancel.is_cancelled());
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// One that has not been used.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops every run that has a clone of this, now and later.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`Cancel::cancel`] has been called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// When a run has to stop; for the engine, whose runs have more in them than plugins.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub cancel: Option<Cancel>,
    pub deadline: Option<Instant>,
}

impl Stop {
    /// The error of a run that has to stop.
    pub(crate) fn reason(&self) -> Option<Error> {
        if self.cancel.as_ref().is_some_and(Cancel::is_cancelled) {
            return Some(Error::Cancelled);
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(Error::Deadline)
    }

    #[doc(hidden)]
    pub fn check(&self) -> Result<(), Error> {
        self.reason().map_or(Ok(()), Err)
    }
}
