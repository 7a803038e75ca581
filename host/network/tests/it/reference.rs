//! What igraph found of large graphs, and kuzu of two of them.
//!
//! Both looked at the same files. igraph's values are of the simple graph: no edges from a node to itself, none twice.

use groundswell_network::{Direction, PageRank, Work, core_numbers, triangles};
use serde_json::Value;

use crate::data::{Named, answers, graph, reference};

/// Each graph's name among the values, its file, and whether it is one without direction.
const GRAPHS: [(&str, &str, bool); 6] = [
    ("wiki-Vote", "wiki-Vote.txt.gz", false),
    ("email-Eu-core", "email-Eu-core.txt.gz", false),
    ("slashdot0902-directed", "soc-slashdot0902-directed.tsv.gz", false),
    ("ego-twitter-undirected", "ego-twitter-undirected.tsv.gz", true),
    ("bitcoin-otc", "soc-sign-bitcoinotc.csv.gz", false),
    ("CollegeMsg", "CollegeMsg.txt.gz", false),
];

/// Calls `each` with every graph that there is, what is known of it, and whether it is one without direction.
fn every(each: impl Fn(&Named, &Value, bool)) {
    for (name, file, without_direction) in GRAPHS {
        let (Some(graph), Some(known)) = (graph(file), reference(name)) else { continue };
        println!("{name}");
        assert_eq!(known["rows"], graph.rows());
        each(&graph, &known, without_direction);
    }
}

/// Names and numbers, highest first.
fn listed(known: &Value) -> Vec<(u32, f64)> {
    let pair = |pair: &Value| (name(&pair[0]), pair[1].as_f64().unwrap());
    known.as_array().map_or_else(Vec::new, |pairs| pairs.iter().map(pair).collect())
}

fn name(value: &Value) -> u32 {
    value.as_str().map_or_else(|| value.as_u64().unwrap() as u32, |text| text.parse().unwrap())
}

/// A number that was written down with six digits after the point.
fn near(found: f64, known: &Value) {
    let known = known.as_f64().unwrap();
    assert!((found - known).abs() <= 5.1e-7, "{found} instead of {known}");
}

#[test]
fn graphs_have_as_many_nodes_edges_and_loops() {
    every(|named, known, without_direction| {
        let graph = &named.graph;
        assert_eq!(known["nodes"], graph.nodes());
        assert_eq!(known["self_loops"], graph.self_loops());
        let edges = if without_direction { named.undirected().edges() } else { graph.edges() };
        assert_eq!(known["edges_simple"], edges);
        if !without_direction {
            assert_eq!(known["duplicate_rows"], graph.repeated());
        }
    });
}

#[test]
fn degrees_are_those_of_igraph() {
    every(|named, known, without_direction| {
        let (key, direction) = if without_direction {
            ("degree_top5", Direction::Both)
        } else {
            ("indegree_top5", Direction::In)
        };
        let degrees: Vec<f64> = named.graph.degrees(direction).into_iter().map(f64::from).collect();
        assert_eq!(named.top(&degrees, 5), listed(&known[key]));
    });
}

#[test]
fn page_ranks_are_those_of_igraph() {
    every(|named, known, without_direction| {
        let graph = if without_direction { &named.undirected().both_ways() } else { &named.graph };
        let ranked = PageRank::new().of(graph, &Work::new().threads(2)).unwrap();
        println!("  {} iterations, within {:e}", ranked.iterations, ranked.bound);
        assert!(ranked.converged);
        assert!((ranked.values.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let (found, known) = (named.top(&ranked.values, 10), listed(&known["pagerank_top10_simple"]));
        assert_eq!(known.len(), 10);
        for ((node, value), (expected, known)) in found.into_iter().zip(known) {
            assert_eq!(node, expected);
            assert!((value - known).abs() < 1e-8, "{node}: {value} instead of {known}");
        }
    });
}

#[test]
fn core_numbers_are_those_of_igraph() {
    every(|named, known, _| {
        let cores = core_numbers(&named.undirected(), &Work::new()).unwrap();
        let most = cores.iter().max().copied().unwrap();
        assert_eq!(known["max_core"], most);
        let mut counts: Vec<(u32, usize)> =
            (0..=most).map(|core| (core, cores.iter().filter(|&&found| found == core).count())).collect();
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        for (known, (core, count)) in known["core_hist_top10"].as_array().unwrap().iter().zip(counts) {
            assert_eq!(known[1], count, "core {core}");
            // Where two cores have as many nodes either may come first.
            assert!(known[0] == core || cores.iter().filter(|&&found| known[0] == found).count() == count);
        }
    });
}

#[test]
fn triangles_and_clustering_are_those_of_igraph() {
    every(|named, known, _| {
        let graph = named.undirected();
        let found = triangles(&graph, &Work::new().threads(2)).unwrap();
        assert_eq!(known["triangles"], found.total);
        near(found.transitivity(&graph), &known["transitivity_global"]);
        let local = found.clustering(&graph);
        let sum: f64 = local.iter().filter(|value| !value.is_nan()).sum();
        near(sum / local.len() as f64, &known["avg_local_clustering_zero"]);
    });
}

/// kuzu's two graphs, whole and without the nodes that its cases leave out.
fn cases(each: impl Fn(&Named, &dyn Fn(&str) -> Vec<String>)) {
    for (name, file) in [("wiki_vote", "wiki-Vote.txt.gz"), ("bitcoin_otc", "soc-sign-bitcoinotc.csv.gz")] {
        let (Some(graph), Some(answers)) = (graph(file), answers(name)) else { continue };
        let only = [(name, 0..u32::MAX), ("high_selectivity", 1000..u32::MAX), ("low_selectivity", 0..1000)];
        for (case, keep) in only {
            println!("{name}, {case}");
            let answer = |question: &str| answers[&(case.to_owned(), question.to_owned())].clone();
            each(&graph.only(|name| keep.contains(&name)), &answer);
        }
    }
}

#[test]
fn the_best_page_ranks_are_those_of_kuzu() {
    cases(|named, answer| {
        let ranked = PageRank::new().of(&named.graph, &Work::new()).unwrap();
        let best: Vec<String> =
            named.top(&ranked.values, 10).into_iter().map(|(node, _)| node.to_string()).collect();
        assert_eq!(best, answer("PageRank"));
    });
}
