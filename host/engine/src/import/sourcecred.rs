use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use groundswell_runtime::shown;
use jiff::Timestamp;
use serde_json::Value;

use super::address::{self, EdgeKind, Node, NodeKind};
use super::json::{self, Part, Reader, Step, integer, text};
use super::report::{Fate, Progress};
use super::tables::{Activity, Layout, MEMBER_COLUMNS, Member, Tables};
use super::{FileReport, ImportError, ImportReport};

const LAYOUT: Layout = Layout { members: &MEMBER_COLUMNS, config: include_str!("sourcecred.txt") };

/// The versions of the format that are read.
const TYPES: [(&str, &str); 2] = [("sourcecred/weightedgraph", "0.1.0"), ("sourcecred/graph", "0.8.0")];
/// What graphs are called in the folder of an instance.
const NAMES: [&str; 2] = ["graph.json", "weightedgraph.json"];
/// How deep such a folder is looked through, and how many folders of it.
const DEEPEST: usize = 8;
const FOLDERS: usize = 10_000;
/// Nodes that a graph may have.
const NODES: usize = u32::MAX as usize;

const DOUBLE: &str = "a row with this id came before";
const NO_TIME: &str = "no time, or one that no table can hold";
const NO_ADDRESS: &str = "no address, or one that is no list of texts";
const NO_END: &str = "an end that is not among the addresses";
const NOBODY: &str = "by and about nobody in the graph";
const STRUCTURE: &str = "structure: how things hang together, whoever made them";

/// Imports graphs of SourceCred, from a file or from the folder of an instance, into the tables of a community in `out`.
///
/// A graph is `weightedGraph` in version 0.1.0 with a `graph` in version 0.8.0 inside, or such a graph alone, plain or
/// compressed; in a folder every `graph.json` and `weightedGraph.json`, also `.gz` and `.gzip`, is read, one after the other.
/// Each is read three times, row by row. `progress` hears the bytes done, the bytes to do (as the files lie on disk) and the file being
/// read.
///
/// What a node or an edge is, its address says; whether words in it are written `ADDS_REACTION` or `addsReaction` is all the same, and
/// so is whose plugin it is.
///
/// | node or edge | becomes |
/// | --- | --- |
/// | node `USERLIKE`, `user`, `MEMBER`, `IDENTITY` | a member: plugin and account (`github/octocat`); role `bot` where the address says so |
/// | node of anything else | nothing itself: its edges tell who made it |
/// | edge `AUTHORS`, of a review | `review`; recipient: the author of what it hangs on |
/// | edge `AUTHORS`, of what hangs on something with an author (`HAS_PARENT`, `replyTo`) | `reply`; recipient: that author |
/// | edge `AUTHORS`, of a commit | `x-commit` |
/// | edge `AUTHORS`, of anything else | `post` |
/// | edge `contributesToEntry`, of initiatives | as `AUTHORS` |
/// | edge `champions`, of initiatives | `volunteer` |
/// | edge `REACTS` | `like`; recipient: the author |
/// | edge `ADDS_REACTION`, `createsLike` | `like`; recipient: the author of what the reaction is to (`REACTS_TO`, `likes`) |
/// | edge `MENTIONS`, and `REFERENCES` to a member | `mention` by the author |
/// | edge `REFERENCES` to anything else | `x-reference` by the author; recipient: the author of what is referred to |
/// | edge `PROPS` | `thank` by the author |
/// | edge `HAS_PARENT`, `replyTo`, `REACTS_TO`, `likes`, `authors/topic`, `MERGED_AS`, `CORRESPONDS_TO_COMMIT_TYPE`, `dependsOn`, … | nothing: left out and counted |
/// | edge of a plugin's own type | nothing: left out and counted |
///
/// The object is the address of what was made or is referred to, without its first part; its kind the address's third part, in lowercase.
/// Of several authors the first counts as the one who receives. Weights are not read: what things are worth is for a definition to say.
/// A person with accounts of several plugins is several members. Descriptions of nodes, which hold titles and names, are read past.
///
/// `community.toml` is written only where there is none yet; the tables replace older ones once all is read.
///
/// # Errors
///
/// No graph, a file that cannot be read, is cut off, or is no graph, and tables that cannot be written. Nothing is left half written.
/// Nodes and edges that make no sense are no error: they are left out and counted.
///
/// # Memory
///
/// Follows the nodes of the largest graph (about 150 bytes each), and the activities (about 60 bytes each). A row may have 16 MiB.
pub fn sourcecred(
    from: impl AsRef<Path>,
    out: impl AsRef<Path>,
    progress: &dyn Fn(u64, u64, &str),
) -> Result<ImportReport, ImportError> {
    let (from, out) = (from.as_ref(), out.as_ref());
    let graphs = Graphs::find(from)?;
    let tables = Tables::create(out, &LAYOUT)?;
    let mut import = Import {
        tables,
        report: ImportReport {
            folder: from.to_owned(),
            out: out.to_owned(),
            not_read: graphs.not_read,
            ..ImportReport::default()
        },
        met: HashSet::new(),
        told: HashSet::new(),
        progress: Progress::new(3 * graphs.files.iter().map(|graph| graph.bytes).sum::<u64>(), progress),
    };
    for graph in &graphs.files {
        import.graph(graph)?;
    }
    let Import { tables, mut report, .. } = import;
    debug_assert!(report.adds_up(), "rows lost or counted twice: {report:#?}");
    tables.finish(&super::name_of(from, "sourcecred"), &mut report)?;
    Ok(report)
}

