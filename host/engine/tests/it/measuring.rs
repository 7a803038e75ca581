//! Metrics that plugins compute.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use groundswell::RunOptions;

use crate::community::{Community, data};
use crate::planted::{host, open};

/// Numbers that look like chance and are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

const MEMBERS: u64 = 60;
/// Days of which the data tells.
const DAYS: u64 = 300;

/// Who endorsed whom, with what weight, on which day.
fn endorsements() -> Vec<(u64, u64, f64, u64)> {
    let mut chance = Chance(7);
    let one = |_| {
        let (from, to) = (chance.below(MEMBERS), chance.below(MEMBERS).min(chance.below(MEMBERS)));
        // Some speak badly of each other, and nobody of the last ten speaks at all.
        (from % (MEMBERS - 10), to, [1.0, 2.5, -4.0, 0.5][chance.below(4) as usize], chance.below(DAYS))
    };
    (0..900).map(one).collect()
}

fn files(more_members: &str, more_activities: &str) -> (String, String) {
    let mut activities = "actor,verb,at,recipient,weight\n".to_owned();
    let first: jiff::Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    for (from, to, weight, day) in endorsements() {
        let at = first + jiff::SignedDuration::from_hours(24 * day as i64);
        writeln!(activities, "m{from:02},endorse,{at},m{to:02},{weight}").unwrap();
    }
    let mut members = "id,role,opted_out\n".to_owned();
    for member in 0..MEMBERS {
        writeln!(members, "m{member:02},{},", if member % 9 == 4 { "founder" } else { "" }).unwrap();
    }
    (members + more_members, activities + more_activities)
}

const HEAD: &str = "[community]\nname = \"trust\"\nas-of = 2024-11-01T00:00:00Z\nwindow = \"all\"\npopulation = \"all\"\n\
                    [sources.tables]\nmembers = \"m.csv\"\nactivities = \"a.csv\"\n\
                    [definitions.regulars]\nplugin = \"regulars\"\n";

fn community(more: &str) -> Community {
    let (members, activities) = files("", "");
    let community = Community::of_toml(&format!("{HEAD}{more}"));
    community.write("m.csv", members.as_bytes());
    community.write("a.csv", activities.as_bytes());
    community
}

/// By member, the values of metrics.
fn measured(community: &Community, metrics: &[&str], options: &RunOptions) -> BTreeMap<String, Vec<f64>> {
    let batch = open(community).measure(metrics, options).unwrap();
    let ids = batch.column(0).as_string::<i32>();
    let column = |metric: &&str| batch.column_by_name(metric).unwrap().as_primitive::<Float64Type>().clone();
    let columns: Vec<_> = metrics.iter().map(column).collect();
    let row = |row: usize| columns.iter().map(|column| column.value(row)).collect();
    ids.iter().enumerate().map(|(at, id)| (id.unwrap().to_owned(), row(at))).collect()
}

fn trust(settings: &str) -> String {
    format!("[metrics.trust]\nplugin = \"fading-trust\"\nsettings = {{ {settings} }}\n")
}

#[test]
fn trust_that_does_not_fade_is_the_hosts_own() {
    let pairs = [
        ("", "eigentrust"),
        (", restart = 0.5", "eigentrust(restart=0.5)"),
        (", pre-trusted = \"founder\"", "eigentrust(pre-trusted=founder)"),
        (", restart = 0.02, pre-trusted = \"founder\"", "eigentrust(restart=0.02, pre-trusted=founder)"),
    ];
    for (settings, own) in pairs {
        let community = community(&trust(&format!("half-life = 0{settings}")));
        let measured = measured(&community, &["trust", own], &RunOptions::default());
        assert_eq!(measured.len(), MEMBERS as usize);
        assert!(measured.values().filter(|values| values[0] > 0.0).count() > 40);
        for (member, values) in &measured {
            assert!((values[0] - values[1]).abs() < 1e-9, "{own} of {member}: {values:?}");
        }
    }
}

