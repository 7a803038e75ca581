//! Who is heard, and tiers, natively.

use groundswell_plugin::log;
use groundswell_plugin_test::{Person, Trial, assert_promises};
use thought_leader::ThoughtLeader;

fn person([external, here, reach, pagerank, engagement]: [f64; 5]) -> Person {
    Person::of(&[
        ("external-followers", external),
        ("audience", external + here),
        ("reach(hops=2)", reach),
        ("pagerank(graph=follows)", pagerank),
        ("engagement-rate", engagement),
        ("weeks-active-share", 0.3),
    ])
}

fn ada() -> Person {
    person([240_000.0, 300.0, 450.0, 0.05, 0.002])
}

fn bo() -> Person {
    person([5_000.0, 40.0, 200.0, 0.01, 0.01])
}

fn cyd() -> Person {
    person([0.0, 12.0, 60.0, 0.004, 0.5])
}

fn dee() -> Person {
    person([3_000_000.0, 500.0, 480.0, 0.06, 0.0001])
}

/// So many members such as Cyd, and after them `notable`.
fn with(members: usize, notable: impl IntoIterator<Item = Person>) -> Trial<ThoughtLeader> {
    Trial::new(std::iter::repeat_n(cyd(), members).chain(notable))
}

fn near(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 0.06
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<ThoughtLeader>();
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    let it = Trial::<ThoughtLeader>::new([ada(), bo(), cyd(), dee()]);
    let scores = it.scores();
    for (score, expected) in scores.iter().zip([70.1, 48.6, 17.4, 73.8]) {
        assert!(near(*score, expected), "{scores:?}");
    }
    assert!(near(it.explained().base, 44.5), "{}", it.explained().base);
    for (input, expected) in [
        ("external-followers@log1p", 8.4),
        ("audience@log1p", 4.2),
        ("reach(hops=2)@log1p", 2.1),
        ("pagerank(graph=follows)@raw", 10.8),
        ("engagement-rate@percentile", 0.0),
        ("weeks-active-share@raw", 0.0),
    ] {
        let told = it.contributions(input)[0];
        assert!(near(told, expected), "{input}: {told}");
    }
    it.assert_promises();
    let tiers = it.tiers();
    assert_eq!([&tiers[0], &tiers[3]], ["thought-leader", "celebrity"]);
}

#[test]
fn a_thought_leader_has_more_than_a_micro_influencer_and_less_than_a_celebrity() {
    let of = |audience: f64| ada().with("audience", audience);
    let sizes = [100_000.0, 100_001.0, 1_000_000.0, 1_000_001.0].map(of);
    let it = with(30, sizes).with("floor-percentile", 1.0);
    assert_eq!(it.tiers()[30..], ["voice", "thought-leader", "thought-leader", "celebrity"]);
    assert_eq!(it.reasons(31), ["external external-followers@log1p", "reach reach(hops=2)@log1p"]);
    assert_eq!(it.reasons(30).last().map(String::as_str), Some("small-audience audience@log1p"));
    assert_eq!(it.reasons(33), ["above-ceiling audience@log1p"]);
}

#[test]
fn in_a_small_community_an_audience_above_the_percentile_makes_one_if_it_is_no_handful() {
    let of = |audience: f64| with(30, [cyd().with("audience", audience).with("reach(hops=2)", 400.0)]);
    assert_eq!(of(100.0).tiers()[30], "thought-leader");
    assert_eq!(of(99.0).tiers()[30], "voice");
    assert_eq!(of(99.0).with("floor-least", 99).tiers()[30], "thought-leader");
}

#[test]
fn a_name_without_a_part_in_the_community_is_none_of_its_leaders() {
    let of = |weeks: f64| with(30, [ada().with("weeks-active-share", weeks)]);
    assert_eq!(of(0.0).tiers()[30], "unrated");
    assert_eq!(of(0.019).tiers()[30], "voice");
    assert_eq!(
        of(0.019).reasons(30).last().map(String::as_str),
        Some("seldom-active weeks-active-share@raw")
    );
    assert_eq!(of(0.02).tiers()[30], "thought-leader");
    assert_eq!(of(f64::NAN).tiers()[30], "thought-leader");
}

#[test]
fn the_best_fifth_are_voices_and_the_rest_members() {
    let some = (0..20).map(|i| person([f64::from(i) * 10.0, 5.0, 40.0, 0.01, 0.1]));
    let tiers = Trial::<ThoughtLeader>::new(some).tiers();
    assert_eq!(tiers.iter().filter(|tier| *tier == "voice").count(), 4);
    assert_eq!(tiers.iter().filter(|tier| *tier == "member").count(), 16);
}

#[test]
fn staff_stand_aside_whatever_their_audience() {
    let it = with(30, [ada().word("role", "staff"), dee().word("role", "STAFF")]);
    assert_eq!(it.tiers()[30..], ["staff", "staff"]);
}

#[test]
fn without_followers_elsewhere_those_here_decide_and_the_log_says_so() {
    log::take();
    let people =
        [bo(), cyd(), ada()].map(|person| person.without("external-followers").without("engagement-rate"));
    let it = Trial::<ThoughtLeader>::new(people);
    assert_eq!(it.scores()[2], 100.0);
    it.assert_promises();
    insta::assert_snapshot!(log::take()[0].1, @"nobody's followers elsewhere are known: who is heard here stands for who is heard");
}

#[test]
fn an_unknown_audience_makes_no_thought_leader() {
    assert_eq!(with(30, [ada().without("audience")]).tiers()[30], "voice");
}

#[test]
fn where_nobody_is_heard_by_more_than_others_every_score_is_0_and_the_log_says_so() {
    log::take();
    let it = with(5, []);
    assert_eq!(it.scores(), [0.0; 5]);
    assert!(it.tiers().iter().all(|tier| tier == "member"));
    insta::assert_snapshot!(log::take()[0].1, @"nobody is heard by more than others, so every score is 0");
}

#[test]
fn a_floor_above_the_ceiling_is_refused_with_the_way_out() {
    let problem = with(5, []).with("ceiling", 500).fit().unwrap_err();
    insta::assert_snapshot!(problem, @"invalid setting: floor is 100000, above ceiling, which is 500: nobody could be a thought leader, so raise ceiling or lower floor");
}
