//! Runs from files to results, with the bundled definition.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use groundswell::{Cancel, Error, Run, RunOptions, Stage};
use groundswell_planted::{Kind, Plan, generate};
use serde_json::Value;

use crate::community::Community;
use crate::planted::{PROGRAMME, Random, TABLES, files, host, ledger, of_activities, open, planted, toml};

/// Everything that must be the same in two runs, bit for bit.
fn findings(run: &Run) -> Value {
    let mut json = serde_json::to_value(run).unwrap();
    for award in json["awards"].as_array_mut().unwrap() {
        award["new"] = Value::Null;
        award["status"] = Value::Null;
    }
    // What comes into the ledger for the first time.
    json["changes"] = Value::Null;
    json
}

#[test]
fn a_second_run_finds_the_same_and_adds_nothing() {
    let written = planted(600, "", PROGRAMME);
    let community = open(&written);
    let first = community.run(&RunOptions::default().threads(2)).unwrap();
    assert!(!first.awards().is_empty() && first.awards().iter().all(|award| award.new));
    let state = written.path(".groundswell");
    let before = files(&state);
    let recorded = ledger(&written);
    assert!(recorded.len() > 100);
    let second = community.run(&RunOptions::default().threads(1).partitions(3)).unwrap();
    assert_eq!(first.info().receipt, second.info().receipt);
    assert_eq!(findings(&first), findings(&second));
    assert!(second.awards().iter().all(|award| !award.new));
    let folder = |run: &Run| run.results().unwrap().to_owned();
    assert_eq!(folder(&first), folder(&second));
    assert_eq!(recorded, ledger(&written));
    // The ledger's bytes too: no row is written again.
    assert_eq!(before, files(&state));
    let receipt = std::fs::read(folder(&first).join("receipt.json")).unwrap();
    assert_eq!(blake3::hash(&receipt).to_hex().to_string(), first.info().receipt);
    assert!(folder(&first).ends_with(&first.info().receipt));
}

#[test]
fn a_dry_run_says_the_same_and_leaves_the_state_untouched() {
    let written = planted(300, "", PROGRAMME);
    let community = open(&written);
    let out = written.path("out");
    let dry = community.run(&RunOptions::default().dry_run(true).out(&out)).unwrap();
    assert!(!written.path(".groundswell").exists());
    assert_eq!(dry.results(), None);
    let names: Vec<_> = files(&out).into_keys().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["awards.parquet", "metrics.parquet", "receipt.json", "run.json", "scores.parquet"]);
    let wet = community.run(&RunOptions::default()).unwrap();
    assert_eq!(dry.info(), wet.info());
    assert_eq!(findings(&dry), findings(&wet));
    let before = files(&written.path(".groundswell"));
    let again = community.run(&RunOptions::default().dry_run(true)).unwrap();
    assert!(again.awards().iter().all(|award| !award.new));
    assert_eq!(before, files(&written.path(".groundswell")));
}

#[cfg(unix)]
#[test]
fn a_folder_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt;

    let plain = planted(60, "", PROGRAMME);
    let expected = open(&plain).run(&RunOptions::default()).unwrap();
    for name in [&b"a[b]*?"[..], b"100% #1", b"two\nlines", b"\x1b[2J", b"..a", b"\xff"] {
        let elsewhere = tempfile::tempdir().unwrap();
        let folder = elsewhere.path().join(std::ffi::OsStr::from_bytes(name));
        std::fs::create_dir(&folder).unwrap();
        for entry in std::fs::read_dir(plain.path("")).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
            }
        }
        let community = host().open(folder.join("community.toml")).unwrap();
        let run = community.run(&RunOptions::default()).unwrap();
        assert_eq!(run.info().receipt, expected.info().receipt, "{}", name.escape_ascii());
    }
}

#[test]
fn every_planted_kind_lands_in_its_tier() {
    for members in [300, 600, 1_500] {
        let written = planted(members, "", PROGRAMME);
        let run = open(&written).run(&RunOptions::default()).unwrap();
        for (id, kind) in generate(&Plan { members, ..Plan::default() }).expected {
            assert_eq!(run.member(&id).map(|member| member.tier), kind.tier(), "{id}, {kind}, of {members}");
        }
        let left_out = run.info().left_out;
        assert!(left_out.opted_out > 0 && left_out.excluded_role > 0 && left_out.inactive > 0);
        assert_eq!(run.info().population + left_out.total(), u64::from(members));
        assert!(
            run.awards().iter().all(|award| run.member(&award.member).unwrap().tier == "micro-influencer")
        );
    }
}

