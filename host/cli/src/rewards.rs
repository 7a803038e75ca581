use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use groundswell::ledger::{Act, Decision, Holding, Move, Selection, State, Verdict};
use groundswell::runtime::shown;
use groundswell::{Community, Rewards, RunOptions, Simulation};

use crate::failure::Failure;
use crate::history;
use crate::host;
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::table::Table;
use crate::when::When;

/// The most rows of a list that are shown to people.
const MOST: usize = 50;

/// Look at awards, and decide about them
#[derive(Debug, Subcommand)]
#[command(after_help = "\
What the rules propose, the programme gives, holds or puts before a person; what people decide is recorded with who and why.

Examples:
  groundswell rewards plan community.toml
  groundswell rewards list community.toml --state pending
  groundswell rewards approve community.toml 4962 helper --who mo --why earned
  groundswell rewards story community.toml 4962")]
pub(crate) enum RewardsCommand {
    Plan(Plan),
    List(List),
    Story(Story),
    /// Give what waits or is held, take back what is about to be, or uphold an appeal
    #[command(after_help = "\
Example:
  groundswell rewards approve community.toml 4962 helper --who mo --why asked")]
    Approve(One),
    /// Do not give what waits or is held, keep what was about to be taken back, or turn an appeal down
    #[command(after_help = "\
Example:
  groundswell rewards reject community.toml 4962 helper --who mo --why asked")]
    Reject(One),
    /// Take back what a member has
    #[command(after_help = "\
Example:
  groundswell rewards revoke community.toml 4962 helper --who mo --why asked")]
    Revoke(One),
    /// Give an award, whatever rules say; or more points
    #[command(after_help = "\
Examples:
  groundswell rewards grant community.toml 4962 helper --who mo --why hosted
  groundswell rewards grant c.toml 4962 stars --amount 20 --who mo --why hosted")]
    Grant(Amount),
    /// Take points that a member has spent
    #[command(after_help = "\
Example:
  groundswell rewards spend c.toml 4962 stars --amount 20 --who mo --why mug")]
    Spend(Amount),
    Record(Record),
    /// Keep rules from taking it back
    #[command(after_help = "\
Example:
  groundswell rewards pin community.toml 4962 helper --who mo --why asked")]
    Pin(One),
    /// Keep rules from giving it; `*` stands for every award
    #[command(after_help = "\
Example:
  groundswell rewards exclude community.toml 4962 '*' --who mo --why asked")]
    Exclude(One),
    /// Let a pin or an exclusion no longer hold
    #[command(after_help = "\
Example:
  groundswell rewards release community.toml 4962 '*' --who mo --why asked")]
    Release(One),
    /// Ask for another look at what was not given, or taken back
    #[command(after_help = "\
Example:
  groundswell rewards appeal community.toml 4962 helper --who mo --why asked")]
    Appeal(One),
}

impl RewardsCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Plan(plan) => plan.run(),
            Self::List(list) => list.run(),
            Self::Story(story) => story.run(),
            Self::Approve(one) => one.run(Act::Approve),
            Self::Reject(one) => one.run(Act::Reject),
            Self::Revoke(one) => one.run(Act::Revoke),
            Self::Grant(Amount { one, amount }) => one.run(Act::Grant(amount)),
            Self::Spend(Amount { one, amount }) => one.run(Act::Spend(amount)),
            Self::Record(Record { one, state }) => one.run(Act::Record(state.state())),
            Self::Pin(one) => one.run(Act::Pin),
            Self::Exclude(one) => one.run(Act::Exclude),
            Self::Release(one) => one.run(Act::Release),
            Self::Appeal(one) => one.run(Act::Appeal),
        }
    }
}

