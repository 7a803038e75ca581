//! Tiers: between the audience of micro-influencers and that of celebrities.

use groundswell_plugin::{
    Ceiling, Members, Placements, Problem, Ranking, Reason, Row, Settings, StaffRoles, count_of_log1p,
};

use crate::describe::{input, reason, tier};

/// The conditions of the tiers.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    /// What micro-influencers lie below.
    floor: Ceiling,
    /// Followers.
    ceiling: f64,
    least_weeks: f64,
    /// Scores from this percentile up.
    voice: f64,
    staff: StaffRoles,
}

impl Bounds {
    pub(crate) fn open(settings: &Settings) -> Result<Self, Problem> {
        settings.ascending(&["floor", "ceiling"], "nobody could be a thought leader")?;
        let count = |name| settings.integer(name) as f64;
        Ok(Self {
            floor: Ceiling::new(count("floor"), settings.number("floor-percentile"), count("floor-least")),
            ceiling: count("ceiling"),
            least_weeks: settings.number("least-weeks-active"),
            voice: 1.0 - settings.number("voice-share"),
            staff: StaffRoles::open(settings),
        })
    }

    pub(crate) fn place(&self, members: &Members, ranking: &Ranking) -> Placements {
        let staff = self.staff.rows(members, input::ROLE);
        let mut placements = Placements::with_capacity(members.len());
        for row in members.rows() {
            let at = |values: &[f64]| values.get(row.index()).copied().unwrap_or_default();
            let audience = row.known(input::AUDIENCE).map_or(f64::NAN, count_of_log1p);
            let weeks = row.number(input::WEEKS);
            // Comparisons with NaN are false: nobody lacks what is not known.
            if staff.get(row.index()) == Some(&true) {
                placements.place(tier::STAFF).because(about(reason::STAFF_ROLE, input::ROLE));
            } else if audience > self.ceiling {
                placements.place(tier::CELEBRITY).because(about(reason::ABOVE_CEILING, input::AUDIENCE));
            } else if weeks <= 0.0 {
                placements.place(tier::UNRATED).because(Reason::new(reason::NOT_ACTIVE));
            } else if self.floor.is_below(audience, row.number(input::AUDIENCE_PERCENTILE)) {
                let seldom = weeks < self.least_weeks;
                placements.place(if seldom { tier::VOICE } else { tier::THOUGHT_LEADER });
                strengths(&mut placements, row);
                if seldom {
                    placements.because(about(reason::SELDOM_ACTIVE, input::WEEKS));
                }
            } else if at(&ranking.score) > 0.0 && at(&ranking.percentile) >= self.voice {
                placements.place(tier::VOICE);
                strengths(&mut placements, row);
                placements.because(about(reason::SMALL_AUDIENCE, input::AUDIENCE));
            } else {
                placements.place(tier::MEMBER);
            }
        }
        placements
    }
}

/// Says who hears: elsewhere, or else anywhere, and here.
fn strengths(placements: &mut Placements, row: Row<'_>) {
    let has = |input| row.number(input) > 0.0;
    if has(input::EXTERNAL) {
        placements.because(about(reason::EXTERNAL, input::EXTERNAL));
    } else if has(input::AUDIENCE) {
        placements.because(about(reason::AUDIENCE, input::AUDIENCE));
    }
    if has(input::REACH) {
        placements.because(about(reason::REACH, input::REACH));
    }
}

fn about(text: u32, input: usize) -> Reason {
    Reason::about(text, input as u32)
}
