//! Work that goes on while its caller does something else.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::trace::Scope;
use crate::{Cancel, Error};

/// Work on a thread of its own. Await it in any executor (it holds up none of its threads), or
/// [`wait`](Self::wait) for it where there is none.
///
/// Dropping it before the work is done cancels this work alone, whoever else has the [`Cancel`] that it was begun with; the
/// thread ends within some tens of milliseconds. Once the work is done nothing is cancelled any more.
///
/// # Panics
///
/// A panic of the work comes out where it is awaited.
#[must_use = "dropping a task cancels it"]
pub struct Task<T, E = Error> {
    shared: Arc<Shared<T, E>>,
    /// Of this work alone.
    cancel: Cancel,
}

struct Shared<T, E> {
    state: Mutex<State<T, E>>,
    done: Condvar,
}

struct State<T, E> {
    /// Until it is taken.
    answer: Option<std::thread::Result<Result<T, E>>>,
    /// Whether there is or was an answer.
    finished: bool,
    waker: Option<Waker>,
}

impl<T: Send + 'static, E: Send + 'static> Task<T, E> {
    /// Starts work that ends early once what it is handed is used, which it is where `callers` is. `no_thread` makes the error
    /// where no thread can be had.
    #[doc(hidden)]
    pub fn start(
        callers: Option<&Cancel>,
        no_thread: impl FnOnce(std::io::Error) -> E,
        work: impl FnOnce(Cancel) -> Result<T, E> + Send + 'static,
    ) -> Self {
        let cancel = callers.map_or_else(Cancel::new, Cancel::child);
        let state = State { answer: None, finished: false, waker: None };
        let shared = Arc::new(Shared { state: Mutex::new(state), done: Condvar::new() });
        let told = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("groundswell-task".to_owned());
        let scope = Scope::here();
        let own = cancel.clone();
        let work = move || scope.enter(move || work(own));
        let started = thread.spawn(move || told.finish(catch_unwind(AssertUnwindSafe(work))));
        if let Err(error) = started {
            shared.finish(Ok(Err(no_thread(error))));
        }
        Self { shared, cancel }
    }

    /// Waits for the answer, holding up this thread.
    ///
    /// # Errors
    ///
    /// Those of the work; that it was cancelled, where it was.
    pub fn wait(self) -> Result<T, E> {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self
            .shared
            .done
            .wait_while(state, |state| state.answer.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        match state.answer.take() {
            Some(answer) => answer.unwrap_or_else(|panic| resume_unwind(panic)),
            None => unreachable!("waited until there was an answer"),
        }
    }
}

impl<T, E> Task<T, E> {
    /// Asks this work, and no other, to end early; its answer then says so. Work that is done stays done.
    pub fn cancel(&self) {
        // Under the lock: what came of the work may hold on to it, and must not be cancelled with it.
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.finished {
            self.cancel.cancel();
        }
    }

    /// Whether the work is done.
    pub fn is_finished(&self) -> bool {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).finished
    }
}

impl<T, E> Shared<T, E> {
    fn finish(&self, answer: std::thread::Result<Result<T, E>>) {
        let waker = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.answer = Some(answer);
            state.finished = true;
            state.waker.take()
        };
        self.done.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T, E> Future for Task<T, E> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.answer.take() {
            Some(answer) => {
                drop(state);
                Poll::Ready(answer.unwrap_or_else(|panic| resume_unwind(panic)))
            }
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T, E> Drop for Task<T, E> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<T, E> std::fmt::Debug for Task<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("is_finished", &self.is_finished()).finish_non_exhaustive()
    }
}
