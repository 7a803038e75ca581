//! A definition by trust: whom those trust who are trusted themselves, less what goes round in rings.
//!
//! Members say whom they trust by endorsing, thanking and accepting answers. For each of the three [`TrustRank`] blends
//! EigenTrust, which counts the word of the trusted for more, with how many different members stand behind it, and
//! takes off a share of what comes back around a ring of two or three.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod describe;
mod place;
mod source;

use groundswell_plugin::{
    Aside, Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking,
    Settings, log, waterfall_among,
};

use crate::describe::{FIRST, description};
use crate::place::Floors;
use crate::source::{SOURCES, Weighed};

/// The definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct TrustRank {
    sources: Vec<Weighed>,
    ring_discount: f64,
    floors: Floors,
    aside: Aside,
}

impl Definition for TrustRank {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        settings.some_above_0(&SOURCES.each_ref().map(|source| source.weight))?;
        settings.some_above_0(&["weight-eigentrust", "weight-supporters", "weight-signed-trust"])?;
        let sources = source::fit(settings, population);
        if sources.is_empty() {
            log::warn(
                "nobody is endorsed, thanked or has answers accepted more than others, as far as the data says by whom: \
                 every score is 0; choose another definition, or map what stands for trust here to the verb `endorse`",
            );
        } else {
            let without =
                SOURCES.iter().filter(|source| sources.iter().all(|it| it.source.name != source.name));
            for source in without {
                log::info(format_args!("{} tell nobody apart: trust goes by the rest", source.name));
            }
        }
        Ok(Self {
            sources,
            ring_discount: settings.number("ring-discount"),
            floors: Floors::open(settings),
            aside: Aside::open(settings, population, FIRST),
        })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = vec![0.0; members.len()];
        for source in &self.sources {
            let trust = source.blend.of(members);
            let rings = members.number(source.source.rings);
            for ((score, trust), ring) in scores.iter_mut().zip(trust).zip(rings) {
                let kept = 1.0 - self.ring_discount * ring.clamp(0.0, 1.0);
                *score += 100.0 * source.share * trust * kept;
            }
        }
        Ok(scores)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(self.aside.place(members, |row, placements| {
            let percentile = ranking.percentile.get(row.index()).copied().unwrap_or_default();
            self.floors.place(row, percentile, placements);
        }))
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall_among(members, 0..FIRST.input, |members| self.score(members))
    }
}

groundswell_plugin::export!(definition: TrustRank);
