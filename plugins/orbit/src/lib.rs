//! A definition after the Orbit model: love times reach is gravity, and four levels around the core.
//!
//! Love is what members do, of late more than long ago, each verb with its weight; reach is how many hear of it, by
//! audience and by the members with whom there is exchange. [`Orbit`] scores by gravity, love × reach, and places
//! members in four orbits, of which the first is closest to the core.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod describe;
mod place;
mod verbs;

use groundswell_plugin::{
    Aside, Blend, Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking,
    Settings, log, log1p, waterfall_among,
};

use crate::describe::{FIRST, description, input};
use crate::place::Orbits;
use crate::verbs::VERBS;

/// The definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct Orbit {
    /// Of every verb that weighs anything: its place and weight.
    weights: Vec<(usize, f64)>,
    /// The logarithm that counts 100.
    most_love: f64,
    reach: Blend,
    reach_weight: f64,
    orbits: Orbits,
    aside: Aside,
}

impl Definition for Orbit {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        settings.some_above_0(&VERBS.each_ref().map(|verb| verb.setting))?;
        let weights = VERBS.iter().enumerate().map(|(place, verb)| (place, settings.number(verb.setting)));
        let weights: Vec<_> =
            weights.filter(|&(place, weight)| weight > 0.0 && population.has(place)).collect();
        let most: f64 =
            weights.iter().map(|&(place, weight)| weight * population.number(place).quantile(1.0)).sum();
        if most <= 0.0 {
            log::warn("nobody did anything that weighs anything, so every score is 0");
        }
        let reach = Blend::fit(
            population,
            [
                (input::AUDIENCE, settings.number("weight-audience")),
                (input::CONNECTIONS, settings.number("weight-connections")),
            ],
        );
        if reach.is_empty() {
            log::info("nothing tells members apart by reach: gravity is love alone");
        }
        Ok(Self {
            most_love: log1p(most),
            weights,
            reach,
            reach_weight: settings.number("reach-weight"),
            orbits: Orbits::open(settings)?,
            aside: Aside::open(settings, population, FIRST),
        })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = self.love(members);
        for (score, reach) in scores.iter_mut().zip(self.reach.of(members)) {
            *score *= 1.0 + self.reach_weight * reach;
        }
        Ok(scores)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(self.aside.place(members, |row, placements| {
            let at = |values: &[f64]| values.get(row.index()).copied().unwrap_or_default();
            self.orbits.place(row, at(&ranking.score), at(&ranking.percentile), &self.weights, placements);
        }))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall_among(members, 0..FIRST.input, |members| self.score(members))
    }
}

impl Orbit {
    /// From 0 to 100: whoever did the most of everything would have 100.
    fn love(&self, members: &Members) -> Vec<f64> {
        let mut love = vec![0.0; members.len()];
        if self.most_love <= 0.0 {
            return love;
        }
        for &(place, weight) in &self.weights {
            for (sum, done) in love.iter_mut().zip(members.number(place)) {
                *sum += weight * done;
            }
        }
        for sum in &mut love {
            *sum = 100.0 * log1p(*sum) / self.most_love;
        }
        love
    }
}

groundswell_plugin::export!(definition: Orbit);
