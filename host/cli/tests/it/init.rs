use std::fs;
use std::path::Path;

use crate::shell::{Answer, command};

fn told(folder: &Path, arguments: &[&str]) -> Answer {
    command(arguments).current_dir(folder).output().unwrap().into()
}

/// A folder with the usual exports of a small community.
fn exports() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("users.csv", "user_id,name,created_at\n1,Ada,2019-01-01\n2,Bo,2019-02-01\n3,Cy,2019-03-01\n");
    write(
        "posts.csv",
        "id,author_id,type,created_at,reply_to\n\
         1,1,question,2020-01-01 10:00:00,\n2,2,answer,2020-01-01 11:00:00,1\n3,3,comment,2020-01-02 09:00:00,2\n\
         4,1,thanks,2020-01-02 10:00:00,2\n5,3,question,2020-01-03 10:00:00,\n6,2,answer,2020-01-03 11:00:00,3\n",
    );
    write("notes.md", "no table");
    folder
}

#[test]
fn a_draft_of_the_files_at_hand_runs() {
    let folder = exports();
    insta::assert_snapshot!(told(folder.path(), &["init", "--name", "ours"]).done(), @r"
    posts.csv: activities, by a map
    users.csv: members, by a map

    wrote community.toml
    one line of it is marked CHECK: read that first
    next: groundswell validate community.toml
    ");
    let run = told(folder.path(), &["run", "community.toml", "--dry-run", "--format", "json"]).json();
    let members: Vec<_> =
        run["members"].as_array().unwrap().iter().map(|member| member["member"].as_str().unwrap()).collect();
    assert_eq!(members, ["2", "1", "3"]);
    assert_eq!(run["rejected"], serde_json::json!([]));
}

#[test]
fn a_draft_can_be_printed_and_named_and_replaces_nothing() {
    let folder = exports();
    let printed = told(folder.path(), &["init", "--stdout", "--name", "ours", "users.csv"]).done();
    assert!(printed.contains("\nname = \"ours\"\n"), "{printed}");
    assert!(!folder.path().join("community.toml").exists());
    fs::create_dir(folder.path().join("there")).unwrap();
    let written = told(folder.path(), &["init", "users.csv", ".", "--out", "there"]).done();
    assert!(written.starts_with("../users.csv: members, by a map\n../posts.csv: activities, by a map\n\nwrote there/community.toml\n"), "{written}");
    let text = fs::read_to_string(folder.path().join("there/community.toml")).unwrap();
    assert!(text.contains("\nname = \"there\"\n"), "{text}");
    insta::assert_snapshot!(told(folder.path(), &["init", "--out", "there/community.toml"]).stopped(2), @r"
    x there/community.toml is there already, and stays as it is
      help: name another file with --out, or print the draft with --stdout
    ");
    assert_eq!(fs::read_to_string(folder.path().join("there/community.toml")).unwrap(), text);
}

#[test]
fn what_to_type_next_can_be_typed() {
    let folder = exports();
    let told = told(folder.path(), &["init", "--out", "a b.toml"]).done();
    assert!(told.ends_with("\nnext: groundswell validate 'a b.toml'\n"), "{told}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = exports();
    let pipe = folder.path().join("pipe.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    insta::assert_snapshot!(told(folder.path(), &["init", "pipe.csv"]).stopped(2), @"x cannot read pipe.csv: it is not a regular file");
    insta::assert_snapshot!(told(folder.path(), &["init", "/dev/null"]).stopped(2), @"x cannot read /dev/null: it is not a regular file");
    assert!(!folder.path().join("community.toml").exists());
}

#[test]
fn where_nothing_looks_like_a_table_it_says_what_to_name() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(told(folder.path(), &["init"]).stopped(2), @r"
    x there is no file in . that looks like a table
      help: name the files to look at; from a folder those are taken whose names end in csv, tsv, tab, txt, jsonl, ndjson, parquet, db, sqlite, sqlite3, 100 at the most
    ");
    insta::assert_snapshot!(told(folder.path(), &["init", "none.csv"]).stopped(2), @"x cannot read none.csv: there is no such file");
    fs::write(folder.path().join("empty.csv"), "").unwrap();
    insta::assert_snapshot!(told(folder.path(), &["init", "--name", "ours"]).done(), @r"
    empty.csv: not read: it is empty

    wrote community.toml
    2 lines of it are marked CHECK: read those first
    no file of these can be read yet
    ");
    for number in 0..101 {
        fs::write(folder.path().join(format!("{number}.csv")), "id\n1\n").unwrap();
    }
    insta::assert_snapshot!(told(folder.path(), &["init", "--stdout"]).stopped(2), @r"
    x there are 102 files in . that look like tables
      help: name the files to look at; from a folder those are taken whose names end in csv, tsv, tab, txt, jsonl, ndjson, parquet, db, sqlite, sqlite3, 100 at the most
    ");
}