/// One of the communities that come with the repository, run without a trace.
fn committed(name: &str) -> Run {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/communities").join(name);
    let community = host().open(folder.join("community.toml")).unwrap();
    community.run(&RunOptions::default().dry_run(true)).unwrap()
}

#[test]
fn the_committed_planted_community_has_the_tiers_of_its_expected_csv() {
    let run = committed("planted");
    let expected = include_str!("../../../../examples/communities/planted/expected.csv");
    let rows: Vec<Vec<&str>> = expected.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 600);
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row[1]).collect();
    for row in &rows {
        let tier = Some(row[2]).filter(|tier| !tier.is_empty());
        assert_eq!(run.member(row[0]).map(|member| member.tier), tier, "{row:?}");
    }
    assert_eq!(kinds, BTreeSet::from(Kind::ALL.map(Kind::name)), "every kind occurs");
}

#[test]
fn the_committed_beer_site_gives_the_figures_that_the_pages_state() {
    let run = committed("beer");
    let info = run.info();
    assert_eq!(info.population, 1_481);
    assert_eq!(info.left_out.excluded_role, 1);
    assert_eq!(info.population + info.left_out.total(), 6_863);
    assert_eq!(
        info.unknown.iter().map(|unknown| unknown.metric.as_str()).collect::<Vec<_>>(),
        ["audience", "role"]
    );

    // The table has the site's own list of who is trusted; it is not among the inputs.
    let members = include_str!("../../../../examples/communities/beer/members.csv");
    let mut reader = csv::Reader::from_reader(members.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.unwrap());
    let mut reputations: Vec<(i64, String)> =
        rows.filter_map(|row| Some((row["reputation"].parse().ok()?, row["id"].clone()))).collect();
    assert_eq!(reputations.len(), 6_863);
    reputations.sort_by_key(|(reputation, _)| std::cmp::Reverse(*reputation));
    let top: Vec<&str> = run.members().take(20).map(|member| member.member).collect();
    let found = reputations.iter().take(20).filter(|(_, id)| top.contains(&id.as_str())).count();
    assert_eq!(found, 17, "{top:?}, {:?}", &reputations[..20]);
}

#[test]
fn an_explanation_is_the_runs_and_writes_nothing() {
    let written = planted(300, "", PROGRAMME);
    let community = open(&written);
    let options = RunOptions::default();
    let dry = community.run(&options.clone().dry_run(true)).unwrap();
    let top = dry.members().next().unwrap();
    let computed = community.explain(top.member, &options).unwrap();
    assert!(!written.path(".groundswell").exists());
    let run = community.run(&options).unwrap();
    let before = files(&written.path(".groundswell"));
    let stored = community.explain(top.member, &options).unwrap();
    assert_eq!(before, files(&written.path(".groundswell")));
    assert_eq!(serde_json::to_value(&computed).unwrap(), serde_json::to_value(&stored).unwrap());
    assert_eq!((stored.rank, stored.score, stored.base), (top.rank, top.score, run.info().base));
    assert_eq!(stored.reasons, top.reasons());
    let sum: f64 = stored.inputs.iter().map(|input| input.contribution).sum();
    let size: f64 = stored.inputs.iter().map(|input| input.contribution.abs()).sum();
    assert!((stored.base + sum - stored.score).abs() <= 1e-9 * (stored.base.abs() + size));
    // It was stored that is explained, not something computed anew: a changed file shows.
    let folder = run.results().unwrap();
    std::fs::remove_file(folder.join("scores.parquet")).unwrap();
    let error = community.explain(top.member, &options).unwrap_err().to_string();
    assert!(error.starts_with("cannot read ") && error.contains("scores.parquet"), "{error}");
}

