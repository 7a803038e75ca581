//! Bands and positions, natively.

use audience_band::AudienceBand;
use groundswell_plugin::log;
use groundswell_plugin_test::{Person, Trial, assert_promises};

const NAN: f64 = f64::NAN;

/// One member for each audience and each engagement rate.
fn trial(people: &[(f64, f64)]) -> Trial<AudienceBand> {
    Trial::new(people.iter().map(|&(audience, rate)| person(audience, rate)))
}

fn person(audience: f64, rate: f64) -> Person {
    Person::of(&[("audience", audience), ("engagement-rate", rate)])
}

fn near(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 0.005
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<AudienceBand>();
}

#[test]
fn bands_begin_and_end_where_the_settings_say() {
    let sizes = [0.0, 999.0, 1e3, 9_999.0, 1e4, 150_000.0, 150_001.0, 1e6, 1_000_001.0, NAN];
    let it = trial(&sizes.map(|size| (size, 0.02)));
    assert_eq!(
        it.tiers(),
        ["member", "member", "nano", "nano", "micro", "micro", "macro", "macro", "mega", "unrated"]
    );
    let small = it.with("nano-from", 0).with("micro-from", 999).with("micro-to", 999).with("macro-to", 999);
    assert_eq!(
        small.tiers(),
        ["nano", "micro", "mega", "mega", "mega", "mega", "mega", "mega", "mega", "unrated"]
    );
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    let it =
        trial(&[(40_000.0, 0.031), (3_000.0, 0.08), (400_000.0, 0.017), (2_000_000.0, 0.017), (12.0, 3.0)]);
    let scores = it.scores();
    for (score, expected) in scores.iter().zip([3.1, 3.82, 0.82, 0.0, 0.0]) {
        assert!(near(*score, expected), "{scores:?}");
    }
    let explained = it.explained();
    // The medians: 40,000 followers and a rate of 0.031.
    assert!(near(explained.base, 3.1), "{}", explained.base);
    assert!(near(explained.columns[0][1], -1.62) && near(explained.columns[1][1], 2.34), "{explained:?}");
}

#[test]
fn the_position_is_1_in_the_band_and_falls_off_on_both_sides() {
    let sizes = [999.0, 1_000.0, 5_000.0, 9_999.0, 10_000.0, 150_000.0, 150_001.0, 500_000.0, 1e6, 1e9];
    let scores = trial(&sizes.map(|size| (size, 0.01))).scores();
    assert_eq!((scores[0], scores[1]), (0.0, 0.0));
    assert!(scores[..5].is_sorted() && scores[2] > 0.0 && scores[3] < 1.0, "{scores:?}");
    assert_eq!((scores[4], scores[5]), (1.0, 1.0));
    assert!(scores[6] < 1.0 && scores[5..].iter().rev().is_sorted(), "{scores:?}");
    assert_eq!((scores[8], scores[9]), (0.0, 0.0));
}

#[test]
fn a_band_without_room_around_it_is_all_or_nothing() {
    let it = trial(&[(9.0, 0.01), (10.0, 0.01), (20.0, 0.01), (21.0, 0.01)])
        .with("nano-from", 10)
        .with("micro-from", 10)
        .with("micro-to", 20)
        .with("macro-to", 20);
    assert_eq!(it.scores(), [0.0, 1.0, 1.0, 0.0]);
    it.assert_promises();
}

#[test]
fn an_audience_of_micro_or_macro_size_that_hardly_responds_is_quiet() {
    let people = [(20_000.0, 0.0009), (20_000.0, 0.001), (500_000.0, 0.0), (5_000.0, 0.0), (2e6, 0.0)];
    let it = trial(&people);
    assert_eq!(it.tiers(), ["quiet", "micro", "quiet", "nano", "mega"]);
    assert_eq!(it.reasons(0), ["audience audience@log1p", "quiet engagement-rate@raw"]);
    assert_eq!(it.reasons(1), ["audience audience@log1p", "engaged engagement-rate@raw"]);
    assert_eq!(it.reasons(3), ["audience audience@log1p", "small"]);
    assert_eq!(it.with("least-engagement", 0.0).tiers(), ["micro", "micro", "macro", "nano", "mega"]);
}

#[test]
fn one_unknown_rate_is_the_median_and_keeps_nobody_out_of_a_band() {
    let it = trial(&[(20_000.0, NAN), (20_000.0, 0.02), (20_000.0, 0.04)]);
    assert_eq!(it.scores(), [2.0, 2.0, 4.0]);
    assert_eq!(it.tiers()[0], "micro");
}

#[test]
fn where_no_rate_is_known_the_size_decides_and_the_log_says_so() {
    log::take();
    let it = trial(&[(20_000.0, NAN), (3_000.0, NAN), (12.0, NAN)]);
    let scores = it.scores();
    assert_eq!((scores[0], scores[2]), (100.0, 0.0));
    assert!(near(scores[1], 47.70), "{scores:?}");
    assert_eq!(it.tiers(), ["micro", "nano", "member"]);
    it.assert_promises();
    insta::assert_snapshot!(log::take()[0].1, @"nobody's engagement is known: scores go by the size of audiences alone");
}

#[test]
fn a_community_without_such_audiences_is_told_what_to_set() {
    log::take();
    let it = trial(&[(3.0, 0.5), (45.0, 2.0)]);
    assert_eq!(it.scores(), [0.0, 0.0]);
    insta::assert_snapshot!(log::take()[0].1, @"nobody has an audience of more than nano-from, 1000, so every score is 0; the largest is 45: set nano-from, micro-from, micro-to and macro-to to what is small and large in this community");
    log::take();
    let own = it.with("nano-from", 2).with("micro-from", 10).with("micro-to", 60).with("macro-to", 500);
    assert_eq!(own.tiers(), ["nano", "micro"]);
    assert_eq!(own.scores()[1], 200.0);
    assert!(log::take().is_empty());
}

#[test]
fn staff_stand_aside_whatever_their_audience() {
    let it = Trial::<AudienceBand>::new([
        person(20_000.0, 0.01).word("role", "Staff"),
        person(NAN, NAN).word("role", "staff"),
        person(20_000.0, 0.01).word("role", "moderator"),
    ]);
    assert_eq!(it.tiers(), ["staff", "staff", "micro"]);
    assert_eq!(it.reasons(0), ["staff-role role@category"]);
    assert_eq!(it.with("staff-roles", "moderator").tiers(), ["micro", "unrated", "staff"]);
}

#[test]
fn bounds_that_cross_are_refused_with_the_way_out() {
    let problem = trial(&[(3.0, 0.5)]).with("micro-to", 5_000).fit().unwrap_err();
    insta::assert_snapshot!(problem, @"invalid setting: micro-from is 10000, above micro-to, which is 5000: each band begins where the one before it ends, so raise micro-to or lower micro-from");
}
