//! The same bits whoever computes them, and in whatever order edges come.

use std::sync::atomic::{AtomicUsize, Ordering};

use groundswell_network::{
    Betweenness, Direction, EigenTrust, Error, Graph, PageRank, Work, core_numbers, reach, reciprocity,
    returns, strong_components, triangles, weak_components,
};

/// A graph that is large enough for several threads, with weights that do not add up exactly, repeated rows and loops.
fn rows() -> Vec<(u32, u32, f64)> {
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut rows = Vec::new();
    for _ in 0..300_000 {
        // The lower a number the more edges a node has.
        let (one, other) = (next(20_000), next(20_000));
        rows.push((
            (one * one / 20_000) as u32,
            (other * other / 20_000) as u32,
            next(1_000) as f64 / 7.0 - 20.0,
        ));
    }
    rows
}

/// Everything that can be computed, as bits.
fn everything(graph: &Graph, work: &Work<'_>) -> Result<Vec<Vec<u64>>, Error> {
    let undirected = graph.undirected();
    let whole = |values: Vec<u32>| values.into_iter().map(u64::from).collect::<Vec<u64>>();
    let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<u64>>();
    let restart: Vec<f64> = (0..graph.nodes()).map(|node| f64::from(node % 7)).collect();
    let found = triangles(&undirected, work)?;
    let between = Betweenness::sampled(300).seed(3).of(graph, work)?;
    let few = graph.among(|node| node < 900);
    Ok(vec![
        whole(graph.degrees(Direction::Both)),
        bits(graph.strengths(Direction::Both)),
        bits(PageRank::new().of(graph, work)?.values),
        bits(PageRank::new().weighted(true).restart(&restart).of(graph, work)?.values),
        bits(EigenTrust::new().pre_trusted(&[5, 17]).of(graph, work)?.values),
        whole(core_numbers(&undirected, work)?),
        bits(found.clustering(&undirected)),
        found.of_node,
        whole(reach(graph, Direction::In, 2, work)?),
        whole(reach(graph, Direction::Both, 2, work)?),
        bits(between.values),
        bits(between.standard_errors),
        bits(Betweenness::exact().of(&few, work)?.values),
        bits(returns(graph, work)?.shares(graph, 2)),
        bits(reciprocity(graph).of_node),
        whole(weak_components(graph, work)?.of_node),
        whole(strong_components(graph, work)?.of_node),
    ])
}

#[test]
fn any_number_of_threads_finds_the_same_bits() {
    let graph = Graph::from_edges(20_000, &rows()).unwrap();
    assert!(graph.repeated() > 1_000 && graph.self_loops() > 10);
    let one = everything(&graph, &Work::new()).unwrap();
    assert!(one.iter().all(|values| values.len() == 20_000));
    for threads in [2, 5] {
        let found = everything(&graph, &Work::new().threads(threads)).unwrap();
        for (place, (one, found)) in one.iter().zip(&found).enumerate() {
            assert!(one == found, "number {place} differs at {threads} threads");
        }
    }
}

#[test]
fn rows_in_another_order_are_the_same_graph() {
    let mut rows = rows();
    let graph = Graph::from_edges(20_000, &rows).unwrap();
    rows.reverse();
    rows.swap(3, 290_000);
    assert!(Graph::from_edges(20_000, &rows).unwrap() == graph);
    rows.sort_by(|one, other| one.2.total_cmp(&other.2));
    assert!(Graph::from_edges(20_000, &rows).unwrap() == graph);
}

#[test]
fn everything_that_takes_long_can_be_stopped() {
    let graph = Graph::from_edges(20_000, &rows()).unwrap();
    let undirected = graph.undirected();
    let stop = || true;
    let (from, to): (Vec<u32>, Vec<u32>) = rows().iter().map(|&(from, to, _)| (from, to)).unzip();
    let weights: Vec<f64> = rows().iter().map(|&(.., weight)| weight).collect();
    for weights in [None, Some(&*weights)] {
        let made = |work: &Work<'_>| Graph::from_columns_with(20_000, &from, &to, weights, work);
        // However late it is asked to.
        let asked = AtomicUsize::new(0);
        let count = || asked.fetch_add(1, Ordering::Relaxed) == usize::MAX;
        assert!(made(&Work::new().stop(&count)).is_ok());
        let times = asked.into_inner();
        assert!(times > 4, "{times}");
        for late in 0..times {
            let asked = AtomicUsize::new(0);
            let stop = || asked.fetch_add(1, Ordering::Relaxed) == late;
            assert!(made(&Work::new().stop(&stop)) == Err(Error::Stopped));
        }
    }
    for threads in [1, 3] {
        let work = Work::new().threads(threads).stop(&stop);
        assert_eq!(PageRank::new().of(&graph, &work), Err(Error::Stopped));
        assert_eq!(EigenTrust::new().of(&graph, &work), Err(Error::Stopped));
        assert_eq!(core_numbers(&undirected, &work), Err(Error::Stopped));
        assert_eq!(triangles(&undirected, &work), Err(Error::Stopped));
        assert_eq!(reach(&graph, Direction::In, 2, &work), Err(Error::Stopped));
        assert_eq!(Betweenness::exact().of(&graph, &work), Err(Error::Stopped));
        assert_eq!(Betweenness::sampled(9).of(&graph, &work), Err(Error::Stopped));
        assert_eq!(returns(&graph, &work), Err(Error::Stopped));
        assert_eq!(weak_components(&graph, &work), Err(Error::Stopped));
        assert_eq!(strong_components(&graph, &work), Err(Error::Stopped));
    }
}
