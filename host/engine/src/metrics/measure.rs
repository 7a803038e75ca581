//! From a snapshot to metrics over a run's population.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use groundswell_runtime::{Column, RunOptions, Usage, shown};

use super::columns::Shape;
use super::fact::{Count, Fact, Fading, Model, Side, Ties};
use super::kernels::counts::{Approving, Counting, Decaying, Weighing};
use super::kernels::help::{NewAccounts, Newcomers, Objects, Reputation, Responses};
use super::kernels::presence::{Looking, Presence};
use super::kernels::rhythm::{Bursts, Units};
use super::kernels::ties::{Bridging, Topics, Tying};
use super::kernels::word_of_mouth::{Crediting, Following};
use super::kernels::{Kernel, Needs, finish};
use super::metric::Metric;
use super::network::Networks;
use super::own::{self, Own};
use super::parameter::Days;
use super::scan::Scan;
use super::span::{Span, Unit};
use super::world::{Conversions, Follows, World};
use crate::config::USUALLY_EXCLUDED as USUAL;
use crate::nearest::nearest;
use crate::plugins::Role;
use crate::population::{Absence, Population};
use crate::run::{Ignored, LeftOut};
use crate::stop::Stop;
use crate::{CommunityConfig, Config, Error, Progress, ProgressFn, Snapshot, Stage, Table};

/// What to measure, over whom, and with what.
pub(crate) struct Request<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) config: &'a Config,
    /// Nanoseconds since 1970 (UTC).
    pub(crate) as_of: i64,
    pub(crate) metrics: &'a [Metric],
    /// The community's own metrics.
    pub(crate) own: &'a BTreeMap<String, Own>,
    /// How to ask their plugins.
    /// The one of them that could not be computed.
    pub(crate) blamed: OnceLock<String>,
    pub(crate) guests: Box<dyn Fn(&Role) -> RunOptions + Sync + 'a>,
    /// A member to ask after: why are they absent?
    pub(crate) about: Option<&'a str>,
    pub(crate) threads: usize,
    pub(crate) progress: Option<&'a ProgressFn>,
    pub(crate) stop: Stop,
}

/// The population, and the metrics over it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Sorted by bytes.
    pub(crate) ids: Vec<String>,
    /// Who does not want to be looked at, whether or not anything up to as-of speaks of them.
    pub(crate) opted_out: Vec<String>,
    /// One a metric; where the data cannot supply it, what would.
    pub(crate) columns: Vec<Result<Column, &'static str>>,
    pub(crate) left_out: LeftOut,
    pub(crate) ignored: Ignored,
    /// Why the member asked after is not in the population.
    pub(crate) absence: Option<Absence>,
    /// What should be said about the roles that are excluded.
    pub(crate) notes: Vec<String>,
    /// What plugins that measure used.
    pub(crate) usage: Usage,
}

/// Everyone who occurs in a snapshot, and what is known of them at as-of.
#[derive(Debug)]
pub(crate) struct Everyone {
    pub(crate) world: World,
    pub(crate) presence: Presence,
    pub(super) follows: Follows,
    pub(super) conversions: Conversions,
}

impl Everyone {
    /// Whether anything up to as-of speaks of a member.
    pub(crate) fn exists(&self, member: usize) -> bool {
        let seen = |list: &[bool]| list.get(member).copied().unwrap_or(false);
        self.world.is_listed(member)
            || seen(&self.presence.seen)
            || seen(&self.follows.seen)
            || seen(&self.conversions.seen)
    }
}

