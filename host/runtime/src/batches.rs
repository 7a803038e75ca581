//! Work on batches, on threads whose stacks are large enough for a guest.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::{Error, RunOptions, Step};

/// What the host's own frames need beside the guest's stack, in bytes.
const HOST_STACK: usize = 2 << 20;

/// Runs one piece of work on a thread with a stack for a guest of `guest_stack` bytes.
pub(crate) fn on_guest_thread<T: Send>(
    guest_stack: usize,
    work: impl FnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let thread = guest_thread(guest_stack).spawn_scoped(scope, work).map_err(no_thread)?;
        thread.join().unwrap_or_else(|_| Err(died()))
    })
}

/// Runs `work` for every batch of `rows` members and returns its answers in order.
///
/// Batches are handed out in order, so the error of the first failing batch is the one returned, at any
/// number of threads.
pub(crate) fn for_each_batch<T: Send>(
    rows: usize,
    guest_stack: usize,
    options: &RunOptions,
    step: Step,
    work: impl Fn(Range<usize>) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let size = options.rows_a_batch();
    let total = rows.div_ceil(size);
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let answers = Mutex::new(Vec::with_capacity(total));
    let worker = || {
        while !failed.load(Ordering::Relaxed) {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            if batch >= total {
                return;
            }
            let first = batch * size;
            let answer = work(first..rows.min(first + size));
            failed.fetch_or(answer.is_err(), Ordering::Relaxed);
            if let Ok(mut answers) = answers.lock() {
                answers.push((batch, answer));
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if let Some(progress) = &options.progress {
                progress(step, done, total);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.thread_count().min(total))
            .map(|_| guest_thread(guest_stack).spawn_scoped(scope, worker))
            .collect();
        threads.into_iter().try_for_each(|thread| thread.map_err(no_thread)?.join().map_err(|_| died()))
    })?;
    let mut answers = answers.into_inner().map_err(|_| died())?;
    answers.sort_unstable_by_key(|(batch, _)| *batch);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn guest_thread(guest_stack: usize) -> std::thread::Builder {
    std::thread::Builder::new().name("groundswell-guest".to_owned()).stack_size(guest_stack + HOST_STACK)
}

fn no_thread(error: std::io::Error) -> Error {
    Error::Engine(format!("no thread can be started: {error}"))
}

fn died() -> Error {
    Error::Engine("a worker thread panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rows: usize, threads: usize, bad: &[usize]) -> Result<Vec<Range<usize>>, Error> {
        let options = RunOptions::new().threads(threads).batch_rows(10);
        for_each_batch(rows, 64 << 10, &options, Step::Score, |range| {
            if bad.contains(&range.start) {
                return Err(Error::Engine(format!("batch at {}", range.start)));
            }
            Ok(range)
        })
    }

    #[test]
    fn batches_cover_all_rows_once_and_in_order() {
        assert_eq!(run(25, 3, &[]).unwrap(), [0..10, 10..20, 20..25]);
        assert!(run(0, 2, &[]).unwrap().is_empty());
    }

    #[test]
    fn the_first_failing_batch_is_the_one_reported() {
        for threads in 1..4 {
            let error = run(200, threads, &[50, 60, 190]).unwrap_err().to_string();
            assert!(error.ends_with("batch at 50"), "{error}");
        }
    }
}
