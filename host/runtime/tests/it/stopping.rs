//! Runs that are stopped from outside, in the middle of a call.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use groundswell_runtime::{Cancel, Error, Limits, Plugin, RunOptions, Runtime, Workers};

use crate::guests::{component, population, tight};

/// Says when guests are about to run.
struct Telling(Mutex<Sender<()>>);

impl Workers for Telling {
    fn run(&self, _most: usize, work: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(tight().thread_stack_bytes());
            let told = || {
                self.0.lock().unwrap().send(()).unwrap();
                work();
            };
            thread.spawn_scoped(scope, told).unwrap().join().unwrap();
        });
    }
}

/// A plugin whose calls never end by themselves.
fn endless(runtime: &Runtime) -> Plugin {
    let limits = Limits { fuel_per_call: 1 << 60, wall_millis: 1 << 40, ..tight() };
    let plugin = runtime.load_bytes("spin.wasm", component("spin-in-score")).unwrap();
    plugin.with_limits(limits).unwrap()
}

fn works(runtime: &Runtime) {
    let good = runtime.load_bytes("good.wasm", component("good")).unwrap();
    let members = population(40, &good.scoring().unwrap().inputs);
    assert_eq!(good.score(&members, &RunOptions::new()).unwrap().scores.len(), 40);
}

#[test]
fn cancelling_from_another_thread_ends_a_call_that_would_not_end() {
    let (tell, told) = mpsc::channel();
    let runtime =
        Runtime::builder().limits(tight()).workers(Arc::new(Telling(Mutex::new(tell)))).build().unwrap();
    let plugin = endless(&runtime);
    // Loading ran guests too.
    while told.try_recv().is_ok() {}
    let members = population(40, &plugin.scoring().unwrap().inputs);
    let cancel = Cancel::new();
    let options = RunOptions::new().cancel(cancel.clone());
    let error = std::thread::scope(|scope| {
        let run = scope.spawn(|| plugin.score(&members, &options).unwrap_err());
        told.recv().unwrap();
        cancel.cancel();
        run.join().unwrap()
    });
    assert!(matches!(error, Error::Cancelled) && error.is_stopped() && !error.is_plugin_fault(), "{error}");
    works(&runtime);
    assert!(matches!(plugin.score(&members, &options).unwrap_err(), Error::Cancelled));
}

#[test]
fn a_deadline_ends_a_call_that_would_not_end() {
    let runtime = Runtime::new(tight()).unwrap();
    let plugin = endless(&runtime);
    let members = population(40, &plugin.scoring().unwrap().inputs);
    let options = RunOptions::new().deadline(Instant::now() + Duration::from_millis(300));
    let error = plugin.score(&members, &options).unwrap_err();
    assert!(matches!(error, Error::Deadline) && error.is_stopped() && !error.is_plugin_fault(), "{error}");
    works(&runtime);
}
