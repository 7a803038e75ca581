//! What a run costs, each figure beside what it is compared with, in one process on one thread unless said.
//!
//! `cargo xtask bench` prints them all; `cargo xtask bench million` only the run of a million members.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a program, not a library")]

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use groundswell::runtime::{
    Column, ExactSum, Input, Limits, Mode, Plugin, Population, RunOptions, Runtime, Scale, Step, quantile,
};
use groundswell::{Host, RunOptions as CommunityOptions};
use groundswell_planted::Plan;
use groundswell_plugin as sdk;
use groundswell_plugin_build::Builder;

const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/plugins/first");
const BATCH: usize = 8_192;
const BATCHES: usize = 49;
const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run-and-report", community] => return run_and_report(Path::new(community)),
        ["run-tenants"] => return run_tenants(),
        ["million"] => {}
        ["tenants"] => return tenants(),
        _ => {
            plugins();
            beer();
            tenants();
        }
    }
    million();
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

fn nanoseconds(time: Duration, of: usize) -> f64 {
    time.as_secs_f64() * 1e9 / of as f64
}

fn plugins() {
    let runtime = Runtime::new(Limits::new()).unwrap();
    let load = || timed(|| runtime.load_bytes("regulars", groundswell_plugins::REGULARS).unwrap()).0;
    let (_, plugin) = timed(|| runtime.load_bytes("regulars", groundswell_plugins::REGULARS).unwrap());
    println!(
        "regulars, loaded (compiled, checked, described): {:?}",
        median((0..ROUNDS).map(|_| load()).collect())
    );

    let inputs = plugin.scoring().unwrap().inputs.clone();
    let rows = BATCH * BATCHES;
    let members = members(rows, &inputs);
    let native = Native::new(&members, &inputs);
    let fast = Runtime::builder().mode(Mode::Fast).build().unwrap();
    let fast = fast.load_bytes("regulars", groundswell_plugins::REGULARS).unwrap();
    let (mut strict, mut plain, mut warm) = (Vec::new(), Vec::new(), Vec::new());
    let (mut placed, mut explained) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let steps = steps(&plugin, &members, BATCH);
        strict.push(steps[0]);
        placed.push(steps[1]);
        explained.push(steps[2]);
        warm.push(self::steps(&fast, &members, BATCH)[0]);
        plain.push(native.score());
    }
    let (strict, plain, warm) = (median(strict), median(plain), median(warm));
    println!("regulars, {} inputs, batches of {BATCH}, score:", inputs.len());
    println!("  native Rust        {:7.2} ns a member", nanoseconds(plain, BATCH));
    for (mode, time) in [("strict", strict), ("fast", warm)] {
        println!(
            "  sandboxed, {mode:<6}  {:7.2} ns a member = {:.2} × native, {:.0} M input values a second",
            nanoseconds(time, BATCH),
            time.as_secs_f64() / plain.as_secs_f64(),
            (BATCH * inputs.len()) as f64 / time.as_secs_f64() / 1e6
        );
    }
    println!("  place              {:7.2} ns a member", nanoseconds(median(placed), BATCH));
    println!("  explain            {:7.2} ns a member", nanoseconds(median(explained), BATCH));

    let few = self::members(2_000, &inputs);
    let single = median((0..ROUNDS).map(|_| steps(&plugin, &few, 1)[0]).collect());
    println!("regulars, a fresh instance, fit and score of one member: {single:.1?}");
    let first = Builder::new(FIRST).build().unwrap();
    let first = runtime.load_bytes("first", &first.bytes).unwrap();
    let few = self::members(2_000, &first.scoring().unwrap().inputs);
    let single = median((0..ROUNDS).map(|_| steps(&first, &few, 1)[0]).collect());
    println!("a fresh instance of a plugin that fits nothing, and score of one member: {single:.1?}");
}

/// Skewed counts with gaps, and few words: what real columns look like.
fn members(rows: usize, inputs: &[Input]) -> Population {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    inputs.iter().fold(Population::new(rows), |members, input| {
        if members.column(&input.metric).is_some() {
            return members;
        }
        let column = if input.scale == Scale::Category {
            let words: Vec<_> = (0..rows).map(|_| (next() % 50 == 0).then_some("staff")).collect();
            Column::from_words(words)
        } else {
            let value = |random: u64| match random % 10 {
                0 => f64::NAN,
                1..=7 => 0.0,
                _ => (random >> 32) as f64 % 200.0,
            };
            Column::Number((0..rows).map(|_| value(next())).collect())
        };
        members.with(input.metric.clone(), column).unwrap()
    })
}

