use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use groundswell::RunOptions;

use crate::failure::Failure;
use crate::progress::Stages;
use crate::{host, leaderboard, output};

/// Run a small community that comes with the command, in a temporary folder
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell demo --top 5")]
pub(crate) struct Demo {
    /// How many members the table shows
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // Snapshot, results and ledger stay inside: removing this folder removes every trace.
        let folder = tempfile::Builder::new().prefix("groundswell-demo-").tempdir();
        let folder = folder.map_err(|error| unwritten(&error))?;
        remove_when_interrupted(folder.path()).map_err(|error| unwritten(&error))?;
        unpack(folder.path()).map_err(|error| unwritten(&error))?;
        let community = host::open(&folder.path().join("community.toml"))?;
        let stages = Stages::default();
        let run = community.run(&stages.heard_from(RunOptions::default()));
        stages.finish();
        let run = run?;
        output::write(|out| {
            leaderboard::write(out, community.name(), &run, self.top)?;
            writeln!(out, "\nNothing was kept. Try next:")?;
            writeln!(
                out,
                "  groundswell metrics                                     what a definition can ask for"
            )?;
            writeln!(
                out,
                "  groundswell import stackexchange FOLDER --out DIR       a community of your own"
            )?;
            writeln!(out, "  groundswell run DIR/community.toml                      its leaderboard")
        })
    }
}

fn unpack(folder: &Path) -> io::Result<()> {
    groundswell_planted::FILES.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

/// Sees to it that a signal which ends the process, such as Ctrl-C, does not leave the folder behind.
#[cfg(unix)]
fn remove_when_interrupted(folder: &Path) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let folder = folder.to_owned();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in &mut signals {
            // The run goes on meanwhile and may write a file between the look at a folder and its removal.
            _ = (0..100).find(|_| std::fs::remove_dir_all(&folder).is_ok() || !folder.exists());
            // The shell is told what ended the process.
            _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
fn remove_when_interrupted(_: &Path) -> io::Result<()> {
    Ok(())
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::of(format!("cannot write the demo's temporary folder: {error}"))
        .with_help("TMPDIR names the folder that it is made in")
}
