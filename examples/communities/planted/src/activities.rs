use std::io::{self, Write};

use crate::calendar::{DAY, END, START, Time, WEEK, WEEKS};
use crate::plan::{Kind, Plan, Shuffle};
use crate::random::Random;

const PURPOSE: u64 = 3;
const PRODUCTS: u64 = 12;

/// What a member does, in percent of the weeks in which they act; and what becomes of it, in percent of it.
struct Habits {
    /// Weeks of the 52 with an activity: least and most.
    weeks: (u64, u64),
    /// Weeks with an answer.
    answer: u64,
    /// Answers that are accepted, thanked for, endorsed, liked.
    accepted: u64,
    thanked: u64,
    endorsed: u64,
    liked: u64,
    /// Weeks with something else.
    ask: u64,
    reply: u64,
    post: u64,
    volunteer: u64,
    recommend: u64,
    /// Recommendations that are followed by a purchase.
    bought: u64,
}

fn habits(kind: Kind) -> Option<Habits> {
    Some(match kind {
        Kind::Celebrity => Habits {
            weeks: (10, 14),
            answer: 10,
            accepted: 10,
            thanked: 0,
            endorsed: 0,
            liked: 90,
            ask: 0,
            reply: 10,
            post: 100,
            volunteer: 0,
            recommend: 40,
            bought: 2,
        },
        Kind::Staff => Habits {
            weeks: (44, 50),
            answer: 80,
            accepted: 45,
            thanked: 45,
            endorsed: 20,
            liked: 50,
            ask: 0,
            reply: 60,
            post: 20,
            volunteer: 10,
            recommend: 0,
            bought: 0,
        },
        Kind::Bot => Habits {
            weeks: (52, 52),
            answer: 0,
            accepted: 0,
            thanked: 0,
            endorsed: 0,
            liked: 0,
            ask: 0,
            reply: 100,
            post: 100,
            volunteer: 0,
            recommend: 100,
            bought: 0,
        },
        Kind::MicroInfluencer | Kind::OptedOut => Habits {
            weeks: (46, 52),
            answer: 100,
            accepted: 60,
            thanked: 65,
            endorsed: 40,
            liked: 80,
            ask: 5,
            reply: 40,
            post: 10,
            volunteer: 20,
            recommend: 15,
            bought: 35,
        },
        Kind::Regular => Habits {
            weeks: (24, 30),
            answer: 45,
            accepted: 50,
            thanked: 35,
            endorsed: 12,
            liked: 40,
            ask: 10,
            reply: 40,
            post: 10,
            volunteer: 3,
            recommend: 4,
            bought: 10,
        },
        Kind::Member => Habits {
            weeks: (1, 8),
            answer: 12,
            accepted: 25,
            thanked: 8,
            endorsed: 0,
            liked: 15,
            ask: 35,
            reply: 40,
            post: 8,
            volunteer: 1,
            recommend: 3,
            bought: 5,
        },
        Kind::Bystander | Kind::Lurker => return None,
    })
}

/// What happens evenly: 35 percent means 35 of a hundred times, give or take one, from a random start. So no member
/// has the luck to leave their kind.
#[derive(Clone, Copy)]
enum Evenly {
    Answer,
    Accepted,
    Thanked,
    Endorsed,
    Liked,
    Ask,
    Reply,
    Post,
    Volunteer,
    Recommend,
    Bought,
}

/// Where rows go: activities, conversions, both or none.
pub(crate) struct Tables<A, C> {
    pub(crate) activities: A,
    pub(crate) conversions: C,
    /// Rows of activities.
    pub(crate) acts: u64,
    /// Rows of conversions.
    pub(crate) sales: u64,
}

