//! What every definition promises, and what breaks when it does not.

use std::collections::BTreeSet;

use groundswell_plugin::{
    Column, Contributions, Definition, Description, Effect, Fitted, MISSING, Members, Ranking, Scale, Value,
};

use crate::Trial;

/// Asserts that a definition's description is within the contract's limits.
///
/// # Panics
///
/// With the first text, name or default that is not.
pub fn assert_describes<D: Definition>() {
    let it = D::describe();
    assert!(it == D::describe(), "the description differs from one call to the next");
    assert!((1..=64).contains(&it.inputs.len()), "1 to 64 inputs, not {}", it.inputs.len());
    assert!(it.settings.len() <= 64, "at most 64 settings, not {}", it.settings.len());
    assert!((1..=32).contains(&it.tiers.len()), "1 to 32 tiers, not {}", it.tiers.len());
    assert!(it.reasons.len() <= 256, "at most 256 reasons, not {}", it.reasons.len());
    let sentences = it
        .inputs
        .iter()
        .map(|input| &input.why)
        .chain(it.settings.iter().map(|setting| &setting.summary))
        .chain(it.tiers.iter().map(|tier| &tier.summary))
        .chain(it.reasons.iter().map(|reason| &reason.text))
        .chain([&it.summary]);
    for sentence in sentences {
        assert!((1..=280).contains(&sentence.chars().count()), "1 to 280 characters: {sentence}");
    }
    names(it.settings.iter().map(|setting| &*setting.name));
    names(it.tiers.iter().map(|tier| &*tier.id));
    names(it.reasons.iter().map(|reason| &*reason.id));
    unique(it.inputs.iter().map(|input| input.id()));
    unique(it.tiers.iter().filter_map(|tier| tier.rung));
    unique(it.tiers.iter().filter_map(|tier| tier.known.map(|known| format!("{known:?}"))));
    assert!(it.tiers.iter().all(|tier| tier.title.chars().count() <= 64), "titles of at most 64 characters");
    for setting in &it.settings {
        let within = |value: f64| {
            setting.least.is_none_or(|least| value >= least) && setting.most.is_none_or(|most| value <= most)
        };
        let fine = match &setting.default {
            Value::Boolean(_) => true,
            Value::Integer(value) => within(*value as f64),
            Value::Number(value) => within(*value),
            Value::Text(value) => setting.choices.is_empty() || setting.choices.contains(value),
        };
        assert!(fine, "the default of `{}` is not within its bounds", setting.name);
    }
    for reason in &it.reasons {
        let rest = reason.text.replace("{value}", "");
        assert!(!rest.contains(['{', '}']), "no braces but those of {{value}}: {}", reason.text);
    }
}

/// Asserts that names for places in a description name what they say, and that every place has one: inputs by
/// `metric@scale`, tiers and reasons by id.
///
/// # Panics
///
/// With the first place that is something else.
pub fn assert_places<D: Definition>(
    inputs: &[(usize, &str)],
    tiers: &[(u32, &str)],
    reasons: &[(u32, &str)],
) {
    let it = D::describe();
    agree("input", inputs, &it.inputs.iter().map(|input| input.id()).collect::<Vec<_>>());
    agree("tier", &wide(tiers), &it.tiers.iter().map(|tier| tier.id.to_string()).collect::<Vec<_>>());
    agree(
        "reason",
        &wide(reasons),
        &it.reasons.iter().map(|reason| reason.id.to_string()).collect::<Vec<_>>(),
    );
}

fn wide<'a>(named: &[(u32, &'a str)]) -> Vec<(usize, &'a str)> {
    named.iter().map(|&(place, id)| (place as usize, id)).collect()
}

fn agree(what: &str, named: &[(usize, &str)], described: &[String]) {
    for &(place, id) in named {
        assert_eq!(described.get(place).map(String::as_str), Some(id), "the {what} {place}");
    }
    let places: BTreeSet<usize> = named.iter().map(|(place, _)| *place).collect();
    let nameless: Vec<_> =
        described.iter().enumerate().filter(|(place, _)| !places.contains(place)).collect();
    assert!(nameless.is_empty(), "without a name: {what} {nameless:?}");
}

