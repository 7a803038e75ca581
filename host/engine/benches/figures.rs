//! What whole runs cost, from files to results. What needs no data engine is measured by `host/bench`.
//!
//! `cargo xtask bench` prints both.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a program, not a library")]

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use groundswell::{Host, RunOptions as CommunityOptions};
use groundswell_planted::Plan;

const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run-and-report", community] => run_and_report(Path::new(community)),
        [] => {
            beer();
            million();
        }
        parts => {
            for part in parts {
                match *part {
                    "beer" => beer(),
                    "million" => million(),
                    _ => {
                        eprintln!("{part} is no part: there are beer and million");
                        std::process::exit(2);
                    }
                }
            }
        }
    }
}

/// The middle one of an odd number of times.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let answer = work();
    (start.elapsed(), answer)
}

fn host() -> Host {
    groundswell_plugins::ALL
        .iter()
        .fold(Host::new().unwrap(), |host, (name, component)| host.with_bundled(*name, component))
}

fn beer() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/communities/beer"));
    let host = host();
    let run = |dry: bool| {
        // A folder of its own, in which nothing of an earlier run is found.
        let folder = tempfile::tempdir().unwrap();
        for name in ["community.toml", "members.csv", "activities.csv.gz"] {
            std::fs::copy(source.join(name), folder.path().join(name)).unwrap();
        }
        let options = CommunityOptions::default().dry_run(dry);
        timed(|| host.open(folder.path().join("community.toml")).unwrap().run(&options).unwrap()).0
    };
    println!("beer, whole run from its files, all threads:");
    for (title, dry) in [("snapshot, results and ledger kept", false), ("nothing kept", true)] {
        println!("  {title}: {:.1?}", median((0..ROUNDS).map(|_| run(dry)).collect()));
    }
}

/// A process of its own, so that its peak memory is that of the run alone.
fn million() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { members: 1_000_000, seed: 1, packed: false };
    groundswell_planted::write_to(folder.path(), &plan).unwrap();
    println!("a million members:");
    let status = Command::new(std::env::current_exe().unwrap())
        .arg("run-and-report")
        .arg(folder.path().join("community.toml"))
        .status();
    assert!(status.unwrap().success());
}

fn run_and_report(community: &Path) {
    let stages = Arc::new(Mutex::new(Vec::<(String, Instant)>::new()));
    let seen = Arc::clone(&stages);
    let start = Instant::now();
    let options = CommunityOptions::default().progress(Arc::new(move |progress| {
        let mut seen = seen.lock().unwrap();
        let title = progress.stage.title();
        match seen.last_mut() {
            Some((last, at)) if last == title => *at = Instant::now(),
            _ => seen.push((title.to_owned(), Instant::now())),
        }
    }));
    let run = host().open(community).unwrap().run(&options).unwrap();
    println!("  {} members scored, whole run {:.1?}", run.members().len(), start.elapsed());
    let mut before = start;
    for (stage, at) in stages.lock().unwrap().iter() {
        println!("    {stage}: {:.1?}", at.saturating_duration_since(before));
        before = *at;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    match status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        Some(peak) => println!("  peak memory {}", peak.trim()),
        None => println!("  peak memory: not told by this system"),
    }
}