#[test]
fn real_trust_that_does_not_fade_is_the_hosts_own() {
    let Some(path) = data("graphs/soc-sign-bitcoinotc.csv.gz") else { return };
    let community = Community::of_toml(&format!(
        "[community]\nname = \"otc\"\nwindow = \"all\"\npopulation = \"all\"\n[[sources.map]]\ntable = \"activities\"\n\
         files = {path:?}\nheader = false\ncolumns = {{ actor = 1, recipient = 2, weight = 3, at = 4 }}\n\
         constants = {{ verb = \"endorse\" }}\n[definitions.regulars]\nplugin = \"regulars\"\n{}",
        trust("half-life = 0")
    ));
    let measured = measured(&community, &["trust", "eigentrust"], &RunOptions::default());
    assert_eq!(measured.len(), 5_881);
    let apart: f64 = measured.values().map(|values| (values[0] - values[1]).abs()).sum();
    assert!(apart < 1e-9, "{apart}");
}

#[test]
fn trust_that_fades_is_what_plain_arithmetic_gives() {
    let half_life = 30.0_f64;
    let community = community(&trust("half-life = 30, restart = 0.15, pre-trusted = \"founder\""));
    let measured = measured(&community, &["trust"], &RunOptions::default());

    let size = MEMBERS as usize;
    let mut said = vec![vec![0.0_f64; size]; size];
    let mut tied = vec![false; size];
    for (from, to, weight, day) in endorsements().into_iter().filter(|(from, to, ..)| from != to) {
        // As-of is the 1st of November, 305 days after the first day.
        let age = 305.0 - day as f64;
        said[from as usize][to as usize] += weight * 2.0_f64.powf(-age / half_life);
        tied[from as usize] = true;
        tied[to as usize] = true;
    }
    let founders: Vec<usize> = (0..size).filter(|member| member % 9 == 4 && tied[*member]).collect();
    let begins = |member: usize| if founders.contains(&member) { 1.0 / founders.len() as f64 } else { 0.0 };
    let mut plain: Vec<f64> = (0..size).map(begins).collect();
    for _ in 0..400 {
        let mut next: Vec<f64> = (0..size).map(|member| 0.15 * begins(member)).collect();
        for from in 0..size {
            let good: f64 = said[from].iter().map(|weight| weight.max(0.0)).sum();
            for (to, next) in next.iter_mut().enumerate() {
                let share = if good > 0.0 { said[from][to].max(0.0) / good } else { begins(to) };
                *next += 0.85 * plain[from] * share;
            }
        }
        plain = next;
    }
    for (plain, (member, values)) in plain.iter().zip(&measured) {
        assert!((plain - values[0]).abs() < 1e-10, "{member}: {plain} {values:?}");
    }
}

#[test]
fn threads_partitions_and_modes_change_no_bit() {
    let bits = |limits: &str, options: &RunOptions| {
        let community = community(&format!("{}{limits}", trust("half-life = 45")));
        let measured = measured(&community, &["trust"], options);
        measured.into_values().map(|values| values[0].to_bits()).collect::<Vec<_>>()
    };
    let one = bits("", &RunOptions::default().threads(1).partitions(1));
    assert_eq!(one, bits("", &RunOptions::default().threads(2).partitions(16)));
    assert_eq!(one, bits("[limits]\nmode = \"fast\"\n", &RunOptions::default()));
}

#[test]
fn who_is_left_out_never_reaches_a_plugin() {
    let settings = trust("half-life = 0");
    let (members, activities) = files(
        "hidden,,true\nrobot,bot,\nidle,,\n",
        "hidden,endorse,2024-02-01,m07,90\nm08,endorse,2024-02-01,hidden,90\nrobot,endorse,2024-02-01,m09,90\n",
    );
    let with = Community::of_toml(&format!("{HEAD}{settings}"));
    with.write("m.csv", members.as_bytes());
    with.write("a.csv", activities.as_bytes());
    let with = measured(&with, &["trust", "eigentrust"], &RunOptions::default());
    let without = measured(&community(&settings), &["trust", "eigentrust"], &RunOptions::default());
    assert_eq!(with["idle"][0], 0.0);
    assert!(!with.contains_key("hidden") && !with.contains_key("robot"));
    for (member, values) in &without {
        assert_eq!(with[member][0].to_bits(), values[0].to_bits(), "{member}");
    }
    // The host's own count what they do for others.
    assert!(without.iter().any(|(member, values)| (with[member][1] - values[1]).abs() > 1e-3));
}