/// The time a batch takes in each of the three steps: the mean of all but the first.
fn steps(plugin: &Plugin, members: &Population, batch: usize) -> [Duration; 3] {
    let seen = Arc::new(Mutex::new([const { Vec::new() }; 3]));
    let told = Arc::clone(&seen);
    let options = RunOptions::new().threads(1).batch_rows(batch).progress(Arc::new(move |step, _, _| {
        let at = match step {
            Step::Score => 0,
            Step::Place => 1,
            _ => 2,
        };
        told.lock().unwrap()[at].push(Instant::now());
    }));
    plugin.score(members, &options).unwrap();
    let seen = seen.lock().unwrap();
    seen.each_ref().map(|times: &Vec<Instant>| (times[times.len() - 1] - times[0]) / (times.len() as u32 - 1))
}

/// The same definition, compiled with the benchmark.
struct Native {
    fitted: sdk::Fitted<regulars::Regulars>,
    batches: Vec<sdk::Members>,
}

impl Native {
    fn new(members: &Population, inputs: &[Input]) -> Self {
        let described = <regulars::Regulars as sdk::Definition>::describe();
        let scaled: Vec<Column> =
            inputs.iter().map(|input| members.scaled(&input.metric, input.scale).unwrap()).collect();
        let summaries =
            inputs.iter().zip(&scaled).map(|(input, column)| summary(members, input, column)).collect();
        let population = sdk::Population::new(&described.inputs, summaries);
        let settings = sdk::Settings::defaults(&described.settings);
        let batch = |first: usize| {
            let columns = scaled.iter().map(|column| match column {
                Column::Number(values) => sdk::Column::Number(values[first..first + BATCH].to_vec()),
                Column::Category { codes, values } => sdk::Column::Category {
                    codes: codes[first..first + BATCH].to_vec(),
                    values: values.to_vec().into(),
                },
            });
            sdk::Members::new(&described.inputs, columns.collect())
        };
        Self {
            fitted: sdk::Fitted::fit(&settings, &population).unwrap(),
            batches: (0..BATCHES).map(|at| batch(at * BATCH)).collect(),
        }
    }

    /// The time a batch takes; making its columns is not part of it.
    fn score(&self) -> Duration {
        let batches = self.batches.clone();
        let (time, sum) = timed(|| {
            batches
                .into_iter()
                .map(|batch| self.fitted.score(batch).unwrap().iter().sum::<f64>())
                .sum::<f64>()
        });
        assert!(sum.is_finite());
        time / BATCHES as u32
    }
}

fn summary(members: &Population, input: &Input, scaled: &Column) -> sdk::Summary {
    match (members.column(&input.metric), scaled) {
        (Some(Column::Number(raw)), Column::Number(scaled)) => {
            let mut sorted: Vec<f64> = raw.iter().copied().filter(|value| !value.is_nan()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let count = sorted.len();
            let mean = sorted.iter().copied().collect::<ExactSum>().value() / count as f64;
            let squares: ExactSum = sorted.iter().map(|value| (value - mean) * (value - mean)).collect();
            let middle = quantile(&sorted, 50);
            let at = raw.iter().position(|value| *value == middle).unwrap();
            sdk::Summary::Number(sdk::NumberSummary::new(
                count as u64,
                (raw.len() - count) as u64,
                mean,
                (squares.value() / count as f64).sqrt(),
                (0..=100).map(|percent| quantile(&sorted, percent)).collect(),
                scaled[at],
            ))
        }
        (_, Column::Category { codes, values }) => {
            let count = |code: u32| codes.iter().filter(|other| **other == code).count() as u64;
            let counts: Vec<u64> = (0..values.len() as u32).map(count).collect();
            let missing = codes.len() as u64 - counts.iter().sum::<u64>();
            sdk::Summary::Category(sdk::CategorySummary::new(missing, values.to_vec(), counts))
        }
        _ => unreachable!("regulars asks for what `members` makes"),
    }
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

/// A process of its own, so that its memory is that of the tenants alone.
fn tenants() {
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
fn run_tenants() {
    const TENANTS: usize = 100;
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:").map(str::trim).map(str::to_owned));
        line.unwrap_or_else(|| "not told by this system".to_owned())
    };
    let folder = Path::new(FIRST);
    let first = Builder::new(folder).build().unwrap();
    let spinner = spinner(folder);
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
    let members = self::members(1_000, &plugins[0].scoring().unwrap().inputs);
    let round = || {
        let mut times: Vec<Duration> = plugins
            .iter()
            .map(|plugin| timed(|| plugin.score(&members, &RunOptions::new().threads(1)).unwrap()).0)
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
                let members = self::members(1_000, &hostile.scoring().unwrap().inputs);
                hostile.score(&members, &RunOptions::new().threads(1)).unwrap_err();
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
