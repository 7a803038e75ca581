use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use groundswell::delivery::Progress;
use groundswell::ledger::Moment;
use groundswell::runtime::shown;
use groundswell::{Backlog, Cancel, Community, Delivering, Error, RunOptions};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::table::Table;

/// How much of a problem is shown, in characters.
const MOST: usize = 200;

/// Hand awards to the platform, by signed webhook or into a file
#[derive(Debug, Args)]
#[command(after_help = "\
Each message is delivered at least once, with a key by which a receiver knows it again, and in order for each member. What a \
target does not take waits, longer each time; after 20 attempts it is dead, until somebody lets it be tried again. What waits of \
members who opted out is withdrawn: where the members' files have changed since the last run, they are read for that first.

Exits with 2 as long as anything waits or was given up.

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
    /// Let what was withdrawn wait again, where members were taken for having opted out who had not, and deliver; what is about members
    /// who did is withdrawn again
    #[arg(long, conflicts_with = "dead")]
    reinstate: bool,
    /// Do not look who opted out since the last run, and thank them: for where the data cannot be read
    #[arg(long, conflicts_with = "dead")]
    as_of_last_run: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Deliver {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let failed = |error| failed(&community, error);
        if self.dead {
            return self.list(&community);
        }
        if self.retry.is_some() || self.retry_all {
            let again = community.retry_letters(self.retry).map_err(failed)?;
            if again == 0 && self.retry.is_some() {
                let failure = Failure::of("there is no dead letter of that number".to_owned());
                return Err(failure.with_help("`groundswell deliver COMMUNITY --dead` lists them"));
            }
        }
        if self.reinstate {
            let again = community.reinstate_letters().map_err(failed)?;
            crate::output::say!("messages that wait again: {again}");
        }
        let (stages, reading) = (Stages::default(), Cancel::new());
        let options = stages.heard_from(RunOptions::default().cancel(reading.clone()));
        let mut delivering = community.delivering(&options).map_err(failed)?;
        if self.as_of_last_run {
            delivering = delivering.as_of_last_run();
        }
        // Before anything that goes on, and before interruptions are taken for its end.
        strays(&community)?;
        let cancel = Arc::new(AtomicBool::new(false));
        let mut signals = Signals::new([SIGINT, SIGTERM])
            .map_err(|error| Failure::of(format!("cannot listen for interruptions: {error}")))?;
        let handle = signals.handle();
        let heard = Arc::clone(&cancel);
        let listening = std::thread::spawn(move || {
            if signals.forever().next().is_some() {
                heard.store(true, Ordering::Relaxed);
                reading.cancel();
            }
        });
        let done = if self.watch {
            watch(&mut delivering, &cancel).map(|()| Vec::new())
        } else {
            delivering.once(&cancel, &mut |_| ())
        };
        stages.finish();
        handle.close();
        _ = listening.join();
        let done = done.map_err(failed)?;
        if self.watch {
            return Ok(());
        }
        withdrawn(delivering.withdrawn());
        let waiting = community.backlog().map_err(failed)?;
        self.answer(&done, &waiting)?;
        all_taken(&done)
    }

    fn list(&self, community: &Community) -> Result<(), Failure> {
        let letters = community.dead_letters().map_err(|error| failed(community, error))?;
        if self.format == Format::Json {
            return output::json(&letters);
        }
        output::write(|out| {
            if letters.is_empty() {
                return writeln!(out, "none");
            }
            let columns = &["number", "target", "member", "award", "event", "attempts", "problem"];
            let mut table = Table::new(columns, &[0, 5]);
            for letter in &letters {
                table.row([
                    letter.id.to_string(),
                    shown(&letter.target, 64),
                    shown(letter.holding.member.as_deref().unwrap_or_default(), 40),
                    shown(&letter.holding.award, 64),
                    letter.holding.state.to_string(),
                    letter.attempts.to_string(),
                    shown(&letter.problem, MOST),
                ]);
            }
            writeln!(out, "{table}")
        })
    }

    /// What came of a round, target by target, and what waits after it.
    fn answer(&self, done: &[Progress], waiting: &[Backlog]) -> Result<(), Failure> {
        let of = |target: &str| waiting.iter().find(|one| one.target == target);
        let problem = |progress: &Progress| {
            let waits = of(&progress.target).and_then(|one| one.problem.clone());
            progress.problem.clone().or(waits)
        };
        let next = |progress: &Progress| of(&progress.target).and_then(|one| one.next_try);
        if self.format == Format::Json {
            let told: Vec<_> = done
                .iter()
                .map(|progress| {
                    serde_json::json!({
                        "target": progress.target, "delivered": progress.delivered, "failed": progress.failed,
                        "died": progress.died, "waiting": progress.tally.waiting, "dead": progress.tally.dead,
                        "next_try": next(progress), "problem": problem(progress),
                    })
                })
                .collect();
            return output::json(&told);
        }
        let now = Moment(i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX));
        output::write(|out| {
            let columns = &["target", "delivered", "failed", "waiting", "dead", "last problem"];
            let mut table = Table::new(columns, &[1, 2, 3, 4]);
            for progress in done {
                table.row([
                    progress.target.clone(),
                    progress.delivered.to_string(),
                    progress.failed.to_string(),
                    progress.tally.waiting.to_string(),
                    progress.tally.dead.to_string(),
                    problem(progress).map_or_else(String::new, |problem| shown(&problem, MOST)),
                ]);
            }
            writeln!(out, "{table}")?;
            for progress in done {
                if let Some(next) = next(progress) {
                    writeln!(out, "{}: next try in {}", progress.target, until(next, now))?;
                }
            }
            Ok(())
        })
    }
}

