//! Scores: a weighted sum over two halves, activity and trust.

use groundswell_plugin::{
    Blend, Contributions, Definition, Description, Linear, Members, Placements, Population, Problem, Ranking,
    Settings, log,
};

use crate::describe::{description, input};
use crate::place::Ladder;

/// The default definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct Regulars {
    linear: Linear,
    ladder: Ladder,
}

/// An input of one half: its place, and the setting that holds its weight.
type Part = (usize, &'static str);

const ACTIVITY: [Part; 3] = [
    (input::ANSWERS, "weight-answers"),
    (input::HELPED, "weight-members-helped"),
    (input::WEEKS, "weight-weeks-active"),
];

const TRUST: [Part; 4] = [
    (input::THANKS, "weight-thanks"),
    (input::ENDORSEMENTS, "weight-endorsements"),
    (input::LIKES, "weight-likes"),
    (input::ACCEPTANCE, "weight-acceptance"),
];

impl Definition for Regulars {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        let ladder = Ladder::open(settings, population)?;
        let weights = weights(settings, population)?;
        Ok(Self { linear: Linear::new(weights), ladder })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(self.linear.score(members))
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(self.ladder.place(members, ranking))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        Ok(self.linear.explain(members))
    }
}

/// Points for each unit of each input, such that a member with the population's largest value everywhere has 100.
fn weights(settings: &Settings, population: &Population) -> Result<[f64; input::COUNT], Problem> {
    let trust_share = settings.number("trust-share");
    let activity = half(settings, population, &ACTIVITY);
    let trust = half(settings, population, &TRUST);
    // A half that tells nobody apart leaves all points to the other.
    let (activity_points, trust_points) = match (activity.is_empty(), trust.is_empty()) {
        (false, false) => (100.0 * (1.0 - trust_share), 100.0 * trust_share),
        (false, true) => (100.0, 0.0),
        (true, false) => (0.0, 100.0),
        (true, true) => (0.0, 0.0),
    };
    let all: Vec<_> = ACTIVITY.iter().chain(&TRUST).map(|&(_, setting)| setting).collect();
    settings.some_above_0(&all)?;
    if trust.is_empty() {
        log::info(
            "nobody received thanks, endorsements, likes or accepts more than others: trust is unknown",
        );
    }
    let mut weights = [0.0; input::COUNT];
    for (half, points) in [(activity, activity_points), (trust, trust_points)] {
        for part in half.parts() {
            if let Some(weight) = weights.get_mut(part.place) {
                *weight = points * part.share / part.span;
            }
        }
    }
    Ok(weights)
}

/// The inputs of a half that tell members apart, measured against the population's largest values.
fn half(settings: &Settings, population: &Population, parts: &[Part]) -> Blend {
    Blend::fit(population, parts.iter().map(|&(place, setting)| (place, settings.number(setting))))
}
