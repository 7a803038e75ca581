//! A kit that never complains proves nothing: each promise is broken once here, and has to be found.

#![expect(clippy::indexing_slicing, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use groundswell_plugin::{
    Contributions, Definition, Description, Input, Members, Placements, Population, Problem, Ranking, Reason,
    Setting, Settings, Tier, waterfall,
};
use groundswell_plugin_test::{Person, Trial, assert_describes, assert_promises};

const HONEST: u8 = 0;
const NOT_FINITE: u8 = 1;
const ADDS_UP_TO_MORE: u8 = 2;
const CREDITS_WHAT_IS_MISSING: u8 = 3;
const BASE_OF_ANOTHER: u8 = 4;
const LOWERS: u8 = 5;
const LOOKS_AT_NEIGHBOURS: u8 = 6;
const NO_SUCH_TIER: u8 = 7;
const VALUE_OF_NOTHING: u8 = 8;
const COUNTS_ROWS: u8 = 9;

/// Answers times one more than likes, with one lie.
struct Liar<const LIE: u8>;

impl<const LIE: u8> Definition for Liar<LIE> {
    fn describe() -> Description {
        Description::new("A product.")
            .input(Input::raw("answers", "Help."))
            .input(Input::raw("likes-received", "Thanks.").optional())
            .setting(Setting::boolean("mood", true, "Nothing."))
            .tier(Tier::new("all", "All", "Everybody."))
            .reason("answered", "Answered {value} times.")
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mean = members.number(0).iter().sum::<f64>() / members.len() as f64;
        let rows = members.number(0).iter().zip(members.number(1)).enumerate();
        Ok(rows
            .map(|(row, (answers, likes))| match LIE {
                NOT_FINITE if *answers > 5.0 => f64::NAN,
                LOWERS if *answers > 5.0 => 0.0,
                LOOKS_AT_NEIGHBOURS => answers - mean,
                COUNTS_ROWS => answers + row as f64,
                _ => answers * (1.0 + likes),
            })
            .collect())
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(members.len());
        for _ in members.rows() {
            placements.place(u32::from(LIE == NO_SUCH_TIER)).because(match LIE {
                VALUE_OF_NOTHING => Reason::new(0),
                _ => Reason::about(0, 0),
            });
        }
        Ok(placements)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut it = waterfall(members, |members| self.score(members))?;
        match LIE {
            ADDS_UP_TO_MORE => it.columns[0][0] += 0.001,
            CREDITS_WHAT_IS_MISSING => {
                it.columns[0][2] -= 1.0;
                it.columns[1][2] += 1.0;
            }
            BASE_OF_ANOTHER => {
                it.base += 1.0;
                it.columns[0].iter_mut().for_each(|part| *part -= 1.0);
            }
            _ => {}
        }
        Ok(it)
    }
}

fn trial<D: Definition>() -> Trial<D> {
    let person = |answers, likes| Person::of(&[("answers", answers), ("likes-received", likes)]);
    Trial::new([person(1.0, 0.0), person(2.0, 1.0), person(9.0, f64::NAN), person(3.0, 4.0)])
}

fn told(broken: impl FnOnce()) -> String {
    let Err(caught) = catch_unwind(AssertUnwindSafe(broken)) else { return "all is well".to_owned() };
    let told = caught.downcast_ref::<String>().map(String::as_str).or(caught.downcast_ref::<&str>().copied());
    told.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

fn found<const LIE: u8>() -> String {
    told(|| trial::<Liar<LIE>>().assert_promises())
}

#[test]
fn every_broken_promise_is_found_and_named() {
    let told = [
        found::<HONEST>(),
        found::<NOT_FINITE>(),
        found::<ADDS_UP_TO_MORE>(),
        found::<CREDITS_WHAT_IS_MISSING>(),
        found::<BASE_OF_ANOTHER>(),
        found::<LOWERS>(),
        found::<LOOKS_AT_NEIGHBOURS>(),
        found::<NO_SUCH_TIER>(),
        found::<VALUE_OF_NOTHING>(),
        found::<COUNTS_ROWS>(),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    all is well
    a score is not finite: [1.0, 4.0, NaN, 15.0]
    row 0: 1.001 is explained, 1 the score
    row 2: what is missing contributes 1
    assertion `left == right` failed: the base is 5, not 4
    answers@raw, which Raises: [1.0, 2.0, 3.0, 9.0] score [1.0, 2.0, 3.0, 0.0] (row 0)
    assertion `left == right` failed: scores of the rows 0..1 by themselves
    there are 1 tiers, and members placed in [1, 1, 1, 1]
    assertion `left == right` failed: the input of `answered`
    assertion `left == right` failed: scores of the rows 1..2 by themselves
    "#);
}

#[test]
fn communities_by_chance_find_what_a_community_by_hand_may_miss() {
    assert_promises::<Liar<HONEST>>();
    for told in [
        told(assert_promises::<Liar<NOT_FINITE>>),
        told(assert_promises::<Liar<ADDS_UP_TO_MORE>>),
        told(assert_promises::<Liar<LOWERS>>),
        told(assert_promises::<Liar<LOOKS_AT_NEIGHBOURS>>),
        told(assert_promises::<Liar<NO_SUCH_TIER>>),
    ] {
        assert!(told.starts_with("Test failed: "), "{told}");
    }
}

/// What a description can get wrong.
struct Sloppy;

impl Definition for Sloppy {
    fn describe() -> Description {
        Description::new("Braces.")
            .input(Input::raw("answers", "Help."))
            .tier(Tier::new("all", "All", "Everybody."))
            .reason("answered", "Answered {number} times.")
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(members.number(0).to_vec())
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(members.rows().map(|_| 0).collect())
    }
}

#[test]
fn a_description_beyond_the_contract_is_named() {
    insta::assert_snapshot!(told(assert_describes::<Sloppy>), @"no braces but those of {value}: Answered {number} times.");
    assert_describes::<Liar<HONEST>>();
}

#[test]
fn a_metric_that_nobody_asks_for_is_a_slip_of_the_pen() {
    insta::assert_snapshot!(told(|| drop(Trial::<Sloppy>::new([Person::of(&[("anwsers", 1.0)])]))), @"`anwsers` is said of somebody, and not among the inputs of the definition");
}
