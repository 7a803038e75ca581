//! Cold and cached start, and fresh instances.

use groundswell_runtime::{Cache, Mode, Origin, RunOptions, Runtime};

use crate::guests;
use crate::people::members;
use crate::sandbox::{Sandboxed, score};
use crate::times::{ROUNDS, Times, median, timed};

/// Members of a first run.
const FEW: usize = 1_000;
/// Instances that are made in a row.
const INSTANCES: usize = 20_000;

pub(crate) fn start() {
    let bytes = groundswell_plugins::REGULARS;
    let plain = || Runtime::builder().mode(Mode::Strict).build().unwrap();
    let runtime = plain();
    let inputs = runtime.load_bytes("regulars", bytes).unwrap().scoring().unwrap().inputs.clone();
    let people = members(FEW, &inputs, true);
    let options = RunOptions::new().threads(1);
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("compiled")).unwrap();
    let cached = || Runtime::builder().cache(cache.clone()).build().unwrap();
    assert_eq!(*cached().load_bytes("regulars", bytes).unwrap().origin(), Origin::Compiled);

    println!("\nregulars, {} kB, strict, the median of {ROUNDS}:", bytes.len() / 1_000);
    println!("  an engine: {:.1?}", median(ROUNDS, || timed(plain).0));
    println!(
        "  loaded, nothing compiled yet: {:.1?}",
        median(ROUNDS, || timed(|| runtime.load_bytes("regulars", bytes).unwrap()).0)
    );
    println!(
        "  from nothing to the scores of {FEW} members, nothing compiled: {:.1?}",
        median(ROUNDS, || {
            timed(|| plain().load_bytes("regulars", bytes).unwrap().score(&people, &options).unwrap()).0
        })
    );
    let (one, mut loads) = (cached(), 0);
    println!(
        "  loaded from the compiled cache: {:.2?}",
        median(ROUNDS, || {
            let (time, plugin) = timed(|| one.load_bytes("regulars", bytes).unwrap());
            assert_eq!(*plugin.origin(), Origin::Cached);
            loads += 1;
            time
        })
    );
    assert_eq!(loads, ROUNDS);
    println!(
        "  from nothing to the scores of {FEW} members, from the compiled cache: {:.1?}",
        median(ROUNDS, || {
            timed(|| cached().load_bytes("regulars", bytes).unwrap().score(&people, &options).unwrap()).0
        })
    );
    instances();
}

fn instances() {
    let components = guests::components();
    let nothing = Sandboxed::load("nothing", guests::named(&components, "nothing"));
    let regulars = Sandboxed::load("regulars", groundswell_plugins::REGULARS);
    println!("fresh instances, each asked about one member:");
    for (title, plugin) in [("fitting nothing", &nothing), ("regulars, fitted", &regulars)] {
        let people = members(INSTANCES, &plugin.strict.scoring().unwrap().inputs, true);
        let mut times = <[Times; 2]>::default();
        for _ in 0..ROUNDS {
            for (threads, times) in (1..).zip(&mut times) {
                times.add(score(&plugin.strict, &people, 1, threads));
            }
        }
        let [one, two] = times.map(|times| times.median());
        println!(
            "  {title}: {:.1} µs = {:.0} a second on one thread, {:.0} on two",
            one / 1e3,
            1e9 / one,
            1e9 / two
        );
    }
}
