//! Describes a metric that cannot be.

use crate::{Attack, honest_description, variant};
use groundswell_plugin::{Input, MetricDescription};

struct BadMetric;

impl Attack for BadMetric {
    fn describe() -> MetricDescription {
        let mut told = honest_description();
        match variant() {
            "scaled-input" => told.inputs = vec![Input::percentile("answers", "Answers help.")],
            "input-twice" => told.inputs.push(Input::raw("answers", "Answers help.")),
            "long-unit" => told.unit = "points ".repeat(10).into(),
            "unit-with-escapes" => told.unit = "\u{1b}[31mpoints".into(),
            _ => told.inputs = (0..65).map(|number| Input::raw(format!("given(verb=x-{number})"), "")).collect(),
        }
        told
    }
}

crate::attack!(BadMetric);
