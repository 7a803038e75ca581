//! Sources of trust, rings and tiers, natively.

use groundswell_plugin::log;
use groundswell_plugin_test::{Person, Trial, assert_promises};
use trust_rank::TrustRank;

const NAN: f64 = f64::NAN;

/// Endorsements (EigenTrust, signed, supporters, rings) and thanks (EigenTrust, supporters, rings).
fn person([trust, signed, supporters, rings]: [f64; 4], thanks: [f64; 3]) -> Person {
    Person::of(&[
        ("eigentrust(verb=endorse)", trust),
        ("signed-trust(verb=endorse)", signed),
        ("supporters(verb=endorse)", supporters),
        ("ring-share(verb=endorse)", rings),
        ("eigentrust(verb=thank)", thanks[0]),
        ("supporters(verb=thank)", thanks[1]),
        ("ring-share(verb=thank)", thanks[2]),
        ("eigentrust(verb=accept)", 0.0),
        ("supporters(verb=accept)", 0.0),
        ("weeks-active-share", 0.3),
        ("audience", 12.0),
    ])
}

fn ada() -> Person {
    person([0.10, 8.0, 8.0, 0.0], [0.06, 15.0, 0.2])
}

fn bo() -> Person {
    person([0.02, 3.0, 3.0, 1.0], [0.01, 2.0, 0.0])
}

fn cyd() -> Person {
    person([0.005, 0.0, 0.0, NAN], [0.005, 0.0, NAN])
}

/// So many of whom nobody said anything, and after them `notable`.
fn with(members: usize, notable: impl IntoIterator<Item = Person>) -> Trial<TrustRank> {
    Trial::new(std::iter::repeat_n(cyd(), members).chain(notable))
}

fn near(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 0.05
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<TrustRank>();
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    log::take();
    let it = Trial::<TrustRank>::new([ada(), bo(), cyd()]);
    let scores = it.scores();
    for (score, expected) in scores.iter().zip([95.0, 20.9, 4.0]) {
        assert!(near(*score, expected), "{scores:?}");
    }
    insta::assert_snapshot!(log::take()[0].1, @"accepted answers tell nobody apart: trust goes by the rest");
    let explained = it.explained();
    assert!(near(explained.base, 29.7), "{}", explained.base);
    for (input, expected) in [
        ("eigentrust(verb=endorse)@raw", 20.0),
        ("signed-trust(verb=endorse)@raw", 7.8),
        ("supporters(verb=endorse)@log1p", 4.6),
        ("ring-share(verb=endorse)@raw", 0.0),
        ("eigentrust(verb=thank)@raw", 27.8),
        ("supporters(verb=thank)@log1p", 10.1),
        ("ring-share(verb=thank)@raw", -5.0),
    ] {
        let told = it.contributions(input)[0];
        assert!(near(told, expected), "{input}: {told}");
    }
    assert!(near(it.contributions("ring-share(verb=endorse)@raw")[1], -8.8));
    it.assert_promises();
}

#[test]
fn rings_lower_what_is_in_them_and_nothing_else() {
    let ring = |endorse: f64, thank: f64| {
        ada().with("ring-share(verb=endorse)", endorse).with("ring-share(verb=thank)", thank)
    };
    let it = with(3, [ring(0.0, 0.0), ring(1.0, 0.0), ring(0.0, 1.0), ring(1.0, 1.0)]);
    assert_eq!(it.scores()[3..], [100.0, 75.0, 75.0, 50.0]);
    assert_eq!(it.clone().with("ring-discount", 0.0).scores()[3..], [100.0; 4]);
    assert_eq!(it.with("ring-discount", 1.0).scores()[6], 0.0);
}

