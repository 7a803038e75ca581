//! Groundswell's own runtime, timed from batch to batch.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use groundswell_runtime::{Cancel, Error, Limits, Mode, Plugin, Population, RunOptions, Runtime, Step};

use crate::times::{each, middle};

/// A plugin in both modes.
pub(crate) struct Sandboxed {
    pub(crate) strict: Plugin,
    pub(crate) fast: Plugin,
}

impl Sandboxed {
    pub(crate) fn load(label: &str, bytes: &[u8]) -> Self {
        let load = |mode| {
            let runtime = Runtime::builder().mode(mode).limits(Limits::new()).build().unwrap();
            runtime.load_bytes(label, bytes).unwrap()
        };
        Self { strict: load(Mode::Strict), fast: load(Mode::Fast) }
    }

    pub(crate) fn in_mode(&self, mode: Mode) -> &Plugin {
        match mode {
            Mode::Strict => &self.strict,
            Mode::Fast => &self.fast,
        }
    }
}

/// Nanoseconds that a batch takes to score: the middle one of all but the first. On several threads, the mean. Ends the run thereafter.
pub(crate) fn score(plugin: &Plugin, members: &Population, size: usize, threads: usize) -> f64 {
    let seen = Arc::new(Mutex::new(Vec::with_capacity(members.rows() / size + 1)));
    let (told, cancel) = (Arc::clone(&seen), Cancel::new());
    let enough = cancel.clone();
    let options = RunOptions::new().threads(threads).batch_rows(size).cancel(cancel);
    let options = options.progress(Arc::new(move |step, done, total| {
        if step == Step::Score {
            told.lock().unwrap().push(Instant::now());
            if done == total {
                enough.cancel();
            }
        }
    }));
    assert!(matches!(plugin.score(members, &options), Err(Error::Cancelled)));
    let seen = seen.lock().unwrap();
    if threads == 1 { of_one(&seen) } else { each(seen[seen.len() - 1] - seen[0], seen.len() - 1) }
}

/// Nanoseconds that a batch takes to be placed, and to be explained.
pub(crate) fn place_and_explain(plugin: &Plugin, members: &Population, size: usize) -> [f64; 2] {
    let seen = Arc::new(Mutex::new([const { Vec::new() }; 2]));
    let told = Arc::clone(&seen);
    let options = RunOptions::new().threads(1).batch_rows(size).progress(Arc::new(move |step, _, _| {
        let mut told = told.lock().unwrap();
        match step {
            Step::Score => {}
            Step::Place => told[0].push(Instant::now()),
            _ => told[1].push(Instant::now()),
        }
    }));
    plugin.score(members, &options).unwrap();
    let seen = seen.lock().unwrap();
    seen.each_ref().map(|times| of_one(times))
}

/// The middle one of the times from one batch to the next, in nanoseconds.
fn of_one(times: &[Instant]) -> f64 {
    middle(times.windows(2).map(|pair| each(pair[1] - pair[0], 1)).collect())
}