#[test]
fn who_is_not_active_counts_and_has_no_row() {
    let recent = HEAD.replace("population = \"all\"", "population = \"active\"").replace("\"all\"", "\"3d\"");
    let (members, activities) = files("", "m00,endorse,2024-10-30,m01,1\n");
    let community = Community::of_toml(&format!("{recent}{}", trust("half-life = 0")));
    community.write("m.csv", members.as_bytes());
    community.write("a.csv", activities.as_bytes());
    let measured = measured(&community, &["trust"], &RunOptions::default());
    assert_eq!(measured.keys().map(String::as_str).collect::<Vec<_>>(), ["m00", "m01"]);
}

/// What measuring it says.
fn problem(more: &str) -> String {
    let community = community(more);
    let said = host()
        .open(community.path("community.toml"))
        .and_then(|community| community.measure(&["trust"], &RunOptions::default()));
    community.normalised(&said.unwrap_err().to_string())
}

#[test]
fn what_cannot_measure_says_what_to_change() {
    insta::assert_snapshot!(problem(&trust("pre-trusted = \"elder\"")), @r#"[folder]/community.toml:13:1: plugin fading-trust 0.1.0 refuses its settings: `pre-trusted` is "elder", and no member has that role: roles are founder; change them in [metrics.trust.settings]"#);
    insta::assert_snapshot!(problem(&trust("verb = \"endorsement\"")), @"[folder]/community.toml:13:1: plugin fading-trust 0.1.0 looks at the verb `endorsement`, which there is not: a community's own verbs are x- and lowercase words, such as `x-high-five`");
    insta::assert_snapshot!(problem(&trust("half-life = -3")), @"[folder]/community.toml:13:26: plugin fading-trust 0.1.0: setting `half-life` cannot be -3: below the least allowed, 0");
    insta::assert_snapshot!(problem(&trust("halflife = 3")), @"[folder]/community.toml:13:25: plugin fading-trust 0.1.0: there is no setting `halflife`, did you mean `half-life`?; settings: verb, half-life, restart, pre-trusted");
    insta::assert_snapshot!(problem("[metrics.trust]\nplugin = \"regulars\"\n"), @"[folder]/community.toml:12:10: plugin regulars 0.1.0 has no metric; it has a definition, which [definitions.NAME] names, and reward rules, which [programme] names");
    insta::assert_snapshot!(problem("[metrics.trust]\nplugin = \"fading-trsut\"\n"), @"[folder]/community.toml:12:10: there is no bundled plugin `fading-trsut` and no file [folder]/fading-trsut; did you mean `fading-trust`?");
    insta::assert_snapshot!(problem("[metrics.trust]\nplugin = \"fading-trust\"\nsql = \"select 1\"\n"), @"[folder]/community.toml:11:10: [metrics.trust] has both `sql` and `plugin`; a metric is computed by a question in SQL, or by a plugin with its settings and grants");
    insta::assert_snapshot!(problem("[metrics.trust]\nsql = \"select 1\"\ngrants = []\n"), @"[folder]/community.toml:11:10: [metrics.trust] has both `sql` and `grants`; a metric is computed by a question in SQL, or by a plugin with its settings and grants");
    insta::assert_snapshot!(problem("[metrics.trust]\n"), @r#"[folder]/community.toml:11:10: [metrics.trust] has neither `sql` nor `plugin`; write sql = "select … as member, … as value from …", or plugin = "fading-trust""#);
    insta::assert_snapshot!(problem(&trust("").replace("settings = {  }", "limit = 3")), @"[folder]/community.toml:13:1: [metrics.trust] has no key `limit`; [metrics.trust] has the keys `sql`, `plugin`, `settings` and `grants`; what the plugin is told goes into settings = { limit = … }");
}

#[test]
fn a_metric_is_no_definition() {
    let community = community("[definitions.trust]\nplugin = \"fading-trust\"\n");
    let error = open(&community).run(&RunOptions::default().definition("trust")).unwrap_err();
    insta::assert_snapshot!(community.normalised(&error.to_string()), @"[folder]/community.toml:12:10: plugin fading-trust 0.1.0 has no definition; it has a metric, which [metrics.NAME] names");
}

/// What measuring a metric says of these activities: the number of the first member, `-` for none, or an error.
fn of(activities: &str, members: &str, more: &str, metric: &str) -> String {
    let community = Community::of_toml(&format!("{HEAD}{}{more}", trust("half-life = 0")));
    community.write("a.csv", activities.as_bytes());
    community.write("m.csv", members.as_bytes());
    let measured = host()
        .open(community.path("community.toml"))
        .and_then(|community| community.measure(&[metric], &RunOptions::default()));
    match measured {
        Ok(batch) => {
            let values = batch.column(1).as_primitive::<Float64Type>();
            values.iter().next().flatten().map_or_else(|| "-".to_owned(), |value| value.to_string())
        }
        Err(error) => community.normalised(&error.to_string()),
    }
}

#[test]
fn what_the_data_has_no_ties_for_is_unknown_and_never_nothing() {
    let alone = "actor,verb,at\nm1,endorse,2024-02-01\n";
    let members = "id,role,opted_out\nm1,,\nm2,,\n";
    assert_eq!(of(alone, members, "", "eigentrust"), "-");
    assert_eq!(of(alone, members, "", "trust"), "-");
}

#[test]
fn where_nobody_may_be_seen_that_is_said_as_of_other_metrics() {
    let activities = "actor,verb,at,recipient\nm1,endorse,2024-02-01,m2\n";
    let members = "id,role,opted_out\nm1,,true\nm2,,true\n";
    assert_eq!(of(activities, members, "", "trust"), of(activities, members, "", "eigentrust"));
}

#[test]
fn weights_that_add_up_to_no_number_are_named() {
    let activities =
        "actor,verb,at,recipient,weight\nm1,endorse,2024-02-01,m2,1e308\nm1,endorse,2024-02-02,m2,1e308\n";
    let members = "id,role,opted_out\nm1,,\nm2,,\n";
    insta::assert_snapshot!(of(activities, members, "", "trust"), @"the metric `trust` of [metrics.trust]: the weights of what m1 did towards m2 add up to more than any number is; mend the column weight");
}

#[test]
fn who_follows_twice_follows_once() {
    let community = community("");
    let toml = HEAD.replace("[definitions", "follows = \"f.csv\"\n[definitions");
    community.write("community.toml", toml.as_bytes());
    community.write(
        "f.csv",
        b"follower,followed,since\nm00,m01,2024-01-01\nm00,m01,2024-02-01\nm00,m02,\nm01,m00,\n",
    );
    let strength = "strength(graph=follows, direction=out)";
    let measured = measured(&community, &[strength, "out-degree(graph=follows)"], &RunOptions::default());
    assert_eq!(measured["m00"], [2.0, 2.0]);
}

#[test]
fn a_walk_that_does_not_settle_is_no_result() {
    let ring = |size: u32| -> String {
        let row = |member: u32| format!("m{member:02},endorse,2024-02-01,m{:02}\n", (member + 1) % size);
        format!("actor,verb,at,recipient\n{}", (0..size).map(row).collect::<String>())
    };
    let members = "id,role,opted_out\nm00,founder,\n";
    let metric = "pagerank(graph=endorse, damping=0.999999, personal=founder)";
    insta::assert_snapshot!(of(&ring(60), members, "", metric), @"cannot measure PageRank with damping=0.999999: it has not settled after 10000 sweeps over all ties, where the usual damping takes some hundred; ask for one nearer to that");
    let metric = "pagerank(graph=endorse, damping=0.99, personal=founder)";
    assert!(of(&ring(60), members, "", metric).parse::<f64>().is_ok());
}
