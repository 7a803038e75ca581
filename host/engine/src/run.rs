//! What a run found, in memory and as JSON.

use std::path::{Path, PathBuf};

use groundswell_ledger::{BudgetUse, Move, Verdict};
use groundswell_runtime::{Fitted, Kind, Mode, Plugin, Population, Usage};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::leaderboard::Leaderboard;
use crate::{Error, Rejected, Snapshot};

/// What a run found.
///
/// Serialises to the JSON that `groundswell run --format json` prints: `members`, `tiers`, `awards`, `changes`,
/// `rejected` and `run`.
#[derive(Debug)]
pub struct Run {
    pub(crate) board: Leaderboard,
    /// Of every row the tier that counts for rewards, as an index into the definition's.
    pub(crate) counting: Vec<u32>,
    pub(crate) awards: Vec<AwardResult>,
    pub(crate) moves: Vec<Move>,
    pub(crate) budgets: Vec<BudgetUse>,
    pub(crate) snapshot: Snapshot,
    pub(crate) info: RunInfo,
    pub(crate) results: Option<PathBuf>,
    pub(crate) fitting: Fitting,
}

/// What the definition was asked with.
#[derive(Debug)]
pub(crate) struct Fitting {
    pub(crate) plugin: Plugin,
    /// Whatever answers depend on, and nothing that would end them early.
    pub(crate) options: groundswell_runtime::RunOptions,
}

impl Run {
    /// Every member of the population in order of rank; equal ranks in the order of ids by bytes.
    pub fn members(&self) -> impl ExactSizeIterator<Item = MemberResult<'_>> {
        self.board.order.iter().map(|&row| MemberResult::new(self, row as usize))
    }

    /// One member by id; `None` for whoever is not in the population.
    pub fn member(&self, id: &str) -> Option<MemberResult<'_>> {
        self.board.row(id).map(|row| MemberResult::new(self, row))
    }

    /// The definition's tiers in its own order, with how many members are in each.
    pub fn tiers(&self) -> Vec<TierCount> {
        self.board.tier_counts()
    }

    /// What the reward rules propose, in the order of member ids by bytes; empty where the definition is
    /// not the programme's.
    pub fn awards(&self) -> &[AwardResult] {
        &self.awards
    }

    /// What the run changed in the ledger, or would after a dry run: what was given, held, taken back or has lapsed.
    pub fn changes(&self) -> &[Move] {
        &self.moves
    }

    /// How much of each award's budget is used in the period.
    pub fn budgets(&self) -> &[BudgetUse] {
        &self.budgets
    }

    /// The rows of the source files that were left aside.
    pub fn rejected(&self) -> &[Rejected] {
        self.snapshot.rejected()
    }

    /// The data that the run looked at. After a dry run its folder is gone.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What the run was: receipt, as-of, who was left out, what is unknown.
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// The folder in the state that holds the results; `None` after a dry run.
    pub fn results(&self) -> Option<&Path> {
        self.results.as_deref()
    }

    /// The run's definition with its population held fixed, which scores anybody by their raw values. A member of the
    /// population scores what this run says, bit for bit.
    ///
    /// # Errors
    ///
    /// Where the plugin misbehaves, as in a run.
    pub fn fitted(&self) -> Result<Fitted, Error> {
        let mut population = Population::new(self.board.ids.len());
        for input in &self.board.inputs {
            if let Some(raw) = &input.raw {
                population = population.with(input.metric.clone(), raw.clone())?;
            }
        }
        Ok(self.fitting.plugin.fit(&population, &self.fitting.options)?)
    }
}

impl Serialize for Run {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Run", 6)?;
        json.serialize_field("members", &Members(self))?;
        json.serialize_field("tiers", &self.tiers())?;
        json.serialize_field("awards", &self.awards)?;
        json.serialize_field("changes", &self.moves)?;
        json.serialize_field("rejected", &RejectedRows(self.rejected()))?;
        json.serialize_field("run", &self.info)?;
        json.end()
    }
}

/// Members one after the other, so that a million of them never stand in memory as JSON.
struct Members<'a>(&'a Run);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.board.order.len()))?;
        for member in self.0.members() {
            list.serialize_element(&member)?;
        }
        list.end()
    }
}

/// Rejected rows without their examples, which stand in the snapshot's `rejected.jsonl`.
struct RejectedRows<'a>(&'a [Rejected]);

