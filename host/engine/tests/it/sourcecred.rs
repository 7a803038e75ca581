//! Graphs of SourceCred, made up for these tests.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::write::ZlibEncoder;
use groundswell::import::{ImportError, ImportReport, sourcecred};
use groundswell::{Config, Snapshot, Table};
use serde_json::{Value, json};

use crate::community::Community;
use crate::import::unpacked;

/// A graph under construction: addresses are told in words with `|` between them.
#[derive(Default)]
struct Graph {
    addresses: Vec<String>,
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

impl Graph {
    fn place(&mut self, address: &str) -> usize {
        match self.addresses.iter().position(|known| known == address) {
            Some(place) => place,
            None => {
                self.addresses.push(address.to_owned());
                self.addresses.len() - 1
            }
        }
    }

    fn node(mut self, address: &str, at: Option<i64>) -> Self {
        let index = self.place(address);
        self.nodes.push(json!({"index": index, "description": "Secret title", "timestampMs": at}));
        self
    }

    fn edge(mut self, address: &str, source: &str, target: &str, at: i64) -> Self {
        let (source, target) = (self.place(source), self.place(target));
        let address: Vec<&str> = address.split('|').collect();
        self.edges
            .push(json!({"address": address, "srcIndex": source, "dstIndex": target, "timestampMs": at}));
        self
    }

    fn json(&self) -> Value {
        let addresses: Vec<Vec<&str>> =
            self.addresses.iter().map(|address| address.split('|').collect()).collect();
        json!([{"type": "sourcecred/graph", "version": "0.8.0"}, {"edges": self.edges, "nodes": self.nodes, "sortedNodeAddresses": addresses}])
    }