#[test]
fn whoever_is_not_in_the_population_is_told_why() {
    let written = Community::new(&[
        (
            "members.csv",
            b"id,joined_at,role,opted_out\nada,,,\nbob,,bot,\ncyd,,,true\ndan,2030-01-01,,\neve,,,\n",
        ),
        (
            "activities.csv",
            b"actor,verb,at,recipient\nada,answer,2020-01-01,bob\nada,answer,2020-01-02,fay\n",
        ),
    ]);
    let tables = "[sources.tables]\nmembers = \"members.csv\"\nactivities = \"activities.csv\"\n";
    written.write("community.toml", toml("", tables, "").as_bytes());
    let community = open(&written);
    let why = |id: &str| community.explain(id, &RunOptions::default()).unwrap_err().to_string();
    insta::assert_snapshot!(why("bob"), @"`bob` is not in the population: their role is one of exclude-roles");
    insta::assert_snapshot!(why("cyd"), @"`cyd` is not in the population: they do not want to be looked at (opted_out)");
    insta::assert_snapshot!(why("dan"), @"`dan` is not in the population: they joined after as-of");
    insta::assert_snapshot!(why("eve"), @r#"`eve` is not in the population: they have no activity, given or received, in the window; `population = "all"` scores them"#);
    insta::assert_snapshot!(why("Ada"), @"`Ada` is not in the population: no member up to as-of has this id; did you mean `ada`?");
    insta::assert_snapshot!(why("gus\u{202e}"), @r"`gus\u{202e}` is not in the population: no member up to as-of has this id");
    let run = community.run(&RunOptions::default()).unwrap();
    assert_eq!(run.members().map(|member| member.member).collect::<Vec<_>>(), ["ada", "fay"]);
    assert_eq!(run.info().left_out.total(), 4);
    insta::assert_snapshot!(
        serde_json::to_string(&run.info().left_out).unwrap(),
        @r#"{"opted_out":1,"not_yet_joined":1,"excluded_role":1,"inactive":1}"#
    );
}

#[test]
fn what_the_data_does_not_have_is_unknown_and_said() {
    let written =
        Community::new(&[("activities.csv", b"actor,verb,at,recipient\nada,answer,2020-01-01,bob\n")]);
    let tables = "[sources.tables]\nactivities = \"activities.csv\"\n";
    written.write("community.toml", toml("", tables, "").as_bytes());
    let run = open(&written).run(&RunOptions::default()).unwrap();
    let unknown = run.info().unknown.iter().map(|unknown| format!("{}: {}", unknown.metric, unknown.needs));
    assert_eq!(
        unknown.collect::<Vec<_>>(),
        [
            "audience: the table follows, or the column external_followers of the table members",
            "role: the column role of the table members",
        ]
    );
    let json = serde_json::to_value(&run).unwrap();
    let inputs = json["members"][0]["contributions"].as_array().unwrap();
    let audience = inputs.iter().find(|input| input["input"] == "audience@raw").unwrap();
    assert!(audience["value"].is_null() && audience["scaled"].is_null() && audience["percentile"].is_null());
}

#[test]
fn a_column_that_no_activity_fills_is_unknown_and_never_nought() {
    let written = Community::new(&[("activities.csv", b"actor,verb,at\nada,answer,2020-01-01\n")]);
    written.write(
        "community.toml",
        toml("", "[sources.tables]\nactivities = \"activities.csv\"\n", "").as_bytes(),
    );
    let run = open(&written).run(&RunOptions::default()).unwrap();
    let unknown = run.info().unknown.iter().map(|unknown| format!("{}: {}\n", unknown.metric, unknown.needs));
    insta::assert_snapshot!(unknown.collect::<String>(), @r"
    members-helped: an actor and a recipient in activities of the verb
    audience: the table follows, or the column external_followers of the table members
    role: the column role of the table members
    ");
    let metrics =
        ["answers", "received(verb=answer)", "members-helped", "given(verb=answer, object-kind=question)"];
    let batch = open(&written).measure(&metrics, &RunOptions::default()).unwrap();
    let nulls = metrics.map(|metric| batch.column_by_name(metric).unwrap().null_count());
    assert_eq!((batch.num_rows(), nulls), (1, [0, 1, 1, 1]));
}

#[test]
fn a_needed_metric_that_the_data_cannot_supply_stops_the_run() {
    let written = Community::new(&[("follows.csv", b"follower,followed\nada,bob\n")]);
    let tables = "[sources.tables]\nfollows = \"follows.csv\"\n";
    written.write("community.toml", toml("as-of = 2020-01-01\npopulation = \"all\"", tables, "").as_bytes());
    let error = open(&written).run(&RunOptions::default()).unwrap_err();
    assert!(!error.is_plugin_fault());
    let told = written.normalised(&error.to_string());
    insta::assert_snapshot!(told, @"plugin regulars 0.1.0 needs the metric `weeks-active-share`, which takes the table activities: the data of [folder]/community.toml does not have that; add it to the tables, or use a definition that can do without");
}

#[test]
fn data_without_times_needs_an_as_of() {
    let written = Community::new(&[("follows.csv", b"follower,followed\nada,bob\n")]);
    written.write("community.toml", toml("", "[sources.tables]\nfollows = \"follows.csv\"\n", "").as_bytes());
    let error = open(&written).run(&RunOptions::default()).unwrap_err();
    insta::assert_snapshot!(written.normalised(&error.to_string()), @"the data of [folder]/community.toml has neither activities nor conversions, so there is no newest time to look from; set `as-of` in [community]");
}

#[test]
fn errors_in_what_plugins_are_told_point_into_the_file() {
    let told = |community: &str, rest: &str, options: &RunOptions| {
        let written =
            Community::new(&[("activities.csv", b"actor,verb,at,recipient\nada,answer,2020-01-01,bob\n")]);
        let tables = "[sources.tables]\nactivities = \"activities.csv\"\n";
        written.write("community.toml", toml(community, tables, rest).as_bytes());
        let error = open(&written).run(options).unwrap_err();
        assert!(error.location().is_some() && !error.is_plugin_fault());
        let told = written.normalised(&error.to_string());
        told.split_once("; settings:").map_or(told.clone(), |(told, _)| told.to_owned())
    };
    let plain = RunOptions::default();
    insta::assert_snapshot!(told("", "settings = { cieling = 3 }", &plain), @"[folder]/community.toml:9:24: plugin regulars 0.1.0: there is no setting `cieling`, did you mean `ceiling`?");
    insta::assert_snapshot!(told("", "settings = { ceiling = -3 }", &plain), @"[folder]/community.toml:9:24: plugin regulars 0.1.0: setting `ceiling` cannot be -3: below the least allowed, 0");
    insta::assert_snapshot!(told("", "", &plain.clone().definition("regular")), @"[folder]/community.toml:7:2: there is no definition `regular`; did you mean `regulars`?");
    insta::assert_snapshot!(told("", "[definitions.other]\nplugin = \"regulars\"", &plain), @"[folder]/community.toml:7:2: several definitions could run; ask for one of `other` and `regulars`, or name it in [programme]");
    insta::assert_snapshot!(told("", "[definitions.other]\nplugin = \"regulras\"", &plain.clone().definition("other")), @"[folder]/community.toml:10:10: there is no bundled plugin `regulras` and no file [folder]/regulras; did you mean `regulars`?");
}

#[test]
fn json_is_as_documented() {
    let written = planted(300, "", PROGRAMME);
    let run = open(&written).run(&RunOptions::default()).unwrap();
    let json = serde_json::to_value(&run).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&json), "awards changes members rejected run tiers");
    assert_eq!(keys(&json["members"][0]), "contributions member percentile rank reasons score tier");
    assert_eq!(keys(&json["members"][0]["contributions"][0]), "contribution input percentile scaled value");
    assert_eq!(keys(&json["tiers"][0]), "id members rung title");
    assert_eq!(keys(&json["awards"][0]), "amount award kind member new period reason status");
    let run_keys = keys(&json["run"]);
    for key in ["receipt", "base", "as_of", "definition", "plugin", "left_out", "unknown"] {
        assert!(run_keys.split(' ').any(|known| known == key), "{key} is not among {run_keys}");
    }
    let ranks: Vec<_> = run.members().map(|member| (member.rank, member.member.to_owned())).collect();
    assert!(ranks.is_sorted());
    assert_eq!(
        json["tiers"].as_array().unwrap().iter().map(|tier| tier["members"].as_u64().unwrap()).sum::<u64>(),
        ranks.len() as u64
    );
}

