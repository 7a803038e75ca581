//! A small community by hand, scaled and ranked as a host would.

use groundswell_plugin::{
    CategorySummary, Column, Contributions, Definition, Fitted, MISSING, Members, NumberSummary, Placements,
    Population, Ranking, Scale, Settings, Summary,
};
use regulars::Regulars;

/// One member's raw values. NaN: unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) answers: f64,
    pub(crate) helped: f64,
    pub(crate) weeks: f64,
    pub(crate) thanks: f64,
    pub(crate) endorsements: f64,
    pub(crate) likes: f64,
    pub(crate) acceptance: f64,
    pub(crate) audience: f64,
    pub(crate) role: Option<&'static str>,
}

/// Somebody who said hello once and was liked for it.
pub(crate) const MEMBER: Member = Member {
    answers: 0.0,
    helped: 0.0,
    weeks: 0.01,
    thanks: 0.0,
    endorsements: 0.0,
    likes: 1.0,
    acceptance: f64::NAN,
    audience: 2.0,
    role: None,
};

/// Somebody who helps.
pub(crate) const HELPER: Member = Member {
    answers: 40.0,
    helped: 25.0,
    weeks: 0.5,
    thanks: 30.0,
    endorsements: 4.0,
    likes: 80.0,
    acceptance: 0.6,
    audience: 40.0,
    role: None,
};

/// 96 members of no note, and after them `notable`.
pub(crate) fn with(notable: &[Member]) -> Community {
    let crowd = (0..96).map(|i| Member { likes: f64::from(i % 3), ..MEMBER });
    Community::new(crowd.chain(notable.iter().copied()).collect())
}

pub(crate) struct Community {
    pub(crate) members: Vec<Member>,
    pub(crate) settings: Settings,
}

impl Community {
    pub(crate) fn new(members: Vec<Member>) -> Self {
        Self { members, settings: Settings::defaults(&Regulars::describe().settings) }
    }

    /// Raw values of the input in this place, which is not the role.
    fn raw(&self, place: usize) -> Vec<f64> {
        let value = |member: &Member| match place {
            0 => member.answers,
            1 => member.helped,
            2 => member.weeks,
            3 => member.thanks,
            4 => member.endorsements,
            5 => member.likes,
            6 => member.acceptance,
            _ => member.audience,
        };
        self.members.iter().map(value).collect()
    }

    fn roles(&self) -> (Vec<u32>, Vec<String>) {
        let mut values: Vec<_> = self.members.iter().filter_map(|member| member.role).collect();
        values.sort_unstable();
        values.dedup();
        let code =
            |member: &Member| member.role.map_or(MISSING, |role| values.binary_search(&role).unwrap() as u32);
        (self.members.iter().map(code).collect(), values.iter().map(|&value| value.to_owned()).collect())
    }

    pub(crate) fn batch(&self) -> Members {
        let inputs = Regulars::describe().inputs;
        let columns = inputs.iter().enumerate().map(|(place, input)| match input.scale {
            Scale::Category => {
                let (codes, values) = self.roles();
                Column::Category { codes, values: values.into() }
            }
            scale => Column::Number(scaled(scale, &self.raw(place))),
        });
        Members::new(&inputs, columns.collect())
    }

    pub(crate) fn population(&self) -> Population {
        let inputs = Regulars::describe().inputs;
        let summaries = inputs.iter().enumerate().map(|(place, input)| match input.scale {
            Scale::Category => {
                let (codes, values) = self.roles();
                let count = |code| codes.iter().filter(|&&it| it == code).count() as u64;
                let counts = (0..values.len() as u32).map(count).collect();
                Summary::Category(CategorySummary::new(count(MISSING), values, counts))
            }
            scale => Summary::Number(summary(scale, &self.raw(place))),
        });
        Population::new(&inputs, summaries.collect())
    }

    pub(crate) fn fitted(&self) -> Fitted<Regulars> {
        Fitted::fit(&self.settings, &self.population()).unwrap()
    }

    pub(crate) fn scores(&self) -> Vec<f64> {
        self.fitted().score(self.batch()).unwrap()
    }

    pub(crate) fn explain(&self) -> Contributions {
        self.fitted().explain(self.batch()).unwrap()
    }

    pub(crate) fn ranking(&self) -> Ranking {
        let scores = self.scores();
        let rank = |score: &f64| 1 + scores.iter().filter(|&other| other > score).count() as u32;
        Ranking::new(scores.clone(), scores.iter().map(rank).collect(), scaled(Scale::Percentile, &scores))
    }

    pub(crate) fn place(&self) -> Placements {
        self.fitted().place(&self.batch(), &self.ranking()).unwrap()
    }

    /// The tier of every member from `first` on, by id.
    pub(crate) fn tiers(&self, first: usize) -> Vec<String> {
        let tiers = Regulars::describe().tiers;
        self.place().tiers()[first..].iter().map(|&tier| tiers[tier as usize].id.to_string()).collect()
    }

    /// The reasons of one member: id, and the metric that it speaks of.
    pub(crate) fn reasons(&self, row: usize) -> Vec<String> {
        let description = Regulars::describe();
        let placements = self.place();
        let of_row = placements.reasons().iter().filter(|(it, _)| *it as usize == row);
        of_row
            .map(|(_, reason)| {
                let id = &description.reasons[reason.text as usize].id;
                let input = reason.input.map(|input| description.inputs[input as usize].id());
                format!("{id} {}", input.unwrap_or_default()).trim_end().to_owned()
            })
            .collect()
    }
}

fn scaled(scale: Scale, raw: &[f64]) -> Vec<f64> {
    match scale {
        Scale::Log1p => raw.iter().map(|&value| libm::log1p(value)).collect(),
        Scale::Percentile => {
            let known: Vec<_> = raw.iter().filter(|value| !value.is_nan()).collect();
            let percentile = |value: &f64| {
                let below = known.iter().filter(|&&it| it < value).count() as f64;
                let equal = known.iter().filter(|&&it| it == value).count() as f64;
                if value.is_nan() { f64::NAN } else { (below + equal / 2.0) / known.len() as f64 }
            };
            raw.iter().map(percentile).collect()
        }
        _ => raw.to_vec(),
    }
}

fn summary(scale: Scale, raw: &[f64]) -> NumberSummary {
    let mut known: Vec<f64> = raw.iter().copied().filter(|value| !value.is_nan()).collect();
    known.sort_by(f64::total_cmp);
    let count = known.len();
    let quantile = |percent: usize| {
        let place = (percent * count).div_ceil(100).max(1) - 1;
        known.get(place).copied().unwrap_or(f64::NAN)
    };
    let mean = known.iter().sum::<f64>() / count as f64;
    let sd = (known.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count as f64).sqrt();
    let median = raw.iter().position(|&value| value == quantile(50));
    let median_scaled = median.map_or(f64::NAN, |place| scaled(scale, raw)[place]);
    let missing = (raw.len() - count) as u64;
    NumberSummary::new(count as u64, missing, mean, sd, (0..=100).map(quantile).collect(), median_scaled)
}