/// Computes metrics over the population of a run.
pub(crate) fn measure(request: &Request<'_>) -> Result<Measured, Error> {
    let &Request { snapshot, as_of, metrics, .. } = request;
    let community = &request.config.community;
    let span = Span { start: community.window.start(as_of), as_of };
    let wanted = Wanted::of(metrics, request.own);
    let world = World::read(snapshot, &wanted.attributes)?;
    let mute = mute(&world, community);
    let total = snapshot.rows(Table::Activities).max(1);
    let report = |done: u64| {
        if let Some(progress) = request.progress {
            progress(&Progress::new(Stage::Metrics, done.min(total), Some(total)));
        }
    };
    report(0);
    let mut follows = Follows::default();
    if snapshot.has(Table::Follows) {
        follows = Follows::read(snapshot, &world, as_of, &mute, wanted.follows, &request.stop)?;
    }
    let mut conversions = Conversions::default();
    if snapshot.has(Table::Conversions) {
        let asked = !(wanted.follow_through.is_empty() && wanted.credit.is_empty());
        conversions = Conversions::read(snapshot, &world, span, &mute, asked, &request.stop)?;
    }
    let mut ignored = Ignored { activities: 0, conversions: conversions.later, follows: follows.later };
    let mut kernels = wanted.kernels(&world, &conversions, span);
    if snapshot.has(Table::Activities) {
        let scan = Scan {
            snapshot,
            span,
            mute: &mute,
            threads: request.threads,
            stop: &request.stop,
            step: &report,
        };
        ignored.activities = scan.run(&mut kernels)?;
    }
    let mut found = finish(kernels, request.threads);
    report(total);

    let everyone =
        Everyone { world, presence: found.presence.take().unwrap_or_default(), follows, conversions };
    let Population { places, left_out } = Population::select(&everyone, community, as_of);
    let absence = request.about.and_then(|id| Population::absence(&everyone, id, community, as_of));
    let networks = Networks::new(&everyone, &found, request.threads, &request.stop);
    let nothing = BTreeMap::new();
    let shape = Shape {
        snapshot,
        everyone: &everyone,
        found: &found,
        wanted: &wanted,
        networks: &networks,
        own: &nothing,
        span,
        places: &places,
    };
    let networking = |done: usize| {
        let is_long = !wanted.ties.is_empty() || !request.own.is_empty();
        if let Some(progress) = request.progress.filter(|_| is_long) {
            progress(&Progress::new(Stage::Networks, done as u64, Some(metrics.len() as u64)));
        }
    };
    networking(0);
    let (own, usage) = own::values(request, span, &everyone, &shape)?;
    let shape = Shape { own: &own, ..shape };
    let mut columns = Vec::new();
    for metric in metrics {
        networking(columns.len());
        columns.push(shape.column(metric)?);
    }
    networking(metrics.len());
    let notes = strange_roles(&everyone.world, &community.exclude_roles);
    let ids = places.iter().map(|&place| everyone.world.id(place as usize).to_owned()).collect();
    let opted_out = everyone.world.all_opted_out();
    Ok(Measured { ids, opted_out, columns, left_out, ignored, absence, notes, usage })
}

/// Whose activities count for nobody; empty where all count.
pub(super) fn mute(world: &World, community: &CommunityConfig) -> Vec<bool> {
    if community.count_left_out {
        return Vec::new();
    }
    let is_mute = |member| world.opted_out(member) || community.excludes(world.role(member));
    (0..world.members()).map(is_mute).collect()
}

/// Of each role that is excluded and that no member has, what may be wrong. Of the default nothing is said unless members have
/// one like it: few communities have bots.
fn strange_roles(world: &World, excluded: &[String]) -> Vec<String> {
    let roles: BTreeSet<&str> = (0..world.members()).filter_map(|member| world.role(member)).collect();
    let strange = excluded.iter().filter(|role| !roles.contains(role.as_str()));
    strange
        .filter_map(|role| {
            let said = format!("exclude-roles: no member has the role `{}`", shown(role, 60));
            match nearest(role, roles.iter().copied()) {
                Some(like) => Some(format!("{said}; is `{}` meant?", shown(like, 60))),
                None if role == USUAL => None,
                None if roles.is_empty() => Some(format!("{said}, and members have no column `role`")),
                None => Some(said),
            }
        })
        .collect()
}

/// What has to be found out.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    facts: BTreeSet<Fact>,
    ties: BTreeSet<Ties>,
    fading: BTreeSet<Fading>,
    /// Whether it matters who follows whom.
    follows: bool,
    follow_through: BTreeSet<Days>,
    credit: BTreeSet<(Model, Days)>,
    pub(super) attributes: Vec<String>,
}

/// Answers to others, which is what rates are of.
pub(super) fn answers_to_others() -> Count {
    Count::of("answer").others()
}

/// Everything that others do towards a member.
pub(super) fn all_received() -> Count {
    Count { verb: None, object_kind: None, others_only: true, with_product: false }
}

impl Wanted {
    fn of(metrics: &[Metric], own: &BTreeMap<String, Own>) -> Self {
        let mut wanted = Self::default();
        metrics.iter().for_each(|metric| wanted.add(metric));
        for metric in metrics {
            let Metric::Own(name) = metric else { continue };
            let Some(Own::Plugin(measuring)) = own.get(name) else { continue };
            measuring.inputs().for_each(|metric| wanted.add(metric));
            for (ties, half_life) in measuring.networks() {
                match half_life {
                    None => wanted.tie(ties),
                    Some(half_life) => _ = wanted.fading.insert(Fading { ties, half_life }),
                }
            }
        }
        wanted
    }

