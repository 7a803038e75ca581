//! The command as a shell sees it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

fn groundswell(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_groundswell")).args(arguments).output().unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_shows_every_command_with_examples() {
    let output = groundswell(&["--help"]);
    assert_eq!(code(&output), Some(0));
    for words in ["run", "explain", "metrics", "demo", "import", "plugin", "Examples:", "Exit codes:"] {
        assert!(stdout(&output).contains(words), "{words} is not in:\n{}", stdout(&output));
    }
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let output = groundswell(&["imprt"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("a similar subcommand exists: 'import'"), "{}", stderr(&output));
}

#[test]
fn importing_a_missing_folder_says_which_folder_to_name() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().to_str().unwrap();
    let output = groundswell(&["import", "stackexchange", "no-such-folder", "--out", out]);
    assert_eq!(code(&output), Some(2));
    assert_eq!(stdout(&output), "");
    insta::assert_snapshot!(
        stderr(&output).trim(),
        @"x no-such-folder is not a folder: name the folder that holds the dump's XML files"
    );
}

#[test]
fn building_a_missing_folder_says_which_folder_to_give() {
    let output = groundswell(&["plugin", "build", "no-such-folder"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("there is no folder no-such-folder"), "{}", stderr(&output));
}

#[test]
fn a_file_that_is_no_plugin_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.wasm");
    std::fs::write(&file, "").unwrap();
    let output = groundswell(&["plugin", "inspect", file.to_str().unwrap()]);
    assert!(matches!(code(&output), Some(2 | 3)), "{:?}", output.status);
    assert!(stderr(&output).contains("empty.wasm"), "{}", stderr(&output));
}

#[test]
fn the_bundled_definition_can_be_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regulars.wasm");
    std::fs::write(&file, groundswell_plugins::REGULARS).unwrap();
    let output = groundswell(&["plugin", "inspect", file.to_str().unwrap()]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("micro-influencer"), "{}", stdout(&output));
    let output = groundswell(&["plugin", "inspect", file.to_str().unwrap(), "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["name"], "regulars");
}

#[test]
fn running_a_missing_community_names_the_file() {
    let output = groundswell(&["run", "no-such-folder/community.toml"]);
    assert_eq!(code(&output), Some(2));
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("no-such-folder/community.toml"), "{}", stderr(&output));
}

#[test]
fn a_mistyped_key_is_pointed_at() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("community.toml");
    std::fs::write(&file, "[community]\nname = \"beer\"\nwindw = \"all\"\n").unwrap();
    let output = groundswell(&["run", file.to_str().unwrap()]);
    assert_eq!(code(&output), Some(2));
    for words in ["windw = \"all\"", "community.toml:3:1", "`window`"] {
        assert!(stderr(&output).contains(words), "{words} is not in:\n{}", stderr(&output));
    }
}

#[test]
fn metrics_are_listed_for_people_and_for_programs() {
    let output = groundswell(&["metrics"]);
    assert_eq!(code(&output), Some(0));
    assert!(stdout(&output).contains("answers"), "{}", stdout(&output));
    let output = groundswell(&["metrics", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(json.as_array().unwrap().iter().any(|metric| metric["id"] == "answers"));
}

#[test]
fn the_demo_shows_a_leaderboard_and_what_to_try_next() {
    let output = groundswell(&["demo", "--top", "3"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    for words in ["rank", "weighs most", "Try next:"] {
        assert!(stdout(&output).contains(words), "{words} is not in:\n{}", stdout(&output));
    }
    assert_eq!(stderr(&output), "", "nothing but the answer where nobody watches");
}
