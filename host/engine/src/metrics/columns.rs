//! From what is known of everyone to columns over the population.

use std::collections::BTreeMap;

use groundswell_runtime::Column;

use super::ROLES;
use super::fact::{Count, Fact, Side, Ties};
use super::kernels::Found;
use super::kernels::presence::Said;
use super::measure::{Everyone, Wanted, all_received, answers_to_others};
use super::metric::Metric;
use super::network::Networks;
use super::pairs::Pairs;
use super::parameter::Days;
use super::span::{DAY, Span, Unit};
use crate::{Error, Snapshot, Table};

/// What is known of everyone, about to become columns of the population.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) everyone: &'a Everyone,
    pub(super) found: &'a Found,
    pub(super) wanted: &'a Wanted,
    pub(super) networks: &'a Networks<'a>,
    /// By name, the community's own metrics, by number of member; NaN for who has none.
    pub(super) own: &'a BTreeMap<String, Result<Vec<f64>, &'static str>>,
    pub(super) span: Span,
    /// Numbers of members, ascending.
    pub(super) places: &'a [u32],
}

impl Shape<'_> {
    /// Ties that a plugin looks at.
    pub(super) fn pairs(&self, (ties, half_life): &(Ties, Option<Days>)) -> Option<&Pairs> {
        self.networks.fading(ties, *half_life)
    }
}

type Supply = Result<(), &'static str>;

const PAIRS: &str = "an actor and a recipient in activities of the verb";

