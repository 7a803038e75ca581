//! `cargo xtask demo`: from a bare checkout to two leaderboards.

use std::path::Path;
use std::time::Instant;

use crate::setup;
use crate::step::{Failure, Step, cargo};

const BEER: &str = "examples/communities/beer/community.toml";
const PLANTED: &str = "examples/communities/planted/community.toml";

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
    if Path::new(PLANTED).exists() {
        groundswell(&["run", PLANTED, "--top", "20"])?;
    } else {
        groundswell(&["demo"])?;
    }

    println!(
        "\nDone in {} seconds. The command is target/debug/groundswell; the next three things to try:\n\n  \
         1. ask why a member of the leaderboard stands where they do:\n       \
            target/debug/groundswell explain {BEER} MEMBER\n  \
         2. change who counts: plugins/regulars is the definition, its settings go under [definitions.regulars] in\n     \
            {BEER}; then run again:\n       \
            target/debug/groundswell run {BEER}\n  \
         3. build a plugin of your own, beginning with a copy of the bundled one:\n       \
            target/debug/groundswell plugin build plugins/regulars",
        begin.elapsed().as_secs()
    );
    Ok(())
}

/// Runs the command, which is built by now.
fn groundswell(arguments: &[&str]) -> Result<(), Failure> {
    let typed = format!("cargo run -q --locked -p groundswell-cli -- {}", arguments.join(" "));
    println!("$ groundswell {}\n", arguments.join(" "));
    let mut run = cargo(["run", "--quiet", "--locked", "-p", "groundswell-cli", "--"]);
    Step::new(format!("groundswell {}", arguments.join(" ")), typed).run(run.args(arguments))
}
