//! Plugins to which columns are handed over, and which look at none of them: what they cost is what the host does. The
//! contract is spoken by hand, since the SDK looks for missing values.

use groundswell_plugin::bindings::definition::exports::groundswell::plugin::scoring;
use groundswell_plugin::bindings::definition::groundswell::plugin::types;

use crate::inputs;

/// Asks for the first `INPUTS` of the eight inputs, and scores everybody 0.
#[derive(Clone, Copy, Debug)]
pub struct Nothing<const INPUTS: usize>;

impl<const INPUTS: usize> scoring::Guest for Nothing<INPUTS> {
    type Model = Self;

    fn describe() -> scoring::Description {
        let input = |input: groundswell_plugin::Input| types::Input {
            metric: input.metric.into_owned(),
            scale: types::Scale::Raw,
            required: false,
            why: input.why.into_owned(),
            effect: types::Effect::Varies,
        };
        let tier = types::Tier {
            id: "member".to_owned(),
            title: "Member".to_owned(),
            summary: "Everybody.".to_owned(),
            rung: None,
            known: None,
        };
        scoring::Description {
            name: if INPUTS == 1 { "nothing-of-one" } else { "nothing" }.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Measured, never run for a community.".to_owned(),
            inputs: inputs().into_iter().take(INPUTS).map(input).collect(),
            settings: Vec::new(),
            tiers: vec![tier],
            reasons: Vec::new(),
        }
    }
}

impl<const INPUTS: usize> scoring::GuestModel for Nothing<INPUTS> {
    fn fit(_: Vec<types::Value>, _: Vec<types::Summary>) -> Result<scoring::Model, types::Problem> {
        Ok(scoring::Model::new(Self))
    }

    fn score(&self, members: types::Batch) -> Result<Vec<f64>, types::Problem> {
        Ok(vec![0.0; members.rows as usize])
    }

    fn place(&self, _: types::Batch, _: types::Ranking) -> Result<scoring::Placements, types::Problem> {
        Err(types::Problem::Other("nobody is placed".to_owned()))
    }

    fn explain(&self, _: types::Batch) -> Result<scoring::Contributions, types::Problem> {
        Err(types::Problem::Other("nothing is explained".to_owned()))
    }
}
