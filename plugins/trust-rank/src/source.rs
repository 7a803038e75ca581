//! Where trust comes from: what members say of each other.

use groundswell_plugin::{Blend, Population, Settings};

use crate::describe::{input, reason};

/// One thing that members say of each other, with the places of what is known of it.
#[derive(Debug)]
pub(crate) struct Source {
    /// In the plural.
    pub(crate) name: &'static str,
    pub(crate) weight: &'static str,
    eigentrust: usize,
    signed: Option<usize>,
    pub(crate) supporters: usize,
    pub(crate) rings: usize,
    /// Says how many are behind it.
    pub(crate) reason: u32,
}

pub(crate) const SOURCES: [Source; 3] = [
    Source {
        name: "endorsements",
        weight: "weight-endorsements",
        eigentrust: input::ENDORSE_TRUST,
        signed: Some(input::ENDORSE_SIGNED),
        supporters: input::ENDORSE_SUPPORTERS,
        rings: input::ENDORSE_RINGS,
        reason: reason::ENDORSED,
    },
    Source {
        name: "thanks",
        weight: "weight-thanks",
        eigentrust: input::THANK_TRUST,
        signed: None,
        supporters: input::THANK_SUPPORTERS,
        rings: input::THANK_RINGS,
        reason: reason::THANKED,
    },
    Source {
        name: "accepted answers",
        weight: "weight-accepts",
        eigentrust: input::ACCEPT_TRUST,
        signed: None,
        supporters: input::ACCEPT_SUPPORTERS,
        rings: input::ACCEPT_RINGS,
        reason: reason::ACCEPTED,
    },
];

/// A source that tells members apart.
#[derive(Clone, Debug)]
pub(crate) struct Weighed {
    pub(crate) source: &'static Source,
    /// Its weight, as a share of all that tell members apart.
    pub(crate) share: f64,
    pub(crate) blend: Blend,
}

/// The sources that tell members apart: what the others weigh goes to them.
pub(crate) fn fit(settings: &Settings, population: &Population) -> Vec<Weighed> {
    let fitted = SOURCES.iter().filter_map(|source| {
        let parts = [
            (Some(source.eigentrust), "weight-eigentrust"),
            (source.signed, "weight-signed-trust"),
            (Some(source.supporters), "weight-supporters"),
        ];
        let parts = parts.into_iter().filter_map(|(place, weight)| Some((place?, settings.number(weight))));
        let blend = Blend::fit(population, parts);
        let share = settings.number(source.weight);
        (share > 0.0 && !blend.is_empty()).then_some(Weighed { source, share, blend })
    });
    let mut sources: Vec<Weighed> = fitted.collect();
    let total: f64 = sources.iter().map(|source| source.share).sum();
    for source in &mut sources {
        source.share /= total;
    }
    sources
}
