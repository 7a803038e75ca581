//! Love, reach and orbits, natively.

use groundswell_plugin::{Definition, log};
use groundswell_plugin_test::{Person, Trial, assert_promises};
use orbit::Orbit;

fn decayed(verb: &str) -> String {
    format!("decayed-activity(half-life=90d, verb={verb})")
}

/// Somebody who did so much of each, active, with an audience and connections.
fn person(done: &[(&str, f64)], audience: f64, connections: f64) -> Person {
    let nothing = ["answer", "reply", "post"].map(|verb| (verb, 0.0));
    let person = Person::of(&[
        ("audience", audience),
        ("degree(graph=activity)", connections),
        ("weeks-active-share", 0.3),
    ]);
    nothing.iter().chain(done).fold(person, |person, (verb, value)| person.with(&decayed(verb), *value))
}

/// Ada, Bo and Cyd of the page.
fn page() -> Trial<Orbit> {
    Trial::new([
        person(&[("answer", 18.5), ("reply", 10.0)], 40.0, 60.0),
        person(&[("post", 4.0)], 3_000.0, 8.0),
        person(&[("reply", 1.0)], 12.0, 1.0),
    ])
}

/// A hundred participants, more active one by one, and `notable`.
fn crowd(notable: impl IntoIterator<Item = Person>) -> Trial<Orbit> {
    let some = (0..100).map(|i| person(&[("reply", f64::from(i) / 50.0)], 5.0, 6.0));
    Trial::new(some.chain(notable))
}

fn near(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 0.06
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<Orbit>();
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    let it = page();
    let scores = it.scores();
    for (score, expected) in scores.iter().zip([169.6, 93.8, 28.3]) {
        assert!(near(*score, expected), "{scores:?}");
    }
    assert!(near(it.explained().base, 34.1), "{}", it.explained().base);
    for (input, expected) in [
        (decayed("answer") + "@raw", 107.4),
        (decayed("reply") + "@raw", 5.4),
        (decayed("post") + "@raw", 0.0),
        ("audience@log1p".to_owned(), 0.0),
        ("degree(graph=activity)@log1p".to_owned(), 22.8),
    ] {
        let told = it.contributions(&input)[0];
        assert!(near(told, expected), "{input}: {told}");
    }
    it.assert_promises();
}

#[test]
fn every_verb_has_an_input_a_setting_and_a_reason() {
    let it = Orbit::describe();
    let verbs = it.inputs.iter().filter(|input| input.metric.starts_with("decayed-activity"));
    for input in verbs.clone() {
        let verb =
            input.metric.trim_start_matches("decayed-activity(half-life=90d, verb=").trim_end_matches(')');
        assert!(it.settings.iter().any(|setting| setting.name == format!("weight-{verb}")), "{verb}");
        assert!(it.reasons.iter().any(|reason| reason.id == verb), "{verb}");
        let some = |done| Trial::<Orbit>::new([0.0, done].map(|done| person(&[(verb, done)], 5.0, 6.0)));
        assert!(near(some(3.0).scores()[1], 100.0), "{verb}: {:?}", some(3.0).scores());
    }
    assert_eq!(verbs.count(), 12);
}

#[test]
fn orbits_are_shares_by_gravity() {
    let it = crowd([]);
    let tiers = it.tiers();
    let count = |tier: &str| tiers.iter().filter(|it| *it == tier).count();
    assert_eq!(["orbit-4", "orbit-3", "orbit-2", "orbit-1"].map(count), [25, 50, 20, 5]);
    let narrow =
        it.with("orbit-1-share", 0.01).with("orbit-2-share", 0.01).with("orbit-3-share", 1.0).tiers();
    let count = |tier: &str| narrow.iter().filter(|it| *it == tier).count();
    // Who did nothing is an observer, however wide the third orbit.
    assert_eq!(["orbit-4", "orbit-3", "orbit-2", "orbit-1"].map(count), [1, 98, 0, 1]);
}

#[test]
fn ambassadors_are_in_exchange_with_others_and_say_what_they_did() {
    let best = [("answer", 18.5), ("reply", 10.0), ("post", 1.0)];
    let it = crowd([person(&best, 40.0, 60.0), person(&best, 40.0, 4.0)]);
    assert_eq!(it.tiers()[100..], ["orbit-1", "orbit-2"]);
    assert_eq!(
        it.reasons(100),
        [
            "answer decayed-activity(half-life=90d, verb=answer)@raw",
            "reply decayed-activity(half-life=90d, verb=reply)@raw",
            "connections degree(graph=activity)@log1p",
            "audience audience@log1p",
        ]
    );
    assert_eq!(
        it.reasons(101).last().map(String::as_str),
        Some("few-connections degree(graph=activity)@log1p")
    );
    assert_eq!(it.with("least-connections", 4).tiers()[101], "orbit-1");
}

#[test]
fn staff_celebrities_and_the_inactive_stand_aside() {
    let best = || person(&[("answer", 18.5)], 40.0, 60.0);
    let it = crowd([
        best().word("role", "staff"),
        best().with("audience", 500_000.0),
        best().with("weeks-active-share", 0.0),
    ]);
    assert_eq!(it.tiers()[100..], ["staff", "celebrity", "unrated"]);
}

#[test]
fn with_a_reach_weight_of_0_gravity_is_love() {
    let scores = page().with("reach-weight", 0.0).scores();
    for (score, expected) in scores.iter().zip([97.9, 53.1, 22.7]) {
        assert!(near(*score, expected), "{scores:?}");
    }
}

#[test]
fn without_reach_in_the_data_gravity_is_love_and_the_log_says_so() {
    let people: Vec<_> = page()
        .people()
        .iter()
        .map(|person| person.clone().without("audience").without("degree(graph=activity)"))
        .collect();
    log::take();
    let it = Trial::<Orbit>::new(people);
    assert_eq!(it.scores(), page().with("reach-weight", 0.0).scores());
    insta::assert_snapshot!(log::take()[0].1, @"nothing tells members apart by reach: gravity is love alone");
}

#[test]
fn where_nobody_does_anything_that_weighs_every_score_is_0_and_the_log_says_so() {
    log::take();
    let it = page().with("weight-answer", 0.0).with("weight-reply", 0.0).with("weight-post", 0.0);
    assert_eq!(it.scores(), [0.0; 3]);
    assert_eq!(it.tiers(), ["orbit-4", "orbit-4", "orbit-4"]);
    it.assert_promises();
    insta::assert_snapshot!(log::take()[0].1, @"nobody did anything that weighs anything, so every score is 0");
}

#[test]
fn orbits_that_cross_are_refused_with_the_way_out() {
    let problem = page().with("orbit-1-share", 0.3).fit().unwrap_err();
    insta::assert_snapshot!(problem, @"invalid setting: orbit-1-share is 0.3, above orbit-2-share, which is 0.25: an inner orbit is part of the one around it, so raise orbit-2-share or lower orbit-1-share");
}
