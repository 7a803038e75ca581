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
//! The system is solved by sweeps, each of a fixed number of phases over a fixed part of the nodes. Within a phase all
//! nodes look at what was there before it, so that it makes no difference who computes which; from phase to phase they
//! look at what is new, and the sweeps converge nearly as fast as those of Gauss and Seidel.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::rows::Rows;
use crate::team::{Member, together};
use crate::{Error, Ranked, Work};

/// Phases of a sweep: more come closer to Gauss and Seidel, and have threads wait for each other more often.
const PHASES: usize = 8;
/// Edges, more or less, that one thread takes at a time, in large graphs.
const PIECE: usize = 8_192;
/// Edges, more or less, in a sweep of one thread: with fewer, waiting for others would take longer than doing it alone.
const ENOUGH: usize = 1 << 16;

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

/// Numbers that threads share. One writes each of them, and nobody reads it meanwhile.
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

/// What changes from sweep to sweep.
struct State {
    /// y.
    places: Shared,
    /// What each node hands on along an edge of weight 1.
    handed_on: Shared,
    /// Of each piece, how far its places moved and what they add up to.
    moved: Shared,
    held: Shared,
    stopped: AtomicBool,
}

impl System<'_> {
    pub(crate) fn solve(&self, work: &Work<'_>) -> Result<Ranked, Error> {
        work.check()?;
        let nodes = self.into.count() as usize;
        let cost = nodes + self.into.nodes.len();
        let pieces = self.into.pieces((cost / PHASES).clamp(1, PIECE));
        let share = self.scales();
        let state = State {
            places: Shared::new(nodes, |node| self.restart.at(node as u32)),
            handed_on: Shared::new(nodes, |node| self.restart.at(node as u32) * share[node]),
            moved: Shared::new(pieces.len(), |_| 0.0),
            held: Shared::new(pieces.len(), |_| 0.0),
            stopped: AtomicBool::new(false),
        };
        let done = AtomicU64::new(0);
        together(work.of_use(cost / ENOUGH), |member| {
            let sweeps = self.sweeps(member, &pieces, &share, &state, work);
            if member.number == 0 {
                done.store(u64::from(sweeps), Ordering::Relaxed);
            }
        });
        if state.stopped.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        let bound = self.bound(&state);
        let sum = state.held.sum();
        let values = (0..nodes).map(|node| state.places.get(node) / sum).collect();
        let iterations = u32::try_from(done.into_inner()).unwrap_or(u32::MAX);
        Ok(Ranked { values, iterations, bound, converged: bound <= self.tolerance })
    }

    /// How much of a node's place goes along an edge of weight 1.
    fn scales(&self) -> Vec<f64> {
        self.total.iter().map(|&total| if total > 0.0 { self.follow / total } else { 0.0 }).collect()
    }

    /// One member's part of all sweeps. Says how many there were.
    fn sweeps(
        &self,
        member: &Member<'_>,
        pieces: &[Range<u32>],
        share: &[f64],
        state: &State,
        work: &Work<'_>,
    ) -> u32 {
        let phases: Vec<Range<usize>> = parts(0..pieces.len(), PHASES).collect();
        for sweep in 1..=self.most_sweeps {
            if member.number == 0 && work.check().is_err() {
                state.stopped.store(true, Ordering::Relaxed);
            }
            for phase in &phases {
                let mine = parts(phase.clone(), member.members()).nth(member.number).unwrap_or(0..0);
                for piece in mine.clone() {
                    self.step(piece, &pieces[piece], state);
                }
                if !member.wait() {
                    return sweep;
                }
                // Now that all have looked at what was there before.
                for node in pieces[mine].iter().flat_map(Clone::clone) {
                    let node = node as usize;
                    state.handed_on.set(node, state.places.get(node) * share[node]);
                }
                if !member.wait() {
                    return sweep;
                }
            }
            // Everybody finds the same.
            if state.stopped.load(Ordering::Relaxed) || self.bound(state) <= self.tolerance {
                return sweep;
            }
            // Nobody changes what the others are still looking at.
            if !member.wait() {
                return sweep;
            }
        }
        self.most_sweeps
    }

    fn step(&self, piece: usize, nodes: &Range<u32>, state: &State) {
        let (mut moved, mut held) = (0.0, 0.0);
        for node in nodes.clone() {
            let at = node as usize;
            let place = (1.0 - self.follow) * self.restart.at(node) + self.arriving(node, &state.handed_on);
            moved += (place - state.places.get(at)).abs();
            held += place;
            state.places.set(at, place);
        }
        state.moved.set(piece, moved);
        state.held.set(piece, held);
    }

    /// What comes to a node along its edges.
    #[inline]
    fn arriving(&self, node: u32, handed_on: &Shared) -> f64 {
        let range = self.into.range(node);
        let from = &self.into.nodes[range.clone()];
        match self.weights {
            None => {
                // Four sums at once, as one would wait for itself.
                let (fours, rest) = from.as_chunks::<4>();
                let mut sums = [0.0; 4];
                for four in fours {
                    for (sum, &node) in sums.iter_mut().zip(four) {
                        *sum += handed_on.get(node as usize);
                    }
                }
                let sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
                rest.iter().fold(sum, |sum, &node| sum + handed_on.get(node as usize))
            }
            Some(weights) => from
                .iter()
                .zip(&weights[range])
                .fold(0.0, |sum, (&node, &weight)| sum + handed_on.get(node as usize) * weight.max(0.0)),
        }
    }

    /// How far the places, divided by their sum, are from the solution at the most, all differences added up.
    ///
    /// Let U be the part of α Sᵀ whose products were taken with places of the sweep before, and d what the places moved
    /// by. The residual is U d, α |d| at the most; the error is that over 1 − α; dividing by the sum doubles it.
    fn bound(&self, state: &State) -> f64 {
        let moved = state.moved.sum();
        if moved == 0.0 {
            return 0.0;
        }
        2.0 * self.follow / (1.0 - self.follow) * moved / state.held.sum()
    }
}

/// A range in so many parts that differ by one at the most, in order.
fn parts(whole: Range<usize>, count: usize) -> impl Iterator<Item = Range<usize>> {
    let at = move |part: usize| whole.start + whole.len() * part / count;
    (0..count).map(move |part| at(part)..at(part + 1))
}
