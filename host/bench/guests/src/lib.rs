//! Definitions that the benchmark runs twice: in the sandbox, and compiled with the benchmark as native Rust.
//!
//! Each is an example of this crate too, which is what makes a component of it. Two more examples compute nothing: see
//! [`nothing`].

pub mod nothing;

use groundswell_plugin::{
    Column, Contributions, Definition, Description, Input, Linear, Members, Placements, Population, Problem,
    Ranking, Settings, Tier,
};

/// What an input of [`Weighted`] and [`Logs`] counts.
pub const WEIGHTS: [f64; 8] = [3.0, 2.5, 20.0, 4.0, 4.5, 1.5, 12.0, 0.001];

/// The eight inputs, as the host scales them.
pub fn inputs() -> [Input; 8] {
    const WHY: &str = "It is measured.";
    [
        Input::log1p("answers", WHY),
        Input::log1p("members-helped", WHY),
        Input::raw("weeks-active-share", WHY),
        Input::log1p("received(verb=thank)", WHY),
        Input::log1p("received(verb=endorse)", WHY),
        Input::log1p("likes-received", WHY),
        Input::raw("acceptance-rate", WHY),
        Input::raw("audience", WHY),
    ]
}

fn described(name: &'static str, inputs: impl IntoIterator<Item = Input>) -> Description {
    let description = Description::new("Measured, never run for a community.")
        .name(name)
        .tier(Tier::new("member", "Member", "Everybody.").rung(0));
    inputs.into_iter().fold(description, Description::input)
}

fn nowhere_else(members: &Members) -> Placements {
    (0..members.len()).map(|_| 0).collect()
}

/// A weighted sum of eight inputs: the definition that is compared with other ways to run it.
#[derive(Clone, Debug)]
pub struct Weighted(Linear);

impl Definition for Weighted {
    fn describe() -> Description {
        described("weighted", inputs())
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self(Linear::new(WEIGHTS)))
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(self.0.score(members))
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(nowhere_else(members))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        Ok(self.0.explain(members))
    }
}

/// The same weights over logarithms that the definition takes itself, where it had better ask the host for them.
#[derive(Clone, Debug)]
pub struct Logs;

impl Definition for Logs {
    fn describe() -> Description {
        let raw = |input: Input| Input::raw(input.metric.into_owned(), "It is measured.");
        described("logs", inputs().map(raw))
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = vec![0.0; members.len()];
        for (column, weight) in members.columns().iter().zip(WEIGHTS) {
            let Column::Number(values) = column else { continue };
            for (score, value) in scores.iter_mut().zip(values) {
                *score += weight * libm::log1p(*value);
            }
        }
        Ok(scores)
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(nowhere_else(members))
    }
}
