//! Where a walk that restarts now and then is found: the system behind PageRank and EigenTrust.
//!
//! A walker follows an edge with probability α and restarts by the distribution v else, or where no edge leads on. With S
//! for the steps along edges (S_uv = w_uv / W_u, and a row of zeros where none leads on), the solution y of
//!
//! > y = (1 − α) v + α Sᵀ y
//!
//! is where the walker is, but for what is lost where no edge leads on. Giving it back by v scales y and changes nothing
//! else (Del Corso, Gullí and Romani, "Fast PageRank computation via a sparse linear system", 2005), so that the answer is
//! y divided by its sum.
//!
//! What is sought is what each node hands on along an edge of weight 1, z_u = α y_u / W_u: nodes without edges out take no
//! part until the end. A sweep adds up, for every node, what is handed on to it, and takes it for y. Were α y / W the next
//! z, this would be the power method, which gains a factor of α with every sweep. It goes on beyond that instead, away
//! from the z before, as far as Chebyshev's polynomials say (Golub and Varga, "Chebyshev semi-iterative methods, successive
//! overrelaxation iterative methods, and second order Richardson iterative methods", 1961). That takes half the sweeps
//! where the eigenvalues of αS are nearly real, as they are where people answer each other. In other graphs it can lead
//! away from the solution; then it goes less far, and in the end by the power method.
//!
//! Within a sweep all nodes look at what was there before it, so that it makes no difference who computes which.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use crate::rows::Rows;
use crate::team::{Member, together};
use crate::{Error, Ranked, Work};

/// Edges, more or less, that one thread takes at a time.
const PIECE: usize = 4_096;
/// Edges, more or less, in a sweep of one thread: with fewer, waiting for others would take longer than doing it alone.
const ENOUGH: usize = 1 << 16;

/// Edges that come to a node, on average of those of a piece, up to which rows are short.
const SHORT: usize = 16;

/// What is solved.
pub(crate) struct System<'a> {
    /// For each node those that point to it.
    pub(crate) into: &'a Rows,
    /// How strongly, where that makes a difference; not above 0 means not at all.
    pub(crate) weights: Option<&'a [f64]>,
    /// What each node's edges weigh together; 0 where none leads on.
    pub(crate) total: Vec<f64>,
    /// The distribution v, which adds up to 1.
    pub(crate) restart: Restart,
    /// α.
    pub(crate) follow: f64,
    /// What the answer may be away from the solution.
    pub(crate) tolerance: f64,
    pub(crate) most_sweeps: u32,
}

/// Where a walker begins again.
pub(crate) enum Restart {
    /// Anywhere, with this probability each.
    Anywhere(f64),
    Distribution(Vec<f64>),
}

impl Restart {
    fn at(&self, node: u32) -> f64 {
        match self {
            Self::Anywhere(share) => *share,
            Self::Distribution(shares) => shares[node as usize],
        }
    }
}

/// Numbers that threads share. One writes each of them, and nobody else reads it meanwhile.
struct Shared(Vec<AtomicU64>);

impl Shared {
    fn new(count: usize, value: impl Fn(usize) -> f64) -> Self {
        Self((0..count).map(|at| AtomicU64::new(value(at).to_bits())).collect())
    }

    #[inline]
    fn get(&self, at: usize) -> f64 {
        f64::from_bits(self.0[at].load(Ordering::Relaxed))
    }

    #[inline]
    fn set(&self, at: usize, value: f64) {
        self.0[at].store(value.to_bits(), Ordering::Relaxed);
    }

    fn sum(&self) -> f64 {
        (0..self.0.len()).fold(0.0, |sum, at| sum + self.get(at))
    }
}

/// Nodes that one thread takes at a time.
struct Piece {
    all: Range<u32>,
    /// Those with edges out, in the order in which they are looked at.
    handing_on: Vec<u32>,
}

/// What a sweep tells, of each piece. There are two that take turns: while some look at what one sweep told, others are
/// at the next.
struct Told {
    /// How far z is from being handed on by what it comes to.
    left: Shared,
    /// What y adds up to.
    held: Shared,
    /// The next piece that nobody has taken.
    next: AtomicUsize,
}

