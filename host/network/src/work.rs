//! How work is done: on how many threads, and until when.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

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

    /// As [`Work::fold`], where what a piece comes to is added to `total` by `merge`, one after the other in the order of
    /// the pieces: nothing depends on who had which.
    pub(crate) fn fold_in_order<S: Send, T: Send>(
        &self,
        pieces: usize,
        state: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, usize) -> Result<(), Error> + Sync,
        total: T,
        merge: impl Fn(&mut T, &mut S) + Sync,
    ) -> Result<T, Error> {
        let next = AtomicUsize::new(0);
        let merged = Mutex::new(Merged { total, next: 0, failed: None });
        let moved_on = Condvar::new();
        let work = || {
            let mut state = state();
            let _wakes = Wakes { merged: &merged, moved_on: &moved_on };
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    break;
                }
                let done = self.check().and_then(|()| each(&mut state, piece));
                let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
                while merged.next < piece && merged.failed.is_none() {
                    merged = moved_on.wait(merged).unwrap_or_else(PoisonError::into_inner);
                }
                if merged.failed.is_some() {
                    break;
                }
                match done {
                    Ok(()) => merge(&mut merged.total, &mut state),
                    Err(error) => merged.failed = Some(error),
                }
                merged.next = piece + 1;
                moved_on.notify_all();
            }
        };
        on_threads(self.of_use(pieces), work);
        let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
        merged.failed.map_or(Ok(merged.total), Err)
    }
}

struct Merged<T> {
    total: T,
    /// The piece whose turn it is.
    next: usize,
    failed: Option<Error>,
}

/// Lets those who wait for a thread go that ends by a panic.
struct Wakes<'a, T> {
    merged: &'a Mutex<Merged<T>>,
    moved_on: &'a Condvar,
}

impl<T> Drop for Wakes<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.merged.lock().unwrap_or_else(PoisonError::into_inner).failed = Some(Error::Stopped);
            self.moved_on.notify_all();
        }
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
            let digits = work.fold_in_order(
                10,
                String::new,
                |text, piece| {
                    *text = piece.to_string();
                    Ok(())
                },
                String::new(),
                |all, text| all.push_str(text),
            );
            assert_eq!(digits.unwrap(), "0123456789");
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
        assert_eq!(work.fold_in_order(9, || (), |(), _| Ok(()), 0, |_, ()| ()), Err(Error::Stopped));
    }

    #[test]
    fn the_first_error_in_the_order_of_pieces_is_the_one_that_is_told() {
        for _ in 0..20 {
            let wrong = |(): &mut (), piece: usize| {
                if piece < 3 { Ok(()) } else { Err(Error::TooManyEdges { rows: piece }) }
            };
            let told = Work::new().threads(4).fold_in_order(50, || (), wrong, (), |(), ()| ());
            assert_eq!(told, Err(Error::TooManyEdges { rows: 3 }));
        }
    }

    #[test]
    fn a_panic_comes_through_and_leaves_nobody_waiting() {
        let panics = std::panic::catch_unwind(|| {
            let each = |(): &mut (), piece| if piece == 2 { panic!("two") } else { Ok(()) };
            Work::new().threads(3).fold_in_order(20, || (), each, (), |(), ()| ())
        });
        assert_eq!(panics.unwrap_err().downcast_ref(), Some(&"two"));
    }
}
