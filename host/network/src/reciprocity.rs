//! Reciprocity: how much of what goes out comes back.

use crate::Graph;
use crate::degree::common;

/// How many of a graph's edges have one that leads back, by [`reciprocity`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reciprocity {
    /// Of the edges that begin or end at each node, the share that is answered by one the other way, 0…1; NaN for isolated
    /// nodes.
    pub of_node: Vec<f64>,
    /// The share of all edges, 0…1; NaN where there are none.
    pub of_graph: f64,
}

/// How many edges are answered by one the other way.
///
/// An edge is answered or not: weights are not looked at, repeated rows count once and those from a node to itself not at
/// all. Of the graph it is the answered edges over all edges (Newman, Forrest and Balthrop, "Email networks and the spread
/// of computer viruses", 2002); of a node that share among the edges that begin or end there: twice the neighbours it has
/// in both directions, over its in-degree plus its out-degree.
///
/// ```
/// use groundswell_network::{Graph, reciprocity};
///
/// // 0 and 1 point to each other, and 0 to 2.
/// let graph = Graph::from_pairs(4, &[(0, 1), (1, 0), (0, 2)])?;
/// let found = reciprocity(&graph);
/// assert_eq!(found.of_graph, 2.0 / 3.0);
/// assert_eq!(found.of_node[..3], [2.0 / 3.0, 1.0, 0.0]);
/// assert!(found.of_node[3].is_nan());
/// # Ok::<(), groundswell_network::Error>(())
/// ```
pub fn reciprocity(graph: &Graph) -> Reciprocity {
    let answered = |node| common(graph.out.row(node), graph.into.row(node));
    let of = |node| {
        let ends = graph.out.length(node) + graph.into.length(node);
        f64::from(2 * answered(node)) / f64::from(ends)
    };
    let all: u64 = (0..graph.nodes()).map(|node| u64::from(answered(node))).sum();
    Reciprocity { of_node: (0..graph.nodes()).map(of).collect(), of_graph: all as f64 / graph.edges() as f64 }
}
