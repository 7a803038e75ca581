use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::shell::{Planted, files};

/// Without what the version of a compiler changes: the hash of the receipt.
fn without_receipt(text: &str) -> String {
    let receipt = text.trim_end().rsplit(' ').next().unwrap();
    assert_eq!(receipt.len(), 64, "{text}");
    text.replace(receipt, "[receipt]")
}

fn keys(value: &Value) -> String {
    value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_run_shows_leaderboard_tiers_awards_and_what_was_left_out() {
    let told = Planted::new().score(&["--top", "3"]).done();
    insta::assert_snapshot!(without_receipt(&told), @r"
    planted: 474 members as of 2024-12-29T20:03:20Z, window 365d, scored by regulars 0.1.0

     rank  member  tier              score  weighs most
        1  m0314   Micro-influencer  99.01  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)
        2  m0293   Micro-influencer  98.99  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)
        3  m0445   Micro-influencer  98.94  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)

     tier              members
     Not rated              12
     Member                361
     Regular                71
     Micro-influencer       20
     Celebrity               6
     Staff                   4

     award                             kind      given  new  for example
     Thank you, in front of everybody  shoutout     20   20  m0010: Became a micro-influencer for the first time.
     Micro-influencer                  badge        20   20  m0010: Is a micro-influencer: active, and trusted by others.
     The micro-influencers' circle     circle       20   20  m0010: Belongs among the micro-influencers.
     Invitation to training            training     20   20  m0010: Has helped 45 members, and could help more.

    left out: 120 members inactive
    left out: 3 members opted out
    left out: 3 members with an excluded role
    also defined: audience-band, orbit, thought-leader, trust-levels, trust-rank, word-of-mouth; --definition NAME scores by one of them
    results: .groundswell/runs/[receipt]
    receipt: [receipt]
    ");
}

#[test]
fn a_run_in_json_has_the_documented_keys_and_every_member() {
    let planted = Planted::new();
    let json = planted.score(&["--format", "json", "--top", "1"]).json();
    assert_eq!(keys(&json), "awards changes members rejected run tiers");
    assert_eq!(json["members"].as_array().unwrap().len(), 474, "--top cuts tables only");
    assert_eq!(keys(&json["members"][0]), "contributions member percentile rank reasons score tier");
    let input = &json["members"][0]["contributions"][0];
    assert_eq!(keys(input), "contribution input percentile scaled value");
    assert_eq!(keys(&json["tiers"][0]), "id members rung title");
    assert_eq!(keys(&json["awards"][0]), "amount award kind member new period reason status");
    for key in ["receipt", "base", "as_of", "definition", "plugin", "left_out", "unknown"] {
        assert!(json["run"].get(key).is_some(), "{key} is not in {}", json["run"]);
    }
    assert_eq!(json["run"]["definition"], "regulars");
    assert_eq!(json["run"]["plugin"]["name"], "regulars");
}

#[test]
fn rejected_rows_are_counted_in_table_and_json_and_shown_harmlessly() {
    let planted = Planted::new();
    let members = std::fs::read_to_string(planted.path("members.csv")).unwrap();
    let columns = members.lines().next().unwrap().split(',').count();
    let bad = format!("m9999,\u{1b}[31mnever{}\n", ",".repeat(columns - 2));
    std::fs::write(planted.path("members.csv"), members + &bad).unwrap();
    let json = planted.score(&["--format", "json", "--dry-run"]).json();
    assert_eq!(keys(&json["rejected"][0]), "reason rows table");
    let told = planted.score(&["--dry-run"]).done();
    let line = told.lines().find(|line| line.starts_with("rejected: ")).unwrap();
    insta::assert_snapshot!(line, @"rejected: 1 row of members: `joined_at` is not a time; the first in members.csv, line 602");
    assert!(!told.contains('\u{1b}'));
}

#[test]
fn out_gets_a_copy_of_the_results() {
    let planted = Planted::new();
    let told = planted.score(&["--out", "copy"]).done();
    let receipt = told.trim_end().rsplit(' ').next().unwrap();
    assert!(told.contains(&format!("\nresults: .groundswell/runs/{receipt}\ncopy: copy\n")), "{told}");
    let copy = files(&planted.path("copy"));
    let names: Vec<_> = copy.iter().map(|(name, _)| name.display().to_string()).collect();
    assert_eq!(names, ["awards.parquet", "metrics.parquet", "receipt.json", "run.json", "scores.parquet"]);
    assert_eq!(copy, files(&planted.path(".groundswell/runs").join(receipt)));
}