#[test]
fn history_makes_a_first_time_of_it_only_once() {
    let written = planted(300, "", PROGRAMME);
    let at = |as_of: &str| {
        written.write("community.toml", toml(&format!("as-of = {as_of}"), TABLES, PROGRAMME).as_bytes());
        open(&written).run(&RunOptions::default()).unwrap()
    };
    let newest = open(&written).run(&RunOptions::default().dry_run(true)).unwrap();
    let newest: jiff::Timestamp = newest.info().as_of.parse().unwrap();
    let earlier = newest - jiff::SignedDuration::from_hours(24 * 40);
    let shoutouts = |run: &Run| -> Vec<String> {
        let awards = run.awards().iter().filter(|award| award.kind == groundswell::Kind::Shoutout);
        awards.map(|award| award.member.clone()).collect()
    };
    // First the later moment, dry: nobody has a history.
    let fresh = open(&written).run(&RunOptions::default().dry_run(true)).unwrap();
    let before = at(&earlier.to_string());
    assert!(!shoutouts(&before).is_empty());
    let after = at(&newest.to_string());
    assert_ne!(after.info().receipt, fresh.info().receipt);
    assert_ne!(after.info().period, before.info().period);
    let again: Vec<_> =
        shoutouts(&after).into_iter().filter(|member| shoutouts(&before).contains(member)).collect();
    assert_eq!(again, Vec::<String>::new());
    // The same period again decides by the same history.
    let rerun = at(&newest.to_string());
    assert_eq!(rerun.info().receipt, after.info().receipt);
    assert_eq!(findings(&rerun), findings(&after));
}

