//! Messages side by side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::verdict::Verdict;
use crate::{Error, Message};

/// Messages of different lanes, to one target.
pub(crate) struct Batch<'a> {
    pub(crate) messages: &'a [Message],
    /// On how many threads they are sent.
    pub(crate) at_once: usize,
    pub(crate) cancel: &'a AtomicBool,
    /// After so many failures in a row the others are left for another time.
    pub(crate) patience: u32,
}

/// Sends messages side by side, and hands each verdict to `record`, one after the other on this thread, as they come. Ends
/// early where `cancel` says so, where patience is over, where the target asks for it, or where `record` fails; what is on its way is recorded still.
pub(crate) fn send(
    batch: &Batch<'_>,
    send: impl Fn(&Message) -> Verdict + Sync,
    mut record: impl FnMut(&Message, Verdict) -> Result<(), Error>,
) -> Result<(), Error> {
    let (next, stop, failures) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicU32::new(0));
    // Each thread asks before it takes one: with a patience of 1, one message tries a target that was away.
    let (tried, threads) = (&failures, batch.at_once.min(batch.messages.len()).min(patient(batch.patience)));
    let work = |to: mpsc::Sender<(usize, Verdict)>| {
        while !stop.load(Ordering::Relaxed)
            && !batch.cancel.load(Ordering::Relaxed)
            && tried.load(Ordering::Relaxed) < batch.patience
        {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(message) = batch.messages.get(index) else { break };
            let verdict = guarded(|| send(message));
            match verdict {
                Verdict::Failed { wait: Some(_), .. } => tried.store(batch.patience, Ordering::Relaxed),
                Verdict::Failed { wait: None, .. } => _ = tried.fetch_add(1, Ordering::Relaxed),
                Verdict::Taken | Verdict::Refused(_) => tried.store(0, Ordering::Relaxed),
            }
            if to.send((index, verdict)).is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        let (to, from) = mpsc::channel();
        for _ in 0..threads {
            let (to, work) = (to.clone(), &work);
            let thread = std::thread::Builder::new().name("groundswell-delivery".to_owned());
            if thread.spawn_scoped(scope, move || work(to)).is_err() {
                break;
            }
        }
        drop(to);
        let mut result = Ok(());
        for (index, verdict) in from {
            if let (Ok(()), Some(message)) = (&result, batch.messages.get(index)) {
                result = record(message, verdict);
                stop.store(result.is_err(), Ordering::Relaxed);
            }
        }
        result
    })
}

/// What became of it, also where the libraries below panic over what a server says: that must not end what goes to others.
fn guarded(send: impl FnOnce() -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(send)).unwrap_or_else(|_| {
        let problem = "its answer led to a panic, which is a fault of this program; please report it";
        Verdict::Failed { problem: problem.to_owned(), wait: None }
    })
}

/// As many threads as failures are borne.
fn patient(patience: u32) -> usize {
    usize::try_from(patience).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is recorded of twenty messages, in their order.
    fn recorded(
        at_once: usize,
        patience: u32,
        attempt: impl Fn(&Message) -> Verdict + Sync,
    ) -> Vec<(u64, Verdict)> {
        let message = |id: u64| Message::new(id, format!("k-{id}"), id.to_string(), "{}");
        let messages: Vec<_> = (1..=20).map(message).collect();
        let cancel = AtomicBool::new(false);
        let batch = Batch { messages: &messages, at_once, cancel: &cancel, patience };
        let mut recorded = Vec::new();
        let record = |message: &Message, verdict| {
            recorded.push((message.id, verdict));
            Ok(())
        };
        send(&batch, attempt, record).unwrap();
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
        let every_third =
            |message: &Message| if message.id.is_multiple_of(3) { Verdict::Taken } else { fails(message) };
        assert_eq!(recorded(1, 3, every_third).len(), 20, "in a row, not in all");
    }
}
