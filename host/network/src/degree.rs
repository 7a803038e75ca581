//! How many neighbours, and how much with them.

use crate::{Direction, Graph};

pub(crate) fn degrees(graph: &Graph, direction: Direction) -> Vec<u32> {
    let nodes = 0..graph.nodes();
    match direction {
        Direction::Out => nodes.map(|node| graph.out.length(node)).collect(),
        Direction::In => nodes.map(|node| graph.into.length(node)).collect(),
        Direction::Both => nodes.map(|node| union(graph.out.row(node), graph.into.row(node))).collect(),
    }
}

pub(crate) fn strengths(graph: &Graph, direction: Direction) -> Vec<f64> {
    let out = |node| graph.out_edges(node).fold(0.0, |sum, (_, weight)| sum + weight);
    let into = |node| graph.in_edges(node).fold(0.0, |sum, (_, weight)| sum + weight);
    let nodes = 0..graph.nodes();
    match direction {
        Direction::Out => nodes.map(out).collect(),
        Direction::In => nodes.map(into).collect(),
        Direction::Both => nodes.map(|node| into(node) + out(node)).collect(),
    }
}

/// How many different numbers two ascending rows have together.
fn union(one: &[u32], other: &[u32]) -> u32 {
    (one.len() + other.len()) as u32 - common(one, other)
}

/// How many numbers two ascending rows have in common.
pub(crate) fn common(one: &[u32], other: &[u32]) -> u32 {
    let (mut at, mut found) = (0, 0);
    for node in one {
        while other.get(at).is_some_and(|known| known < node) {
            at += 1;
        }
        found += u32::from(other.get(at) == Some(node));
    }
    found
}
