//! What PageRank, cores and triangles cost beside NetworKit and igraph: the same graphs, the same number of threads, in
//! turns. `cargo xtask bench network` runs it; `../README.md` says how it is measured, and what came out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a program for developers, whose numbers are small"
)]

mod between;
mod compare;
mod graphs;
mod peers;

use groundswell_bench_peers::Missing;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match &*parts {
        [] | ["compare"] => compare::compare(),
        ["between"] => between::between(),
        _ => Err(format!("{} is no part: there are compare and between", arguments.join(" "))),
    };
    if let Err(missing) = measured {
        eprintln!("network: {missing}");
        std::process::exit(2);
    }
}
