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
