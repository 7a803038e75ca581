//! The `groundswell` command: finds and rewards the micro-influencers of an online community.

mod appreciate;
mod attack;
mod cache;
mod deliver;
mod demo;
mod explain;
mod failure;
mod history;
mod host;
mod import;
mod init;
mod leaderboard;
mod ledger;
mod member;
mod metrics;
mod output;
mod plugin;
mod progress;
mod rewards;
mod run;
mod snapshot;
mod sql;
mod table;
mod validate;
mod watch;
mod when;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Failure;

/// Finds and rewards the micro-influencers of an online community.
#[derive(Debug, Parser)]
#[command(
    name = "groundswell",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Examples:
  groundswell demo
  groundswell init members.csv activities.csv
  groundswell validate community.toml
  groundswell run community.toml --top 10
  groundswell explain community.toml 4962
  groundswell import stackexchange beer.stackexchange.com --out beer
  groundswell plugin build my-definition --out my-definition.wasm

Exit codes: 0 done; 2 usage, configuration or data; 3 a plugin's fault, or an attacker that got away.
`groundswell COMMAND --help` says more about each command."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Validate(validate::Validate),
    Run(run::Run),
    Explain(explain::Explain),
    Appreciate(appreciate::Appreciate),
    #[command(subcommand)]
    Rewards(rewards::RewardsCommand),
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    Deliver(deliver::Deliver),
    History(history::History),
    Sql(sql::Sql),
    #[command(name = "snapshot")]
    Snapshot(snapshot::Freeze),
    Metrics(metrics::Metrics),
    Forget(member::Forget),
    ExportMember(member::Export),
    Demo(demo::Demo),
    #[command(subcommand)]
    Import(import::Import),
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    #[command(subcommand)]
    Cache(cache::Cache),
    Attack(attack::Attack),
}

impl Command {
    /// Whether what plugins warn of is about the community at hand.
    fn tells_warnings(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Explain(_) | Self::Appreciate(_) | Self::Demo(_))
    }

    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Init(init) => init.run(),
            Self::Validate(validate) => validate.run(),
            Self::Run(run) => run.run(),
            Self::Explain(explain) => explain.run(),
            Self::Appreciate(appreciate) => appreciate.run(),
            Self::Rewards(rewards) => rewards.run(),
            Self::Ledger(ledger) => ledger.run(),
            Self::Deliver(deliver) => deliver.run(),
            Self::History(history) => history.run(),
            Self::Sql(sql) => sql.run(),
            Self::Snapshot(freeze) => freeze.run(),
            Self::Metrics(metrics) => metrics.run(),
            Self::Forget(forget) => forget.run(),
            Self::ExportMember(export) => export.run(),
            Self::Demo(demo) => demo.run(),
            Self::Import(import) => import.run(),
            Self::Plugin(plugin) => plugin.run(),
            Self::Cache(cache) => cache.run(),
            Self::Attack(attack) => attack.run(),
        }
    }
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    watch::begin(command.tells_warnings());
    match command.run() {
        Ok(()) => {
            watch::warnings().iter().for_each(|warning| crate::output::say!("{warning}"));
            ExitCode::SUCCESS
        }
        // What was said before it failed, the failure tells.
        Err(failure) => failure.report(),
    }
}
