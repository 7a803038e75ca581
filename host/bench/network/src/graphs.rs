//! The graphs, from files of rows that begin with two numbers.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use groundswell_network::{Graph, Undirected};

use crate::Missing;

/// A file, and what is known to be in it.
pub(crate) struct Source {
    pub(crate) name: &'static str,
    directed: bool,
    rows: usize,
    /// Rows from a node to itself, which no program gets to see.
    loops: usize,
}

/// The graphs that are measured.
pub(crate) const SOURCES: [Source; 2] = [
    Source { name: "soc-slashdot0902-directed", directed: true, rows: 948_464, loops: 78_303 },
    Source { name: "ego-twitter-undirected", directed: false, rows: 1_342_310, loops: 14 },
];

/// A graph as everybody gets it: simple, without loops.
pub(crate) struct Measured {
    pub(crate) directed: bool,
    /// What PageRank is asked about: of a graph without direction, each edge both ways.
    pub(crate) graph: Graph,
    /// What everything else is asked about.
    pub(crate) undirected: Undirected,
}

impl Source {
    /// Reads the file, and refuses one that is not what it is known to be.
    pub(crate) fn read(&self) -> Result<Measured, Missing> {
        let path = data().join("graphs").join(format!("{}.tsv.gz", self.name));
        let file = File::open(&path).map_err(|error| {
            format!("{}: {error}; GROUNDSWELL_DATA names the folder of the data", path.display())
        })?;
        let mut text = String::new();
        MultiGzDecoder::new(file)
            .read_to_string(&mut text)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let pairs: Vec<(u32, u32)> = text.lines().filter_map(pair).collect();
        let mut names: Vec<u32> = pairs.iter().flat_map(|&(from, to)| [from, to]).collect();
        names.sort_unstable();
        names.dedup();
        let node: HashMap<u32, u32> = names.iter().copied().zip(0..).collect();
        let pairs: Vec<(u32, u32)> = pairs.iter().map(|(from, to)| (node[from], node[to])).collect();
        let graph = Graph::from_pairs(names.len() as u32, &pairs).unwrap();
        if (pairs.len(), graph.self_loops()) != (self.rows, self.loops) {
            return Err(format!(
                "{} has {} rows and {} loops; the graph that is measured has {} and {}",
                path.display(),
                pairs.len(),
                graph.self_loops(),
                self.rows,
                self.loops
            ));
        }
        let undirected = graph.undirected();
        let graph = if self.directed { graph } else { undirected.both_ways() };
        Ok(Measured { directed: self.directed, graph, undirected })
    }
}

impl Measured {
    /// Writes the edges as pairs of little-endian `u32`: those of the graph and, of a directed one, each pair of
    /// neighbours once.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let of_node = |node| self.undirected.neighbours(node).iter().map(move |&other| (node, other));
        let once = (0..self.undirected.nodes()).flat_map(of_node).filter(|(node, other)| node < other);
        write(&folder.join("undirected"), once)?;
        if self.directed {
            let of_node = |node| self.graph.out_neighbours(node).iter().map(move |&other| (node, other));
            write(&folder.join("directed"), (0..self.graph.nodes()).flat_map(of_node))?;
        }
        Ok(())
    }
}

fn write(path: &Path, pairs: impl Iterator<Item = (u32, u32)>) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for (from, to) in pairs {
        file.write_all(&from.to_le_bytes())?;
        file.write_all(&to.to_le_bytes())?;
    }
    file.flush()
}

/// The first two numbers of a row; remarks and blank lines have none.
fn pair(line: &str) -> Option<(u32, u32)> {
    let mut cells = line.split([' ', '\t', ',']);
    Some((cells.next()?.parse().ok()?, cells.next()?.trim_end().parse().ok()?))
}

/// Where the data is that tests and benchmarks may read.
fn data() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    std::env::var_os("GROUNDSWELL_DATA").map_or_else(beside, PathBuf::from)
}
