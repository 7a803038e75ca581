//! The examples do what they say.
#![expect(clippy::indexing_slicing, reason = "tests")]

use std::process::Command;

/// The lines of a leaderboard, which are ten, in order, of micro-influencers.
fn assert_ten_in_order<'a>(lines: impl Iterator<Item = &'a str>) {
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 10, "{lines:?}");
    for (place, line) in (1..).zip(&lines) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0].parse(), Ok(place), "{line}");
        assert_eq!(words[2], "micro-influencer", "{line}");
    }
}

#[test]
fn ten_members_of_the_planted_community_are_printed_in_order() {
    let planted = concat!(env!("CARGO_MANIFEST_DIR"), "/../communities/planted/community.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_embed")).arg(planted).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().next(), Some("planted: 474 members"));
    assert_ten_in_order(text.lines().skip(1));
}

#[test]
fn the_readme_shows_the_least_program_and_it_runs() {
    let readme = include_str!("../../../README.md");
    let embedding = readme.split_once("## Embedding").unwrap().1;
    let shown = embedding.split_once("```rust\n").unwrap().1.split_once("```").unwrap().0;
    let least = include_str!("../src/bin/least.rs");
    let (about, program) = least.split_once("\n\n").unwrap();
    assert!(about.starts_with("//! ") && !about.contains('\n'), "{about}");
    assert_eq!(shown, program);
    assert!(shown.lines().filter(|line| !line.is_empty()).count() <= 15);

    let community = tempfile::tempdir().unwrap();
    for (name, content) in groundswell_planted::FILES {
        std::fs::write(community.path().join(name), content).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_least")).current_dir(community.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_ten_in_order(String::from_utf8(output.stdout).unwrap().lines());
}

#[test]
fn without_a_community_it_says_what_to_give() {
    let output = Command::new(env!("CARGO_BIN_EXE_embed")).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("give the path of a community.toml"));
}