/// The tables of activities and conversions.
pub(crate) fn write<A: Write, C: Write>(
    plan: &Plan,
    kinds: &[Kind],
    activities: A,
    conversions: C,
) -> io::Result<Tables<A, C>> {
    let mut tables = Tables { activities, conversions, acts: 0, sales: 0 };
    writeln!(tables.activities, "id,actor,verb,at,recipient,object,object_kind,topic,product,weight")?;
    writeln!(tables.conversions, "member,product,at,value,referrer")?;
    let shuffle = plan.shuffle();
    for (member, &kind) in (0..).zip(kinds) {
        let mut random = Random::new(plan.seed, PURPOSE, u64::from(member));
        let due = std::array::from_fn(|_| random.below(100));
        let id = plan.id(member);
        let mut year =
            Year { plan, shuffle: &shuffle, random, due, member, id, made: 0, tables: &mut tables };
        match habits(kind) {
            Some(habits) => year.live(kind, &habits)?,
            None if kind == Kind::Bystander => year.stand_by()?,
            None => {}
        }
    }
    Ok(tables)
}

/// One member's year.
struct Year<'a, A, C> {
    plan: &'a Plan,
    shuffle: &'a Shuffle,
    random: Random,
    /// Percent gathered for each thing that happens evenly.
    due: [u64; 11],
    member: u32,
    id: String,
    made: u64,
    tables: &'a mut Tables<A, C>,
}

/// An activity; empty where there is nothing to say.
#[derive(Default)]
struct Act<'a> {
    actor: &'a str,
    verb: &'a str,
    at: u64,
    recipient: &'a str,
    object: &'a str,
    object_kind: &'a str,
    product: &'a str,
}