fn names<'a>(all: impl Iterator<Item = &'a str> + Clone) {
    for name in all.clone() {
        let kebab = name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        assert!(kebab && name.len() <= 64, "kebab-case of at most 64 bytes: {name}");
    }
    unique(all);
}

fn unique<T: Ord + std::fmt::Debug + Clone>(all: impl Iterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for one in all {
        assert!(seen.insert(one.clone()), "twice: {one:?}");
    }
}

impl<D: Definition> Trial<D> {
    /// Asserts what every definition promises, of this community:
    ///
    /// - scores are finite, and the base is the score of one row of medians, bit for bit;
    /// - base + contributions is the score, within 1e-9 × (|base| + the sum of |contribution|), and what is missing
    ///   contributes exactly 0;
    /// - with the population and all else held fixed, more of an input that `raises` never lowers the score, and the other
    ///   way round;
    /// - scores, contributions and placements are the same bits wherever batches are cut, and in any order of rows;
    /// - tiers and reasons are there, at most 8 reasons a row, and a reason that speaks of a value names its input.
    ///
    /// # Panics
    ///
    /// With the promise that is broken, and where.
    pub fn assert_promises(&self) {
        let fitted = self.fitted();
        let description = D::describe();
        let scores = fitted.score(self.members()).expect("scores");
        assert_eq!(scores.len(), self.people().len(), "scores");
        assert!(scores.iter().all(|score| score.is_finite()), "a score is not finite: {scores:?}");
        let explained = fitted.explain(self.members()).expect("contributions");
        self.adds_up(&fitted, &scores, &explained);
        self.effects(&fitted, &description);
        let ranking = self.ranking();
        self.places(&fitted, &description, &ranking);
        self.any_cut(&fitted, &scores, &explained, &ranking);
    }

    fn adds_up(&self, fitted: &Fitted<D>, scores: &[f64], explained: &Contributions) {
        let members = self.members();
        assert_eq!(explained.columns.len(), members.inputs(), "columns of contributions");
        for (row, score) in scores.iter().enumerate() {
            let parts: Vec<f64> = explained.columns.iter().map(|column| column[row]).collect();
            assert!(parts.iter().all(|part| part.is_finite()), "row {row}: {parts:?}");
            let sum = explained.base + parts.iter().sum::<f64>();
            let size = explained.base.abs() + parts.iter().map(|part| part.abs()).sum::<f64>();
            assert!((sum - score).abs() <= 1e-9 * size, "row {row}: {sum} is explained, {score} the score");
        }
        for (column, parts) in members.columns().iter().zip(&explained.columns) {
            assert_eq!(parts.len(), scores.len(), "rows of contributions");
            for (row, part) in parts.iter().enumerate() {
                let missing = match column {
                    Column::Number(values) => values[row].is_nan(),
                    Column::Category { codes, .. } => codes[row] == MISSING,
                };
                assert!(!missing || *part == 0.0, "row {row}: what is missing contributes {part}");
            }
        }
        let nobody = Members::new(&D::describe().inputs, members.columns().iter().map(unknown).collect());
        let base = fitted.score(nobody).expect("the score of medians")[0];
        assert_eq!(base.to_bits(), explained.base.to_bits(), "the base is {}, not {base}", explained.base);
    }

    /// Gives each member all values of the population in turn, lowest first.
    fn effects(&self, fitted: &Fitted<D>, description: &Description) {
        let members = self.members();
        for (place, input) in description.inputs.iter().enumerate() {
            if input.effect == Effect::Varies || input.scale == Scale::Category {
                continue;
            }
            let mut values: Vec<f64> =
                members.number(place).iter().copied().filter(|value| !value.is_nan()).collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            for row in 0..members.len() {
                let mut columns: Vec<Column> =
                    members.columns().iter().map(|column| repeated(column, row, values.len())).collect();
                columns[place] = Column::Number(values.clone());
                if values.is_empty() {
                    continue;
                }
                let told = fitted.score(Members::new(&description.inputs, columns)).expect("scores");
                let fine = told.windows(2).all(|pair| match input.effect {
                    Effect::Raises => pair[0] <= pair[1],
                    _ => pair[0] >= pair[1],
                });
                assert!(
                    fine,
                    "{}, which {:?}: {values:?} score {told:?} (row {row})",
                    input.id(),
                    input.effect
                );
            }
        }
    }