impl Shape<'_> {
    /// A column; where the data cannot supply it, what would.
    pub(super) fn column(&self, metric: &Metric) -> Result<Result<Column, &'static str>, Error> {
        if let Err(needs) = self.supply(metric) {
            return Ok(Err(needs));
        }
        let (networks, everyone) = (self.networks, self.everyone);
        let all = match metric {
            Metric::Role => return Ok(Ok(self.words(|member| everyone.world.role(member)))),
            Metric::Attribute { name } => {
                let number =
                    self.wanted.attributes.iter().position(|known| known == name).unwrap_or(usize::MAX);
                return Ok(Ok(self.words(|member| everyone.world.attribute(number, member))));
            }
            Metric::EigenTrust(verb, restart) => networks.eigentrust(verb, restart)?,
            Metric::Reciprocity(ties) => networks.reciprocity(ties),
            Metric::RingShare(verb) => networks.ring_shares(verb)?,
            Metric::Reach(hops) => networks.reach(*hops)?,
            Metric::Degree(ties, way) => networks.degrees(ties, *way)?,
            Metric::Strength(ties, way) => networks.strengths(ties, *way)?,
            Metric::PageRank { ties, weighted, damping, role } => {
                networks.page_rank(ties, *damping, *weighted, role.as_deref())?
            }
            Metric::Core(ties) => networks.cores(ties)?,
            Metric::Betweenness(ties, samples) => networks.betweenness(ties, *samples)?,
            Metric::Clustering(ties) => networks.clustering(ties)?,
            Metric::Triangles(ties) => networks.triangles(ties)?,
            metric => return Ok(Ok(self.plain(metric))),
        };
        Ok(Ok(self.numbers(|member| all.get(member).copied())))
    }

    /// A column that takes no network.
    fn plain(&self, metric: &Metric) -> Column {
        let everyone = self.everyone;
        let members = everyone.world.members();
        let over = |counts: Vec<u64>| self.numbers(|member| Some(at(&counts, member) as f64));
        match metric {
            Metric::Count(side, count) => {
                let counts = self.counts(*side, count);
                self.numbers(|member| Some(at(counts, member) as f64))
            }
            Metric::PerWeek(count) => {
                let (counts, weeks) = (self.counts(Side::Given, count), self.weeks());
                self.numbers(|member| Some(at(counts, member) as f64 / weeks))
            }
            Metric::Fact(fact) => match self.found.numbers.get(fact) {
                Some(numbers) => self.numbers(|member| numbers.get(member).copied()),
                None => {
                    let whole = self.whole(fact);
                    self.numbers(|member| Some(at(whole, member) as f64))
                }
            },
            Metric::WeeksActiveShare => {
                let (active, weeks) = (self.whole(&Fact::Units(Unit::Week)), self.weeks());
                self.numbers(|member| Some(at(active, member) as f64 / weeks))
            }
            Metric::Recency => {
                self.numbers(|member| Some(self.days_since(at(&everyone.presence.last, member)?)))
            }
            Metric::Tenure => self.numbers(|member| {
                let joined = everyone.world.joined_at(member);
                Some(self.days_since(joined.or_else(|| at(&everyone.presence.first, member))?))
            }),
            Metric::AcceptanceRate => {
                let answers = self.counts(Side::Given, &answers_to_others());
                let accepts = self.counts(Side::Received, &Count::of("accept").others());
                self.numbers(|member| {
                    let answered = at(answers, member);
                    let accepted = at(accepts, member).min(answered);
                    (answered > 0).then(|| accepted as f64 / answered as f64)
                })
            }
            Metric::ThanksPerAnswer => {
                let answers = self.counts(Side::Given, &answers_to_others());
                let thanks = self.counts(Side::Received, &Count::of("thank").others());
                self.numbers(|member| {
                    let answered = at(answers, member);
                    (answered > 0).then(|| at(thanks, member) as f64 / answered as f64)
                })
            }
            Metric::Others(ties, side) => match (self.networks.pairs(ties), side) {
                (Some(pairs), Side::Given) => over(pairs.outward(members)),
                (Some(pairs), Side::Received) => over(pairs.inward(members)),
                (None, _) => over(Vec::new()),
            },
            Metric::SignedTrust(verb) => {
                let mut trust = vec![0.0; members];
                for pair in self.networks.pairs(&Ties::verb(verb)).iter().flat_map(|pairs| &pairs.0) {
                    if let Some(sum) = trust.get_mut(pair.to as usize) {
                        *sum += pair.newest;
                    }
                }
                self.numbers(|member| trust.get(member).copied())
            }
            Metric::Followers => over(everyone.follows.pairs.inward(members)),
            Metric::ExternalFollowers => {
                self.numbers(|member| everyone.world.external_followers(member).map(|count| count as f64))
            }
            Metric::Audience => {
                let audience = self.audience();
                self.numbers(|member| audience(member).map(|count| count as f64))
            }
            Metric::EngagementRate => {
                let (audience, received) = (self.audience(), self.counts(Side::Received, &all_received()));
                self.numbers(|member| {
                    let heard = audience(member).filter(|count| *count > 0)?;
                    Some(at(received, member) as f64 / heard as f64)
                })
            }
            Metric::ActiveFollowerShare => {
                let mut followers = vec![(0_u64, 0_u64); members];
                for pair in &everyone.follows.pairs.0 {
                    if let Some((active, all)) = followers.get_mut(pair.to as usize) {
                        *active += u64::from(at(&everyone.presence.last, pair.from as usize).is_some());
                        *all += 1;
                    }
                }
                self.numbers(|member| {
                    let (active, all) = at(&followers, member);
                    (all > 0).then(|| active as f64 / all as f64)
                })
            }
            Metric::Own(name) => {
                let values = self.own.get(name).and_then(|found| found.as_ref().ok());
                self.numbers(|member| values?.get(member).copied())
            }
            // Networks and words are columns of their own kind.
            _ => self.numbers(|_| None),
        }
    }

    /// What the data lacks for a metric, if it lacks anything.
    fn supply(&self, metric: &Metric) -> Supply {
        let joined = || self.anybody(|member| self.everyone.world.joined_at(member));
        match metric {
            Metric::Count(side, count) | Metric::Fact(Fact::Count(side, count)) => self.counted(*side, count),
            Metric::PerWeek(count) => self.counted(Side::Given, count),
            Metric::Fact(fact) => self.fact(fact),
            Metric::WeeksActiveShare | Metric::Recency => self.actors(),
            Metric::Tenure if joined() => Ok(()),
            Metric::Tenure => self
                .actors()
                .map_err(|_| "the column joined_at of the table members, or the table activities"),
            Metric::AcceptanceRate | Metric::ThanksPerAnswer => {
                let verb = if *metric == Metric::AcceptanceRate { "accept" } else { "thank" };
                self.counted(Side::Received, &Count::of(verb))?;
                self.counted(Side::Given, &answers_to_others())
            }
            Metric::SignedTrust(verb) | Metric::EigenTrust(verb, _) | Metric::RingShare(verb) => {
                self.tied(&Ties::verb(verb))
            }
            Metric::Others(ties, _)
            | Metric::Reciprocity(ties)
            | Metric::Degree(ties, _)
            | Metric::Strength(ties, _)
            | Metric::PageRank { ties, .. }
            | Metric::Core(ties)
            | Metric::Betweenness(ties, _)
            | Metric::Clustering(ties)
            | Metric::Triangles(ties) => self.tied(ties),
            Metric::Followers | Metric::Reach(_) => self.tied(&Ties::Follows),
            Metric::ActiveFollowerShare => {
                self.tied(&Ties::Follows)?;
                self.actors()
            }
            Metric::Own(name) => {
                self.own.get(name).and_then(|found| found.as_ref().err()).map_or(Ok(()), |needs| Err(*needs))
            }
            Metric::ExternalFollowers => self.external("the column external_followers of the table members"),
            Metric::Audience => self.heard(),
            Metric::EngagementRate => {
                self.told(None, |said| said.recipients, "a recipient in activities")?;
                self.heard()
            }
            Metric::Role => self.worded(|member| self.everyone.world.role(member), ROLES),
            Metric::Attribute { name } => {
                let number =
                    self.wanted.attributes.iter().position(|known| known == name).unwrap_or(usize::MAX);
                self.worded(
                    |member| self.everyone.world.attribute(number, member),
                    "a column of that name in the table members",
                )
            }
        }
    }

    fn fact(&self, fact: &Fact) -> Supply {
        match fact {
            Fact::Count(side, count) => self.counted(*side, count),
            Fact::Weight(side, verb) => self.counted(*side, &Count::of(verb)),
            Fact::Decayed(_, verb) => self.told(
                verb.as_deref(),
                |said| said.actors,
                if verb.is_some() { "an actor in activities of the verb" } else { "an actor in activities" },
            ),
            Fact::Units(_) | Fact::Streak(_) | Fact::Burstiness => self.actors(),
            Fact::Topics(verb) => self.told(
                verb.as_deref(),
                |said| said.actors && said.topics,
                "an actor and a topic in activities",
            ),
            Fact::TopicSpread => self.told(
                None,
                |said| said.pairs && said.topics,
                "an actor, a recipient and a topic in activities",
            ),
            Fact::Response { verb, to } => {
                self.told(Some(verb), |said| said.pairs, PAIRS)?;
                self.told(Some(to), |said| said.actors, "an actor in activities of the verb")
            }
            Fact::Newcomers { verb, .. } => self.told(Some(verb), |said| said.pairs, PAIRS),
            Fact::HIndex(verb) => self.told(
                Some(verb),
                |said| said.recipients && said.objects,
                "a recipient and an object in activities of the verb",
            ),
            Fact::Reputation { .. } => self.told(None, |said| said.recipients, "a recipient in activities"),
            Fact::Positive(verb) => self.counted(Side::Received, &Count::of(verb)),
            Fact::NewAccounts(_) => {
                self.told(None, |said| said.pairs, "an actor and a recipient in activities")
            }
            Fact::FollowThrough(_) | Fact::Lift(_) => {
                self.table(Table::Conversions, "the table conversions")?;
                self.told(
                    None,
                    |said| said.pairs && said.products,
                    "an actor, a recipient and a product in activities",
                )
            }
            Fact::Conversions(..) => self.table(Table::Conversions, "the table conversions"),
            Fact::ConversionValue(..) => {
                self.table(Table::Conversions, "the table conversions")?;
                let list = &self.everyone.conversions.list;
                let valued = list.is_empty() || list.iter().any(|conversion| conversion.value.is_some());
                if valued { Ok(()) } else { Err("the column value of the table conversions") }
            }
        }
    }

    fn table(&self, table: Table, needs: &'static str) -> Supply {
        if self.snapshot.has(table) { Ok(()) } else { Err(needs) }
    }

    fn actors(&self) -> Supply {
        self.told(None, |said| said.actors, "an actor in activities")
    }

    fn counted(&self, side: Side, count: &Count) -> Supply {
        let verb = count.verb.as_deref();
        match side {
            Side::Given => self.told(verb, |said| said.actors, "an actor in activities of the verb")?,
            Side::Received => {
                self.told(verb, |said| said.recipients, "a recipient in activities of the verb")?
            }
        }
        if count.with_product {
            self.told(verb, |said| said.products, "a product in activities of the verb")?;
        }
        match count.object_kind {
            Some(_) => self.told(verb, |said| said.object_kinds, "an object_kind in activities of the verb"),
            None => Ok(()),
        }
    }

    pub(super) fn tied(&self, ties: &Ties) -> Supply {
        match ties {
            Ties::Follows => self.table(Table::Follows, "the table follows"),
            Ties::Activity => self.told(None, |said| said.pairs, "an actor and a recipient in activities"),
            // One of the verbs is enough, and none of them is known to be none.
            Ties::Verbs(verbs) => {
                let told: Vec<Supply> =
                    verbs.iter().map(|verb| self.told(Some(verb), |said| said.pairs, PAIRS)).collect();
                if told.iter().any(Result::is_ok) { Ok(()) } else { told.into_iter().collect() }
            }
        }
    }

    fn heard(&self) -> Supply {
        let needs = "the table follows, or the column external_followers of the table members";
        self.table(Table::Follows, needs).or_else(|needs| self.external(needs))
    }

    fn external(&self, needs: &'static str) -> Supply {
        let known = self.anybody(|member| self.everyone.world.external_followers(member));
        if known { Ok(()) } else { Err(needs) }
    }

    fn worded<'w>(&self, word: impl Fn(usize) -> Option<&'w str>, needs: &'static str) -> Supply {
        if self.anybody(word) { Ok(()) } else { Err(needs) }
    }

    /// Asks whether activities, all of them or those of a verb, tell what a metric needs. Where there are none,
    /// nobody did anything: that is known.
    fn told(&self, verb: Option<&str>, told: impl Fn(&Said) -> bool, needs: &'static str) -> Supply {
        self.table(Table::Activities, "the table activities")?;
        let verbs = self.everyone.world.verbs().zip(&self.everyone.presence.said);
        let mut said = verbs
            .filter(|(name, said)| said.any && verb.is_none_or(|verb| verb == *name))
            .map(|(_, said)| said)
            .peekable();
        if said.peek().is_none() || said.any(told) { Ok(()) } else { Err(needs) }
    }

    /// Who hears a member: followers here and elsewhere, as far as either is known.
    fn audience(&self) -> impl Fn(usize) -> Option<u64> {
        let everyone = self.everyone;
        let followers = self
            .snapshot
            .has(Table::Follows)
            .then(|| everyone.follows.pairs.inward(everyone.world.members()));
        move |member| {
            let followers = followers.as_ref().map(|followers| at(followers, member));
            match (followers, everyone.world.external_followers(member)) {
                (None, None) => None,
                (followers, external) => Some(followers.unwrap_or(0).saturating_add(external.unwrap_or(0))),
            }
        }
    }

    /// By member; empty where there is nothing to count.
    fn counts(&self, side: Side, count: &Count) -> &[u64] {
        self.whole(&Fact::Count(side, count.clone()))
    }

    fn whole(&self, fact: &Fact) -> &[u64] {
        self.found.counts.get(fact).map_or(&[], Vec::as_slice)
    }

    /// The ISO weeks that the window touches.
    fn weeks(&self) -> f64 {
        let first = self.span.start.map(|start| start.saturating_add(1)).or(self.everyone.presence.oldest);
        let last = Unit::Week.of(self.span.as_of);
        (last - first.map_or(last, |first| Unit::Week.of(first)) + 1).max(1) as f64
    }

    /// Whole days from a moment to as-of.
    fn days_since(&self, moment: i64) -> f64 {
        (self.span.as_of.saturating_sub(moment) / DAY) as f64
    }

    fn numbers(&self, value: impl Fn(usize) -> Option<f64>) -> Column {
        Column::Number(self.places.iter().map(|&place| value(place as usize).unwrap_or(f64::NAN)).collect())
    }

    fn words<'w>(&self, word: impl Fn(usize) -> Option<&'w str> + Clone) -> Column {
        Column::from_words(self.places.iter().map(|&place| word(place as usize)))
    }

    /// Whether anybody in the population has a value: one that only people beside it have says nothing of it.
    /// Where nobody is in the population it lacks nothing either.
    fn anybody<T>(&self, value: impl Fn(usize) -> Option<T>) -> bool {
        self.places.is_empty() || self.places.iter().any(|&place| value(place as usize).is_some())
    }
}

fn at<T: Copy + Default>(list: &[T], place: usize) -> T {
    list.get(place).copied().unwrap_or_default()
}
