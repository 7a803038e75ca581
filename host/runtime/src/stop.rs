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
pub struct Cancel(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    used: AtomicBool,
    /// Counts as this one too.
    above: Option<Cancel>,
}

impl Cancel {
    /// One that has not been used.
    pub fn new() -> Self {
        Self::default()
    }

    /// One for a part of the work: it is used as soon as this one is, and can be used without it.
    ///
    /// ```
    /// use groundswell_runtime::Cancel;
    ///
    /// let all = Cancel::new();
    /// let (one, other) = (all.child(), all.child());
    /// one.cancel();
    /// assert!(one.is_cancelled() && !other.is_cancelled() && !all.is_cancelled());
    /// all.cancel();
    /// assert!(other.is_cancelled());
    /// ```
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(Flag { used: AtomicBool::new(false), above: Some(self.clone()) }))
    }

    /// Stops every run that has a clone of this, or a [child](Self::child), now and later.
    pub fn cancel(&self) {
        self.0.used.store(true, Ordering::Relaxed);
    }

    /// Whether [`Cancel::cancel`] has been called, on this one or on one that it is a child of.
    pub fn is_cancelled(&self) -> bool {
        let mut next = Some(self);
        while let Some(Self(flag)) = next {
            if flag.used.load(Ordering::Relaxed) {
                return true;
            }
            next = flag.above.as_ref();
        }
        false
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
