//! Small graphs at random, against brute force.

use std::collections::BTreeSet;

use groundswell_network::{
    Betweenness, Components, Direction, EigenTrust, Graph, PageRank, Work, core_numbers, joint_reach, reach,
    reciprocity, returns, strong_components, triangles, weak_components,
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

    /// How many steps lead from each node to each, the way edges point or either way.
    fn distances(&self, direction: Direction) -> Vec<Vec<usize>> {
        let count = self.nodes();
        let near = |from: usize, to: usize| self.neighbours(from, direction).contains(&to);
        let mut steps: Vec<Vec<usize>> = self.every(|from| {
            (0..count)
                .map(|to| {
                    if from == to {
                        0
                    } else if near(from, to) {
                        1
                    } else {
                        FAR
                    }
                })
                .collect()
        });
        for by in 0..count {
            for from in 0..count {
                for to in 0..count {
                    steps[from][to] = steps[from][to].min(steps[from][by] + steps[by][to]);
                }
            }
        }
        steps
    }

    /// What `each` says of every node.
    fn every<T>(&self, each: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.nodes()).map(each).collect()
    }
}

/// Further than any way leads.
const FAR: usize = 1_000;
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

    #[test]
    fn reciprocity_is_what_can_be_counted((graph, table) in graphs()) {
        let linked = |from: usize, to: usize| table.0[from][to].is_some();
        let count = table.nodes();
        let edges: Vec<(usize, usize)> =
            (0..count).flat_map(|from| (0..count).map(move |to| (from, to))).filter(|&(from, to)| linked(from, to)).collect();
        let share = |at: &dyn Fn(usize, usize) -> bool| {
            let here: Vec<_> = edges.iter().filter(|(from, to)| at(*from, *to)).collect();
            here.iter().filter(|(from, to)| linked(*to, *from)).count() as f64 / here.len() as f64
        };
        let found = reciprocity(&graph);
        let same = |one: f64, other: f64| one == other || (one.is_nan() && other.is_nan());
        prop_assert!(same(found.of_graph, share(&|_, _| true)));
        for (node, value) in found.of_node.into_iter().enumerate() {
            prop_assert!(same(value, share(&|from, to| from == node || to == node)));
        }
    }

    #[test]
    fn components_are_those_who_reach_each_other((graph, table) in graphs()) {
        let components = |steps: Vec<Vec<usize>>| {
            let with = table.every(|node| (0..table.nodes()).find(|&other| steps[node][other] < FAR && steps[other][node] < FAR).unwrap());
            let firsts: Vec<usize> = (0..table.nodes()).filter(|&node| with[node] == node).collect();
            let of_node: Vec<u32> = with.iter().map(|first| firsts.binary_search(first).unwrap() as u32).collect();
            let sizes: Vec<u32> = (0..firsts.len() as u32).map(|number| of_node.iter().filter(|&&of| of == number).count() as u32).collect();
            (of_node, sizes)
        };
        let found = |components: Components| (components.of_node, components.sizes);
        let work = Work::new();
        prop_assert_eq!(found(weak_components(&graph, &work).unwrap()), components(table.distances(Direction::Both)));
        prop_assert_eq!(found(strong_components(&graph, &work).unwrap()), components(table.distances(Direction::Out)));
    }

    #[test]
    fn betweenness_is_the_share_of_shortest_paths((graph, table) in graphs()) {
        let steps = table.distances(Direction::Out);
        let count = table.nodes();
        // Of each two nodes the number of shortest paths, by the last step but one.
        let mut paths = vec![vec![0.0; count]; count];
        for far in 0..count {
            for from in 0..count {
                for to in (0..count).filter(|&to| steps[from][to] == far) {
                    let before = |by: &usize| steps[from][*by] + 1 == far && table.0[*by][to].is_some();
                    let sum: f64 = (0..count).filter(before).map(|by| paths[from][by]).sum();
                    paths[from][to] = if from == to { 1.0 } else { sum };
                }
            }
        }
        let expected = table.every(|node| {
            let between = |from: usize, to: usize| {
                let on_the_way = from != node && to != node && from != to && steps[from][to] < FAR
                    && steps[from][node] + steps[node][to] == steps[from][to];
                if on_the_way { paths[from][node] * paths[node][to] / paths[from][to] } else { 0.0 }
            };
            (0..count).flat_map(|from| (0..count).map(move |to| (from, to))).map(|(from, to)| between(from, to)).sum::<f64>()
        });
        let exact = Betweenness::exact().of(&graph, &Work::new()).unwrap();
        close(&exact.values, &expected)?;
        prop_assert!(exact.standard_errors.iter().all(|&error| error == 0.0));
        prop_assert_eq!(&Betweenness::sampled(9).of(&graph, &Work::new()).unwrap(), &exact);
    }

    #[test]
    fn an_edge_is_returned_in_one_step_or_two((graph, table) in graphs()) {
        let linked = |from: usize, to: usize| table.0[from][to].is_some();
        let found = returns(&graph, &Work::new()).unwrap();
        let shares = [found.shares(&graph, 1), found.shares(&graph, 2)];
        for node in 0..table.nodes() {
            let steps = |from: usize| {
                if linked(node, from) {
                    1
                } else {
                    2 * u8::from((0..table.nodes()).any(|by| linked(node, by) && linked(by, from)))
                }
            };
            let into: Vec<(f64, u8)> = (0..table.nodes())
                .filter_map(|from| Some((table.0[from][node]?.max(0.0), steps(from))))
                .collect();
            prop_assert_eq!(found.steps(node as u32), into.iter().map(|(_, steps)| *steps).collect::<Vec<_>>());
            for (at_most, shares) in (1..).zip(&shares) {
                let back: f64 = into.iter().filter(|(_, steps)| (1..=at_most).contains(steps)).map(|(weight, _)| weight).sum();
                let share = back / into.iter().map(|(weight, _)| weight).sum::<f64>();
                prop_assert!(shares[node] == share || (shares[node].is_nan() && share.is_nan()));
            }
        }
    }
}

/// Over all samples of a size the estimates average out to the truth, and their variance is what they say it is.
#[test]
fn sampled_betweenness_is_unbiased() {
    let edges = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 4), (4, 2), (3, 5), (5, 0), (2, 0)];
    let graph = Graph::from_pairs(6, &edges).unwrap();
    let exact = Betweenness::exact().of(&graph, &Work::new()).unwrap().values;
    let runs = 4_000;
    let (mut mean, mut spread, mut said) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    for seed in 0..runs {
        let some = Betweenness::sampled(3).seed(seed).of(&graph, &Work::new()).unwrap();
        for node in 0..6 {
            let off = some.values[node] - exact[node];
            mean[node] += off / runs as f64;
            spread[node] += off * off / runs as f64;
            said[node] += some.standard_errors[node].powi(2) / runs as f64;
        }
    }
    for node in 0..6 {
        // Four standard errors of the mean over all runs.
        assert!(mean[node].abs() <= 4.0 * (spread[node] / runs as f64).sqrt() + 1e-12, "{mean:?}");
        assert!((said[node] - spread[node]).abs() <= 0.1 * spread[node] + 1e-12, "{said:?} {spread:?}");
    }
}
