use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::shell::{Planted, command};

/// By tier, who is in it.
fn tiers(run: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut tiers = BTreeMap::<String, BTreeSet<String>>::new();
    for member in run["members"].as_array().unwrap() {
        let told = |key: &str| member[key].as_str().unwrap().to_owned();
        tiers.entry(told("tier")).or_default().insert(told("member"));
    }
    tiers
}

/// By kind, who was planted.
fn planted_kinds(planted: &Planted) -> BTreeMap<String, BTreeSet<String>> {
    let mut kinds = BTreeMap::<String, BTreeSet<String>>::new();
    for row in std::fs::read_to_string(planted.path("expected.csv")).unwrap().lines().skip(1) {
        let mut cells = row.split(',').map(str::to_owned);
        let (member, kind) = (cells.next().unwrap(), cells.next().unwrap());
        kinds.entry(kind).or_default().insert(member);
    }
    kinds
}

#[test]
fn every_bundled_definition_finds_in_the_planted_community_what_its_page_says() {
    let planted = Planted::new();
    let kinds = planted_kinds(&planted);
    let toml = std::fs::read_to_string(planted.path("community.toml")).unwrap();
    for (definition, micro, regular) in [
        ("audience-band", "micro", None),
        ("orbit", "orbit-1", Some("orbit-2")),
        ("regulars", "micro-influencer", Some("regular")),
        ("thought-leader", "", None),
        ("trust-levels", "level-4", Some("level-3")),
        ("trust-rank", "trusted", Some("supported")),
        ("word-of-mouth", "micro-influencer", Some("recommender")),
    ] {
        assert!(toml.contains(&format!("[definitions.{definition}]\nplugin = \"{definition}\"\n")));
        let run = planted.run(&["--definition", definition, "--format", "json", "--dry-run"]).json();
        assert_eq!(run["run"]["plugin"]["name"], definition);
        let tiers = tiers(&run);
        assert_eq!(tiers["staff"], kinds["staff"], "{definition}");
        if definition == "thought-leader" {
            let known: BTreeSet<_> = tiers["thought-leader"].union(&tiers["celebrity"]).cloned().collect();
            assert_eq!(known, kinds["celebrity"]);
            assert!(!tiers["thought-leader"].is_empty() && !tiers["celebrity"].is_empty());
            continue;
        }
        assert_eq!(tiers[micro], kinds["micro-influencer"], "{definition}");
        let celebrities = if definition == "audience-band" { "mega" } else { "celebrity" };
        assert_eq!(tiers[celebrities], kinds["celebrity"], "{definition}");
        if let Some(regular) = regular {
            assert!(kinds["regular"].is_subset(&tiers[regular]), "{definition}");
        }
    }
    let named = toml.lines().filter(|line| line.starts_with("[definitions."));
    assert_eq!(named.count(), 7, "one is named and not tried");
}

#[test]
fn the_bundled_reward_rules_serve_every_definition_that_knows_micro_influencers() {
    for definition in ["audience-band", "orbit", "trust-levels", "trust-rank", "word-of-mouth"] {
        let other = format!("definition = \"{definition}\"");
        let planted = Planted::with(|toml| toml.replace("definition = \"regulars\"", &other));
        let run = planted.run(&["--definition", definition, "--format", "json", "--dry-run"]).json();
        assert_eq!(run["run"]["definition"], definition);
        let badges = run["awards"].as_array().unwrap().iter().filter(|award| award["kind"] == "badge");
        assert_eq!(badges.count(), 20, "{definition}");
    }
}

#[test]
fn what_a_plugin_warns_of_is_told_once_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "activities.csv",
        "actor,verb,at,recipient\nada,answer,2024-05-01,bob\nbob,ask,2024-05-02,\ncyd,post,2024-05-03,\n",
    );
    write(
        "community.toml",
        "[community]\nname = \"quiet\"\n[sources.tables]\nactivities = \"activities.csv\"\n\
         [definitions.word-of-mouth]\nplugin = \"word-of-mouth\"\n[limits]\nbatch-size = 1\n",
    );
    let config = folder.path().join("community.toml");
    for more in [["run", "--dry-run"].as_slice(), &["explain", "ada"]] {
        let mut told = command(&[more[0], config.to_str().unwrap()]);
        let told = told.args(&more[1..]).output().unwrap();
        assert_eq!(told.status.code(), Some(0));
        // What it waits for it says too, where that takes a while.
        let told = String::from_utf8(told.stderr).unwrap();
        let warnings: Vec<&str> = told.lines().filter(|line| !line.starts_with("compiling ")).collect();
        assert_eq!(
            warnings,
            ["word-of-mouth 0.1.0 warns: nobody recommends more than others, so every score is 0"]
        );
    }
}