impl Serialize for RejectedRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            table: &'a str,
            reason: &'a str,
            rows: u64,
        }
        let rows =
            self.0.iter().map(|Rejected { table, reason, rows, .. }| Row { table, reason, rows: *rows });
        serializer.collect_seq(rows)
    }
}

/// One member of the population.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MemberResult<'a> {
    /// The member's id, as it stands in the data: escape it before showing it.
    pub member: &'a str,
    /// 1 + members with a higher score.
    pub rank: u32,
    /// The score, in the definition's own unit.
    pub score: f64,
    /// (members below + half of those equal) / members, 0 to 1.
    pub percentile: f64,
    /// The id of the tier the member is in.
    pub tier: &'a str,
    /// The id of the tier that counts for rewards: another one until as many runs in a row have said `tier` as the programme's
    /// `confirm-runs` asks for.
    pub counts: &'a str,
    board: &'a Leaderboard,
    row: usize,
}

impl<'a> MemberResult<'a> {
    fn new(run: &'a Run, row: usize) -> Self {
        let board = &run.board;
        let tier = board.tier(row).map_or("", |tier| tier.id.as_str());
        let counts = run.counting.get(row).and_then(|place| board.ladder.get(*place as usize));
        Self {
            member: board.ids.get(row).map_or("", String::as_str),
            rank: board.ranks.get(row).copied().unwrap_or(0),
            score: board.scores.get(row).copied().unwrap_or(f64::NAN),
            percentile: board.percentiles.get(row).copied().unwrap_or(f64::NAN),
            tier,
            counts: counts.map_or(tier, |tier| tier.id.as_str()),
            board,
            row,
        }
    }

    /// The title of that tier, escaped.
    pub fn tier_title(&self) -> String {
        self.board.tier(self.row).map_or_else(String::new, |tier| groundswell_runtime::shown(&tier.title, 64))
    }

    /// The title of the tier that counts for rewards, escaped; `None` where it is that of `tier`.
    pub fn counts_title(&self) -> Option<String> {
        let counts = self.board.ladder.iter().find(|tier| tier.id == self.counts)?;
        (self.counts != self.tier).then(|| groundswell_runtime::shown(&counts.title, 64))
    }

    /// Why they are in that tier: the definition's sentences with values filled in, escaped.
    pub fn reasons(&self) -> Vec<String> {
        self.board.reasons(self.row)
    }

    /// Every input's part of the score, in the order in which the definition declares them.
    pub fn contributions(&self) -> impl ExactSizeIterator<Item = Contribution<'a>> + use<'a> {
        let row = self.row;
        self.board.inputs.iter().map(move |input| Contribution {
            input: &input.id,
            value: InputValue::of(input.raw.as_ref(), row),
            scaled: InputValue::of(Some(&input.scaled), row),
            percentile: input.percentile(row),
            contribution: input.contributions.get(row).copied().unwrap_or(0.0),
        })
    }

    /// The `most` inputs that move this member's score furthest from the base, either way, furthest first;
    /// inputs that do not move it are left out.
    pub fn top_inputs(&self, most: usize) -> Vec<Contribution<'a>> {
        let mut inputs: Vec<_> = self.contributions().filter(|input| input.contribution != 0.0).collect();
        inputs.sort_by(|left, right| right.contribution.abs().total_cmp(&left.contribution.abs()));
        inputs.truncate(most);
        inputs
    }
}

impl Serialize for MemberResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Contributions<'a>(&'a MemberResult<'a>);
        impl Serialize for Contributions<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.contributions())
            }
        }
        let unconfirmed = self.counts != self.tier;
        let mut json = serializer.serialize_struct("Member", 7 + usize::from(unconfirmed))?;
        json.serialize_field("member", self.member)?;
        json.serialize_field("rank", &self.rank)?;
        json.serialize_field("score", &self.score)?;
        json.serialize_field("percentile", &self.percentile)?;
        json.serialize_field("tier", self.tier)?;
        // Where it says nothing new it is left out.
        if unconfirmed {
            json.serialize_field("counts", self.counts)?;
        }
        json.serialize_field("reasons", &self.reasons())?;
        json.serialize_field("contributions", &Contributions(self))?;
        json.end()
    }
}

/// One input's part of a member's score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Contribution<'a> {
    /// `metric@scale`.
    pub input: &'a str,
    /// The value in the metric's own unit.
    pub value: InputValue<'a>,
    /// The value as the definition saw it.
    pub scaled: InputValue<'a>,
    /// (members below + half of those equal) / members with a value, 0 to 1; `None` for categories and
    /// missing values.
    pub percentile: Option<f64>,
    /// What it adds to the base, in the score's unit.
    pub contribution: f64,
}