    fn places(&self, fitted: &Fitted<D>, description: &Description, ranking: &Ranking) {
        let placements = fitted.place(&self.members(), ranking).expect("placements");
        assert_eq!(placements.tiers().len(), self.people().len(), "tiers");
        let tiers = description.tiers.len();
        assert!(
            placements.tiers().iter().all(|tier| (*tier as usize) < tiers),
            "there are {tiers} tiers, and members placed in {:?}",
            placements.tiers()
        );
        let mut count = vec![0; self.people().len()];
        for (row, reason) in placements.reasons() {
            count[*row as usize] += 1;
            let text = &description.reasons[reason.text as usize];
            assert_eq!(text.text.contains("{value}"), reason.input.is_some(), "the input of `{}`", text.id);
            assert!(
                reason.input.is_none_or(|input| (input as usize) < description.inputs.len()),
                "{reason:?}"
            );
        }
        assert!(count.iter().all(|reasons| *reasons <= 8), "more than 8 reasons: {count:?}");
    }

    fn any_cut(&self, fitted: &Fitted<D>, scores: &[f64], explained: &Contributions, ranking: &Ranking) {
        let whole = fitted.place(&self.members(), ranking).expect("placements");
        let rows = self.people().len();
        let singles = (0..rows).map(|row| row..row + 1);
        for cut in singles.chain([0..rows / 2, rows / 2..rows].into_iter().filter(|cut| !cut.is_empty())) {
            let part = fitted.score(self.batch(cut.clone())).expect("scores");
            assert_eq!(bits(&part), bits(&scores[cut.clone()]), "scores of the rows {cut:?} by themselves");
            let told = fitted.explain(self.batch(cut.clone())).expect("contributions");
            assert_eq!(told.base.to_bits(), explained.base.to_bits(), "the base of the rows {cut:?}");
            for (part, all) in told.columns.iter().zip(&explained.columns) {
                assert_eq!(bits(part), bits(&all[cut.clone()]), "contributions of the rows {cut:?}");
            }
            let of = |values: &[f64]| values[cut.clone()].to_vec();
            let cut_ranking =
                Ranking::new(of(&ranking.score), ranking.rank[cut.clone()].to_vec(), of(&ranking.percentile));
            let placed = fitted.place(&self.batch(cut.clone()), &cut_ranking).expect("placements");
            assert_eq!(placed.tiers(), &whole.tiers()[cut.clone()], "tiers of the rows {cut:?}");
            let reasons: Vec<_> = whole
                .reasons()
                .iter()
                .filter(|(row, _)| cut.contains(&(*row as usize)))
                .map(|(row, reason)| (*row - cut.start as u32, *reason))
                .collect();
            assert_eq!(placed.reasons(), reasons, "reasons of the rows {cut:?}");
        }
        let inputs = D::describe().inputs;
        let turned = self.members().columns().iter().map(reversed).collect();
        let mut turned = fitted.score(Members::new(&inputs, turned)).expect("scores");
        turned.reverse();
        assert_eq!(bits(&turned), bits(scores), "scores of the rows in another order");
    }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// One row of which nothing is known, which is one of medians.
fn unknown(column: &Column) -> Column {
    match column {
        Column::Number(_) => Column::Number(vec![f64::NAN]),
        Column::Category { values, .. } => Column::Category { codes: vec![MISSING], values: values.clone() },
    }
}

fn repeated(column: &Column, row: usize, times: usize) -> Column {
    match column {
        Column::Number(values) => Column::Number(vec![values[row]; times]),
        Column::Category { codes, values } => {
            Column::Category { codes: vec![codes[row]; times], values: values.clone() }
        }
    }
}

fn reversed(column: &Column) -> Column {
    match column {
        Column::Number(values) => Column::Number(values.iter().rev().copied().collect()),
        Column::Category { codes, values } => {
            Column::Category { codes: codes.iter().rev().copied().collect(), values: values.clone() }
        }
    }
}
