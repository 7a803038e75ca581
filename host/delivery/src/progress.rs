//! How far deliveries are.

use jiff::Timestamp;

use crate::Tally;

/// How far the deliveries to one target are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The target's name.
    pub target: String,
    /// Messages that it took in this round.
    pub delivered: u64,
    /// Attempts that failed in this round, of messages that wait for another.
    pub failed: u64,
    /// Messages that died in this round.
    pub died: u64,
    /// What waits and what is dead by now, of all rounds.
    pub tally: Tally,
    /// Until when it is left alone, where it is, whatever is due.
    pub rests_until: Option<Timestamp>,
    /// What the last attempt of this round met that was not taken, in one line of at most
    /// [`MOST_PROBLEM`](crate::MOST_PROBLEM) characters.
    pub problem: Option<String>,
}

impl Progress {
    pub(crate) fn new(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            delivered: 0,
            failed: 0,
            died: 0,
            tally: Tally::default(),
            rests_until: None,
            problem: None,
        }
    }
}