/// What changes from sweep to sweep.
struct State {
    /// z, and before it is overwritten the one before.
    handed_on: [Shared; 2],
    told: [Told; 2],
    /// The sweep after which to stop, as somebody asked for it.
    stop_after: AtomicU32,
}

impl System<'_> {
    pub(crate) fn solve(&self, work: &Work<'_>) -> Result<Ranked, Error> {
        work.check()?;
        let nodes = self.into.count() as usize;
        let pieces = self.pieces();
        let told = || Told {
            left: Shared::new(pieces.len(), |_| 0.0),
            held: Shared::new(pieces.len(), |_| 0.0),
            next: AtomicUsize::new(0),
        };
        let begin = |node: usize| {
            let total = self.total[node];
            if total > 0.0 { self.follow * self.restart.at(node as u32) / total } else { 0.0 }
        };
        let state = State {
            handed_on: [Shared::new(nodes, begin), Shared::new(nodes, |_| 0.0)],
            told: [told(), told()],
            stop_after: AtomicU32::new(u32::MAX),
        };
        // How many sweeps there were, and where the last one left y.
        let (sweeps, last) = (AtomicU32::new(0), AtomicUsize::new(0));
        together(work.of_use((nodes + self.into.nodes.len()) / ENOUGH), |member| {
            let (made, at) = self.sweeps(member, &pieces, &state, work);
            if member.number == 0 {
                sweeps.store(made, Ordering::Relaxed);
                last.store(at, Ordering::Relaxed);
            }
        });
        let iterations = sweeps.into_inner();
        if state.stop_after.load(Ordering::Relaxed) <= iterations {
            return Err(Error::Stopped);
        }
        let bound = self.bound(&state.told[iterations as usize % 2]);
        let places = &state.handed_on[last.into_inner()];
        let sum = places.sum();
        let values = (0..nodes).map(|node| places.get(node) / sum).collect();
        Ok(Ranked { values, iterations, bound, converged: bound <= self.tolerance })
    }

    /// The nodes, in pieces. Where rows are short those of one length come together: a processor foresees how often a loop
    /// goes round if that is as often as the last time. Where they are long it matters more to read them as they lie.
    fn pieces(&self) -> Vec<Piece> {
        let piece = |all: Range<u32>| {
            let mut handing_on: Vec<u32> =
                all.clone().filter(|&node| self.total[node as usize] > 0.0).collect();
            let edges = self.into.range(all.start).start..self.into.range(all.end - 1).end;
            if edges.len() < SHORT * all.len() {
                handing_on.sort_unstable_by_key(|&node| (self.into.length(node), node));
            }
            Piece { all, handing_on }
        };
        self.into.pieces(PIECE).into_iter().map(piece).collect()
    }

    /// One member's part of all sweeps. Says how many there were, and which of the two vectors is y in the end.
    fn sweeps(&self, member: &Member<'_>, pieces: &[Piece], state: &State, work: &Work<'_>) -> (u32, usize) {
        let mut pace = Pace::new(self.follow);
        let (mut now, mut near) = (0, false);
        for sweep in 1..=self.most_sweeps {
            if member.number == 0 && work.check().is_err() {
                state.stop_after.store(sweep, Ordering::Relaxed);
            }
            let end = near || sweep == self.most_sweeps;
            let (from, to) = (&state.handed_on[now], &state.handed_on[1 - now]);
            let told = &state.told[sweep as usize % 2];
            loop {
                let piece = told.next.fetch_add(1, Ordering::Relaxed);
                let Some(part) = pieces.get(piece) else { break };
                let [left, held] = if end {
                    self.settle(part.all.clone(), from, to)
                } else {
                    self.step(&part.handing_on, from, to, pace.beyond)
                };
                told.left.set(piece, left);
                told.held.set(piece, held);
            }
            if member.number == 0 {
                // Nobody is there before all have come here.
                state.told[1 - sweep as usize % 2].next.store(0, Ordering::Relaxed);
            }
            if !member.wait() || end || state.stop_after.load(Ordering::Relaxed) <= sweep {
                return (sweep, 1 - now);
            }
            // Everybody finds the same.
            near = self.bound(told) <= self.tolerance;
            if !near {
                pace.go_on(told.left.sum());
                now = 1 - now;
            }
        }
        (self.most_sweeps, 1 - now)
    }

    /// What the nodes hand on next; and what there is to tell.
    fn step(&self, nodes: &[u32], from: &Shared, to: &Shared, beyond: f64) -> [f64; 2] {
        let (mut left, mut held) = (0.0, 0.0);
        for &node in nodes {
            let (at, place) = (node as usize, self.place(node, from));
            let (total, followed) = (self.total[at], self.follow * place);
            left += (followed - total * from.get(at)).abs();
            held += place;
            let before = to.get(at);
            to.set(at, before + beyond * (followed / total - before));
        }
        [left, held]
    }

    /// Where the walker is, of all nodes; and what there is to tell.
    fn settle(&self, nodes: Range<u32>, from: &Shared, to: &Shared) -> [f64; 2] {
        let (mut left, mut held) = (0.0, 0.0);
        for node in nodes {
            let (at, place) = (node as usize, self.place(node, from));
            let total = self.total[at];
            if total > 0.0 {
                left += (self.follow * place - total * from.get(at)).abs();
            }
            // Going beyond may have led below 0, where the solution is not.
            let place = place.max(0.0);
            held += place;
            to.set(at, place);
        }
        [left, held]
    }

    /// y of one node.
    #[inline]
    fn place(&self, node: u32, handed_on: &Shared) -> f64 {
        (1.0 - self.follow) * self.restart.at(node) + self.arriving(node, handed_on)
    }

    /// What comes to a node along its edges.
    #[inline]
    fn arriving(&self, node: u32, handed_on: &Shared) -> f64 {
        let range = self.into.range(node);
        let from = &self.into.nodes[range.clone()];
        match self.weights {
            None => from.iter().fold(0.0, |sum, &node| sum + handed_on.get(node as usize)),
            Some(weights) => from
                .iter()
                .zip(&weights[range])
                .fold(0.0, |sum, (&node, &weight)| sum + handed_on.get(node as usize) * weight.max(0.0)),
        }
    }

    /// How far y, divided by its sum, is from the solution at the most, all differences added up.
    ///
    /// Were z what y hands on, y would be the solution. What comes to all nodes along all edges is off by no more than
    /// what they hand on is, Σ |α y_u − W_u z_u|; the error of y is that over 1 − α, and dividing by the sum doubles it.
    fn bound(&self, told: &Told) -> f64 {
        let (left, held) = (told.left.sum(), told.held.sum());
        if left == 0.0 {
            0.0
        } else if held > 0.0 {
            2.0 / (1.0 - self.follow) * left / held
        } else {
            f64::INFINITY
        }
    }
}

