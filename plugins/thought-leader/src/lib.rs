//! A definition of influencers, as distinct from micro-influencers: who is heard far beyond the community, and listened
//! to.
//!
//! [`ThoughtLeader`] scores by how many hear of somebody (elsewhere, here, at second hand, and by how much attention ends
//! up with them), times how well the audience responds. Where `regulars` ends, at its ceiling on audience, the tier of
//! thought leaders begins.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod describe;
mod place;

use groundswell_plugin::{
    Blend, Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking,
    Settings, log, waterfall_among,
};

use crate::describe::{description, input};
use crate::place::Bounds;

/// The definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct ThoughtLeader {
    heard: Blend,
    engaged: Blend,
    /// How much of the score depends on engagement.
    engagement_share: f64,
    bounds: Bounds,
}

impl Definition for ThoughtLeader {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        let heard = [
            (input::EXTERNAL, "weight-external"),
            (input::AUDIENCE, "weight-audience"),
            (input::REACH, "weight-reach"),
            (input::PAGERANK, "weight-pagerank"),
        ];
        settings.some_above_0(&heard.map(|(_, weight)| weight))?;
        let heard = heard.map(|(place, weight)| (place, settings.number(weight)));
        let heard = Blend::fit(population, heard);
        let engaged = Blend::fit(population, [(input::ENGAGEMENT, 1.0)]);
        if heard.is_empty() {
            log::warn("nobody is heard by more than others, so every score is 0");
        } else if !population.has(input::EXTERNAL) {
            log::info("nobody's followers elsewhere are known: who is heard here stands for who is heard");
        }
        let engagement_share = if engaged.is_empty() { 0.0 } else { settings.number("engagement-share") };
        Ok(Self { heard, engaged, engagement_share, bounds: Bounds::open(settings)? })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = self.heard.of(members);
        for (score, engaged) in scores.iter_mut().zip(self.engaged.of(members)) {
            *score *= 100.0 * (1.0 - self.engagement_share + self.engagement_share * engaged);
        }
        Ok(scores)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(self.bounds.place(members, ranking))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall_among(members, input::EXTERNAL..input::WEEKS, |members| self.score(members))
    }
}

groundswell_plugin::export!(definition: ThoughtLeader);
