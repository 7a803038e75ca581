//! `cargo xtask demo`: from a bare checkout to two leaderboards.

use std::path::PathBuf;
use std::time::Instant;

use serde::Deserialize;

use crate::setup;
use crate::step::{Failure, Step, cargo};

const BEER: &str = "examples/communities/beer/community.toml";
const PLANTED: &str = "examples/communities/planted/community.toml";
const FIRST: &str = "examples/plugins/first";

pub(crate) fn demo() -> Result<(), Failure> {
    let begin = Instant::now();
    println!("1 of 4: making sure that plugins can be compiled");
    setup()?;

    println!(
        "\n2 of 4: building the command. The first time takes about ten minutes on two cores: nearly all of it is\n\
         DataFusion (the data engine) and wasmtime (the sandbox), which are built once. Cargo shows how far it is."
    );
    Step::new("building the command", "cargo build --locked -p groundswell-cli").run(&mut cargo([
        "build",
        "--locked",
        "-p",
        "groundswell-cli",
    ]))?;

    println!("\n3 of 4: a real community, a question-and-answer site about beer, brewing and pubs");
    groundswell(&["run", BEER, "--top", "20"])?;

    println!("\n4 of 4: a small made-up community in which every tier was planted and has to be found");
    groundswell(&["run", PLANTED, "--definition", "regulars", "--top", "20"])?;

    let command = command()?;
    println!(
        "\nDone in {} seconds. The command is {command}; the next three things to try:\n\n{}",
        begin.elapsed().as_secs(),
        next(&command)
    );
    Ok(())
}

/// What to try next, to be typed as it stands.
fn next(command: &str) -> String {
    format!(
        "  1. ask why a member of the leaderboard stands where they do:\n       \
            {command} explain {BEER} 5064\n  \
         2. change who counts: in {BEER}, take the # from the line\n       \
            settings = {{ trust-share = 0.4 }}\n     \
            and run again; plugins/regulars/README.md has all settings:\n       \
            {command} run {BEER}\n  \
         3. build a plugin of your own; {FIRST} is one of fifteen lines, whose folder is all there is to it:\n       \
            {command} plugin build {FIRST} --out {FIRST}/first.wasm\n       \
            {command} run {FIRST}/community.toml"
    )
}

/// Where the command was built: wherever this person lets Cargo build.
fn command() -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let step = Step::new("finding the command", "cargo metadata --no-deps --format-version 1");
    let json = step.output(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    let Metadata { target_directory } = serde_json::from_slice(&json).map_err(|error| step.failed(&error))?;
    let command = target_directory.join("debug").join(format!("groundswell{}", std::env::consts::EXE_SUFFIX));
    let here = std::env::current_dir().unwrap_or_default();
    Ok(command.strip_prefix(here).unwrap_or(&command).display().to_string())
}

/// Runs the command, which is built by now.
fn groundswell(arguments: &[&str]) -> Result<(), Failure> {
    let typed = format!("cargo run -q --locked -p groundswell-cli -- {}", arguments.join(" "));
    println!("$ groundswell {}\n", arguments.join(" "));
    let mut run = cargo(["run", "--quiet", "--locked", "-p", "groundswell-cli", "--"]);
    Step::new(format!("groundswell {}", arguments.join(" ")), typed).run(run.args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_try_next_speaks_of_files_that_are_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        assert!(read(BEER).contains("\n# settings = { trust-share = 0.4 }\n"));
        assert!(read("plugins/regulars/README.md").contains("settings = { trust-share = 0.4"));
        assert!(read(&format!("{FIRST}/community.toml")).contains("plugin = \"first.wasm\""));
        insta::assert_snapshot!(next("target/debug/groundswell"), @r"
        1. ask why a member of the leaderboard stands where they do:
             target/debug/groundswell explain examples/communities/beer/community.toml 5064
        2. change who counts: in examples/communities/beer/community.toml, take the # from the line
             settings = { trust-share = 0.4 }
           and run again; plugins/regulars/README.md has all settings:
             target/debug/groundswell run examples/communities/beer/community.toml
        3. build a plugin of your own; examples/plugins/first is one of fifteen lines, whose folder is all there is to it:
             target/debug/groundswell plugin build examples/plugins/first --out examples/plugins/first/first.wasm
             target/debug/groundswell run examples/plugins/first/community.toml
        ");
    }
}
