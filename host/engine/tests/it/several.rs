//! Several definitions over one look at the data.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use groundswell::{Cancel, DefinitionOutcome, Error, Run, RunOptions, Stage};

use crate::community::Community;
use crate::planted::{PROGRAMME, files, ledger, open, planted};

/// The planted community of the repository, with every bundled definition.
pub(crate) fn bundled() -> Community {
    Community::new(groundswell_planted::FILES)
}

/// By definition, what its run found.
fn found(outcomes: impl IntoIterator<Item = DefinitionOutcome>) -> BTreeMap<String, Run> {
    outcomes
        .into_iter()
        .map(|DefinitionOutcome { definition, outcome, .. }| (definition, outcome.unwrap()))
        .collect()
}

/// The files of a run with their content's hashes; of `run.json`, which has the clock, that it is there.
fn results(run: &Run) -> BTreeMap<String, Option<blake3::Hash>> {
    let files = files(run.results().unwrap()).into_iter();
    files
        .map(|(path, hash)| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let hash = Some(hash).filter(|_| name != "run.json");
            (name, hash)
        })
        .collect()
}

#[test]
fn every_bundled_definition_is_stored_as_if_it_had_been_run_alone() {
    let (together, alone) = (bundled(), bundled());
    let options = RunOptions::default();
    let community = open(&together);
    let runs = community.run_each(community.definitions(), &options).unwrap();
    assert_eq!(runs.len(), 7);
    let all = found(runs);
    assert_eq!(all.keys().map(String::as_str).collect::<Vec<_>>(), {
        // All but what is a metric.
        let all = groundswell_plugins::ALL.iter().map(|(name, _)| *name);
        let mut names: Vec<&str> = all.filter(|name| *name != "fading-trust").collect();
        names.sort_unstable();
        names
    });
    for (definition, run) in &all {
        let single = open(&alone).run(&RunOptions::default().definition(definition)).unwrap();
        assert_eq!(run.info(), single.info());
        assert!(run.results().unwrap().ends_with(&single.info().receipt));
        let results = results(run);
        assert_eq!(results, self::results(&single), "{definition}");
        assert_eq!(results.len(), 5);
        let json = |run: &Run| serde_json::to_value(run).unwrap();
        assert_eq!(json(run), json(&single));
        assert_eq!(run.awards().is_empty(), definition != "regulars");
    }
    let recorded = ledger(&together);
    assert!(recorded.len() > 100);
    assert_eq!(recorded, ledger(&alone));
}

#[test]
fn each_definition_is_run_once_in_the_order_that_was_asked_for() {
    let community = bundled();
    let community = open(&community);
    let options = RunOptions::default().dry_run(true);
    let runs = community.run_each(["trust-rank", "orbit", "trust-rank"], &options).unwrap();
    let order: Vec<String> = runs.map(|outcome| outcome.definition).collect();
    assert_eq!(order, ["trust-rank", "orbit"]);
    let error = community.run_each(["orbit", "orbt"], &options).unwrap_err();
    assert!(error.location().is_some());
    assert!(error.to_string().ends_with("there is no definition `orbt`; did you mean `orbit`?"), "{error}");
    assert_eq!(community.run_each(Vec::<String>::new(), &options).unwrap().count(), 0);
}

/// A community in which some definitions cannot be run, each for another reason, and two can.
fn with_failing() -> Community {
    let attackers = groundswell_attackers::all();
    let written = planted(
        300,
        "",
        &format!(
            "{PROGRAMME}
            [definitions.broken]
            plugin = \"nan-scores.wasm\"
            [definitions.endless]
            plugin = \"spin-in-place.wasm\"
            [definitions.mistyped]
            plugin = \"regulars\"
            settings = {{ cieling = 3 }}
            [definitions.absent]
            plugin = \"nowhere.wasm\"
            [definitions.others]
            plugin = \"trust-rank\"
            [limits]
            fuel-per-call = 50000000
            "
        ),
    );
    for name in ["nan-scores", "spin-in-place"] {
        let attacker = attackers.iter().find(|attacker| attacker.name == name).unwrap();
        written.write(&format!("{name}.wasm"), &attacker.bytes());
    }
    written
}