#[test]
fn a_dry_run_answers_the_same_and_leaves_the_state_untouched() {
    let planted = Planted::new();
    let dry = planted.score(&["--dry-run", "--format", "json"]).json();
    assert!(!planted.path(".groundswell").exists());
    let told = planted.score(&["--dry-run"]).done();
    assert!(told.contains("\nresults: not stored, as this was a dry run\n"), "{told}");
    assert_eq!(planted.score(&["--format", "json"]).json(), dry);
    let before = files(&planted.path(".groundswell"));
    planted.score(&["--dry-run", "--out", "copy"]).done();
    assert!(before == files(&planted.path(".groundswell")), "a dry run changed the state");
    assert!(planted.path("copy/scores.parquet").is_file());
}

#[test]
fn a_second_run_adds_nothing() {
    let planted = Planted::new();
    let new = |json: &Value| -> Vec<bool> {
        json["awards"].as_array().unwrap().iter().map(|award| award["new"].as_bool().unwrap()).collect()
    };
    let first = planted.score(&["--format", "json"]).json();
    let second = planted.score(&["--format", "json"]).json();
    assert_eq!(first["run"], second["run"]);
    assert_eq!(first["members"], second["members"]);
    assert!(new(&first).iter().all(|new| *new) && !new(&second).contains(&true));
    assert_eq!(new(&first).len(), new(&second).len());
}

#[test]
fn any_number_of_threads_gives_the_same_answer() {
    let planted = Planted::new();
    let with = |threads| planted.score(&["--dry-run", "--format", "json", "--threads", threads]).done();
    assert!(with("1") == with("2"));
    let refusal = planted.score(&["--threads", "0"]).stopped(2);
    assert!(refusal.contains("--threads <N>"), "{refusal}");
}

#[test]
fn a_definition_is_chosen_by_name_and_another_one_than_the_programmes_awards_nothing() {
    let other = "\n[definitions.other]\nplugin = \"regulars\"\nsettings = { trust-share = 0.4 }\n";
    let planted = Planted::with(|text| text + other);
    let programmes = planted.score(&["--format", "json"]).json();
    let chosen = planted.run(&["--format", "json", "--definition", "other"]).json();
    assert_eq!(
        (&programmes["run"]["definition"], &chosen["run"]["definition"]),
        (&"regulars".into(), &"other".into())
    );
    assert!(!programmes["awards"].as_array().unwrap().is_empty());
    assert_eq!(chosen["awards"], Value::Array(Vec::new()));
    assert_ne!(programmes["run"]["base"], chosen["run"]["base"], "it has settings of its own");
    let refusal = planted.run(&["--definition", "othr"]).stopped(2);
    assert!(refusal.contains("there is no definition `othr`"), "{refusal}");
    assert!(refusal.contains("help: did you mean `other`?"), "{refusal}");
}

/// Without what the version of a compiler changes: the hashes of receipts.
fn without_receipts(text: &str) -> String {
    let is_hash = |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hashes: Vec<&str> = text.split([' ', '/', '\n']).filter(is_hash).collect();
    assert!(!hashes.is_empty(), "{text}");
    hashes.iter().fold(text.to_owned(), |text, hash| text.replace(hash, "[receipt]"))
}

