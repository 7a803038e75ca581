//! Where messages wait.

use jiff::Timestamp;

use crate::Message;

/// Where messages wait, each for one target.
///
/// A message waits, is delivered, or is dead. The [`Courier`](crate::Courier) calls [`Outbox::due`], sends what it is given,
/// and says of each message what became of it. What it says must be durable when a call returns: the next thing that
/// happens may be that the process is killed. A process that is killed between an answer and the call that records it sends
/// the message again with the same key, which is what "at least once" means.
///
/// Putting messages in, listing the dead and letting them wait again is the implementor's own: no courier needs it. Whoever
/// lets a dead message wait again keeps its id and its key and sets its attempts to 0. It is the implementor's, too, that
/// one courier at a time works from an outbox: two would send messages twice, and out of order.
///
/// [`MemoryOutbox`](crate::MemoryOutbox) is one that forgets everything with the process, for tests.
pub trait Outbox {
    /// What goes wrong in here. It ends the courier's round.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Up to `most` messages to this target whose time has come by `now`, in the order of their ids.
    ///
    /// A message is not due while one before it in its lane (a smaller id, the same target) is waiting, whether that one's
    /// time has come or not. So there is at most one message of a lane in an answer, and those in it can be sent side by
    /// side. Delivered and dead ones hold up nobody.
    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Message>, Self::Error>;

    /// The message was taken, and is never due again.
    fn delivered(&mut self, id: u64, now: Timestamp) -> Result<(), Self::Error>;

    /// An attempt failed: counts it, and lets the message wait until `at`. `problem` is one line of plain text of at most
    /// [`MOST_PROBLEM`](crate::MOST_PROBLEM) characters, to be kept in place of the one before it.
    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Self::Error>;

    /// The last attempt failed: counts it, and puts the message aside until a person looks at it. `problem` is as in
    /// [`Outbox::later`].
    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Self::Error>;

    /// How many messages to this target wait, and how many are dead.
    fn tally(&mut self, target: &str) -> Result<Tally, Self::Error>;
}

/// How many messages there are to a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Neither delivered nor dead.
    pub waiting: u64,
    /// Put aside until a person looks at them.
    pub dead: u64,
}

impl Tally {
    /// So many of each.
    pub const fn new(waiting: u64, dead: u64) -> Self {
        Self { waiting, dead }
    }
}

impl<O: Outbox + ?Sized> Outbox for &mut O {
    type Error = O::Error;

    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Message>, Self::Error> {
        (**self).due(target, now, most)
    }

    fn delivered(&mut self, id: u64, now: Timestamp) -> Result<(), Self::Error> {
        (**self).delivered(id, now)
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Self::Error> {
        (**self).later(id, at, problem)
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Self::Error> {
        (**self).dead(id, problem)
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Self::Error> {
        (**self).tally(target)
    }
}
