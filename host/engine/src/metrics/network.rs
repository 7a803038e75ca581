//! Networks of ties, each made once for all metrics that look at it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use groundswell_network::{
    Betweenness, Direction, EigenTrust, Graph, PageRank, Ranked, Triangles, Undirected, Work, core_numbers,
    reach, returns, triangles,
};

use super::fact::{Fading, Restart, Ties};
use super::kernels::Found;
use super::measure::Everyone;
use super::metric::Way;
use super::pairs::{Pair, Pairs};
use super::parameter::{Days, Share};
use crate::Error;
use crate::stop::Stop;

/// Networks with more members are sampled for betweenness where nothing else is said.
const SMALL: u32 = 10_000;
/// How many members' shortest paths are looked at then.
const SAMPLES: u32 = 1_000;

/// The members with a tie, and their ties.
pub(super) struct Network {
    /// By node, the number of the member; ascending.
    members: Vec<u32>,
    /// How many members there are at all.
    of: usize,
    graph: Graph,
    /// Where somebody asked.
    undirected: OnceCell<Undirected>,
    triangles: OnceCell<Triangles>,
}

/// How much a tie weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weigh {
    /// As often as it was made.
    Count,
    /// The sum of its activities' weights.
    Weight,
}

/// All networks of a run.
pub(super) struct Networks<'a> {
    everyone: &'a Everyone,
    found: &'a Found,
    threads: usize,
    stop: &'a Stop,
    made: RefCell<BTreeMap<(Ties, Weigh), Rc<Network>>>,
}

impl<'a> Networks<'a> {
    pub(super) fn new(everyone: &'a Everyone, found: &'a Found, threads: usize, stop: &'a Stop) -> Self {
        Self { everyone, found, threads, stop, made: RefCell::default() }
    }

    pub(super) fn pairs(&self, ties: &Ties) -> Option<&'a Pairs> {
        match ties {
            Ties::Follows => Some(&self.everyone.follows.pairs),
            ties => self.found.pairs.get(ties),
        }
    }

    /// The same, with activities that fade where there is a half-life.
    pub(super) fn fading(&self, ties: &Ties, half_life: Option<Days>) -> Option<&'a Pairs> {
        match half_life {
            None => self.pairs(ties),
            Some(half_life) => self.found.fading.get(&Fading { ties: ties.clone(), half_life }),
        }
    }

    fn network(&self, ties: &Ties, weigh: Weigh) -> Result<Rc<Network>, Error> {
        let key = (ties.clone(), weigh);
        if let Some(made) = self.made.borrow().get(&key) {
            return Ok(Rc::clone(made));
        }
        let pairs = self.pairs(ties).map_or(&[][..], |pairs| &pairs.0);
        let network = Rc::new(Network::new(pairs, weigh, self.everyone.world.members())?);
        self.made.borrow_mut().insert(key, Rc::clone(&network));
        Ok(network)
    }

    /// Does long work on as many threads as there are, until it is done or has to stop.
    fn work<T>(
        &self,
        work: impl FnOnce(&Work<'_>) -> Result<T, groundswell_network::Error>,
    ) -> Result<T, Error> {
        let stop = || self.stop.check().is_err();
        work(&Work::new().threads(self.threads).stop(&stop)).map_err(|error| match self.stop.check() {
            Err(stopped) => stopped.into(),
            Ok(()) => Error::Metrics(Box::new(error)),
        })
    }

    pub(super) fn degrees(&self, ties: &Ties, way: Way) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        Ok(network.spread(network.graph.degrees(way.direction()).into_iter().map(f64::from), 0.0))
    }

    pub(super) fn strengths(&self, ties: &Ties, way: Way) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        Ok(network.spread(network.graph.strengths(way.direction()), 0.0))
    }

    /// Which nodes are of members with a role.
    fn with_role<'n>(&self, network: &'n Network, role: &'n str) -> impl Iterator<Item = bool> + use<'n, 'a> {
        let everyone = self.everyone;
        network.members.iter().map(move |member| everyone.world.role(*member as usize) == Some(role))
    }

    pub(super) fn page_rank(
        &self,
        ties: &Ties,
        damping: Share,
        weighted: bool,
        role: Option<&str>,
    ) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        let restart: Option<Vec<f64>> =
            role.map(|role| self.with_role(&network, role).map(|has| if has { 1.0 } else { 0.0 }).collect());
        if network.members.is_empty()
            || restart.as_ref().is_some_and(|restart| restart.iter().all(|one| *one == 0.0))
        {
            // With nobody to begin with nobody is come to.
            return Ok(network.spread([], 0.0));
        }
        let rank = PageRank::new().damping(damping.value()).weighted(weighted);
        let rank = match &restart {
            Some(restart) => rank.restart(restart),
            None => rank,
        };
        let ranked = self.work(|work| rank.of(&network.graph, work))?;
        Ok(network.spread(settled(ranked, "PageRank", "damping", damping)?, 0.0))
    }

    pub(super) fn eigentrust(&self, verb: &str, restart: &Restart) -> Result<Vec<f64>, Error> {
        let network = self.network(&Ties::verb(verb), Weigh::Weight)?;
        let trusted: Option<Vec<u32>> = restart.role.as_deref().map(|role| {
            (0..).zip(self.with_role(&network, role)).filter(|(_, has)| *has).map(|(node, _)| node).collect()
        });
        if network.members.is_empty() || trusted.as_ref().is_some_and(Vec::is_empty) {
            return Ok(network.spread([], 0.0));
        }
        let trusted = trusted.unwrap_or_default();
        let trust = EigenTrust::new().restart(restart.share.value()).pre_trusted(&trusted);
        let ranked = self.work(|work| trust.of(&network.graph, work))?;
        Ok(network.spread(settled(ranked, "EigenTrust", "restart", restart.share)?, 0.0))
    }

    pub(super) fn cores(&self, ties: &Ties) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        let cores = self.work(|work| core_numbers(network.undirected(), work))?;
        Ok(network.spread(cores.into_iter().map(f64::from), 0.0))
    }

    /// The triangles of a network, counted once.
    fn triangles_in<'n>(&self, network: &'n Network) -> Result<&'n Triangles, Error> {
        if network.triangles.get().is_none() {
            let counted = self.work(|work| triangles(network.undirected(), work))?;
            _ = network.triangles.set(counted);
        }
        network
            .triangles
            .get()
            .ok_or_else(|| Error::Metrics("triangles were counted and are not there".into()))
    }

    pub(super) fn triangles(&self, ties: &Ties) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        let triangles = self.triangles_in(&network)?;
        Ok(network.spread(triangles.of_node.iter().map(|triangles| *triangles as f64), 0.0))
    }

    pub(super) fn clustering(&self, ties: &Ties) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        let triangles = self.triangles_in(&network)?;
        Ok(network.spread(triangles.clustering(network.undirected()), f64::NAN))
    }

    pub(super) fn betweenness(&self, ties: &Ties, samples: Option<u32>) -> Result<Vec<f64>, Error> {
        let network = self.network(ties, Weigh::Count)?;
        let samples = samples.or((network.graph.nodes() > SMALL).then_some(SAMPLES));
        let betweenness = samples.map_or_else(Betweenness::exact, Betweenness::sampled);
        let between = self.work(|work| betweenness.of(&network.graph, work))?;
        Ok(network.spread(between.values, 0.0))
    }

    pub(super) fn reach(&self, hops: u32) -> Result<Vec<f64>, Error> {
        let network = self.network(&Ties::Follows, Weigh::Count)?;
        let reached = self.work(|work| reach(&network.graph, Direction::In, hops, work))?;
        Ok(network.spread(reached.into_iter().map(f64::from), 0.0))
    }

    /// By number of member; needs no network but the ties themselves.
    pub(super) fn reciprocity(&self, ties: &Ties) -> Vec<f64> {
        let answered = self.pairs(ties).map(|pairs| pairs.answered(self.everyone.world.members()));
        let share =
            |(back, all): (u32, u32)| if all == 0 { f64::NAN } else { f64::from(back) / f64::from(all) };
        answered.unwrap_or_default().into_iter().map(share).collect()
    }

    /// The share of what each receives that comes from whom they gave to, directly or by way of one other.
    pub(super) fn ring_shares(&self, verb: &str) -> Result<Vec<f64>, Error> {
        let network = self.network(&Ties::verb(verb), Weigh::Count)?;
        let returned = self.work(|work| returns(&network.graph, work))?;
        Ok(network.spread(returned.shares(&network.graph, 2), f64::NAN))
    }
}

