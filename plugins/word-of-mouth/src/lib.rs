//! A definition by word of mouth: who recommends often, and whose recommendations are followed.
//!
//! [`WordOfMouth`] multiplies how often somebody recommends by what comes of it: the share of recommendations that are
//! followed, and the conversions that each brings beyond what the same people bought before. Everything is measured by
//! percentile in this population, since word of mouth says something only against a baseline.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod describe;
mod place;

use groundswell_plugin::{
    Aside, Blend, Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking,
    Settings, log, waterfall_among,
};

use crate::describe::{FIRST, description, input};
use crate::place::Floors;

/// The definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct WordOfMouth {
    rate: Blend,
    effect: Blend,
    /// How much of the score depends on the effect.
    effect_share: f64,
    floors: Floors,
    aside: Aside,
}

impl Definition for WordOfMouth {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        settings.some_above_0(&["weight-recommendations", "weight-advice"])?;
        let blend = |inputs: [(usize, &str); 2]| {
            Blend::fit(population, inputs.map(|(place, weight)| (place, settings.number(weight))))
        };
        let rate = blend([(input::UNASKED, "weight-recommendations"), (input::ADVICE, "weight-advice")]);
        let effect = blend([(input::FOLLOWED, "weight-follow-through"), (input::LIFT, "weight-try-or-buy")]);
        if rate.is_empty() {
            log::warn("nobody recommends more than others, so every score is 0");
        } else if effect.is_empty() {
            log::info("what comes of recommendations is not known: scores go by how often members recommend");
        }
        let effect_share = if effect.is_empty() { 0.0 } else { settings.number("effect-share") };
        let aside = Aside::open(settings, population, FIRST);
        Ok(Self { rate, effect, effect_share, floors: Floors::open(settings), aside })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = self.rate.of(members);
        for (score, effect) in scores.iter_mut().zip(self.effect.of(members)) {
            *score *= 100.0 * (1.0 - self.effect_share + self.effect_share * effect);
        }
        Ok(scores)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(self.aside.place(members, |row, placements| {
            let standing = ranking.percentile.get(row.index()).copied().unwrap_or_default();
            self.floors.place(row, standing, placements);
        }))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall_among(members, input::UNASKED..input::UNASKED_RAW, |members| self.score(members))
    }
}

groundswell_plugin::export!(definition: WordOfMouth);
