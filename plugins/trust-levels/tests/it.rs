//! Levels, progress and flags, natively.

use groundswell_plugin::{Definition, log};
use groundswell_plugin_test::{Person, Trial, assert_promises};
use trust_levels::TrustLevels;

const METRICS: [&str; 7] = [
    "days-active",
    "tenure-days",
    "topics",
    "given(verb=like)",
    "likes-received",
    "answers",
    "received(verb=x-flag)",
];

/// Somebody with these values of [`METRICS`], active.
fn person(values: [f64; 7]) -> Person {
    let person = Person::of(&[("weeks-active-share", 0.2), ("audience", 9.0)]);
    METRICS.iter().zip(values).fold(person, |person, (metric, value)| person.with(metric, value))
}

fn ada() -> Person {
    person([40.0, 400.0, 12.0, 35.0, 50.0, 9.0, 0.0])
}

fn bo() -> Person {
    person([12.0, 20.0, 2.0, 4.0, 0.0, 0.0, 0.0])
}

/// Just enough for each level.
const LEAST: [[f64; 7]; 5] = [
    [0.0; 7],
    [2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [10.0, 15.0, 3.0, 1.0, 1.0, 0.0, 0.0],
    [30.0, 100.0, 10.0, 30.0, 20.0, 5.0, 0.0],
    [60.0, 365.0, 20.0, 60.0, 40.0, 25.0, 0.0],
];

fn near(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 0.005
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<TrustLevels>();
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    let cyd = ada().with("received(verb=x-flag)", 6.0);
    let it = Trial::<TrustLevels>::new([ada(), bo(), cyd]);
    let scores = it.scores();
    for (score, expected) in scores.iter().zip([3.70, 1.73, 2.99]) {
        assert!(near(*score, expected), "{scores:?}");
    }
    assert_eq!(it.tiers(), ["level-3", "level-1", "level-2"]);
    assert!(near(it.explained().base, 3.70));
    for (metric, expected) in METRICS.iter().zip([-0.80, -0.13, -0.83, 0.0, -0.20, 0.0, 0.0]) {
        let told = it.contributions(&format!("{metric}@raw"))[1];
        assert!(near(told, expected), "{metric}: {told}");
    }
    assert_eq!(it.contributions("received(verb=x-flag)@raw")[2], 2.99 - scores[0]);
    it.assert_promises();
}

#[test]
fn just_enough_is_enough_and_anything_less_is_not() {
    let it = Trial::<TrustLevels>::new(LEAST.map(person));
    assert_eq!(it.tiers(), ["level-0", "level-1", "level-2", "level-3", "level-4"]);
    for (level, values) in LEAST.iter().enumerate() {
        for (metric, least) in METRICS.iter().zip(values).filter(|(_, least)| **least > 0.0) {
            let short = person(*values).with(metric, least - 1.0);
            let it = Trial::<TrustLevels>::new(LEAST.map(person).into_iter().chain([short]));
            let score = it.scores()[5];
            assert!(
                score < level as f64 && score <= level as f64 - 1.0 + 0.99,
                "{metric} at {level}: {score}"
            );
            let lacking = it.reasons(5);
            assert!(lacking.iter().any(|reason| reason.ends_with(&format!("{metric}@raw"))), "{lacking:?}");
        }
    }
}

#[test]
fn however_little_is_lacking_the_next_level_is_not_reached() {
    let nearly = person(LEAST[4]).with("days-active", 60.0 - 1e-9);
    let it = Trial::<TrustLevels>::new(LEAST.map(person).into_iter().chain([nearly]));
    assert_eq!((it.scores()[5], it.tiers()[5].as_str()), (3.99, "level-3"));
}

#[test]
fn a_member_learns_everything_that_is_lacking_and_a_leader_what_there_is() {
    let it = Trial::<TrustLevels>::new([bo(), person(LEAST[4])]);
    assert_eq!(it.reasons(0), ["few-topics topics@raw", "few-likes-received likes-received@raw"]);
    assert_eq!(
        it.reasons(1),
        [
            "active days-active@raw",
            "tenure tenure-days@raw",
            "topics topics@raw",
            "likes-given given(verb=like)@raw",
            "likes-received likes-received@raw",
            "answers answers@raw",
        ]
    );
}

#[test]
fn whoever_is_flagged_too_often_stays_below_level_3_and_learns_it() {
    let flagged = |times: f64| person(LEAST[4]).with("received(verb=x-flag)", times);
    let it =
        Trial::<TrustLevels>::new([flagged(5.0), flagged(6.0), bo().with("received(verb=x-flag)", 60.0)]);
    assert_eq!(it.tiers(), ["level-4", "level-2", "level-1"]);
    assert_eq!(it.reasons(1).last().map(String::as_str), Some("flagged received(verb=x-flag)@raw"));
    assert_eq!(it.with("most-flags", 6).tiers()[1], "level-4");
}

#[test]
fn what_nobody_has_is_not_asked_for_and_the_log_names_it() {
    log::take();
    let without = |person: Person| person.without("given(verb=like)").with("answers", 0.0);
    let it = Trial::<TrustLevels>::new(LEAST.map(person).map(without));
    assert_eq!(it.tiers(), ["level-0", "level-1", "level-2", "level-3", "level-4"]);
    let said: Vec<_> = log::take().into_iter().take(2).map(|(_, line)| line).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    no level asks for given(verb=like): nobody is known to have any
    no level asks for answers: nobody is known to have any
    "#);
}

#[test]
fn where_nothing_is_known_everybody_is_at_level_0_and_the_log_says_so() {
    log::take();
    let it = Trial::<TrustLevels>::new(vec![Person::of(&[("weeks-active-share", 0.2)]); 3]);
    assert_eq!(it.scores(), [0.0; 3]);
    assert_eq!(it.tiers(), ["level-0"; 3]);
    it.assert_promises();
    let lines = log::take();
    insta::assert_snapshot!(lines[6].1, @"nothing that levels ask for is known here, so everybody is at level 0");
}

#[test]
fn one_unknown_tenure_is_that_of_the_one_in_the_middle() {
    let it = Trial::<TrustLevels>::new([ada(), ada(), ada().without("tenure-days")]);
    assert_eq!(it.scores()[2], it.scores()[0]);
}

#[test]
fn staff_celebrities_and_the_inactive_stand_aside() {
    let it = Trial::<TrustLevels>::new([
        ada().word("role", "staff"),
        ada().with("audience", 500_000.0),
        ada().with("weeks-active-share", 0.0),
    ]);
    assert_eq!(it.tiers(), ["staff", "celebrity", "unrated"]);
}

#[test]
fn levels_that_ask_for_less_than_the_one_below_are_refused_with_the_way_out() {
    let problem = Trial::<TrustLevels>::new([ada()]).with("level-3-topics", 2).fit().unwrap_err();
    insta::assert_snapshot!(problem, @"invalid setting: level-2-topics is 3, above level-3-topics, which is 2: a level asks for what the one below asks for, or more, so raise level-3-topics or lower level-2-topics");
}

#[test]
fn every_threshold_of_the_page_is_the_default() {
    let page = include_str!("../README.md");
    let settings = TrustLevels::describe().settings;
    for (metric, name) in METRICS
        .iter()
        .zip(["days-active", "tenure-days", "topics", "likes-given", "likes-received", "answers"].iter())
    {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{metric}`"))).unwrap();
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for level in 1..=4 {
            let name = format!("level-{level}-{name}");
            let setting = settings.iter().find(|setting| setting.name == name).unwrap();
            assert_eq!(
                setting.default,
                groundswell_plugin::Value::Integer(cells[2 + level].parse().unwrap()),
                "{name}"
            );
        }
    }
}
