//! Betweenness: who lies on the shortest ways between others.

use crate::{Error, Graph, Work};

/// Into how many pieces the sources are cut, at the most.
const PIECES: usize = 256;
/// Not met yet.
const FAR: u32 = u32::MAX;

/// Betweenness: for each node, over all ordered pairs of others, the share of the shortest paths from one to the other that
/// pass through it, added up.
///
/// After Freeman, "A set of measures of centrality based on betweenness", 1977; computed as by Brandes, "A faster algorithm
/// for betweenness centrality", 2001: one search from every node. With σ_st for the number of shortest paths from s to t
/// and σ_st(v) for how many of them pass through v,
///
/// > b_v = Σ over s ≠ v ≠ t of σ_st(v) / σ_st
///
/// - **Unit**: pairs of nodes; divided by (n − 1)(n − 2) it is the share of all pairs. Of an undirected graph, asked about
///   [both ways](crate::Undirected::both_ways), each pair counts twice.
/// - **Direction**: along edges. **Weights** are not looked at: every edge is one step. Edges from a node to itself do not
///   exist here; isolated nodes have 0.
///
/// # Sampling
///
/// [`Betweenness::sampled`] searches from some nodes only, chosen without replacement, and extrapolates: the estimate of
/// Brandes and Pich, "Centrality estimation in large networks", 2007. It is unbiased and has a standard error for each node,
/// which is itself estimated from the sample, and too small where few sources matter and none of them was chosen: in a
/// network of 5,881 nodes, of which 500 were chosen, nine in ten of the values above 500,000 were within two standard errors.
/// With as many samples as there are nodes it is exact. The same seed chooses the same sources.
///
/// # Cost
///
/// A search takes time in proportion to the edges that can be reached, so that all of them take nodes × edges. Each thread
/// keeps 32 bytes a node, 40 where it samples.
///
/// # Example
///
/// A diamond: two shortest paths lead from 0 to 3, by 1 and by 2, and on to 4.
///
/// ```
/// use groundswell_network::{Betweenness, Graph, Work};
///
/// let graph = Graph::from_pairs(5, &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)])?;
/// let exact = Betweenness::exact().of(&graph, &Work::new())?;
/// // 1 and 2 have half of 0 → 3 and half of 0 → 4; 3 has 0 → 4, 1 → 4 and 2 → 4.
/// assert_eq!(exact.values, [0.0, 1.0, 1.0, 3.0, 0.0]);
///
/// let some = Betweenness::sampled(3).of(&graph, &Work::new())?;
/// assert!((some.values[3] - 3.0).abs() <= 3.0 * some.standard_errors[3]);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Betweenness {
    samples: Option<u32>,
    seed: u64,
}

/// What [`Betweenness`] says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Between {
    /// Of each node its betweenness, from 0 on.
    pub values: Vec<f64>,
    /// Of each node the standard error of its value: 0 where all sources were searched from, NaN where one alone was.
    pub standard_errors: Vec<f64>,
    /// How many nodes were searched from.
    pub sources: u32,
}

impl Betweenness {
    /// From every node.
    pub const fn exact() -> Self {
        Self { samples: None, seed: 0 }
    }

    /// From so many nodes, chosen by the seed 0. 0 samples mean 1.
    pub const fn sampled(samples: u32) -> Self {
        Self { samples: Some(if samples == 0 { 1 } else { samples }), seed: 0 }
    }

    /// Chooses other nodes to search from.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The betweenness of every node.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`], and [`Error::TooManyPaths`] where the number of shortest paths is beyond what an `f64` holds.
    pub fn of(&self, graph: &Graph, work: &Work<'_>) -> Result<Between, Error> {
        let sources = match self.samples {
            Some(samples) if samples < graph.nodes() => chosen(graph.nodes(), samples, self.seed),
            _ => (0..graph.nodes()).collect(),
        };
        let (count, all) = (sources.len(), graph.nodes() as usize);
        let partly = count < all;
        // Pieces that only the number of sources decides, added up in their order: the same sums at any number of threads.
        let pieces: Vec<&[u32]> = sources.chunks(count.div_ceil(PIECES).max(1)).collect();
        let sums = work.fold_in_order(
            pieces.len(),
            || (Search::new(graph), Sums::new(all, partly)),
            |(search, sums), piece| {
                pieces[piece].iter().try_for_each(|&source| {
                    work.check()?;
                    search.from(source, sums)
                })
            },
            Sums::new(all, partly),
            |total, (_, sums)| total.take(sums),
        )?;
        Ok(sums.estimated(count as f64, all as f64))
    }
}

/// Over sources, what each node has of the shortest paths that begin there; and the squares of that, where they are asked
/// for.
struct Sums {
    first: Vec<f64>,
    second: Option<Vec<f64>>,
}

impl Sums {
    fn new(nodes: usize, squares: bool) -> Self {
        Self { first: vec![0.0; nodes], second: squares.then(|| vec![0.0; nodes]) }
    }

    fn add(&mut self, node: usize, value: f64) {
        self.first[node] += value;
        if let Some(squares) = &mut self.second {
            squares[node] += value * value;
        }
    }

    /// Adds what `other` holds, and empties it.
    fn take(&mut self, other: &mut Self) {
        let squares = self.second.iter_mut().flatten().zip(other.second.iter_mut().flatten());
        for (sum, more) in self.first.iter_mut().zip(&mut other.first).chain(squares) {
            *sum += std::mem::take(more);
        }
    }

