//! What an author can rely on: filled-in values, explanations that add up, columns and rows that agree.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use groundswell_plugin::{
    CategorySummary, Column, Contributions, Definition, Description, Fitted, Input, Linear, MISSING, Members,
    NumberSummary, Placements, Population, Problem, Ranking, Settings, Summary,
};

const NAN: f64 = f64::NAN;

/// Everything that a linear score is not: a product, a threshold and a word.
struct Twisted;

impl Definition for Twisted {
    fn describe() -> Description {
        Description::new("A product, a threshold and a word.")
            .input(Input::raw("answers", ""))
            .input(Input::raw("likes", "").optional())
            .input(Input::category("role", "").optional())
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let score = members.rows().map(|row| {
            let product = row.number("answers") * (1.0 + row.number("likes"));
            let capped = product.min(40.0);
            if row.word("role") == Some("staff") { capped - 7.0 } else { capped }
        });
        Ok(score.collect())
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(members.rows().map(|row| u32::from(row.known("likes").is_none())).collect())
    }
}

fn number(missing: u64, median: f64) -> Summary {
    let count = if median.is_nan() { 0 } else { 9 };
    Summary::Number(NumberSummary::new(count, missing, median, 1.0, vec![median; 101], median))
}

fn roles(counts: [u64; 2]) -> Summary {
    Summary::Category(CategorySummary::new(1, vec!["staff".into(), "volunteer".into()], counts.to_vec()))
}

fn fitted(likes: Summary, roles: Summary) -> Fitted<Twisted> {
    let description = Twisted::describe();
    let population = Population::new(&description.inputs, vec![number(1, 2.0), likes, roles]);
    Fitted::fit(&Settings::defaults(&description.settings), &population).unwrap()
}

fn members(answers: &[f64], likes: &[f64], roles: &[u32]) -> Members {
    let role = Column::Category {
        codes: roles.to_vec(),
        values: ["staff".to_owned(), "volunteer".to_owned()].into(),
    };
    let columns = vec![Column::Number(answers.to_vec()), Column::Number(likes.to_vec()), role];
    Members::new(&Twisted::describe().inputs, columns)
}

fn adds_up(scores: &[f64], explained: &Contributions) {
    for (row, score) in scores.iter().enumerate() {
        let sum = explained.base + explained.columns.iter().map(|column| column[row]).sum::<f64>();
        assert!((sum - score).abs() < 1e-12, "row {row}: {sum} for {score}");
    }
}

#[test]
fn a_waterfall_adds_up_whatever_the_score_does() {
    let fitted = fitted(number(1, 3.0), roles([3, 5]));
    let batch = || members(&[1.0, 5.0, 90.0, NAN, 4.0], &[0.0, 9.0, 2.0, 1.0, NAN], &[0, 1, 0, MISSING, 1]);
    let (scores, explained) = (fitted.score(batch()).unwrap(), fitted.explain(batch()).unwrap());
    assert_eq!(scores, [-6.0, 40.0, 33.0, 4.0, 16.0]);
    assert_eq!(explained.base, 8.0);
    adds_up(&scores, &explained);
    // Answers go first with likes at their median; likes get what both gain together.
    assert_eq!(explained.columns[0], [-4.0, 12.0, 32.0, 0.0, 8.0]);
    assert_eq!(explained.columns[1], [-3.0, 20.0, 0.0, -4.0, 0.0]);
    assert_eq!(explained.columns[2], [-7.0, 0.0, -7.0, 0.0, 0.0]);
}

#[test]
fn the_most_frequent_word_is_the_median_word() {
    let fitted = fitted(number(1, 3.0), roles([6, 5]));
    let batch = || members(&[2.0, 2.0], &[3.0, 3.0], &[MISSING, 1]);
    assert_eq!(fitted.score(batch()).unwrap(), [1.0, 8.0]);
    let explained = fitted.explain(batch()).unwrap();
    assert_eq!((explained.base, explained.columns[2].as_slice()), (1.0, [0.0, 7.0].as_slice()));
}

#[test]
fn an_input_that_nobody_has_counts_0_and_contributes_nothing() {
    let fitted = fitted(number(9, NAN), roles([0, 0]));
    let batch = || members(&[5.0, 6.0], &[NAN, NAN], &[MISSING, MISSING]);
    assert_eq!(fitted.score(batch()).unwrap(), [5.0, 6.0]);
    let explained = fitted.explain(batch()).unwrap();
    adds_up(&[5.0, 6.0], &explained);
    assert_eq!(explained.columns[1..], [vec![0.0; 2], vec![0.0; 2]]);
}

#[test]
fn placing_sees_what_is_missing() {
    let fitted = fitted(number(1, 3.0), roles([3, 5]));
    let ranking = Ranking::new(vec![1.0, 2.0], vec![2, 1], vec![0.25, 0.75]);
    let placements = fitted.place(&members(&[1.0, 2.0], &[NAN, 1.0], &[0, 0]), &ranking).unwrap();
    assert_eq!(placements.tiers(), [1, 0]);
}

/// A weighted sum over as many rows as a host sends, and some more.
struct Sum(Linear);

