use std::borrow::Cow;

use groundswell_plugin::{
    Column, Definition, Kind, KnownTier, Members, Occurs, Ranking, RewardRules, Settings, Standings, Tier,
};
use regulars::{Nurture, Regulars};

/// Awards and reasons of one member, by id.
fn awards(tier: &str, best_before: Option<u8>, helped: f64, change: &[(&str, bool)]) -> Vec<String> {
    let description = Nurture::describe();
    let mut settings = Settings::defaults(&description.settings);
    for &(name, value) in change {
        settings = settings.with(name, value);
    }
    let tiers = Regulars::describe().tiers;
    let place = tiers.iter().position(|it| it.id == tier).unwrap() as u32;
    let rules = Nurture::open(&settings, &tiers).unwrap();
    let members = Members::new(&description.inputs, vec![Column::Number(vec![0.0, helped])]);
    let ranking = Ranking::new(vec![1.0, 90.0], vec![2, 1], vec![0.25, 0.75]);
    let standings = Standings::new(tiers, ranking, vec![1, place], vec![None; 2], vec![None, best_before]);
    let awards = rules.decide(&members, &standings).unwrap();
    assert!(awards.iter().all(|award| award.row == 1 && award.amount == 1));
    awards
        .iter()
        .map(|award| {
            let reason = &description.reasons[award.reason.text as usize];
            assert_eq!(reason.text.contains("{value}"), award.reason.input.is_some());
            format!("{}: {}", description.awards[award.award as usize].id, reason.id)
        })
        .collect()
}

#[test]
fn the_first_day_brings_everything() {
    for best_before in [None, Some(1)] {
        assert_eq!(
            awards("micro-influencer", best_before, 25.0, &[]),
            [
                "first-shoutout: first",
                "micro-influencer-badge: is",
                "training-invitation: training",
                "micro-influencer-circle: circle",
            ]
        );
    }
}

#[test]
fn there_is_one_first_day() {
    assert_eq!(
        awards("micro-influencer", Some(2), 25.0, &[]),
        ["micro-influencer-badge: is", "training-invitation: training", "micro-influencer-circle: circle"]
    );
}

#[test]
fn nobody_else_gets_anything() {
    for tier in ["unrated", "member", "regular", "celebrity", "staff"] {
        assert!(awards(tier, Some(2), 25.0, &[]).is_empty(), "{tier}");
    }
}

#[test]
fn a_community_can_leave_any_of_them_out() {
    let off = [("shoutout", false), ("badge", false), ("training", false)];
    assert_eq!(awards("micro-influencer", None, 25.0, &off), ["micro-influencer-circle: circle"]);
    assert!(awards("micro-influencer", None, 25.0, &[off[0], off[1], off[2], ("circle", false)]).is_empty());
}

#[test]
fn training_is_offered_without_a_figure_where_nobody_knows_who_was_helped() {
    assert!(awards("micro-influencer", None, f64::NAN, &[]).contains(&"training-invitation: is".to_owned()));
}

#[test]
fn badge_and_circle_can_be_taken_back_and_everything_comes_once() {
    let awards = Nurture::describe().awards;
    let revocable: Vec<_> = awards.iter().filter(|award| award.revocable).map(|award| award.kind).collect();
    assert_eq!(revocable, [Kind::Badge, Kind::Circle]);
    assert!(awards.iter().all(|award| award.occurs == Occurs::Once));
}

#[test]
fn another_author_s_definition_is_served_by_the_meaning_of_its_tiers() {
    let settings = Settings::defaults(&Nurture::describe().settings);
    let tier = |id: &'static str| Tier::new(Cow::Borrowed(id), "", "");
    assert!(Nurture::open(&settings, &[tier("guru").known(KnownTier::MicroInfluencer)]).is_ok());
    let problem = Nurture::open(&settings, &[tier("micro-influencer")]).unwrap_err();
    insta::assert_snapshot!(problem, @"the definition has no tier known as micro-influencer, so nobody could get an award: choose other reward rules, or a definition that has one");
}
