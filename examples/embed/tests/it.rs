//! The example does what it says.

use std::process::Command;

#[test]
fn ten_members_of_the_planted_community_are_printed_in_order() {
    let planted = concat!(env!("CARGO_MANIFEST_DIR"), "/../communities/planted/community.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_embed")).arg(planted).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 11, "{text}");
    assert_eq!(lines[0], "planted: 474 members");
    for (place, line) in (1..).zip(&lines[1..]) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0].parse(), Ok(place), "{line}");
        assert_eq!(words[2], "micro-influencer", "{line}");
    }
}

#[test]
fn without_a_community_it_says_what_to_give() {
    let output = Command::new(env!("CARGO_BIN_EXE_embed")).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("give the path of a community.toml"));
}