/// The files of an instance that are graphs.
struct Graphs {
    files: Vec<GraphFile>,
    not_read: Vec<String>,
}

struct GraphFile {
    path: PathBuf,
    /// Its path from the folder that was named.
    label: String,
    bytes: u64,
}

impl Graphs {
    fn find(from: &Path) -> Result<Self, ImportError> {
        let about =
            fs::metadata(from).map_err(|source| ImportError::Read { path: from.to_owned(), source })?;
        if !about.is_dir() {
            let label = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let file = GraphFile { path: from.to_owned(), label, bytes: about.len() };
            return Ok(Self { files: vec![file], not_read: Vec::new() });
        }
        let mut found = Self { files: Vec::new(), not_read: Vec::new() };
        let mut waiting = vec![(from.to_owned(), 0)];
        let (mut folders, mut passed_over) = (0, Vec::new());
        while let Some((folder, depth)) = waiting.pop() {
            folders += 1;
            if folders > FOLDERS {
                passed_over.push(folder);
                passed_over.extend(waiting.drain(..).map(|(folder, _)| folder));
                break;
            }
            let inner = found.look_into(from, &folder)?;
            if depth < DEEPEST {
                // The first by name is the next to be looked into.
                waiting.extend(inner.into_iter().rev().map(|inner| (inner, depth + 1)));
            } else {
                passed_over.extend(inner);
            }
        }
        passed_over.sort_unstable();
        let passed_over = passed_over.first().map(|first| {
            let label = shown(&first.strip_prefix(from).unwrap_or(first).to_string_lossy(), 200);
            let more = match passed_over.len() - 1 {
                0 => String::new(),
                1 => " and 1 other folder".to_owned(),
                more => format!(" and {more} other folders"),
            };
            format!("{label}{more} (8 folders down and 10,000 in all are looked into)")
        });
        if found.files.is_empty() {
            let mut what =
                "holds no graph.json: name a graph, or the folder of an instance in which `sourcecred graph` was run"
                    .to_owned();
            if let Some(passed_over) = passed_over {
                what.push_str(&format!("; not looked into: {passed_over}"));
            }
            return Err(ImportError::NotADump { path: from.to_owned(), what });
        }
        found.not_read.extend(passed_over);
        found.files.sort_by(|a, b| a.label.cmp(&b.label));
        found.not_read.sort_unstable();
        Ok(found)
    }

    /// Takes the graph of one folder, plain before packed, and answers the folders inside, by name.
    fn look_into(&mut self, from: &Path, folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
        let unread = |source| ImportError::Read { path: folder.to_owned(), source };
        let (mut names, mut inner) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let kind = entry.file_type().map_err(unread)?;
            let name = entry.file_name();
            if kind.is_dir() && !name.as_encoded_bytes().starts_with(b".") && name != "node_modules" {
                inner.push(entry.path());
            } else if kind.is_file() {
                names.push(name.to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        inner.sort_unstable();
        for wanted in NAMES {
            let is_graph = |name: &String| {
                let name = name.to_ascii_lowercase();
                let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".gzip")).unwrap_or(&name);
                plain == wanted
            };
            for (place, name) in names.iter().filter(|name| is_graph(name)).enumerate() {
                let path = folder.join(name);
                let label = path.strip_prefix(from).unwrap_or(&path).to_string_lossy().into_owned();
                if place == 0 {
                    let bytes = fs::metadata(&path).map_or(0, |about| about.len());
                    self.files.push(GraphFile { path, label, bytes });
                } else {
                    self.not_read.push(label);
                }
            }
        }
        Ok(inner)
    }
}

