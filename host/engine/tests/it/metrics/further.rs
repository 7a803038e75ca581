//! Further metrics, each computed as plainly as can be.

use std::collections::{BTreeMap, BTreeSet};

use super::{AS_OF, Activity, Case, Conversion, DAY};

pub(super) const FURTHER: [&str; 56] = [
    "accepted-answers",
    "endorsements",
    "weight-given(verb=endorse)",
    "weight-received(verb=endorse)",
    "decayed-activity",
    "decayed-activity(half-life=7d, verb=like)",
    "weeks-active",
    "longest-streak",
    "longest-streak(unit=week)",
    "response-hours",
    "response-hours(verb=thank, to=answer)",
    "topics",
    "topics(verb=answer)",
    "newcomers-helped(days=10)",
    "thanks-per-answer",
    "supporters(verb=like)",
    "signed-trust",
    "positive-share(verb=endorse)",
    "eigentrust",
    "eigentrust(verb=like, restart=0.3, pre-trusted=moderator)",
    "reciprocity(graph=activity)",
    "reciprocity(graph=follows)",
    "h-index",
    "site-reputation",
    "site-reputation(question-like=5)",
    "external-followers",
    "engagement-rate",
    "active-follower-share",
    "reach",
    "reach(hops=2)",
    "recommendations-per-week",
    "advice-per-week",
    "recommendation-recipients",
    "follow-through",
    "follow-through(within=5d)",
    "conversion-lift(within=10d)",
    "conversions",
    "conversions(model=first-touch)",
    "conversions(model=linear, within=60d)",
    "conversion-value(model=time-decay, within=20d)",
    "conversion-value",
    "in-degree(graph=follows)",
    "out-degree(graph=activity)",
    "degree(graph=like)",
    "strength(graph=activity, direction=both)",
    "pagerank(graph=activity)",
    "pagerank(graph=activity, weighted=yes, damping=0.5)",
    "pagerank(graph=follows, personal=moderator)",
    "core-number(graph=activity)",
    "betweenness(graph=activity)",
    "clustering(graph=activity)",
    "triangles(graph=follows)",
    "topic-bridging",
    "ring-share(verb=like)",
    "burstiness",
    "new-account-share(days=15)",
];