/// A decision about one award of one member.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The community's community.toml
    community: PathBuf,
    /// The member's id
    #[arg(allow_negative_numbers = true)]
    member: String,
    /// The award's id
    award: String,
    /// Who decides; everybody who sees the ledger sees it
    #[arg(long)]
    who: String,
    /// Why, in one line; the member sees it
    #[arg(long)]
    why: String,
    /// Only if nothing was recorded about it since this entry, whose number `rewards list` shows
    #[arg(long, value_name = "NUMBER")]
    entry: Option<i64>,
    /// Record nothing, and say what would be
    #[arg(long)]
    dry_run: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl One {
    fn run(self, act: Act) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let rewards = rewards(&community)?;
        let Self { member, award, who, why, .. } = &self;
        let mut decision = Decision::new(member, award, act, who, why);
        decision.seen = self.entry;
        let moves =
            rewards.decide(&decision, self.dry_run).map_err(|error| host::failed(&community, error))?;
        match self.format {
            Format::Json => output::json(&moves),
            Format::Table => output::write(|out| {
                let gone = |change: &Move| matches!(change.to, State::Revoked | State::Left);
                let again = moves.iter().any(gone);
                let done = if self.dry_run { "would be" } else { "is now" };
                moves.iter().try_for_each(|change| {
                    let was = change.from.map_or_else(String::new, |from| format!(" (it was {from})"));
                    writeln!(
                        out,
                        "`{}` of {} {done} {}{was}",
                        change.award,
                        shown(&change.member, 60),
                        change.to
                    )
                })?;
                if again {
                    writeln!(
                        out,
                        "rules may give it again: `groundswell rewards exclude` keeps them from it"
                    )?;
                }
                Ok(())
            }),
        }
    }
}

/// A decision about so many.
#[derive(Debug, Args)]
pub(crate) struct Amount {
    #[command(flatten)]
    one: One,
    /// How many points
    #[arg(long, default_value_t = 1)]
    amount: u64,
}

/// Record how far a member has come: a training accepted or completed, a circle left
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell rewards record c.toml 62 circle --state left --who mo --why moved")]
pub(crate) struct Record {
    #[command(flatten)]
    one: One,
    /// What happened
    #[arg(long, value_enum)]
    state: Happened,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Happened {
    /// A training was accepted
    Accepted,
    /// A training was completed
    Completed,
    /// A circle was left
    Left,
}

impl Happened {
    fn state(self) -> State {
        match self {
            Self::Accepted => State::Accepted,
            Self::Completed => State::Completed,
            Self::Left => State::Left,
        }
    }
}

/// List where awards stand
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell rewards list community.toml --state pending --state held
  groundswell rewards list community.toml --member 4962 --at 2020-03-01
  groundswell rewards list community.toml --format json")]
pub(crate) struct List {
    /// The community's community.toml
    community: PathBuf,
    /// In this state alone; may be repeated: pending, held, revoking, appealed, granted, joined, …
    #[arg(long, value_parser = state)]
    state: Vec<State>,
    /// Of this award alone
    #[arg(long)]
    award: Option<String>,
    /// Of this member alone
    #[arg(long, allow_negative_numbers = true)]
    member: Option<String>,
    /// As it was then: a time such as 2020-03-01T12:00:00Z, or a date, which stands for its beginning in the community's time zone
    #[arg(long, value_name = "TIME")]
    at: Option<When>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let mut selection = Selection::default();
        selection.states = self.state;
        selection.award = self.award;
        selection.member = self.member;
        selection.at = self.at.map(|at| at.in_time_zone_of(&community)).transpose()?;
        let rewards = rewards(&community)?;
        let told = |error| host::failed(&community, error);
        let all = rewards.list(&selection).map_err(told)?;
        if all.is_empty() {
            rewards.refuse_unknown(&selection).map_err(told)?;
        }
        match self.format {
            Format::Json => output::json(&all),
            Format::Table => output::write(|out| write_holdings(out, &all, MOST)),
        }
    }
}

/// Show everything that was recorded of a member's awards and tiers
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell rewards story community.toml 4962")]
pub(crate) struct Story {
    /// The community's community.toml
    community: PathBuf,
    /// The member's id
    #[arg(allow_negative_numbers = true)]
    member: String,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Story {
    fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let rewards = rewards(&community)?;
        let told = |error| host::failed(&community, error);
        let story = rewards.story(&self.member).map_err(told)?;
        let tiers = rewards.tiers(&self.member).map_err(told)?;
        let balances = rewards.balances(Some(&self.member), None).map_err(told)?;
        if story.is_empty() && tiers.is_empty() {
            let mut selection = Selection::default();
            selection.member = Some(self.member);
            return rewards.refuse_unknown(&selection).map_err(told);
        }
        match self.format {
            Format::Json => output::json(&serde_json::json!({
                "tiers": tiers, "awards": story, "balances": balances,
            })),
            Format::Table => output::write(|out| {
                history::write_member(out, &tiers, None)?;
                writeln!(out)?;
                write_holdings(out, &story, usize::MAX)?;
                balances.iter().try_for_each(|balance| {
                    writeln!(out, "balance of `{}`: {} points", balance.award, balance.balance)
                })
            }),
        }
    }
}

