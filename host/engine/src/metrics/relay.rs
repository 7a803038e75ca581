//! Chunks on their way through kernels, on several threads.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::kernels::Kernel;
use super::scan::Chunk;
use crate::Error;

/// How many chunks may lie between the first that a kernel has yet to see and the last that was read.
const AHEAD: usize = 8;

/// Shows each kernel all chunks one after the other, so that its answer does not depend on the number of threads. Different kernels,
/// and the reading of what comes next, share the threads: one that takes long over a chunk holds up nobody until the
/// others are [`AHEAD`] of it.
pub(super) struct Relay<'r, 'k> {
    state: Mutex<State<'r, 'k>>,
    changed: Condvar,
}

struct State<'r, 'k> {
    read: Option<Read<'r>>,
    lanes: Vec<Lane<'r, 'k>>,
    /// Those that some kernel has yet to see.
    chunks: VecDeque<Arc<Chunk>>,
    /// The number of the first of them.
    first: usize,
    /// Nothing more is to be read.
    over: bool,
    failed: Option<Error>,
    /// A thread panicked: nobody should wait for what it has.
    lost: bool,
}

/// Reads the next chunk; `None` after the last one.
type Read<'r> = Box<dyn FnMut() -> Result<Option<Chunk>, Error> + Send + 'r>;

/// A kernel, and the number of the next chunk that it has to see.
struct Lane<'r, 'k> {
    /// `None` while a thread is at it.
    kernel: Option<&'r mut Box<dyn Kernel + 'k>>,
    next: usize,
}

/// What a thread does next.
enum Task<'r, 'k> {
    Read(Read<'r>),
    Show(usize, &'r mut Box<dyn Kernel + 'k>, Arc<Chunk>),
    Wait,
    Nothing,
}

impl<'r, 'k> Relay<'r, 'k> {
    pub(super) fn new(
        kernels: &'r mut [Box<dyn Kernel + 'k>],
        read: impl FnMut() -> Result<Option<Chunk>, Error> + Send + 'r,
    ) -> Self {
        let lanes = kernels.iter_mut().map(|kernel| Lane { kernel: Some(kernel), next: 0 }).collect();
        let state = State {
            read: Some(Box::new(read)),
            lanes,
            chunks: VecDeque::new(),
            first: 0,
            over: false,
            failed: None,
            lost: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Reads and shows everything on so many threads.
    pub(super) fn run(self, threads: usize) -> Result<(), Error> {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work());
            }
            self.work();
        });
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.failed.map_or(Ok(()), Err)
    }

    fn lock(&self) -> MutexGuard<'_, State<'r, 'k>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let _told = Told(self);
        let mut state = self.lock();
        loop {
            match state.task() {
                Task::Nothing => return,
                Task::Wait => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Task::Read(mut read) => {
                    drop(state);
                    let next = read();
                    state = self.lock();
                    state.read = Some(read);
                    match next {
                        Ok(Some(chunk)) => {
                            state.chunks.push_back(Arc::new(chunk));
                            state.forget();
                        }
                        Ok(None) => state.over = true,
                        Err(error) => state.failed = Some(error),
                    }
                    self.changed.notify_all();
                }
                Task::Show(lane, kernel, chunk) => {
                    drop(state);
                    kernel.observe(&chunk);
                    state = self.lock();
                    state.seen(lane, kernel);
                    self.changed.notify_all();
                }
            }
        }
    }
}

impl<'r, 'k> State<'r, 'k> {
    fn task(&mut self) -> Task<'r, 'k> {
        if self.lost || self.failed.is_some() {
            return Task::Nothing;
        }
        if self.chunks.len() < AHEAD
            && !self.over
            && let Some(read) = self.read.take()
        {
            return Task::Read(read);
        }
        // Whoever is furthest behind holds up the others soonest.
        let idle = self.lanes.iter_mut().enumerate().filter(|(_, lane)| lane.kernel.is_some());
        if let Some((number, lane)) = idle.min_by_key(|(_, lane)| lane.next)
            && let Some(chunk) = self.chunks.get(lane.next - self.first)
            && let Some(kernel) = lane.kernel.take()
        {
            return Task::Show(number, kernel, Arc::clone(chunk));
        }
        // Where a kernel is out, it may have more to see.
        let done = self.over && self.lanes.iter().all(|lane| lane.kernel.is_some());
        if done { Task::Nothing } else { Task::Wait }
    }