/// Goes on until it is interrupted, and says on standard error what comes of it: the answer of a command that goes on is what it does.
fn watch(delivering: &mut Delivering, cancel: &AtomicBool) -> Result<(), Error> {
    delivering.watch(cancel, &mut |told| match told {
        Ok(progress) if progress.delivered + progress.failed + progress.died > 0 => tell(progress),
        Ok(_) => {}
        Err(error) => {
            crate::output::say!("{}; it is tried again until it works", shown(&error.to_string(), 1_000))
        }
    })?;
    withdrawn(delivering.withdrawn());
    Ok(())
}

/// What went wrong, with the way out that only this command knows.
fn failed(community: &Community, error: Error) -> Failure {
    let is_about_wishes = matches!(error, Error::Wishes(_));
    let failure = host::failed(community, error);
    if !is_about_wishes {
        return failure;
    }
    failure.with_help(
        "mend that; or, where it cannot be mended, deliver by what the last run knew: --as-of-last-run thanks whoever opted out since",
    )
}

/// Says what nobody takes any more.
fn strays(community: &Community) -> Result<(), Failure> {
    for (target, messages) in community.stray_messages().map_err(|error| failed(community, error))? {
        crate::output::say!(
            "{messages} messages are for `{}`, which [programme.targets] does not name any more: name it again, and they are delivered",
            shown(&target, 64)
        );
    }
    Ok(())
}

fn withdrawn(messages: u64) {
    if messages > 0 {
        crate::output::say!("messages withdrawn, as their members opted out: {messages}");
    }
}

/// How long it is until then, and when that is; in whole seconds.
fn until(next: Moment, now: Moment) -> String {
    const SECOND: i64 = 1_000_000_000;
    let left = next.0.saturating_sub(now.0).max(0).div_euclid(SECOND) + 1;
    let told = match left {
        ..120 => format!("{left} s"),
        120..7_200 => format!("{} min", left / 60),
        _ => format!("{} h", left / 3_600),
    };
    format!("{told}, at {}", Moment((next.0.div_euclid(SECOND) + 1).saturating_mul(SECOND)))
}

/// Whoever calls this from a timetable is to know.
fn all_taken(done: &[Progress]) -> Result<(), Failure> {
    let (waiting, dead) =
        done.iter().fold((0, 0), |(waiting, dead), one| (waiting + one.tally.waiting, dead + one.tally.dead));
    if (waiting, dead) == (0, 0) {
        return Ok(());
    }
    let failure =
        Failure::of(format!("not everything was taken: {waiting} messages wait, {dead} are given up"));
    Err(failure.with_help(
        "what waits is tried again by the next `groundswell deliver`; --dead lists what was given up",
    ))
}

/// One line for each batch.
fn tell(progress: &Progress) {
    let problem =
        progress.problem.as_deref().map_or_else(String::new, |problem| format!(": {}", shown(problem, MOST)));
    crate::output::say!(
        "{}: {} delivered, {} failed, {} given up{problem}",
        progress.target,
        progress.delivered,
        progress.failed,
        progress.died
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_try_is_told_by_how_long_it_is_and_when() {
        let now: Moment = "2026-07-01T00:00:00.5Z".parse().unwrap();
        let told = |nanoseconds: i64| until(Moment(now.0 + nanoseconds), now);
        const SECOND: i64 = 1_000_000_000;
        let all = [1, 41 * SECOND + SECOND / 2, 600 * SECOND, 6 * 3_600 * SECOND].map(told);
        insta::assert_snapshot!(all.join("\n"), @r"
        1 s, at 2026-07-01T00:00:01Z
        42 s, at 2026-07-01T00:00:43Z
        10 min, at 2026-07-01T00:10:01Z
        6 h, at 2026-07-01T06:00:01Z
        ");
    }
}
