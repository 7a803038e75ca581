//! What needs the data engine: whole runs, from files to results, and metrics. What needs none is measured by `host/bench`.
//!
//! `cargo xtask bench` prints both; `host/bench/README.md` says how they are measured, and what came out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program for developers, whose numbers are small"
)]

mod duckdb;
mod folder;
mod growth;
mod made;
mod metrics;
mod plot;
mod runs;
mod times;

use std::path::Path;

use groundswell::Host;
use groundswell_bench_peers::Missing;

/// How many activities metrics are measured over.
const ACTIVITIES: u64 = 10_000_000;
/// How many activities whole runs are measured over; the last one is asked for by name.
const GROWTH: [u64; 4] = [100_000, 1_000_000, 10_000_000, 100_000_000];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run-and-report", community] => runs::run_and_report(Path::new(community)),
        [] => all(&["beer", "million", "simulate", "metrics", "growth"]),
        parts => all(parts),
    }
}

/// Measures parts, those too after one for which something is missing.
fn all(parts: &[&str]) {
    let mut whole = true;
    for part in parts {
        if let Err(missing) = measure(part) {
            eprintln!("{part}: {missing}");
            whole = false;
        }
    }
    if !whole {
        std::process::exit(2);
    }
}

/// Measures a part; `NAME=1000000` measures it over so many activities.
fn measure(part: &str) -> Result<(), Missing> {
    let (name, sizes) = part.split_once('=').unwrap_or((part, ""));
    let sizes: Vec<u64> = sizes.split(',').filter_map(|size| size.parse().ok()).collect();
    match (name, sizes.as_slice()) {
        ("beer", []) => runs::beer(),
        ("million", []) => runs::million(),
        ("simulate", []) => runs::simulate(),
        ("metrics", []) => return metrics::metrics(ACTIVITIES),
        ("metrics", [activities]) => return metrics::metrics(*activities),
        ("growth", []) => return growth::growth(&GROWTH[..3]),
        ("growth", sizes) => return growth::growth(sizes),
        ("growth-100m", []) => return growth::growth(&GROWTH),
        _ => {
            let parts = "beer, million, simulate, metrics, growth and growth-100m";
            return Err(format!("there is no such part: there are {parts}, and metrics={ACTIVITIES}"));
        }
    }
    Ok(())
}

fn host() -> Host {
    groundswell_plugins::ALL
        .iter()
        .fold(Host::new().unwrap(), |host, (name, component)| host.with_bundled(*name, component))
}
