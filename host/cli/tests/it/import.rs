use std::path::Path;

use crate::shell::{Answer, command, groundswell};

/// A dump of three users, one question, its accepted answer and a vote.
fn dump(folder: &Path) {
    let at = "CreationDate=\"2020-01-03T10:20:30.456\"";
    let files = [
        ("users", vec![format!("Id=\"1\" {at}"), format!("Id=\"2\" {at}"), format!("Id=\"3\" {at}")]),
        (
            "posts",
            vec![
                format!("Id=\"1\" PostTypeId=\"1\" AcceptedAnswerId=\"2\" OwnerUserId=\"1\" {at}"),
                format!("Id=\"2\" PostTypeId=\"2\" ParentId=\"1\" OwnerUserId=\"2\" {at}"),
            ],
        ),
        (
            "votes",
            vec![
                format!("Id=\"1\" PostId=\"2\" VoteTypeId=\"2\" {at}"),
                format!("Id=\"2\" PostId=\"99\" VoteTypeId=\"2\" {at}"),
            ],
        ),
        ("comments", vec![format!("Id=\"1\" PostId=\"2\" UserId=\"3\" Text=\"good\" {at}")]),
    ];
    for (root, rows) in files {
        let rows: String = rows.iter().map(|row| format!("  <row {row} />\n")).collect();
        let name = format!("{}{}.xml", root[..1].to_uppercase(), &root[1..]);
        std::fs::write(folder.join(name), format!("<{root}>\n{rows}</{root}>\n")).unwrap();
    }
}

#[test]
fn a_dump_becomes_a_community_that_runs() {
    let there = tempfile::tempdir().unwrap();
    let site = there.path().join("site");
    std::fs::create_dir(&site).unwrap();
    dump(&site);
    let told = |arguments: &[&str]| -> Answer {
        command(arguments).current_dir(there.path()).output().unwrap().into()
    };
    insta::assert_snapshot!(told(&["import", "stackexchange", "site", "--out", "mine"]).done(), @r"
    Users.xml: 3 rows
      imported: 3 member
    Posts.xml: 2 rows
      imported: 1 answer
      imported: 1 ask
      besides: 1 accept
    Votes.xml: 2 rows
      imported: 1 like
      left out: 1 about a post that is not in the dump (deleted)
    Comments.xml: 1 rows
      imported: 1 reply
    3 members, 5 activities

    wrote mine/members.csv
    wrote mine/activities.csv.gz
    wrote mine/community.toml
    ");
    let run = told(&["run", "mine/community.toml", "--format", "json"]).json();
    let members: Vec<_> =
        run["members"].as_array().unwrap().iter().map(|member| member["member"].as_str().unwrap()).collect();
    assert_eq!(members, ["2", "1", "3"]);
    let again = told(&["import", "stackexchange", "site", "--out", "mine"]).done();
    assert!(again.ends_with("kept the community.toml that was there\n"), "{again}");
}

#[test]
fn an_import_that_cannot_be_says_what_to_name() {
    let there = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let answer: Answer = command(arguments).current_dir(there.path()).output().unwrap().into();
        answer.stopped(2)
    };
    insta::assert_snapshot!(refused(&["import", "stackexchange", "nowhere", "--out", "mine"]), @"x nowhere is not a folder: name the folder that holds the dump's XML files");
    std::fs::write(there.path().join("file"), "").unwrap();
    insta::assert_snapshot!(refused(&["import", "stackexchange", ".", "--out", "file"]), @r"
    x --out file is a file, not a folder
      help: name a folder; it is made where there is none
    ");
    insta::assert_snapshot!(refused(&["import", "stackexchange", ".", "--out", "mine"]), @"x . holds no Users.xml, no Posts.xml, no Votes.xml, no Comments.xml: a Stack Exchange dump needs Users, Posts, Votes and Comments, each as .xml or .xml.gz");
    insta::assert_snapshot!(groundswell(&["imprt"]).stopped(2), @r"
    error: unrecognized subcommand 'imprt'

      tip: a similar subcommand exists: 'import'

    Usage: groundswell <COMMAND>

    For more information, try '--help'.
    ");
}

#[cfg(unix)]
#[test]
fn an_import_that_fails_waits_for_nobody_and_leaves_nothing() {
    let there = tempfile::tempdir().unwrap();
    let site = there.path().join("site");
    std::fs::create_dir(&site).unwrap();
    dump(&site);
    let votes = site.join("Votes.xml");
    std::fs::remove_file(&votes).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&votes).status().unwrap().success());
    let refused = |out: &str| {
        let mut import = command(&["import", "stackexchange", "site", "--out", out]);
        Answer::from(import.current_dir(there.path()).output().unwrap()).stopped(2)
    };
    insta::assert_snapshot!(refused("mine"), @"x cannot read site/Votes.xml: it is not a regular file");
    assert!(!there.path().join("mine").exists());
    // A folder that was there stays.
    std::fs::create_dir(there.path().join("ours")).unwrap();
    refused("ours");
    assert_eq!(std::fs::read_dir(there.path().join("ours")).unwrap().count(), 0);
}