struct Import<'a> {
    tables: Tables,
    report: ImportReport,
    /// Members that were written.
    met: HashSet<Box<str>>,
    /// Edges that became activities, by the digests of their addresses.
    told: HashSet<Box<str>>,
    progress: Progress<'a>,
}

impl Import<'_> {
    fn graph(&mut self, file: &GraphFile) -> Result<(), ImportError> {
        let label = shown(&file.label, 200);
        let mut graph = Graph::default();
        let mut first = First {
            graph: &mut graph,
            path: &file.path,
            rows: Vec::new(),
            progress: &self.progress,
            label: &label,
            typed: false,
        };
        self.progress.done(json::read(&file.path, &mut first)?, &label);
        let (rows, typed) = (first.rows, first.typed);
        if !typed {
            let what = "is no graph of SourceCred: it does not begin with its type and version".to_owned();
            return Err(ImportError::NotADump { path: file.path.clone(), what });
        }
        graph.links = vec![Link::default(); graph.nodes.len()];
        let mut second = Edges {
            path: &file.path,
            progress: &self.progress,
            label: &label,
            each: |edge: &Edge<'_>| {
                graph.learn(edge);
                Ok(())
            },
        };
        let bytes = json::read(&file.path, &mut second)?;
        self.progress.done(bytes, &label);
        let nodes = self.members(&graph, rows, &label)?;
        let mut edges = FileReport::new(&format!("edges of {label}"));
        let Self { tables, report, progress, told, .. } = self;
        let mut third = Edges {
            path: &file.path,
            progress,
            label: &label,
            each: |edge: &Edge<'_>| {
                let mut double = false;
                let fate = graph.activity(edge, |activity| {
                    double = !told.insert(activity.id.into());
                    if double { Ok(()) } else { tables.activity(activity, report) }
                })?;
                let fate = if double { Err(DOUBLE) } else { fate };
                edges.row(fate);
                Ok(())
            },
        };
        let bytes = json::read(&file.path, &mut third)?;
        self.progress.done(bytes, &label);
        self.report.files.extend([nodes, edges]);
        Ok(())
    }

    /// Writes the members among the nodes.
    fn members(
        &mut self,
        graph: &Graph,
        rows: Vec<Option<usize>>,
        label: &str,
    ) -> Result<FileReport, ImportError> {
        let mut nodes = FileReport::new(&format!("nodes of {label}"));
        for index in rows {
            let node = index.and_then(|index| graph.nodes.get(index));
            let fate: Fate = match node {
                None => Err(NO_END),
                Some(None) => Err("an address that says nothing, or that no table can hold"),
                Some(Some(Node { kind: NodeKind::Member { bot }, id })) => {
                    if self.met.insert(id.clone()) {
                        let member = Member { id, role: bot.then_some("bot"), ..Member::default() };
                        self.tables.member(&member, &mut self.report)?;
                        Ok("member")
                    } else {
                        Err(DOUBLE)
                    }
                }
                Some(Some(Node { kind: NodeKind::Reaction, .. })) => {
                    Err("a reaction: its edges tell whose it is")
                }
                Some(Some(_)) => Err("a contribution: its edges tell whose it is"),
            };
            nodes.row(fate);
        }
        Ok(nodes)
    }
}

/// What must be known of nodes before edges can be told.
#[derive(Default)]
struct Graph {
    /// By their place among the addresses; `None` where one says nothing.
    nodes: Vec<Option<Node>>,
    links: Vec<Link>,
}

/// What a node hangs on, by the place of the other node.
#[derive(Clone, Copy, Default)]
struct Link {
    author: Option<u32>,
    /// What it is a comment on or a reply to; what a reaction is to.
    parent: Option<u32>,
}

/// An edge of a graph.
struct Edge<'e> {
    address: Vec<&'e str>,
    kind: EdgeKind,
    source: usize,
    target: usize,
    at: Option<i64>,
}

impl Graph {
    /// The first reading of edges: whose things are, and what they hang on.
    fn learn(&mut self, edge: &Edge<'_>) {
        let Edge { source, target, .. } = *edge;
        if source >= self.nodes.len() || target >= self.nodes.len() {
            return;
        }
        let (Ok(from), Ok(to)) = (u32::try_from(source), u32::try_from(target)) else { return };
        let mut link = |place: usize, of: fn(&mut Link) -> &mut Option<u32>, other: u32| {
            if let Some(link) = self.links.get_mut(place) {
                of(link).get_or_insert(other);
            }
        };
        match edge.kind {
            EdgeKind::Authors | EdgeKind::AuthorsTopic => link(target, |link| &mut link.author, from),
            EdgeKind::Parent | EdgeKind::About => link(source, |link| &mut link.parent, to),
            _ => {}
        }
        // Whoever makes things is a member, whatever a plugin of one's own calls them.
        if matches!(edge.kind, EdgeKind::Authors | EdgeKind::Champions)
            && let Some(Some(node)) = self.nodes.get_mut(source)
            && matches!(node.kind, NodeKind::Content(_))
        {
            node.kind = NodeKind::Member { bot: false };
        }
    }