/// A number, a word, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum InputValue<'a> {
    /// The member has no value.
    Missing,
    /// A number.
    Number(f64),
    /// A word, as it stands in the data.
    Word(&'a str),
}

impl<'a> InputValue<'a> {
    pub(crate) fn of(column: Option<&'a groundswell_runtime::Column>, row: usize) -> Self {
        let Some(column) = column else { return Self::Missing };
        let word = || column.word(row).map(Self::Word);
        column.number(row).map(Self::Number).or_else(word).unwrap_or(Self::Missing)
    }
}

impl std::fmt::Display for InputValue<'_> {
    /// As people write it: at most two decimals, `unknown` where there is no value. Words are escaped.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("unknown"),
            Self::Number(number) => f.write_str(&crate::reason::plain_number(*number)),
            Self::Word(word) => f.write_str(&groundswell_runtime::shown(word, 200)),
        }
    }
}

/// A tier, and how many members are in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TierCount {
    /// kebab-case.
    pub id: String,
    /// Its title, escaped.
    pub title: String,
    /// Place on the ladder, low to high; `None` beside the ladder.
    pub rung: Option<u8>,
    /// How many members are in it.
    pub members: u64,
}

/// One proposed award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AwardResult {
    /// The member's id, as it stands in the data.
    pub member: String,
    /// The award's id, kebab-case.
    pub award: String,
    /// The award's title, escaped.
    #[serde(skip)]
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// Why the member gets it, escaped.
    pub reason: String,
    /// How many points; 1 for every other kind.
    pub amount: u64,
    /// The period it belongs to; empty for an award that is given once.
    pub period: String,
    /// Whether the member gets it now, and did not have it before.
    pub new: bool,
    /// What became of it: given, had before, held, and so on.
    #[serde(serialize_with = "name_of")]
    pub status: Verdict,
}

/// A verdict in one word, with what it is by behind a colon: `held: budget`.
fn name_of<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    match verdict.detail() {
        "" => serializer.serialize_str(verdict.name()),
        detail => serializer.collect_str(&format_args!("{}: {detail}", verdict.name())),
    }
}

/// What a run was.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunInfo {
    /// The receipt's hash: 64 hexadecimal digits. The same for every run of the same data, plugins,
    /// settings and earlier history.
    pub receipt: String,
    /// How plugins were bounded.
    pub mode: Mode,
    /// What the plugins used.
    pub usage: Usage,
    /// The score at the population's medians.
    pub base: f64,
    /// The moment the run looks from, RFC 3339.
    pub as_of: String,
    /// How far it looks back: `all` or so many days, `365d`.
    pub window: String,
    /// The calendar unit of the programme that contains as-of, `2020-05`; `None` without a programme.
    pub period: Option<String>,
    /// The definition's name in `community.toml`.
    pub definition: String,
    /// The plugin that scored.
    pub plugin: PluginInfo,
    /// The plugin whose reward rules decided; `None` where none did.
    pub programme: Option<PluginInfo>,
    /// How many members were scored.
    pub population: u64,
    /// How many were not, by reason.
    pub left_out: LeftOut,
    /// What the data does not have, and which inputs are wholly missing therefore.
    pub unknown: Vec<Unknown>,
    /// Rows later than as-of.
    pub ignored: Ignored,
    /// What else should be said about the data.
    pub notes: Vec<String>,
}

/// A plugin, as results name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PluginInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub hash: String,
}

/// How many members were not scored. Each is counted once, under the first reason that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Members who do not want to be looked at.
    pub opted_out: u64,
    /// Members who joined after as-of.
    pub not_yet_joined: u64,
    /// Members with one of `exclude-roles`.
    pub excluded_role: u64,
    /// Members without any activity, given or received, in the window; 0 where `population = "all"`.
    pub inactive: u64,
}

impl LeftOut {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.opted_out + self.not_yet_joined + self.excluded_role + self.inactive
    }
}

/// A metric that the data cannot supply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unknown {
    /// Its id.
    pub metric: String,
    /// What would supply it, in words: `the table follows, or the column external_followers of the table members`.
    pub needs: String,
}

/// Rows that lie after as-of and were not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ignored {
    /// Of activities.
    pub activities: u64,
    /// Of conversions.
    pub conversions: u64,
    /// Of follows.
    pub follows: u64,
}