    /// A kernel has seen its next chunk.
    fn seen(&mut self, lane: usize, kernel: &'r mut Box<dyn Kernel + 'k>) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.kernel = Some(kernel);
            lane.next += 1;
        }
        self.forget();
    }

    /// Lets go of the chunks that everybody has seen.
    fn forget(&mut self) {
        let all = self.first + self.chunks.len();
        let seen_by_all = self.lanes.iter().map(|lane| lane.next).min().unwrap_or(all);
        while self.first < seen_by_all {
            self.chunks.pop_front();
            self.first += 1;
        }
    }
}

/// Tells the other threads where this one panics: what it was at never comes back.
struct Told<'t, 'r, 'k>(&'t Relay<'r, 'k>);

impl Drop for Told<'_, '_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().lost = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::kernels::{Found, Needs};

    /// Notes when the chunks began that it saw.
    struct Noting(Vec<i64>, Option<i64>);

    impl Kernel for Noting {
        fn needs(&self) -> Needs {
            Needs::default()
        }

        fn observe(&mut self, chunk: &Chunk) {
            assert_ne!(self.1, Some(chunk.at[0]), "what was not to be seen");
            self.0.push(chunk.at[0]);
        }

        fn finish(self: Box<Self>, found: &mut Found) {
            let key = crate::metrics::fact::Fact::Burstiness;
            let seen = self.0.into_iter().map(|at| at as f64);
            found.numbers.entry(key).or_default().extend(seen);
        }
    }

    fn shown(threads: usize, chunks: i64, fails_at: i64) -> (Result<(), Error>, Vec<f64>) {
        let mut kernels: Vec<Box<dyn Kernel>> =
            (0..5).map(|_| Box::new(Noting(Vec::new(), None)) as _).collect();
        let mut next = 0..;
        let read = || match next.next() {
            Some(at) if at == fails_at => Err(Error::Metrics("no more".into())),
            Some(at) if at < chunks => Ok(Some(Chunk { at: vec![at], ..Chunk::default() })),
            _ => Ok(None),
        };
        let ran = Relay::new(&mut kernels, read).run(threads);
        let mut found = Found::default();
        kernels.into_iter().for_each(|kernel| kernel.finish(&mut found));
        (ran, found.numbers.into_values().flatten().collect())
    }

    #[test]
    fn every_kernel_sees_every_chunk_in_order() {
        for threads in [1, 2, 7] {
            for chunks in [0, 1, 50] {
                let (ran, seen) = shown(threads, chunks, -1);
                ran.unwrap();
                let once: Vec<f64> = (0..chunks).map(|at| at as f64).collect();
                assert_eq!(seen, once.repeat(5), "{chunks} chunks on {threads} threads");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_ends_it() {
        for threads in [1, 3] {
            let (ran, seen) = shown(threads, 50, 20);
            assert_eq!(ran.unwrap_err().to_string(), Error::Metrics("no more".into()).to_string());
            assert!(seen.iter().all(|at| *at < 20.0));
        }
    }

    #[test]
    fn a_panic_holds_up_nobody() {
        let mut kernels: Vec<Box<dyn Kernel>> =
            (0..4).map(|at| Box::new(Noting(Vec::new(), (at == 2).then_some(9))) as _).collect();
        let mut next = 0..100;
        let read = || Ok(next.next().map(|at| Chunk { at: vec![at], ..Chunk::default() }));
        let relay = Relay::new(&mut kernels, read);
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| relay.run(3)));
        assert!(ran.is_err());
    }
}