    fn node(&self, place: usize) -> Option<&Node> {
        self.nodes.get(place)?.as_ref()
    }

    fn member(&self, place: usize) -> Option<&str> {
        match self.node(place)? {
            Node { kind: NodeKind::Member { .. }, id } => Some(id),
            _ => None,
        }
    }

    /// The member who made a thing.
    fn author(&self, place: usize) -> Option<&str> {
        self.member(self.links.get(place)?.author? as usize)
    }

    /// What a thing hangs on.
    fn parent(&self, place: usize) -> Option<usize> {
        self.links.get(place)?.parent.map(|parent| parent as usize)
    }

    /// The second reading of edges: what they become.
    fn activity(
        &self,
        edge: &Edge<'_>,
        write: impl FnOnce(&Activity<'_>) -> Result<(), ImportError>,
    ) -> Result<Fate, ImportError> {
        let Edge { kind, source, target, .. } = *edge;
        if edge.address.is_empty() {
            return Ok(Err(NO_ADDRESS));
        }
        match kind {
            EdgeKind::Unknown => return Ok(Err("an edge of a type that is not known")),
            EdgeKind::Structure | EdgeKind::Parent => return Ok(Err(STRUCTURE)),
            EdgeKind::About => return Ok(Err("what a reaction is to: told with who added it")),
            EdgeKind::AuthorsTopic => return Ok(Err("the author of a topic: its first post tells")),
            _ => {}
        }
        if source >= self.nodes.len() || target >= self.nodes.len() {
            return Ok(Err(NO_END));
        }
        let Some(at) = edge.at.and_then(|at| Timestamp::from_millisecond(at).ok()).filter(is_in_range) else {
            return Ok(Err(NO_TIME));
        };
        let told = match kind {
            EdgeKind::Authors => (
                self.made(target),
                self.member(source),
                self.parent(target).and_then(|parent| self.author(parent)),
                target,
            ),
            EdgeKind::Champions => ("volunteer", self.member(source), self.author(target), target),
            EdgeKind::Reacts => ("like", self.member(source), self.author(target), target),
            EdgeKind::Adds => {
                let Some(about) = self.parent(target) else {
                    return Ok(Err("a reaction to nothing in the graph"));
                };
                ("like", self.member(source), self.author(about), about)
            }
            EdgeKind::Props => ("thank", self.author(source), self.member(target), source),
            EdgeKind::Mentions => ("mention", self.author(source), self.member(target), source),
            _ if self.member(target).is_some() => {
                ("mention", self.author(source), self.member(target), source)
            }
            _ => ("x-reference", self.author(source), self.author(target), target),
        };
        let (verb, actor, recipient, object) = told;
        if actor.is_none() && recipient.is_none() {
            return Ok(Err(NOBODY));
        }
        let Some(object) = self.node(object) else { return Ok(Err(NO_END)) };
        let object_kind = match &object.kind {
            NodeKind::Content(kind) => Some(&**kind),
            _ => None,
        };
        write(&Activity {
            id: &address::digest(&edge.address),
            actor,
            verb,
            at,
            recipient,
            object: &object.id,
            object_kind,
            topic: None,
            weight: None,
        })?;
        Ok(Ok(verb))
    }

    /// What it is called when somebody made a thing.
    fn made(&self, place: usize) -> &'static str {
        let kind = match self.node(place) {
            Some(Node { kind: NodeKind::Content(kind), .. }) => &**kind,
            _ => "",
        };
        match kind {
            "review" => "review",
            "commit" => "x-commit",
            _ if self.parent(place).is_some_and(|parent| self.author(parent).is_some()) => "reply",
            _ => "post",
        }
    }
}

/// Whether a table can hold a moment.
fn is_in_range(at: &Timestamp) -> bool {
    i64::try_from(at.as_nanosecond()).is_ok()
}

/// The lists of a graph.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Addresses,
    Nodes,
    Edges,
}

