//! What Cargo knows of all crates that are built here.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

/// All packages, and who depends on whom. Development dependencies do not count: nobody who uses us gets them.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) packages: BTreeMap<String, Package>,
    /// Package ids → ids of what they depend on, for building or running.
    pub(crate) arrows: BTreeMap<String, BTreeSet<String>>,
    /// The ids of our own packages.
    pub(crate) own: Vec<String>,
}

/// One package.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// As the manifest asks for them.
    #[serde(default)]
    pub(crate) dependencies: Vec<Asked>,
}

/// A dependency as a manifest asks for it.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    pub(crate) name: String,
    /// Which versions will do.
    pub(crate) req: String,
    /// The folder, for a crate that is not fetched.
    pub(crate) path: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Graph {
    /// Reads the output of `cargo metadata`.
    pub(crate) fn read(json: &[u8]) -> Result<Self> {
        let metadata: Metadata = serde_json::from_slice(json).context("the output of cargo metadata")?;
        let used = |dependency: &Dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"))
        };
        let arrows = metadata.resolve.nodes.into_iter().map(|node| {
            let to = node.deps.into_iter().filter(used).map(|dependency| dependency.pkg);
            (node.id, to.collect())
        });
        Ok(Self {
            arrows: arrows.collect(),
            packages: metadata.packages.into_iter().map(|package| (package.id.clone(), package)).collect(),
            own: metadata.workspace_members,
        })
    }

    /// A package's name.
    pub(crate) fn name(&self, id: &str) -> &str {
        self.packages.get(id).map_or("", |package| package.name.as_str())
    }

    /// The shortest way from one package to one of another name, as names.
    pub(crate) fn way(&self, from: &str, to: &str) -> Option<Vec<&str>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(id) = queue.pop_front() {
            if self.name(id) == to && id != from {
                let mut way = vec![self.name(id)];
                let mut at = id;
                while let Some(before) = came_from.get(at).filter(|_| at != from) {
                    way.push(self.name(before));
                    at = before;
                }
                way.reverse();
                return Some(way);
            }
            for next in self.arrows.get(id).into_iter().flatten() {
                if next != from && !came_from.contains_key(next.as_str()) {
                    came_from.insert(next, id);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}
