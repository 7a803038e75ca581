use std::io::{self, Write};

use crate::calendar::{DAY, START, Time};
use crate::plan::{Kind, Plan};
use crate::random::Random;

const PURPOSE: u64 = 1;
const REGIONS: [&str; 4] = ["north", "east", "south", "west"];

/// The table of members; answers its rows.
pub(crate) fn write(plan: &Plan, kinds: &[Kind], mut out: impl Write) -> io::Result<u64> {
    writeln!(out, "id,joined_at,role,external_followers,opted_out,region")?;
    for (member, &kind) in (0..).zip(kinds) {
        let mut random = Random::new(plan.seed, PURPOSE, u64::from(member));
        let id = plan.id(member);
        let joined_at = Time(START - random.between(30 * DAY, 700 * DAY));
        let role = match kind {
            Kind::Staff => "staff",
            Kind::Bot => "bot",
            _ => "member",
        };
        // Here and elsewhere together, nobody but celebrities has a hundred followers.
        let external = match kind {
            Kind::Celebrity => random.between(100_001, 2_000_000),
            Kind::Staff | Kind::MicroInfluencer | Kind::OptedOut => random.between(5, 30),
            Kind::Regular | Kind::Member if well_known(plan, member) => random.between(5, 45),
            Kind::Regular | Kind::Member => random.below(10),
            Kind::Bot | Kind::Lurker | Kind::Bystander => 0,
        };
        let opted_out = kind == Kind::OptedOut;
        let region = REGIONS.get(usize::try_from(random.below(4)).unwrap_or_default()).unwrap_or(&"north");
        writeln!(out, "{id},{joined_at},{role},{external},{opted_out},{region}")?;
    }
    Ok(kinds.len() as u64)
}

/// Whether a regular or a member has an audience. Two in five do, larger ones than micro-influencers among them: an
/// audience is no merit.
pub(crate) fn well_known(plan: &Plan, member: u32) -> bool {
    Random::new(plan.seed, PURPOSE + 100, u64::from(member)).chance(40)
}
