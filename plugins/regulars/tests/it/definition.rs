use groundswell_plugin::{Definition, Problem, log};
use groundswell_plugin_test::assert_promises;
use regulars::Regulars;

use crate::community::{Community, HELPER, MEMBER, Member, with};

#[test]
fn a_trusted_helper_with_a_modest_audience_is_a_micro_influencer() {
    let it = with(&[HELPER]);
    assert_eq!(it.tiers(96), ["micro-influencer"]);
    assert_eq!(
        it.reasons(96),
        ["helped members-helped@log1p", "active weeks-active-share@raw", "liked likes-received@log1p"]
    );
}

#[test]
fn an_audience_above_the_absolute_ceiling_makes_a_celebrity() {
    let mut it = with(&[Member { audience: 100_001.0, ..HELPER }, Member { audience: 100_000.0, ..HELPER }]);
    it.set("ceiling-percentile", 1.0);
    assert_eq!(it.tiers(96), ["celebrity", "micro-influencer"]);
    assert_eq!(it.reasons(96), ["above-ceiling audience@raw"]);
}

#[test]
fn an_audience_above_the_percentile_makes_a_celebrity_if_it_is_no_handful() {
    assert_eq!(with(&[Member { audience: 100.0, ..HELPER }]).tiers(96), ["celebrity"]);
    assert_eq!(with(&[Member { audience: 99.0, ..HELPER }]).tiers(96), ["micro-influencer"]);
    let mut it = with(&[Member { audience: 99.0, ..HELPER }]);
    it.set("ceiling-least", 99);
    assert_eq!(it.tiers(96), ["celebrity"]);
}

#[test]
fn a_celebrity_need_not_be_active() {
    assert_eq!(
        with(&[Member { audience: 5_000.0, weeks: 0.0, likes: 0.0, ..MEMBER }]).tiers(96),
        ["celebrity"]
    );
}

#[test]
fn a_staff_role_stands_beside_the_ladder_whatever_its_case() {
    let staff = |role| Member { role: Some(role), audience: 500_000.0, ..HELPER };
    let mut it = with(&[staff("Staff"), staff("moderator")]);
    assert_eq!(it.tiers(96), ["staff", "celebrity"]);
    assert_eq!(it.reasons(96), ["staff-role role@category"]);
    it.set("staff-roles", " Moderator , intern");
    assert_eq!(it.tiers(96), ["celebrity", "staff"]);
}

#[test]
fn no_role_is_a_staff_role_where_the_setting_is_empty() {
    let mut it = with(&[Member { role: Some(""), ..HELPER }]);
    it.set("staff-roles", "");
    assert_eq!(it.tiers(96), ["micro-influencer"]);
}

#[test]
fn who_was_not_active_is_not_rated() {
    let it = with(&[Member { weeks: 0.0, answers: 0.0, ..HELPER }, Member { weeks: f64::NAN, ..MEMBER }]);
    assert_eq!(it.tiers(96), ["unrated", "unrated"]);
    assert_eq!(it.reasons(96), ["not-active"]);
}

#[test]
fn the_many_are_members_and_the_next_best_are_regulars() {
    let next = Member { answers: 3.0, helped: 3.0, weeks: 0.1, likes: 9.0, ..MEMBER };
    let mut notable = vec![next; 10];
    notable.push(HELPER);
    let tiers = with(&notable).tiers(94);
    assert_eq!(tiers[..2], ["member", "member"]);
    assert!(tiers[2..12].iter().all(|tier| tier == "regular"), "{tiers:?}");
    assert_eq!(tiers[12], "micro-influencer");
}

#[test]
fn a_high_score_without_activity_or_trust_or_following_is_a_regular_and_learns_what_is_missing() {
    for (member, missing) in [
        (Member { helped: 2.0, ..HELPER }, "helped-few members-helped@log1p"),
        (Member { weeks: 0.019, ..HELPER }, "seldom-active weeks-active-share@raw"),
        (Member { thanks: 2.0, endorsements: 1.0, likes: 1.0, ..HELPER }, "little-trust"),
        (Member { audience: 0.0, ..HELPER }, "small-audience audience@raw"),
    ] {
        let it = with(&[member]);
        assert_eq!(it.tiers(96), ["regular"], "{missing}");
        assert_eq!(it.reasons(96).last().unwrap(), missing);
    }
}

#[test]
fn the_thresholds_themselves_suffice() {
    let just = Member {
        helped: 3.0,
        weeks: 0.02,
        thanks: 2.0,
        endorsements: 1.0,
        likes: 2.0,
        audience: 1.0,
        ..HELPER
    };
    assert_eq!(with(&[just]).tiers(96), ["micro-influencer"]);
}

#[test]
fn without_an_audience_in_the_data_ceiling_and_floor_are_off_and_the_log_says_so() {
    let mut it = with(&[HELPER]);
    for member in &mut it.members {
        member.audience = f64::NAN;
    }
    log::take();
    assert_eq!(it.tiers(96), ["micro-influencer"]);
    let said =
        (log::Level::Info, "the data has no audience: the ceiling and the floor on it are off".to_owned());
    assert!(log::take().contains(&said));
}

#[test]
fn one_member_s_unknown_audience_is_neither_too_small_nor_too_large() {
    assert_eq!(with(&[Member { audience: f64::NAN, ..HELPER }]).tiers(96), ["micro-influencer"]);
}