#[test]
fn several_definitions_are_told_one_after_the_other() {
    let told =
        Planted::new().run(&["--definition", "regulars", "--definition", "orbit", "--top", "2"]).done();
    insta::assert_snapshot!(without_receipts(&told), @r"
    planted, definition regulars: 474 members as of 2024-12-29T20:03:20Z, window 365d, scored by regulars 0.1.0

     rank  member  tier              score  weighs most
        1  m0314   Micro-influencer  99.01  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)
        2  m0293   Micro-influencer  98.99  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)

     tier              members
     Not rated              12
     Member                361
     Regular                71
     Micro-influencer       20
     Celebrity               6
     Staff                   4

     award                             kind      given  new  for example
     Thank you, in front of everybody  shoutout     20   20  m0010: Became a micro-influencer for the first time.
     Micro-influencer                  badge        20   20  m0010: Is a micro-influencer: active, and trusted by others.
     The micro-influencers' circle     circle       20   20  m0010: Belongs among the micro-influencers.
     Invitation to training            training     20   20  m0010: Has helped 45 members, and could help more.

    results: .groundswell/runs/[receipt]
    receipt: [receipt]

    planted, definition orbit: 474 members as of 2024-12-29T20:03:20Z, window 365d, scored by orbit 0.1.0

     rank  member  tier                   score  weighs most
        1  m0293   Ambassador (orbit 1)  158.26  decayed-activity(half-life=90d, verb=answer) 17.32 (+99.51), degree(graph=activity) 92 (+17.56), decayed-activity(half-life=90d, verb=volunteer) 3.88 (+6.82)
        2  m0445   Ambassador (orbit 1)  157.79  decayed-activity(half-life=90d, verb=answer) 17.35 (+99.55), degree(graph=activity) 90 (+17.37), decayed-activity(half-life=90d, verb=volunteer) 3.66 (+6.36)

     tier                   members
     Observer (orbit 4)         106
     Participant (orbit 3)      237
     Contributor (orbit 2)       89
     Ambassador (orbit 1)        20
     Not rated                   12
     Celebrity                    6
     Staff                        4

    unknown: decayed-activity(half-life=90d, verb=like), which takes an actor in activities of the verb
    results: .groundswell/runs/[receipt]
    receipt: [receipt]

    left out: 120 members inactive
    left out: 3 members opted out
    left out: 3 members with an excluded role
    ");
}

#[test]
fn without_a_name_all_definitions_are_run_and_only_the_programmes_awards() {
    let planted = Planted::new();
    let told = planted.run(&["--top", "1"]).done();
    let heads: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("planted, definition ")?.split_once(": ").map(|(name, _)| name))
        .collect();
    let all = [
        "audience-band",
        "orbit",
        "regulars",
        "thought-leader",
        "trust-levels",
        "trust-rank",
        "word-of-mouth",
    ];
    assert_eq!(heads, all);
    assert_eq!(
        told.matches("left out: 120 members inactive").count(),
        1,
        "what is the same is told once: {told}"
    );
    assert_eq!(std::fs::read_dir(planted.path(".groundswell/runs")).unwrap().count(), 7);
    assert_eq!(std::fs::read_dir(planted.path(".groundswell/snapshots")).unwrap().count(), 1);
    let json = planted.run(&["--format", "json"]).json();
    assert_eq!(keys(&json), all.join(" "));
    for name in all {
        // What stands by its name is what it answers alone.
        assert_eq!(json[name], planted.run(&["--format", "json", "--definition", name]).json(), "{name}");
        let awards = json[name]["awards"].as_array().unwrap();
        assert_eq!(awards.is_empty(), name != "regulars", "{name}");
        assert!(awards.iter().all(|award| award["new"] == false), "they were recorded the first time");
    }
    // The same name twice is one definition.
    let twice = planted.run(&["--format", "json", "--definition", "orbit", "--definition", "orbit"]).json();
    assert_eq!(twice, json["orbit"]);
}

#[test]
fn a_copy_of_several_has_a_folder_for_each() {
    let planted = Planted::new();
    let told = planted.run(&["--definition", "orbit", "--definition", "regulars", "--out", "copies"]).done();
    assert!(told.contains("\ncopy: copies/orbit\n") && told.contains("\ncopy: copies/regulars\n"), "{told}");
    for definition in ["orbit", "regulars"] {
        assert_eq!(files(&planted.path("copies").join(definition)).len(), 5);
    }
    assert_eq!(std::fs::read_dir(planted.path("copies")).unwrap().count(), 2);
}

