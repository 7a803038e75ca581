//! Exit 2 for usage, configuration and data; exit 3 for a plugin's fault and nothing else.

use crate::shell::{Answer, Planted, groundswell};

#[test]
fn a_plugins_fault_is_exit_3_and_nothing_is_recorded() {
    let attackers = groundswell_attackers::all();
    let attacker = attackers.iter().find(|attacker| attacker.name == "nan-scores").unwrap();
    let planted = Planted::with(|text| text.replacen("\"regulars\"", "\"attacker.wasm\"", 1));
    std::fs::write(planted.path("attacker.wasm"), attacker.bytes()).unwrap();
    insta::assert_snapshot!(planted.score(&[]).stopped(3), @"x plugin nan-scores 0.1.0 failed in score: the score of row 0 is NaN; every answer must be finite, also for members without values (asked about a row of medians)");
    insta::assert_snapshot!(planted.explain(&["m0002"]).stopped(3), @"x plugin nan-scores 0.1.0 failed in score: the score of row 0 is NaN; every answer must be finite, also for members without values (asked about a row of medians)");
    assert!(!planted.path(".groundswell/runs").exists());
    assert!(!planted.path(".groundswell/ledger.sqlite").exists());
}

#[test]
fn a_file_that_is_no_plugin_is_refused_with_its_name() {
    let planted = Planted::with(|text| text.replacen("\"regulars\"", "\"empty.wasm\"", 1));
    std::fs::write(planted.path("empty.wasm"), "").unwrap();
    insta::assert_snapshot!(planted.score(&[]).stopped(2), @r#"
    x empty.wasm: this is not WebAssembly; build the plugin with `groundswell plugin build FOLDER`
        ,-[community.toml:18:10]
     17 | [definitions.regulars]
     18 | plugin = "empty.wasm"
        :          ^^^^^^|^^^^^
        :                `-- here
     19 | 
        `----
    "#);
    let file = planted.path("empty.wasm");
    let told = groundswell(&["plugin", "inspect", file.to_str().unwrap()]).stopped(2);
    assert!(told.contains("empty.wasm"), "{told}");
}

#[test]
fn usage_is_exit_2() {
    insta::assert_snapshot!(groundswell(&["run"]).stopped(2), @r"
    error: the following required arguments were not provided:
      <COMMUNITY>

    Usage: groundswell run <COMMUNITY>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(groundswell(&["run", "c.toml", "--format", "yaml"]).stopped(2), @r"
    error: invalid value 'yaml' for '--format <FORMAT>'
      [possible values: table, json]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(groundswell(&["run", "c.toml", "--top", "abc"]).stopped(2), @r"
    error: invalid value 'abc' for '--top <N>': it is no whole number from 0 on, such as 20

    For more information, try '--help'.
    ");
}

#[test]
fn configuration_is_exit_2_and_pointed_at() {
    insta::assert_snapshot!(groundswell(&["run", "nowhere/community.toml"]).stopped(2), @"x cannot read nowhere/community.toml: there is no such file");
    let mistyped = Planted::with(|text| text.replace("window = ", "windw = "));
    insta::assert_snapshot!(mistyped.score(&[]).stopped(2), @r#"
    x [community] has no key `windw`
       ,-[community.toml:5:1]
     4 | name = "planted"
     5 | windw = "365d"
       : ^^|^^
       :   `-- here
     6 | population = "active"
       `----
      help: did you mean `window`?
    "#);
    let setting =
        Planted::with(|text| text.replacen("\"regulars\"\n", "\"regulars\"\ntrust-share = 0.4\n", 1));
    insta::assert_snapshot!(setting.score(&[]).stopped(2), @r#"
    x [definitions.regulars] has no key `trust-share`
        ,-[community.toml:19:1]
     18 | plugin = "regulars"
     19 | trust-share = 0.4
        : ^^^^^|^^^^^
        :      `-- here
     20 | 
        `----
      help: [definitions.regulars] has the keys `plugin`, `settings` and `grants`; what the plugin is told goes into settings = { trust-share = … }
    "#);
    let planted = Planted::new();
    let folder = planted.path("");
    let told = groundswell(&["run", folder.to_str().unwrap()]).stopped(2);
    insta::assert_snapshot!(told.replace(folder.to_str().unwrap(), "[folder]/"), @r"
    x [folder]/ is a folder, not a community.toml
      help: name the file in it: [folder]/community.toml
    ");
    std::fs::remove_file(planted.path("community.toml")).unwrap();
    let told = groundswell(&["explain", folder.to_str().unwrap(), "m0002"]).stopped(2);
    insta::assert_snapshot!(told.replace(folder.to_str().unwrap(), "[folder]/"), @r"
    x [folder]/ is a folder, not a community.toml
      help: there is none in it; `groundswell init` makes one of tables, `groundswell import` of what a site gives away
    ");
}

#[test]
fn data_is_exit_2() {
    let planted = Planted::new();
    std::fs::remove_file(planted.path("follows.csv")).unwrap();
    insta::assert_snapshot!(planted.score(&[]).stopped(2), @r#"
    x follows: there is no file `follows.csv`
        ,-[community.toml:13:11]
     12 | members = "members.csv"
     13 | follows = "follows.csv"
        :           ^^^^^^|^^^^^^
        :                 `-- here
     14 | activities = "activities.csv.gz"
        `----
      help: paths start at the folder of community.toml
    "#);
    let planted = Planted::new();
    std::fs::write(planted.path("activities.csv.gz"), "no gzip").unwrap();
    let told = planted.score(&[]).stopped(2);
    assert!(told.contains("activities.csv.gz"), "{told}");
}

#[test]
fn a_state_folder_that_cannot_be_written_names_two_ways_out() {
    let planted = Planted::with(|text| text.replace("state = \".groundswell\"", "state = \"members.csv\""));
    insta::assert_snapshot!(planted.score(&[]).stopped(2), @r#"
    x cannot create members.csv/snapshots: part of that path is a file, not a folder
      help: results are kept there: name another folder in [community], such as state = "/var/tmp/groundswell", or store nothing with `groundswell run --dry-run`
    "#);
    planted.score(&["--dry-run"]).done();
    // Each command names ways out that it has itself.
    let told =
        |name: &str, more: &[&str]| Answer::from(planted.command(name, more).output().unwrap()).stopped(2);
    insta::assert_snapshot!(told("sql", &["select 1"]), @r#"
    x cannot create members.csv/snapshots: part of that path is a file, not a folder
      help: the snapshot is kept there: name another folder in [community], such as state = "/var/tmp/groundswell"; `groundswell sql` can also be given the folder of a snapshot that is there already
    "#);
    insta::assert_snapshot!(told("forget", &["m0002", "--yes"]), @r"
    x cannot create members.csv: it is there, and not a folder
      help: that is where the member is to be forgotten: do it as a user who can write there
    ");
}

#[cfg(unix)]
#[test]
fn a_pipe_that_a_table_names_is_refused_and_not_waited_for() {
    let planted = Planted::with(|text| text.replace("\"follows.csv\"", "\"pipe\""));
    let pipe = planted.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    insta::assert_snapshot!(planted.score(&[]).stopped(2), @r#"
    x follows: `pipe` is not a regular file; write what comes out of it to one, and name that
        ,-[community.toml:13:11]
     12 | members = "members.csv"
     13 | follows = "pipe"
        :           ^^^|^^
        :              `-- here
     14 | activities = "activities.csv.gz"
        `----
      help: paths start at the folder of community.toml
    "#);
    let told = planted.command("validate", &[]).output().unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("`pipe` is not a regular file"), "{told}");
}

#[test]
fn whoever_mistypes_whom_to_forget_is_told() {
    let planted = Planted::new();
    planted.command("snapshot", &[]).output().unwrap();
    let forget = |member: &str| Answer::from(planted.command("forget", &[member, "--yes"]).output().unwrap());
    insta::assert_snapshot!(forget("m002").done(), @r"
    nobody in the data, or in what is kept, has the id m002; did you mean `m0002`?
    it is forgotten ahead: whatever later data says of it is left out
    ");
    insta::assert_snapshot!(forget("").stopped(2), @"x the id is empty, which nobody's is: name the member");
    let told = forget("m0002").done();
    assert!(told.starts_with("forgotten: m0002\n  1 snapshots written anew\n"), "{told}");
    // Before anything is kept the data alone knows them.
    let planted = Planted::new();
    let forget = |member: &str| Answer::from(planted.command("forget", &[member, "--yes"]).output().unwrap());
    insta::assert_snapshot!(forget("m0002").done(), @"nothing is held of m0002; the data names them, and what it says of them is left out");
    std::fs::remove_file(planted.path("members.csv")).unwrap();
    insta::assert_snapshot!(forget("m0003").done(), @r"
    nobody in what is kept has the id m0003, and the data cannot be read
    it is forgotten ahead: whatever later data says of it is left out
    ");
}

#[test]
fn what_a_file_says_does_not_reach_the_terminal_raw() {
    let planted = Planted::with(|text| format!("# \u{1b}[31m \u{202e}\nwindow\u{85}s = 1\n{text}"));
    let told = planted.score(&[]).stopped(2);
    assert!(!told.contains(['\u{1b}', '\u{202e}', '\u{85}']), "{told:?}");
    insta::assert_snapshot!(told, @r"
    x this is not TOML: invalid comment character, expected printable characters
       ,-[community.toml:1:3]
     1 | # ?[31m �
       :   ^
       :   `-- here
     2 | window??s = 1
       `----
    ");
}
