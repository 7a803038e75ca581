//! Embedding the host in as few lines as it takes: what the README shows.

use groundswell::{Host, RunOptions};

fn main() -> anyhow::Result<()> {
    let mut host = Host::new()?;
    for (name, component) in groundswell_plugins::ALL {
        host = host.with_bundled(*name, component);
    }
    let run = host.open("community.toml")?.run(&RunOptions::default())?;
    for member in run.members().take(10) {
        println!("{:>4}  {}  {}  {:.2}", member.rank, member.member, member.tier, member.score);
    }
    Ok(())
}
