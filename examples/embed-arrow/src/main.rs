//! Members as an Arrow batch, ranked: no files, no configuration, no data engine.
//!
//! `cargo run -p embed-arrow`

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use groundswell_runtime::{Limits, Population, RunOptions, Runtime};

fn main() -> anyhow::Result<()> {
    // One row a member, ordered by id; one column a metric.
    let members = ["ada", "bob", "cyd", "dan"];
    let column = |values: [f64; 4]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let metrics = RecordBatch::try_from_iter([
        ("audience", column([120.0, 15.0, 300.0, 9_000.0])),
        ("members-helped", column([12.0, 0.0, 41.0, 2.0])),
        ("weeks-active-share", column([0.5, 0.1, 0.9, 0.2])),
    ])?;

    let plugin = Runtime::new(Limits::new())?.load_bytes("regulars", groundswell_plugins::REGULARS)?;
    let scored = plugin.score(&Population::from_arrow(&metrics)?, &RunOptions::new())?;

    let mut ranked: Vec<_> = scored.ranks.iter().zip(members).zip(&scored.scores).collect();
    ranked.sort_by_key(|((rank, member), _)| (**rank, *member));
    for ((rank, member), score) in ranked {
        println!("{rank:>4}  {member:8}  {score:6.2}");
    }
    Ok(())
}
