//! Guests on threads of the caller's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use groundswell_runtime::{Error, Limits, RunOptions, Runtime, Workers};

use crate::guests::{component, population, tight};

/// As many threads as are asked for, of one stack size; counts them.
#[derive(Default)]
struct Counting {
    stack_bytes: usize,
    pieces: AtomicUsize,
    most: AtomicUsize,
}

impl Workers for Counting {
    fn run(&self, most: usize, work: &(dyn Fn() + Sync)) {
        self.pieces.fetch_add(1, Ordering::Relaxed);
        self.most.fetch_max(most, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for _ in 0..most {
                let thread = std::thread::Builder::new().stack_size(self.stack_bytes);
                thread.spawn_scoped(scope, work).unwrap();
            }
        });
    }
}

#[test]
fn the_callers_threads_are_used_and_never_more_than_instances_can_live() {
    let limits = Limits { instances: 3, ..tight() };
    let workers = Arc::new(Counting { stack_bytes: limits.thread_stack_bytes(), ..Counting::default() });
    let runtime = Runtime::builder().limits(limits).workers(workers.clone()).build().unwrap();
    let plugin = runtime.load_bytes("good.wasm", component("good")).unwrap();
    assert_eq!((workers.pieces.load(Ordering::Relaxed), workers.most.load(Ordering::Relaxed)), (1, 1));
    let members = population(100, &plugin.scoring().unwrap().inputs);
    let most = |threads, rows| {
        workers.most.store(0, Ordering::Relaxed);
        plugin.score(&members, &RunOptions::new().threads(threads).batch_rows(rows)).unwrap();
        workers.most.load(Ordering::Relaxed)
    };
    assert_eq!(most(2, 10), 2, "as many as asked for");
    assert_eq!(most(8, 60), 2, "no more than batches");
    assert_eq!(most(8, 10), 3, "no more than instances");
    // Loading; then for each of the three runs the row of medians, three steps, and after each what is asked again.
    assert_eq!(workers.pieces.load(Ordering::Relaxed), 1 + 3 * (1 + 3 * 2));
}

#[test]
fn a_thread_with_too_small_a_stack_is_refused() {
    // So small that the system does not hand out a used stack which would suffice.
    let workers = Arc::new(Counting { stack_bytes: 256 << 10, ..Counting::default() });
    let runtime = Runtime::builder().limits(tight()).workers(workers).build().unwrap();
    let error = runtime.load_bytes("good.wasm", component("good")).unwrap_err();
    assert!(matches!(error, Error::Threads(_)) && !error.is_plugin_fault(), "{error}");
    let message = error.to_string();
    assert!(message.starts_with("failed to run guests: a worker thread has "), "{message}");
    assert!(message.ends_with("the stack that `Limits::thread_stack_bytes` names"), "{message}");
}
