//! Ending a run before it is done.

use std::pin::pin;
use std::time::{Duration, Instant};

use crate::{Cancel, Error};

/// How often work that waits for others looks whether it has to stop.
const LOOKS: Duration = Duration::from_millis(20);

/// When a run has to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    pub(crate) cancel: Option<Cancel>,
    pub(crate) deadline: Option<Instant>,
}

impl Stop {
    /// Fails where the run has to stop.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.cancel.as_ref().is_some_and(Cancel::is_cancelled) {
            return Err(groundswell_runtime::Error::Cancelled.into());
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(groundswell_runtime::Error::Deadline.into()),
            _ => Ok(()),
        }
    }

    /// Does asynchronous work until it is done or has to stop.
    pub(crate) async fn until<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut work = pin!(work);
        loop {
            self.check()?;
            if let Ok(answer) = tokio::time::timeout(LOOKS, work.as_mut()).await {
                return answer;
            }
        }
    }
}