/// Say what a run would give, hold and take back, without recording anything
#[derive(Debug, Args)]
#[command(after_help = "\
Where plugins, settings or terms have changed within a period, a run records nothing until that is approved.

Examples:
  groundswell rewards plan community.toml
  groundswell rewards plan community.toml --since 2020-01-01
  groundswell rewards plan community.toml --approve --who mo --why voted
  groundswell rewards plan c.toml --approve --terms 0c4e… --who mo --why voted")]
pub(crate) struct Plan {
    /// The community's community.toml
    community: PathBuf,
    /// Say instead what the programme would have done to every period since then, from an empty ledger on, and to whom; a date
    /// stands for its beginning in the community's time zone
    #[arg(long, conflicts_with = "approve", value_name = "DATE")]
    since: Option<When>,
    /// Let what decides now count within this period, though it began with something else
    #[arg(long, requires = "who", requires = "why")]
    approve: bool,
    /// Only if what decides is still what the plan said it was
    #[arg(long, requires = "approve", value_name = "HASH")]
    terms: Option<String>,
    /// Who approves
    #[arg(long)]
    who: Option<String>,
    /// Why
    #[arg(long)]
    why: Option<String>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Plan {
    fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let stages = Stages::default();
        let told = |error| host::failed(&community, error);
        // There has to be a programme.
        rewards(&community)?;
        if self.approve {
            let (who, why) = (self.who.unwrap_or_default(), self.why.unwrap_or_default());
            let options = stages.heard_from(RunOptions::default());
            let period = community.approve_terms(self.terms.as_deref(), &who, &why, &options);
            stages.finish();
            let period = period.map_err(told)?;
            return output::write(|out| {
                writeln!(out, "from now on {period} is decided by what community.toml says now: run it")
            });
        }
        if let Some(since) = self.since {
            let since = since.in_time_zone_of(&community)?;
            let simulation = community.simulate(since, &stages.heard_from(RunOptions::default()));
            stages.finish();
            let simulation = simulation.map_err(told)?;
            return match self.format {
                Format::Json => output::json(&simulation),
                Format::Table => output::write(|out| write_simulation(out, &simulation)),
            };
        }
        let run = community.run(&stages.heard_from(RunOptions::default().dry_run(true)));
        stages.finish();
        let run = run.map_err(told)?;
        let terms = community.terms().map_err(told)?;
        if self.format == Format::Json {
            return output::json(&serde_json::json!({
                "terms": terms,
                "period": run.info().period, "changes": run.changes(), "budgets": run.budgets(), "notes": run.info().notes,
            }));
        }
        output::write(|out| {
            let unapproved = run.awards().iter().any(|award| award.status == Verdict::Unapproved);
            let once = if unapproved { "once that is approved, " } else { "" };
            writeln!(out, "{once}a run as of {} would change:", run.info().as_of)?;
            write_moves(out, run.changes())?;
            let bounded = run.budgets().iter().filter(|usage| usage.budget.is_some());
            for usage in bounded {
                writeln!(
                    out,
                    "budget of `{}`: {} of {} used before, {} after",
                    usage.award,
                    usage.before,
                    usage.budget.unwrap_or_default(),
                    usage.after
                )?;
            }
            run.info().notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
            writeln!(out, "what decides: {}", terms.get(..12).unwrap_or(&terms))
        })
    }
}

/// The most members that are named who would have been overlooked.
const MOST_OVERLOOKED: usize = 20;

