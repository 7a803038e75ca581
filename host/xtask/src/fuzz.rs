//! `cargo xtask fuzz`: lets libFuzzer look for inputs that break what must hold.

mod instrument;
mod outcome;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use groundswell_plugin_build::Builder;
use serde::Deserialize;

use self::outcome::Outcome;
use crate::setup;
use crate::step::{Failure, Step, cargo};

pub(crate) use self::instrument::compile;

const TARGETS: &str = "host/fuzz/targets.toml";
const SEEDS: &str = "host/fuzz/seeds";
const DICTIONARIES: &str = "host/fuzz/dictionaries";
/// Beside other builds: nothing here is compiled as elsewhere.
const FOLDER: &str = "target/fuzz";
/// Memory of a process, in MiB. Guests have 8 MiB each, and eight of them live at once.
const MEMORY: u32 = 2_048;
/// Bytes of seeds that a target may have in the repository.
const SEED_BYTES: u64 = 128 << 10;
/// Seeds that it may have: every test of it reads them all.
const SEED_FILES: usize = 200;

/// What of a target stands in `targets.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    about: String,
    /// The longest input.
    bytes: u32,
    /// The longest time that one input may take.
    seconds: u32,
}

pub(crate) fn fuzz(minutes: u32, names: &[String], keep: bool) -> Result<(), Failure> {
    let step =
        Step::new("fuzz", format!("cargo xtask fuzz {minutes} {}", names.join(" ")).trim_end().to_owned());
    let known = read().map_err(|problem| step.failed(&problem))?;
    let targets = chosen(&known, names).map_err(|problem| step.failed(&problem))?;
    check_compiler(&step)?;
    setup()?;
    let program = build(&step)?;
    let guests = guests(&step)?;
    let fuzzer = Fuzzer { program, guests, minutes };
    let outcomes = fuzzer.run_all(&targets).map_err(|problem| step.failed(&problem))?;
    println!("\n{}", outcome::table(&outcomes));
    if keep {
        for (name, target) in &targets {
            fuzzer.keep(name, target).map_err(|problem| step.failed(&problem))?;
        }
    }
    let found: Vec<String> = outcomes.iter().filter_map(Outcome::finding).collect();
    if found.is_empty() { Ok(()) } else { Err(step.failed(&format!("\n{}", found.join("\n")))) }
}