#[test]
fn what_goes_wrong_with_one_definition_is_its_own_and_the_others_are_stored() {
    let written = with_failing();
    let community = open(&written);
    let options = RunOptions::default();
    let runs = community.run_each(community.definitions(), &options).unwrap();
    let (mut stored, mut failed) = (Vec::new(), Vec::new());
    for DefinitionOutcome { definition, outcome, .. } in runs {
        match outcome {
            Ok(run) => stored.push((definition, run)),
            Err(error) => {
                let told = written.normalised(&error.to_string());
                let told = told.split_once("; settings:").map_or(told.as_str(), |(told, _)| told);
                failed.push(format!("{definition} ({}): {told}\n", error.is_plugin_fault()));
            }
        }
    }
    insta::assert_snapshot!(failed.concat(), @r"
    absent (false): [folder]/community.toml:27:22: there is no bundled plugin `nowhere.wasm` and no file [folder]/nowhere.wasm; bundled are `audience-band`, `fading-trust`, `orbit`, `regulars`, `thought-leader`, `trust-levels`, `trust-rank` and `word-of-mouth`; anything else is the path of a component
    broken (true): plugin nan-scores 0.1.0 failed in score: the score of row 0 is NaN; every answer must be finite, also for members without values (asked about a row of medians)
    endless (true): plugin spin-in-place 0.1.0 failed in place (members 1 to 238): it ran out of fuel: 73,800,000 used of 73,800,000 allowed (50,000,000 + 100,000 × 238 rows), which is 310,084,033 per 1,000 members; look for a loop that does not end, or raise `fuel-per-call` or `fuel-per-row`
    mistyped (false): [folder]/community.toml:25:36: plugin regulars 0.1.0: there is no setting `cieling`, did you mean `ceiling`?
    ");
    let names: Vec<&str> = stored.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["others", "regulars"]);
    let alone = planted(300, "", PROGRAMME);
    let limited = std::fs::read_to_string(alone.path("community.toml")).unwrap();
    alone.write("community.toml", (limited + "[limits]\nfuel-per-call = 50000000\n").as_bytes());
    let single = open(&alone).run(&RunOptions::default()).unwrap();
    assert_eq!(stored[1].1.info(), single.info());
    let folders = std::fs::read_dir(written.path(".groundswell/runs")).unwrap().count();
    assert_eq!(folders, 2, "nothing is stored of those that failed");
    // Those that failed left nothing in the ledger, and the programme's is as if it had been alone.
    let of = |written: &Community| -> Vec<String> {
        ledger(written).into_iter().filter(|row| !row.contains("others")).collect()
    };
    let receipt = &stored[0].1.info().receipt;
    let rows: Vec<String> = of(&written).into_iter().filter(|row| !row.contains(receipt)).collect();
    assert_eq!(rows, of(&alone));
}

#[test]
fn a_metric_of_the_communitys_own_fails_those_alone_that_ask_for_it() {
    let rest = "[definitions.others]\nplugin = \"trust-rank\"\n[metrics.mine]\nsql = \"select 1\"\n";
    let written = planted(60, "", rest);
    let community = open(&written);
    // Only programs can put a metric of their own in the place of another, for which no plugin has to be built here.
    let mut config = community.config().clone();
    let said = config.metrics["mine"].clone();
    config.metrics.insert("answers".to_owned(), said);
    let community = crate::planted::host().open_config(config);
    let options = RunOptions::default().dry_run(true);
    let outcomes: Vec<_> = community.run_each(["regulars", "others"], &options).unwrap().collect();
    let [DefinitionOutcome { outcome: Err(error), .. }, DefinitionOutcome { outcome: Ok(run), .. }] =
        outcomes.as_slice()
    else {
        panic!("{outcomes:?}");
    };
    assert!(matches!(error, Error::OwnMetric { name, .. } if name == "answers"), "{error}");
    let alone = open(&written).run(&options.clone().definition("others")).unwrap();
    assert_eq!(run.info(), alone.info());
    // Where there is none but those, that is all there is to say.
    let outcomes: Vec<_> = community.run_each(["regulars"], &options).unwrap().collect();
    assert!(matches!(outcomes.as_slice(), [DefinitionOutcome { outcome: Err(Error::OwnMetric { .. }), .. }]));
}

#[test]
fn a_definition_that_the_data_cannot_serve_leaves_the_others_alone() {
    let written =
        Community::new(&[("activities.csv", b"actor,verb,at,recipient\nada,answer,2020-01-01,bob\n")]);
    written.write(
        "community.toml",
        b"[community]\nname = \"small\"\n[sources.tables]\nactivities = \"activities.csv\"\n\
          [definitions.audience-band]\nplugin = \"audience-band\"\n[definitions.regulars]\nplugin = \"regulars\"\n",
    );
    let community = open(&written);
    let options = RunOptions::default();
    let outcomes: Vec<_> = community.run_each(community.definitions(), &options).unwrap().collect();
    assert!(matches!(outcomes[0].outcome, Err(Error::MissingMetric { .. })), "{:?}", outcomes[0].outcome);
    assert_eq!(outcomes[1].outcome.as_ref().unwrap().members().len(), 2);
    // Where nobody is there, no definition is to blame.
    let mut config = community.config().clone();
    config.community.exclude_roles = Vec::new();
    config.community.as_of = Some("1999-01-01T00:00:00Z".parse().unwrap());
    let empty = crate::planted::host().open_config(config);
    let error = empty.run_each(["regulars", "audience-band"], &options).unwrap_err();
    assert!(matches!(error, Error::NobodyToScore { .. }), "{error}");
}