type Ties = BTreeMap<(char, char), u64>;
type Value = Result<Option<f64>, ()>;

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Case {
    fn given_by(&self, id: char) -> impl Iterator<Item = &Activity> + Clone {
        self.window().filter(move |one| one.actor == Some(id))
    }

    fn received_by(&self, id: char) -> impl Iterator<Item = &Activity> + Clone {
        self.window().filter(move |one| one.recipient == Some(id) && one.actor != Some(id))
    }

    /// Whether activities, all or those of a verb, tell something; of none it is known that there are none.
    fn told(&self, verb: Option<&str>, what: fn(&Activity) -> bool) -> Result<(), ()> {
        self.activities.as_ref().ok_or(())?;
        let mut all = self.seen().filter(|one| verb.is_none_or(|verb| one.verb == verb)).peekable();
        (all.peek().is_none() || all.any(what)).then_some(()).ok_or(())
    }

    fn pairs_told(&self, verb: Option<&str>) -> Result<(), ()> {
        self.told(verb, |one| one.actor.is_some() && one.recipient.is_some())
    }

    /// The ties of a network, each with how often it was made.
    fn ties(&self, graph: &str) -> Result<Ties, ()> {
        let mut ties = Ties::new();
        if graph == "follows" {
            self.follows.as_ref().ok_or(())?;
            for to in 'a'..='f' {
                self.followers(to).into_iter().for_each(|from| _ = ties.insert((from, to), 1));
            }
            return Ok(ties);
        }
        let verb = (graph != "activity").then_some(graph);
        self.pairs_told(verb)?;
        for one in self.window().filter(|one| verb.is_none_or(|verb| one.verb == verb)) {
            if let (Some(from), Some(to)) = (one.actor, one.recipient)
                && from != to
            {
                *ties.entry((from, to)).or_default() += 1;
            }
        }
        Ok(ties)
    }

    fn in_window(&self, at: i64) -> bool {
        self.window.is_none_or(|days| at > AS_OF - days * DAY)
    }

    fn weeks(&self) -> f64 {
        let week = |at: i64| (at + 3 * DAY).div_euclid(7 * DAY);
        let oldest = self.seen().map(|one| one.at).min();
        let first = self.window.map(|days| AS_OF - days * DAY).or(oldest).unwrap_or(AS_OF);
        (week(AS_OF) - week(first) + 1).max(1) as f64
    }

    fn with_role(&self, role: &str, ids: &BTreeSet<char>) -> BTreeSet<char> {
        let has = |id: &char| self.profile(*id).is_some_and(|member| member.role == Some(role));
        ids.iter().copied().filter(has).collect()
    }

    /// Recommendations of products to others.
    fn recommendations(&self) -> impl Iterator<Item = &Activity> + Clone {
        self.seen().filter(|one| {
            ["recommend", "advise"].contains(&one.verb)
                && one.product.is_some()
                && one.actor.is_some()
                && one.recipient.is_some()
                && one.actor != one.recipient
        })
    }

    pub(super) fn further(&self, metric: &str, id: char) -> Value {
        let (name, inside) = metric.split_once('(').unwrap_or((metric, ""));
        let parameters: BTreeMap<&str, &str> = inside
            .trim_end_matches(')')
            .split(", ")
            .filter_map(|parameter| parameter.split_once('='))
            .collect();
        let of = |name: &str| parameters.get(name).copied();
        let days = |name: &str, default: i64| {
            of(name).map_or(default, |days| days.trim_end_matches('d').parse().unwrap()) * DAY
        };
        let verb = of("verb");
        let recipients = |verb: Option<&str>| self.told(verb, |one| one.recipient.is_some());
        let actors = |verb: Option<&str>| self.told(verb, |one| one.actor.is_some());
        let count = |count: usize| Ok(Some(count as f64));
        match name {
            "accepted-answers" | "endorsements" => {
                let verb = if name == "endorsements" { "endorse" } else { "accept" };
                recipients(Some(verb))?;
                count(self.received_by(id).filter(|one| one.verb == verb).count())
            }
            "weight-given" => {
                actors(verb)?;
                let given = self.given_by(id).filter(|one| Some(one.verb) == verb);
                Ok(Some(given.map(|one| f64::from(one.weight)).sum()))
            }
            "weight-received" => {
                recipients(verb)?;
                let received = self.received_by(id).filter(|one| Some(one.verb) == verb);
                Ok(Some(received.map(|one| f64::from(one.weight)).sum()))
            }
            "decayed-activity" => {
                actors(verb)?;
                let half_life = days("half-life", 30) as f64;
                let given = self.given_by(id).filter(|one| verb.is_none_or(|verb| one.verb == verb));
                Ok(Some(given.map(|one| 0.5_f64.powf((AS_OF - one.at) as f64 / half_life)).sum()))
            }
            "weeks-active" | "longest-streak" => {
                actors(None)?;
                let unit = |at: i64| match (name, of("unit")) {
                    ("longest-streak", None) => at.div_euclid(DAY),
                    _ => (at + 3 * DAY).div_euclid(7 * DAY),
                };
                let units: BTreeSet<i64> = self.given_by(id).map(|one| unit(one.at)).collect();
                if name == "weeks-active" {
                    return count(units.len());
                }
                let row = |&start: &i64| (start..).take_while(|unit| units.contains(unit)).count();
                count(units.iter().map(row).max().unwrap_or(0))
            }
            "response-hours" => {
                let (verb, to) = (verb.unwrap_or("answer"), of("to").unwrap_or("ask"));
                self.pairs_told(Some(verb))?;
                actors(Some(to))?;
                let order = self.canonical();
                let mut waits: Vec<i64> = Vec::new();
                for (place, one) in order.iter().enumerate() {
                    let answers = one.verb == verb && one.actor == Some(id) && one.recipient != Some(id);
                    if !answers || one.recipient.is_none() || !self.in_window(one.at) {
                        continue;
                    }
                    let before = order[..place].iter().rev();
                    let mut asked = before
                        .filter(|ask| ask.verb == to && ask.actor == one.recipient && ask.topic == one.topic);
                    waits.extend(asked.next().map(|ask| one.at - ask.at));
                }
                waits.sort_unstable();
                let middle = |place: usize| waits[place] as f64;
                Ok((!waits.is_empty())
                    .then(|| (middle((waits.len() - 1) / 2) + middle(waits.len() / 2)) / 2.0 / 3600.0))
            }
            "topics" => {
                let told = |one: &Activity| one.actor.is_some();
                let topics = |one: &Activity| one.topic.is_some();
                // Of one verb both have to be told, though not by the same activity.
                let of_verbs: BTreeSet<&str> = self
                    .seen()
                    .map(|one| one.verb)
                    .filter(|of| verb.is_none_or(|verb| verb == *of))
                    .collect();
                self.activities.as_ref().ok_or(())?;
                let tells = |of: &&str| {
                    self.seen().filter(|one| one.verb == *of).any(told)
                        && self.seen().filter(|one| one.verb == *of).any(topics)
                };
                if !of_verbs.is_empty() && !of_verbs.iter().any(tells) {
                    return Err(());
                }
                let given = self.given_by(id).filter(|one| verb.is_none_or(|verb| one.verb == verb));
                count(given.filter_map(|one| one.topic).collect::<BTreeSet<_>>().len())
            }
            "newcomers-helped" => {
                self.pairs_told(Some("answer"))?;
                let mut helped = BTreeSet::new();
                let order = self.canonical();
                for (place, one) in order.iter().enumerate() {
                    let helps = one.verb == "answer" && one.actor == Some(id) && self.in_window(one.at);
                    let Some(to) = one.recipient.filter(|to| helps && *to != id) else { continue };
                    if self.began_by(to, &order[..=place]).is_some_and(|began| one.at - began <= 10 * DAY) {
                        helped.insert(to);
                    }
                }
                count(helped.len())
            }
            "new-account-share" => {
                self.pairs_told(None)?;
                let order = self.canonical();
                let (mut new, mut all) = (0, 0);
                for (place, one) in order.iter().enumerate() {
                    let from = one.actor.filter(|from| *from != id && one.recipient == Some(id));
                    let Some(from) = from.filter(|_| self.in_window(one.at)) else { continue };
                    all += 1;
                    let began = self.began_by(from, &order[..=place]);
                    new += usize::from(began.is_some_and(|began| one.at - began <= 15 * DAY));
                }
                Ok(share(new, all))
            }
            "thanks-per-answer" => {
                recipients(Some("thank"))?;
                actors(Some("answer"))?;
                let answers =
                    self.given_by(id).filter(|one| one.verb == "answer" && one.recipient != Some(id));
                let thanks = self.received_by(id).filter(|one| one.verb == "thank");
                Ok(share(thanks.count(), answers.count()))
            }
            "supporters" => count(self.ties(verb.unwrap())?.keys().filter(|(_, to)| *to == id).count()),
            "recommendation-recipients" => {
                let both = [self.ties("recommend"), self.ties("advise")];
                if both.iter().all(Result::is_err) {
                    return Err(());
                }
                let to = both.into_iter().flatten().flat_map(|ties| ties.into_keys());
                let to: BTreeSet<char> = to.filter(|(from, _)| *from == id).map(|(_, to)| to).collect();
                count(to.len())
            }
            "signed-trust" => {
                self.pairs_told(Some("endorse"))?;
                let mut newest: BTreeMap<char, i8> = BTreeMap::new();
                for one in self.canonical() {
                    if let Some(from) = one.actor.filter(|from| *from != id && one.recipient == Some(id))
                        && one.verb == "endorse"
                        && self.in_window(one.at)
                    {
                        newest.insert(from, one.weight);
                    }
                }
                Ok(Some(newest.values().map(|weight| f64::from(*weight)).sum()))
            }
            "positive-share" => {
                recipients(verb)?;
                let said = self.received_by(id).filter(|one| Some(one.verb) == verb && one.weight != 0);
                Ok(share(said.clone().filter(|one| one.weight > 0).count(), said.count()))
            }
            "reciprocity" => {
                let ties = self.ties(of("graph").unwrap())?;
                let to: Vec<char> = ties.keys().filter(|(from, _)| *from == id).map(|(_, to)| *to).collect();
                Ok(share(to.iter().filter(|to| ties.contains_key(&(**to, id))).count(), to.len()))
            }
            "h-index" => {
                self.activities.as_ref().ok_or(())?;
                let likes = self.seen().filter(|one| one.verb == "like");
                let told = likes.clone().any(|one| one.recipient.is_some())
                    && likes.clone().any(|one| one.object.is_some());
                if likes.count() > 0 && !told {
                    return Err(());
                }
                let mut objects: BTreeMap<u8, usize> = BTreeMap::new();
                for one in self.received_by(id).filter(|one| one.verb == "like") {
                    one.object.into_iter().for_each(|object| *objects.entry(object).or_default() += 1);
                }
                let enough = |h: &usize| objects.values().filter(|count| *count >= h).count() >= *h;
                count((1..=3).filter(enough).max().unwrap_or(0))
            }
            "site-reputation" => {
                recipients(None)?;
                let question: i64 = of("question-like").map_or(10, |points| points.parse().unwrap());
                let mut votes: BTreeMap<i64, i64> = BTreeMap::new();
                let mut other = 1.0;
                for one in self.received_by(id) {
                    let of_day = votes.entry(one.at.div_euclid(DAY)).or_default();
                    match one.verb {
                        "like" if one.object_kind == Some("question") => *of_day += question,
                        "like" => *of_day += 10,
                        "dislike" => *of_day -= 2,
                        "accept" => other += 15.0,
                        "bounty" => other += f64::from(one.weight),
                        _ => {}
                    }
                }
                for one in self.given_by(id).filter(|one| one.recipient != Some(id)) {
                    match one.verb {
                        "accept" => other += 2.0,
                        "bounty" => other -= f64::from(one.weight),
                        _ => {}
                    }
                }
                let votes: i64 = votes.into_values().map(|points| points.min(200)).sum();
                Ok(Some((other + votes as f64).max(1.0)))
            }
            "external-followers" => {
                let known = |id: char| self.profile(id).and_then(|member| member.external);
                if !self.population().into_iter().any(|id| known(id).is_some()) {
                    return Err(());
                }
                Ok(known(id).map(|count| count as f64))
            }
            "engagement-rate" => {
                recipients(None)?;
                let audience = self.number("audience", id)?;
                let heard = self.received_by(id).count() as f64;
                Ok(audience.filter(|audience| *audience > 0.0).map(|audience| heard / audience))
            }
            "active-follower-share" => {
                self.follows.as_ref().ok_or(())?;
                actors(None)?;
                let followers = self.followers(id);
                let active = followers.iter().filter(|follower| self.given_by(**follower).next().is_some());
                Ok(share(active.count(), followers.len()))
            }
            "reach" => {
                self.follows.as_ref().ok_or(())?;
                let mut reached = self.followers(id);
                if of("hops") == Some("2") {
                    reached = reached
                        .iter()
                        .flat_map(|other| self.followers(*other))
                        .chain(reached.clone())
                        .collect();
                }
                reached.remove(&id);
                count(reached.len())
            }
            "recommendations-per-week" | "advice-per-week" => {
                let verb = if name == "advice-per-week" { "advise" } else { "recommend" };
                actors(Some(verb))?;
                self.told(Some(verb), |one| one.product.is_some())?;
                let given = self.given_by(id).filter(|one| one.verb == verb && one.product.is_some());
                Ok(Some(given.count() as f64 / self.weeks()))
            }
            "follow-through" | "conversion-lift" => {
                self.conversions.as_ref().ok_or(())?;
                self.products_told()?;
                let within = days("within", 30);
                let ripe = self.recommendations().filter(|one| {
                    one.actor == Some(id) && self.in_window(one.at) && one.at + within <= AS_OF
                });
                let follows = |one: &Activity, conversion: &Conversion| {
                    Some(conversion.member) == one.recipient
                        && (conversion.product.is_none() || conversion.product == one.product)
                };
                let after = |one: &&Activity| {
                    let after =
                        |to: &&Conversion| follows(one, to) && to.at >= one.at && to.at <= one.at + within;
                    self.converted().filter(after).count()
                };
                let before = |one: &&Activity| {
                    let before =
                        |to: &&Conversion| follows(one, to) && to.at < one.at && to.at >= one.at - within;
                    self.converted().filter(before).count()
                };
                let number = ripe.clone().count();
                if name == "follow-through" {
                    return Ok(share(ripe.filter(|one| after(one) > 0).count(), number));
                }
                let lift: f64 = ripe.map(|one| after(&one) as f64 - before(&one) as f64).sum();
                Ok((number > 0).then(|| lift / number as f64))
            }
            "conversions" | "conversion-value" => {
                self.conversions.as_ref().ok_or(())?;
                let counted = name == "conversions";
                if !counted && self.converted().count() > 0 && self.converted().all(|one| one.value.is_none())
                {
                    return Err(());
                }
                let within = days("within", 30);
                let mut sum = 0.0;
                for conversion in self.converted().filter(|one| self.in_window(one.at)) {
                    let referrer = conversion.referrer.filter(|referrer| !self.is_mute(Some(*referrer)));
                    let referrer = referrer.filter(|referrer| *referrer != conversion.member);
                    let credit = match referrer {
                        Some(referrer) => f64::from(u8::from(referrer == id)),
                        None => self.credit(conversion, id, within, of("model").unwrap_or("last-touch")),
                    };
                    sum += credit * if counted { 1.0 } else { f64::from(conversion.value.unwrap_or(0)) };
                }
                Ok(Some(sum))
            }
            "in-degree" | "out-degree" | "degree" => {
                let ties = self.ties(of("graph").unwrap())?;
                let into = ties.keys().filter(|(_, to)| *to == id).map(|(from, _)| *from);
                let out = ties.keys().filter(|(from, _)| *from == id).map(|(_, to)| *to);
                let others: BTreeSet<char> = match name {
                    "in-degree" => into.collect(),
                    "out-degree" => out.collect(),
                    _ => into.chain(out).collect(),
                };
                count(others.len())
            }
            "strength" => {
                let ties = self.ties(of("graph").unwrap())?;
                let of_one = ties.iter().filter(|((from, to), _)| [*from, *to].contains(&id));
                Ok(Some(of_one.map(|(_, times)| *times as f64).sum()))
            }
            "pagerank" => {
                let ties = self.ties(of("graph").unwrap())?;
                let weighted = of("weighted") == Some("yes");
                let edges =
                    ties.iter().map(|(ends, times)| (*ends, if weighted { *times as f64 } else { 1.0 }));
                let damping: f64 = of("damping").map_or(0.85, |damping| damping.parse().unwrap());
                Ok(Some(self.walk(&edges.collect(), damping, of("personal"), id)))
            }
            "eigentrust" => {
                let verb = verb.unwrap_or("endorse");
                let ties = self.ties(verb)?;
                let mut edges: BTreeMap<(char, char), f64> = ties.keys().map(|ends| (*ends, 0.0)).collect();
                for one in self.window().filter(|one| one.verb == verb) {
                    let ends = one.actor.zip(one.recipient);
                    if let Some(weight) = ends.and_then(|ends| edges.get_mut(&ends)) {
                        *weight += f64::from(one.weight);
                    }
                }
                let restart: f64 = of("restart").map_or(0.15, |restart| restart.parse().unwrap());
                Ok(Some(self.walk(&edges, 1.0 - restart, of("pre-trusted"), id)))
            }
            "core-number" | "clustering" | "triangles" => {
                let ties = self.ties(of("graph").unwrap())?;
                let near = |a: char, b: char| ties.contains_key(&(a, b)) || ties.contains_key(&(b, a));
                let contacts: Vec<char> = ('a'..='f').filter(|other| near(id, *other)).collect();
                let pairs = contacts.iter().enumerate().flat_map(|(place, one)| {
                    contacts[place + 1..].iter().filter(|other| near(*one, **other))
                });
                let pairs = pairs.count();
                match name {
                    "triangles" => count(pairs),
                    "clustering" => Ok(share(2 * pairs, contacts.len() * contacts.len().saturating_sub(1))),
                    _ => {
                        let within = |k: usize| {
                            let mut left: BTreeSet<char> = ('a'..='f').collect();
                            loop {
                                let weak = left
                                    .iter()
                                    .copied()
                                    .find(|one| left.iter().filter(|other| near(*one, **other)).count() < k);
                                match weak {
                                    Some(weak) => _ = left.remove(&weak),
                                    None => return left.contains(&id),
                                }
                            }
                        };
                        count((1..6).filter(|k| within(*k)).max().unwrap_or(0))
                    }
                }
            }
            "betweenness" => {
                let ties = self.ties(of("graph").unwrap())?;
                let all: Vec<char> = ('a'..='f').collect();
                // The number of shortest paths, and their length, from one to each.
                let paths = |from: char| {
                    let mut found: BTreeMap<char, (usize, f64)> = BTreeMap::from([(from, (0, 1.0))]);
                    let mut layer = BTreeMap::from([(from, 1.0)]);
                    for length in 1..6 {
                        let mut next: BTreeMap<char, f64> = BTreeMap::new();
                        for (at, ways) in layer {
                            for to in all.iter().filter(|to| ties.contains_key(&(at, **to))) {
                                if !found.contains_key(to) {
                                    *next.entry(*to).or_default() += ways;
                                }
                            }
                        }
                        found.extend(next.iter().map(|(to, ways)| (*to, (length, *ways))));
                        layer = next;
                    }
                    found
                };
                let own = paths(id);
                let mut sum = 0.0;
                for from in all.iter().filter(|from| **from != id) {
                    let found = paths(*from);
                    let Some((to_me, ways_to_me)) = found.get(&id) else { continue };
                    for to in all.iter().filter(|to| **to != id && *to != from) {
                        if let (Some((length, ways)), Some((on, ways_on))) = (found.get(to), own.get(to))
                            && to_me + on == *length
                        {
                            sum += ways_to_me * ways_on / ways;
                        }
                    }
                }
                Ok(Some(sum))
            }
            "topic-bridging" => {
                self.activities.as_ref().ok_or(())?;
                let verbs: BTreeSet<&str> = self.seen().map(|one| one.verb).collect();
                let tells = |verb: &&str| {
                    let of_verb = self.seen().filter(|one| one.verb == *verb);
                    of_verb.clone().any(|one| one.actor.is_some() && one.recipient.is_some())
                        && of_verb.clone().any(|one| one.topic.is_some())
                };
                if !verbs.is_empty() && !verbs.iter().any(tells) {
                    return Err(());
                }
                let mut topics: BTreeMap<&str, f64> = BTreeMap::new();
                for one in self.window() {
                    if let (Some(from), Some(to), Some(topic)) = (one.actor, one.recipient, one.topic)
                        && from != to
                        && [from, to].contains(&id)
                    {
                        *topics.entry(topic).or_default() += 1.0;
                    }
                }
                let all: f64 = topics.values().sum();
                Ok((all > 0.0).then(|| 1.0 - topics.values().map(|count| (count / all).powi(2)).sum::<f64>()))
            }
            "ring-share" => {
                let ties = self.ties(verb.unwrap())?;
                let tied = |from: char, to: char| ties.contains_key(&(from, to));
                let around =
                    |from: char| tied(id, from) || ('a'..='f').any(|by| tied(id, by) && tied(by, from));
                let into = || ties.iter().filter(|((_, to), _)| *to == id);
                let all: u64 = into().map(|(_, times)| times).sum();
                let ring: u64 = into().filter(|((from, _), _)| around(*from)).map(|(_, times)| times).sum();
                Ok(share(ring as usize, all as usize))
            }
            "burstiness" => {
                actors(None)?;
                let mut at: Vec<i64> = self.given_by(id).map(|one| one.at).collect();
                at.sort_unstable();
                let pauses: Vec<f64> = at.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
                let mean = pauses.iter().sum::<f64>() / pauses.len() as f64;
                let squares: f64 = pauses.iter().map(|pause| (pause - mean).powi(2)).sum();
                let sd = (squares / pauses.len() as f64).sqrt();
                Ok((pauses.len() > 1 && mean > 0.0).then(|| (sd - mean) / (sd + mean)))
            }
            other => panic!("no naive computation of {other}"),
        }
    }

    /// All activities up to as-of as a snapshot has them.
    fn canonical(&self) -> Vec<&Activity> {
        let mut all: Vec<(usize, &Activity)> = self.activities.iter().flatten().enumerate().collect();
        all.retain(|(_, one)| one.at <= AS_OF && !self.is_mute(one.actor) && !self.is_mute(one.recipient));
        let text = |object: Option<u8>| object.map(|object| object.to_string());
        all.sort_by_key(|(place, one)| {
            let about = (one.object_kind, one.topic, one.product, one.weight);
            (one.at, one.actor, one.verb, one.recipient, about, text(one.object), format!("i{place}"))
        });
        all.into_iter().map(|(_, one)| one).collect()
    }

    fn began_by(&self, id: char, so_far: &[&Activity]) -> Option<i64> {
        let joined = self.profile(id).and_then(|member| member.joined_at);
        let mut own = so_far.iter().filter(|one| one.actor == Some(id) || one.recipient == Some(id));
        joined.or_else(|| own.next().map(|one| one.at))
    }

    /// Whether any verb's activities tell both who recommends to whom, and of what.
    fn products_told(&self) -> Result<(), ()> {
        self.activities.as_ref().ok_or(())?;
        let verbs: BTreeSet<&str> = self.seen().map(|one| one.verb).collect();
        let tells = |verb: &&str| {
            let of_verb = self.seen().filter(|one| one.verb == *verb);
            of_verb.clone().any(|one| one.actor.is_some() && one.recipient.is_some())
                && of_verb.clone().any(|one| one.product.is_some())
        };
        (verbs.is_empty() || verbs.iter().any(tells)).then_some(()).ok_or(())
    }

    /// One member's share of a conversion's credit.
    fn credit(&self, conversion: &Conversion, id: char, within: i64, model: &str) -> f64 {
        let touches: Vec<&Activity> = self
            .recommendations()
            .filter(|one| {
                one.recipient == Some(conversion.member)
                    && (conversion.product.is_none() || conversion.product == one.product)
                    && one.at <= conversion.at
                    && one.at >= conversion.at - within
            })
            .collect();
        let first = touches.iter().map(|one| one.at).min();
        let last = touches.iter().map(|one| one.at).max();
        let weight = |one: &&Activity| match model {
            "first-touch" => f64::from(u8::from(Some(one.at) == first)),
            "last-touch" => f64::from(u8::from(Some(one.at) == last)),
            "linear" => 1.0,
            _ => 0.5_f64.powf((conversion.at - one.at) as f64 / (7 * DAY) as f64),
        };
        let all: f64 = touches.iter().map(weight).sum();
        let own: f64 = touches.iter().filter(|one| one.actor == Some(id)).map(weight).sum();
        if all > 0.0 { own / all } else { 0.0 }
    }

    /// Where somebody ends up who follows ties, by doing so for very long.
    fn walk(&self, edges: &BTreeMap<(char, char), f64>, follow: f64, role: Option<&str>, id: char) -> f64 {
        let nodes: BTreeSet<char> = edges.keys().flat_map(|(from, to)| [*from, *to]).collect();
        let start = role.map_or_else(|| nodes.clone(), |role| self.with_role(role, &nodes));
        if start.is_empty() {
            return 0.0;
        }
        let anew = |id: &char| if start.contains(id) { 1.0 / start.len() as f64 } else { 0.0 };
        let out = |from: char| -> f64 {
            edges.iter().filter(|((of, _), _)| *of == from).map(|(_, weight)| weight.max(0.0)).sum()
        };
        let mut at: BTreeMap<char, f64> = nodes.iter().map(|id| (*id, anew(id))).collect();
        for _ in 0..400 {
            let lost: f64 = at.iter().filter(|(from, _)| out(**from) == 0.0).map(|(_, value)| value).sum();
            let next = nodes.iter().map(|id| {
                let into = edges.iter().filter(|((_, to), weight)| to == id && **weight > 0.0);
                let into: f64 = into.map(|((from, _), weight)| at[from] * weight / out(*from)).sum();
                (*id, (1.0 - follow) * anew(id) + follow * (into + lost * anew(id)))
            });
            at = next.collect();
        }
        at.get(&id).copied().unwrap_or(0.0)
    }
}
