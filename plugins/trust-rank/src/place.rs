//! The ladder: what beside the score a member must have.

use groundswell_plugin::{Placements, Reason, Row, Settings, count_of_log1p};

use crate::describe::{reason, tier};
use crate::source::{SOURCES, Source};

/// The conditions of the tiers.
#[derive(Clone, Debug)]
pub(crate) struct Floors {
    /// Scores from this percentile up.
    trusted: f64,
    least_supporters: f64,
    most_rings: f64,
}

impl Floors {
    pub(crate) fn open(settings: &Settings) -> Self {
        Self {
            trusted: 1.0 - settings.number("trusted-share"),
            least_supporters: settings.integer("least-supporters") as f64,
            most_rings: settings.number("most-ring-share"),
        }
    }

    pub(crate) fn place(&self, row: Row<'_>, percentile: f64, placements: &mut Placements) {
        let (most, strongest) = strongest(row);
        if most <= 0.0 {
            placements.place(tier::MEMBER).because(Reason::new(reason::NO_SUPPORTERS));
            return;
        }
        let best = percentile >= self.trusted;
        let missing = best.then(|| self.missing(row, most, strongest)).flatten();
        placements.place(if best && missing.is_none() { tier::TRUSTED } else { tier::SUPPORTED });
        for source in SOURCES.iter().filter(|source| supporters(row, source) > 0.0) {
            placements.because(about(source.reason, source.supporters));
        }
        if let Some(missing) = missing {
            placements.because(missing);
        }
    }

    fn missing(&self, row: Row<'_>, most: f64, strongest: &Source) -> Option<Reason> {
        if most < self.least_supporters {
            Some(about(reason::FEW_SUPPORTERS, strongest.supporters))
        } else if row.number(strongest.rings) > self.most_rings {
            Some(about(reason::IN_RINGS, strongest.rings))
        } else {
            None
        }
    }
}

/// The source with the most supporters, of ties the first, and how many they are.
fn strongest(row: Row<'_>) -> (f64, &'static Source) {
    let [first, rest @ ..] = &SOURCES;
    rest.iter().fold((supporters(row, first), first), |best, source| {
        let supporters = supporters(row, source);
        if supporters > best.0 { (supporters, source) } else { best }
    })
}

fn supporters(row: Row<'_>, source: &Source) -> f64 {
    count_of_log1p(row.number(source.supporters))
}

fn about(text: u32, input: usize) -> Reason {
    Reason::about(text, input as u32)
}
