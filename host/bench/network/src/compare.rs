//! The same questions to everybody, in turns.

use std::time::{Duration, Instant};

use groundswell_network::{PageRank, Work, core_numbers, triangles};

use crate::Missing;
use crate::graphs::{Measured, SOURCES, Source};
use crate::peers::{Library, Peers};

/// How often everything is measured: an odd number, so that there is a middle.
const ROUNDS: usize = 9;
/// How far two answers may lie apart.
const APART: f64 = 1e-6;

/// PageRank with the tolerance that NetworKit has where nobody says otherwise.
const AS_IT_COMES: &str = "page-rank-as-it-comes";

/// What is asked.
#[derive(Clone, Copy)]
struct Question {
    title: &'static str,
    /// What the peers call it.
    names: &'static [(Library, &'static str)],
    ours: fn(&Measured, &Work<'_>, f64) -> Vec<f64>,
}

/// All of them. The last figure that ours are given is the tolerance of PageRank.
const QUESTIONS: [Question; 4] = [
    Question {
        title: "PageRank, within 1e-10",
        names: &[(Library::NetworKit, "page-rank"), (Library::Igraph, "page-rank")],
        ours: page_rank,
    },
    Question {
        title: "PageRank, as exact as NetworKit comes",
        names: &[(Library::NetworKit, AS_IT_COMES)],
        ours: page_rank,
    },
    Question {
        title: "core numbers",
        names: &[
            (Library::NetworKit, "cores"),
            (Library::NetworKit, "cores-by-buckets"),
            (Library::Igraph, "cores"),
        ],
        ours: |graph, work, _| {
            core_numbers(&graph.undirected, work).unwrap().into_iter().map(f64::from).collect()
        },
    },
    Question {
        title: "triangles and clustering",
        names: &[(Library::NetworKit, "clustering"), (Library::Igraph, "clustering")],
        ours: |graph, work, _| triangles(&graph.undirected, work).unwrap().clustering(&graph.undirected),
    },
];

fn page_rank(graph: &Measured, work: &Work<'_>, tolerance: f64) -> Vec<f64> {
    PageRank::new().tolerance(tolerance).of(&graph.graph, work).unwrap().values
}

pub(crate) fn compare() -> Result<(), Missing> {
    // Before anything is installed in vain.
    let graphs = SOURCES.iter().map(Source::read).collect::<Result<Vec<_>, _>>()?;
    let mut peers = Peers::start()?;
    println!(
        "milliseconds, the median of {ROUNDS} rounds and (the fastest); × is what ours take over what theirs do"
    );
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("the load before: {}", load.split(' ').next().unwrap_or_default());
    }
    let mut all = Verdict::default();
    for (source, graph) in SOURCES.iter().zip(&graphs) {
        peers.load(graph)?;
        let both_ways = if graph.directed { "" } else { ", each both ways" };
        println!(
            "\n{}: {} nodes, {} edges{both_ways}, {} pairs of neighbours",
            source.name,
            graph.graph.nodes(),
            graph.graph.edges(),
            graph.undirected.edges(),
        );
        for question in QUESTIONS {
            for threads in [1, 2] {
                asked(&question, graph, threads, &mut peers, &mut all);
            }
        }
    }
    println!(
        "\nat the most {:.2} × by the median and {:.2} × by the fastest; the middle half of a question's rounds lies up to \
         {:.0} % of the median apart",
        all.median,
        all.fastest,
        100.0 * all.spread
    );
    Ok(())
}

/// The worst of all comparisons.
#[derive(Default)]
struct Verdict {
    median: f64,
    fastest: f64,
    spread: f64,
}

/// One question to everybody on so many threads.
fn asked(question: &Question, graph: &Measured, threads: usize, peers: &mut Peers, all: &mut Verdict) {
    let work = Work::new().threads(threads);
    let mut tolerance = 1e-10;
    // igraph knows one thread.
    let names: Vec<_> =
        question.names.iter().filter(|(library, _)| threads == 1 || *library != Library::Igraph).collect();
    for (library, name) in &names {
        peers.run(*library, name, threads);
        let theirs = peers.values();
        if *name == AS_IT_COMES {
            // Nobody is to be faster by being less exact.
            tolerance = apart(&theirs, &page_rank(graph, &work, 1e-14));
        }
        let apart = apart(&theirs, &(question.ours)(graph, &work, tolerance));
        assert!(apart <= APART, "{}: {name} and ours lie {apart:e} apart", peers.title(*library));
    }
    let mut times = vec![Times::default(); 1 + names.len()];
    for _ in 0..ROUNDS {
        // Once before it counts, so that nobody finds the caches as others left them.
        drop((question.ours)(graph, &work, tolerance));
        times[0].add(timed(|| (question.ours)(graph, &work, tolerance)));
        for ((library, name), times) in names.iter().zip(&mut times[1..]) {
            peers.run(*library, name, threads);
            times.add(peers.run(*library, name, threads));
        }
    }
    let plural = if threads == 1 { "" } else { "s" };
    let title = format!("{}, {threads} thread{plural}", question.title);
    println!("  {title:44} {:>9.2} ({:.2})", times[0].median(), times[0].fastest());
    for ((library, name), theirs) in names.iter().zip(&times[1..]) {
        let median = times[0].median() / theirs.median();
        let fastest = times[0].fastest() / theirs.fastest();
        println!(
            "    {:42} {:>9.2} ({:.2}): {median:.2} × ({fastest:.2} ×)",
            format!("{}, {name}", peers.title(*library)),
            theirs.median(),
            theirs.fastest()
        );
        (all.median, all.fastest) = (all.median.max(median), all.fastest.max(fastest));
    }
    all.spread = times.iter().map(Times::spread).fold(all.spread, f64::max);
}

/// How far answers lie apart, all differences added up; who has fewer than two neighbours has no clustering, and others say 0.
fn apart(theirs: &[f64], ours: &[f64]) -> f64 {
    assert_eq!(theirs.len(), ours.len());
    let value = |value: f64| if value.is_nan() { 0.0 } else { value };
    theirs.iter().zip(ours).map(|(theirs, ours)| (value(*theirs) - value(*ours)).abs()).sum()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// Milliseconds, one figure a round, the fastest first.
#[derive(Clone, Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e3);
        self.0.sort_unstable_by(f64::total_cmp);
    }

    fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    fn fastest(&self) -> f64 {
        self.0[0]
    }

    /// How far apart the middle half lies, as a share of the median.
    fn spread(&self) -> f64 {
        let quarter = self.0.len() / 4;
        (self.0[self.0.len() - 1 - quarter] - self.0[quarter]) / self.median()
    }
}
