//! What `community.toml` may say, and what it is told when it says something else.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::community::Community;
use groundswell::{Config, MaxRejected, Mode, Period, PopulationKind, Table, Value, Window};

const SMALLEST: &str = r#"
[community]
name = "small"
[sources.tables]
activities = "activities.csv"
[definitions.regulars]
plugin = "regulars"
"#;

/// The error of the smallest community with `wanted` in place of `instead_of`, its place, and the text it points at.
fn error(instead_of: &str, wanted: &str) -> String {
    assert!(SMALLEST.contains(instead_of));
    let community = Community::of_toml(&SMALLEST.replacen(instead_of, wanted, 1));
    let error = community.snapshot().unwrap_err();
    let location = error.location().unwrap();
    let pointed_at = &location.text[location.span.clone()];
    community.normalised(&format!("{error}\n--> {pointed_at}"))
}

#[test]
fn what_is_not_said_has_a_default() {
    let community = Community::of_toml(SMALLEST);
    let config = community.config().unwrap();
    assert_eq!(config.community.name, "small");
    assert_eq!(config.community.as_of, None);
    assert_eq!(config.community.window, Window::Days(365));
    assert_eq!(config.community.population, PopulationKind::Active);
    assert_eq!(config.community.exclude_roles, ["bot"]);
    assert_eq!(config.community.time_zone.iana_name(), Some("UTC"));
    assert_eq!(config.community.state, community.path(".groundswell"));
    assert_eq!(config.sources.max_rejected, MaxRejected::Percent(1.0));
    assert_eq!(config.sources.tables[&Table::Activities], ["activities.csv"]);
    assert!(config.definitions["regulars"].settings.is_empty());
    assert!(config.programme.is_none());
    assert_eq!(config.limits.mode, Mode::Strict);
    assert_eq!(config.limits.batch_size, None);
}

