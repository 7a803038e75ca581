//! Rings: praise that comes back to where it came from.

use std::ops::Range;

use crate::{Error, Graph, Work};

/// Edges that one thread takes at a time; each stands for the row of who it comes from.
const PIECE: usize = 256;

/// Over how few steps each edge is returned, by [`returns`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returns {
    starts: Vec<u32>,
    steps: Vec<u8>,
}

/// Whether those who point to a node are reached back from it: over how few steps each edge is returned.
///
/// An edge from u to v is returned in one step where v points to u, and in two where v points to somebody who points to u:
/// pairs and threes who endorse each other. Longer ways are not looked for. Weights are not looked at; edges from a node to
/// itself do not exist here.
///
/// # Cost
///
/// Of each edge at most the row of who it comes from; each thread keeps 1 byte a node, and the answer 1 an edge.
///
/// # Errors
///
/// [`Error::Stopped`].
///
/// # Example
///
/// ```
/// use groundswell_network::{Graph, Work, returns};
///
/// // 0 and 1 point to each other; 0, 1 and 2 in a circle; 3 points to 0 and nobody to 3.
/// let graph = Graph::from_edges(4, &[(0, 1, 1.0), (1, 0, 2.0), (1, 2, 1.0), (2, 0, 5.0), (3, 0, 3.0)])?;
/// let returned = returns(&graph, &Work::new())?;
/// assert_eq!(graph.in_neighbours(0), [1, 2, 3]);
/// assert_eq!(returned.steps(0), [1, 2, 0]);
/// // Of the weight of 10 that comes to 0, 7 comes from whom it reaches back.
/// assert_eq!(returned.shares(&graph, 2)[0], 0.7);
/// assert_eq!(returned.shares(&graph, 1)[0], 0.2);
/// assert!(returned.shares(&graph, 2)[3].is_nan());
/// # Ok::<(), groundswell_network::Error>(())
/// ```
pub fn returns(graph: &Graph, work: &Work<'_>) -> Result<Returns, Error> {
    let pieces = graph.into.pieces(PIECE);
    let steps = work.map(
        pieces.len(),
        || vec![false; graph.nodes() as usize],
        |pointed_to, piece| returned(graph, pieces[piece].clone(), pointed_to),
    )?;
    Ok(Returns { starts: graph.into.starts.clone(), steps: steps.concat() })
}

/// The steps of all edges that end at these nodes.
fn returned(graph: &Graph, nodes: Range<u32>, pointed_to: &mut [bool]) -> Vec<u8> {
    let mut steps = Vec::new();
    for node in nodes {
        let row = graph.out.row(node);
        row.iter().for_each(|&other| pointed_to[other as usize] = true);
        for &from in graph.into.row(node) {
            let two = || graph.into.row(from).iter().any(|&between| pointed_to[between as usize]);
            steps.push(if pointed_to[from as usize] {
                1
            } else if !row.is_empty() && two() {
                2
            } else {
                0
            });
        }
        row.iter().for_each(|&other| pointed_to[other as usize] = false);
    }
    steps
}

impl Returns {
    /// Of each of [`Graph::in_neighbours`] of `node`, in that order: 1 or 2 steps, or 0 where it is reached in neither.
    ///
    /// # Panics
    ///
    /// Where there is no such node.
    pub fn steps(&self, node: u32) -> &[u8] {
        &self.steps[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// Of each node, the share of the weight of its incoming edges that is returned in at most so many steps, 0…1. Only
    /// edges that weigh more than 0 count; NaN where there are none.
    ///
    /// # Panics
    ///
    /// Where `graph` is another than that which was looked at, and has other edges.
    pub fn shares(&self, graph: &Graph, at_most: u8) -> Vec<f64> {
        let share = |node| {
            let (mut back, mut all) = (0.0, 0.0);
            for ((_, weight), &steps) in graph.in_edges(node).zip(self.steps(node)) {
                let weight = weight.max(0.0);
                all += weight;
                back += if (1..=at_most).contains(&steps) { weight } else { 0.0 };
            }
            back / all
        };
        (0..graph.nodes()).map(share).collect()
    }
}
