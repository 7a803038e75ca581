//! How work is done: on how many threads, and until when.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::Error;

/// On how many threads an algorithm runs, and what tells it to give up.
///
/// One thread and nothing that stops it, until said otherwise. The number of threads changes how long an answer takes,
/// never a bit of it.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use groundswell_network::{Error, Graph, PageRank, Work};
///
/// let cancelled = AtomicBool::new(true); // set by anybody, at any time
/// let stop = || cancelled.load(Ordering::Relaxed);
/// let work = Work::new().threads(4).stop(&stop);
/// let graph = Graph::from_pairs(2, &[(0, 1)])?;
/// assert_eq!(PageRank::new().of(&graph, &work), Err(Error::Stopped));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Work<'a> {
    threads: usize,
    stop: Option<&'a (dyn Fn() -> bool + Sync)>,
}

impl Default for Work<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Work").field("threads", &self.threads).field("stop", &self.stop.is_some()).finish()
    }
}

impl<'a> Work<'a> {
    /// One thread, the caller's, and nothing that stops it.
    pub const fn new() -> Self {
        Self { threads: 1, stop: None }
    }

    /// Uses up to so many threads, the caller's among them; 0 means 1. Small graphs take fewer.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = if threads == 0 { 1 } else { threads };
        self
    }

    /// Asks `stop` every few milliseconds of work, from any of the threads, and ends with [`Error::Stopped`] once it says
    /// yes.
    #[must_use]
    pub const fn stop(mut self, stop: &'a (dyn Fn() -> bool + Sync)) -> Self {
        self.stop = Some(stop);
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.stop.is_some_and(|stop| stop()) { Err(Error::Stopped) } else { Ok(()) }
    }

    /// How many threads are of use for so many pieces.
    pub(crate) fn of_use(&self, pieces: usize) -> usize {
        self.threads.min(pieces).max(1)
    }

    /// Calls `each` with every piece's number, each thread with a state of its own, and hands the states back. What they
    /// hold together must not depend on which thread had which piece.
    pub(crate) fn fold<S: Send>(
        &self,
        pieces: usize,
        state: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, usize) + Sync,
    ) -> Result<Vec<S>, Error> {
        let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            let mut state = state();
            while !stopped.load(Ordering::Relaxed) {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    break;
                }
                if self.check().is_err() {
                    stopped.store(true, Ordering::Relaxed);
                    break;
                }
                each(&mut state, piece);
            }
            state
        };
        let states = on_threads(self.of_use(pieces), work);
        if stopped.into_inner() { Err(Error::Stopped) } else { Ok(states) }
    }

    /// What `each` says of every piece, in the order of the pieces.
    pub(crate) fn map<S: Send, T: Send>(
        &self,
        pieces: usize,
        state: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, usize) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        let done = self.fold(
            pieces,
            || (state(), Vec::new()),
            |(state, done), piece| done.push((piece, each(state, piece))),
        )?;
        let mut all: Vec<(usize, T)> = done.into_iter().flat_map(|(_, done)| done).collect();
        all.sort_unstable_by_key(|(piece, _)| *piece);
        Ok(all.into_iter().map(|(_, answer)| answer).collect())
    }
}

/// Calls `work` on so many threads, the caller's among them; on fewer where the machine has no more.
pub(crate) fn on_threads<S: Send>(threads: usize, work: impl Fn() -> S + Sync) -> Vec<S> {
    std::thread::scope(|scope| {
        let thread =
            || std::thread::Builder::new().name("groundswell-network".to_owned()).spawn_scoped(scope, &work);
        let others: Vec<_> = (1..threads).map_while(|_| thread().ok()).collect();
        let mut states = vec![work()];
        for other in others {
            match other.join() {
                Ok(state) => states.push(state),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        states
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_in_their_order() {
        for threads in [1, 2, 7] {
            let work = Work::new().threads(threads);
            let squares = work.map(100, || (), |(), piece| piece * piece).unwrap();
            assert_eq!(squares, (0..100).map(|piece| piece * piece).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_check_that_says_yes_ends_the_work_on_every_thread() {
        let asked = AtomicUsize::new(0);
        let stop = || asked.fetch_add(1, Ordering::Relaxed) >= 5;
        let work = Work::new().threads(3).stop(&stop);
        let done = AtomicUsize::new(0);
        let each = |(): &mut (), _| {
            done.fetch_add(1, Ordering::Relaxed);
        };
        assert_eq!(work.fold(1_000, || (), each), Err(Error::Stopped));
        assert_eq!(done.into_inner(), 5);
    }

    #[test]
    fn a_panic_comes_through() {
        let panics = std::panic::catch_unwind(|| {
            Work::new().threads(3).fold(20, || (), |(), piece| assert_ne!(piece, 2, "two"))
        });
        assert!(panics.is_err());
    }
}
