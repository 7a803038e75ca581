//! Whole runs, from files to results.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use groundswell::RunOptions;
use groundswell_planted::Plan;

use crate::host;
use crate::times::{Times, peak, timed};

const ROUNDS: usize = 7;

pub(crate) fn beer() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/communities/beer"));
    let host = host();
    let run = |dry: bool| {
        // A folder of its own, in which nothing of an earlier run is found.
        let folder = tempfile::tempdir().unwrap();
        for name in ["community.toml", "members.csv", "activities.csv.gz"] {
            std::fs::copy(source.join(name), folder.path().join(name)).unwrap();
        }
        let options = RunOptions::default().dry_run(dry);
        timed(|| host.open(folder.path().join("community.toml")).unwrap().run(&options).unwrap()).0
    };
    println!("beer, whole run from its files, all threads:");
    for (title, dry) in [("snapshot, results and ledger kept", false), ("nothing kept", true)] {
        let mut times = Times::default();
        (0..ROUNDS).for_each(|_| times.add(run(dry)));
        println!("  {title}: {:.1?}", times.median());
    }
}

pub(crate) fn million() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { members: 1_000_000, seed: 1, packed: false };
    groundswell_planted::write_to(folder.path(), &plan).unwrap();
    println!("a million members:");
    let report = report(&folder.path().join("community.toml"));
    println!("  {} members scored, whole run {:.1?}", report.members, report.whole);
    for stage in &report.stages {
        println!("    {}: {:.1?}", stage.title, stage.took);
    }
    println!("  peak memory {}", report.peak.map_or("not told by this system".to_owned(), mebibytes));
}

/// What a programme would have done to the last months of a million members, beside one run.
pub(crate) fn simulate() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { members: 1_000_000, seed: 1, packed: false };
    groundswell_planted::write_to(folder.path(), &plan).unwrap();
    let toml = folder.path().join("community.toml");
    let community = host().open(&toml).unwrap();
    let options = RunOptions::default().definition("regulars");
    println!("a programme over the past of a million members, all threads:");
    let (took, _) = timed(|| community.snapshot(None).unwrap());
    println!("  reading the files: {took:.1?}");
    let run = options.clone().dry_run(true);
    let (took, run) = timed(|| community.run(&run).unwrap());
    println!("  one run of what was read, as of {}: {took:.1?}", run.info().as_of);
    drop(run);
    let (took, simulation) = timed(|| community.simulate("2024-09-15".parse().unwrap(), &options).unwrap());
    let periods = simulation.periods.len();
    println!("  {periods} months: {took:.1?}, {:.1?} a month", took / periods as u32);
    println!("  peak memory {}", peak().map_or("not told by this system".to_owned(), mebibytes));
}

pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// What a run told of itself.
pub(crate) struct Report {
    /// Members scored.
    pub(crate) members: u64,
    pub(crate) whole: Duration,
    pub(crate) stages: Vec<StageReport>,
    /// Bytes of memory, at the most; `None` where the system does not tell.
    pub(crate) peak: Option<u64>,
}

pub(crate) struct StageReport {
    pub(crate) title: String,
    pub(crate) took: Duration,
    /// The most memory up to its end.
    pub(crate) peak: Option<u64>,
}

/// Runs a community in a process of its own, so that the peak memory is that of the run alone.
pub(crate) fn report(community: &Path) -> Report {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.arg("run-and-report").arg(community).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the run failed: {}", output.status);
    let mut report = Report { members: 0, whole: Duration::ZERO, stages: Vec::new(), peak: None };
    let time = |nanoseconds: &str| Duration::from_nanos(nanoseconds.parse().unwrap());
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["run", members, whole, peak] => {
                report.members = members.parse().unwrap();
                report.whole = time(whole);
                report.peak = peak.parse().ok();
            }
            ["stage", title, took, peak] => {
                let title = (*title).to_owned();
                report.stages.push(StageReport { title, took: time(took), peak: peak.parse().ok() });
            }
            _ => panic!("the run said: {line}"),
        }
    }
    report
}

/// Runs a community and says what it took, for [`report`].
pub(crate) fn run_and_report(community: &Path) {
    // Each stage with its end as far as it is known, and the peak by then.
    let stages = Arc::new(Mutex::new(Vec::<(&'static str, Instant, Option<u64>)>::new()));
    let seen = Arc::clone(&stages);
    let start = Instant::now();
    let options = RunOptions::default().progress(Arc::new(move |progress| {
        let mut seen = seen.lock().unwrap();
        let title = progress.stage.title();
        match seen.last_mut() {
            Some((last, at, so_far)) if *last == title => (*at, *so_far) = (Instant::now(), peak()),
            _ => seen.push((title, Instant::now(), peak())),
        }
    }));
    let run = host().open(community).unwrap().run(&options).unwrap();
    let whole = start.elapsed();
    let told = |peak: Option<u64>| peak.map_or_else(|| "?".to_owned(), |peak| peak.to_string());
    println!("run\t{}\t{}\t{}", run.members().len(), whole.as_nanos(), told(peak()));
    let mut before = start;
    for (stage, at, peak) in stages.lock().unwrap().iter() {
        println!("stage\t{stage}\t{}\t{}", at.saturating_duration_since(before).as_nanos(), told(*peak));
        before = *at;
    }
}
