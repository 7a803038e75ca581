//! Messages side by side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::verdict::Verdict;
use crate::{Error, Message};

/// How long is waited for what is on its way once it is to stop.
const GRACE: Duration = Duration::from_millis(500);
/// What is waited between two looks at whether to stop.
const MOMENT: Duration = Duration::from_millis(50);

/// Messages of different lanes, to one target.
pub(crate) struct Batch<'a> {
    pub(crate) messages: Vec<Message>,
    /// How many are on their way at once.
    pub(crate) at_once: usize,
    pub(crate) cancel: &'a AtomicBool,
    /// After so many failures in a row the others are left for another time.
    pub(crate) patience: u32,
}

/// Sends messages side by side, and hands each verdict to `record`, one after the other on this thread, as they come. Ends
/// early where `cancel` says so, where patience is over, where the target asks for it, or where `record` fails.
///
/// What is on its way is waited for, but for a moment only once it is to stop: whoever answers after that is not heard.
pub(crate) fn send(
    batch: Batch<'_>,
    send: impl Fn(&Message) -> Verdict + Send + Sync + 'static,
    mut record: impl FnMut(&Message, Verdict) -> Result<(), Error>,
) -> Result<(), Error> {
    let Batch { messages, at_once, cancel, patience } = batch;
    let (messages, send) = (Arc::new(messages), Arc::new(send));
    let (to, from) = mpsc::channel();
    let (mut next, mut on_their_way, mut failures) = (0, 0, 0_u32);
    let (mut result, mut stopped) = (Ok(()), None);
    loop {
        if stopped.is_none() && cancel.load(Ordering::Relaxed) {
            stopped = Some(Instant::now());
        }
        // Those on their way may fail as well: with a patience of 1, one message tries a target that was away.
        let bears = |on_their_way: usize| failures.saturating_add(count(on_their_way)) < patience;
        while stopped.is_none()
            && result.is_ok()
            && next < messages.len()
            && on_their_way < at_once
            && bears(on_their_way)
        {
            let (to, messages, send) = (to.clone(), Arc::clone(&messages), Arc::clone(&send));
            let attempt = move || {
                let verdict = messages.get(next).map(|message| guarded(|| send(message)));
                // Nobody may be listening any more.
                _ = to.send((next, verdict));
            };
            // Not within a scope: that would wait for it however long it takes.
            if std::thread::Builder::new().name("groundswell-delivery".to_owned()).spawn(attempt).is_err() {
                break;
            }
            (next, on_their_way) = (next + 1, on_their_way + 1);
        }
        if on_their_way == 0 || stopped.is_some_and(|since| since.elapsed() >= GRACE) {
            return result;
        }
        let (index, verdict) = match from.recv_timeout(MOMENT) {
            Ok(answered) => answered,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return result,
        };
        on_their_way -= 1;
        let (Some(verdict), Some(message)) = (verdict, messages.get(index)) else { continue };
        failures = match verdict {
            Verdict::Failed { wait: Some(_), .. } => patience,
            Verdict::Failed { wait: None, .. } => failures.saturating_add(1),
            Verdict::Taken | Verdict::Refused(_) => 0,
        };
        if result.is_ok() {
            result = record(message, verdict);
        }
    }
}

/// What became of it, also where the libraries below panic over what a server says: that must not end what goes to others.
fn guarded(send: impl FnOnce() -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(send)).unwrap_or_else(|_| {
        let problem = "its answer led to a panic, which is a fault of this program; please report it";
        Verdict::Failed { problem: problem.to_owned(), wait: None }
    })
}

fn count(messages: usize) -> u32 {
    u32::try_from(messages).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is recorded of twenty messages, in their order.
    fn recorded(
        at_once: usize,
        patience: u32,
        attempt: impl Fn(&Message) -> Verdict + Send + Sync + 'static,
    ) -> Vec<(u64, Verdict)> {
        let message = |id: u64| Message::new(id, format!("k-{id}"), id.to_string(), "{}");
        let messages: Vec<_> = (1..=20).map(message).collect();
        let cancel = AtomicBool::new(false);
        let batch = Batch { messages, at_once, cancel: &cancel, patience };
        let mut recorded = Vec::new();
        let record = |message: &Message, verdict| {
            recorded.push((message.id, verdict));
            Ok(())
        };
        send(batch, attempt, record).unwrap();
        recorded.sort_by_key(|(id, _)| *id);
        recorded
    }

    #[test]
    fn a_panic_over_one_message_is_a_failure_of_that_message_alone() {
        for at_once in [1, 4] {
            let recorded = recorded(at_once, 5, |message| {
                assert!(message.id != 7, "a fault");
                Verdict::Taken
            });
            assert_eq!(recorded.len(), 20);
            for (id, verdict) in recorded {
                let failed = matches!(&verdict, Verdict::Failed { problem, .. } if problem.contains("panic"));
                assert_eq!((failed, verdict == Verdict::Taken), (id == 7, id != 7), "{id}");
            }
        }
    }

    #[test]
    fn no_more_failures_in_a_row_are_borne_than_there_is_patience() {
        let fails = |_: &Message| Verdict::Failed { problem: String::new(), wait: None };
        assert_eq!(recorded(4, 1, fails).len(), 1, "one message tries a target that was away");
        assert_eq!(recorded(1, 5, fails).len(), 5);
        let every_third = move |message: &Message| {
            if message.id.is_multiple_of(3) { Verdict::Taken } else { fails(message) }
        };
        assert_eq!(recorded(1, 3, every_third).len(), 20, "in a row, not in all");
    }

    #[test]
    fn who_stops_waits_for_a_moment_alone_and_what_is_not_answered_is_not_recorded() {
        let messages = ["a", "b", "c"].map(|lane| Message::new(1, "k", lane, "{}")).to_vec();
        let cancel = Arc::new(AtomicBool::new(false));
        let (begun, release) = (mpsc::channel(), mpsc::channel::<()>());
        let (slow, stop) = (std::sync::Mutex::new((begun.0, release.1)), Arc::clone(&cancel));
        let attempt = move |message: &Message| {
            if message.lane == "a" {
                // It answers after it was to stop, and in time.
                while !stop.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                return Verdict::Taken;
            }
            let slow = slow.lock().unwrap();
            slow.0.send(()).unwrap();
            stop.store(true, Ordering::Relaxed);
            // Until the test is over.
            _ = slow.1.recv();
            Verdict::Taken
        };
        let mut recorded = Vec::new();
        let batch = Batch { messages, at_once: 2, cancel: &cancel, patience: 5 };
        let record = |message: &Message, _| {
            recorded.push(message.lane.clone());
            Ok(())
        };
        send(batch, attempt, record).unwrap();
        assert_eq!(recorded, ["a"], "it came back though the server never answered");
        assert_eq!(begun.1.try_iter().count(), 1, "nothing more was sent");
        drop(release.0);
    }
}
