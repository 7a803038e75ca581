//! Many tenants in one process.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use groundswell_plugin_build::Builder;
use groundswell_runtime::{Limits, RunOptions, Runtime};

use crate::guests;
use crate::people::members;
use crate::times::timed;

/// A process of its own, so that its memory is that of the tenants alone.
pub(crate) fn tenants() {
    let status = Command::new(std::env::current_exe().unwrap()).arg("run-tenants").status();
    assert!(status.unwrap().success());
}

/// The first plugin, but that it scores for ever.
fn spinner(first: &Path) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let copied = |name: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(first.join(name)).unwrap();
        assert!(from.is_empty() || text.contains(from), "{name} of the first plugin has changed");
        std::fs::write(folder.path().join(name), text.replace(from, to)).unwrap();
    };
    let sdk = first.join("../../../plugins/sdk").canonicalize().unwrap();
    copied("Cargo.toml", "../../../plugins/sdk", sdk.to_str().unwrap());
    copied("Cargo.lock", "", "");
    copied(
        "src/lib.rs",
        "Ok(members.number(\"answers\").to_vec())",
        "loop { std::hint::black_box(members); }",
    );
    Builder::new(folder.path()).build().unwrap().bytes
}

/// A hundred tenants with three plugins each, all of them different components, before and beside a hostile one.
pub(crate) fn run() {
    const TENANTS: usize = 100;
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:").map(str::trim).map(str::to_owned));
        line.unwrap_or_else(|| "not told by this system".to_owned())
    };
    let folder = guests::first();
    let first = Builder::new(&folder).build().unwrap();
    let spinner = spinner(&folder);
    let runtime = Runtime::new(Limits::new()).unwrap();
    let before = memory();
    let (took, plugins) = timed(|| {
        let plugins = (0..3 * TENANTS).map(|at| {
            // A custom section makes each of them a component of its own.
            let mut bytes = first.bytes.clone();
            bytes.extend([0, 11, 6]);
            bytes.extend(b"tenant");
            bytes.extend((at as u32).to_le_bytes());
            runtime.load_bytes("tenant", &bytes).unwrap()
        });
        plugins.collect::<Vec<_>>()
    });
    println!("{TENANTS} tenants with 3 plugins each, a thousand members a run:");
    println!("  {} plugins loaded: {took:.1?}; memory {before} before, {} after", plugins.len(), memory());
    let people = members(1_000, &plugins[0].scoring().unwrap().inputs, true);
    let round = || {
        let mut times: Vec<Duration> = plugins
            .iter()
            .map(|plugin| timed(|| plugin.score(&people, &RunOptions::new().threads(1)).unwrap()).0)
            .collect();
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    };
    round();
    let (alone, slowest) = round();
    let hostile = runtime.load_bytes("spinner", &spinner).unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    let (beside, slowest_beside) = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                let people = members(1_000, &hostile.scoring().unwrap().inputs, true);
                hostile.score(&people, &RunOptions::new().threads(1)).unwrap_err();
            }
        });
        let told = round();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        told
    });
    println!("  a run alone: {alone:.1?} in the middle, {slowest:.1?} at the 99th percentile");
    println!(
        "  beside a plugin that spins: {beside:.1?} = {:.2} ×, {slowest_beside:.1?} at the 99th percentile; memory {}",
        beside.as_secs_f64() / alone.as_secs_f64(),
        memory()
    );
}
