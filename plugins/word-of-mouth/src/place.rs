//! The ladder: what beside the score a member must have.

use groundswell_plugin::{Placements, Reason, Row, Settings};

use crate::describe::{input, reason, tier};

/// The conditions of the tiers.
#[derive(Clone, Debug)]
pub(crate) struct Floors {
    /// Scores from this percentile up.
    micro_influencer: f64,
    least_recipients: f64,
    least_conversions: f64,
}

impl Floors {
    pub(crate) fn open(settings: &Settings) -> Self {
        Self {
            micro_influencer: 1.0 - settings.number("micro-influencer-share"),
            least_recipients: settings.integer("least-recipients") as f64,
            least_conversions: settings.number("least-conversions"),
        }
    }

    pub(crate) fn place(&self, row: Row<'_>, percentile: f64, placements: &mut Placements) {
        let rates = [(input::UNASKED_RAW, reason::UNASKED), (input::ADVICE_RAW, reason::ADVICE)];
        let rates = rates.into_iter().filter(|&(input, _)| row.number(input) > 0.0);
        if rates.clone().next().is_none() {
            placements.place(tier::MEMBER).because(Reason::new(reason::RECOMMEND));
            return;
        }
        let best = percentile >= self.micro_influencer;
        let missing = best.then(|| self.missing(row)).flatten();
        let tier = if best && missing.is_none() { tier::MICRO_INFLUENCER } else { tier::RECOMMENDER };
        placements.place(tier);
        for (input, text) in rates {
            placements.because(about(text, input));
        }
        if row.known(input::FOLLOWED).is_some() {
            placements.because(about(reason::FOLLOWED, input::FOLLOWED));
        }
        if row.number(input::CONVERSIONS) > 0.0 {
            placements.because(about(reason::CONVERSIONS, input::CONVERSIONS));
        }
        if let Some(missing) = missing {
            placements.because(missing);
        }
    }

    /// The first thing that is missing. Comparisons with NaN are false: nobody lacks what is not known.
    fn missing(&self, row: Row<'_>) -> Option<Reason> {
        if row.number(input::RECIPIENTS) < self.least_recipients {
            Some(about(reason::FEW_RECIPIENTS, input::RECIPIENTS))
        } else if row.number(input::CONVERSIONS) < self.least_conversions {
            Some(about(reason::FEW_CONVERSIONS, input::CONVERSIONS))
        } else {
            None
        }
    }
}

fn about(text: u32, input: usize) -> Reason {
    Reason::about(text, input as u32)
}