fn write_simulation(out: &mut impl Write, simulation: &Simulation) -> io::Result<()> {
    let mut table = Table::new(&["period", "members", "award", "would have become"], &[1]);
    for period in &simulation.periods {
        let mut first = Some((period.period.clone(), period.population.to_string()));
        if period.changes.is_empty() {
            let (key, members) = first.take().unwrap_or_default();
            table.row([key, members, String::new(), "nothing".to_owned()]);
        }
        for (award, states) in &period.changes {
            let states: Vec<String> =
                states.iter().map(|(state, number)| format!("{number} {state}")).collect();
            let (key, members) = first.take().unwrap_or_default();
            table.row([key, members, award.clone(), states.join(", ")]);
        }
    }
    writeln!(out, "{table}\n")?;
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "unknown".to_owned(), |value| format!("{value:.digits$}"))
    };
    let titles = [
        "award",
        "qualified",
        "received",
        "Gini",
        "days a member, who qualified",
        "who received",
        "newcomers",
    ];
    let mut table = Table::new(&titles, &[1, 2, 3, 4, 5, 6]);
    for fairness in &simulation.fairness {
        table.row([
            fairness.award.clone(),
            fairness.qualified.to_string(),
            fairness.received.to_string(),
            number(fairness.gini, 2),
            number(fairness.tenure_qualified, 0),
            number(fairness.tenure_received, 0),
            fairness
                .newcomers
                .map_or_else(|| "unknown".to_owned(), |share| format!("{:.0} %", share * 100.0)),
        ]);
    }
    writeln!(out, "{table}")?;
    let waits = |states: &std::collections::BTreeMap<State, u64>| states.contains_key(&State::Pending);
    if simulation.periods.iter().any(|period| period.changes.values().any(waits)) {
        writeln!(out, "what waits for a person counts as not received")?;
    }
    if simulation.overlooked.is_empty() {
        return writeln!(out, "\nnobody would have qualified in three periods or more and received nothing");
    }
    writeln!(out, "\nqualified in three periods or more, and received nothing:")?;
    for one in simulation.overlooked.iter().take(MOST_OVERLOOKED) {
        writeln!(out, "  {}: `{}`, {} periods", shown(&one.member, 40), one.award, one.periods)?;
    }
    more(out, simulation.overlooked.len(), MOST_OVERLOOKED)
}

pub(crate) fn write_moves(out: &mut impl Write, moves: &[Move]) -> io::Result<()> {
    if moves.is_empty() {
        return writeln!(out, "nothing");
    }
    let mut table = Table::new(&["award", "from", "to", "member", "amount", "why"], &[4]);
    for change in moves.iter().take(MOST) {
        table.row([
            change.award.clone(),
            change.from.map_or_else(|| "-".to_owned(), |from| from.to_string()),
            change.to.to_string(),
            shown(&change.member, 40),
            change.amount.to_string(),
            shown(&change.reason, 60),
        ]);
    }
    writeln!(out, "{table}")?;
    more(out, moves.len(), MOST)
}

fn write_holdings(out: &mut impl Write, all: &[Holding], most: usize) -> io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "none");
    }
    let mut table =
        Table::new(&["member", "award", "period", "state", "amount", "since", "entry", "by", "why"], &[4, 6]);
    for one in all.iter().take(most) {
        let why = if one.reason.is_empty() && one.state == State::Held { &one.detail } else { &one.reason };
        table.row([
            one.member.as_deref().map_or_else(|| "(forgotten)".to_owned(), |member| shown(member, 40)),
            shown(&one.award, 64),
            shown(&one.period, 20),
            match one.state {
                State::Held => format!("held: {}", one.detail),
                state => state.to_string(),
            },
            one.amount.to_string(),
            one.at.day(),
            one.entry.to_string(),
            shown(&one.actor, 40),
            shown(why, 60),
        ]);
    }
    writeln!(out, "{table}")?;
    more(out, all.len(), most)
}

fn more(out: &mut impl Write, all: usize, most: usize) -> io::Result<()> {
    match all.checked_sub(most) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "and {more} more: --format json has all of them"),
    }
}

fn rewards(community: &Community) -> Result<Rewards, Failure> {
    community.rewards().map_err(|error| host::failed(community, error))
}

fn state(text: &str) -> Result<State, String> {
    State::of_name(text).ok_or_else(|| {
        let names: Vec<&str> = State::all().map(State::name).collect();
        format!("it is one of {}", names.join(", "))
    })
}