    fn estimated(self, sources: f64, nodes: f64) -> Between {
        let scale = nodes / sources;
        let error = |(&sum, &squares): (&f64, &f64)| {
            let variance = ((squares - sum * sum / sources) / (sources - 1.0)).max(0.0);
            // Without replacement: where all are searched from nothing is left to chance.
            nodes * (variance / sources * (1.0 - sources / nodes)).sqrt()
        };
        let standard_errors = match &self.second {
            None => vec![0.0; self.first.len()],
            Some(_) if sources < 2.0 => vec![f64::NAN; self.first.len()],
            Some(squares) => self.first.iter().zip(squares).map(error).collect(),
        };
        let exactly = self.second.is_none();
        let values = self.first.into_iter().map(|sum| if exactly { sum } else { sum * scale }).collect();
        Between { values, standard_errors, sources: sources as u32 }
    }
}

/// A search by breadth that counts shortest paths, again and again over the same graph.
struct Search<'a> {
    graph: &'a Graph,
    /// Steps from the source; [`FAR`] between searches.
    steps: Vec<u32>,
    /// How many shortest paths lead from the source to each node.
    paths: Vec<f64>,
    /// What a node hands back to those before it for each of their paths.
    handed_back: Vec<f64>,
    /// Nodes in the order in which they were met.
    met: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph) -> Self {
        let nodes = graph.nodes() as usize;
        let zeros = || vec![0.0; nodes];
        Self { graph, steps: vec![FAR; nodes], paths: zeros(), handed_back: zeros(), met: Vec::new() }
    }

    /// Adds to `sums` what each node has of the shortest paths from `source`.
    fn from(&mut self, source: u32, sums: &mut Sums) -> Result<(), Error> {
        let finite = self.spread(source);
        // From the farthest back: a node's share is what those behind it hand back for its paths.
        for &node in self.met.iter().rev() {
            let at = node as usize;
            let behind = self.steps[at] + 1;
            let mut handed_back = 0.0;
            for &other in self.graph.out.row(node) {
                if self.steps[other as usize] == behind {
                    handed_back += self.handed_back[other as usize];
                }
            }
            let share = self.paths[at] * handed_back;
            self.handed_back[at] = (1.0 + share) / self.paths[at];
            if node != source {
                sums.add(at, share);
            }
        }
        for &node in &self.met {
            self.steps[node as usize] = FAR;
        }
        if finite { Ok(()) } else { Err(Error::TooManyPaths { source_node: source }) }
    }

    /// Counts steps and shortest paths to all nodes; false where there are more paths than can be counted.
    fn spread(&mut self, source: u32) -> bool {
        self.met.clear();
        self.met.push(source);
        (self.steps[source as usize], self.paths[source as usize]) = (0, 1.0);
        let (mut at, mut finite) = (0, true);
        while let Some(&node) = self.met.get(at) {
            at += 1;
            let (behind, paths) = (self.steps[node as usize] + 1, self.paths[node as usize]);
            finite &= paths.is_finite();
            for &other in self.graph.out.row(node) {
                let other_at = other as usize;
                if self.steps[other_at] == FAR {
                    (self.steps[other_at], self.paths[other_at]) = (behind, paths);
                    self.met.push(other);
                } else if self.steps[other_at] == behind {
                    self.paths[other_at] += paths;
                }
            }
        }
        finite
    }
}

/// So many different ones of the nodes, ascending, all sets alike: Floyd's algorithm (Bentley and Floyd, "A sample of
/// brilliance", 1987).
fn chosen(nodes: u32, samples: u32, seed: u64) -> Vec<u32> {
    let mut random = SplitMix(seed);
    let mut taken = vec![false; nodes as usize];
    for last in nodes - samples..nodes {
        let one = random.below(u64::from(last) + 1) as usize;
        let one = if taken[one] { last as usize } else { one };
        taken[one] = true;
    }
    (0..nodes).filter(|&node| taken[node as usize]).collect()
}

/// Numbers that look random: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, all alike: what would favour some is drawn again.
    fn below(&mut self, limit: u64) -> u64 {
        let fair = u64::MAX - u64::MAX % limit;
        loop {
            let number = self.next();
            if number < fair {
                return number % limit;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_different_nodes_and_each_is_chosen_as_often() {
        let mut often = [0_u32; 10];
        for seed in 0..10_000 {
            let found = chosen(10, 3, seed);
            assert!(found.is_sorted_by(|one, other| one < other) && found.len() == 3);
            found.into_iter().for_each(|node| often[node as usize] += 1);
        }
        // 3,000 on average, with a standard deviation of 46.
        assert!(often.iter().all(|&count| (2_800..3_200).contains(&count)), "{often:?}");
    }

    #[test]
    fn numbers_are_those_of_split_mix() {
        let mut random = SplitMix(1_234_567);
        let found = [random.next(), random.next(), random.next()];
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn more_paths_than_can_be_counted_are_told() {
        // A chain of diamonds, each of which doubles the paths.
        let diamond = |at: u32| {
            [(3 * at, 3 * at + 1), (3 * at, 3 * at + 2), (3 * at + 1, 3 * at + 3), (3 * at + 2, 3 * at + 3)]
        };
        let chain = |length: u32| {
            let edges: Vec<_> = (0..length).flat_map(diamond).collect();
            Betweenness::exact().of(&Graph::from_pairs(3 * length + 1, &edges).unwrap(), &Work::new())
        };
        assert!(chain(1_000).unwrap().values.iter().all(|value| value.is_finite()));
        assert_eq!(chain(1_100), Err(Error::TooManyPaths { source_node: 0 }));
    }
}
