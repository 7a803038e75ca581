//! Bands of audience: who is in which, and how far up the one that is looked for.

use groundswell_plugin::{Placements, Problem, Reason, Row, Settings, count_of_log1p, log1p, ramp};

use crate::AudienceBand;
use crate::describe::{input, reason, tier};

/// The bounds, in followers and on the scale of the input.
#[derive(Clone, Debug)]
pub(crate) struct Bands {
    nano_from: f64,
    micro_from: f64,
    micro_to: f64,
    macro_to: f64,
    /// The same four as logarithms.
    logs: [f64; 4],
}

impl Bands {
    pub(crate) fn open(settings: &Settings) -> Result<Self, Problem> {
        let names = ["nano-from", "micro-from", "micro-to", "macro-to"];
        settings.ascending(&names, "each band begins where the one before it ends")?;
        let bounds @ [nano_from, micro_from, micro_to, macro_to] =
            names.map(|name| settings.integer(name) as f64);
        Ok(Self { nano_from, micro_from, micro_to, macro_to, logs: bounds.map(log1p) })
    }

    pub(crate) fn nano_from(&self) -> f64 {
        self.nano_from
    }

    /// 1 in the band of micro-influencers; below it down to 0 where nano begins, above it down to 0 where macro ends,
    /// straight on the logarithmic scale.
    pub(crate) fn position(&self, log_audience: f64) -> f64 {
        let [nano_from, micro_from, micro_to, macro_to] = self.logs;
        let rising = ramp(log_audience, nano_from, micro_from);
        let falling = ramp(-log_audience, -macro_to, -micro_to);
        rising.min(falling)
    }

    /// The tier for an audience, in followers.
    fn tier(&self, audience: f64) -> u32 {
        if audience > self.macro_to {
            tier::MEGA
        } else if audience > self.micro_to {
            tier::MACRO
        } else if audience >= self.micro_from {
            tier::MICRO
        } else if audience >= self.nano_from {
            tier::NANO
        } else {
            tier::MEMBER
        }
    }
}

impl AudienceBand {
    pub(crate) fn place_one(&self, row: Row<'_>, staff: bool, placements: &mut Placements) {
        let audience = Reason::about(reason::AUDIENCE, input::AUDIENCE as u32);
        let engagement = |text| Reason::about(text, input::ENGAGEMENT as u32);
        let Some(log_audience) = row.known(input::AUDIENCE).filter(|_| !staff) else {
            if staff {
                placements.place(tier::STAFF).because(Reason::about(reason::STAFF_ROLE, input::ROLE as u32));
            } else {
                placements.place(tier::UNRATED).because(Reason::new(reason::UNKNOWN));
            }
            return;
        };
        let band = self.bands.tier(count_of_log1p(log_audience));
        let rate = row.known(input::ENGAGEMENT);
        match band {
            tier::MICRO | tier::MACRO if rate.is_some_and(|rate| rate < self.least_engagement) => {
                placements.place(tier::QUIET).because(audience).because(engagement(reason::QUIET));
            }
            _ => {
                placements.place(band).because(audience);
                if rate.is_some_and(|rate| rate > 0.0) {
                    placements.because(engagement(reason::ENGAGED));
                }
                if [tier::MEMBER, tier::NANO].contains(&band) {
                    placements.because(Reason::new(reason::SMALL));
                }
            }
        }
    }
}
