//! Baselines that others can work out again: what a metric says about something that became known by other ways.

use std::collections::BTreeMap;
use std::io::Read;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use flate2::read::GzDecoder;
use groundswell::{Host, RunOptions};

use crate::community::{Community, data};

/// How often a positive has the higher value of a positive and a negative, ties counting half; and half the width of its
/// interval of 95 %.
///
/// The variance is that of DeLong, DeLong and Clarke-Pearson: Comparing the areas under two or more correlated receiver
/// operating characteristic curves, Biometrics 44, 1988.
fn area(positives: &[f64], negatives: &[f64]) -> (f64, f64) {
    let above = |value: f64, others: &[f64]| {
        let beaten = |other: &f64| {
            if value > *other {
                1.0
            } else if value == *other {
                0.5
            } else {
                0.0
            }
        };
        others.iter().map(beaten).sum::<f64>() / others.len() as f64
    };
    let of_positives: Vec<f64> = positives.iter().map(|value| above(*value, negatives)).collect();
    let of_negatives: Vec<f64> = negatives.iter().map(|value| 1.0 - above(*value, positives)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let variance = |values: &[f64]| {
        let mean = mean(values);
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
    };
    let spread =
        variance(&of_positives) / positives.len() as f64 + variance(&of_negatives) / negatives.len() as f64;
    (mean(&of_positives), 1.96 * spread.sqrt())
}

#[test]
fn an_area_is_what_counting_pairs_gives() {
    // Of six pairs three are in order, two are not, and one is a tie.
    let (area, _) = area(&[1.0, 2.0, 4.0], &[1.0, 3.0]);
    assert!((area - 3.5 / 6.0).abs() < 1e-12);
}

#[test]
fn the_share_of_supporting_votes_tells_who_was_elected() {
    let Some(path) = data("influence/wiki-RfA_ids_vote_result_year.tsv.gz") else { return };
    let community = Community::of_toml(&format!(
        "[community]\nname = \"votes\"\nwindow = \"all\"\npopulation = \"all\"\n[[sources.map]]\ntable = \"activities\"\n\
         files = {path:?}\ndelimiter = \"\\t\"\n\
         columns = {{ actor = \"Trustor\", recipient = \"{{Trustee}}/{{YEA}}\", at = \"{{YEA}}-01-01\", weight = \"Sign\" }}\n\
         constants = {{ verb = \"vote\" }}\n[definitions.regulars]\nplugin = \"regulars\"\n"
    ));
    let host = Host::new().unwrap().open(community.path("community.toml")).unwrap();
    let shares = host.measure(&["positive-share(verb=vote)"], &RunOptions::default()).unwrap();
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut elected: BTreeMap<String, bool> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()).skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        if let [_, candidate, _, result, year] = fields.as_slice() {
            elected.insert(format!("{candidate}/{year}"), *result == "1");
        }
    }
    let values =
        shares.column_by_name("positive-share(verb=vote)").unwrap().as_primitive::<Float64Type>().iter();
    let members = shares.column_by_name("member").unwrap().as_string::<i32>().iter();
    let (mut positives, mut negatives) = (Vec::new(), Vec::new());
    for (member, value) in members.flatten().zip(values) {
        match (elected.get(member), value) {
            (Some(true), Some(value)) => positives.push(value),
            (Some(false), Some(value)) => negatives.push(value),
            _ => {}
        }
    }
    let (area, half) = area(&positives, &negatives);
    // This checks arithmetic and predicts nothing: it is how they are elected.
    let told = format!(
        "{area:.3} ± {half:.3}, {} elected of {}",
        positives.len(),
        positives.len() + negatives.len()
    );
    insta::assert_snapshot!(told, @"0.989 ± 0.003, 1809 elected of 3810");
}

/// The teams' names that mean those who may merge.
const MAINTAINERS: [&str; 2] = ["Maintainer team", "Mathlib maintainers"];

#[test]
fn messages_tell_who_will_be_a_maintainer() {
    let (Some(messages), Some(teams)) =
        (data("lean-zulip/messages.tsv.gz"), data("lean-zulip/teams_history_ids.tsv"))
    else {
        return;
    };
    let measured = |window: &str| -> BTreeMap<String, f64> {
        let community = Community::of_toml(&format!(
            "[community]\nname = \"chat\"\nas-of = 2023-01-01T00:00:00Z\nwindow = \"{window}\"\npopulation = \"all\"\n\
             [sources]\nmax-rejected = \"2%\"\n[[sources.map]]\ntable = \"activities\"\nfiles = {messages:?}\n\
             delimiter = \"\\t\"\ncolumns = {{ id = \"msg_id\", actor = \"sender_id\", at = \"ts\" }}\n\
             constants = {{ verb = \"post\" }}\n[definitions.regulars]\nplugin = \"regulars\"\n"
        ));
        let host = Host::new().unwrap().open(community.path("community.toml")).unwrap();
        let posts = host.measure(&["given(verb=post)"], &RunOptions::default()).unwrap();
        let values = posts.column(1).as_primitive::<Float64Type>().values().to_vec();
        posts.column(0).as_string::<i32>().iter().flatten().map(str::to_owned).zip(values).collect()
    };
    let teams = std::fs::read_to_string(teams).unwrap();
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for line in teams.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [team, member, since, _] = fields.as_slice() else { panic!("{line}") };
        if MAINTAINERS.contains(team) {
            let known = first.entry(member).or_insert(since);
            *known = (*known).min(since);
        }
    }
    let mut told = Vec::new();
    for window in ["365d", "all"] {
        // Whoever was on the team by then is no candidate.
        let posted = measured(window);
        let candidates =
            posted.iter().filter(|(id, _)| first.get(id.as_str()).is_none_or(|since| *since > "2023-01-01"));
        let (will, others): (Vec<_>, Vec<_>) =
            candidates.partition(|(id, _)| first.contains_key(id.as_str()));
        let values = |some: &[(&String, &f64)]| some.iter().map(|(_, value)| **value).collect::<Vec<_>>();
        let (area, half) = area(&values(&will), &values(&others));
        told.push(format!(
            "{window}: {area:.3} ± {half:.3}, {} of {}",
            will.len(),
            will.len() + others.len()
        ));
    }
    // So few are three that the interval, which takes many, is no more than a hint.
    insta::assert_snapshot!(told.join("\n"), @r"
    365d: 0.984 ± 0.017, 3 of 2114
    all: 0.966 ± 0.041, 3 of 2114
    ");
}
