//! A definition for campaigns: who has an audience of the right size, and how it responds.
//!
//! The trade sorts people by followers: nano, micro, macro, mega. [`AudienceBand`] places members in these bands, and
//! scores them by position × engagement rate: the position is 1 in the band of micro-influencers and falls off on both
//! sides, so there is a ceiling as well as a floor; the rate is what each hundred followers do with a member.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod bands;
mod describe;

use groundswell_plugin::{
    Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking, Settings,
    StaffRoles, log, waterfall_among,
};

use crate::bands::Bands;
use crate::describe::{description, input};

/// The definition, fitted to one population.
#[derive(Clone, Debug)]
pub struct AudienceBand {
    bands: Bands,
    staff: StaffRoles,
    /// Whether anybody's engagement is known.
    engagement: bool,
    /// Activities per follower.
    least_engagement: f64,
}

impl Definition for AudienceBand {
    fn describe() -> Description {
        description()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        let bands = Bands::open(settings)?;
        let engagement = population.has(input::ENGAGEMENT);
        if !engagement {
            log::info("nobody's engagement is known: scores go by the size of audiences alone");
        }
        let largest = population.number(input::AUDIENCE).quantile(1.0);
        if largest <= bands.nano_from() {
            log::warn(format_args!(
                "nobody has an audience of more than nano-from, {}, so every score is 0; the largest is {largest}: set \
                 nano-from, micro-from, micro-to and macro-to to what is small and large in this community",
                bands.nano_from()
            ));
        }
        Ok(Self {
            bands,
            staff: StaffRoles::open(settings),
            engagement,
            least_engagement: settings.number("least-engagement") / 100.0,
        })
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let rows = members.number(input::AUDIENCE).iter().zip(members.number(input::ENGAGEMENT));
        let score = |(&audience, &rate): (&f64, &f64)| {
            let position = self.bands.position(audience);
            100.0 * position * if self.engagement { rate } else { 1.0 }
        };
        Ok(rows.map(score).collect())
    }

    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        let staff = self.staff.rows(members, input::ROLE);
        let mut placements = Placements::with_capacity(members.len());
        for row in members.rows() {
            let staff = staff.get(row.index()) == Some(&true);
            self.place_one(row, staff, &mut placements);
        }
        Ok(placements)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall_among(members, input::AUDIENCE..input::ROLE, |members| self.score(members))
    }
}

groundswell_plugin::export!(definition: AudienceBand);
