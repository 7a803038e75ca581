//! A definition of trust levels: a ladder of thresholds, from new to leader, as forums have it.
//!
//! [`TrustLevels`] asks for so many days, topics, likes and answers at each of four levels; who has all of them is there.
//! The score is the level plus the progress to the next, so that everybody sees how far it is, and no score depends on
//! what anybody else does.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod describe;
mod ladder;
mod requirements;

use groundswell_plugin::{
    Aside, Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking,
    Settings, waterfall_among,
};

use crate::describe::{FIRST, description};
use crate::ladder::Ladder;

/// The definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct TrustLevels {
    ladder: Ladder,
    aside: Aside,
}

impl Definition for TrustLevels {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        let ladder = Ladder::open(settings, population)?;
        Ok(Self { ladder, aside: Aside::open(settings, population, FIRST) })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(self.ladder.scores(members))
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(self.aside.place(members, |row, placements| {
            let score = ranking.score.get(row.index()).copied().unwrap_or_default();
            self.ladder.place(row, score, placements);
        }))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall_among(members, 0..FIRST.input, |members| self.score(members))
    }
}

groundswell_plugin::export!(definition: TrustLevels);
