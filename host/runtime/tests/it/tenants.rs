//! Many communities in one process, and a hostile one among them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use groundswell_runtime::{Limits, Mode, Plugin, RunOptions, Runtime, Scored};

use crate::guests::{bits, homemade, population, regulars};

const TENANTS: usize = 100;
const THREADS: usize = 8;

/// Ends the attacks, also where a tenant was changed.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Everything of a run, bit for bit.
fn findings(scored: &Scored) -> (Vec<u64>, &[u32], &[u32]) {
    (bits(scored), &scored.ranks, &scored.tiers)
}

#[test]
fn runtimes_side_by_side_keep_to_their_own_limits() {
    let small = Limits { fuel_per_call: 1_000, fuel_per_row: 0, instances: 1, ..Limits::new() };
    let runtimes = [
        Runtime::new(Limits::new()).unwrap(),
        Runtime::builder().mode(Mode::Fast).build().unwrap(),
        Runtime::builder().mode(Mode::Fast).limits(Limits { instances: 2, ..Limits::new() }).build().unwrap(),
    ];
    let bounded = Runtime::new(Limits { fuel_per_call: 50_000_000, ..small.clone() }).unwrap();
    // Describing itself is allowed what scoring is not.
    let bounded = bounded.load_bytes("regulars", regulars()).unwrap().with_limits(small).unwrap();
    let plugins: Vec<Plugin> =
        runtimes.iter().map(|runtime| runtime.load_bytes("regulars", regulars()).unwrap()).collect();
    let members = population(500, &bounded.scoring().unwrap().inputs);
    let run = |plugin: &Plugin| plugin.score(&members, &RunOptions::new().threads(2).batch_rows(64));
    let told: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            plugins.iter().chain([&bounded]).map(|plugin| scope.spawn(|| run(plugin))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let [strict, others @ .., bounded] = told.as_slice() else { unreachable!("four were asked") };
    let strict = findings(strict.as_ref().unwrap());
    for other in others {
        assert_eq!(findings(other.as_ref().unwrap()), strict);
    }
    assert!(bounded.as_ref().unwrap_err().is_limit());
}

#[test]
fn a_hostile_plugin_changes_nothing_of_a_hundred_tenants_with_three_plugins_each() {
    let limits = Limits { fuel_per_call: 50_000_000, instances: 4 * THREADS as u32, ..Limits::new() };
    let runtime = Runtime::new(limits).unwrap();
    let load = |name: &str, bytes: &[u8]| runtime.load_bytes(name, bytes).unwrap();
    let score =
        |body: &str| format!("fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {{ {body} }}");
    let talking = "log::info(\"scored\"); Ok(members.number(0).to_vec())";
    let plugins = [
        load("regulars", regulars()),
        load("plain", homemade("plain", &score("Ok(members.number(0).to_vec())"))),
        load("talking", homemade("talking", &score(talking))),
    ];
    let hostile =
        load("endless", homemade("endless", &score("let _ = members; loop { std::hint::spin_loop() }")));
    let run = |plugin: &Plugin, tenant: usize| {
        let members = population(20 + tenant, &plugin.scoring().unwrap().inputs);
        plugin.score(&members, &RunOptions::new().threads(1).batch_rows(16))
    };
    let alone: Vec<Vec<Scored>> = (0..TENANTS)
        .map(|tenant| plugins.iter().map(|plugin| run(plugin, tenant).unwrap()).collect())
        .collect();

    let (next, over, attacks) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let error = run(&hostile, 1).unwrap_err();
                assert!(error.is_plugin_fault() && error.is_limit(), "{error}");
                assert_eq!(error.plugin().unwrap().name, "endless");
                attacks.fetch_add(1, Ordering::Relaxed);
            }
        });
        // The others begin beside the second attack.
        while attacks.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        let _over = Over(&over);
        let workers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(alone) = alone.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let tenant = alone.first().unwrap().scores.len() - 20;
                        for (plugin, before) in plugins.iter().zip(alone) {
                            assert_eq!(
                                findings(&run(plugin, tenant).unwrap()),
                                findings(before),
                                "tenant {tenant}"
                            );
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
}
