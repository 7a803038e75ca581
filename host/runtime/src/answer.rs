//! Whether answers about a batch are what the contract asks for.

use crate::bindings::exports::groundswell::plugin::{rewards, scoring};
use crate::bindings::groundswell::plugin::types;
use crate::text::{Figure, is_kebab};
use crate::{AwardKind, Input, Kind, MISSING, Network, ReasonText, TieKind, shown};

/// Explanations may be off by this share of all that is added up.
///
/// The contract says so, and it says nothing of how large that may be: contributions that are 1e300 and cancel explain
/// any score. What they come to must be finite, that is all.
const TOLERANCE: f64 = 1e-9;
/// Reasons a member can have for a placement.
const REASONS_A_ROW: usize = 8;
/// Awards a member can be proposed for at once.
const AWARDS_A_ROW: usize = 16;

/// Networks that a metric can look at.
const NETWORKS: usize = 8;
/// Verbs of a network.
const VERBS: usize = 32;
/// The longest half-life, in days: a century.
const HALF_LIFE: u32 = 36_500;

/// Rows that are checked at a time: their sums stay in the innermost cache.
const CHUNK: usize = 512;

type Check = Result<(), String>;

fn length(what: &str, found: usize, rows: usize) -> Check {
    if found == rows {
        return Ok(());
    }
    Err(format!(
        "it answered {} {what} for {} members; answer exactly one a member",
        Figure(found),
        Figure(rows)
    ))
}

fn finite(what: &str, values: &[f64]) -> Check {
    if all_finite(values) {
        return Ok(());
    }
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(format!(
            "{what} of row {} is {}; every answer must be finite, also for members without values",
            Figure(row),
            values.get(row).copied().unwrap_or(f64::NAN)
        )),
    }
}

/// Without a way out in the middle of a chunk, so that many values are looked at in one instruction.
fn all_finite(values: &[f64]) -> bool {
    values.chunks(CHUNK).all(|chunk| chunk.iter().fold(true, |all, value| all & value.is_finite()))
}

pub(crate) fn scores(scores: &[f64], rows: usize) -> Check {
    length("scores", scores.len(), rows)?;
    finite("the score", scores)
}

pub(crate) fn values(values: &[f64], members: usize) -> Check {
    length("values", values.len(), members)?;
    match values.iter().position(|value| value.is_infinite()) {
        None => Ok(()),
        Some(member) => Err(format!(
            "the value of member {} is {}; a value is finite, or NaN where there is none",
            Figure(member),
            values.get(member).copied().unwrap_or(f64::NAN)
        )),
    }
}

pub(crate) fn networks(told: &[Network]) -> Check {
    if told.len() > NETWORKS {
        return Err(format!("it looks at {} networks; at most {NETWORKS} are allowed", Figure(told.len())));
    }
    for (number, network) in told.iter().enumerate() {
        match (&network.ties, network.half_life) {
            (TieKind::Follows, Some(_)) => {
                return Err(format!(
                    "network {number} is of follows, which have no age, and has a half-life"
                ));
            }
            (_, Some(days)) if !(1..=HALF_LIFE).contains(&days) => {
                return Err(format!(
                    "the half-life of network {number} is {} days; 1 to {} are allowed",
                    Figure(days),
                    Figure(HALF_LIFE)
                ));
            }
            _ => {}
        }
        let TieKind::Verbs(verbs) = &network.ties else { continue };
        if verbs.is_empty() || verbs.len() > VERBS {
            return Err(format!(
                "network {number} is of {} verbs; 1 to {VERBS} are allowed",
                Figure(verbs.len())
            ));
        }
        for (place, verb) in verbs.iter().enumerate() {
            if !is_kebab(verb) {
                return Err(format!("network {number} has the verb `{}`, which is none", shown(verb, 80)));
            }
            if verbs.iter().take(place).any(|other| other == verb) {
                return Err(format!("network {number} has the verb `{verb}` twice"));
            }
        }
    }
    Ok(())
}

