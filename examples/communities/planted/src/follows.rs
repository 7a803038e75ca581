use std::io::{self, Write};

use crate::calendar::{DAY, START, Time};
use crate::members::well_known;
use crate::plan::{Kind, Plan, coprime};
use crate::random::Random;

const PURPOSE: u64 = 2;

/// The table of follows; answers its rows. Nobody follows themselves, or anybody twice; bots follow nobody.
pub(crate) fn write(plan: &Plan, kinds: &[Kind], mut out: impl Write) -> io::Result<u64> {
    writeln!(out, "follower,followed,since")?;
    let members = kinds.len() as u64;
    let mut rows = 0;
    for (followed, &kind) in (0_u64..).zip(kinds) {
        let mut random = Random::new(plan.seed, PURPOSE, followed);
        let number = u32::try_from(followed).unwrap_or(u32::MAX);
        let audience = match kind {
            Kind::Celebrity => (members * 2 / 5).min(300),
            Kind::Staff => random.between(10, 45),
            Kind::MicroInfluencer | Kind::OptedOut => random.between(8, 30),
            Kind::Regular | Kind::Member if well_known(plan, number) => random.between(8, 45),
            Kind::Regular | Kind::Member => random.below(4),
            Kind::Bot | Kind::Lurker | Kind::Bystander => 0,
        };
        let step = coprime(&mut random, members);
        let mut follower = random.below(members);
        let mut followers = 0;
        for _ in 0..members {
            if followers == audience.min(members / 2) {
                break;
            }
            follower = (follower + step) % members;
            let bot = usize::try_from(follower).ok().and_then(|index| kinds.get(index)) == Some(&Kind::Bot);
            if follower == followed || bot {
                continue;
            }
            let since = Time(START + random.below(350 * DAY));
            let follower = plan.id(u32::try_from(follower).unwrap_or(u32::MAX));
            writeln!(out, "{follower},{},{since}", plan.id(number))?;
            followers += 1;
        }
        rows += followers;
    }
    Ok(rows)
}
