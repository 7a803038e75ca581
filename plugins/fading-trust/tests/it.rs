//! Trust worked out by hand, and who begins with it, natively.

use fading_trust::FadingTrust;
use groundswell_plugin::{Column, Community, Metric, Settings, TieKind, Ties, Value};

fn settings(changes: &[(&str, Value)]) -> Settings {
    let defaults = Settings::defaults(&FadingTrust::describe().settings);
    changes.iter().fold(defaults, |settings, (name, value)| settings.with(name, value.clone()))
}

fn text(text: &'static str) -> Value {
    Value::Text(text.into())
}

/// 0 speaks of 1 and 2 as 3 to 1; 1 speaks well of 0 and badly of 2; 2 of nobody, and nobody of 3.
fn community(roles: [u32; 4]) -> Community {
    let ties = Ties::new(vec![0, 0, 1, 1], vec![1, 2, 0, 2], vec![3, 1, 2, 5], vec![3.0, 1.0, 2.0, -5.0]);
    let role = Column::Category { codes: roles.to_vec(), values: vec!["founder".to_owned()].into() };
    Community::new(4).with_inputs(&FadingTrust::describe().inputs, vec![role]).with_network(ties)
}

const NONE: u32 = u32::MAX;

fn near(told: &[f64], expected: &[f64]) -> bool {
    told.len() == expected.len()
        && told.iter().zip(expected).all(|(told, expected)| (told - expected).abs() < 1e-11)
}

#[test]
fn the_worked_example_of_the_page_is_right() {
    // With a = 1/2 and all trust beginning with 0: t1 = 3/8 t0, t2 = 1/8 t0, t0 = 1/2 (t1 + t2) + 1/2.
    let settings = settings(&[("restart", Value::Number(0.5)), ("pre-trusted", text("founder"))]);
    let trust = FadingTrust::measure(&settings, &community([0, NONE, NONE, NONE])).unwrap();
    assert!(near(&trust, &[2.0 / 3.0, 1.0 / 4.0, 1.0 / 12.0, 0.0]), "{trust:?}");
}

#[test]
fn trust_begins_with_everybody_who_has_a_tie_unless_a_role_is_named() {
    let trust =
        FadingTrust::measure(&settings(&[("restart", Value::Number(1.0))]), &community([NONE; 4])).unwrap();
    assert!(near(&trust, &[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0]), "{trust:?}");
}

#[test]
fn all_trust_adds_up_to_one_however_slowly_it_settles() {
    for restart in [0.01, 0.15, 0.9] {
        let trust =
            FadingTrust::measure(&settings(&[("restart", Value::Number(restart))]), &community([NONE; 4]))
                .unwrap();
        assert!((trust.iter().sum::<f64>() - 1.0).abs() < 1e-10, "{trust:?}");
    }
}

#[test]
fn how_much_comes_at_a_time_changes_no_bit() {
    let bits = |piece| {
        let trust = FadingTrust::measure(&settings(&[]), &community([NONE; 4]).in_pieces_of(piece)).unwrap();
        trust.into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(bits(1), bits(100));
}

#[test]
fn a_role_that_nobody_has_is_refused_with_those_there_are() {
    let problem = |roles| {
        FadingTrust::measure(&settings(&[("pre-trusted", text("elder"))]), &community(roles))
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(problem([0, NONE, NONE, NONE]), @r#"invalid setting: `pre-trusted` is "elder", and no member has that role: roles are founder"#);
}

#[test]
fn where_the_trusted_have_no_ties_nobody_has_trust() {
    let settings = settings(&[("pre-trusted", text("founder"))]);
    let trust = FadingTrust::measure(&settings, &community([NONE, NONE, NONE, 0])).unwrap();
    assert_eq!(trust, [0.0; 4]);
}

#[test]
fn a_half_life_of_nothing_is_none() {
    let network = |days| {
        FadingTrust::networks(&settings(&[("half-life", Value::Integer(days)), ("verb", text("thank"))]))
            .unwrap()
            .remove(0)
    };
    assert_eq!((network(0).half_life, network(90).half_life), (None, Some(90)));
    assert_eq!(network(0).ties, TieKind::Verbs(vec!["thank".into()]));
}