impl Definition for Sum {
    fn describe() -> Description {
        Description::new("A weighted sum.").input(Input::raw("answers", "")).input(Input::raw("likes", ""))
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self(Linear::new([2.0, 0.1])))
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(self.0.score(members))
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(members.rows().map(|_| 0).collect())
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        Ok(self.0.explain(members))
    }
}

#[test]
fn a_linear_score_is_the_same_by_rows_by_chunks_and_by_explanation() {
    let inputs = Sum::describe().inputs;
    let population = Population::new(&inputs, vec![number(1, 2.0), number(0, 3.0)]);
    let fitted = Fitted::<Sum>::fit(&Settings::defaults(&[]), &population).unwrap();
    let rows = 9_000;
    let answers: Vec<f64> = (0..rows).map(|i| if i % 7 == 0 { NAN } else { f64::from(i) / 3.0 }).collect();
    let likes: Vec<f64> = (0..rows).map(|i| f64::from(i % 11)).collect();
    let batch =
        || Members::new(&inputs, vec![Column::Number(answers.clone()), Column::Number(likes.clone())]);
    let scores = fitted.score(batch()).unwrap();
    let by_rows: Vec<f64> = (0..rows as usize)
        .map(|i| 2.0 * if answers[i].is_nan() { 2.0 } else { answers[i] } + 0.1 * likes[i])
        .collect();
    assert_eq!(scores, by_rows);
    let explained = fitted.explain(batch()).unwrap();
    for (row, score) in scores.iter().enumerate() {
        let sum = explained.base + explained.columns[0][row] + explained.columns[1][row];
        assert!((sum - score).abs() <= 1e-12 * score.abs().max(1.0), "row {row}: {sum} for {score}");
    }
    assert_eq!(explained.columns[0][7], 0.0);
}

/// A score of a logarithm, added up by hand and by weight.
struct Logarithm(bool);

impl Definition for Logarithm {
    fn describe() -> Description {
        Description::new("A logarithm.").input(Input::log1p("received(verb=dislike)", ""))
    }

    fn fit(_: &Settings, population: &Population) -> Result<Self, Problem> {
        Ok(Self(population.number(0).mean > 0.0))
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(Linear::new([3.0]).score(members))
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(members.rows().map(|row| u32::from(row.known(0).is_none())).collect())
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        if self.0 {
            return Ok(Linear::new([3.0]).explain(members));
        }
        groundswell_plugin::waterfall(members, |members| self.score(members))
    }
}

#[test]
fn a_value_that_the_scale_lost_is_the_median_though_the_summary_knows_of_no_gap() {
    for (mean, median) in [(1.0, 0.5), (-1.0, 0.5), (1.0, NAN), (-1.0, NAN)] {
        let description = Logarithm::describe();
        let summary = NumberSummary::new(3, 0, mean, 1.0, vec![0.0; 101], median);
        let population = Population::new(&description.inputs, vec![Summary::Number(summary)]);
        let fitted = Fitted::<Logarithm>::fit(&Settings::defaults(&[]), &population).unwrap();
        let batch = || Members::new(&description.inputs, vec![Column::Number(vec![2.0, NAN, 1.0])]);
        let stands_for = if median.is_nan() { 0.0 } else { median };
        let scores = fitted.score(batch()).unwrap();
        assert_eq!(scores, [6.0, 3.0 * stands_for, 3.0]);
        let explained = fitted.explain(batch()).unwrap();
        adds_up(&scores, &explained);
        assert_eq!(explained.columns[0][1], 0.0);
    }
}

/// A product of two inputs, and two that only tiers look at, one before and one after.
struct Between;

impl Definition for Between {
    fn describe() -> Description {
        Description::new("A product.")
            .input(Input::raw("audience", ""))
            .input(Input::raw("answers", ""))
            .input(Input::raw("likes", ""))
            .input(Input::category("role", ""))
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(members.number(1).iter().zip(members.number(2)).map(|(answers, likes)| answers * likes).collect())
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(members.rows().map(|_| 0).collect())
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let calls = std::cell::Cell::new(0);
        let explained = groundswell_plugin::waterfall_among(members, 1..3, |members| {
            calls.set(calls.get() + 1);
            self.score(members)
        })?;
        assert_eq!(calls.get(), 3, "once for the medians, once for each of the two");
        Ok(explained)
    }
}

#[test]
fn a_waterfall_among_some_inputs_is_the_whole_one_where_the_others_move_no_score() {
    let description = Between::describe();
    let population = Population::new(
        &description.inputs,
        vec![number(0, 7.0), number(0, 2.0), number(1, 3.0), roles([3, 5])],
    );
    let fitted = Fitted::<Between>::fit(&Settings::defaults(&[]), &population).unwrap();
    let batch = || {
        let role = Column::Category { codes: vec![0, 1], values: ["a".to_owned(), "b".to_owned()].into() };
        let numbers = [[1.0, 99.0], [5.0, 4.0], [1.0, NAN]].map(|values| Column::Number(values.to_vec()));
        Members::new(&description.inputs, numbers.into_iter().chain([role]).collect())
    };
    let some = fitted.explain(batch()).unwrap();
    assert_eq!(some.base, 6.0);
    assert_eq!(some.columns, [[0.0, 0.0], [9.0, 6.0], [-10.0, 0.0], [0.0, 0.0]]);
    adds_up(&fitted.score(batch()).unwrap(), &some);
}