#[test]
fn one_that_fails_leaves_the_others_and_the_exit_code_says_so() {
    let attackers = groundswell_attackers::all();
    let attacker = attackers.iter().find(|attacker| attacker.name == "nan-scores").unwrap();
    let broken = "\n[definitions.broken]\nplugin = \"attacker.wasm\"\n";
    let planted = Planted::with(|text| text + broken);
    std::fs::write(planted.path("attacker.wasm"), attacker.bytes()).unwrap();
    let names = ["--definition", "broken", "--definition", "orbit", "--definition", "regulars"];
    let answer = planted.run(&[&names[..], &["--top", "1"]].concat());
    insta::assert_snapshot!(answer.stderr.trim(), @"x definition broken: plugin nan-scores 0.1.0 failed in score: the score of row 0 is NaN; every answer must be finite, also for members without values (asked about a row of medians)");
    assert_eq!(answer.code, Some(3));
    assert!(answer.stdout.starts_with("planted, definition orbit: 474 members "), "{}", answer.stdout);
    assert!(answer.stdout.contains("\nplanted, definition regulars: 474 members "), "{}", answer.stdout);
    assert_eq!(std::fs::read_dir(planted.path(".groundswell/runs")).unwrap().count(), 2);
    let answer = planted.run(&[&names[..], &["--format", "json"]].concat());
    assert_eq!(answer.code, Some(3));
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(keys(&json), "broken orbit regulars");
    assert_eq!(keys(&json["broken"]), "error");
    assert!(
        json["broken"]["error"].as_str().unwrap().starts_with("plugin nan-scores 0.1.0 failed in score: ")
    );
    assert_eq!(json["orbit"]["run"]["definition"], "orbit");
    // What is the community's to mend weighs more than what is a plugin's.
    let toml = std::fs::read_to_string(planted.path("community.toml")).unwrap();
    let mistyped = "\n[definitions.mistyped]\nplugin = \"orbit\"\nsettings = { nothing = 1 }\n";
    std::fs::write(planted.path("community.toml"), toml + mistyped).unwrap();
    let answer = planted.run(&["--definition", "broken", "--definition", "mistyped", "--top", "1"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
    let told = &answer.stderr;
    assert!(
        told.find("definition broken: ").unwrap() < told.find("definition mistyped: ").unwrap(),
        "{told}"
    );
}

#[test]
fn a_reader_who_has_seen_enough_of_several_ends_none_of_them() {
    let planted = Planted::new();
    let mut command = planted.command("run", &["--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    assert_eq!(std::fs::read_dir(planted.path(".groundswell/runs")).unwrap().count(), 7);
    assert!(planted.path(".groundswell/ledger.sqlite").is_file());
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let planted = Planted::new();
    let mut command = planted.command("run", &["--dry-run", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // More follows than a pipe holds.
    let mut first = [0];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    assert_eq!(first, *b"{");
}

#[test]
fn other_definitions_are_named_and_missing_awards_explained() {
    let planted = Planted::with(|toml| {
        toml.replace("[programme]", "[definitions.strangers]\nplugin = \"regulars\"\n\n[programme]")
    });
    let hints = |told: String| {
        let from = told.lines().skip_while(|line| !line.starts_with("left out: 3 members with"));
        from.skip(1).take_while(|line| !line.starts_with("results:")).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(hints(planted.score(&["--dry-run"]).done()), @"also defined: audience-band, orbit, strangers, thought-leader, trust-levels, trust-rank, word-of-mouth; --definition NAME scores by one of them");
    insta::assert_snapshot!(hints(planted.run(&["--dry-run", "--definition", "strangers"]).done()), @r"
    awards: none, as the programme rewards by the definition regulars
    also defined: audience-band, orbit, regulars, thought-leader, trust-levels, trust-rank, word-of-mouth; --definition NAME scores by one of them
    ");
}

#[cfg(unix)]
#[test]
fn a_path_cannot_write_on_the_screen() {
    let planted = Planted::new();
    let told = planted.score(&["--out", "a\u{1b}[31mb\nc", "--top", "0"]).done();
    insta::assert_snapshot!(told.lines().find(|line| line.starts_with("copy: ")).unwrap(), @r"copy: a\u{1b}[31mb\u{a}c");
}

#[test]
fn out_replaces_a_copy_of_results_and_nothing_else() {
    let planted = Planted::new();
    std::fs::write(planted.path("run.json"), "precious").unwrap();
    let told = planted.score(&["--out", "."]).stopped(2);
    insta::assert_snapshot!(told, @"x cannot write a copy of the results to .: run.json in it is of something else, and is left alone: name another folder, or move it away; no award was recorded: name another folder, or run without a copy");
    assert_eq!(std::fs::read(planted.path("run.json")).unwrap(), b"precious");
    assert!(!planted.path(".groundswell/ledger.sqlite").exists(), "nothing is recorded");
    planted.score(&["--out", "copy"]).done();
    planted.score(&["--out", "copy"]).done();
}
