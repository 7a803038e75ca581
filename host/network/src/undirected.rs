//! A graph without direction.

use crate::Graph;
use crate::rows::Rows;

/// The simple undirected graph of a [`Graph`]: two nodes are neighbours where an edge leads from one to the other, in
/// whichever direction and however often. Weights are left behind.
///
/// [`core_numbers`](crate::core_numbers) and [`triangles`](crate::triangles) ask for it; who needs both makes it once. It
/// takes 4 bytes a node and 8 a pair of neighbours.
///
/// ```
/// use groundswell_network::Graph;
///
/// let undirected = Graph::from_pairs(3, &[(0, 1), (1, 0), (2, 1), (1, 1)])?.undirected();
/// assert_eq!(undirected.edges(), 2);
/// assert_eq!(undirected.neighbours(1), [0, 2]);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Undirected {
    pub(crate) rows: Rows,
}

impl Undirected {
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut rows = Rows { starts: vec![0], nodes: Vec::with_capacity(graph.edges() * 2) };
        for node in 0..graph.nodes() {
            merge(graph.out.row(node), graph.into.row(node), &mut rows.nodes);
            rows.starts.push(rows.nodes.len() as u32);
        }
        rows.nodes.shrink_to_fit();
        Self { rows }
    }

    /// How many nodes there are, isolated ones among them.
    pub fn nodes(&self) -> u32 {
        self.rows.count()
    }

    /// How many pairs of neighbours there are.
    pub fn edges(&self) -> usize {
        self.rows.nodes.len() / 2
    }

    /// The neighbours of `node`, ascending.
    ///
    /// # Panics
    ///
    /// Where there is no such node.
    pub fn neighbours(&self, node: u32) -> &[u32] {
        self.rows.row(node)
    }

    /// A directed graph with an edge in both directions between each two neighbours: how algorithms for directed graphs
    /// are asked about an undirected one.
    pub fn both_ways(&self) -> Graph {
        Graph::both_ways(&self.rows)
    }
}

/// Appends what is in either of two ascending rows, ascending and once.
fn merge(mut one: &[u32], mut other: &[u32], to: &mut Vec<u32>) {
    while let (Some((&first, rest)), Some((&second, remainder))) = (one.split_first(), other.split_first()) {
        to.push(first.min(second));
        if first <= second {
            one = rest;
        }
        if second <= first {
            other = remainder;
        }
    }
    to.extend_from_slice(one);
    to.extend_from_slice(other);
}