#[test]
fn a_chat_without_answers_likes_and_accepts_still_finds_its_helpers() {
    let mut it = with(&[Member { thanks: 12.0, ..HELPER }]);
    for member in &mut it.members {
        *member = Member {
            answers: f64::NAN,
            likes: f64::NAN,
            endorsements: f64::NAN,
            acceptance: f64::NAN,
            audience: f64::NAN,
            ..*member
        };
    }
    assert_eq!(it.tiers(96), ["micro-influencer"]);
    assert_eq!(it.scores()[96], 100.0);
}

#[test]
fn a_site_with_likes_alone_measures_trust_by_them() {
    let mut it = with(&[HELPER]);
    for member in &mut it.members {
        *member = Member { thanks: 0.0, endorsements: 0.0, audience: f64::NAN, ..*member };
    }
    assert_eq!(it.tiers(96), ["micro-influencer"]);
    // Likes have all 60 points of trust: thanks and endorsements are 0 for everybody, and one rate of
    // acceptance tells nobody apart.
    let explained = it.explain();
    let points: Vec<_> = explained.columns.iter().map(|column| column[96]).collect();
    assert!((points[5] - 60.0 * (1.0 - 2f64.ln() / 81f64.ln())).abs() < 1e-9, "{points:?}");
    assert_eq!(points[3], 0.0);
}

#[test]
fn the_best_on_everything_has_100() {
    let score = with(&[HELPER]).scores()[96];
    // Only the helper answers, so acceptance tells nobody apart and hands on its weight.
    assert!((score - 100.0).abs() < 1e-9, "{score}");
}

#[test]
fn trust_weighs_as_the_community_says() {
    let active = Member { thanks: 0.0, endorsements: 0.0, likes: 0.0, acceptance: 0.0, ..HELPER };
    let mut it = with(&[active, HELPER]);
    assert!((it.scores()[96] - 40.0).abs() < 1e-9, "{}", it.scores()[96]);
    it.set("trust-share", 0.1);
    assert!((it.scores()[96] - 90.0).abs() < 1e-9, "{}", it.scores()[96]);
}

#[test]
fn every_promise_is_kept_whatever_the_community() {
    assert_promises::<Regulars>();
}

#[test]
fn every_promise_is_kept_by_nobody_and_by_nothing_to_tell_apart() {
    let nobody = Member {
        answers: f64::NAN,
        helped: f64::NAN,
        weeks: f64::NAN,
        thanks: f64::NAN,
        endorsements: f64::NAN,
        likes: f64::NAN,
        acceptance: f64::NAN,
        audience: f64::NAN,
        role: None,
    };
    let part = Member { thanks: f64::NAN, ..HELPER };
    for members in [
        vec![HELPER],
        vec![HELPER; 9],
        vec![nobody; 3],
        vec![nobody, HELPER],
        vec![nobody, MEMBER, HELPER, part],
    ] {
        Community::new(members).trial().assert_promises();
    }
}

#[test]
fn a_missing_value_is_the_median_and_contributes_nothing() {
    let mut it = with(&[HELPER, HELPER]);
    it.members[96].thanks = f64::NAN;
    it.members[0].weeks = f64::NAN;
    let explained = it.explain();
    assert_eq!(explained.columns[3][96].to_bits(), 0);
    assert_eq!(explained.columns[2][0].to_bits(), 0);
    let mut filled = with(&[HELPER, HELPER]);
    filled.members[96].thanks = 0.0;
    filled.members[0].weeks = 0.01;
    assert_eq!(it.scores()[96], filled.scores()[96]);
    assert_eq!(it.scores()[0], filled.scores()[0]);
}

#[test]
fn more_of_what_raises_is_worth_more() {
    let more: [fn(&mut Member); 7] = [
        |it| it.answers += 1.0,
        |it| it.helped += 1.0,
        |it| it.weeks += 0.01,
        |it| it.thanks += 1.0,
        |it| it.endorsements += 1.0,
        |it| it.likes += 1.0,
        |it| it.acceptance += 0.01,
    ];
    let some =
        Member { answers: 10.0, helped: 5.0, thanks: 3.0, endorsements: 1.0, acceptance: 0.5, ..MEMBER };
    for (place, more) in more.into_iter().enumerate() {
        let mut better = some;
        more(&mut better);
        let it = with(&[some, better, HELPER]);
        let scores = it.scores();
        assert!(scores[97] > scores[96], "{}", Regulars::describe().inputs[place].id());
        let parts = &it.explain().columns[place];
        assert!(parts[97] > parts[96]);
    }
}

#[test]
fn settings_that_contradict_each_other_are_refused_with_the_way_out() {
    let problem = |it: &Community| it.trial().fit().unwrap_err();
    let mut it = with(&[HELPER]);
    it.set("micro-influencer-share", 0.3);
    insta::assert_snapshot!(problem(&it), @"invalid setting: micro-influencer-share is 0.3, above regular-share, which is 0.2: micro-influencers are regulars too, so raise regular-share or lower micro-influencer-share");

    let mut it = with(&[HELPER]);
    it.set("audience-floor", 200_000);
    insta::assert_snapshot!(problem(&it), @"invalid setting: audience-floor is 200000, above ceiling, which is 100000: nobody could be a micro-influencer, so raise ceiling or lower audience-floor");

    let mut it = with(&[HELPER]);
    for setting in Regulars::describe().settings {
        if setting.name.starts_with("weight-") {
            it.set(setting.name, 0.0);
        }
    }
    assert!(matches!(problem(&it), Problem::InvalidSetting(_)));
    insta::assert_snapshot!(problem(&it), @"invalid setting: weight-answers, weight-members-helped, weight-weeks-active, weight-thanks, weight-endorsements, weight-likes and weight-acceptance are all 0, so every score would be: set at least one of them above 0");
}
