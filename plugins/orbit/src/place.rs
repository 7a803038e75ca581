//! Orbits: shares of the population by gravity.

use groundswell_plugin::{Placements, Problem, Reason, Row, Settings, count_of_log1p};

use crate::describe::{input, reason, tier};

/// The conditions of the orbits.
#[derive(Clone, Debug)]
pub(crate) struct Orbits {
    /// Scores from this percentile up, of the first, the second and the third orbit.
    from: [f64; 3],
    least_connections: f64,
}

impl Orbits {
    pub(crate) fn open(settings: &Settings) -> Result<Self, Problem> {
        let shares = ["orbit-1-share", "orbit-2-share", "orbit-3-share"];
        settings.ascending(&shares, "an inner orbit is part of the one around it")?;
        let least_connections = settings.integer("least-connections") as f64;
        Ok(Self { from: shares.map(|share| 1.0 - settings.number(share)), least_connections })
    }

    pub(crate) fn place(
        &self,
        row: Row<'_>,
        gravity: f64,
        percentile: f64,
        weights: &[(usize, f64)],
        placements: &mut Placements,
    ) {
        let [first, second, third] = self.from;
        if gravity <= 0.0 || percentile < third {
            placements.place(tier::ORBIT_4);
        } else if percentile < second {
            placements.place(tier::ORBIT_3);
            strengths(row, weights, placements);
        } else if percentile < first {
            placements.place(tier::ORBIT_2);
            strengths(row, weights, placements);
        } else {
            let connections = row.known(input::CONNECTIONS).map(count_of_log1p);
            let few = connections.is_some_and(|connections| connections < self.least_connections);
            placements.place(if few { tier::ORBIT_2 } else { tier::ORBIT_1 });
            strengths(row, weights, placements);
            if few {
                placements.because(about(reason::FEW_CONNECTIONS, input::CONNECTIONS));
            }
        }
    }
}

/// Says what most of the love is, the two of most weight, and how far it reaches.
fn strengths(row: Row<'_>, weights: &[(usize, f64)], placements: &mut Placements) {
    let mut best = [(0.0, None); 2];
    for &(place, weight) in weights {
        let love = weight * row.known(place).unwrap_or_default();
        let [first, second] = best;
        if love > first.0 {
            best = [(love, Some(place)), first];
        } else if love > second.0 {
            best = [first, (love, Some(place))];
        }
    }
    // Verbs and their reasons have the same places.
    for place in best.into_iter().filter_map(|(_, place)| place) {
        placements.because(about(place as u32, place));
    }
    for (text, input) in [(reason::CONNECTIONS, input::CONNECTIONS), (reason::AUDIENCE, input::AUDIENCE)] {
        if row.number(input) > 0.0 {
            placements.because(about(text, input));
        }
    }
}

fn about(text: u32, input: usize) -> Reason {
    Reason::about(text, input as u32)
}
