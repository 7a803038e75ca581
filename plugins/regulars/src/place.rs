//! Tiers: what beside the score a member must have, and what puts a member beside the ladder.

use groundswell_plugin::{
    Ceiling, Members, Placements, Population, Problem, Ranking, Reason, Settings, StaffRoles, count_of_log1p,
    log,
};

use crate::describe::{input, reason, tier};

/// The conditions of every tier.
#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    /// Scores from this percentile up.
    micro_influencer: f64,
    regular: f64,
    least_helped: f64,
    least_appreciated: f64,
    least_weeks: f64,
    audience_floor: f64,
    ceiling: Ceiling,
    staff: StaffRoles,
}

/// What keeps a member with the score of a micro-influencer from being one.
enum Missing {
    Help,
    Weeks,
    Trust,
    Audience,
}

impl Ladder {
    pub(crate) fn open(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        settings
            .ascending(&["micro-influencer-share", "regular-share"], "micro-influencers are regulars too")?;
        settings.ascending(&["audience-floor", "ceiling"], "nobody could be a micro-influencer")?;
        if !population.has(input::AUDIENCE) {
            log::info("the data has no audience: the ceiling and the floor on it are off");
        }
        let count = |name| settings.integer(name) as f64;
        Ok(Self {
            micro_influencer: 1.0 - settings.number("micro-influencer-share"),
            regular: 1.0 - settings.number("regular-share"),
            least_helped: count("least-helped"),
            least_appreciated: count("least-appreciated"),
            least_weeks: settings.number("least-weeks-active"),
            audience_floor: count("audience-floor"),
            ceiling: Ceiling::open(settings),
            staff: StaffRoles::open(settings),
        })
    }

    pub(crate) fn place(&self, members: &Members, ranking: &Ranking) -> Placements {
        let rows = Rows::of(members);
        let staff = self.staff.rows(members, input::ROLE);
        let mut placements = Placements::with_capacity(members.len());
        for (row, &percentile) in ranking.percentile.iter().enumerate() {
            if staff.get(row) == Some(&true) {
                placements.place(tier::STAFF).because(about(reason::STAFF_ROLE, input::ROLE));
            } else if self.is_celebrity(&rows, row) {
                placements.place(tier::CELEBRITY).because(about(reason::ABOVE_CEILING, input::AUDIENCE));
            } else if !rows.is_active(row) {
                placements.place(tier::UNRATED).because(Reason::new(reason::NOT_ACTIVE));
            } else if percentile < self.regular {
                placements.place(tier::MEMBER);
            } else if percentile < self.micro_influencer {
                placements.place(tier::REGULAR);
                strengths(&mut placements, &rows, row);
            } else {
                let missing = self.missing(&rows, row);
                let tier = if missing.is_none() { tier::MICRO_INFLUENCER } else { tier::REGULAR };
                placements.place(tier);
                strengths(&mut placements, &rows, row);
                if let Some(missing) = missing {
                    placements.because(missing.reason());
                }
            }
        }
        placements
    }

    fn is_celebrity(&self, rows: &Rows<'_>, row: usize) -> bool {
        self.ceiling.is_below(at(rows.audience, row), at(rows.audience_percentile, row))
    }

    /// The first thing that is missing, activity before trust before audience.
    fn missing(&self, rows: &Rows<'_>, row: usize) -> Option<Missing> {
        if rows.helped(row) < self.least_helped {
            Some(Missing::Help)
        } else if known(at(rows.weeks, row)) < self.least_weeks {
            Some(Missing::Weeks)
        } else if rows.appreciated(row) < self.least_appreciated {
            Some(Missing::Trust)
        } else if at(rows.audience, row) < self.audience_floor {
            Some(Missing::Audience)
        } else {
            None
        }
    }
}

impl Missing {
    fn reason(&self) -> Reason {
        match self {
            Self::Help => about(reason::HELPED_FEW, input::HELPED),
            Self::Weeks => about(reason::SELDOM_ACTIVE, input::WEEKS),
            Self::Trust => Reason::new(reason::LITTLE_TRUST),
            Self::Audience => about(reason::SMALL_AUDIENCE, input::AUDIENCE),
        }
    }
}

/// Says what earned the tier: help and regularity, then whatever of trust there is most of.
fn strengths(placements: &mut Placements, rows: &Rows<'_>, row: usize) {
    if rows.helped(row) > 0.0 {
        placements.because(about(reason::HELPED, input::HELPED));
    }
    if at(rows.weeks, row) > 0.0 {
        placements.because(about(reason::ACTIVE, input::WEEKS));
    }
    let mut best = (0.0, None);
    for (values, text, input) in [
        (rows.thanks, reason::THANKED, input::THANKS),
        (rows.endorsements, reason::ENDORSED, input::ENDORSEMENTS),
        (rows.likes, reason::LIKED, input::LIKES),
    ] {
        if at(values, row) > best.0 {
            best = (at(values, row), Some(about(text, input)));
        }
    }
    if let (_, Some(reason)) = best {
        placements.because(reason);
    }
}

/// The columns that tiers look at.
struct Rows<'a> {
    answers: &'a [f64],
    helped: &'a [f64],
    weeks: &'a [f64],
    thanks: &'a [f64],
    endorsements: &'a [f64],
    likes: &'a [f64],
    audience: &'a [f64],
    audience_percentile: &'a [f64],
}

impl<'a> Rows<'a> {
    fn of(members: &'a Members) -> Self {
        Self {
            answers: members.number(input::ANSWERS),
            helped: members.number(input::HELPED),
            weeks: members.number(input::WEEKS),
            thanks: members.number(input::THANKS),
            endorsements: members.number(input::ENDORSEMENTS),
            likes: members.number(input::LIKES),
            audience: members.number(input::AUDIENCE),
            audience_percentile: members.number(input::AUDIENCE_PERCENTILE),
        }
    }

    fn is_active(&self, row: usize) -> bool {
        at(self.weeks, row) > 0.0 || at(self.answers, row) > 0.0
    }

    /// Members helped, 0 where unknown.
    fn helped(&self, row: usize) -> f64 {
        count_of_log1p(at(self.helped, row))
    }

    /// Thanks, endorsements and likes together, 0 where unknown.
    fn appreciated(&self, row: usize) -> f64 {
        [self.thanks, self.endorsements, self.likes]
            .iter()
            .map(|values| count_of_log1p(at(values, row)))
            .sum()
    }
}

fn known(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}

fn at(values: &[f64], row: usize) -> f64 {
    values.get(row).copied().unwrap_or(f64::NAN)
}

fn about(text: u32, input: usize) -> Reason {
    Reason::about(text, input as u32)
}
