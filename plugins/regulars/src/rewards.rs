//! What micro-influencers get: to be seen, taught and brought together, as long as they stay.

use groundswell_plugin::{
    Award, AwardKind, Input, KnownTier, Members, Problem, Reason, RewardRules, RewardsDescription, Setting,
    Settings, Standings, Tier,
};

/// Places of the awards.
mod award {
    pub(super) const SHOUTOUT: u32 = 0;
    pub(super) const BADGE: u32 = 1;
    pub(super) const TRAINING: u32 = 2;
    pub(super) const CIRCLE: u32 = 3;
}

/// Places of the reasons.
mod reason {
    pub(super) const FIRST: u32 = 0;
    pub(super) const IS: u32 = 1;
    pub(super) const TRAINING: u32 = 2;
    pub(super) const CIRCLE: u32 = 3;
}

/// The place of the only input.
const HELPED: u32 = 0;

/// Reward rules for any definition that has a tier known as micro-influencer.
#[derive(Clone, Debug)]
pub struct Nurture {
    shoutout: bool,
    badge: bool,
    training: bool,
    circle: bool,
}

impl RewardRules for Nurture {
    fn describe() -> RewardsDescription {
        RewardsDescription::new(
            "Micro-influencers get a shoutout on the first day, a badge, training, and a circle of their own.",
        )
        .input(
            Input::raw("members-helped", "How many members were helped is what the award thanks for.")
                .varies()
                .optional(),
        )
        .setting(Setting::boolean("shoutout", true, "A public thank-you on first becoming a micro-influencer."))
        .setting(Setting::boolean("badge", true, "A badge for as long as they are micro-influencers."))
        .setting(Setting::boolean("training", true, "An invitation to training, once."))
        .setting(Setting::boolean("circle", true, "A circle of their own for as long as they stay."))
        .award(AwardKind::shoutout(
            "first-shoutout",
            "Thank you, in front of everybody",
            "Once, for whoever becomes a micro-influencer for the first time.",
        ))
        .award(
            AwardKind::badge(
                "micro-influencer-badge",
                "Micro-influencer",
                "Worn by micro-influencers for as long as they are.",
            )
            .revocable(),
        )
        .award(AwardKind::training(
            "training-invitation",
            "Invitation to training",
            "Once, for every micro-influencer.",
        ))
        .award(
            AwardKind::circle(
                "micro-influencer-circle",
                "The micro-influencers' circle",
                "A space of their own for micro-influencers, for as long as they stay.",
            )
            .revocable(),
        )
        .reason("first", "Became a micro-influencer for the first time.")
        .reason("is", "Is a micro-influencer: active, and trusted by others.")
        .reason("training", "Has helped {value} members, and could help more.")
        .reason("circle", "Belongs among the micro-influencers.")
    }

    fn open(settings: &Settings, tiers: &[Tier]) -> Result<Self, Problem> {
        if !tiers.iter().any(|tier| tier.known == Some(KnownTier::MicroInfluencer)) {
            return Err(Problem::Other(
                "the definition has no tier known as micro-influencer, so nobody could get an award: choose \
                 other reward rules, or a definition that has one"
                    .into(),
            ));
        }
        Ok(Self {
            shoutout: settings.boolean("shoutout"),
            badge: settings.boolean("badge"),
            training: settings.boolean("training"),
            circle: settings.boolean("circle"),
        })
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        let helped = members.number(HELPED as usize);
        let mut awards = Vec::new();
        for (standing, helped) in standings.rows().zip(helped) {
            if !standing.is(KnownTier::MicroInfluencer) {
                continue;
            }
            let row = standing.row();
            if self.shoutout && standing.first_reached() {
                awards.push(Award::new(row, award::SHOUTOUT, Reason::new(reason::FIRST)));
            }
            if self.badge {
                awards.push(Award::new(row, award::BADGE, Reason::new(reason::IS)));
            }
            if self.training {
                // Another author's definition may run where nobody knows who was helped.
                let why = if helped.is_nan() {
                    Reason::new(reason::IS)
                } else {
                    Reason::about(reason::TRAINING, HELPED)
                };
                awards.push(Award::new(row, award::TRAINING, why));
            }
            if self.circle {
                awards.push(Award::new(row, award::CIRCLE, Reason::new(reason::CIRCLE)));
            }
        }
        Ok(awards)
    }
}
