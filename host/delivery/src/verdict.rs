//! What became of an attempt.

use std::time::Duration;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was taken.
    Taken,
    /// This message will not be taken, however often it is sent.
    Refused(String),
    /// It may be taken another time, and not before `wait` is over, where the target said so.
    Failed { problem: String, wait: Option<Duration> },
}

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Taken,
    /// Of the message: these bytes will never do.
    Refused,
    /// Of the target, or of the moment.
    Failed,
    /// To go elsewhere, which nobody does.
    Elsewhere,
}

/// What a status says: 2xx that a message was taken; 400, 413, 415 and 422 that this message never will be; all others
/// speak of the target or of the moment.
pub(crate) fn says(status: u16) -> Says {
    match status {
        200..=299 => Says::Taken,
        300..=399 => Says::Elsewhere,
        400 | 413 | 415 | 422 => Says::Refused,
        _ => Says::Failed,
    }
}