pub(crate) fn placements(
    told: &scoring::Placements,
    rows: usize,
    tiers: usize,
    reasons: &[ReasonText],
    inputs: &[Input],
) -> Check {
    length("tiers", told.tier.len(), rows)?;
    if let Some(row) = told.tier.iter().position(|&tier| tier as usize >= tiers) {
        let tier = told.tier.get(row).copied().unwrap_or_default();
        return Err(format!("it placed row {} in tier {tier}; it described {tiers} tiers", Figure(row)));
    }
    let mut previous = (0, 0);
    for placed in &told.reasons {
        in_order("a reason", placed.row, rows, &mut previous, REASONS_A_ROW)?;
        reason(placed.reason, placed.row, reasons, inputs)?;
    }
    Ok(())
}

/// Checks that rows exist, ascend, and do not come up more than `most` times. `previous` is the last row
/// and how often it came up.
fn in_order(what: &str, row: u32, rows: usize, previous: &mut (u32, usize), most: usize) -> Check {
    if row as usize >= rows {
        return Err(format!("it gave {what} for row {}; the batch has {} rows", Figure(row), Figure(rows)));
    }
    if row < previous.0 {
        return Err(format!("it gave {what} for row {row} after row {}; answer in row order", previous.0));
    }
    *previous = if row == previous.0 { (row, previous.1 + 1) } else { (row, 1) };
    if previous.1 > most {
        return Err(format!("it gave {what} for row {row} more than {most} times"));
    }
    Ok(())
}

fn reason(told: types::Reason, row: u32, reasons: &[ReasonText], inputs: &[Input]) -> Check {
    let Some(text) = reasons.get(told.text as usize) else {
        return Err(format!(
            "it gave reason {} for row {row}; it described {} reasons",
            told.text,
            reasons.len()
        ));
    };
    match told.input {
        Some(input) if input as usize >= inputs.len() => {
            Err(format!("a reason for row {row} names input {input}; it described {} inputs", inputs.len()))
        }
        None if text.text.contains("{value}") => {
            Err(format!("reason `{}` for row {row} shows a value but names no input", text.id))
        }
        _ => Ok(()),
    }
}