impl<A: Write, C: Write> Year<'_, A, C> {
    fn live(&mut self, kind: Kind, habits: &Habits) -> io::Result<()> {
        let mut active = match kind {
            // A long tail: half of the members act in one week, a quarter in two, and so on.
            Kind::Member => {
                (u64::from(self.random.next().trailing_zeros()) + habits.weeks.0).min(habits.weeks.1)
            }
            _ => self.random.between(habits.weeks.0, habits.weeks.1),
        };
        for week in 0..WEEKS {
            // As many of the weeks that are left as are still to be active, each with the same chance.
            if self.random.below(WEEKS - week) < active {
                active -= 1;
                self.week(week, habits)?;
            }
        }
        Ok(())
    }

    /// Somebody else mentions them now and then.
    fn stand_by(&mut self) -> io::Result<()> {
        for _ in 0..self.random.between(1, 3) {
            let week = self.random.below(WEEKS);
            let (at, id, other) = (self.moment(week), self.id.clone(), self.somebody());
            self.write(&Act { actor: &other, verb: "mention", at, recipient: &id, ..Act::default() })?;
        }
        Ok(())
    }

    fn happens(&mut self, what: Evenly, percent: u64) -> bool {
        let Some(due) = self.due.get_mut(what as usize) else { return false };
        *due += percent;
        let happens = *due >= 100;
        if happens {
            *due -= 100;
        }
        happens
    }

    fn week(&mut self, week: u64, habits: &Habits) -> io::Result<()> {
        let before = self.made;
        if self.happens(Evenly::Answer, habits.answer) {
            self.answer(week, habits)?;
        }
        if self.happens(Evenly::Ask, habits.ask) {
            self.act("ask", week, false, "question")?;
        }
        if self.happens(Evenly::Post, habits.post) {
            let at = self.act("post", week, false, "post")?;
            if self.happens(Evenly::Liked, habits.liked) {
                for _ in 0..self.random.between(1, 3) {
                    self.given("like", at, "post")?;
                }
            }
        }
        if self.happens(Evenly::Volunteer, habits.volunteer) {
            self.act("volunteer", week, false, "")?;
        }
        if self.happens(Evenly::Recommend, habits.recommend) {
            self.recommend(week, habits)?;
        }
        // A week in which a member acts has an activity of theirs.
        if self.happens(Evenly::Reply, habits.reply) || self.made == before {
            self.act("reply", week, true, "post")?;
        }
        Ok(())
    }

    fn moment(&mut self, week: u64) -> u64 {
        // Not in the week's last two days: what others make of it falls in the same week.
        START + week * WEEK + self.random.below(5 * DAY)
    }

    fn after(&mut self, at: u64) -> u64 {
        (at + self.random.between(60, 2 * DAY - 1)).min(END)
    }

    /// An ordinary member other than this one.
    fn somebody(&mut self) -> String {
        for _ in 0..8 {
            match self.plan.any(self.shuffle, Kind::Member, &mut self.random) {
                Some(other) if other != self.member => return self.plan.id(other),
                _ => {}
            }
        }
        String::new()
    }

    fn act(&mut self, verb: &str, week: u64, to_somebody: bool, object_kind: &str) -> io::Result<u64> {
        let at = self.moment(week);
        let recipient = if to_somebody { self.somebody() } else { String::new() };
        let object =
            if object_kind.is_empty() { String::new() } else { format!("o{}-{}", self.member, self.made) };
        let actor = self.id.clone();
        self.write(&Act {
            actor: &actor,
            verb,
            at,
            recipient: &recipient,
            object: &object,
            object_kind,
            product: "",
        })?;
        Ok(at)
    }

    /// Something given to this member, by nobody known.
    fn given(&mut self, verb: &str, at: u64, object_kind: &str) -> io::Result<()> {
        let (at, recipient) = (self.after(at), self.id.clone());
        self.write(&Act { verb, at, recipient: &recipient, object_kind, ..Act::default() })
    }

    fn answer(&mut self, week: u64, habits: &Habits) -> io::Result<()> {
        let at = self.moment(week);
        let (id, asker) = (self.id.clone(), self.somebody());
        let object = format!("o{}-{}", self.member, self.made);
        let object_kind = "answer";
        let answer = Act {
            actor: &id,
            verb: "answer",
            at,
            recipient: &asker,
            object: &object,
            object_kind,
            product: "",
        };
        self.write(&answer)?;
        let accepted = (Evenly::Accepted, "accept", habits.accepted);
        for (what, verb, percent) in [accepted, (Evenly::Thanked, "thank", habits.thanked)] {
            if self.happens(what, percent) {
                let at = self.after(at);
                self.write(&Act { actor: &asker, verb, at, recipient: &id, ..answer })?;
            }
        }
        if self.happens(Evenly::Endorsed, habits.endorsed) {
            let (at, other) = (self.after(at), self.somebody());
            self.write(&Act { actor: &other, verb: "endorse", at, recipient: &id, ..Act::default() })?;
        }
        if self.happens(Evenly::Liked, habits.liked) {
            let at = self.after(at);
            self.write(&Act { actor: "", verb: "like", at, recipient: &id, ..answer })?;
        }
        Ok(())
    }

    fn recommend(&mut self, week: u64, habits: &Habits) -> io::Result<()> {
        let at = self.moment(week);
        let (id, other) = (self.id.clone(), self.somebody());
        let product = format!("product-{}", self.random.below(PRODUCTS) + 1);
        self.write(&Act {
            actor: &id,
            verb: "recommend",
            at,
            recipient: &other,
            product: &product,
            ..Act::default()
        })?;
        if self.happens(Evenly::Bought, habits.bought) {
            let bought = Time(self.after(at));
            let value = self.random.between(5, 120);
            // Half of the buyers say who sent them.
            let referrer = if self.random.chance(50) { id.as_str() } else { "" };
            writeln!(self.tables.conversions, "{other},{product},{bought},{value},{referrer}")?;
            self.tables.sales += 1;
        }
        Ok(())
    }

    fn write(&mut self, act: &Act<'_>) -> io::Result<()> {
        let Act { actor, verb, at, recipient, object, object_kind, product } = act;
        let (member, made, at) = (self.member, self.made, Time(*at));
        let topic = match *verb {
            "answer" | "ask" | "post" => ["craft", "gear", "places", "people"]
                .get(usize::try_from((made + u64::from(member)) % 4).unwrap_or_default())
                .copied()
                .unwrap_or_default(),
            _ => "",
        };
        writeln!(
            self.tables.activities,
            "a{member}-{made},{actor},{verb},{at},{recipient},{object},{object_kind},{topic},{product},"
        )?;
        self.made += 1;
        self.tables.acts += 1;
        Ok(())
    }
}