/// What was heard of progress: about which definition, and of what.
type Heard = Arc<Mutex<Vec<(Option<String>, Stage)>>>;

#[test]
fn progress_says_which_definition_it_is_about() {
    let community = bundled();
    let community = open(&community);
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    let options = RunOptions::default().dry_run(true).progress(Arc::new(move |progress| {
        let now = (progress.definition.as_deref().map(str::to_owned), progress.stage);
        let mut told = told.lock().unwrap();
        if told.last() != Some(&now) {
            told.push(now);
        }
    }));
    let names = ["orbit", "regulars"];
    assert_eq!(found(community.run_each(names, &options).unwrap()).len(), 2);
    use Stage::{Decide, Explain, Metrics, Networks, Place, Read, Score, Snapshot};
    let mut expected: Vec<(Option<String>, Stage)> =
        [Read, Snapshot, Metrics, Networks].into_iter().map(|stage| (None, stage)).collect();
    for (name, stages) in
        names.into_iter().zip([&[Score, Place, Explain][..], &[Score, Place, Explain, Decide]])
    {
        expected.extend(stages.iter().map(|stage| (Some(name.to_owned()), *stage)));
    }
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[test]
fn copies_lie_in_a_folder_for_each_definition() {
    let written = bundled();
    let community = open(&written);
    let out = written.path("copies");
    let options = RunOptions::default().out(&out);
    let all = found(community.run_each(["regulars", "orbit"], &options).unwrap());
    for (definition, run) in &all {
        let copy = |folder: &Path| {
            let names = files(folder).into_iter();
            names.map(|(path, hash)| (path.file_name().unwrap().to_owned(), hash)).collect::<Vec<_>>()
        };
        assert_eq!(copy(&out.join(definition)), copy(run.results().unwrap()));
    }
    let mut config = community.config().clone();
    let said = config.definitions["orbit"].clone();
    config.definitions.insert("../outside".to_owned(), said);
    let other = crate::planted::host().open_config(config);
    let outcome = other.run_each(["../outside"], &options).unwrap().next().unwrap().outcome;
    let told = outcome.unwrap_err().to_string();
    assert!(told.contains("the definition's name, `../outside`, is no name of a folder"), "{told}");
    assert!(!written.path("outside").exists());
}

#[test]
fn whoever_cancels_keeps_what_was_done_by_then() {
    let written = bundled();
    let community = open(&written);
    let cancel = Cancel::new();
    let options = RunOptions::default().cancel(cancel.clone());
    let mut runs = community.run_each(community.definitions(), &options).unwrap();
    let first = runs.next().unwrap().outcome.unwrap();
    cancel.cancel();
    let rest: Vec<_> = runs.collect();
    assert_eq!(rest.len(), 6);
    assert!(rest.iter().all(|outcome| outcome.outcome.as_ref().is_err_and(Error::is_stopped)));
    assert!(first.results().unwrap().join("run.json").is_file());
    assert!(!ledger(&written).iter().any(|row| row.contains("award")));
    // Dropping a task does the same; waiting for it runs all.
    let task = community.spawn_run_each(community.definitions(), RunOptions::default());
    assert_eq!(found(task.wait().unwrap()).len(), 7);
}

#[test]
fn a_lost_ledger_is_told_where_another_run_gave_awards() {
    let written = bundled();
    let community = open(&written);
    let options = RunOptions::default();
    let notes = || -> Vec<usize> {
        let all = found(community.run_each(["orbit", "regulars"], &options).unwrap());
        all.values().map(|run| run.info().notes.len()).collect()
    };
    assert_eq!(notes(), [0, 0]);
    written.write(".groundswell/ledger.sqlite", b"");
    std::fs::remove_file(written.path(".groundswell/ledger.heads")).unwrap();
    // The run of regulars is the one that gave, and cannot tell that from having been killed before it was recorded.
    assert_eq!(notes(), [1, 0]);
    // Without a programme there never is one.
    let toml = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let toml = toml.split_once("[programme]").unwrap().0.to_owned();
    let bare = bundled();
    bare.write("community.toml", toml.as_bytes());
    let community = open(&bare);
    let all = found(community.run_each(["orbit", "regulars"], &options).unwrap());
    assert!(all.values().all(|run| run.info().notes.is_empty()));
}
