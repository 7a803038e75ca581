//! Reading the results of an earlier run.

use std::path::Path;
use std::sync::OnceLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use groundswell_runtime::{Column, Scale, ScoringDescription};

use crate::Error;
use crate::leaderboard::{BoardInput, Leaderboard, Reasons};
use crate::stored::batches;

/// The leaderboard of a stored run of a definition; `None` where there is no such run.
///
/// # Errors
///
/// Where there is one and it cannot be read.
pub(crate) fn load(folder: &Path, definition: &ScoringDescription) -> Result<Option<Leaderboard>, Error> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let paths = ["scores.parquet", "metrics.parquet"].map(|name| folder.join(name));
    let [scores, metrics] = paths.each_ref().map(|path| Sheet::read(path));
    let (scores, metrics) = (scores?, metrics?);
    let ranks = scores
        .column("rank", |array, row| array.as_primitive_opt::<UInt32Type>().map(|ranks| ranks.value(row)));
    let ranks: Vec<u32> = ranks?.into_iter().map(Option::unwrap_or_default).collect();
    let tiers = scores.words("tier")?.into_iter().map(|tier| {
        let at = definition.tiers.iter().position(|known| Some(&known.id) == tier.as_ref());
        at.map_or(u32::MAX, |at| at as u32)
    });
    let tiers = tiers.collect();
    let reasons = scores.column("reasons", |array, row| {
        let reasons = array.as_list_opt::<i32>()?.value(row);
        Some(reasons.as_string_opt::<i32>()?.iter().flatten().map(str::to_owned).collect::<Vec<_>>())
    })?;
    let inputs = definition.inputs.iter().map(|input| {
        let id = input.id();
        Ok(BoardInput {
            raw: Some(metrics.values(&input.metric, input.scale)?),
            scaled: metrics.values(&id, input.scale)?,
            contributions: scores.numbers(&id)?,
            metric: input.metric.clone(),
            why: input.why.clone(),
            effect: input.effect,
            percentiles: OnceLock::new(),
            id,
        })
    });
    Ok(Some(Leaderboard {
        ids: scores.words("member")?.into_iter().map(Option::unwrap_or_default).collect(),
        order: Leaderboard::order_of(&ranks),
        ranks,
        scores: scores.numbers("score")?,
        percentiles: scores.numbers("percentile")?,
        tiers,
        base: scores.numbers("base")?.first().copied().unwrap_or(f64::NAN),
        inputs: inputs.collect::<Result<_, Error>>()?,
        ladder: definition.tiers.clone(),
        reasons: Reasons::Filled(reasons.into_iter().map(Option::unwrap_or_default).collect()),
    }))
}

/// A Parquet file in memory.
struct Sheet<'a> {
    path: &'a Path,
    batches: Vec<RecordBatch>,
}

impl<'a> Sheet<'a> {
    fn read(path: &'a Path) -> Result<Self, Error> {
        let batches = batches(path, None)?;
        let batches = batches.collect::<Result<_, _>>().map_err(Error::columns("read", path))?;
        Ok(Self { path, batches })
    }

    /// A column's values, of which `value` takes one that is not null.
    fn column<T>(
        &self,
        name: &str,
        value: impl Fn(&dyn Array, usize) -> Option<T>,
    ) -> Result<Vec<Option<T>>, Error> {
        let mut values = Vec::new();
        for batch in &self.batches {
            let Some(array) = batch.column_by_name(name) else {
                let missing =
                    std::io::Error::other(format!("the column `{name}` is missing; remove the folder"));
                return Err(Error::columns("read", self.path)(missing));
            };
            values
                .extend((0..array.len()).map(|row| array.is_valid(row).then(|| value(array, row)).flatten()));
        }
        Ok(values)
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, Error> {
        let numbers = self.column(name, |array, row| {
            array.as_primitive_opt::<Float64Type>().map(|numbers| numbers.value(row))
        })?;
        Ok(numbers.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect())
    }

    fn words(&self, name: &str) -> Result<Vec<Option<String>>, Error> {
        self.column(name, |array, row| array.as_string_opt::<i32>().map(|words| words.value(row).to_owned()))
    }

    fn values(&self, name: &str, scale: Scale) -> Result<Column, Error> {
        Ok(match scale {
            Scale::Category => Column::from_words(self.words(name)?.iter().map(Option::as_deref)),
            _ => Column::Number(self.numbers(name)?.into()),
        })
    }
}
