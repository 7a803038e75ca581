//! Rates and effects, natively.

use groundswell_plugin::log;
use groundswell_plugin_test::{Person, Trial, assert_promises};
use word_of_mouth::WordOfMouth;

const NAN: f64 = f64::NAN;

/// Somebody who recommends so often, with this follow-through and lift, to twelve members, nine of whom bought.
fn recommender(rate: f64, followed: f64, lift: f64) -> Person {
    Person::of(&[
        ("recommendations-per-week", rate),
        ("advice-per-week", 0.0),
        ("follow-through", followed),
        ("conversion-lift", lift),
        ("recommendation-recipients", 12.0),
        ("conversions", 9.0),
        ("weeks-active-share", 0.4),
        ("audience", 20.0),
    ])
}

/// Somebody who recommends nothing.
fn silent() -> Person {
    recommender(0.0, NAN, NAN).with("recommendation-recipients", 0.0).with("conversions", 0.0)
}

/// So many who recommend nothing, and after them `notable`.
fn with(silents: usize, notable: impl IntoIterator<Item = Person>) -> Trial<WordOfMouth> {
    Trial::new(std::iter::repeat_n(silent(), silents).chain(notable))
}

/// Ada, Cyd, Bo and Dee of the page.
fn page() -> Trial<WordOfMouth> {
    with(
        6,
        [
            recommender(0.5, 0.6, 0.5),
            recommender(1.0, 0.05, 0.0),
            recommender(0.1, 0.5, 0.2),
            recommender(0.1, NAN, NAN),
        ],
    )
}

fn near(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 0.05
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<WordOfMouth>();
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    let it = page();
    let scores = it.scores();
    assert_eq!(scores[..6], [0.0; 6]);
    for (score, expected) in scores[6..].iter().zip([73.3, 61.9, 45.7, 45.7]) {
        assert!(near(*score, expected), "{scores:?}");
    }
    let explained = it.explained();
    assert_eq!(explained.base, 0.0);
    let ada: Vec<f64> = explained.columns.iter().map(|column| column[6]).collect();
    assert!(near(ada[0], 62.9) && near(ada[2], 5.2) && near(ada[3], 5.2), "{ada:?}");
    assert_eq!((ada[1], &ada[4..]), (0.0, &[0.0; 8][..]));
    it.assert_promises();
}

#[test]
fn whoever_is_followed_most_among_those_who_recommend_as_often_is_first() {
    let it = with(6, [recommender(0.5, 0.2, 0.1), recommender(0.5, 0.4, 0.1), recommender(0.5, 0.4, 0.3)]);
    assert!(it.scores()[6..].is_sorted_by(|a, b| a < b), "{:?}", it.scores());
    let by_rate = it.with("effect-share", 0.0).scores();
    assert!(by_rate[6] == by_rate[7] && by_rate[7] == by_rate[8]);
}

#[test]
fn advice_counts_as_recommendations_do() {
    let adviser = recommender(0.0, 0.4, 0.2).with("advice-per-week", 0.5);
    let it = with(6, [recommender(0.5, 0.4, 0.2), adviser]);
    assert_eq!(it.scores()[6], it.scores()[7]);
    assert_eq!(it.tiers()[7], "recommender");
    assert_eq!(it.reasons(7)[0], "advice advice-per-week@raw");
}

#[test]
fn the_best_with_effect_are_micro_influencers_and_the_others_learn_what_is_missing() {
    let best = || recommender(2.0, 0.9, 0.9);
    let one = |notable| with(20, [recommender(0.1, 0.1, 0.0), notable]);
    let it = one(best());
    assert_eq!(it.tiers()[19..], ["member", "recommender", "micro-influencer"]);
    assert_eq!(
        it.reasons(21),
        [
            "unasked recommendations-per-week@raw",
            "followed follow-through@percentile",
            "conversions conversions@raw"
        ]
    );
    assert_eq!(it.reasons(19), ["recommend"]);
    let few = one(best().with("recommendation-recipients", 2.0));
    assert_eq!(few.tiers()[21], "recommender");
    assert_eq!(few.reasons(21).last().unwrap(), "few-recipients recommendation-recipients@raw");
    let unsold = one(best().with("conversions", 0.9));
    assert_eq!(unsold.tiers()[21], "recommender");
    assert_eq!(unsold.reasons(21).last().unwrap(), "few-conversions conversions@raw");
    assert_eq!(unsold.with("least-conversions", 0.5).tiers()[21], "micro-influencer");
    let unknown = one(best().without("conversions").without("recommendation-recipients"));
    assert_eq!(unknown.tiers()[21], "micro-influencer");
}

#[test]
fn staff_celebrities_and_the_inactive_stand_aside() {
    let best = || recommender(2.0, 0.9, 0.9);
    let notable = [
        best().word("role", "staff").with("audience", 500_000.0),
        best().with("audience", 500_000.0),
        best().with("weeks-active-share", 0.0),
    ];
    assert_eq!(with(40, notable).tiers()[40..], ["staff", "celebrity", "unrated"]);
}

#[test]
fn without_conversions_the_rate_decides_and_the_log_says_so() {
    log::take();
    let it = with(6, [0.1, 0.5].map(|rate| recommender(rate, NAN, NAN).without("conversions")));
    let scores = it.scores();
    assert!(near(scores[6], 70.0) && near(scores[7], 90.0), "{scores:?}");
    insta::assert_snapshot!(log::take()[0].1, @"what comes of recommendations is not known: scores go by how often members recommend");
}

#[test]
fn where_nobody_recommends_every_score_is_0_and_the_log_says_so() {
    log::take();
    let it = with(9, []);
    assert_eq!(it.scores(), [0.0; 9]);
    assert!(it.tiers().iter().all(|tier| tier == "member"));
    insta::assert_snapshot!(log::take()[0].1, @"nobody recommends more than others, so every score is 0");
}

#[test]
fn weights_that_leave_nothing_to_score_are_refused_with_the_way_out() {
    let problem = page().with("weight-recommendations", 0.0).with("weight-advice", 0.0).fit().unwrap_err();
    insta::assert_snapshot!(problem, @"invalid setting: weight-recommendations and weight-advice are all 0, so every score would be: set at least one of them above 0");
}
