//! The example does what it says.

use std::process::Command;

#[test]
fn the_members_of_the_query_are_printed_in_order_and_newcomers_among_them() {
    let output = Command::new(env!("CARGO_BIN_EXE_embed-datafusion")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let members: Vec<_> = text.lines().take(3).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(members, ["ada", "cyd", "bob"], "{text}");
    let score = |who: &str| -> f64 {
        let cells = text.lines().find_map(|line| line.split_once(who)).unwrap().1;
        cells.trim_matches(['|', ' ']).parse().unwrap()
    };
    assert!(score("eve") > score("fay") && score("fay") >= 0.0, "{text}");
}
