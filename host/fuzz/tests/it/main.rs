//! The short run: every seed, and inputs made of seeds, the same ones every time.
#![expect(clippy::unwrap_used, reason = "tests")]

mod mutate;

use std::fs;
use std::path::{Path, PathBuf};

use groundswell_fuzz::Target;
use mutate::Mutator;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The seeds of a target, in the order of their names.
fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fs::read_dir(root().join("seeds").join(target)).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Reads every seed, and so many inputs made of them.
fn short_run(name: &str, inputs: usize) {
    let target = Target::named(name).unwrap();
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for (path, seed) in &seeds {
        shown_if_it_fails(target, seed, &path.display().to_string());
    }
    let dictionary = root().join("dictionaries").join(name).with_extension("txt");
    let words = fs::read_to_string(dictionary).unwrap_or_default();
    let mut mutator = Mutator::new(seeds.iter().map(|(_, seed)| seed.as_slice()), &words);
    for number in 0..inputs {
        let input = mutator.next();
        shown_if_it_fails(target, &input, &format!("input {number}"));
    }
}

/// Runs a target, and leaves the input as a file where it fails.
fn shown_if_it_fails(target: &Target, input: &[u8], from: &str) {
    let outcome = std::panic::catch_unwind(|| target.run(input));
    if let Err(panic) = outcome {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-found", target.name));
        fs::write(&file, input).unwrap();
        eprintln!("{}, {from}: see it again by `replay {} {}`", target.name, target.name, file.display());
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn whatever_bytes_a_component_has_it_is_loaded_or_refused() {
    short_run("component", 150);
}

#[test]
fn whatever_a_stamp_says_it_is_taken_or_refused() {
    short_run("stamp", 300);
}

#[test]
fn whatever_a_guest_answers_results_keep_their_promises() {
    short_run("answers", 300);
}

#[test]
fn whatever_a_metric_answers_values_keep_their_promises() {
    short_run("metric-answers", 300);
}

#[test]
fn whatever_a_community_toml_says_it_is_followed_or_pointed_at() {
    short_run("community-toml", 5_000);
}

#[test]
fn whatever_a_table_holds_no_row_is_lost() {
    short_run("csv", 250);
}

#[test]
fn whatever_lines_of_json_hold_no_line_is_lost() {
    short_run("json-lines", 150);
}

#[test]
fn whatever_a_parquet_file_holds_no_row_is_lost() {
    short_run("parquet", 60);
}

#[test]
fn whatever_a_stream_unpacks_to_no_row_is_lost() {
    short_run("packed", 100);
}

#[test]
fn whatever_file_a_map_is_over_no_row_is_lost() {
    short_run("map", 150);
}

#[test]
fn whatever_a_database_holds_it_is_read_or_refused() {
    short_run("sqlite", 60);
}

#[test]
fn whatever_a_metric_asks_in_sql_it_is_measured_or_refused() {
    short_run("sql", 20);
}

#[test]
fn whatever_a_graph_holds_no_row_is_lost() {
    short_run("sourcecred", 100);
}

#[test]
fn whatever_an_export_of_a_chat_holds_no_row_is_lost() {
    short_run("zulip", 100);
}

#[test]
fn whatever_a_dump_holds_no_row_is_lost() {
    short_run("xml", 250);
}

#[test]
fn whatever_a_ledger_holds_it_is_told_and_never_ends_the_process() {
    short_run("ledger-file", 20);
}

#[test]
fn whatever_a_template_says_it_is_filled_once_or_pointed_at() {
    short_run("letter-template", 300);
}

#[test]
fn whatever_a_platform_answers_a_message_is_taken_waits_or_is_dead() {
    short_run("delivery-answer", 600);
}

#[test]
fn every_target_stands_in_the_table() {
    let table: toml::Table =
        toml::from_str(&fs::read_to_string(root().join("targets.toml")).unwrap()).unwrap();
    let mut known: Vec<_> = Target::ALL.iter().map(|target| target.name).collect();
    // Its modules are made by a crate that only libFuzzer's program is built with.
    if !known.contains(&"module") {
        known.push("module");
    }
    known.sort_unstable();
    assert!(table.keys().eq(known.iter()), "{:?} {known:?}", table.keys().collect::<Vec<_>>());
    for name in known {
        assert!(!seeds(name).is_empty(), "{name} has no seeds");
    }
}

#[test]
fn seeds_are_small() {
    let sizes = |name: &str| seeds(name).iter().map(|(_, seed)| seed.len()).sum::<usize>();
    let all: usize = Target::ALL.iter().map(|target| sizes(target.name)).sum();
    assert!(all < 1 << 20, "{all} bytes of seeds: keep those that reach something no other does");
}
