//! Embedding the host: ten members of a community, ranked.
//!
//! `cargo run -p embed -- examples/communities/planted/community.toml`

use std::sync::Arc;

use anyhow::Context;
use groundswell::{Host, RunOptions};

fn main() -> anyhow::Result<()> {
    let community = std::env::args().nth(1).context("give the path of a community.toml")?;
    let mut host = Host::new()?;
    for (name, component) in groundswell_plugins::ALL {
        host = host.with_bundled(*name, component);
    }
    let community = host.open(community)?;

    // A dry run leaves no trace; without it, results are stored and awards are recorded.
    let options = RunOptions::default()
        .dry_run(true)
        .progress(Arc::new(|progress| eprintln!("{}: {} done", progress.stage.title(), progress.done)));
    let run = community.run(&options)?;

    println!("{}: {} members", community.name(), run.members().len());
    for member in run.members().take(10) {
        println!("{:>4}  {:8}  {:16}  {:6.2}", member.rank, member.member, member.tier, member.score);
    }
    Ok(())
}
