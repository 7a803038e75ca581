//! Definitions with the population held fixed.

use groundswell_runtime::{Column, Limits, Mode, Plugin, Population, RunOptions, Runtime, Scale};

use crate::guests::{component, good, population, regulars, runtime, tight};

fn plugins() -> [Plugin; 2] {
    [good(), runtime().load_bytes("regulars.wasm", regulars()).unwrap()]
}

/// Some rows of a population.
fn rows(plugin: &Plugin, of: &Population, rows: &[usize]) -> Population {
    plugin.scoring().unwrap().inputs.iter().fold(Population::new(rows.len()), |picked, input| {
        let column = of.column(&input.metric).unwrap();
        let column = match input.scale {
            Scale::Category => Column::from_words(rows.iter().map(|&row| column.word(row))),
            _ => Column::Number(rows.iter().map(|&row| column.number(row).unwrap_or(f64::NAN)).collect()),
        };
        picked.with(input.metric.clone(), column).unwrap()
    })
}

fn bits(scores: &[f64]) -> Vec<u64> {
    scores.iter().map(|score| score.to_bits()).collect()
}

#[test]
fn members_of_the_population_score_what_its_run_says_in_any_company() {
    for plugin in plugins() {
        let members = population(700, &plugin.scoring().unwrap().inputs);
        let scored = plugin.score(&members, &RunOptions::new()).unwrap();
        let fitted = plugin.fit(&members, &RunOptions::new().batch_rows(100)).unwrap();
        assert_eq!(fitted.base().to_bits(), scored.base.to_bits());
        let told = |picked: &[usize]| fitted.score(&rows(&plugin, &members, picked)).unwrap();
        let all: Vec<usize> = (0..700).collect();
        assert_eq!(bits(&told(&all)), bits(&scored.scores), "{}", plugin.id());
        let backward: Vec<usize> = (0..700).rev().step_by(3).collect();
        let expected: Vec<f64> = backward.iter().map(|&row| scored.scores[row]).collect();
        assert_eq!(bits(&told(&backward)), bits(&expected), "{}", plugin.id());
        for row in [0, 1, 350, 699] {
            assert_eq!(bits(&told(&[row])), bits(&scored.scores[row..=row]), "{}", plugin.id());
        }
        assert!(told(&[]).is_empty());
    }
}

#[test]
fn what_nobody_in_the_population_has_is_missing() {
    let [_, plugin] = plugins();
    let inputs = &plugin.scoring().unwrap().inputs;
    let mut members = population(50, inputs);
    let nobody = Column::Number([f64::NAN; 50].into());
    members = members.with("likes-received", nobody).unwrap();
    let fitted = plugin.fit(&members, &RunOptions::new()).unwrap();
    let one = rows(&plugin, &members, &[7]);
    let score = |one: &Population| fitted.score(one).unwrap()[0].to_bits();
    let expected = score(&one);
    let liked = one.clone().with("likes-received", Column::Number([40.0].into())).unwrap();
    assert_eq!(score(&liked), expected);
    let with_role =
        |role: Option<&str>| score(&one.clone().with("role", Column::from_words([role])).unwrap());
    assert_eq!(with_role(Some("a role of their own")), with_role(None));
    let more = one.clone().with("answers", Column::Number([1e6].into())).unwrap();
    assert_ne!(score(&more), expected);
}

#[test]
fn a_metric_of_the_other_kind_is_refused() {
    let [_, plugin] = plugins();
    let inputs = &plugin.scoring().unwrap().inputs;
    let fitted = plugin.fit(&population(50, inputs), &RunOptions::new()).unwrap();
    let refuse = |metric: &str, column| {
        let one = Population::new(1).with(metric, column).unwrap();
        fitted.score(&one).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refuse("answers", Column::from_words([Some("many")])), @"metric `answers` cannot be used: it is a category, and the definition asks for a number");
    insta::assert_snapshot!(refuse("role", Column::Number([1.0].into())), @"metric `role` cannot be used: it is a number, and the definition asks for words");
}

#[test]
fn whoever_looks_at_the_company_is_found_in_either_mode() {
    let fast = Runtime::builder().mode(Mode::Fast).limits(Limits { ..tight() }).build().unwrap();
    for runtime in [runtime(), &fast] {
        let plugin = runtime.load_bytes("count-rows.wasm", component("count-rows")).unwrap();
        let members = population(50, &plugin.scoring().unwrap().inputs);
        let fitted = plugin.fit(&members, &RunOptions::new()).unwrap();
        let error = fitted.score(&members).unwrap_err();
        assert!(error.is_plugin_fault() && error.to_string().contains("in other company"), "{error}");
        // The next question is one like any other.
        let good = runtime.load_bytes("good.wasm", component("good")).unwrap();
        assert_eq!(good.fit(&members, &RunOptions::new()).unwrap().score(&members).unwrap().len(), 50);
    }
}
