use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use groundswell::{Config, Limits, Mode};
use groundswell_attack::{Attacker, Expected, Part, Report, Siege, SiegeError, Trial, Verdict, all};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{self, Format};
use crate::progress;
use crate::table::Table;

/// Attack the sandbox with its own attackers, and report what came of each
///
/// Each is a plugin that tries one thing: to hang, to fill the memory, to lie, to reach out. It has to end in an error of
/// its own, and an honest plugin has to answer the same after it. Without a community.toml the limits are the defaults.
/// Takes a minute or two: those that never end use up what the limits give them. Meanwhile standard error tells how far it is:
/// a bar on a terminal, elsewhere a line for each attacker that is through.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell attack
  groundswell attack community.toml --mode strict
  groundswell attack --only spin-in --only leak-handles
  groundswell attack --format json > attacks.json
  groundswell attack --list

Exit codes: 0 all were stopped, or had nothing to hold on to; 3 one got away; 2 nothing could be tried.")]
pub(crate) struct Attack {
    /// The community.toml whose [limits] are attacked. Default: the host's own limits
    community: Option<PathBuf>,
    /// How plugins are bounded meanwhile. Default: as the community says, without one both
    #[arg(long, value_enum)]
    mode: Option<Modes>,
    /// This attacker alone, or this family; can be given more than once
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Name the attackers and what each tries, and attack nothing
    #[arg(long, conflicts_with_all = ["community", "mode"])]
    list: bool,
}

/// Which modes are attacked.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Modes {
    /// By fuel: for plugins that are not trusted.
    Strict,
    /// By a deadline.
    Fast,
    /// One after the other.
    Both,
}

impl Modes {
    fn each(self) -> &'static [Mode] {
        match self {
            Self::Strict => &[Mode::Strict],
            Self::Fast => &[Mode::Fast],
            Self::Both => &[Mode::Strict, Mode::Fast],
        }
    }
}

impl From<SiegeError> for Failure {
    fn from(error: SiegeError) -> Self {
        Self::new(&error)
    }
}

/// An attacker as `--list` names it.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    tries: &'static str,
    part: Part,
    strict: Expected,
    fast: Expected,
}

impl Attack {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if self.list {
            return self.name_them();
        }
        let (limits, own) = self.limits()?;
        let modes = self.mode.unwrap_or(own);
        let mut reports = Vec::new();
        for &mode in modes.each() {
            reports.push(self.siege(mode, &limits)?);
        }
        match self.format {
            Format::Json => output::json(&reports)?,
            Format::Table => output::write(|out| reports.iter().try_for_each(|report| write(out, report)))?,
        }
        let away: usize = reports.iter().map(|report| report.got_away().count()).sum();
        if away == 0 {
            return Ok(());
        }
        let told = if away == 1 { "an attacker".to_owned() } else { format!("{away} attackers") };
        let failure = Failure::of(format!("{told} got away")).plugin_fault(true);
        Err(failure
            .with_help("report it as SECURITY.md says, with the limits and what `--format json` answers"))
    }

    /// The limits under attack, and the modes where the command names none.
    fn limits(&self) -> Result<(Limits, Modes), Failure> {
        let Some(path) = &self.community else { return Ok((Limits::new(), Modes::Both)) };
        let config = Config::read(path)?;
        let mut limits = Limits::new();
        for (name, value) in &config.limits.changed {
            limits.set(name, *value).map_err(|error| Failure::new(&error))?;
        }
        Ok((limits, if config.limits.mode == Mode::Fast { Modes::Fast } else { Modes::Strict }))
    }

    fn siege(&self, mode: Mode, limits: &Limits) -> Result<Report, Failure> {
        let mut siege = Siege::new(mode, limits.clone());
        if !self.only.is_empty() {
            siege = siege.only(&self.only)?;
        }
        let bar = io::stderr().is_terminal().then(|| progress::count(&format!("Attacking {mode}")));
        let all = siege.attackers().len();
        if let Some(bar) = &bar {
            bar.set_length(all as u64);
        }
        let show = |done: usize, next: &str| {
            if let Some(bar) = &bar {
                bar.set_position(done as u64);
                bar.set_prefix(next.to_owned());
            }
        };
        let report = siege.run_and_tell(show, |done, trial| {
            if bar.is_none() {
                let (name, millis) = (trial.name, trial.millis);
                crate::output::say!("{mode}, {done} of {all}: {name}, {} ({millis} ms)", outcome(trial));
            }
        });
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        Ok(report?)
    }

    fn name_them(&self) -> Result<(), Failure> {
        let attackers = if self.only.is_empty() {
            all()
        } else {
            Siege::new(Mode::Strict, Limits::new()).only(&self.only)?.attackers().to_vec()
        };
        if self.format == Format::Json {
            let listed = |attacker: &Attacker| {
                let &Attacker { name, tries, part, strict, fast, .. } = attacker;
                Listed { name, tries, part, strict, fast }
            };
            return output::json(&attackers.iter().map(listed).collect::<Vec<_>>());
        }
        let mut table = Table::new(&["attacker", "tries"], &[]);
        attackers
            .iter()
            .for_each(|attacker| table.row([attacker.name.to_owned(), attacker.tries.to_owned()]));
        output::write(|out| writeln!(out, "{table}"))
    }
}

/// One line an attacker, and what it comes to.
fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut table = Table::new(&["attacker", "outcome", "ms"], &[2]);
    for trial in &report.trials {
        table.row([trial.name.to_owned(), outcome(trial), trial.millis.to_string()]);
    }
    let count = |is: fn(&Verdict) -> bool| report.trials.iter().filter(|trial| is(&trial.verdict)).count();
    let stopped = count(|verdict| matches!(verdict, Verdict::Stopped { .. }));
    let harmless = count(|verdict| matches!(verdict, Verdict::Harmless));
    let unseen = count(|verdict| matches!(verdict, Verdict::NotLookedFor));
    let unseen = if unseen > 0 { format!(", {unseen} not looked for in this mode") } else { String::new() };
    writeln!(out, "{table}")?;
    writeln!(
        out,
        "\n{} mode: {} attackers, {stopped} stopped, {harmless} harmless, {} got away{unseen}\n",
        report.mode,
        report.trials.len(),
        report.got_away().count()
    )
}

/// What came of an attack, in a few words.
fn outcome(trial: &Trial) -> String {
    match &trial.verdict {
        Verdict::Stopped { when, by, .. } => format!("stopped in {} by {}", word(when), word(by)),
        verdict => verdict.to_string(),
    }
}

/// A moment or a means as JSON writes it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
