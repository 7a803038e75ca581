//! How long exact betweenness takes, which is a search from every node.

use std::time::Instant;

use groundswell_network::{Betweenness, Work};

use crate::Missing;
use crate::graphs::SOURCES;

pub(crate) fn between() -> Result<(), Missing> {
    let graph = SOURCES[0].read()?.graph;
    let start = Instant::now();
    let found = Betweenness::exact().of(&graph, &Work::new().threads(2)).unwrap();
    println!(
        "exact betweenness of {}, {} sources on 2 threads: {:.0?}",
        SOURCES[0].name,
        found.sources,
        start.elapsed()
    );
    Ok(())
}