#[test]
fn the_best_are_trusted_and_the_next_learn_what_is_missing() {
    let it = with(40, [bo(), ada()]);
    assert_eq!(it.tiers()[39..], ["member", "supported", "trusted"]);
    assert_eq!(it.reasons(39), ["no-supporters"]);
    assert_eq!(
        it.reasons(41),
        ["endorsed supporters(verb=endorse)@log1p", "thanked supporters(verb=thank)@log1p"]
    );
    let few = with(40, [ada().with("supporters(verb=endorse)", 2.0).with("supporters(verb=thank)", 1.0)]);
    assert_eq!(few.tiers()[40], "supported");
    assert_eq!(
        few.reasons(40).last().map(String::as_str),
        Some("few-supporters supporters(verb=endorse)@log1p")
    );
    assert_eq!(few.with("least-supporters", 2).tiers()[40], "trusted");
    let ring = with(40, [ada().with("ring-share(verb=thank)", 0.6)]);
    assert_eq!(ring.tiers()[40], "supported");
    assert_eq!(ring.reasons(40).last().map(String::as_str), Some("in-rings ring-share(verb=thank)@raw"));
    assert_eq!(ring.with("most-ring-share", 0.6).tiers()[40], "trusted");
}

#[test]
fn who_is_spoken_ill_of_has_less_and_never_less_than_nothing() {
    let spoken_of = |signed: f64| ada().with("signed-trust(verb=endorse)", signed);
    let scores = with(3, [spoken_of(8.0), spoken_of(4.0), spoken_of(0.0), spoken_of(-9.0)]).scores();
    assert!(scores[3] > scores[4] && scores[4] > scores[5] && scores[5] == scores[6], "{scores:?}");
}

#[test]
fn a_site_of_questions_and_answers_goes_by_accepted_answers() {
    let accepted = |trust: f64, supporters: f64| {
        Person::of(&[
            ("eigentrust(verb=accept)", trust),
            ("supporters(verb=accept)", supporters),
            ("ring-share(verb=accept)", 0.0),
        ])
    };
    log::take();
    let it = Trial::<TrustRank>::new(
        std::iter::repeat_n(accepted(0.001, 0.0), 30).chain([accepted(0.2, 30.0), accepted(0.02, 1.0)]),
    );
    assert_eq!(it.scores()[30], 100.0);
    assert_eq!(it.tiers()[29..], ["member", "trusted", "supported"]);
    let said: Vec<_> = log::take().into_iter().take(3).map(|(_, line)| line).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    endorsements tell nobody apart: trust goes by the rest
    thanks tell nobody apart: trust goes by the rest
    the data has no audience: the ceiling on it is off
    "#);
}

#[test]
fn without_any_word_of_trust_every_score_is_0_and_the_log_says_what_to_do() {
    log::take();
    let it = Trial::<TrustRank>::new(vec![Person::of(&[("weeks-active-share", 0.5)]); 5]);
    assert_eq!(it.scores(), [0.0; 5]);
    assert!(it.tiers().iter().all(|tier| tier == "member"));
    it.assert_promises();
    insta::assert_snapshot!(log::take()[0].1, @"nobody is endorsed, thanked or has answers accepted more than others, as far as the data says by whom: every score is 0; choose another definition, or map what stands for trust here to the verb `endorse`");
}

#[test]
fn staff_celebrities_and_the_inactive_stand_aside() {
    let it = with(
        40,
        [
            ada().word("role", "staff"),
            ada().with("audience", 500_000.0),
            ada().with("weeks-active-share", 0.0),
        ],
    );
    assert_eq!(it.tiers()[40..], ["staff", "celebrity", "unrated"]);
}

#[test]
fn weights_that_leave_nothing_to_score_are_refused_with_the_way_out() {
    let it = || with(3, [ada()]);
    let sources =
        it().with("weight-endorsements", 0.0).with("weight-thanks", 0.0).with("weight-accepts", 0.0);
    insta::assert_snapshot!(sources.fit().unwrap_err(), @"invalid setting: weight-endorsements, weight-thanks and weight-accepts are all 0, so every score would be: set at least one of them above 0");
    let parts =
        it().with("weight-eigentrust", 0.0).with("weight-supporters", 0.0).with("weight-signed-trust", 0.0);
    insta::assert_snapshot!(parts.fit().unwrap_err(), @"invalid setting: weight-eigentrust, weight-supporters and weight-signed-trust are all 0, so every score would be: set at least one of them above 0");
}
