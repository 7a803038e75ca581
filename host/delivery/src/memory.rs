//! An outbox that forgets.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;

use jiff::Timestamp;

use crate::{Message, Outbox, Tally};

/// An [`Outbox`] in memory: for tests and examples, since it forgets everything with the process.
///
/// ```
/// use groundswell_delivery::{MemoryOutbox, Message, Outbox};
/// use jiff::Timestamp;
///
/// let mut outbox = MemoryOutbox::new();
/// outbox.push("platform", Message::new(1, "first", "5064", "{}"));
/// outbox.push("platform", Message::new(2, "second", "5064", "{}"));
///
/// // The second waits for the first: both are one member's.
/// let now = Timestamp::UNIX_EPOCH;
/// assert_eq!(outbox.due("platform", now, 10)?.len(), 1);
/// outbox.delivered(1, now)?;
/// assert_eq!(outbox.due("platform", now, 10)?[0].key, "second");
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryOutbox {
    waiting: BTreeMap<u64, Waiting>,
    delivered: BTreeMap<u64, Timestamp>,
    dead: BTreeMap<u64, DeadLetter>,
}

#[derive(Clone, Debug)]
struct Waiting {
    target: String,
    message: Message,
    at: Timestamp,
    problem: Option<String>,
}

/// A message that is not tried again until a person says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// To whom it was to go.
    pub target: String,
    /// The message, with all of its attempts counted.
    pub message: Message,
    /// What the last of them met.
    pub problem: String,
}

impl MemoryOutbox {
    /// One with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a message in, due at once. One with the same id is replaced.
    pub fn push(&mut self, target: &str, message: Message) {
        let waiting = Waiting { target: target.to_owned(), at: Timestamp::MIN, problem: None, message };
        self.waiting.insert(waiting.message.id, waiting);
    }

    /// When a message was delivered, if it was.
    pub fn delivered_at(&self, id: u64) -> Option<Timestamp> {
        self.delivered.get(&id).copied()
    }

    /// Until when a message waits, and what its last attempt met, if there was one.
    pub fn waits_until(&self, id: u64) -> Option<(Timestamp, Option<&str>)> {
        self.waiting.get(&id).map(|waiting| (waiting.at, waiting.problem.as_deref()))
    }

    /// What is dead, in the order of ids.
    pub fn dead_letters(&self) -> impl Iterator<Item = &DeadLetter> {
        self.dead.values()
    }

    /// Lets a dead message wait again, due at once and with no attempts made, in its old place: those after it in its lane
    /// that were not delivered meanwhile wait for it. `false` where no such message is dead.
    pub fn retry(&mut self, id: u64) -> bool {
        let Some(DeadLetter { target, message, .. }) = self.dead.remove(&id) else { return false };
        self.push(&target, message.attempted(0));
        true
    }
}

impl Outbox for MemoryOutbox {
    type Error = Infallible;

    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Message>, Infallible> {
        let mut lanes = HashSet::new();
        let of_target = self.waiting.values().filter(|waiting| waiting.target == target);
        let first = of_target.filter(|waiting| lanes.insert(waiting.message.lane.as_str()));
        let due = first.filter(|waiting| waiting.at <= now);
        Ok(due.take(most).map(|waiting| waiting.message.clone()).collect())
    }

    fn delivered(&mut self, id: u64, now: Timestamp) -> Result<(), Infallible> {
        if self.waiting.remove(&id).is_some() {
            self.delivered.insert(id, now);
        }
        Ok(())
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Infallible> {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.message.attempts = waiting.message.attempts.saturating_add(1);
            waiting.at = at;
            waiting.problem = Some(problem.to_owned());
        }
        Ok(())
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Infallible> {
        if let Some(Waiting { target, mut message, .. }) = self.waiting.remove(&id) {
            message.attempts = message.attempts.saturating_add(1);
            self.dead.insert(id, DeadLetter { target, message, problem: problem.to_owned() });
        }
        Ok(())
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Infallible> {
        let waiting = self.waiting.values().filter(|waiting| waiting.target == target).count();
        let dead = self.dead.values().filter(|dead| dead.target == target).count();
        Ok(Tally::new(waiting as u64, dead as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: u64, lane: &str) -> Message {
        Message::new(id, format!("k-{id}"), lane, "{}")
    }

    fn due(outbox: &mut MemoryOutbox, second: i64) -> Vec<u64> {
        let now = Timestamp::from_second(second).unwrap();
        outbox.due("a", now, 10).unwrap().iter().map(|message| message.id).collect()
    }

    #[test]
    fn a_message_waits_for_those_before_it_in_its_lane_and_for_no_others() {
        let mut outbox = MemoryOutbox::new();
        for (id, lane) in [(1, "x"), (2, "x"), (3, "y")] {
            outbox.push("a", message(id, lane));
        }
        outbox.push("b", message(4, "z"));
        assert_eq!(due(&mut outbox, 0), [1, 3]);
        let at = Timestamp::from_second(9).unwrap();
        outbox.later(1, at, "busy").unwrap();
        assert_eq!(due(&mut outbox, 8), [3], "2 waits for 1, although nobody put 2 off");
        assert_eq!(due(&mut outbox, 9), [1, 3]);
        assert_eq!(outbox.waits_until(1), Some((at, Some("busy"))));
        outbox.dead(1, "gone").unwrap();
        assert_eq!(due(&mut outbox, 9), [2, 3], "the dead hold up nobody");
        assert_eq!(outbox.tally("a").unwrap(), Tally::new(2, 1));
    }

    #[test]
    fn a_dead_message_is_retried_in_its_old_place_without_its_old_attempts() {
        let mut outbox = MemoryOutbox::new();
        outbox.push("a", message(1, "x"));
        outbox.push("a", message(2, "x"));
        outbox.dead(1, "refused").unwrap();
        let letter = outbox.dead_letters().next().unwrap();
        assert_eq!((letter.message.attempts, letter.problem.as_str()), (1, "refused"));
        assert!(outbox.retry(1));
        assert!(!outbox.retry(1));
        assert_eq!(due(&mut outbox, 0), [1]);
        assert_eq!(outbox.due("a", Timestamp::UNIX_EPOCH, 1).unwrap()[0].attempts, 0);
    }
}
