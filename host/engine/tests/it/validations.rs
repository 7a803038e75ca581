//! What a run would find, without running.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use groundswell::{Cancel, Host, Progress, RunOptions, Stage, Validation};

use crate::community::{Community, toml};
use crate::planted::host;

fn validate(community: &Community, options: &RunOptions) -> Validation {
    host().open(community.path("community.toml")).unwrap().validate(options).unwrap()
}

fn problems(community: &Community, host: &Host) -> String {
    let validation = host.open(community.path("community.toml")).unwrap().validate(&RunOptions::default());
    let told: Vec<String> = validation.unwrap().problems.iter().map(ToString::to_string).collect();
    community.normalised(&told.join("\n"))
}

/// Three tables, of which one has rows that cannot be used.
fn community() -> Community {
    let tables = [
        ("members", "\"members.csv\""),
        ("activities", "[\"a.csv\", \"b.csv\"]"),
        ("conversions", "\"conversions.csv\""),
    ];
    Community::new(&[
        ("community.toml", toml(&tables, "10%").as_bytes()),
        ("members.csv", b"id,team\nada,red\nbob,\n"),
        ("a.csv", b"id,actor,verb,at\n1,ada,post,2020-01-01\n2,bob,x-hug,2020-01-02\n3,bob,post,soon\n"),
        ("b.csv", b"id,actor,verb,at\n1,ada,post,2020-01-01\n4,bob,liek,2020-01-02\n"),
        ("conversions.csv", b"member,at\nada,1590926400000\n"),
    ])
}

#[test]
fn every_table_is_read_to_its_end_and_nothing_is_written() {
    let community = community();
    let validation = validate(&community, &RunOptions::default());
    let mut told = serde_json::to_value(&validation).unwrap();
    // Another compiler makes another plugin.
    told["plugins"][0]["plugin"]["hash"] = "[hash]".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&told).unwrap());
    assert!(!validation.is_fine());
    assert!(!community.path(".groundswell").exists());
}

#[test]
fn progress_counts_the_bytes_of_all_tables_and_cancelling_ends_it() {
    let community = community();
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let heard = Arc::clone(&told);
    let options = RunOptions::default()
        .progress(Arc::new(move |progress| heard.lock().unwrap().push(progress.clone())));
    validate(&community, &options);
    let told = told.lock().unwrap();
    let bytes: u64 = ["members.csv", "a.csv", "b.csv", "conversions.csv"]
        .map(|name| std::fs::metadata(community.path(name)).unwrap().len())
        .into_iter()
        .sum();
    let last = told.last().unwrap();
    assert_eq!((last.stage, last.done, last.total), (Stage::Read, bytes, Some(bytes)));
    assert!(told.windows(2).all(|two| two[0].done <= two[1].done), "{told:?}");
    let cancel = Cancel::new();
    cancel.cancel();
    let options = RunOptions::default().cancel(cancel);
    let stopped = host().open(community.path("community.toml")).unwrap().validate(&options).unwrap_err();
    assert!(stopped.is_stopped(), "{stopped}");
}

