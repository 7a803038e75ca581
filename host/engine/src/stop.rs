//! Ending a run before it is done.

use std::pin::pin;
use std::time::Duration;

pub(crate) use groundswell_runtime::Stop;

use crate::Error;

/// How often work that waits for others looks whether it has to stop.
pub(crate) const LOOKS: Duration = Duration::from_millis(20);

/// Does asynchronous work until it is done or has to stop.
pub(crate) async fn until<T>(stop: &Stop, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut work = pin!(work);
    loop {
        stop.check()?;
        if let Ok(answer) = tokio::time::timeout(LOOKS, work.as_mut()).await {
            return answer;
        }
    }
}