#[test]
fn an_export_of_a_chat_becomes_a_community_that_runs() {
    let there = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(there.path().join(name), text).unwrap();
    write(
        "realm.json",
        r#"{"zerver_userprofile": [{"id": 7, "date_joined": 1577836800.0, "role": 400}, {"id": 8, "date_joined": 1577836800.0, "role": 400}],
            "zerver_recipient": [{"id": 30, "type": 2, "type_id": 3}],
            "zerver_reaction": [{"id": 1, "user_profile": 8, "message": 100, "emoji_name": "heart"}]}"#,
    );
    write(
        "messages-000001.json",
        r#"{"zerver_message": [{"id": 100, "sender": 7, "recipient": 30, "subject": "a", "content": "b", "date_sent": 1590926400.0}]}"#,
    );
    let told = |arguments: &[&str]| -> Answer {
        command(arguments).current_dir(there.path()).output().unwrap().into()
    };
    insta::assert_snapshot!(told(&["import", "zulip", ".", "--out", "chat"]).done(), @r"
    zerver_userprofile of realm.json: 2 rows
      imported: 2 member
    zerver_recipient of realm.json: 1 rows
      left out: 1 a recipient: messages name it
    zerver_message of messages-000001.json: 1 rows
      imported: 1 post
    zerver_reaction of realm.json: 1 rows
      imported: 1 like
    2 members, 2 activities

    wrote chat/members.csv
    wrote chat/activities.csv.gz
    wrote chat/community.toml
    ");
    let run = told(&["run", "chat/community.toml", "--dry-run", "--format", "json"]).json();
    assert_eq!(run["run"]["population"], 2);
    insta::assert_snapshot!(told(&["import", "sourcecred", ".", "--out", "graph"]).stopped(2), @"x .: holds no graph.json: name a graph, or the folder of an instance in which `sourcecred graph` was run");
}

#[test]
fn a_graph_becomes_a_community_that_runs() {
    let there = tempfile::tempdir().unwrap();
    std::fs::write(
        there.path().join("graph.json"),
        r#"[{"type": "sourcecred/graph", "version": "0.8.0"}, {
            "sortedNodeAddresses": [["sourcecred", "github", "ISSUE", "1"], ["sourcecred", "github", "USERLIKE", "USER", "ada"]],
            "nodes": [{"index": 1, "description": "", "timestampMs": null}],
            "edges": [{"address": ["sourcecred", "github", "AUTHORS", "1"], "srcIndex": 1, "dstIndex": 0, "timestampMs": 1590926400000}]}]"#,
    )
    .unwrap();
    let told = |arguments: &[&str]| -> Answer {
        command(arguments).current_dir(there.path()).output().unwrap().into()
    };
    insta::assert_snapshot!(told(&["import", "sourcecred", "graph.json", "--out", "ours"]).done(), @r"
    nodes of graph.json: 1 rows
      imported: 1 member
    edges of graph.json: 1 rows
      imported: 1 post
    1 members, 1 activities

    wrote ours/members.csv
    wrote ours/activities.csv.gz
    wrote ours/community.toml
    ");
    let run = told(&["run", "ours/community.toml", "--dry-run", "--format", "json"]).json();
    assert_eq!(run["members"][0]["member"], "github/ada");
}
