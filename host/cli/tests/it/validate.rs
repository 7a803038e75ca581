use std::fs;

use crate::shell::{Answer, Planted, files};

fn validate(planted: &Planted, more: &[&str]) -> Answer {
    planted.command("validate", more).output().unwrap().into()
}

#[test]
fn a_community_that_can_run_is_told_what_it_has() {
    let planted = Planted::new();
    let before = files(&planted.path(""));
    insta::assert_snapshot!(validate(&planted, &[]).done(), @r"
    planted: nothing was run, and nothing stored

     table         rows  rejected  files
     members        600         0  members.csv
     follows       7589         0  follows.csv
     activities   11357         0  activities.csv.gz
     conversions     66         0  conversions.csv

    verbs: reply 2450, answer 2254, like 1852, accept 1202, thank 1114, post 647, endorse 593, ask 480, recommend 446, volunteer 297, mention 22
    a run looks from 2024-12-29T20:03:20Z, the newest time in the data, window 365d
    definitions.audience-band: audience-band 0.1.0, 3 inputs
    definitions.orbit: orbit 0.1.0, 18 inputs
    definitions.regulars: regulars 0.1.0, 10 inputs
    definitions.thought-leader: thought-leader 0.1.0, 8 inputs
    definitions.trust-levels: trust-levels 0.1.0, 11 inputs
    definitions.trust-rank: trust-rank 0.1.0, 14 inputs
    definitions.word-of-mouth: word-of-mouth 0.1.0, 12 inputs
    programme: regulars 0.1.0, 1 input

    a run can begin
    ");
    assert!(files(&planted.path("")) == before, "it wrote something");
}

#[test]
fn all_that_is_in_the_way_of_a_run_is_told_at_once() {
    let planted = Planted::with(|text| {
        let text = text.replace("[programme]\nplugin = \"regulars\"", "[programme]\nplugin = \"regular\"");
        text.replacen(
            "plugin = \"regulars\"\n",
            "plugin = \"regulars\"\nsettings = { trust-shar = 0.4 }\ngrants = [\"tem\"]\n",
            1,
        )
    });
    let members = fs::read_to_string(planted.path("members.csv")).unwrap();
    fs::write(planted.path("members.csv"), members.replacen("\nm0001,", "\nm0001,soon", 1)).unwrap();
    fs::write(planted.path("follows.csv"), "follower,followed\nm0001,m0002\nm0001\n").unwrap();
    fs::remove_file(planted.path("conversions.csv")).unwrap();
    let answer = validate(&planted, &[]);
    assert_eq!(answer.code, Some(2));
    insta::assert_snapshot!(answer.stdout, @r#"
    planted: nothing was run, and nothing stored

     table          rows  rejected  files
     members         599         1  members.csv
     follows           1         1  follows.csv
     activities    11357         0  activities.csv.gz
     conversions  unread         0

    verbs: reply 2450, answer 2254, like 1852, accept 1202, thank 1114, post 647, endorse 593, ask 480, recommend 446, volunteer 297, mention 22
    rejected: 1 row of members: `joined_at` is not a time
      members.csv, line 3: "soon2023-06-24T18:03:47Z" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)
    rejected: 1 row of follows: the row has not as many fields as the header
      follows.csv, line 3: 1 field where the header has 2
    note: [definitions.regulars] grants `tem`, and members have no attribute of that name; they have `region`
    a run looks from 2024-12-29T20:03:20Z, the newest time in the data, window 365d
    definitions.audience-band: audience-band 0.1.0, 3 inputs
    definitions.orbit: orbit 0.1.0, 18 inputs
    definitions.thought-leader: thought-leader 0.1.0, 8 inputs
    definitions.trust-levels: trust-levels 0.1.0, 11 inputs
    definitions.trust-rank: trust-rank 0.1.0, 14 inputs
    definitions.word-of-mouth: word-of-mouth 0.1.0, 12 inputs

    a run cannot begin: 4 things are in the way
    "#);
    insta::assert_snapshot!(answer.stderr, @r#"
     x conversions: there is no file `conversions.csv`
       ,-[community.toml:15:15]
    14 | activities = "activities.csv.gz"
    15 | conversions = "conversions.csv"
       :               ^^^^^^^^|^^^^^^^^
       :                       `-- here
    16 | 
       `----
     help: paths start at the folder of community.toml

     x 1 of 2 rows of follows cannot be used, more than max-rejected = "1%" allows; mend them, or raise `max-rejected` in [sources]
     |   1 × the row has not as many fields as the header
     |       follows.csv, line 3: 1 field where the header has 2

     x plugin regulars 0.1.0: there is no setting `trust-shar`, did you mean `trust-share`?; settings: trust-share, weight-answers, weight-members-helped, weight-weeks-active, weight-thanks, weight-endorsements, weight-likes, weight-acceptance, micro-influencer-share, regular-share, least-helped, least-appreciated, least-weeks-active, audience-floor, ceiling, ceiling-percentile, ceiling-least, staff-roles
       ,-[community.toml:19:27]
    18 | plugin = "regulars"
    19 | settings = { trust-shar = 0.4 }
       :                           ^|^
       :                            `-- here
    20 | grants = ["tem"]
       `----

     x there is no bundled plugin `regular` and no file regular
       ,-[community.toml:47:10]
    46 | [programme]
    47 | plugin = "regular"
       :          ^^^^|^^^^
       :              `-- here
    48 | definition = "regulars"
       `----
     help: did you mean `regulars`?
    "#);
    assert!(!planted.path(".groundswell").exists());
}

#[test]
fn a_validation_in_json_has_the_documented_keys() {
    let planted = Planted::new();
    let json = validate(&planted, &["--format", "json"]).json();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "community",
            "newest",
            "notes",
            "plugins",
            "problems",
            "rejected",
            "tables",
            "unknown",
            "unsupplied",
            "verbs"
        ]
    );
    assert_eq!(json["tables"][0]["table"], "members");
    assert_eq!(json["problems"], serde_json::json!([]));
    let plugins = json["plugins"].as_array().unwrap();
    assert!(plugins.iter().any(|plugin| plugin["plugin"]["name"] == "regulars"), "{plugins:?}");
    fs::remove_file(planted.path("conversions.csv")).unwrap();
    let answer = validate(&planted, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((answer.code, json["problems"].as_array().unwrap().len()), (Some(2), 1));
    assert_eq!(json["tables"][3]["rows"], serde_json::Value::Null);
}

#[test]
fn a_plugin_alone_in_the_way_is_exit_3() {
    let attackers = groundswell_attackers::all();
    let attacker = attackers.iter().find(|attacker| attacker.name == "nan-scores").unwrap();
    let planted = Planted::with(|text| text.replacen("\"regulars\"", "\"attacker.wasm\"", 1));
    fs::write(planted.path("attacker.wasm"), attacker.bytes()).unwrap();
    // It scores badly, which only a run finds out.
    validate(&planted, &[]).done();
    fs::write(planted.path("attacker.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
    let answer = validate(&planted, &[]);
    insta::assert_snapshot!(format!("{:?} {}", answer.code, answer.stderr), @"Some(3)   x attacker.wasm: the component has no `groundswell-plugin` section, so nobody can say which contract it speaks; build the plugin with `groundswell plugin build FOLDER`");
}
