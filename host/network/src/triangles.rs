//! Triangles, and how many of those that could be there are.

use crate::rows::{Rows, rewind, starts};
use crate::{Error, Undirected, Work};

/// Edges that one thread takes at a time.
const PIECE: usize = 4_096;

/// The triangles of a graph, by [`triangles`].
///
/// ```
/// use groundswell_network::{Graph, Work, triangles};
///
/// // Two triangles with an edge in common, 1–2, and 4 beside them.
/// let graph = Graph::from_pairs(5, &[(0, 1), (0, 2), (1, 2), (3, 1), (3, 2)])?.undirected();
/// let found = triangles(&graph, &Work::new())?;
/// assert_eq!(found.of_node, [1, 2, 2, 1, 0]);
/// assert_eq!(found.total, 2);
/// // 1 has three neighbours, thus three pairs of them, and two of those know each other.
/// assert_eq!(found.clustering(&graph)[1], 2.0 / 3.0);
/// assert!(found.clustering(&graph)[4].is_nan());
/// // Paths over two edges: one each around 0 and 3, three each around 1 and 2.
/// assert_eq!(found.transitivity(&graph), 6.0 / 8.0);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Triangles {
    /// In how many each node is.
    pub of_node: Vec<u64>,
    /// How many there are.
    pub total: u64,
}

/// Counts the triangles of each node: pairs of its neighbours that are neighbours of each other.
///
/// Direction and weights are not looked at. Each edge is followed from the end with fewer neighbours to that with more, so
/// that the largest rows are short: the forward algorithm of Schank and Wagner, "Finding, counting and listing all
/// triangles in large graphs", 2005. The time is in proportion to edges^1.5 at the most; each thread keeps 9 bytes a node.
///
/// # Errors
///
/// [`Error::Stopped`].
pub fn triangles(graph: &Undirected, work: &Work<'_>) -> Result<Triangles, Error> {
    let (order, towards) = oriented(graph);
    let nodes = graph.nodes() as usize;
    let pieces = towards.pieces(PIECE);
    struct Counts {
        marked: Vec<bool>,
        found: Vec<u64>,
    }
    let counts = work.fold(
        pieces.len(),
        || Counts { marked: vec![false; nodes], found: vec![0; nodes] },
        |counts, piece| {
            for node in pieces[piece].clone() {
                let row = towards.row(node);
                row.iter().for_each(|&other| counts.marked[other as usize] = true);
                let mut of_node = 0;
                for &other in row {
                    let mut both = 0;
                    for &third in towards.row(other) {
                        let found = u64::from(counts.marked[third as usize]);
                        counts.found[third as usize] += found;
                        both += found;
                    }
                    counts.found[other as usize] += both;
                    of_node += both;
                }
                counts.found[node as usize] += of_node;
                row.iter().for_each(|&other| counts.marked[other as usize] = false);
            }
        },
    )?;
    let mut of_node = vec![0; nodes];
    for (place, &node) in order.iter().enumerate() {
        of_node[node as usize] = counts.iter().map(|counts| counts.found[place]).sum();
    }
    let total = of_node.iter().sum::<u64>() / 3;
    Ok(Triangles { of_node, total })
}

impl Triangles {
    /// Of each node, how many of its pairs of neighbours are neighbours of each other, 0…1: the local clustering
    /// coefficient of Watts and Strogatz, "Collective dynamics of small-world networks", 1998.
    ///
    /// NaN for nodes with fewer than two neighbours, which have no pairs; who averages decides what they count as.
    ///
    /// # Panics
    ///
    /// Where `graph` is a smaller one than that whose triangles these are.
    pub fn clustering(&self, graph: &Undirected) -> Vec<f64> {
        let of = |(node, &found): (usize, &u64)| found as f64 / pairs(graph.rows.length(node as u32)) as f64;
        self.of_node.iter().enumerate().map(of).collect()
    }

    /// How many of the paths over two edges are part of a triangle, 0…1: three times the triangles over those paths. NaN
    /// where there are no paths.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn transitivity(&self, graph: &Undirected) -> f64 {
        let paths: u64 = (0..graph.nodes()).map(|node| pairs(graph.rows.length(node))).sum();
        (3 * self.total) as f64 / paths as f64
    }
}

/// How many pairs there are of so many.
fn pairs(of: u32) -> u64 {
    u64::from(of) * u64::from(of).saturating_sub(1) / 2
}

/// The nodes, those with most neighbours first, and for each place in that order the places of the neighbours before it.
fn oriented(graph: &Undirected) -> (Vec<u32>, Rows) {
    let count = graph.nodes();
    let most = (0..count).map(|node| graph.rows.length(node)).max().unwrap_or(0);
    let rarity = |node: u32| most - graph.rows.length(node);
    let mut next = starts(most + 1, (0..count).map(rarity));
    let (mut order, mut place) = (vec![0; count as usize], vec![0; count as usize]);
    for node in 0..count {
        let at = &mut next[rarity(node) as usize];
        (order[*at as usize], place[node as usize]) = (node, *at);
        *at += 1;
    }
    // Filled by going through the places in order, so that every row is ascending.
    let before = |here: u32, other: u32| place[other as usize] < here;
    let mut begins = vec![0_u32];
    for (here, &node) in (0..).zip(&order) {
        let earlier = graph.rows.row(node).iter().filter(|&&other| before(here, other)).count() as u32;
        begins.push(begins.last().copied().unwrap_or(0) + earlier);
    }
    let mut nodes = vec![0; graph.edges()];
    for (here, &node) in (0..).zip(&order) {
        for &other in graph.rows.row(node) {
            let there = place[other as usize];
            if there > here {
                let at = &mut begins[there as usize];
                nodes[*at as usize] = here;
                *at += 1;
            }
        }
    }
    rewind(&mut begins);
    (order, Rows { starts: begins, nodes })
}