#[test]
fn two_processes_worth_of_runs_at_once_give_every_award_once() {
    let written = planted(300, "", PROGRAMME);
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let run = || open(&written).run(&RunOptions::default().threads(1)).unwrap();
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for at in 0..runs[0].awards().len() {
        assert_eq!(runs.iter().filter(|run| run.awards()[at].new).count(), 1);
    }
    assert!(runs.iter().all(|run| run.info().receipt == runs[0].info().receipt));
}

fn attacker(name: &str) -> Vec<u8> {
    groundswell_attackers::all().iter().find(|attacker| attacker.name == name).unwrap().bytes()
}

#[test]
fn a_fault_records_nothing_and_the_next_run_works() {
    let written = planted(300, "", "");
    written.write("attacker.wasm", &attacker("unknown-award"));
    let lines = PROGRAMME.replacen("\"regulars\"", "\"attacker.wasm\"", 1);
    written.write("community.toml", toml("", TABLES, &lines).as_bytes());
    let error = open(&written).run(&RunOptions::default()).unwrap_err();
    assert!(error.is_plugin_fault() && matches!(error, Error::Plugin(_)), "{error}");
    assert!(error.to_string().starts_with("plugin unknown-award "), "{error}");
    assert!(!written.path(".groundswell/ledger.sqlite").exists());
    assert!(!written.path(".groundswell/runs").exists());
    written.write("community.toml", toml("", TABLES, PROGRAMME).as_bytes());
    let run = open(&written).run(&RunOptions::default()).unwrap();
    assert!(!run.awards().is_empty() && run.awards().iter().all(|award| award.new));
}

#[test]
fn a_lone_row_of_the_future_does_not_decide_what_is_recorded() {
    let rows = "ada,answer,2020-01-01,bob\nbob,answer,2020-01-02,ada\nada,answer,2099-07-01T12:00:00Z,bob\n";
    let told = |rows: &str, community: &str, options: &RunOptions| {
        let written = of_activities(community, rows, PROGRAMME);
        let outcome = open(&written).run(options);
        let recorded = written.path(".groundswell/ledger.sqlite").exists();
        (
            outcome
                .map(|run| run.info().as_of.clone())
                .map_err(|error| written.normalised(&error.to_string())),
            recorded,
        )
    };
    let plain = RunOptions::default();
    let (refused, recorded) = told(rows, "", &plain);
    assert!(!recorded);
    insta::assert_snapshot!(refused.unwrap_err(), @"the newest row of the data, activities.csv, line 4, lies at 2099-07-01T12:00:00Z, which is yet to come, and without `as-of` a run looks from there: nothing was recorded; mend the row, or write `as-of` in [community] of [folder]/community.toml");
    let dry = told(rows, "", &plain.clone().dry_run(true));
    assert_eq!(dry, (Ok("2099-07-01T12:00:00Z".to_owned()), false));
    let written = told(rows, "as-of = 2020-02-01", &plain);
    assert_eq!(written, (Ok("2020-02-01T00:00:00Z".to_owned()), true));
    let meant = told(rows, "as-of = 2099-07-01T12:00:00Z", &plain);
    assert_eq!(meant, (Ok("2099-07-01T12:00:00Z".to_owned()), true));
    // Elsewhere on earth it may be tomorrow already.
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(20);
    let (outcome, recorded) = told(&format!("ada,answer,{soon},bob\n"), "", &plain);
    assert!(outcome.is_ok() && recorded, "{outcome:?}");
    // Rows with the same id have other numbers once those too many are gone.
    let ids = "1,ada,answer,2020-01-01,bob\n1,ada,answer,2020-01-01,bob\n2,bob,answer,2099-07-01,ada\n";
    let other = of_activities("", "", PROGRAMME);
    other.write("activities.csv", format!("id,actor,verb,at,recipient\n{ids}").as_bytes());
    let error = open(&other).run(&plain).unwrap_err().to_string();
    assert!(error.contains("activities.csv, line 4,"), "{error}");
}

