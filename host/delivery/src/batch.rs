//! Messages side by side.

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
            let verdict = send(message);
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

/// As many threads as failures are borne.
fn patient(patience: u32) -> usize {
    usize::try_from(patience).unwrap_or(usize::MAX).max(1)
}
