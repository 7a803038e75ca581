//! Small graphs at random, against brute force.

use std::collections::BTreeSet;

use groundswell_network::{
    Direction, EigenTrust, Graph, PageRank, Work, core_numbers, joint_reach, reach, triangles,
};
use proptest::prelude::*;

/// A graph as a table: what leads from each node to each, all rows added up; `None` where nothing does.
#[derive(Clone, Debug)]
struct Table(Vec<Vec<Option<f64>>>);

impl Table {
    fn nodes(&self) -> usize {
        self.0.len()
    }

    fn neighbours(&self, node: usize, direction: Direction) -> BTreeSet<usize> {
        let linked = |other: &usize| match direction {
            Direction::Out => self.0[node][*other].is_some(),
            Direction::In => self.0[*other][node].is_some(),
            Direction::Both => self.0[node][*other].is_some() || self.0[*other][node].is_some(),
        };
        (0..self.nodes()).filter(linked).collect()
    }

    /// The same as `each` says of every node.
    fn every<T>(&self, each: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.nodes()).map(each).collect()
    }
}

const DIRECTIONS: [Direction; 3] = [Direction::Out, Direction::In, Direction::Both];

/// Up to nine nodes and rows among them, with small weights, so that sums are exact.
fn graphs() -> impl Strategy<Value = (Graph, Table)> {
    (1_u32..10).prop_flat_map(|nodes| {
        let row = (0..nodes, 0..nodes, (-2_i8..6).prop_map(f64::from));
        prop::collection::vec(row, 0..30).prop_map(move |rows| {
            let mut table = Table(vec![vec![None; nodes as usize]; nodes as usize]);
            for &(from, to, weight) in rows.iter().filter(|(from, to, _)| from != to) {
                *table.0[from as usize][to as usize].get_or_insert(0.0) += weight;
            }
            (Graph::from_edges(nodes, &rows).unwrap(), table)
        })
    })
}

/// The solution of a system of linear equations, by elimination.
fn solved(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let count = rows.len();
    for at in 0..count {
        let best =
            (at..count).max_by(|&one, &other| rows[one][at].abs().total_cmp(&rows[other][at].abs())).unwrap();
        rows.swap(at, best);
        let pivot = rows[at].clone();
        for (place, row) in rows.iter_mut().enumerate() {
            let factor = row[at] / pivot[at];
            if place != at {
                row.iter_mut().zip(&pivot).for_each(|(cell, pivot)| *cell -= factor * pivot);
            }
        }
    }
    (0..count).map(|at| rows[at][count] / rows[at][at]).collect()
}

/// The walk by its definition: every dangling node has edges to all, as the restart vector has it.
fn walk(table: &Table, weight: impl Fn(f64) -> f64, restart: &[f64], follow: f64) -> Vec<f64> {
    let count = table.nodes();
    let out = |from: usize, to: usize| table.0[from][to].map_or(0.0, &weight);
    let total = table.every(|from| (0..count).map(|to| out(from, to)).sum::<f64>());
    let step =
        |from: usize, to: usize| if total[from] > 0.0 { out(from, to) / total[from] } else { restart[to] };
    let row = |to: usize| {
        let cell = |from: usize| f64::from(u8::from(from == to)) - follow * step(from, to);
        (0..count).map(cell).chain([(1.0 - follow) * restart[to]]).collect()
    };
    solved((0..count).map(row).collect())
}

fn close(found: &[f64], expected: &[f64]) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    let apart: f64 = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).sum();
    prop_assert!(apart <= 1e-9, "{:?} instead of {:?}", found, expected);
    Ok(())
}