#[test]
fn more_threads_than_are_good_count_as_fewer() {
    let written = planted(300, "", PROGRAMME);
    let many = open(&written).run(&RunOptions::default().threads(2_000).partitions(5_000)).unwrap();
    let one = open(&written).run(&RunOptions::default().threads(1)).unwrap();
    assert_eq!(findings(&many), findings(&one));
}

#[test]
fn a_plugin_replaced_between_two_runs_is_the_next_one_s() {
    let written = planted(300, "", "");
    let toml = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let toml = toml.replace("plugin = \"regulars\"", "plugin = \"own.wasm\"");
    written.write("community.toml", toml.as_bytes());
    let old = groundswell_plugins::REGULARS;
    // The same with a custom section at its end: other bytes, another component.
    let new = [old, &[0, 2, 1, b'x']].concat();
    let replace = {
        let (fresh, place, new) = (written.path("fresh.wasm"), written.path("own.wasm"), new.clone());
        move || std::fs::write(&fresh, &new).and_then(|()| std::fs::rename(&fresh, &place)).unwrap()
    };
    written.write("own.wasm", old);
    let community = open(&written);
    let plain = RunOptions::default().dry_run(true);
    let before = community.run(&plain).unwrap();
    let scoring = Arc::new(move |progress: &groundswell::Progress| {
        if progress.stage == Stage::Score {
            replace();
        }
    });
    let under_way = community.run(&plain.clone().progress(scoring)).unwrap();
    let after = community.run(&plain).unwrap();
    let hash = |run: &Run| run.info().plugin.hash.clone();
    assert_eq!(hash(&before), blake3::hash(old).to_hex().as_str());
    assert_eq!((&hash(&under_way), &under_way.info().receipt), (&hash(&before), &before.info().receipt));
    assert_eq!(hash(&after), blake3::hash(&new).to_hex().as_str());
    assert_ne!(after.info().receipt, before.info().receipt);
}

#[test]
fn a_plugin_that_refuses_its_settings_points_to_them() {
    let polite = attacker("polite-problem");
    let told = |lines: &str| {
        let written = of_activities("", "ada,answer,2020-01-01,bob\n", "");
        written.write("polite.wasm", &polite);
        written.write("script.wasm", b"#!/bin/sh");
        written.write("core.wasm", b"\0asm\x01\0\0\0");
        written.write("cut-off.wasm", polite.get(..1_000).unwrap());
        let toml = std::fs::read_to_string(written.path("community.toml")).unwrap();
        let toml = toml.replace("plugin = \"regulars\"", lines);
        written.write("community.toml", toml.as_bytes());
        let error = open(&written).run(&RunOptions::default()).unwrap_err();
        assert_eq!(error.location().is_none(), error.is_plugin_fault(), "{error}");
        written.normalised(&error.to_string())
    };
    insta::assert_snapshot!(told("plugin = \"polite.wasm\"\nsettings = { answer-weight = 3.0 }"), @"[folder]/community.toml:9:1: plugin polite-problem 0.1.0 refuses its settings: answer-weight is 3, but no weight is right today: try tomorrow; change them in [definitions.regulars.settings]");
    insta::assert_snapshot!(told("plugin = \"polite.wasm\""), @"[folder]/community.toml:7:14: plugin polite-problem 0.1.0 refuses its settings: answer-weight is 2, but no weight is right today: try tomorrow; change them in [definitions.regulars.settings]");
    insta::assert_snapshot!(told("plugin = \"script.wasm\""), @"[folder]/community.toml:8:10: [folder]/script.wasm: this is not WebAssembly; build the plugin with `groundswell plugin build FOLDER`");
    insta::assert_snapshot!(told("plugin = \"core.wasm\""), @"[folder]/community.toml:8:10: [folder]/core.wasm: this is a core module, not a component; build the plugin with `groundswell plugin build FOLDER`");
    let cut_off = told("plugin = \"cut-off.wasm\"");
    assert!(cut_off.starts_with("[folder]/cut-off.wasm: the component is damaged or cut off: "), "{cut_off}");
}

