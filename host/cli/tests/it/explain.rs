use crate::shell::{Planted, groundswell, repository};

#[test]
fn an_explanation_gives_every_input_and_adds_up() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["m0002"]).done(), @r"
    m0002: rank 77 of 474, score 46.18, percentile 83.9
    tier: Regular. Among the best scores for activity and trust.
      - Helped 11 different members.
      - Share of weeks active: 0.47.
      - Received 7 likes.
    next tier: Micro-influencer. Among the very best scores, earned by activity and by trust, with a modest audience. It has 20 members, scores from 94.43.

     input                                      value  scaled  percentile  contribution  why
     base                                                                          3.12  the score at the medians
     answers@log1p                         11 answers    2.48        82.7         +8.35  Whoever answers questions keeps the community going.
     members-helped@log1p                  11 members    2.48        83.3         +8.47  Helping many different members says more than writing a lot to a few.
     weeks-active-share@raw        0.47 share, 0 to 1    0.47        83.2         +4.36  Regulars are there week after week, not once.
     received(verb=thank)@log1p          4 activities    1.61        85.5        +10.45  A thank-you says that the help was worth it.
     received(verb=endorse)@log1p        1 activities    0.69        83.5         +5.17  An endorsement is a member's word for another.
     likes-received@log1p                     7 likes    2.08        88.1         +6.07  Likes are how most members say that they agree or trust.
     acceptance-rate@raw           0.55 share, 0 to 1    0.55        76.1         +0.19  An accepted answer is one that solved the asker's problem.
     audience@raw                         8 followers       8        37.9         +0.00  A modest audience is what sets this group apart: it moves no score, but has a floor and a ceiling.
     audience@percentile                  8 followers    0.38        37.9         +0.00  Tells an audience that is large for this very community.
     role@category                             member  member                     +0.00  Staff are active by duty, so they stand beside the ladder.
     score                                                                        46.18
    ");
    let json = planted.explain(&["m0002", "--format", "json"]).json();
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let contributions = json["inputs"].as_array().unwrap().iter().map(|input| number(&input["contribution"]));
    let sum = number(&json["base"]) + contributions.sum::<f64>();
    assert!((sum - number(&json["score"])).abs() < 1e-9, "{json}");
    assert!(!planted.path(".groundswell").exists(), "an explanation writes nothing");
}

#[test]
fn an_explanation_is_that_of_the_run() {
    let planted = Planted::new();
    let computed = planted.explain(&["m0314", "--format", "json"]).json();
    let run = planted.score(&["--format", "json"]).json();
    let stored = planted.explain(&["m0314", "--format", "json"]).json();
    assert_eq!(computed, stored);
    let member =
        run["members"].as_array().unwrap().iter().find(|member| member["member"] == "m0314").unwrap();
    for key in ["score", "rank", "percentile", "reasons"] {
        assert_eq!(member[key], stored[key], "{key}");
    }
}

#[test]
fn whoever_cannot_be_explained_is_told_why() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["M-0002"]).stopped(2), @"x `M-0002` is not in the population: no member up to as-of has this id; did you mean `m0002`?");
    insta::assert_snapshot!(planted.explain(&["nobody at all"]).stopped(2), @"x `nobody at all` is not in the population: no member up to as-of has this id");
    insta::assert_snapshot!(planted.explain(&["m0000"]).stopped(2), @r#"x `m0000` is not in the population: they have no activity, given or received, in the window; `population = "all"` scores them"#);
}

#[test]
fn a_mistyped_option_is_no_member_and_a_negative_id_is() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["--formta"]).stopped(2), @r"
    error: unexpected argument '--formta' found

      tip: a similar argument exists: '--format'

    Usage: groundswell explain --format <FORMAT> <COMMUNITY> <MEMBER>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(planted.explain(&["--", "--formta"]).stopped(2), @"x `--formta` is not in the population: no member up to as-of has this id");
    let beer = repository("examples/communities/beer/community.toml");
    insta::assert_snapshot!(groundswell(&["explain", beer.to_str().unwrap(), "-1"]).stopped(2), @"x `-1` is not in the population: their role is one of exclude-roles");
}