    fn weighted(&self) -> Value {
        json!([
            {"type": "sourcecred/weightedGraph", "version": "0.1.0"},
            {"graphJSON": self.json(), "weightsJSON": [{"type": "sourcecred/weights", "version": "0.2.0"}, {"edgeWeights": {}, "nodeWeights": {"N\u{0}": 4}}]}
        ])
    }
}

const ADA: &str = "sourcecred|github|USERLIKE|USER|ada";
const BO: &str = "sourcecred|github|USERLIKE|USER|bo";
const BOT: &str = "sourcecred|github|USERLIKE|BOT|robot";
const REPO: &str = "sourcecred|github|REPO|o|r";
const ISSUE: &str = "sourcecred|github|ISSUE|o|r|1";
const PULL: &str = "sourcecred|github|PULL|o|r|2";
const COMMENT: &str = "sourcecred|github|COMMENT|ISSUE|o|r|1|10";
const REVIEW: &str = "sourcecred|github|REVIEW|o|r|2|20";
const COMMIT: &str = "sourcecred|github|COMMIT|abc";
const T: i64 = 1_590_926_400_000;

/// A project on a forge.
fn forge() -> Graph {
    let authors = |who: &str, what: &str| format!("sourcecred|github|AUTHORS|5|{who}|{what}");
    let parent = |what: &str| format!("sourcecred|github|HAS_PARENT|{what}");
    Graph::default()
        .node(ADA, None)
        .node(BO, None)
        .node(BOT, None)
        .node(REPO, None)
        .node(ISSUE, Some(T))
        .node(PULL, Some(T + 1))
        .edge(&authors(ADA, ISSUE), ADA, ISSUE, T)
        .edge(&authors(BO, PULL), BO, PULL, T + 1)
        .edge(&authors(BO, COMMENT), BO, COMMENT, T + 2)
        .edge(&authors(ADA, REVIEW), ADA, REVIEW, T + 3)
        .edge(&authors(BOT, COMMIT), BOT, COMMIT, T + 4)
        .edge(&parent(ISSUE), ISSUE, REPO, T)
        .edge(&parent(PULL), PULL, REPO, T)
        .edge(&parent(COMMENT), COMMENT, ISSUE, T)
        .edge(&parent(REVIEW), REVIEW, PULL, T)
        .edge("sourcecred|github|REACTS|HEART|bo|1", BO, ISSUE, T + 5)
        .edge("sourcecred|github|REFERENCES|1", COMMENT, ADA, T + 6)
        .edge("sourcecred|github|REFERENCES|2", PULL, ISSUE, T + 7)
        .edge("sourcecred|github|MERGED_AS|1", PULL, COMMIT, T + 8)
        .edge("sourcecred|github|BLESSES|1", ADA, PULL, T + 9)
        .edge(
            "sourcecred|github|REACTS|HEART|gone",
            "sourcecred|github|USERLIKE|USER|gone",
            "sourcecred|github|ISSUE|o|r|9",
            T + 9,
        )
}

/// A chat and a forum, whose reactions are nodes.
fn talk() -> Graph {
    let (eve, fay) = ("sourcecred|discord|MEMBER|user|1", "sourcecred|discord|MEMBER|user|2");
    let (message, reaction) = ("sourcecred|discord|MESSAGE|5|50", "sourcecred|discord|REACTION|5|heart|2|50");
    let (gus, ida) = (
        "sourcecred|discourse|user|https://d.example|gus",
        "sourcecred|discourse|user|https://d.example|ida",
    );
    let (topic, post, answer) = (
        "sourcecred|discourse|topic|https://d.example|1",
        "sourcecred|discourse|post|https://d.example|1",
        "sourcecred|discourse|post|https://d.example|2",
    );
    let like = "sourcecred|discourse|like|https://d.example|gus|2";
    Graph::default()
        .node(eve, None)
        .node(fay, None)
        .node(gus, None)
        .node(ida, None)
        .node(reaction, Some(T))
        .edge("sourcecred|discord|AUTHORS|MESSAGE|user|1|5|50", eve, message, T)
        .edge("sourcecred|discord|ADDS_REACTION|user|2|heart|5|50", fay, reaction, T)
        .edge("sourcecred|discord|REACTS_TO|heart|2|5|50", reaction, message, T)
        .edge("sourcecred|discord|MENTIONS|5|1|50|user|2", message, fay, T)
        .edge("sourcecred|discord|PROPS|5|1|50|user|2", message, fay, T)
        .edge("sourcecred|discourse|authors|topic|gus|1", gus, topic, T)
        .edge("sourcecred|discourse|authors|post|gus|1", gus, post, T)
        .edge("sourcecred|discourse|authors|post|ida|2", ida, answer, T + 1)
        .edge("sourcecred|discourse|replyTo|2|1", answer, post, T + 1)
        .edge("sourcecred|discourse|createsLike|gus|2", gus, like, T + 2)
        .edge("sourcecred|discourse|likes|gus|2", like, answer, T + 2)
        .edge("sourcecred|discourse|references|user|2|gus", answer, gus, T + 2)
        .edge("sourcecred|discourse|topicContainsPost|1|1", topic, post, T)
}

fn of(graph: &str) -> Community {
    Community::new(&[("graph.json", graph.as_bytes())])
}

fn import(graph: &Community) -> Result<ImportReport, ImportError> {
    sourcecred(graph.path("graph.json"), graph.path("out"), &|_, _, _| {})
}

fn refused(graph: &[u8]) -> String {
    let community = Community::new(&[("graph.json", graph)]);
    let told = community.normalised(&import(&community).unwrap_err().to_string());
    assert!(!community.path("out/members.csv").exists(), "half an import is left");
    told
}

/// The activities of an import, without their ids.
fn activities(community: &Community) -> String {
    let text = unpacked(&community.path("out/activities.csv.gz"));
    text.lines().map(|line| format!("{}\n", line.split_once(',').unwrap().1)).collect()
}

#[test]
fn edges_become_activities_by_what_their_addresses_say() {
    let community = of(&forge().weighted().to_string());
    let report = import(&community).unwrap();
    assert!(report.adds_up(), "{report}");
    insta::assert_snapshot!(report.to_string(), @r"
    nodes of graph.json: 6 rows
      imported: 3 member
      left out: 3 a contribution: its edges tell whose it is
    edges of graph.json: 15 rows
      imported: 2 like
      imported: 1 mention
      imported: 2 post
      imported: 1 reply
      imported: 1 review
      imported: 1 x-commit
      imported: 1 x-reference
      left out: 1 an edge of a type that is not known
      left out: 5 structure: how things hang together, whoever made them
    3 members, 9 activities
    ");
    insta::assert_snapshot!(fs::read_to_string(community.path("out/members.csv")).unwrap(), @r"
    id,joined_at,role
    github/ada,,
    github/bo,,
    github/robot,,bot
    ");
    insta::assert_snapshot!(activities(&community), @r"
    actor,verb,at,recipient,object,object_kind,topic,weight
    github/ada,post,2020-05-31T12:00:00Z,,github/ISSUE/o/r/1,issue,,
    github/bo,post,2020-05-31T12:00:00.001Z,,github/PULL/o/r/2,pull,,
    github/bo,reply,2020-05-31T12:00:00.002Z,github/ada,github/COMMENT/ISSUE/o/r/1/10,comment,,
    github/ada,review,2020-05-31T12:00:00.003Z,github/bo,github/REVIEW/o/r/2/20,review,,
    github/robot,x-commit,2020-05-31T12:00:00.004Z,,github/COMMIT/abc,commit,,
    github/bo,like,2020-05-31T12:00:00.005Z,github/ada,github/ISSUE/o/r/1,issue,,
    github/bo,mention,2020-05-31T12:00:00.006Z,github/ada,github/COMMENT/ISSUE/o/r/1/10,comment,,
    github/bo,x-reference,2020-05-31T12:00:00.007Z,github/ada,github/ISSUE/o/r/1,issue,,
    github/gone,like,2020-05-31T12:00:00.009Z,,github/ISSUE/o/r/9,issue,,
    ");
}

#[test]
fn reactions_that_are_nodes_are_likes_of_what_they_are_to() {
    let community = of(&talk().weighted().to_string());
    let report = import(&community).unwrap();
    assert!(report.adds_up(), "{report}");
    insta::assert_snapshot!(report.to_string(), @r"
    nodes of graph.json: 5 rows
      imported: 4 member
      left out: 1 a reaction: its edges tell whose it is
    edges of graph.json: 13 rows
      imported: 2 like
      imported: 2 mention
      imported: 2 post
      imported: 1 reply
      imported: 1 thank
      left out: 2 structure: how things hang together, whoever made them
      left out: 1 the author of a topic: its first post tells
      left out: 2 what a reaction is to: told with who added it
    4 members, 8 activities
    ");
    insta::assert_snapshot!(activities(&community), @r"
    actor,verb,at,recipient,object,object_kind,topic,weight
    discord/1,post,2020-05-31T12:00:00Z,,discord/MESSAGE/5/50,message,,
    discord/2,like,2020-05-31T12:00:00Z,discord/1,discord/MESSAGE/5/50,message,,
    discord/1,mention,2020-05-31T12:00:00Z,discord/2,discord/MESSAGE/5/50,message,,
    discord/1,thank,2020-05-31T12:00:00Z,discord/2,discord/MESSAGE/5/50,message,,
    discourse/https://d.example/gus,post,2020-05-31T12:00:00Z,,discourse/post/https://d.example/1,post,,
    discourse/https://d.example/ida,reply,2020-05-31T12:00:00.001Z,discourse/https://d.example/gus,discourse/post/https://d.example/2,post,,
    discourse/https://d.example/gus,like,2020-05-31T12:00:00.002Z,discourse/https://d.example/ida,discourse/post/https://d.example/2,post,,
    discourse/https://d.example/ida,mention,2020-05-31T12:00:00.002Z,discourse/https://d.example/gus,discourse/post/https://d.example/2,post,,
    ");
    let config = Config::read(community.path("out/community.toml")).unwrap();
    let snapshot = Snapshot::take(&config, &community.path("state"), None).unwrap();
    assert_eq!(snapshot.rejected(), []);
    assert_eq!(
        (snapshot.rows(Table::Members), snapshot.rows(Table::Activities)),
        (report.members, report.activities)
    );
    let text = unpacked(&community.path("out/activities.csv.gz")).to_lowercase();
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_graph_is_the_same_in_whatever_order_and_however_it_is_packed() {
    let graph = forge();
    let expected = of(&graph.weighted().to_string());
    import(&expected).unwrap();
    let plain = graph.json();
    let body = &plain[1];
    // As nobody writes it: addresses last, after what names them by their places.
    let turned = format!(
        "[{},{{\"edges\":{},\"nodes\":{},\"sortedNodeAddresses\":{}}}]",
        plain[0], body["edges"], body["nodes"], body["sortedNodeAddresses"]
    );
    let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(graph.weighted().to_string().as_bytes()).unwrap();
    for bytes in [
        turned.into_bytes(),
        plain.to_string().into_bytes(),
        serde_json::to_string_pretty(&graph.weighted()).unwrap().into_bytes(),
        zlib.finish().unwrap(),
        crate::community::gzip(graph.weighted().to_string().as_bytes()),
    ] {
        let community = Community::new(&[("graph.json", &bytes)]);
        import(&community).unwrap();
        let text = |community: &Community| unpacked(&community.path("out/activities.csv.gz"));
        assert_eq!(text(&community), text(&expected));
    }
}

#[test]
fn folders_that_lie_too_deep_are_told_of() {
    let instance = Community::new(&[]);
    let deep = instance.path("1/2/3/4/5/6/7/8/9");
    fs::create_dir_all(&deep).unwrap();
    fs::create_dir_all(instance.path("1/2/3/4/5/6/7/8/more")).unwrap();
    fs::write(deep.join("graph.json"), talk().weighted().to_string()).unwrap();
    let import = || sourcecred(instance.path(""), instance.path("out"), &|_, _, _| ());
    let error = instance.normalised(&import().unwrap_err().to_string());
    assert!(error.ends_with("; not looked into: 1/2/3/4/5/6/7/8/9 and 1 other folder (8 folders down and 10,000 in all are looked into)"), "{error}");
    fs::write(instance.path("1/graph.json"), forge().weighted().to_string()).unwrap();
    let report = import().unwrap();
    assert_eq!(
        report.not_read,
        ["1/2/3/4/5/6/7/8/9 and 1 other folder (8 folders down and 10,000 in all are looked into)"]
    );
}

#[test]
fn the_folder_of_an_instance_has_a_graph_for_every_plugin() {
    let instance = Community::new(&[]);
    for (plugin, graph) in [("github", forge()), ("discord", talk())] {
        let folder = instance.path("output/graphs/sourcecred").join(plugin);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("graph.json"), graph.weighted().to_string()).unwrap();
    }
    fs::copy(
        instance.path("output/graphs/sourcecred/github/graph.json"),
        instance.path("output/graphs/sourcecred/github/graph.json.gzip"),
    )
    .unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    let tell = |done: u64, total: u64, _: &str| heard.borrow_mut().push((done, total));
    let report = sourcecred(instance.path(""), instance.path("out"), &tell).unwrap();
    assert_eq!(report.members, 7);
    let files: Vec<&str> = report.files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(
        files,
        [
            "nodes of output/graphs/sourcecred/discord/graph.json",
            "edges of output/graphs/sourcecred/discord/graph.json",
            "nodes of output/graphs/sourcecred/github/graph.json",
            "edges of output/graphs/sourcecred/github/graph.json"
        ]
    );
    assert_eq!(report.not_read, ["output/graphs/sourcecred/github/graph.json.gzip"]);
    let heard = heard.into_inner();
    let (done, total) = *heard.last().unwrap();
    assert_eq!(done, total);
    assert!(heard.windows(2).all(|two| two[0].0 <= two[1].0));
    let nothing = Community::new(&[]);
    let told = sourcecred(nothing.path(""), nothing.path("out"), &|_, _, _| {}).unwrap_err().to_string();
    insta::assert_snapshot!(nothing.normalised(&told), @"[folder]/: holds no graph.json: name a graph, or the folder of an instance in which `sourcecred graph` was run");
}

#[test]
fn rows_that_make_no_sense_are_left_out_and_counted() {
    let text = json!([{"type": "sourcecred/graph", "version": "0.8.0"}, {
        "sortedNodeAddresses": [["sourcecred", "github", "USERLIKE", "USER", "ada"], ["a", "b", "thing", "1"], 7, ["a"], ["a", "b", "user", "x\u{0}"], [1, 2]],
        "nodes": [{"index": 0}, {"index": 0}, {"index": 1}, {"index": 2}, {"index": 99}, {"index": -1}, "node", {"index": 1e300}],
        "edges": [
            {"address": ["o", "p", "AUTHORS"], "srcIndex": 0, "dstIndex": 1, "timestampMs": 1590926400000.0},
            {"address": ["o", "p", "AUTHORS"], "srcIndex": 0, "dstIndex": 1, "timestampMs": "soon"},
            {"address": ["o", "p", "AUTHORS"], "srcIndex": 0, "dstIndex": 1, "timestampMs": 9e15},
            {"address": ["o", "p", "AUTHORS"], "srcIndex": 0, "dstIndex": 77, "timestampMs": 0},
            {"address": ["o", "p", "AUTHORS"], "srcIndex": 2, "dstIndex": 3, "timestampMs": 0},
            {"address": "AUTHORS", "srcIndex": 0, "dstIndex": 1, "timestampMs": 0},
            {"address": ["o", "p", "ADDS_REACTION"], "srcIndex": 0, "dstIndex": 1, "timestampMs": 0},
            {"address": ["o", "p", "MENTIONS"], "srcIndex": 2, "dstIndex": 0, "timestampMs": 0},
            {},
            null
        ]
    }]);
    let community = of(&text.to_string());
    let report = import(&community).unwrap();
    assert!(report.adds_up(), "{report}");
    insta::assert_snapshot!(report.to_string(), @r"
    nodes of graph.json: 8 rows
      imported: 1 member
      left out: 1 a contribution: its edges tell whose it is
      left out: 1 a row with this id came before
      left out: 1 an address that says nothing, or that no table can hold
      left out: 4 an end that is not among the addresses
    edges of graph.json: 10 rows
      imported: 1 post
      left out: 1 a reaction to nothing in the graph
      left out: 2 an end that is not among the addresses
      left out: 1 by and about nobody in the graph
      left out: 3 no address, or one that is no list of texts
      left out: 2 no time, or one that no table can hold
    1 members, 1 activities
    ");
    insta::assert_snapshot!(activities(&community), @r"
    actor,verb,at,recipient,object,object_kind,topic,weight
    github/ada,post,2020-05-31T12:00:00Z,,b/thing/1,thing,,
    ");
}

#[test]
fn what_is_no_graph_is_called_what_it_is() {
    let graph = forge().weighted().to_string();
    insta::assert_snapshot!(refused(b""), @"[folder]/graph.json: is empty");
    insta::assert_snapshot!(refused(b"{}"), @"[folder]/graph.json: is no graph of SourceCred: it does not begin with its type and version");
    insta::assert_snapshot!(refused(b"[]"), @"[folder]/graph.json: is no graph of SourceCred: it does not begin with its type and version");
    insta::assert_snapshot!(refused(b"7"), @"[folder]/graph.json: this is not the JSON that it should be: invalid type: integer `7`, expected an object or a list at line 1 column 1");
    insta::assert_snapshot!(refused(b"[{\"type\": \"sourcecred/credGraph\", \"version\": \"0.1.0\"}, {}]"), @"[folder]/graph.json: is sourcecred/credGraph, and no graph of SourceCred");
    insta::assert_snapshot!(refused(b"[{\"type\": \"sourcecred/graph\", \"version\": \"0.4.0\"}, {}]"), @"[folder]/graph.json: is sourcecred/graph in version 0.4.0, and this reads version 0.8.0: make it anew with another SourceCred");
    insta::assert_snapshot!(refused(b"[{\"type\": \"\\u001b[31m\", \"version\": \"1\"}, {}]"), @r"[folder]/graph.json: is \u{1b}[31m, and no graph of SourceCred");
    insta::assert_snapshot!(refused(&graph.as_bytes()[..graph.len() / 2]), @"[folder]/graph.json: cut off in line 1, column 1696: fetch the file again");
    insta::assert_snapshot!(refused(b"[{\"type\": \"sourcecred/graph\", \"version\": \"0.8.0\"}, {\"edges\": 7}]"), @"[folder]/graph.json: this is not the JSON that it should be: invalid type: integer `7`, expected a list in `edges` at line 1 column 63");
    insta::assert_snapshot!(refused(b"from,to\n1,2\n"), @"[folder]/graph.json: this is not the JSON that it should be: expected ident at line 1 column 2");
    insta::assert_snapshot!(refused(b"\x78\x9c and no more"), @"cannot read [folder]/graph.json: corrupt deflate stream");
    insta::assert_snapshot!(refused(b"PK\x03\x04..."), @"[folder]/graph.json: is a zip archive: unpack it first");
    let folder = Community::new(&[]);
    let told = sourcecred(folder.path("nowhere"), folder.path("out"), &|_, _, _| {}).unwrap_err();
    insta::assert_snapshot!(folder.normalised(&told.to_string()), @"cannot read [folder]/nowhere: No such file or directory (os error 2)");
    assert!(!Path::new(&folder.path("out")).exists());
}

#[test]
fn initiatives_have_champions_and_contributors() {
    let text = json!([{"type": "sourcecred/graph", "version": "0.8.0"}, {
        "sortedNodeAddresses": [["sourcecred", "core", "IDENTITY", "ada"], ["sourcecred", "discord", "MEMBER", "user", "1"],
            ["sourcecred", "initiatives", "initiative", "x"], ["sourcecred", "initiatives", "CONTRIBUTION", "y"]],
        "nodes": [{"index": 0}, {"index": 1}, {"index": 2}, {"index": 3}],
        "edges": [
            {"address": ["sourcecred", "initiatives", "champions", "1"], "srcIndex": 0, "dstIndex": 2, "timestampMs": 1590926400000_i64},
            {"address": ["sourcecred", "initiatives", "contributesTo", "1"], "srcIndex": 3, "dstIndex": 2, "timestampMs": 1590926400000_i64},
            {"address": ["sourcecred", "initiatives", "contributesToEntry", "1"], "srcIndex": 1, "dstIndex": 3, "timestampMs": 1590926400001_i64},
            // Its address came before, so that it would be a row of the same id.
            {"address": ["sourcecred", "initiatives", "champions", "1"], "srcIndex": 1, "dstIndex": 2, "timestampMs": 1590926400000_i64},
            {"address": ["sourcecred", "initiatives", "dependsOn", "1"], "srcIndex": 2, "dstIndex": 3, "timestampMs": 1590926400001_i64}
        ]
    }]);
    let community = of(&text.to_string());
    let report = import(&community).unwrap();
    assert!(report.adds_up(), "{report}");
    assert_eq!(report.files[1].left_out.get("a row with this id came before"), Some(&1), "{report}");
    insta::assert_snapshot!(activities(&community), @r"
    actor,verb,at,recipient,object,object_kind,topic,weight
    core/ada,volunteer,2020-05-31T12:00:00Z,,initiatives/initiative/x,initiative,,
    discord/1,post,2020-05-31T12:00:00.001Z,,initiatives/CONTRIBUTION/y,contribution,,
    ");
}
