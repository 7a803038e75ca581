//! What can go wrong.

use crate::graph::MOST_EDGES;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The check that [`Work::stop`](crate::Work::stop) was given said so.
    #[error("stopped before the end, as the caller's check asked for")]
    Stopped,
    /// A node that the graph does not have.
    #[error("row {row} names node {node}, and the graph has {nodes} nodes, numbered from 0")]
    Node {
        /// Where it is named, from 0.
        row: usize,
        /// What is named.
        node: u32,
        /// How many there are.
        nodes: u32,
    },
    /// A weight that is no number.
    #[error("the edge in row {row} weighs {weight}; weights are finite numbers")]
    Weight {
        /// The edge, from 0.
        row: usize,
        /// What it weighs.
        weight: f64,
    },
    /// Columns, or a vector over the nodes, of the wrong length.
    #[error("{what} has {found} values where {expected} are needed, one for each {of}")]
    Length {
        /// The column or vector.
        what: &'static str,
        /// How many values it has.
        found: usize,
        /// How many it should have.
        expected: usize,
        /// What each value belongs to.
        of: &'static str,
    },
    /// More edges than can be numbered.
    #[error(
        "{rows} edges are more than a graph takes, which is {MOST_EDGES}; leave some out, or add equal pairs up first"
    )]
    TooManyEdges {
        /// How many were given.
        rows: usize,
    },
    /// A setting outside of its range.
    #[error("{name} is {value}; it must be {range}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it was set to.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// So many shortest paths begin at a node that an `f64` does not hold their number.
    #[error(
        "more than 10^308 shortest paths lead from node {source_node} to another; betweenness cannot be told of this graph"
    )]
    TooManyPaths {
        /// Where they begin.
        source_node: u32,
    },
}