/// The values of a walk, unless it has not come near enough to where it goes.
fn settled(ranked: Ranked, what: &str, parameter: &str, share: Share) -> Result<Vec<f64>, Error> {
    if ranked.converged {
        return Ok(ranked.values);
    }
    Err(Error::Metric(format!(
        "{what} with {parameter}={}: it has not settled after {} sweeps over all ties, where the usual {parameter} takes some \
         hundred; ask for one nearer to that",
        share.value(),
        ranked.iterations
    )))
}

impl Network {
    fn new(pairs: &[Pair], weigh: Weigh, of: usize) -> Result<Self, Error> {
        let mut tied = vec![false; of];
        for end in pairs.iter().flat_map(|pair| [pair.from, pair.to]) {
            if let Some(tied) = tied.get_mut(end as usize) {
                *tied = true;
            }
        }
        let members: Vec<u32> =
            (0..).zip(&tied).filter(|(_, tied)| **tied).map(|(member, _)| member).collect();
        let mut nodes = vec![u32::MAX; of];
        for (node, member) in (0..).zip(&members) {
            if let Some(place) = nodes.get_mut(*member as usize) {
                *place = node;
            }
        }
        let node = |member: u32| nodes.get(member as usize).copied().unwrap_or(u32::MAX);
        let from: Vec<u32> = pairs.iter().map(|pair| node(pair.from)).collect();
        let to: Vec<u32> = pairs.iter().map(|pair| node(pair.to)).collect();
        let weights: Vec<f64> = pairs
            .iter()
            .map(|pair| match weigh {
                Weigh::Count => pair.count as f64,
                Weigh::Weight => pair.weight,
            })
            .collect();
        let graph = Graph::from_columns(members.len() as u32, &from, &to, Some(&weights));
        let graph = graph.map_err(|error| Error::Metrics(Box::new(error)))?;
        Ok(Self { members, of, graph, undirected: OnceCell::new(), triangles: OnceCell::new() })
    }

    fn undirected(&self) -> &Undirected {
        self.undirected.get_or_init(|| self.graph.undirected())
    }

    /// Values of nodes as values of all members.
    fn spread(&self, values: impl IntoIterator<Item = f64>, others: f64) -> Vec<f64> {
        let mut all = vec![others; self.of];
        for (member, value) in self.members.iter().zip(values) {
            if let Some(place) = all.get_mut(*member as usize) {
                *place = value;
            }
        }
        all
    }
}
