//! Whether answers about a batch are what the contract asks for.

use crate::bindings::exports::groundswell::plugin::{rewards, scoring};
use crate::bindings::groundswell::plugin::types;
use crate::text::Figure;
use crate::{AwardKind, Input, ReasonText, RewardKind, shown};

/// Explanations may be off by this share of all that is added up.
const TOLERANCE: f64 = 1e-9;
/// Reasons a member can have for a placement.
const REASONS_A_ROW: usize = 8;
/// Awards a member can be proposed for at once.
const AWARDS_A_ROW: usize = 16;

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
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(format!(
            "{what} of row {} is {}; every answer must be finite, also for members without values",
            Figure(row),
            values.get(row).copied().unwrap_or(f64::NAN)
        )),
    }
}

pub(crate) fn scores(scores: &[f64], rows: usize) -> Check {
    length("scores", scores.len(), rows)?;
    finite("the score", scores)
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
    rows: usize,
    base: f64,
    scores: &[f64],
    inputs: &[Input],
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
    for (column, input) in told.columns.iter().zip(inputs) {
        let name = shown(&input.id(), 200);
        length(&format!("contributions of `{name}`"), column.len(), rows)?;
        finite(&format!("the contribution of `{name}`"), column)?;
    }
    let mut sums = vec![told.base; rows];
    let mut sizes = vec![told.base.abs(); rows];
    for column in &told.columns {
        for ((sum, size), contribution) in sums.iter_mut().zip(&mut sizes).zip(column) {
            *sum += contribution;
            *size += contribution.abs();
        }
    }
    let off = |((sum, size), score): ((&f64, &f64), &f64)| {
        let difference = (sum - score).abs();
        !size.is_finite() || difference.is_nan() || difference > TOLERANCE * size
    };
    match sums.iter().zip(&sizes).zip(scores).position(off) {
        None => Ok(()),
        Some(row) => Err(format!(
            "base and contributions of row {} add up to {}, its score is {}; an explanation must add up to the \
             score within 1e-9 of what it adds",
            Figure(row),
            sums.get(row).copied().unwrap_or_default(),
            scores.get(row).copied().unwrap_or_default()
        )),
    }
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
            (RewardKind::Points, 0) => {
                return Err(format!("it proposed 0 points by award `{}` for row {row}", kind.id));
            }
            (RewardKind::Points, _) | (_, 1) => {}
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