proptest! {
    #[test]
    fn a_graph_is_its_table((graph, table) in graphs()) {
        for node in 0..graph.nodes() {
            let at = node as usize;
            let out: Vec<(u32, f64)> =
                (0..).zip(&table.0[at]).filter_map(|(to, weight)| Some((to, (*weight)?))).collect();
            let into: Vec<(u32, f64)> =
                (0..).zip(&table.0).filter_map(|(from, row)| Some((from, row[at]?))).collect();
            prop_assert_eq!(graph.out_edges(node).collect::<Vec<_>>(), out);
            prop_assert_eq!(graph.in_edges(node).collect::<Vec<_>>(), into);
            let both: Vec<usize> = table.neighbours(at, Direction::Both).into_iter().collect();
            let found: Vec<usize> = graph.undirected().neighbours(node).iter().map(|&other| other as usize).collect();
            prop_assert_eq!(found, both);
            for other in 0..graph.nodes() {
                prop_assert_eq!(graph.has_edge(node, other), table.0[at][other as usize].is_some());
            }
        }
    }

    #[test]
    fn degrees_and_strengths_are_what_can_be_counted((graph, table) in graphs()) {
        for direction in DIRECTIONS {
            prop_assert_eq!(
                graph.degrees(direction),
                table.every(|node| table.neighbours(node, direction).len() as u32)
            );
        }
        let out = table.every(|node| table.0[node].iter().flatten().sum::<f64>());
        let into = table.every(|node| table.0.iter().filter_map(|row| row[node]).sum::<f64>());
        let both = table.every(|node| out[node] + into[node]);
        prop_assert!(graph.strengths(Direction::Out).iter().zip(&out).all(|(found, known)| found == known));
        prop_assert!(graph.strengths(Direction::In).iter().zip(&into).all(|(found, known)| found == known));
        prop_assert!(graph.strengths(Direction::Both).iter().zip(&both).all(|(found, known)| found == known));
    }

    #[test]
    fn page_rank_solves_its_equations(
        (graph, table) in graphs(),
        damping in prop_oneof![Just(0.0), Just(0.85), 0.0..0.99],
        restart in prop::collection::vec(0_u8..4, 9),
        weighted in any::<bool>(),
    ) {
        let work = Work::new();
        let weight = |weight: f64| if weighted { weight.max(0.0) } else { 1.0 };
        let uniform = vec![1.0 / f64::from(graph.nodes()); graph.nodes() as usize];
        let rank = PageRank::new().damping(damping).weighted(weighted);
        let ranked = rank.of(&graph, &work).unwrap();
        prop_assert!(ranked.converged);
        close(&ranked.values, &walk(&table, weight, &uniform, damping))?;

        let mut restart: Vec<f64> = restart[..table.nodes()].iter().map(|&share| f64::from(share)).collect();
        restart[0] += 1.0;
        let personal = rank.restart(&restart).of(&graph, &work).unwrap();
        let sum: f64 = restart.iter().sum();
        let shares: Vec<f64> = restart.iter().map(|share| share / sum).collect();
        close(&personal.values, &walk(&table, weight, &shares, damping))?;
    }

    #[test]
    fn page_rank_is_within_its_bound((graph, table) in graphs(), iterations in 1_u32..12) {
        let uniform = vec![1.0 / f64::from(graph.nodes()); graph.nodes() as usize];
        let known = walk(&table, |_| 1.0, &uniform, 0.85);
        let ranked = PageRank::new().max_iterations(iterations).of(&graph, &Work::new()).unwrap();
        let apart: f64 = ranked.values.iter().zip(&known).map(|(found, known)| (found - known).abs()).sum();
        prop_assert!(apart <= ranked.bound + 1e-12, "{apart} beyond {}", ranked.bound);
        prop_assert!(ranked.iterations <= iterations);
        prop_assert_eq!(ranked.converged, ranked.bound <= 1e-10);
    }

    #[test]
    fn eigentrust_solves_its_equations((graph, table) in graphs(), restart in 0.01..=1.0, trusted in 0_u32..10) {
        let work = Work::new();
        let nodes = table.nodes();
        let named: Vec<u32> = [trusted, 0, trusted].into_iter().filter(|&node| node < graph.nodes()).collect();
        let trust = EigenTrust::new().restart(restart).pre_trusted(&named).of(&graph, &work).unwrap();
        let shares: BTreeSet<u32> = named.into_iter().collect();
        let p: Vec<f64> = (0..nodes as u32)
            .map(|node| if shares.contains(&node) { 1.0 / shares.len() as f64 } else { 0.0 })
            .collect();
        close(&trust.values, &walk(&table, |weight| weight.max(0.0), &p, 1.0 - restart))?;
    }

    #[test]
    fn a_core_is_what_is_left_when_all_with_fewer_neighbours_go((graph, table) in graphs()) {
        let mut expected = vec![0; table.nodes()];
        for core in 1..10 {
            let mut left: BTreeSet<usize> = (0..table.nodes()).collect();
            loop {
                let stays = |node: &usize| table.neighbours(*node, Direction::Both).intersection(&left).count() >= core;
                let next: BTreeSet<usize> = left.iter().copied().filter(stays).collect();
                if next == left {
                    break;
                }
                left = next;
            }
            left.into_iter().for_each(|node| expected[node] = core as u32);
        }
        prop_assert_eq!(core_numbers(&graph.undirected(), &Work::new()).unwrap(), expected);
    }

    #[test]
    fn triangles_are_three_who_know_each_other((graph, table) in graphs()) {
        let around: Vec<BTreeSet<usize>> = table.every(|node| table.neighbours(node, Direction::Both));
        let pairs = |node: usize| {
            let all: Vec<usize> = around[node].iter().copied().collect();
            let pairs: Vec<(usize, usize)> =
                all.iter().flat_map(|&one| all.iter().map(move |&other| (one, other))).filter(|(one, other)| one < other).collect();
            (pairs.iter().filter(|(one, other)| around[*one].contains(other)).count(), pairs.len())
        };
        let known = table.every(pairs);
        let undirected = graph.undirected();
        let found = triangles(&undirected, &Work::new()).unwrap();
        prop_assert_eq!(&found.of_node, &known.iter().map(|(closed, _)| *closed as u64).collect::<Vec<_>>());
        for (value, (closed, all)) in found.clustering(&undirected).into_iter().zip(&known) {
            let known = *closed as f64 / *all as f64;
            prop_assert!(value == known || (*all == 0 && value.is_nan()));
        }
        let (closed, all) = known.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let transitivity = found.transitivity(&undirected);
        prop_assert!(transitivity == closed as f64 / all as f64 || (all == 0 && transitivity.is_nan()));
    }

    #[test]
    fn reach_counts_each_other_once((graph, table) in graphs(), hops in 0_u32..5, members in 1_u8..=255) {
        for direction in DIRECTIONS {
            let spread = |members: BTreeSet<usize>| {
                let mut met = members.clone();
                for _ in 0..hops {
                    met = met.iter().flat_map(|&node| table.neighbours(node, direction)).chain(met.iter().copied()).collect();
                }
                (met.len() - members.len()) as u32
            };
            let found = reach(&graph, direction, hops, &Work::new()).unwrap();
            prop_assert_eq!(found, table.every(|node| spread([node].into())));
            let members: Vec<u32> = (0..graph.nodes().min(8)).filter(|&node| members >> node & 1 == 1).collect();
            let together = joint_reach(&graph, direction, hops, &members).unwrap();
            prop_assert_eq!(together, spread(members.iter().map(|&node| node as usize).collect()));
        }
    }
}