    fn add(&mut self, metric: &Metric) {
        let count = |side, count: Count| Fact::Count(side, count);
        match metric {
            Metric::Count(side, counted) => self.fact(count(*side, counted.clone())),
            Metric::PerWeek(counted) => self.fact(count(Side::Given, counted.clone())),
            Metric::Fact(fact) => self.fact(fact.clone()),
            Metric::WeeksActiveShare => self.fact(Fact::Units(Unit::Week)),
            Metric::AcceptanceRate | Metric::ThanksPerAnswer => {
                let verb = if *metric == Metric::AcceptanceRate { "accept" } else { "thank" };
                self.fact(count(Side::Received, Count::of(verb).others()));
                self.fact(count(Side::Given, answers_to_others()));
            }
            Metric::EngagementRate => {
                self.follows = true;
                self.fact(count(Side::Received, all_received()));
            }
            Metric::Followers | Metric::Audience | Metric::ActiveFollowerShare | Metric::Reach(_) => {
                self.follows = true;
            }
            Metric::SignedTrust(verb) | Metric::EigenTrust(verb, _) | Metric::RingShare(verb) => {
                self.tie(Ties::verb(verb));
            }
            Metric::Others(ties, _)
            | Metric::Reciprocity(ties)
            | Metric::Degree(ties, _)
            | Metric::Strength(ties, _)
            | Metric::PageRank { ties, .. }
            | Metric::Core(ties)
            | Metric::Betweenness(ties, _)
            | Metric::Clustering(ties)
            | Metric::Triangles(ties) => self.tie(ties.clone()),
            Metric::Attribute { name } if !self.attributes.contains(name) => {
                self.attributes.push(name.clone())
            }
            Metric::Attribute { .. }
            | Metric::Own(_)
            | Metric::Role
            | Metric::ExternalFollowers
            | Metric::Recency
            | Metric::Tenure => {}
        }
    }

    fn fact(&mut self, fact: Fact) {
        match fact {
            Fact::FollowThrough(within) | Fact::Lift(within) => _ = self.follow_through.insert(within),
            Fact::Conversions(model, within) | Fact::ConversionValue(model, within) => {
                self.credit.insert((model, within));
            }
            fact => _ = self.facts.insert(fact),
        }
    }

    fn tie(&mut self, ties: Ties) {
        self.follows |= ties == Ties::Follows;
        self.ties.insert(ties);
    }

    /// The kernels that find it out.
    fn kernels<'w>(
        &self,
        world: &'w World,
        conversions: &'w Conversions,
        span: Span,
    ) -> Vec<Box<dyn Kernel + 'w>> {
        let mut kernels: Vec<Box<dyn Kernel + 'w>> = Vec::new();
        // What takes longest comes first, so that nobody waits for it alone at the end.
        for ties in &self.ties {
            if let Some(kernel) = Tying::new(world, ties.clone()) {
                kernels.push(Box::new(kernel));
            }
        }
        for fading in &self.fading {
            if let Some(kernel) = Tying::fading(world, fading.clone(), span) {
                kernels.push(Box::new(kernel));
            }
        }
        let (mut given, mut received) = (Vec::new(), Vec::new());
        let mut units = BTreeSet::new();
        for fact in &self.facts {
            match fact.clone() {
                Fact::Count(Side::Given, count) => given.push(count),
                Fact::Count(Side::Received, count) => received.push(count),
                Fact::Weight(side, verb) => kernels.push(Box::new(Weighing::new(world, side, verb))),
                Fact::Decayed(half_life, verb) => {
                    kernels.push(Box::new(Decaying::new(world, half_life, verb, span)));
                }
                Fact::Units(unit) | Fact::Streak(unit) => _ = units.insert(unit),
                Fact::Topics(verb) => kernels.push(Box::new(Topics::new(world, verb))),
                Fact::TopicSpread => kernels.push(Box::new(Bridging::new(world))),
                Fact::Response { verb, to } => kernels.push(Box::new(Responses::new(world, verb, to))),
                Fact::Newcomers { verb, days } => kernels.push(Box::new(Newcomers::new(world, verb, days))),
                Fact::HIndex(verb) => kernels.push(Box::new(Objects::new(world, verb))),
                Fact::Reputation { question_like } => {
                    kernels.push(Box::new(Reputation::new(world, question_like)));
                }
                Fact::Positive(verb) => kernels.push(Box::new(Approving::new(world, verb))),
                Fact::Burstiness => kernels.push(Box::new(Bursts::new(world))),
                Fact::NewAccounts(days) => kernels.push(Box::new(NewAccounts::new(world, days))),
                // These are kept apart.
                Fact::FollowThrough(_)
                | Fact::Lift(_)
                | Fact::Conversions(..)
                | Fact::ConversionValue(..) => {}
            }
        }
        for (side, counts) in [(Side::Given, given), (Side::Received, received)] {
            if !counts.is_empty() {
                kernels.push(Box::new(Counting::new(world, side, counts)));
            }
        }
        for unit in units {
            kernels.push(Box::new(Units::new(world, unit)));
        }
        for within in &self.follow_through {
            kernels.push(Box::new(Following::new(world, conversions, *within, span)));
        }
        if !self.credit.is_empty() {
            let wanted = self.credit.iter().copied().collect();
            kernels.push(Box::new(Crediting::new(world, conversions, wanted, span)));
        }
        // What some look at, all must be told of.
        let beside = kernels.iter().map(|kernel| kernel.needs()).fold(Needs::default(), Needs::and);
        kernels.push(Box::new(Looking::new(world, beside)));
        kernels
    }
}
