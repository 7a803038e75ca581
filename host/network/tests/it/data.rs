//! Graphs of other people, and what is known of them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use groundswell_network::{Graph, Undirected};
use serde_json::Value;

/// A graph as a file has it, and the names that its nodes have there.
pub(crate) struct Named {
    pub(crate) graph: Graph,
    names: Vec<u32>,
    rows: Vec<(u32, u32, f64)>,
}

/// A file of the data that tests may read; `None`, said aloud, where there is none.
fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GROUNDSWELL_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there (set GROUNDSWELL_DATA)", path.display());
        return None;
    }
    Some(path)
}

/// What others found of a graph.
pub(crate) fn reference(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(data("reference/graph_reference_values.json")?).unwrap();
    Some(serde_json::from_str::<Value>(&text).unwrap()[name].take())
}

/// What others found of a graph, by the name of the case and of what was asked: the lines of each answer.
pub(crate) fn answers(name: &str) -> Option<BTreeMap<(String, String), Vec<String>>> {
    let text = std::fs::read_to_string(data(&format!("reference/{name}.test"))?).unwrap();
    let (mut case, mut question, mut all) = (String::new(), String::new(), BTreeMap::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("-CASE ") {
            case = name.to_owned();
        } else if let Some(name) = line.strip_prefix("-LOG ") {
            question = name.to_owned();
        } else if let Some(count) = line.strip_prefix("---- ").and_then(|count| count.parse().ok()) {
            let answer: Vec<String> = lines.by_ref().take(count).map(str::to_owned).collect();
            all.insert((case.clone(), question.clone()), answer);
        }
    }
    Some(all)
}

/// A graph from a file of rows that begin with two numbers, which may go on with a weight.
pub(crate) fn graph(file: &str) -> Option<Named> {
    let packed = std::fs::File::open(data(&format!("graphs/{file}"))?).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let row = |line: &str| {
        let mut cells = line.split([' ', '\t', ',']);
        let mut node = || cells.next()?.parse::<u32>().ok();
        let (from, to) = (node()?, node()?);
        Some((from, to, cells.next().map_or(1.0, |weight| weight.parse().unwrap())))
    };
    Some(Named::new(text.lines().filter_map(row).collect()))
}

impl Named {
    fn new(rows: Vec<(u32, u32, f64)>) -> Self {
        let mut names: Vec<u32> = rows.iter().flat_map(|&(from, to, _)| [from, to]).collect();
        names.sort_unstable();
        names.dedup();
        let node = |name: u32| names.binary_search(&name).unwrap() as u32;
        let edges: Vec<_> = rows.iter().map(|&(from, to, weight)| (node(from), node(to), weight)).collect();
        Self { graph: Graph::from_edges(names.len() as u32, &edges).unwrap(), names, rows }
    }

    /// The graph of the nodes with these names, as if there were no others. Nodes without edges stay.
    pub(crate) fn only(&self, keep: impl Fn(u32) -> bool) -> Self {
        let names: Vec<u32> = self.names.iter().copied().filter(|&name| keep(name)).collect();
        let rows: Vec<_> =
            self.rows.iter().copied().filter(|&(from, to, _)| keep(from) && keep(to)).collect();
        let node = |name: u32| names.binary_search(&name).unwrap() as u32;
        let edges: Vec<_> = rows.iter().map(|&(from, to, weight)| (node(from), node(to), weight)).collect();
        Self { graph: Graph::from_edges(names.len() as u32, &edges).unwrap(), names, rows }
    }

    /// The nodes with the highest values, by their names; of equal ones that with the lower name first.
    pub(crate) fn top<T: PartialOrd + Copy>(&self, values: &[T], count: usize) -> Vec<(u32, T)> {
        let mut all: Vec<(u32, T)> = self.names.iter().copied().zip(values.iter().copied()).collect();
        all.sort_by(|(_, one), (_, other)| other.partial_cmp(one).unwrap());
        all.truncate(count);
        all
    }

    /// How many rows the file has.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn undirected(&self) -> Undirected {
        self.graph.undirected()
    }
}
