use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use groundswell::runtime::shown;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::table::Table;

/// Hand awards to the platform, by signed webhook or into a file
#[derive(Debug, Args)]
#[command(after_help = "\
Each message is delivered at least once, with a key by which a receiver knows it again, and in order for each member. What a \
target does not take waits, longer each time; after 20 attempts it is dead, until somebody lets it be tried again.

Examples:
  groundswell deliver community.toml
  groundswell deliver community.toml --watch
  groundswell deliver community.toml --dead
  groundswell deliver community.toml --retry 17")]
pub(crate) struct Deliver {
    /// The community's community.toml
    community: PathBuf,
    /// Go on until it is interrupted
    #[arg(long, conflicts_with_all = ["dead", "retry", "retry_all"])]
    watch: bool,
    /// List what was given up, and deliver nothing
    #[arg(long, conflicts_with_all = ["retry", "retry_all"])]
    dead: bool,
    /// Let this one of those be tried again, and deliver
    #[arg(long, value_name = "NUMBER")]
    retry: Option<u64>,
    /// Let all of those be tried again, and deliver
    #[arg(long, conflicts_with = "retry")]
    retry_all: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Deliver {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let failed = |error| host::failed(&community, error);
        if self.dead {
            let letters = community.dead_letters().map_err(failed)?;
            if self.format == Format::Json {
                return output::json(&letters);
            }
            return output::write(|out| {
                if letters.is_empty() {
                    return writeln!(out, "none");
                }
                let mut table = Table::new(
                    &["number", "target", "member", "award", "event", "attempts", "problem"],
                    &[0, 5],
                );
                for letter in &letters {
                    table.row([
                        letter.id.to_string(),
                        letter.target.clone(),
                        shown(letter.holding.member.as_deref().unwrap_or_default(), 40),
                        letter.holding.award.clone(),
                        letter.holding.state.to_string(),
                        letter.attempts.to_string(),
                        shown(&letter.problem, 200),
                    ]);
                }
                writeln!(out, "{table}")
            });
        }
        if self.retry.is_some() || self.retry_all {
            let again = community.retry_letters(self.retry).map_err(failed)?;
            if again == 0 && self.retry.is_some() {
                let failure = Failure::of("there is no dead letter of that number".to_owned());
                return Err(failure.with_help("`groundswell deliver COMMUNITY --dead` lists them"));
            }
        }
        let cancel = Arc::new(AtomicBool::new(false));
        let mut signals = Signals::new([SIGINT, SIGTERM])
            .map_err(|error| Failure::of(format!("cannot listen for interruptions: {error}")))?;
        let handle = signals.handle();
        let heard = Arc::clone(&cancel);
        let listening = std::thread::spawn(move || {
            if signals.forever().next().is_some() {
                heard.store(true, Ordering::Relaxed);
            }
        });
        let mut delivering = community.delivering().map_err(failed)?;
        let done = if self.watch {
            delivering
                .watch(&cancel, &mut |progress| {
                    if progress.delivered + progress.failed + progress.died > 0 {
                        tell(progress);
                    }
                })
                .map(|()| Vec::new())
        } else {
            delivering.once(&cancel, &mut |_| ())
        };
        handle.close();
        _ = listening.join();
        let done = done.map_err(failed)?;
        for (target, messages) in community.stray_messages().map_err(failed)? {
            eprintln!(
                "{messages} messages are for `{}`, which [programme.targets] does not name any more: name it again, and they are delivered",
                shown(&target, 64)
            );
        }
        if self.watch {
            return Ok(());
        }
        if self.format == Format::Json {
            let told: Vec<_> = done
                .iter()
                .map(|progress| {
                    serde_json::json!({
                        "target": progress.target, "delivered": progress.delivered, "failed": progress.failed,
                        "died": progress.died, "waiting": progress.tally.waiting, "dead": progress.tally.dead,
                        "problem": progress.problem,
                    })
                })
                .collect();
            output::json(&told)?;
            return all_taken(&done);
        }
        output::write(|out| {
            let mut table = Table::new(
                &["target", "delivered", "failed", "waiting", "dead", "last problem"],
                &[1, 2, 3, 4],
            );
            for progress in &done {
                table.row([
                    progress.target.clone(),
                    progress.delivered.to_string(),
                    progress.failed.to_string(),
                    progress.tally.waiting.to_string(),
                    progress.tally.dead.to_string(),
                    progress.problem.as_deref().map_or_else(String::new, |problem| shown(problem, 200)),
                ]);
            }
            writeln!(out, "{table}")
        })?;
        all_taken(&done)
    }
}

/// Whoever calls this from a timetable is to know.
fn all_taken(done: &[groundswell::delivery::Progress]) -> Result<(), Failure> {
    let (waiting, dead) =
        done.iter().fold((0, 0), |(waiting, dead), one| (waiting + one.tally.waiting, dead + one.tally.dead));
    if done.iter().all(|one| one.failed + one.died == 0) {
        return Ok(());
    }
    let failure =
        Failure::of(format!("not everything was taken: {waiting} messages wait, {dead} are given up"));
    Err(failure.with_help(
        "what waits is tried again by the next `groundswell deliver`; --dead lists what was given up",
    ))
}

/// One line for each batch, on standard error: the answer of a command that goes on is what it does.
fn tell(progress: &groundswell::delivery::Progress) {
    let problem =
        progress.problem.as_deref().map_or_else(String::new, |problem| format!(": {}", shown(problem, 200)));
    eprintln!(
        "{}: {} delivered, {} failed, {} given up{problem}",
        progress.target, progress.delivered, progress.failed, progress.died
    );
}
