//! The threads that guests run on.

use crate::Error;

/// What the host's own frames need beside the guest's stack, in bytes.
const HOST_STACK: usize = 2 << 20;

/// Where guests run: threads of the caller's, such as those of a pool that other work shares.
///
/// ```
/// use std::sync::Arc;
///
/// use groundswell_runtime::{Runtime, Workers};
///
/// /// One thread after the other: the one that asked.
/// struct Here;
///
/// impl Workers for Here {
///     fn run(&self, _most: usize, work: &(dyn Fn() + Sync)) {
///         work();
///     }
/// }
///
/// let runtime = Runtime::builder().workers(Arc::new(Here)).build()?;
/// # let _ = runtime;
/// # Ok::<(), groundswell_runtime::Error>(())
/// ```
///
/// # Stacks
///
/// Each thread needs [`Limits::thread_stack_bytes`](crate::Limits::thread_stack_bytes) of stack: a guest that
/// overflowed a smaller one would end the process. The runtime looks before it runs a guest, and refuses a thread
/// with less, where the system tells how much there is.
pub trait Workers: Send + Sync {
    /// Calls `work` on up to `most` threads at once, and on at least one; returns when every call has returned.
    /// Calls share the work among them, so more of them than threads do no harm and fewer are slower only.
    fn run(&self, most: usize, work: &(dyn Fn() + Sync));
}

/// Threads of their own for every piece of work, with stacks that suffice.
pub(crate) struct OwnThreads {
    pub(crate) stack_bytes: usize,
}

impl Workers for OwnThreads {
    fn run(&self, most: usize, work: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            let thread = || {
                std::thread::Builder::new()
                    .name("groundswell-guest".to_owned())
                    .stack_size(self.stack_bytes)
                    .spawn_scoped(scope, work)
            };
            // A machine out of threads does what it can with those it has; nobody at all is noticed by the caller.
            let threads: Vec<_> = (0..most).map_while(|_| thread().ok()).collect();
            for thread in threads {
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
    }
}

/// The stack that a thread needs for guests with a stack of `guest` bytes.
pub(crate) const fn thread_stack(guest: usize) -> usize {
    guest.saturating_add(HOST_STACK)
}

/// Refuses a thread on which a guest could run over the end of the stack.
pub(crate) fn check_stack(guest: usize) -> Result<(), Error> {
    // Half of the host's part may be in use by the time a guest runs.
    let needed = guest.saturating_add(HOST_STACK / 2);
    match stacker::remaining_stack() {
        Some(left) if left < needed => Err(Error::Threads(format!(
            "a worker thread has {left} bytes of stack left, guests need {needed}; give the threads of `Workers` the \
             stack that `Limits::thread_stack_bytes` names"
        ))),
        _ => Ok(()),
    }
}