pub(crate) fn contributions(
    told: &scoring::Contributions,
    base: f64,
    scores: &[f64],
    inputs: &[Input],
    columns: &[types::Column<'_>],
) -> Check {
    if told.base.to_bits() != base.to_bits() {
        return Err(format!(
            "its base is {}, but `score` answers {base} for a row of medians; the base must be that score, the \
             same bits in every batch",
            told.base
        ));
    }
    if told.columns.len() != inputs.len() {
        return Err(format!(
            "it answered {} columns of contributions for {} inputs",
            Figure(told.columns.len()),
            inputs.len()
        ));
    }
    if let Some((column, input)) =
        told.columns.iter().zip(inputs).find(|(column, _)| column.len() != scores.len())
    {
        length(&format!("contributions of `{}`", shown(&input.id(), 200)), column.len(), scores.len())?;
    }
    if adds_up(told, scores, columns) { Ok(()) } else { odd(told, scores, inputs, columns) }
}

/// Whether every contribution is finite, 0 where its value is missing, and a part of the score. Goes over everything
/// once, without a branch a row.
fn adds_up(told: &scoring::Contributions, scores: &[f64], columns: &[types::Column<'_>]) -> bool {
    let (mut sums, mut sizes) = ([0.0; CHUNK], [0.0; CHUNK]);
    scores.chunks(CHUNK).enumerate().all(|(chunk, scores)| {
        let rows = chunk * CHUNK..chunk * CHUNK + scores.len();
        let (sums, sizes) = (cut(&mut sums, scores.len()), cut(&mut sizes, scores.len()));
        sums.fill(told.base);
        sizes.fill(told.base.abs());
        let mut fits = true;
        for (contributions, column) in told.columns.iter().zip(columns) {
            let contributions = contributions.get(rows.clone()).unwrap_or_default();
            for ((sum, size), contribution) in sums.iter_mut().zip(sizes.iter_mut()).zip(contributions) {
                *sum += contribution;
                *size += contribution.abs();
            }
            let credited = |missing: bool, contribution: f64| missing & (contribution != 0.0);
            fits &= !match column {
                types::Column::Number(values) => {
                    let values = values.get(rows.clone()).unwrap_or_default();
                    values
                        .iter()
                        .zip(contributions)
                        .fold(false, |odd, (value, &it)| odd | credited(value.is_nan(), it))
                }
                types::Column::Category(category) => {
                    let codes = category.codes.get(rows.clone()).unwrap_or_default();
                    codes
                        .iter()
                        .zip(contributions)
                        .fold(false, |odd, (&code, &it)| odd | credited(code == MISSING, it))
                }
            };
        }
        // A contribution that is not finite makes a size that is not either.
        let sums = sums.iter().zip(sizes.iter()).zip(scores);
        sums.fold(fits, |fits, ((&sum, &size), &score)| fits & is_near(sum, size, score))
    })
}

/// Whether a sum of terms whose magnitudes add up to `size` is the score.
fn is_near(sum: f64, size: f64, score: f64) -> bool {
    size.is_finite() & ((sum - score).abs() <= TOLERANCE * size)
}

fn cut(values: &mut [f64; CHUNK], rows: usize) -> &mut [f64] {
    values.get_mut(..rows).unwrap_or_default()
}

/// What is wrong with contributions that do not fit, column by column, then row by row.
fn odd(
    told: &scoring::Contributions,
    scores: &[f64],
    inputs: &[Input],
    columns: &[types::Column<'_>],
) -> Check {
    for ((contributions, input), column) in told.columns.iter().zip(inputs).zip(columns) {
        let name = || shown(&input.id(), 200);
        finite(&format!("the contribution of `{}`", name()), contributions)?;
        let is_missing = |row: usize| match column {
            types::Column::Number(values) => values.get(row).is_some_and(|value| value.is_nan()),
            types::Column::Category(category) => category.codes.get(row) == Some(&MISSING),
        };
        let credited = |(row, contribution): &(usize, &f64)| **contribution != 0.0 && is_missing(*row);
        if let Some((row, contribution)) = contributions.iter().enumerate().find(credited) {
            return Err(format!(
                "the contribution of `{}` of row {} is {contribution}, but the member has no value there; what is \
                 missing is the median and contributes exactly 0",
                name(),
                Figure(row)
            ));
        }
    }
    for (row, &score) in scores.iter().enumerate() {
        let parts = || told.columns.iter().map(|column| column.get(row).copied().unwrap_or_default());
        let sum = parts().fold(told.base, |sum, part| sum + part);
        let size = parts().fold(told.base.abs(), |size, part| size + part.abs());
        if size.is_infinite() {
            return Err(format!(
                "base and contributions of row {} are so large that adding them up has no end, its score is {score}; \
                 contributions that cancel each other explain nothing",
                Figure(row)
            ));
        }
        if !is_near(sum, size, score) {
            return Err(format!(
                "base and contributions of row {} add up to {sum}, its score is {score}; an explanation must add up to \
                 the score within 1e-9 of what it adds",
                Figure(row)
            ));
        }
    }
    Ok(())
}

pub(crate) fn awards(
    told: &[rewards::Award],
    rows: usize,
    awards: &[AwardKind],
    reasons: &[ReasonText],
    inputs: &[Input],
) -> Check {
    let mut previous = (0, 0);
    for (place, award) in told.iter().enumerate() {
        let row = award.row;
        in_order("an award", row, rows, &mut previous, AWARDS_A_ROW)?;
        let Some(kind) = awards.get(award.award as usize) else {
            return Err(format!(
                "it proposed award {} for row {row}; it described {} awards",
                award.award,
                awards.len()
            ));
        };
        let earlier = told.get(place.saturating_sub(previous.1 - 1)..place).unwrap_or_default();
        if earlier.iter().any(|other| other.award == award.award) {
            return Err(format!("it proposed award `{}` twice for row {row}", kind.id));
        }
        match (kind.kind, award.amount) {
            (Kind::Points, 0) => {
                return Err(format!("it proposed 0 points by award `{}` for row {row}", kind.id));
            }
            (Kind::Points, _) | (_, 1) => {}
            (_, amount) => {
                return Err(format!(
                    "it proposed {} of award `{}` for row {row}; only points have an amount other than 1",
                    Figure(amount),
                    kind.id
                ));
            }
        }
        reason(award.reason, row, reasons, inputs)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;

    const NAN: f64 = f64::NAN;

    /// What is said about contributions of a number and a category, whose scores are what they add up to.
    fn said(number: Vec<f64>, category: Vec<f64>, values: &[f64], codes: &[u32]) -> Check {
        let inputs = [Input::new("answers", Scale::Raw, ""), Input::new("role", Scale::Category, "")];
        let scores: Vec<f64> =
            number.iter().zip(&category).map(|(number, word)| 1.0 + number + word).collect();
        let columns = [
            types::Column::Number(values),
            types::Column::Category(types::Category { codes, values: &["staff"] }),
        ];
        let told = scoring::Contributions { base: 1.0, columns: vec![number, category] };
        contributions(&told, 1.0, &scores, &inputs, &columns)
    }

    #[test]
    fn what_is_missing_contributes_exactly_nothing() {
        assert_eq!(
            said(vec![0.0, -0.0, 4.0], vec![0.0, 3.0, -0.0], &[NAN, NAN, 4.0], &[MISSING, 0, MISSING]),
            Ok(())
        );
        insta::assert_snapshot!(
            said(vec![0.0, 0.5], vec![0.0; 2], &[NAN; 2], &[0; 2]).unwrap_err(),
            @"the contribution of `answers@raw` of row 1 is 0.5, but the member has no value there; what is missing is the median and contributes exactly 0"
        );
        insta::assert_snapshot!(
            said(vec![0.0; 2], vec![-2.0, 0.0], &[1.0; 2], &[MISSING; 2]).unwrap_err(),
            @"the contribution of `role@category` of row 0 is -2, but the member has no value there; what is missing is the median and contributes exactly 0"
        );
    }

    #[test]
    fn every_row_is_looked_at_also_beyond_the_first_chunk() {
        let rows = 2 * CHUNK + 3;
        for row in [0, CHUNK - 1, CHUNK, rows - 1] {
            let values = || (0..rows).map(|at| at as f64).collect::<Vec<_>>();
            let codes = vec![0; rows];
            assert_eq!(said(values(), values(), &values(), &codes), Ok(()));
            let mut odd = values();
            odd[row] = f64::INFINITY;
            let error = said(odd, values(), &values(), &codes).unwrap_err();
            assert!(
                error
                    .starts_with(&format!("the contribution of `answers@raw` of row {} is inf", Figure(row))),
                "{error}"
            );
            let mut missing = values();
            missing[row] = NAN;
            let said = said(values(), values(), &missing, &codes);
            assert_eq!(said.is_ok(), row == 0, "row {row} contributes {row}");
            let mut bad = values();
            bad[row] = NAN;
            assert!(scores(&values(), rows).is_ok() && scores(&bad, rows).is_err(), "row {row}");
        }
    }

    #[test]
    fn contributions_that_cancel_are_taken_and_those_that_overflow_are_not() {
        let inputs = [Input::new("answers", Scale::Raw, ""), Input::new("thanks", Scale::Raw, "")];
        let columns = [types::Column::Number(&[1.0]), types::Column::Number(&[1.0])];
        let check = |one: f64, other: f64| {
            let told = scoring::Contributions { base: 1.0, columns: vec![vec![one], vec![other]] };
            contributions(&told, 1.0, &[3.0], &inputs, &columns)
        };
        // A defect of the plugin that the contract lets pass, as SECURITY.md says.
        assert_eq!(check(1e300, -1e300), Ok(()));
        assert!(check(1e8, -1e8).is_err());
        insta::assert_snapshot!(
            check(1e308, -1e308).unwrap_err(),
            @"base and contributions of row 0 are so large that adding them up has no end, its score is 3; contributions that cancel each other explain nothing"
        );
    }

    #[test]
    fn what_does_not_add_up_is_named_with_its_row() {
        let inputs = [Input::new("answers", Scale::Raw, "")];
        let told = |last| scoring::Contributions { base: 1.0, columns: vec![vec![2.0, last]] };
        let columns = [types::Column::Number(&[1.0, 1.0])];
        let check = |last| contributions(&told(last), 1.0, &[3.0, 4.0], &inputs, &columns);
        assert_eq!(check(3.0 + 3e-9), Ok(()));
        insta::assert_snapshot!(
            check(3.0 + 5e-9).unwrap_err(),
            @"base and contributions of row 1 add up to 4.000000005, its score is 4; an explanation must add up to the score within 1e-9 of what it adds"
        );
    }
}
