//! Whatever runs propose and people decide: the ledger is sound, and keeps within its terms.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_ledger::{Act, Error, Kind, Ledger, Selection, State};
use proptest::prelude::*;

use crate::town::{Town, Wish, terms};

const MEMBERS: [&str; 5] = ["ada", "bob", "cem", "dee", "eve"];
const AWARDS: [&str; 5] = ["badge", "cheer", "course", "circle", "stars"];

fn town() -> Town {
    let mut town = Town::with([
        terms("badge", Kind::Badge, |it| it.revocable = true),
        terms("cheer", Kind::Shoutout, |it| {
            it.each_period = true;
            it.budget = Some(2);
        }),
        terms("course", Kind::Training, |it| {
            it.approval = true;
            it.expires = Some(45);
        }),
        terms("circle", Kind::Circle, |it| it.revocable = true),
        terms("stars", Kind::Points, |it| {
            it.each_period = true;
            it.expires = Some(60);
            it.per_member = Some(20);
        }),
    ]);
    town.programme.max_revoked = "50%".parse().unwrap();
    town
}

#[derive(Clone, Debug)]
enum Step {
    Run(u32, Vec<(usize, usize, u64)>),
    Act(usize, usize, usize),
    Forget(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wish = (0..5_usize, 0..5_usize, 1..9_u64);
    let step = prop_oneof![
        4 => (1..300_u32, prop::collection::vec(wish, 0..12)).prop_map(|(day, wishes)| Step::Run(day, wishes)),
        4 => (0..5_usize, 0..5_usize, 0..11_usize).prop_map(|(member, award, act)| Step::Act(member, award, act)),
        1 => (0..5_usize).prop_map(Step::Forget),
    ];
    prop::collection::vec(step, 1..14)
}

fn act(number: usize) -> Act {
    match number {
        0 => Act::Approve,
        1 => Act::Reject,
        2 => Act::Revoke,
        3 => Act::Grant(1),
        4 => Act::Record(State::Accepted),
        5 => Act::Record(State::Completed),
        6 => Act::Spend(3),
        7 => Act::Pin,
        8 => Act::Exclude,
        9 => Act::Release,
        _ => Act::Appeal,
    }
}

fn day(number: u32) -> String {
    let first = jiff::civil::date(2020, 1, 1);
    first.checked_add(jiff::ToSpan::days(i64::from(number))).unwrap().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_ledger_is_sound(steps in steps()) {
        let town = town();
        for step in &steps {
            match step {
                Step::Run(number, wishes) => {
                    let mut seen = BTreeSet::new();
                    let wishes: Vec<Wish<'_>> = wishes
                        .iter()
                        .filter(|(member, award, _)| seen.insert((*member, *award)))
                        .map(|&(member, award, amount)| {
                            let amount = if AWARDS[award] == "stars" { amount } else { 1 };
                            (MEMBERS[member], AWARDS[award], amount, amount as f64)
                        })
                        .collect();
                    let day = day(*number);
                    let outcome = town.run(&day, &wishes);
                    for usage in &outcome.budgets {
                        // People may go beyond it; rules do not.
                        prop_assert!(usage.budget.is_none_or(|most| usage.after <= most.max(usage.before)));
                    }
                    // Once more it changes nothing.
                    prop_assert!(town.run(&day, &wishes).moves.is_empty());
                }
                // Most of them cannot be, and are refused.
                Step::Act(member, award, number) => {
                    let refused = town.act(MEMBERS[*member], AWARDS[*award], act(*number)).err();
                    prop_assert!(
                        matches!(
                            refused,
                            None | Some(Error::Nothing { .. } | Error::Transition { .. } | Error::Refused(_))
                        ),
                        "{refused:?}"
                    );
                }
                Step::Forget(member) => {
                    Ledger::forget(&town.path(), &[MEMBERS[*member].to_owned()]).unwrap();
                }
            }
            if town.path().exists() {
                town.verify();
            }
        }
        let ledger = Ledger::look(&town.path()).unwrap();
        for balance in ledger.balances(None, None).unwrap() {
            prop_assert!(balance.balance >= 0, "{balance:?}");
        }
        // Of one key no two occurrences are had at a time, but for points.
        let mut had = BTreeMap::new();
        for one in ledger.holdings(&Selection::default()).unwrap() {
            if one.member.is_some() && one.kind != Kind::Points && one.state.is_had() {
                *had.entry((one.member, one.award, one.period)).or_insert(0) += 1;
            }
        }
        prop_assert!(had.values().all(|occurrences| *occurrences == 1), "{had:?}");
    }
}