fn read() -> Result<BTreeMap<String, Target>, String> {
    let text = fs::read_to_string(TARGETS).map_err(|error| format!("{TARGETS}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("{TARGETS}: {error}"))
}

fn chosen(known: &BTreeMap<String, Target>, names: &[String]) -> Result<Vec<(String, Target)>, String> {
    if names.is_empty() {
        return Ok(known.iter().map(|(name, target)| (name.clone(), target.clone())).collect());
    }
    let find = |name: &String| {
        let target = known.get(name).ok_or_else(|| {
            let known: Vec<_> = known.keys().map(String::as_str).collect();
            format!("there is no target `{name}`; there are {}", known.join(", "))
        });
        target.map(|target| (name.clone(), target.clone()))
    };
    names.iter().map(find).collect()
}

/// libFuzzer is C++.
fn check_compiler(step: &Step) -> Result<(), Failure> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let found = Command::new(&compiler).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(step.failed(&format!(
        "libFuzzer is written in C++, and there is no compiler `{}`; install one (on Debian: apt install g++), or name \
         yours in CXX",
        compiler.display()
    )))
}

/// Builds libFuzzer's program.
fn build(step: &Step) -> Result<PathBuf, Failure> {
    println!(
        "building for fuzzing, below {FOLDER}: the first time takes a quarter of an hour on two cores, as the data \
         engine and the\nsandbox are built anew"
    );
    let host = instrument::host().map_err(|problem| step.failed(&problem))?;
    let own = std::env::current_exe().map_err(|error| step.failed(&error))?;
    let mut build = cargo(["build", "--locked", "-p", "groundswell-fuzz", "--bin", "fuzz"]);
    build
        .args(["--features", "libfuzzer", "--profile", "fuzz", "--target", &host, "--target-dir", FOLDER])
        .env("RUSTC_WRAPPER", own)
        .env(instrument::WRAPS, "1");
    step.run(&mut build)?;
    let program = Path::new(FOLDER).join(host).join("fuzz/fuzz");
    std::path::absolute(&program).map_err(|error| step.failed(&error))
}

/// Builds the guests, once for all processes.
fn guests(step: &Step) -> Result<PathBuf, Failure> {
    let folder = Path::new(FOLDER).join("guests");
    let failed = |error: &dyn std::fmt::Display| step.failed(error);
    fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
    let builder = Builder::new("host/fuzz/guests").without_contract_checks();
    for built in builder.build_examples().map_err(|error| failed(&error))? {
        built.write_to(folder.join(format!("{}.wasm", built.name))).map_err(|error| failed(&error))?;
    }
    std::path::absolute(&folder).map_err(|error| failed(&error))
}

/// Runs libFuzzer's program.
struct Fuzzer {
    program: PathBuf,
    guests: PathBuf,
    minutes: u32,
}

impl Fuzzer {
    /// Runs the targets, as many at a time as there are processors.
    fn run_all(&self, targets: &[(String, Target)]) -> Result<Vec<Outcome>, String> {
        let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let waiting = Mutex::new(targets.iter().collect::<VecDeque<_>>());
        let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop_front());
        let work = || {
            let mut outcomes = Vec::new();
            while let Some((name, target)) = next() {
                outcomes.push(self.run(name, target)?);
            }
            Ok::<_, String>(outcomes)
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..at_once.min(targets.len())).map(|_| scope.spawn(work)).collect();
            let mut outcomes = Vec::new();
            for worker in workers {
                outcomes.extend(worker.join().map_err(|_| "a thread of xtask panicked".to_owned())??);
            }
            outcomes.sort_by(|one: &Outcome, other| one.target.cmp(&other.target));
            Ok(outcomes)
        })
    }

    fn run(&self, name: &str, target: &Target) -> Result<Outcome, String> {
        let of = |what: &str| Path::new(FOLDER).join(what).join(name);
        let (corpus, findings, log) = (of("corpus"), of("findings"), of("logs").with_extension("log"));
        // What was found before stands in the report of that time.
        _ = fs::remove_dir_all(&findings);
        for folder in [Some(corpus.as_path()), Some(&findings), log.parent()].into_iter().flatten() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let file = |error| format!("{}: {error}", log.display());
        let written = fs::File::create(&log).map_err(file)?;
        println!("{name}: {}; for {} minutes, see {}", target.about, self.minutes, log.display());
        let begin = Instant::now();
        let status = self
            .command(name, target)
            .arg(format!("-artifact_prefix={}/", findings.display()))
            // As good as nothing, where it is 0: then the seeds alone are read.
            .arg(match self.minutes {
                0 => "-runs=0".to_owned(),
                minutes => format!("-max_total_time={}", u64::from(minutes) * 60),
            })
            .arg("-print_final_stats=1")
            .args([corpus, Path::new(SEEDS).join(name)])
            .stdout(Stdio::null())
            .stderr(written)
            .status()
            .map_err(|error| format!("{}: {error}", self.program.display()))?;
        let said = fs::read(&log).map_err(file)?;
        let outcome =
            Outcome::read(name, &String::from_utf8_lossy(&said), begin.elapsed(), &findings, status);
        println!("{name}: {}", outcome.in_short());
        Ok(outcome)
    }

    fn command(&self, name: &str, target: &Target) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("GROUNDSWELL_FUZZ_TARGET", name)
            .env("GROUNDSWELL_FUZZ_GUESTS", &self.guests)
            .arg(format!("-max_len={}", target.bytes))
            .arg(format!("-timeout={}", target.seconds))
            // What is slow because others keep the computer busy is no finding.
            .arg(format!("-report_slow_units={}", target.seconds))
            .arg(format!("-rss_limit_mb={MEMORY}"))
            // Longer inputs soon: what a guest or a table does wrong takes more than a few bytes.
            .arg("-len_control=10");
        let dictionary = Path::new(DICTIONARIES).join(name).with_extension("txt");
        if dictionary.exists() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        command
    }

    /// Copies to the seeds the shortest of the inputs that reach what no seed reaches.
    fn keep(&self, name: &str, target: &Target) -> Result<(), String> {
        let of = |what: &str| Path::new(FOLDER).join(what).join(name);
        let (seeds, chosen) = (Path::new(SEEDS).join(name), of("chosen"));
        let failed = |error: std::io::Error| format!("{name}: {error}");
        _ = fs::remove_dir_all(&chosen);
        fs::create_dir_all(&chosen).map_err(failed)?;
        fs::create_dir_all(&seeds).map_err(failed)?;
        let (mut room, mut places) = (SEED_BYTES, SEED_FILES);
        for seed in outcome::files(&seeds) {
            places = places.saturating_sub(1);
            room = room.saturating_sub(seed.metadata().map_err(failed)?.len());
            fs::copy(&seed, chosen.join(seed.file_name().unwrap_or_default())).map_err(failed)?;
        }
        // What is chosen already stays, and what adds to it is copied there.
        let mut merge = self.command(name, target);
        merge.arg("-merge=1").args([&chosen, &of("corpus")]).stdout(Stdio::null()).stderr(Stdio::null());
        let status = merge.status().map_err(failed)?;
        if !status.success() {
            return Err(format!("{name}: libFuzzer could not merge what it found ({status})"));
        }
        let mut more = Vec::new();
        for file in outcome::files(&chosen) {
            let seed = seeds.join(file.file_name().unwrap_or_default());
            if !seed.exists() {
                more.push((file.metadata().map_err(failed)?.len(), file, seed));
            }
        }
        more.sort();
        let (all, mut kept) = (more.len(), 0);
        for (bytes, file, seed) in more {
            if bytes <= room && kept < places {
                fs::copy(file, seed).map_err(failed)?;
                (room, kept) = (room - bytes, kept + 1);
            }
        }
        println!("{name}: {kept} of {all} inputs that reach more are kept in {}", seeds.display());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_not_there_is_named_with_those_that_are() {
        let known: BTreeMap<String, Target> =
            toml::from_str(include_str!("../../fuzz/targets.toml")).unwrap();
        let named = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            chosen(&known, &names).map(|chosen| chosen.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        };
        assert_eq!(named(&["xml", "csv"]).unwrap(), ["xml", "csv"]);
        assert_eq!(named(&[]).unwrap().len(), known.len());
        insta::assert_snapshot!(named(&["cvs"]).unwrap_err(), @"there is no target `cvs`; there are answers, community-toml, component, csv, delivery-answer, json-lines, ledger-file, letter-template, map, metric-answers, module, packed, parquet, sourcecred, sql, sqlite, stamp, xml, zulip");
    }
}