/// Where a path leads in a `weightedGraph`, or in a graph alone: `[{type, version}, {graphJSON: [{type, version}, {edges: …}]}]`.
fn list(path: &[Step]) -> Option<Option<List>> {
    let inside = match path {
        [Step::Index(1), Step::Key(key), Step::Index(1), rest @ ..] if key == "graphJSON" => rest,
        [Step::Index(1), rest @ ..] => rest,
        _ => return None,
    };
    match inside {
        [Step::Key(key)] => match key.as_str() {
            "sortedNodeAddresses" => Some(Some(List::Addresses)),
            "nodes" => Some(Some(List::Nodes)),
            "edges" => Some(Some(List::Edges)),
            "graphJSON" => Some(None),
            _ => None,
        },
        [] => Some(None),
        _ => None,
    }
}

/// What to do with the part that a path leads to, where these lists are wanted.
fn part(path: &[Step], wanted: &[List]) -> Part {
    let is_type = match path {
        [Step::Index(0)] => true,
        [Step::Index(1), Step::Key(key), Step::Index(0)] => key == "graphJSON",
        _ => false,
    };
    match list(path) {
        Some(Some(found)) if wanted.contains(&found) => Part::Rows,
        Some(None) => Part::Inner,
        _ if is_type => Part::Whole,
        _ => Part::Ignored,
    }
}

/// Refuses what is of another type or version. Of a graph that is damaged later on the first lines are right.
fn check_type(path: &Path, value: &Value) -> Result<(), ImportError> {
    let wrong = |what: String| Err(ImportError::NotADump { path: path.to_owned(), what });
    let (Some(kind), Some(version)) = (text(value.get("type")), text(value.get("version"))) else {
        return wrong("is no graph of SourceCred: it does not begin with its type and version".to_owned());
    };
    match TYPES.iter().find(|(known, _)| kind.eq_ignore_ascii_case(known)) {
        Some((_, known)) if *known == version => Ok(()),
        Some((_, known)) => wrong(format!(
            "is {} in version {}, and this reads version {known}: make it anew with another SourceCred",
            shown(kind, 60),
            shown(version, 60)
        )),
        None => wrong(format!("is {}, and no graph of SourceCred", shown(kind, 60))),
    }
}

/// The first reading: addresses and nodes.
struct First<'f, 'p> {
    graph: &'f mut Graph,
    path: &'f Path,
    /// The places of nodes among the addresses, in the order in which they come.
    rows: Vec<Option<usize>>,
    progress: &'f Progress<'p>,
    label: &'f str,
    /// Whether the type was told.
    typed: bool,
}

impl Reader for First<'_, '_> {
    fn part(&mut self, path: &[Step]) -> Part {
        part(path, &[List::Addresses, List::Nodes])
    }

    fn whole(&mut self, _: &[Step], value: Value) -> Result<(), ImportError> {
        self.typed = true;
        check_type(self.path, &value)
    }

    fn row(&mut self, path: &[Step], row: Value) -> Result<(), ImportError> {
        match list(path) {
            Some(Some(List::Addresses)) if self.graph.nodes.len() < NODES => {
                let node = parts(Some(&row)).and_then(|parts| address::node(&parts));
                self.graph.nodes.push(node);
            }
            Some(Some(List::Nodes)) => {
                self.rows.push(integer(row.get("index")).and_then(|index| usize::try_from(index).ok()));
            }
            _ => {}
        }
        Ok(())
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.tell(bytes, self.label);
    }
}

/// A reading of edges.
struct Edges<'f, 'p, F> {
    path: &'f Path,
    progress: &'f Progress<'p>,
    label: &'f str,
    each: F,
}

impl<F: FnMut(&Edge<'_>) -> Result<(), ImportError>> Reader for Edges<'_, '_, F> {
    fn part(&mut self, path: &[Step]) -> Part {
        part(path, &[List::Edges])
    }

    fn whole(&mut self, _: &[Step], value: Value) -> Result<(), ImportError> {
        check_type(self.path, &value)
    }

    fn row(&mut self, _: &[Step], row: Value) -> Result<(), ImportError> {
        let end =
            |key: &str| integer(row.get(key)).and_then(|end| usize::try_from(end).ok()).unwrap_or(usize::MAX);
        let address = parts(row.get("address")).unwrap_or_default();
        let (source, target) = (end("srcIndex"), end("dstIndex"));
        let kind = address::edge(&address);
        let at = row.get("timestampMs").and_then(|at| at.as_i64().or_else(|| whole_number(at.as_f64()?)));
        (self.each)(&Edge { address, kind, source, target, at })
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.tell(bytes, self.label);
    }
}

/// A number of JSON with a point, as a whole one.
fn whole_number(number: f64) -> Option<i64> {
    (number.abs() < 1e16).then_some(number as i64)
}

/// A list of texts.
fn parts(value: Option<&Value>) -> Option<Vec<&str>> {
    value?.as_array()?.iter().map(Value::as_str).collect()
}
