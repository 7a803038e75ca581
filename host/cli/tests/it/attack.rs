//! Attacks on the sandbox by the command.

use crate::shell::{Answer, Planted, groundswell};

#[test]
fn a_few_attackers_are_stopped_in_both_modes_and_told_apart() {
    let few = ["attack", "--only", "spin-in-start", "--only", "nan-scores", "--only", "remember-calls"];
    let planted = Planted::with(|text| {
        format!("{text}\n[limits]\nfuel-per-call = 20000000\nfast-wall-millis = 1000\n")
    });
    let community = planted.path("community.toml");
    let with = |more: &[&str]| -> Answer {
        let answer = groundswell(&[&few, more].concat());
        // Where there is no terminal, what came of each is told as it comes.
        let told: Vec<&str> =
            answer.stderr.lines().map(|line| line.rsplit_once(" (").map_or(line, |(told, _)| told)).collect();
        let strict = [
            "strict, 1 of 3: nan-scores, stopped in score by answer",
            "strict, 2 of 3: remember-calls, harmless",
            "strict, 3 of 3: spin-in-start, stopped in load by limit",
        ];
        assert_eq!(told.get(..3), Some(&strict[..]), "{}", answer.stderr);
        Answer { stderr: String::new(), ..answer }
    };
    let json = with(&["--format", "json", "--mode", "both", community.to_str().unwrap()]).json();
    let told = |mode: usize, at: usize, key: &str| {
        json[mode]["trials"][at]["verdict"][key].as_str().map(str::to_owned)
    };
    assert_eq!((json[0]["mode"].as_str(), json[1]["mode"].as_str()), (Some("strict"), Some("fast")));
    assert_eq!(json[0]["limits"]["fuel_per_call"].as_u64(), Some(20_000_000));
    assert_eq!(told(0, 0, "by").as_deref(), Some("answer"));
    assert_eq!(told(0, 1, "outcome").as_deref(), Some("harmless"));
    assert_eq!(told(1, 1, "by").as_deref(), Some("impure"));
    assert_eq!((told(0, 2, "when").as_deref(), told(0, 2, "by").as_deref()), (Some("load"), Some("limit")));
    // The community says in which mode its plugins run.
    let table = with(&[community.to_str().unwrap()]).done();
    assert!(table.contains("\nstrict mode: 3 attackers, 2 stopped, 1 harmless, 0 got away\n"), "{table}");
    assert!(!table.contains("fast mode"), "{table}");
}

#[test]
fn attackers_are_named_with_what_they_try() {
    let listed = groundswell(&["attack", "--list"]).done();
    assert!(listed.lines().count() > 100, "{listed}");
    assert!(listed.contains("Never finishes one thing that it is asked."), "{listed}");
    insta::assert_snapshot!(groundswell(&["attack", "--only", "nobody"]).stopped(2), @"x there is no attacker `nobody`; `groundswell attack --list` names them all");
}