/// How far to go beyond what a sweep finds.
struct Pace {
    /// The eigenvalues of αS are taken to lie near the real line, from minus this to this.
    span: f64,
    /// How far to go from the z before the last, in lengths of the way from there to what is found; 1 is the power method.
    beyond: f64,
    fresh: bool,
    sweeps: u32,
    /// The least that was left after any sweep.
    least: f64,
    /// What was left when this was last looked at, and the share of it that may be left the next time.
    before: f64,
    share: f64,
}

impl Pace {
    /// Sweeps between two looks at whether the span pays.
    const LOOK: u32 = 8;

    fn new(follow: f64) -> Self {
        // α is an eigenvalue, and in most graphs few others are near it, none is near −α and some lie beside the real
        // line: a span that is a little shorter takes fewer sweeps.
        let span = (1.0 - (1.0 - follow) * 4.0 / 3.0).max(0.0);
        // What the power method is sure to leave no more of.
        let share = (0..Self::LOOK).fold(1.0, |share, _| share * follow);
        Self { span, beyond: 1.0, fresh: true, sweeps: 0, least: f64::INFINITY, before: f64::INFINITY, share }
    }

    /// Goes on to the next sweep, where so much was left by the last one.
    fn go_on(&mut self, left: f64) {
        self.sweeps += 1;
        self.least = self.least.min(left);
        let mut span = self.span;
        if self.sweeps.is_multiple_of(Self::LOOK) {
            if left > self.share * self.before {
                span /= 2.0;
            }
            self.before = left;
        }
        if left > 2.0 * self.least {
            span = 0.0;
        }
        if span < self.span {
            (self.span, self.beyond, self.fresh) = (span, 1.0, true);
        } else {
            let last = if self.fresh { 2.0 } else { self.beyond };
            self.fresh = false;
            self.beyond = 1.0 / (1.0 - span * span * last / 4.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Graph, PageRank, Work};

    /// The restart vector of those who begin at 0 alone.
    fn at_first(nodes: u32) -> Vec<f64> {
        (0..nodes).map(|node| if node == 0 { 1.0 } else { 0.0 }).collect()
    }

    #[test]
    fn where_edges_lead_back_it_takes_half_the_sweeps_of_the_power_method() {
        let there_and_back: Vec<_> = (0..500).flat_map(|node| [(node, node + 1), (node + 1, node)]).collect();
        let graph = Graph::from_pairs(501, &there_and_back).unwrap();
        let restart = at_first(501);
        let (mut places, mut sweeps, mut moved) = (restart.clone(), 0, 1.0);
        while 2.0 / 0.15 * 0.85 * moved > 1e-10 {
            let handed_on = |&from: &u32| places[from as usize] / graph.out_neighbours(from).len() as f64;
            let place = |node: u32| {
                0.15 * restart[node as usize]
                    + 0.85 * graph.in_neighbours(node).iter().map(handed_on).sum::<f64>()
            };
            let next: Vec<f64> = (0..501).map(place).collect();
            moved = next.iter().zip(&places).map(|(next, place)| (next - place).abs()).sum();
            (places, sweeps) = (next, sweeps + 1);
        }
        let ranked = PageRank::new().restart(&restart).of(&graph, &Work::new()).unwrap();
        assert!(ranked.values.iter().zip(&places).all(|(found, known)| (found - known).abs() <= 1e-10));
        assert!(
            ranked.converged && ranked.iterations * 10 < sweeps * 6,
            "{} and {sweeps}",
            ranked.iterations
        );
    }

    #[test]
    fn where_going_beyond_leads_away_it_takes_little_more_than_the_power_method() {
        // A walker who goes round from 0 is k steps on with probability (1 − α) αᵏ; the eigenvalues lie on a circle.
        for nodes in [3, 4, 7, 60] {
            let round: Vec<(u32, u32)> = (0..nodes).map(|node| (node, (node + 1) % nodes)).collect();
            let graph = Graph::from_pairs(nodes, &round).unwrap();
            let restart = at_first(nodes);
            // The first k for which 2 / (1 − α) αᵏ is below 10⁻¹⁰.
            for (damping, power) in [(0.3, 20), (0.85, 158), (0.99, 2_819)] {
                let rank = PageRank::new().damping(damping).restart(&restart);
                let ranked = rank.of(&graph, &Work::new()).unwrap();
                let steps = (0..nodes).scan(1.0, |left, _| Some(std::mem::replace(left, *left * damping)));
                let known: Vec<f64> = steps.collect();
                let sum: f64 = known.iter().sum();
                let apart = |(found, known): (&f64, &f64)| (found - known / sum).abs();
                let apart: f64 = ranked.values.iter().zip(&known).map(apart).sum();
                assert!(ranked.converged && apart <= 1e-10, "{nodes} nodes, {damping}: {apart:e} apart");
                let sweeps = ranked.iterations;
                assert!(
                    f64::from(sweeps) < 1.2 * f64::from(power),
                    "{nodes} nodes, {damping}: {sweeps} sweeps"
                );
            }
        }
    }
}