/// The rows of a large community's members, follows and activities: few rows a member, and every input of the
/// definition in use.
fn large(members: u64) -> [Vec<String>; 3] {
    let mut random = Random(7);
    let people = (0..members).map(|member| {
        let role = ["", "", "", "staff", "bot"][random.below(50).saturating_sub(45) as usize];
        let opted_out = random.below(100) == 0;
        format!(
            "m{member},{},{role},{},{opted_out}",
            1_500_000_000 + random.below(60_000_000),
            random.below(5_000)
        )
    });
    let people = people.collect();
    let follows = (0..members)
        .map(|follower| {
            let (near, far) = (random.below(members / 40 + 1), random.below(40));
            format!("m{follower},m{},", near * far)
        })
        .collect();
    let verbs = ["ask", "answer", "answer", "answer", "accept", "like", "thank", "endorse", "reply"];
    let activities = (0..members * 5 / 2)
        .map(|id| {
            // Some are far more active than others.
            let bound = [members, members, members / 100, members / 1_000][random.below(4) as usize];
            let actor =
                if random.below(50) == 0 { String::new() } else { format!("m{}", random.below(bound)) };
            let verb = verbs[random.below(9) as usize];
            let bound = [members, members / 200][random.below(2) as usize];
            let recipient = random.below(bound);
            format!("a{id},{actor},{verb},{},m{recipient},answer", 1_590_000_000 - random.below(30_000_000))
        })
        .collect();
    [people, follows, activities]
}

fn shuffled(mut rows: Vec<String>) -> Vec<String> {
    let mut random = Random(1);
    for at in (1..rows.len()).rev() {
        rows.swap(at, random.below(at as u64 + 1) as usize);
    }
    rows
}

#[test]
fn threads_partitions_and_the_order_of_rows_change_nothing() {
    const HEADERS: [(&str, &str); 3] = [
        ("members.csv", "id,joined_at,role,external_followers,opted_out"),
        ("follows.csv", "follower,followed,since"),
        ("activities.csv", "id,actor,verb,at,recipient,object_kind"),
    ];
    let tables = large(200_000);
    let written = Community::new(&[]);
    let write = |tables: &[Vec<String>; 3]| {
        for ((name, header), rows) in HEADERS.iter().zip(tables) {
            written.write(name, format!("{header}\n{}\n", rows.join("\n")).as_bytes());
        }
    };
    write(&tables);
    let lines = "[sources.tables]\nmembers = \"members.csv\"\nfollows = \"follows.csv\"\nactivities = \"activities.csv\"\n";
    written.write("community.toml", toml("", lines, PROGRAMME).as_bytes());
    let host = host();
    let run = |options: RunOptions| {
        host.open(written.path("community.toml")).unwrap().run(&options.dry_run(true)).unwrap()
    };
    let first = run(RunOptions::default().threads(1).partitions(1));
    assert!(first.info().population > 150_000 && !first.awards().is_empty());
    write(&tables.map(shuffled));
    let second = run(RunOptions::default().threads(2).partitions(8));
    assert_eq!(first.info(), second.info());
    assert_eq!(first.awards(), second.awards());
    assert_eq!(first.tiers(), second.tiers());
    assert_eq!(first.members().len(), second.members().len());
    for (left, right) in first.members().zip(second.members()) {
        assert_eq!((left.member, left.rank, left.tier), (right.member, right.rank, right.tier));
        assert_eq!(left.score.to_bits(), right.score.to_bits());
        assert_eq!(left.percentile.to_bits(), right.percentile.to_bits());
        for (left, right) in left.contributions().zip(right.contributions()) {
            assert_eq!(left.contribution.to_bits(), right.contribution.to_bits());
            assert_eq!(left, right);
        }
        assert_eq!(left.reasons(), right.reasons());
    }
}

#[test]
fn a_run_can_be_stopped_at_every_stage_and_records_nothing_then() {
    use Stage::{Decide, Explain, Metrics, Place, Read, Score, Snapshot, Write};
    for stage in [Read, Snapshot, Metrics, Score, Place, Explain, Decide, Write] {
        let written = planted(60, "", PROGRAMME);
        let cancel = Cancel::new();
        let stopping = cancel.clone();
        let options = RunOptions::default().cancel(cancel).progress(Arc::new(move |progress| {
            if progress.stage == stage {
                stopping.cancel();
            }
        }));
        let error = open(&written).run(&options).unwrap_err();
        assert!(error.is_stopped(), "{stage}: {error}");
        assert!(!written.path(".groundswell/ledger.sqlite").exists(), "{stage}");
        let run = open(&written).run(&RunOptions::default()).unwrap();
        assert!(run.awards().iter().all(|award| award.new), "{stage}");
    }
    let past = RunOptions::default().deadline(std::time::Instant::now());
    assert!(open(&planted(60, "", PROGRAMME)).run(&past).unwrap_err().is_stopped());
}

