//! The weighted sum of `groundswell-bench-guests`, as an Extism plugin that gets and answers JSON.

use extism_pdk::{FnResult, Json, plugin_fn};
use serde::Deserialize;

/// A batch of members.
#[derive(Deserialize)]
struct Batch {
    /// One column an input.
    columns: Vec<Vec<f64>>,
    /// One weight a column.
    weights: Vec<f64>,
}

#[plugin_fn]
pub fn score(Json(batch): Json<Batch>) -> FnResult<Json<Vec<f64>>> {
    let mut scores = vec![0.0; batch.columns.first().map_or(0, Vec::len)];
    for (column, weight) in batch.columns.iter().zip(&batch.weights) {
        for (score, value) in scores.iter_mut().zip(column) {
            *score += weight * value;
        }
    }
    Ok(Json(scores))
}
