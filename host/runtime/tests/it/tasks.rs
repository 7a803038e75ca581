//! Work that goes on by itself: waited for, awaited, dropped, panicking.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake};
use std::thread::Thread;

use groundswell_runtime::{Cancel, RunOptions, Task};

use crate::guests::{good, population};

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(std::thread::current())).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Work that begins when it is told to.
fn held<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> (mpsc::Sender<()>, Task<T, String>) {
    let (go, gone) = mpsc::channel();
    let task = Task::start(
        None,
        |error| error.to_string(),
        move |_| {
            gone.recv().unwrap();
            Ok(work())
        },
    );
    (go, task)
}

#[test]
fn a_task_answers_whoever_waits() {
    let (go, task) = held(|| 7);
    assert!(!task.is_finished());
    go.send(()).unwrap();
    assert_eq!(task.wait(), Ok(7));
}

#[test]
fn a_task_wakes_whoever_awaits() {
    let (go, mut task) = held(|| 7);
    let thread = std::thread::current();
    let mut context_of = Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::Pin::new(&mut task).poll(&mut context_of).is_pending(), "nobody has told it to begin");
    std::thread::spawn(move || {
        go.send(()).unwrap();
        drop(thread);
    });
    assert_eq!(block_on(task), Ok(7));
}

#[test]
fn scoring_can_be_awaited() {
    let plugin = good();
    let members = population(50, &plugin.scoring().unwrap().inputs);
    let expected = plugin.score(&members, &RunOptions::new()).unwrap();
    let scored = block_on(plugin.spawn_score(members, RunOptions::new().batch_rows(9))).unwrap();
    assert_eq!(scored.scores, expected.scores);
}

#[test]
fn dropping_a_task_cancels_its_work_and_that_of_nobody_else() {
    let callers = Cancel::new();
    let begin = || {
        let (tell, told) = mpsc::channel();
        let task = Task::<(), String>::start(
            Some(&callers),
            |error| error.to_string(),
            move |cancel| {
                while !cancel.is_cancelled() {
                    std::thread::yield_now();
                }
                tell.send(()).unwrap();
                Ok(())
            },
        );
        (task, told)
    };
    let ((dropped, told), (other, told_other), (third, told_third)) = (begin(), begin(), begin());
    drop(dropped);
    told.recv().unwrap();
    other.cancel();
    told_other.recv().unwrap();
    assert!(!callers.is_cancelled() && !third.is_finished());
    // The caller's own ends what is left.
    callers.cancel();
    told_third.recv().unwrap();
    assert_eq!(third.wait(), Ok(()));
}

#[test]
fn a_task_that_is_done_cancels_nothing() {
    let begin =
        |callers: &Cancel| Task::<Cancel, String>::start(Some(callers), |error| error.to_string(), Ok);
    for wait in [|task: Task<Cancel, String>| task.wait(), |task| block_on(task)] {
        let callers = Cancel::new();
        // What the work answers may go on with what it was given.
        let own = wait(begin(&callers)).unwrap();
        assert!(!callers.is_cancelled() && !own.is_cancelled());
        callers.cancel();
        assert!(own.is_cancelled());
    }
    let callers = Cancel::new();
    let mut task = begin(&callers);
    let own = block_on(&mut task).unwrap();
    assert!(task.is_finished());
    task.cancel();
    drop(task);
    assert!(!own.is_cancelled() && !callers.is_cancelled());
}

#[test]
fn a_panic_of_the_work_comes_out_where_it_is_waited_for() {
    for wait in [|task: Task<(), String>| task.wait(), |task| block_on(task)] {
        let (go, task) = held(|| panic!("the work is bad"));
        go.send(()).unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| wait(task))).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the work is bad"));
    }
}