#[test]
fn everything_can_be_said() {
    let community = Community::of_toml(
        r#"
        [community]
        name = "beer"
        as-of = 2020-05-31T02:00:00+02:00
        window = "all"
        population = "all"
        exclude-roles = ["bot", "staff"]
        time-zone = "Europe/Berlin"
        state = "kept"
        [sources]
        max-rejected = 12
        [sources.tables]
        members = "members.csv"
        follows = ["a.csv", "b.csv"]
        activities = "activities-*.csv.gz"
        conversions = "conversions.csv"
        [definitions.loud-voices2]
        plugin = "loud.wasm"
        settings = { ceiling = 0.99, floor = 10, strict = true, word = "most" }
        grants = ["team"]
        [programme]
        plugin = "regulars"
        definition = "loud-voices2"
        period = "quarter"
        [programme.settings]
        share = 0.5
        [limits]
        mode = "strict"
        batch-size = 4096
        "#,
    );
    let config = community.config().unwrap();
    assert_eq!(config.community.as_of.unwrap().to_string(), "2020-05-31T00:00:00Z");
    assert_eq!(config.community.window, Window::All);
    assert_eq!(config.community.population, PopulationKind::All);
    assert_eq!(config.community.exclude_roles, ["bot", "staff"]);
    assert_eq!(config.community.time_zone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(config.community.state, community.path("kept"));
    assert_eq!(config.sources.max_rejected, MaxRejected::Rows(12));
    assert_eq!(config.sources.tables[&Table::Follows], ["a.csv", "b.csv"]);
    let definition = &config.definitions["loud-voices2"];
    assert_eq!(definition.settings["ceiling"], Value::Number(0.99));
    assert_eq!(definition.settings["floor"], Value::Integer(10));
    assert_eq!(definition.settings["strict"], Value::Boolean(true));
    assert_eq!(definition.settings["word"], Value::Text("most".to_owned()));
    assert_eq!(definition.grants, ["team"]);
    let programme = config.programme.as_ref().unwrap();
    assert_eq!(programme.period, Period::Quarter);
    assert_eq!(programme.settings["share"], Value::Number(0.5));
    assert_eq!(config.limits.batch_size, Some(4096));

    let location = config.locate(&["definitions", "loud-voices2", "settings", "floor"]);
    assert_eq!(&location.text[location.span], "10");
    let location = config.locate(&["programme", "settings", "nothing"]);
    assert_eq!(&location.text[location.span], "settings");
}

#[test]
fn as_of_is_a_date_or_a_time_with_or_without_quotes() {
    for written in [
        "2020-05-31",
        "\"2020-05-31\"",
        "2020-05-31T00:00:00",
        "2020-05-31 00:00:00Z",
        "\"2020-05-31T00:00:00Z\"",
    ] {
        let text = SMALLEST.replace("name =", &format!("as-of = {written}\nname ="));
        let as_of = Community::of_toml(&text).config().unwrap().community.as_of;
        assert_eq!(
            as_of.map(|moment| moment.to_string()).as_deref(),
            Some("2020-05-31T00:00:00Z"),
            "{written}"
        );
    }
}

#[test]
fn unknown_keys_are_refused_and_the_nearest_known_one_suggested() {
    insta::assert_snapshot!(error("name =", "windwo = \"365d\"\nname ="), @"
    [folder]/community.toml:3:1: [community] has no key `windwo`; did you mean `window`?
    --> windwo
    ");
    insta::assert_snapshot!(error("name =", "exclude_roles = []\nname ="), @"
    [folder]/community.toml:3:1: [community] has no key `exclude_roles`; did you mean `exclude-roles`?
    --> exclude_roles
    ");
    insta::assert_snapshot!(error("name =", "colour = \"red\"\nname ="), @"
    [folder]/community.toml:3:1: [community] has no key `colour`; [community] has the keys `name`, `as-of`, `window`, `population`, `exclude-roles`, `count-left-out`, `time-zone`, `state`, `language` and `letters`
    --> colour
    ");
    insta::assert_snapshot!(error("[definitions.regulars]", "[program]\n[definitions.regulars]"), @"
    [folder]/community.toml:6:2: community.toml has no key `program`; did you mean `programme`?
    --> program
    ");
    insta::assert_snapshot!(error("activities =", "activitys ="), @"
    [folder]/community.toml:5:1: [sources.tables] has no key `activitys`; did you mean `activities`?
    --> activitys
    ");
    insta::assert_snapshot!(error("plugin =", "setings = {}\nplugin ="), @"
    [folder]/community.toml:7:1: [definitions.regulars] has no key `setings`; did you mean `settings`?
    --> setings
    ");
}

#[test]
fn mistyped_values_are_named() {
    insta::assert_snapshot!(error("\"small\"", "7"), @r#"
    [folder]/community.toml:3:8: `name` in [community] must be text, not a whole number; such as "beer"
    --> 7
    "#);
    insta::assert_snapshot!(error("name =", "window = 365\nname ="), @r#"
    [folder]/community.toml:3:10: `window` in [community] must be text, not a whole number; such as "365d" or "all"
    --> 365
    "#);
    insta::assert_snapshot!(error("name =", "exclude-roles = \"bot\"\nname ="), @r#"
    [folder]/community.toml:3:17: `exclude-roles` in [community] must be a list of texts, not text; such as ["bot"]
    --> "bot"
    "#);
    insta::assert_snapshot!(error("name =", "exclude-roles = [\"bot\", 1]\nname ="), @r#"
    [folder]/community.toml:3:25: each of `exclude-roles` in [community] must be text, not a whole number; such as ["bot"]
    --> 1
    "#);
    insta::assert_snapshot!(error("name =", "as-of = 1590883200\nname ="), @"
    [folder]/community.toml:3:9: `as-of` in [community] must be a date or time, not a whole number; such as 2020-05-31T00:00:00Z
    --> 1590883200
    ");
    insta::assert_snapshot!(error("\"activities.csv\"", "{ file = \"activities.csv\" }"), @r#"
    [folder]/community.toml:5:14: `activities` in [sources.tables] must be a path or a list of paths, not a table; such as "activities.csv"
    --> { file = "activities.csv" }
    "#);
    insta::assert_snapshot!(error("[sources.tables]", "[sources]\nmax-rejected = 0.5\n[sources.tables]"), @r#"
    [folder]/community.toml:5:16: `max-rejected` in [sources] must be a share or a number of rows, not a number with a point; such as "1%" or 100
    --> 0.5
    "#);
    insta::assert_snapshot!(error("plugin =", "settings = 3\nplugin ="), @"
    [folder]/community.toml:7:12: [definitions.regulars.settings] must be a table, not a whole number
    --> 3
    ");
    insta::assert_snapshot!(error("plugin =", "settings = { day = 2020-01-01 }\nplugin ="), @"
    [folder]/community.toml:7:20: the setting `day` cannot be a date or time; settings are true or false, numbers and texts
    --> 2020-01-01
    ");
    insta::assert_snapshot!(error("[definitions.regulars]", "[limits]\nbatch-size = \"8k\"\n[definitions.regulars]"), @r#"
    [folder]/community.toml:7:14: `batch-size` in [limits] must be a number of members, not text; such as 8192
    --> "8k"
    "#);
}

#[test]
fn values_out_of_range_say_what_may_stand_there() {
    insta::assert_snapshot!(error("\"small\"", "\" \""), @r#"
    [folder]/community.toml:3:8: `name` must be a line of text that is not blank; such as "beer"
    --> " "
    "#);
    insta::assert_snapshot!(error("name =", "window = \"1y\"\nname ="), @r#"
    [folder]/community.toml:3:10: `window` cannot be "1y"; write a number of days, such as "365d", or "all"
    --> "1y"
    "#);
    insta::assert_snapshot!(error("name =", "window = \"0d\"\nname ="), @r#"
    [folder]/community.toml:3:10: `window` cannot be "0d"; write a number of days, such as "365d", or "all"
    --> "0d"
    "#);
    insta::assert_snapshot!(error("name =", "population = \"activ\"\nname ="), @r#"
    [folder]/community.toml:3:14: `population` cannot be "activ"; did you mean "active"?
    --> "activ"
    "#);
    insta::assert_snapshot!(error("name =", "as-of = \"last week\"\nname ="), @r#"
    [folder]/community.toml:3:9: `as-of` is no date or time: "last week"; write it as 2020-05-31T00:00:00Z or 2020-05-31
    --> "last week"
    "#);
    insta::assert_snapshot!(error("name =", "as-of = 0001-01-01\nname ="), @"
    [folder]/community.toml:3:9: `as-of` lies outside the years 1678 to 2261: 0001-01-01; write it as 2020-05-31T00:00:00Z or 2020-05-31
    --> 0001-01-01
    ");
    insta::assert_snapshot!(error("name =", "time-zone = \"Europe/Berlim\"\nname ="), @r#"
    [folder]/community.toml:3:13: no time zone is called "Europe/Berlim"; did you mean "Europe/Berlin"?
    --> "Europe/Berlim"
    "#);
    insta::assert_snapshot!(error("name =", "time-zone = \"here\"\nname ="), @r#"
    [folder]/community.toml:3:13: no time zone is called "here"; write a name of the IANA database, such as "Europe/Berlin"
    --> "here"
    "#);
    insta::assert_snapshot!(error("[sources.tables]", "[sources]\nmax-rejected = \"101%\"\n[sources.tables]"), @r#"
    [folder]/community.toml:5:16: `max-rejected` must be a share from "0%" to "100%" or a number of rows from 0 on; such as "1%" or 100
    --> "101%"
    "#);
    insta::assert_snapshot!(error("[sources.tables]", "[sources]\nmax-rejected = -1\n[sources.tables]"), @r#"
    [folder]/community.toml:5:16: `max-rejected` must be a share from "0%" to "100%" or a number of rows from 0 on; such as "1%" or 100
    --> -1
    "#);
    insta::assert_snapshot!(error("\"activities.csv\"", "[]"), @r#"
    [folder]/community.toml:5:14: `activities` names no file; name at least one file, such as "activities.csv", or leave `activities` out
    --> []
    "#);
    insta::assert_snapshot!(error("plugin =", "settings = { ceiling = nan }\nplugin ="), @"
    [folder]/community.toml:7:24: `ceiling` is too large a number or none at all; write a finite number of at most 64 bits
    --> nan
    ");
    insta::assert_snapshot!(error("plugin =", "settings = { ceiling = 99999999999999999999 }\nplugin ="), @"
    [folder]/community.toml:7:24: `ceiling` is too large a number or none at all; write a finite number of at most 64 bits
    --> 99999999999999999999
    ");
    insta::assert_snapshot!(error("[definitions.regulars]", "[limits]\nbatch-size = 0\n[definitions.regulars]"), @"
    [folder]/community.toml:7:14: `batch-size` must be from 1 to 1000000; such as 8192
    --> 0
    ");
    insta::assert_snapshot!(error("[definitions.regulars]", "[limits]\nmode = \"strikt\"\n[definitions.regulars]"), @r#"
    [folder]/community.toml:7:8: `mode` cannot be "strikt"; did you mean "strict"?
    --> "strikt"
    "#);
    insta::assert_snapshot!(error("definitions.regulars", "definitions.Loud_Voices"), @"
    [folder]/community.toml:6:14: a definition cannot be called `Loud_Voices`; use lowercase letters, digits and single hyphens between them, such as `loud-voices`
    --> Loud_Voices
    ");
}

#[test]
fn every_limit_can_be_set_within_its_range_and_nothing_else() {
    let limits = |lines: &str| format!("[limits]\n{lines}\n[definitions.regulars]");
    let all: Vec<_> = groundswell::Limits::all().iter().filter(|limit| limit.name != "instances").collect();
    let lines: String = all.iter().map(|limit| format!("{} = {}\n", limit.name, limit.least)).collect();
    let text = SMALLEST.replace("[definitions.regulars]", &limits(&format!("mode = \"fast\"\n{lines}")));
    let config = groundswell::Config::parse("community.toml", &text).unwrap();
    assert_eq!(config.limits.mode, Mode::Fast);
    assert_eq!(config.limits.changed.len(), all.len());
    assert!(all.iter().all(|limit| config.limits.changed[limit.name] == limit.least));

    let told = |lines: &str| error("[definitions.regulars]", &limits(lines));
    assert!(
        told("fuel-per-cal = 3")
            .contains("[limits] has no key `fuel-per-cal`; did you mean `fuel-per-call`?")
    );
    assert!(told("stack-bytes = 1").contains("limit `stack-bytes` cannot be 1: it is from 16,384 to "));
    assert!(told("log-lines = -1").contains("`log-lines` must be a whole number from 0 on; such as 100"));
    assert!(
        told("memory-bytes = \"64 MiB\"")
            .contains("`memory-bytes` in [limits] must be a number of bytes, not text"),
        "{}",
        told("memory-bytes = \"64 MiB\"")
    );
    assert!(told("instances = 3").contains("[limits] has no key `instances`"));
}

#[test]
fn what_is_needed_and_missing_is_shown_as_lines_to_add() {
    insta::assert_snapshot!(error("[community]\nname = \"small\"\n", ""), @r#"
    [folder]/community.toml:1:1: there is no [community]; begin the file with the lines `[community]` and `name = "my-community"`
    -->
    "#);
    insta::assert_snapshot!(error("name = \"small\"\n", ""), @r#"
    [folder]/community.toml:2:1: [community] lacks `name`; write, for example, name = "beer"
    --> [community]
    "#);
    insta::assert_snapshot!(error("activities = \"activities.csv\"\n", ""), @r#"
    [folder]/community.toml:4:10: the community has no data: [sources.tables] names none; add the lines `[sources.tables]` and `activities = "activities.csv"`
    --> tables
    "#);
    insta::assert_snapshot!(error("[sources.tables]\nactivities = \"activities.csv\"\n", ""), @r#"
    [folder]/community.toml:1:1: the community has no data: [sources.tables] names none; add the lines `[sources.tables]` and `activities = "activities.csv"`
    -->
    "#);
    insta::assert_snapshot!(error("plugin = \"regulars\"", ""), @r#"
    [folder]/community.toml:6:1: [definitions.regulars] lacks `plugin`; write, for example, plugin = "regulars"
    --> [definitions.regulars]
    "#);
    insta::assert_snapshot!(error("[definitions.regulars]\nplugin = \"regulars\"\n", ""), @r#"
    [folder]/community.toml:6:1: the community has no definition to score members by; add the lines `[definitions.regulars]` and `plugin = "regulars"`
    -->
    "#);
}

#[test]
fn a_programme_needs_a_definition_that_is_there() {
    let programme =
        |text: &str| error("[definitions.regulars]", &format!("[programme]\n{text}\n[definitions.regulars]"));
    insta::assert_snapshot!(programme("plugin = \"regulars\""), @r#"
    [folder]/community.toml:6:1: [programme] lacks `definition`; write, for example, definition = "regulars"
    --> [programme]
    "#);
    insta::assert_snapshot!(programme("plugin = \"regulars\"\ndefinition = \"regular\""), @r#"
    [folder]/community.toml:8:14: there is no [definitions.regular]; did you mean "regulars"?
    --> "regular"
    "#);
    insta::assert_snapshot!(programme("plugin = \"regulars\"\ndefinition = \"loud-voices\""), @r#"
    [folder]/community.toml:8:14: there is no [definitions.loud-voices]; the definitions are `regulars`
    --> "loud-voices"
    "#);
    insta::assert_snapshot!(programme("definition = \"regulars\""), @r#"
    [folder]/community.toml:6:1: [programme] lacks `plugin`; write, for example, plugin = "regulars"
    --> [programme]
    "#);
    insta::assert_snapshot!(programme("plugin = \"regulars\"\ndefinition = \"regulars\"\nperiod = \"day\""), @r#"
    [folder]/community.toml:9:10: `period` cannot be "day"; it is one of "week", "month", "quarter", "year"
    --> "day"
    "#);
}

#[test]
fn what_is_not_toml_is_pointed_at() {
    insta::assert_snapshot!(error("name = \"small\"", "name = small"), @"
    [folder]/community.toml:3:8: this is not TOML: string values must be quoted, expected literal string
    --> small
    ");
    insta::assert_snapshot!(error("name = \"small\"", "name = \"small"), @r#"
    [folder]/community.toml:3:14: this is not TOML: invalid basic string, expected `"`
    -->
    "#);
    insta::assert_snapshot!(error("name = \"small\"", "name = \"small\"\nname = \"smaller\""), @"
    [folder]/community.toml:4:1: this is not TOML: duplicate key
    --> name
    ");
}

#[test]
fn a_missing_community_toml_names_its_path() {
    let community = Community::new(&[]);
    insta::assert_snapshot!(community.error(), @"cannot read [folder]/community.toml: there is no such file");
}

#[test]
fn a_file_that_is_no_community_toml_is_read_to_a_bound() {
    let community = Community::of_toml(&format!("# {}\n{SMALLEST}", "#".repeat(1 << 20)));
    insta::assert_snapshot!(community.error(), @"cannot read [folder]/community.toml: it is larger than 1 MiB, which no community.toml is");
    community.write("community.toml", b"[community]\nname = \"\xff\"\n");
    insta::assert_snapshot!(community.error(), @"cannot read [folder]/community.toml: it is not UTF-8: save it so");
    #[cfg(unix)]
    insta::assert_snapshot!(Config::read("/dev/zero").unwrap_err(), @"cannot read /dev/zero: it is not a regular file");
}

#[test]
fn a_shoutout_has_no_braces_that_nothing_is_filled_into() {
    let of = |text: &str| {
        let programme = "[programme]\nplugin = \"regulars\"\ndefinition = \"regulars\"\n[[programme.award]]\naward = \"cheer\"";
        Community::of_toml(&format!("{SMALLEST}{programme}\ntext = {text}\n"))
    };
    let told = |text: &str| {
        let community = of(text);
        let error = community.config().unwrap_err();
        let location = error.location().unwrap();
        community.normalised(&format!("{error}\n--> {}", &location.text[location.span.clone()]))
    };
    for fine in ["\"Thanks, {member}: {title}, {reason} {reason}\"", "\"Thanks :-}\"", "''"] {
        of(fine).config().unwrap();
    }
    let said = [
        "\"Thank you, {membre}!\"",
        "\"Thank you, { member }!\"",
        "\"Thank you, {{member}}!\"",
        "\"Thank you, {}!\"",
        "\"{member}: {the_best_of_all}\"",
        "\"Thank you, {member!\"",
        "\"\\u007Bmembre}\"",
    ]
    .map(told);
    insta::assert_snapshot!(said.join("\n"), @r#"
    [folder]/community.toml:13:20: `text` has the placeholder `{membre}`, which nothing is filled into; did you mean `{member}`? `text` may have `{member}`, `{title}` and `{reason}`
    --> {membre}
    [folder]/community.toml:13:20: `text` has the placeholder `{ member }`, which nothing is filled into; did you mean `{member}`? `text` may have `{member}`, `{title}` and `{reason}`
    --> { member }
    [folder]/community.toml:13:20: `text` has the placeholder `{{member}`, which nothing is filled into; did you mean `{member}`? `text` may have `{member}`, `{title}` and `{reason}`
    --> {{member}
    [folder]/community.toml:13:20: `text` has the placeholder `{}`, which nothing is filled into; `text` may have `{member}`, `{title}` and `{reason}`
    --> {}
    [folder]/community.toml:13:19: `text` has the placeholder `{the_best_of_all}`, which nothing is filled into; `text` may have `{member}`, `{title}` and `{reason}`
    --> {the_best_of_all}
    [folder]/community.toml:13:20: `text` has a brace that is not closed; `text` may have `{member}`, `{title}` and `{reason}`
    --> {member!
    [folder]/community.toml:13:8: `text` has the placeholder `{membre}`, which nothing is filled into; did you mean `{member}`? `text` may have `{member}`, `{title}` and `{reason}`
    --> "\u007Bmembre}"
    "#);
}

#[test]
fn a_share_that_may_be_taken_back_is_read_to_the_last_digit() {
    let of = |share: &str| {
        let programme = "[programme]\nplugin = \"regulars\"\ndefinition = \"regulars\"\nmax-revoked";
        let community = Community::of_toml(&format!("{SMALLEST}{programme} = \"{share}\"\n"));
        match community.config() {
            Ok(config) => config.programme.unwrap().max_revoked.to_string(),
            Err(error) => community.normalised(&error.to_string()),
        }
    };
    insta::assert_snapshot!(["7%", "0.3333%", "100 %", "0.33333%", "1e1%", "101%"].map(of).join("\n"), @r#"
    7%
    0.3333%
    100%
    [folder]/community.toml:11:15: `max-revoked` must be a share from "0%" to "100%"; such as "10%", with at most four digits behind the point
    [folder]/community.toml:11:15: `max-revoked` must be a share from "0%" to "100%"; such as "10%", with at most four digits behind the point
    [folder]/community.toml:11:15: `max-revoked` must be a share from "0%" to "100%"; such as "10%", with at most four digits behind the point
    "#);
}
