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