#[test]
fn what_a_run_would_refuse_is_a_problem() {
    let of = |toml: &str| {
        let community = Community::of_toml(toml);
        community.write("follows.csv", b"follower,followed\nada,bob\n");
        community.write("later.csv", b"actor,verb,at\nada,post,2100-01-01\n");
        problems(&community, &host())
    };
    let base = "[community]\nname = \"c\"\n";
    let rest = "[definitions.regulars]\nplugin = \"regulars\"\n";
    let programme = "[programme]\nplugin = \"regulars\"\ndefinition = \"regulars\"\n";
    insta::assert_snapshot!(of(&format!("{base}{rest}")), @r#"[folder]/community.toml:1:1: the community has no data: [sources.tables] names none; add the lines `[sources.tables]` and `activities = "activities.csv"`"#);
    insta::assert_snapshot!(of(&format!("{base}[sources.tables]\nfollows = \"follows.csv\"\n{rest}")), @r"
    the data of [folder]/community.toml has neither activities nor conversions, so there is no newest time to look from; set `as-of` in [community]
    plugin regulars 0.1.0 needs the metric `weeks-active-share`, which takes activities.actor: the data of [folder]/community.toml does not have that; add it to the tables, or use a definition that can do without
    ");
    insta::assert_snapshot!(of(&format!("{base}[sources.tables]\nfollows = \"follows.csv\"\nactivities = \"none.csv\"\n{rest}")), @"[folder]/community.toml:5:14: activities: there is no file `none.csv`; paths start at the folder of [folder]/community.toml");
    insta::assert_snapshot!(of(&format!("{base}[sources.tables]\nactivities = \"later.csv\"\n{rest}{programme}")), @"the newest row of the data, later.csv, line 2, lies at 2100-01-01T00:00:00Z, which is yet to come, and without `as-of` a run looks from there: nothing was recorded; mend the row, or write `as-of` in [community] of [folder]/community.toml");
    insta::assert_snapshot!(of(&format!("{base}[sources.tables]\nactivities = \"later.csv\"\n{rest}settings = {{ trust-share = 7.0 }}\n[definitions.none]\nplugin = \"regulers\"\n")), @r"
    [folder]/community.toml:9:10: there is no bundled plugin `regulers` and no file [folder]/regulers; did you mean `regulars`?
    [folder]/community.toml:7:28: plugin regulars 0.1.0: setting `trust-share` cannot be 7: above the most allowed, 1
    ");
    let community = community();
    let mut config = community.config().unwrap();
    config.definitions.clear();
    let validation = host().open_config(config).validate(&RunOptions::default()).unwrap();
    let last = validation.problems.last().unwrap().to_string();
    insta::assert_snapshot!(community.normalised(&last), @r#"[folder]/community.toml:9:2: there is no definition to run; add one: [definitions.regulars] with plugin = "regulars""#);
}

/// Members with roles and a team, who do next to nothing.
fn with_roles(rest: &str) -> Community {
    let community = Community::of_toml(&format!(
        "[community]\nname = \"c\"\n[sources.tables]\nmembers = \"members.csv\"\nactivities = \"activities.csv\"\n{rest}"
    ));
    community.write("members.csv", b"id,role,team\nada,staff,red\nbob,elder,blue\ncem,,red\ndee,bot,\n");
    community.write(
        "activities.csv",
        b"actor,verb,at,recipient\nada,endorse,2020-01-01,bob\ndee,post,2020-01-02,\n",
    );
    community
}

#[test]
fn what_plugins_refuse_of_their_settings_is_told_in_their_words_as_a_run_tells_it() {
    const PLAIN: &str = "[definitions.regulars]\nplugin = \"regulars\"\n";
    let told = |rest: &str| {
        let community = with_roles(rest);
        let validated = problems(&community, &host());
        let run = host().open(community.path("community.toml")).unwrap().run(&RunOptions::default());
        (validated, run.map_err(|error| community.normalised(&error.to_string())))
    };
    let trust = |settings: &str| {
        format!(
            "[definitions.mine]\nplugin = \"regulars\"\n[metrics.trust]\nplugin = \"fading-trust\"\nsettings = {{ {settings} }}\n"
        )
    };
    let said = [
        told(&trust("pre-trusted = \"eldre\"")).0,
        told(&trust("pre-trusted = \"elder\"")).0,
        // Excluded members reach no plugin.
        told(&trust("pre-trusted = \"bot\"")).0,
        told(&trust("verb = \"endorze\"")).0,
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    [folder]/community.toml:10:1: plugin fading-trust 0.1.0 refuses its settings: `pre-trusted` is "eldre", and no member has that role: roles are elder, staff; change them in [metrics.trust.settings]

    [folder]/community.toml:10:1: plugin fading-trust 0.1.0 refuses its settings: `pre-trusted` is "bot", and no member has that role: roles are elder, staff; change them in [metrics.trust.settings]
    [folder]/community.toml:10:1: plugin fading-trust 0.1.0 looks at the verb `endorze`, which there is not: is `endorse` meant?
    "#);
    // Where members cannot be read, their roles are not known.
    let unread = with_roles(&trust("pre-trusted = \"eldre\""));
    std::fs::remove_file(unread.path("members.csv")).unwrap();
    insta::assert_snapshot!(problems(&unread, &host()), @"[folder]/community.toml:4:11: members: there is no file `members.csv`; paths start at the folder of [folder]/community.toml");
    let (validated, run) = told(
        "[definitions.mine]\nplugin = \"regulars\"\nsettings = { audience-floor = 900, ceiling = 20 }\n",
    );
    insta::assert_snapshot!(validated, @"[folder]/community.toml:8:1: plugin regulars 0.1.0 refuses its settings: audience-floor is 900, above ceiling, which is 20: nobody could be a micro-influencer, so raise ceiling or lower audience-floor; change them in [definitions.mine.settings]");
    assert_eq!(run.unwrap_err(), validated);
    assert_eq!(told(PLAIN).0, "");
    assert_eq!(
        told(&format!("{PLAIN}[programme]\nplugin = \"regulars\"\ndefinition = \"regulars\"\n")).0,
        ""
    );
}

#[test]
fn awards_that_are_not_for_roles_that_nobody_has_are_told() {
    let terms = |roles: &str| {
        format!(
            "[definitions.regulars]\nplugin = \"regulars\"\n[programme]\nplugin = \"regulars\"\ndefinition = \"regulars\"\n\
             [[programme.award]]\naward = \"first-shoutout\"\nnot-for = [{roles}]\n"
        )
    };
    let notes = |community: &Community| validate(community, &RunOptions::default()).notes.join("\n");
    assert_eq!(notes(&with_roles(&terms("\"staff\", \"elder\""))), "");
    let mistyped = with_roles(&terms("\"staff\", \"stuff\", \"moderator\""));
    insta::assert_snapshot!(notes(&mistyped), @r"
    [[programme.award]] `first-shoutout` is not for `stuff`, and nobody in the data has that role; is `staff` meant?
    [[programme.award]] `first-shoutout` is not for `moderator`, and nobody in the data has that role; roles are `elder` and `staff`
    ");
    // It is doubtful and no more.
    assert!(validate(&mistyped, &RunOptions::default()).is_fine());
    let without = with_roles(&terms("\"staff\""));
    without.write("members.csv", b"id,team\nada,red\n");
    let run = host().open(without.path("community.toml")).unwrap().run(&RunOptions::default()).unwrap_err();
    assert_eq!(problems(&without, &host()), without.normalised(&run.to_string()));
}