#[test]
fn a_run_on_a_thread_of_its_own_leaves_the_callers_cancel_alone() {
    let cancel = Cancel::new();
    let written = planted(60, "", "");
    let community = open(&written);
    let begin = || community.spawn_run(RunOptions::default().dry_run(true).cancel(cancel.clone()));
    begin().wait().unwrap();
    drop(begin());
    assert!(!cancel.is_cancelled());
    begin().wait().unwrap();
    cancel.cancel();
    assert!(begin().wait().unwrap_err().is_stopped());
}

#[test]
fn an_excluded_role_that_nobody_has_is_told() {
    let notes = |roles: &str| {
        let written = planted(60, &format!("exclude-roles = {roles}"), "");
        open(&written).run(&RunOptions::default().dry_run(true)).unwrap().info().notes.join("\n")
    };
    assert_eq!(notes("[\"bot\"]"), "");
    insta::assert_snapshot!(notes("[\"BOT\", \"visitor-from-elsewhere\"]"), @r"
    exclude-roles: no member has the role `BOT`
    exclude-roles: no member has the role `visitor-from-elsewhere`
    ");
}

#[test]
fn a_ledger_that_never_was_is_not_missed() {
    // The same community, with a programme and without.
    let written = planted(60, "", "");
    let with_programme = planted(60, "", PROGRAMME);
    let plain = std::fs::read(written.path("community.toml")).unwrap();
    let rewarding = std::fs::read(with_programme.path("community.toml")).unwrap();
    let notes = |toml: &[u8], as_of: &str| {
        written.write("community.toml", toml);
        let mut config = open(&written).config().clone();
        config.community.as_of = Some(as_of.parse().unwrap());
        let run = host().open_config(config).run(&RunOptions::default()).unwrap();
        run.info().notes.join("\n")
    };
    assert_eq!(notes(&plain, "2024-12-01T00:00:00Z"), "");
    assert_eq!(notes(&plain, "2024-12-02T00:00:00Z"), "");
    assert!(!written.path(".groundswell/ledger.sqlite").exists());
    assert_eq!(notes(&rewarding, "2024-12-03T00:00:00Z"), "", "there were no awards before");
    assert_eq!(notes(&rewarding, "2024-12-04T00:00:00Z"), "");
    for file in ["ledger.sqlite", "ledger.heads"] {
        std::fs::remove_file(written.path(".groundswell").join(file)).unwrap();
    }
    assert_eq!(notes(&plain, "2024-12-05T00:00:00Z"), "", "this run gives nothing");
    assert!(notes(&rewarding, "2024-12-06T00:00:00Z").starts_with("there are results of other runs"));
}

#[test]
fn a_ledger_that_got_lost_is_told_where_results_show_that_there_was_one() {
    let written = planted(60, "", PROGRAMME);
    let community = open(&written);
    let notes = |as_of: Option<&str>| {
        let mut config = community.config().clone();
        config.community.as_of = as_of.map(|as_of| as_of.parse().unwrap()).or(config.community.as_of);
        let run = host().open_config(config).run(&RunOptions::default()).unwrap();
        written.normalised(&run.info().notes.join("\n"))
    };
    assert_eq!(notes(None), "");
    assert_eq!(notes(Some("2024-12-01T00:00:00Z")), "");
    written.write(".groundswell/ledger.sqlite", b"");
    // As long as the heads beside it tell that there was one, nothing is given again, nor planned.
    for options in [RunOptions::default(), RunOptions::default().dry_run(true)] {
        let refused = written.normalised(&community.run(&options).unwrap_err().to_string());
        let refused = refused.split(" as ledger.heads").next().unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"cannot write the ledger [folder]/.groundswell/ledger.sqlite: it has 0 entries and had 10,");
        }
    }
    std::fs::remove_file(written.path(".groundswell/ledger.heads")).unwrap();
    insta::assert_snapshot!(notes(None), @"there are results of other runs, and the ledger was empty: what it gave before is given again. Where it got lost, restore a backup of [folder]/.groundswell/ledger.sqlite and run anew");
}
