use std::io::{self, Write};
use std::path::Path;
#[cfg(unix)]
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use groundswell::{Cancel, Run, RunOptions};

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
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = output::number)]
    top: usize,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let interruption = Interruption::expected().map_err(|error| unwritten(&error))?;
        // Snapshot, results and ledger stay inside: removing this folder removes every trace.
        let folder = tempfile::Builder::new().prefix("groundswell-demo-").tempdir();
        let folder = folder.map_err(|error| unwritten(&error))?;
        let run = run(folder.path(), interruption.cancel.clone());
        let removed = folder.close();
        interruption.over();
        let (name, run) = run?;
        removed.map_err(|error| unwritten(&error))?;
        output::write(|out| {
            leaderboard::write(out, &name, &run, self.top)?;
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

/// The community's name, and what its run found.
fn run(folder: &Path, cancel: Cancel) -> Result<(String, Run), Failure> {
    unpack(folder).map_err(|error| unwritten(&error))?;
    let community = host::open(&folder.join("community.toml"))?;
    let stages = Stages::default();
    let run = community.run(&stages.heard_from(RunOptions::default().cancel(cancel)));
    stages.finish();
    Ok((community.name().to_owned(), run?))
}

fn unpack(folder: &Path) -> io::Result<()> {
    groundswell_planted::FILES.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

/// What becomes of a signal that asks the process to end, such as Ctrl-C.
#[cfg(unix)]
#[derive(Default)]
enum Ending {
    /// It ends the run, so that the folder can be removed first.
    #[default]
    Delayed,
    /// It came; a second one ends the process at once.
    Begun(i32),
    /// It ends the process at once: the folder is gone.
    AtOnce,
}

/// Sees to it that a signal which ends the process does not leave the folder behind; whoever sends a second one has no time
/// for that.
#[cfg(unix)]
struct Interruption {
    cancel: Cancel,
    ending: Arc<Mutex<Ending>>,
}

#[cfg(unix)]
impl Interruption {
    fn expected() -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

        let interruption = Self { cancel: Cancel::new(), ending: Arc::default() };
        let (cancel, ending) = (interruption.cancel.clone(), interruption.ending.clone());
        let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in &mut signals {
                let mut ending = ending.lock().unwrap_or_else(PoisonError::into_inner);
                if matches!(*ending, Ending::Delayed) {
                    *ending = Ending::Begun(signal);
                    cancel.cancel();
                } else {
                    die_of(signal);
                }
            }
        })?;
        Ok(interruption)
    }

    /// The folder is gone.
    fn over(self) {
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ending::Begun(signal) = *ending {
            die_of(signal);
        }
        *ending = Ending::AtOnce;
    }
}

/// So that the shell is told what ended the process.
#[cfg(unix)]
fn die_of(signal: i32) {
    _ = signal_hook::low_level::emulate_default_handler(signal);
}

#[cfg(not(unix))]
struct Interruption {
    cancel: Cancel,
}

#[cfg(not(unix))]
impl Interruption {
    fn expected() -> io::Result<Self> {
        Ok(Self { cancel: Cancel::new() })
    }

    fn over(self) {}
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::of(format!("cannot write the demo's temporary folder: {error}"))
        .with_help("TMPDIR names the folder that it is made in")
}
