use std::fmt;

use crate::random::Random;

/// What a member was planted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Known far beyond the community, and not much in it.
    Celebrity,
    /// Paid to help.
    Staff,
    /// No person.
    Bot,
    /// Whom a definition should find.
    MicroInfluencer,
    /// Who may become one: about half as active, less thanked.
    Regular,
    /// Everybody else who does something.
    Member,
    /// Is mentioned, and does nothing.
    Bystander,
    /// Follows, and does nothing.
    Lurker,
    /// A micro-influencer who does not want to be one.
    OptedOut,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Celebrity,
        Self::Staff,
        Self::Bot,
        Self::OptedOut,
        Self::Lurker,
        Self::Bystander,
        Self::MicroInfluencer,
        Self::Regular,
        Self::Member,
    ];

    /// The name, as in `expected.csv`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Celebrity => "celebrity",
            Self::Staff => "staff",
            Self::Bot => "bot",
            Self::MicroInfluencer => "micro-influencer",
            Self::Regular => "regular",
            Self::Member => "member",
            Self::Bystander => "bystander",
            Self::Lurker => "lurker",
            Self::OptedOut => "opted-out",
        }
    }

    /// The tier in which the definition `regulars`, with its own settings, places them; none for those who are not in
    /// the population: bots, lurkers and members who opted out.
    #[must_use]
    pub fn tier(self) -> Option<&'static str> {
        match self {
            Self::Bystander => Some("unrated"),
            Self::Bot | Self::Lurker | Self::OptedOut => None,
            Self::Celebrity | Self::Staff | Self::MicroInfluencer | Self::Regular | Self::Member => {
                Some(self.name())
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How large a community to make, and which one of that size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Members of all kinds together; from 250, below which some kinds are empty, to 4,294,967,295.
    pub members: u32,
    /// Another seed makes another community of the same shape.
    pub seed: u64,
    /// Whether activities are packed: `activities.csv.gz` rather than `activities.csv`.
    pub packed: bool,
}

/// The plan of [`FILES`](crate::FILES): 600 members, seed 1, packed.
impl Default for Plan {
    fn default() -> Self {
        Self { members: 600, seed: 1, packed: true }
    }
}

impl Plan {
    /// How many members of a kind are planted.
    ///
    /// Micro-influencers and staff together are the best twentieth of the population, with regulars the best fifth:
    /// the shares the definition `regulars` has by default.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u32 {
        let members = u64::from(self.members);
        let of = |per_mille: u64| members * per_mille / 1_000;
        let (celebrities, staff, bots, opted_out) = (of(10), of(8), of(5), of(5));
        let (lurkers, bystanders) = (of(200), of(20));
        let population = members - bots - opted_out - lurkers;
        // The member at rank k has the percentile (population - k + 1/2) / population; ranks up to these are at or
        // above 0.95 and 0.8.
        let (twentieth, fifth) = ((population + 10) / 20, (2 * population + 5) / 10);
        let micro_influencers = twentieth.saturating_sub(staff);
        let regulars = fifth - twentieth;
        let count = match kind {
            Kind::Celebrity => celebrities,
            Kind::Staff => staff,
            Kind::Bot => bots,
            Kind::OptedOut => opted_out,
            Kind::Lurker => lurkers,
            Kind::Bystander => bystanders,
            Kind::MicroInfluencer => micro_influencers,
            Kind::Regular => regulars,
            Kind::Member => population - celebrities - staff - bystanders - micro_influencers - regulars,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// What the member with this index, from 0, is planted as.
    #[must_use]
    pub fn kind(&self, member: u32) -> Kind {
        let place = self.shuffle().place(u64::from(member));
        Kind::ALL.into_iter().find(|kind| self.places(*kind).contains(&place)).unwrap_or(Kind::Member)
    }

    /// The id of the member with this index: `m` and the index, all of the same length.
    #[must_use]
    pub fn id(&self, member: u32) -> String {
        let width = self.members.saturating_sub(1).to_string().len().max(4);
        format!("m{member:0width$}")
    }

    /// Kinds stand side by side in places; members are shuffled into them.
    pub(crate) fn places(&self, kind: Kind) -> std::ops::Range<u64> {
        let mut start = 0;
        for next in Kind::ALL {
            let end = start + u64::from(self.count(next));
            if next == kind {
                return start..end;
            }
            start = end;
        }
        start..start
    }

    pub(crate) fn shuffle(&self) -> Shuffle {
        let members = u64::from(self.members).max(1);
        let mut random = Random::new(self.seed, 0, 0);
        let factor = coprime(&mut random, members);
        Shuffle { members, factor, offset: random.below(members) }
    }

    /// A member of the kind, chosen at random; none if there are none.
    pub(crate) fn any(&self, shuffle: &Shuffle, kind: Kind, random: &mut Random) -> Option<u32> {
        let places = self.places(kind);
        let place = places.start + random.below(places.end - places.start);
        (!places.is_empty()).then(|| shuffle.member(place))
    }
}

/// Members into places and back: a multiplication modulo their number.
pub(crate) struct Shuffle {
    members: u64,
    factor: u64,
    offset: u64,
}

impl Shuffle {
    pub(crate) fn member(&self, place: u64) -> u32 {
        let member = (u128::from(place) * u128::from(self.factor) + u128::from(self.offset))
            % u128::from(self.members);
        u32::try_from(member).unwrap_or_default()
    }

    fn place(&self, member: u64) -> u64 {
        let shifted = u128::from(member + self.members - self.offset);
        let place = shifted * u128::from(inverse(self.factor, self.members)) % u128::from(self.members);
        u64::try_from(place).unwrap_or_default()
    }
}

/// A number without a common factor with `modulus`, chosen at random: its multiples visit every remainder once.
pub(crate) fn coprime(random: &mut Random, modulus: u64) -> u64 {
    loop {
        let factor = random.below(modulus).max(1);
        if greatest_common_divisor(factor, modulus) == 1 {
            return factor;
        }
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The number whose product with `factor` leaves 1, by Euclid's extended algorithm.
fn inverse(factor: u64, modulus: u64) -> u64 {
    let modulus = i128::from(modulus);
    let (mut old, mut rest) = (i128::from(factor), modulus);
    let (mut old_times, mut times) = (1, 0);
    while rest != 0 {
        let quotient = old / rest;
        (old, rest) = (rest, old - quotient * rest);
        (old_times, times) = (times, old_times - quotient * times);
    }
    u64::try_from(i128::rem_euclid(old_times, modulus)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_has_one_place_and_every_place_one_member() {
        for members in [1, 100, 601, 4_096] {
            let plan = Plan { members, ..Plan::default() };
            let shuffle = plan.shuffle();
            let mut met = vec![false; members as usize];
            for place in 0..u64::from(members) {
                let member = shuffle.member(place);
                assert_eq!(shuffle.place(u64::from(member)), place);
                assert!(!std::mem::replace(&mut met[member as usize], true));
            }
        }
    }

    #[test]
    fn kinds_share_out_all_members() {
        let plan = Plan::default();
        let counts: Vec<_> = Kind::ALL.iter().map(|kind| plan.count(*kind)).collect();
        assert_eq!(counts, [6, 4, 3, 3, 120, 12, 20, 71, 361]);
        let mut counted = vec![0; Kind::ALL.len()];
        for member in 0..plan.members {
            counted[Kind::ALL.iter().position(|kind| *kind == plan.kind(member)).unwrap()] += 1;
        }
        assert_eq!(counted, counts);
    }
}
