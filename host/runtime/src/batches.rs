//! Work on batches, on threads whose stacks are large enough for a guest.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::trace::Scope;
use crate::workers::check_stack;
use crate::{Error, RunOptions, Runtime, Step};

/// Runs one piece of work on a thread with a stack for a guest.
pub(crate) fn on_guest_thread<T: Send>(
    runtime: &Runtime,
    work: impl FnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    let work = Mutex::new(Some(work));
    let answer = Mutex::new(None);
    let scope = Scope::here();
    runtime.workers().run(1, &|| {
        // Whoever comes first does it.
        let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(work) = work {
            let done = check_stack(runtime.limits().stack_bytes).and_then(|()| scope.enter(work));
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        }
    });
    answer.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| Err(nobody()))
}

/// The batches of `rows` members, of `size` each.
pub(crate) fn batches(rows: usize, size: usize) -> Vec<Range<usize>> {
    (0..rows.div_ceil(size)).map(|batch| batch * size..rows.min((batch + 1) * size)).collect()
}

/// Runs `work` for every one of these batches and returns its answers in order. Each thread keeps a state of its
/// own from batch to batch.
///
/// Batches are handed out in order, so the error of the first failing batch is the one returned, at any
/// number of threads.
pub(crate) fn for_each_batch<S: Default, T: Send>(
    runtime: &Runtime,
    options: &RunOptions,
    batches: &[Range<usize>],
    step: Option<Step>,
    work: impl Fn(&mut S, Range<usize>) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let total = batches.len();
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let answers = Mutex::new(Vec::with_capacity(total));
    let guest_stack = runtime.limits().stack_bytes;
    let worker = || {
        let mut state = S::default();
        while !failed.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(place) else { return };
            let answer = options
                .stop
                .check()
                .and_then(|()| check_stack(guest_stack))
                .and_then(|()| work(&mut state, batch.clone()));
            failed.fetch_or(answer.is_err(), Ordering::Relaxed);
            answers.lock().unwrap_or_else(PoisonError::into_inner).push((place, answer));
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if let (Some(progress), Some(step)) = (&options.progress, step) {
                progress(step, done, total);
            }
        }
    };
    if total > 0 {
        let instances = runtime.limits().instances as usize;
        let scope = Scope::here();
        let threads = options.thread_count().min(total).min(instances);
        runtime.workers().run(threads, &|| scope.enter(worker));
    }
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_unstable_by_key(|(place, _)| *place);
    let whole = answers.len() == total;
    let answers: Vec<T> = answers.into_iter().map(|(_, answer)| answer).collect::<Result<_, _>>()?;
    if whole { Ok(answers) } else { Err(nobody()) }
}

fn nobody() -> Error {
    Error::Threads("no thread could be had, or `Workers` returned before its work was done".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn run(rows: usize, threads: usize, bad: &[usize]) -> Result<Vec<Range<usize>>, Error> {
        let runtime = Runtime::new(Limits { instances: 1, ..Limits::new() }).unwrap();
        let options = RunOptions::new().threads(threads);
        for_each_batch(&runtime, &options, &batches(rows, 10), None, |_: &mut (), range| {
            if bad.contains(&range.start) {
                return Err(Error::Threads(format!("batch at {}", range.start)));
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
