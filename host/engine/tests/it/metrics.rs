//! Metrics against a computation that cannot be misunderstood.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use groundswell::{Host, MetricKind, RunOptions, metrics};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::community::{Community, toml};

const DAY: i64 = 86_400;
/// 2020-06-01, a Monday.
const AS_OF: i64 = 1_590_969_600;

/// One activity of a random community; members are single letters.
#[derive(Clone, Debug)]
struct Activity {
    actor: Option<char>,
    verb: &'static str,
    at: i64,
    recipient: Option<char>,
    object_kind: Option<&'static str>,
    object: Option<u8>,
    topic: Option<&'static str>,
    product: Option<&'static str>,
    weight: i8,
}

#[derive(Clone, Debug)]
struct Conversion {
    member: char,
    product: Option<&'static str>,
    at: i64,
    value: Option<u8>,
    referrer: Option<char>,
}

#[derive(Clone, Debug)]
struct Member {
    joined_at: Option<i64>,
    role: Option<&'static str>,
    external: Option<u64>,
    opted_out: bool,
    team: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Case {
    activities: Option<Vec<Activity>>,
    members: Option<BTreeMap<char, Member>>,
    follows: Option<Vec<(char, char, Option<i64>)>>,
    conversions: Option<Vec<Conversion>>,
    window: Option<i64>,
    all: bool,
    /// Whether what those do counts who are left out.
    count_left_out: bool,
    partitions: usize,
}

fn member() -> impl Strategy<Value = char> {
    prop::char::range('a', 'f')
}

fn time() -> impl Strategy<Value = i64> {
    // Around the window's ends, and at them to the second; some after as-of.
    prop_oneof![
        4 => (AS_OF - 60 * DAY)..(AS_OF + 3 * DAY),
        1 => prop::sample::select(vec![AS_OF, AS_OF + 1, AS_OF - 30 * DAY, AS_OF - 30 * DAY + 1, -1, -400 * DAY]),
    ]
}

fn product() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::weighted(0.8, prop::sample::select(vec!["ale", "stout"]))
}

fn activity() -> impl Strategy<Value = Activity> {
    let verbs = [
        "answer",
        "accept",
        "like",
        "dislike",
        "bounty",
        "thank",
        "ask",
        "endorse",
        "recommend",
        "advise",
        "x-hug",
    ];
    let verb = prop::sample::select(verbs.to_vec());
    let kind = prop::option::of(prop::sample::select(vec!["answer", "question"]));
    let topic = prop::option::weighted(0.8, prop::sample::select(vec!["hops", "malt", "yeast"]));
    let ends = (prop::option::weighted(0.8, member()), prop::option::weighted(0.8, member()));
    let about = (kind, prop::option::weighted(0.8, 0_u8..3), topic, product());
    (ends, verb, time(), about, -2_i8..4).prop_map(
        |((actor, recipient), verb, at, (object_kind, object, topic, product), weight)| Activity {
            actor,
            verb,
            at,
            recipient,
            object_kind,
            object,
            topic,
            product,
            weight,
        },
    )
}

fn conversion() -> impl Strategy<Value = Conversion> {
    let value = prop::option::weighted(0.8, 1_u8..9);
    (member(), product(), time(), value, prop::option::weighted(0.2, member())).prop_map(
        |(member, product, at, value, referrer)| Conversion { member, product, at, value, referrer },
    )
}

fn profile() -> impl Strategy<Value = Member> {
    (
        prop::option::of(time()),
        prop::option::of(prop::sample::select(vec!["staff", "bot", "moderator"])),
        prop::option::of(0_u64..1_000_000),
        prop::bool::weighted(0.1),
        prop::option::of(prop::sample::select(vec!["red", "blue, or green", "ünïcode"])),
    )
        .prop_map(|(joined_at, role, external, opted_out, team)| Member {
            joined_at,
            role,
            external,
            opted_out,
            team,
        })
}

fn case() -> impl Strategy<Value = Case> {
    let follow = (member(), member(), prop::option::of(time()));
    (
        prop::option::weighted(0.9, prop::collection::vec(activity(), 0..60)),
        prop::option::weighted(0.8, prop::collection::btree_map(member(), profile(), 0..6)),
        prop::option::weighted(0.6, prop::collection::vec(follow, 0..20)),
        prop::option::weighted(0.7, prop::collection::vec(conversion(), 0..20)),
        prop::option::of(Just(30)),
        any::<(bool, bool)>(),
        1_usize..5,
    )
        .prop_map(|(activities, members, follows, conversions, window, (all, count_left_out), partitions)| {
            Case { activities, members, follows, conversions, window, all, count_left_out, partitions }
        })
        .prop_filter("there is a table", |case| {
            case.activities.is_some() || case.members.is_some() || case.follows.is_some()
        })
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

impl Case {
    fn write(&self) -> Community {
        let mut tables = Vec::new();
        let community = Community::new(&[]);
        if let Some(activities) = &self.activities {
            tables.push(("activities", "\"activities.csv\""));
            let mut csv = "id,actor,verb,at,recipient,object_kind,object,topic,product,weight\n".to_owned();
            for (id, activity) in activities.iter().enumerate() {
                let Activity { actor, verb, at, recipient, object_kind, object, topic, product, weight } =
                    activity;
                let (actor, recipient, kind) = (text(*actor), text(*recipient), text(*object_kind));
                let (object, topic, product) = (text(*object), text(*topic), text(*product));
                writeln!(
                    csv,
                    "i{id},{actor},{verb},{at},{recipient},{kind},{object},{topic},{product},{weight}"
                )
                .unwrap();
            }
            community.write("activities.csv", csv.as_bytes());
        }
        if let Some(members) = &self.members {
            tables.push(("members", "\"members.csv\""));
            let mut csv = "id,joined_at,role,external_followers,opted_out,team\n".to_owned();
            for (id, member) in members {
                let Member { joined_at, role, external, opted_out, team } = member;
                let team = text(*team);
                writeln!(
                    csv,
                    "{id},{},{},{},{opted_out},\"{team}\"",
                    text(*joined_at),
                    text(*role),
                    text(*external)
                )
                .unwrap();
            }
            community.write("members.csv", csv.as_bytes());
        }
        if let Some(follows) = &self.follows {
            tables.push(("follows", "\"follows.csv\""));
            let mut csv = "follower,followed,since\n".to_owned();
            for (follower, followed, since) in follows {
                writeln!(csv, "{follower},{followed},{}", text(*since)).unwrap();
            }
            community.write("follows.csv", csv.as_bytes());
        }
        if let Some(conversions) = &self.conversions {
            tables.push(("conversions", "\"conversions.csv\""));
            let mut csv = "member,product,at,value,referrer\n".to_owned();
            for Conversion { member, product, at, value, referrer } in conversions {
                let (product, value, referrer) = (text(*product), text(*value), text(*referrer));
                writeln!(csv, "{member},{product},{at},{value},{referrer}").unwrap();
            }
            community.write("conversions.csv", csv.as_bytes());
        }
        let window = self.window.map_or("all".to_owned(), |days| format!("{days}d"));
        let population = if self.all { "all" } else { "active" };
        let as_of = Timestamp::from_second(AS_OF).unwrap();
        let toml = toml(&tables, "100%").replace(
            "name = \"test\"\n",
            &format!(
                "name = \"test\"\nas-of = {as_of}\nwindow = \"{window}\"\npopulation = \"{population}\"\n\
                 count-left-out = {}\n",
                self.count_left_out
            ),
        );
        community.write("community.toml", toml.as_bytes());
        community
    }

    /// Whether what somebody does counts for nobody.
    fn is_mute(&self, id: Option<char>) -> bool {
        let profile = id.and_then(|id| self.profile(id));
        !self.count_left_out && profile.is_some_and(|member| member.opted_out || member.role == Some("bot"))
    }

    fn seen(&self) -> impl Iterator<Item = &Activity> + Clone {
        self.activities
            .iter()
            .flatten()
            .filter(|one| one.at <= AS_OF && !self.is_mute(one.actor) && !self.is_mute(one.recipient))
    }

    fn converted(&self) -> impl Iterator<Item = &Conversion> + Clone {
        let seen = self.conversions.iter().flatten().filter(|one| one.at <= AS_OF);
        seen.filter(|one| !self.is_mute(Some(one.member)))
    }

    fn window(&self) -> impl Iterator<Item = &Activity> + Clone {
        self.seen().filter(|activity| self.window.is_none_or(|days| activity.at > AS_OF - days * DAY))
    }

    fn profile(&self, id: char) -> Option<&Member> {
        self.members.as_ref()?.get(&id)
    }

    fn joined_later(&self, id: char) -> bool {
        self.profile(id).and_then(|member| member.joined_at).is_some_and(|joined| joined > AS_OF)
    }

    fn followers(&self, id: char) -> BTreeSet<char> {
        let follows = self.follows.iter().flatten();
        follows
            .filter(|(follower, followed, since)| {
                *followed == id && *follower != id && since.is_none_or(|since| since <= AS_OF)
            })
            .map(|(follower, ..)| *follower)
            .filter(|follower| !self.joined_later(*follower) && !self.joined_later(id))
            .filter(|follower| !self.is_mute(Some(*follower)) && !self.is_mute(Some(id)))
            .collect()
    }

    fn population(&self) -> Vec<char> {
        let mut known: BTreeSet<char> = self.members.iter().flatten().map(|(id, _)| *id).collect();
        known.extend(self.seen().flat_map(|activity| [activity.actor, activity.recipient]).flatten());
        let conversions = self.conversions.iter().flatten().filter(|one| one.at <= AS_OF);
        known.extend(conversions.flat_map(|one| [Some(one.member), one.referrer]).flatten());
        let follows =
            self.follows.iter().flatten().filter(|(.., since)| since.is_none_or(|since| since <= AS_OF));
        known.extend(follows.flat_map(|(follower, followed, _)| [*follower, *followed]));
        known.retain(|&id| {
            let touches = |activity: &Activity| activity.actor == Some(id) || activity.recipient == Some(id);
            let active = self.window().any(touches);
            let member = self.profile(id);
            !member.is_some_and(|member| member.opted_out || member.role == Some("bot"))
                && !self.joined_later(id)
                && (self.all || active)
        });
        known.into_iter().collect()
    }

    /// The value of a metric for a member; `Err` where the data cannot supply it.
    fn number(&self, metric: &str, id: char) -> Result<Option<f64>, ()> {
        let given = || self.window().filter(move |activity| activity.actor == Some(id));
        let received = || {
            self.window().filter(move |activity| activity.recipient == Some(id) && activity.actor != Some(id))
        };
        let units = |unit: i64, shift: i64| {
            given().map(|activity| (activity.at + shift).div_euclid(unit)).collect::<BTreeSet<_>>().len()
        };
        let joined = self.profile(id).and_then(|member| member.joined_at);
        let external = self.profile(id).and_then(|member| member.external);
        let any = |what: fn(&Member) -> bool| self.members.iter().flatten().any(|(_, member)| what(member));
        let told = |verb: Option<&str>, what: fn(&Activity) -> bool| match &self.activities {
            None => Err(()),
            Some(all) => {
                let all = all.iter().filter(|one| one.at <= AS_OF);
                let all = all.filter(|one| !self.is_mute(one.actor) && !self.is_mute(one.recipient));
                let mut all = all.filter(|one| verb.is_none_or(|verb| one.verb == verb)).peekable();
                (all.peek().is_none() || all.any(what)).then_some(()).ok_or(())
            }
        };
        let actors = |verb| told(verb, |one| one.actor.is_some());
        let recipients = |verb| told(verb, |one| one.recipient.is_some());
        let kinds = |verb| told(verb, |one| one.object_kind.is_some());
        let count = match metric {
            "answers" => actors(Some("answer"))
                .map(|()| given().filter(|activity| activity.verb == "answer").count())?,
            "given(verb=like, object-kind=answer)" => {
                actors(Some("like")).and(kinds(Some("like"))).map(|()| {
                    given()
                        .filter(|activity| activity.verb == "like" && activity.object_kind == Some("answer"))
                        .count()
                })?
            }
            "received(verb=x-hug)" => recipients(Some("x-hug"))
                .map(|()| received().filter(|activity| activity.verb == "x-hug").count())?,
            "likes-received(object-kind=question)" => {
                recipients(Some("like")).and(kinds(Some("like"))).map(|()| {
                    let likes = received().filter(|activity| activity.verb == "like");
                    likes.filter(|activity| activity.object_kind == Some("question")).count()
                })?
            }
            "members-helped" => told(Some("answer"), |one| one.actor.is_some() && one.recipient.is_some())
                .map(|()| {
                    let answers = given().filter(|activity| activity.verb == "answer");
                    answers
                        .filter_map(|activity| activity.recipient)
                        .filter(|&to| to != id)
                        .collect::<BTreeSet<_>>()
                        .len()
                })?,
            "days-active" => actors(None).map(|()| units(DAY, 0))?,
            "followers" => self.follows.as_ref().map(|_| self.followers(id).len()).ok_or(())?,
            "acceptance-rate" => {
                recipients(Some("accept")).and(actors(Some("answer")))?;
                let answers = given().filter(|activity| activity.verb == "answer");
                let answers = answers.filter(|activity| activity.recipient != Some(id)).count();
                let accepts = received().filter(|activity| activity.verb == "accept").count();
                return Ok((answers > 0).then(|| accepts.min(answers) as f64 / answers as f64));
            }
            "weeks-active-share" => {
                actors(None)?;
                let week = |at: i64| (at + 3 * DAY).div_euclid(7 * DAY);
                let oldest = self.seen().map(|activity| activity.at).min();
                let first = self.window.map(|days| AS_OF - days * DAY).or(oldest).unwrap_or(AS_OF);
                let weeks = (week(AS_OF) - week(first) + 1).max(1);
                return Ok(Some(units(7 * DAY, 3 * DAY) as f64 / weeks as f64));
            }
            "recency-days" => {
                actors(None)?;
                return Ok(given().map(|activity| activity.at).max().map(|at| ((AS_OF - at) / DAY) as f64));
            }
            "tenure-days" => {
                if actors(None).is_err() && !any(|member| member.joined_at.is_some()) {
                    return Err(());
                }
                let first = self
                    .seen()
                    .filter(|activity| activity.actor == Some(id))
                    .map(|activity| activity.at)
                    .min();
                return Ok(joined.or(first).map(|at| ((AS_OF - at) / DAY) as f64));
            }
            "audience" => {
                if self.follows.is_none() && !any(|member| member.external.is_some()) {
                    return Err(());
                }
                let followers = self.follows.as_ref().map(|_| self.followers(id).len() as u64);
                return Ok((followers.is_some() || external.is_some())
                    .then(|| (followers.unwrap_or(0) + external.unwrap_or(0)) as f64));
            }
            other => return self.further(other, id),
        };
        Ok(Some(count as f64))
    }

    fn word(&self, metric: &str, id: char) -> Option<&'static str> {
        let member = self.profile(id)?;
        if metric == "role" { member.role } else { member.team }
    }
}

mod further;
use further::FURTHER;

const NUMBERS: [&str; 12] = [
    "answers",
    "given(verb=like, object-kind=answer)",
    "received(verb=x-hug)",
    "likes-received(object-kind=question)",
    "members-helped",
    "days-active",
    "followers",
    "acceptance-rate",
    "weeks-active-share",
    "recency-days",
    "tenure-days",
    "audience",
];
const WORDS: [&str; 2] = ["role", "attribute(name=team)"];

fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    batch.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
}

fn words(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let words = batch.column_by_name(name).unwrap().as_string::<i32>();
    words.iter().map(|word| word.map(str::to_owned)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_metric_is_what_its_formula_says(case in case()) {
        let written = case.write();
        let community = Host::new().unwrap().open(written.path("community.toml")).unwrap();
        let ids: Vec<&str> = NUMBERS.into_iter().chain(FURTHER).chain(WORDS).collect();
        let options = RunOptions::default().threads(2).partitions(case.partitions).dry_run(true);
        let population = case.population();
        let measured = community.measure(&ids, &options);
        if population.is_empty() {
            prop_assert!(measured.unwrap_err().to_string().starts_with("nobody is in the population: "));
            return Ok(());
        }
        let measured = measured.unwrap();
        let members: Vec<_> = words(&measured, "member").into_iter().flatten().collect();
        prop_assert_eq!(&members, &population.iter().map(char::to_string).collect::<Vec<_>>(), "{:?}", case);
        for metric in NUMBERS {
            let expected: Vec<_> = population.iter().map(|&id| case.number(metric, id).unwrap_or(None)).collect();
            prop_assert_eq!(numbers(&measured, metric), expected, "{} of {:?}", metric, case);
        }
        for metric in FURTHER {
            let found = numbers(&measured, metric);
            for (&id, found) in population.iter().zip(found) {
                let expected = case.number(metric, id).unwrap_or(None);
                let near = match (found, expected) {
                    (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * (1.0 + expected.abs()),
                    (found, expected) => found == expected,
                };
                prop_assert!(near, "{metric} of {id}: {found:?}, not {expected:?} in {case:?}");
            }
        }
        for metric in WORDS {
            let expected: Vec<_> = population.iter().map(|&id| case.word(metric, id)).collect();
            let expected: Vec<_> = expected.into_iter().map(|word| word.map(str::to_owned)).collect();
            if expected.iter().any(Option::is_some) {
                prop_assert_eq!(words(&measured, metric), expected, "{} of {:?}", metric, case);
            } else {
                prop_assert_eq!(measured.column_by_name(metric).unwrap().null_count(), population.len());
            }
        }
        prop_assert!(!written.path(".groundswell").exists());
    }
}

#[test]
fn the_table_says_everything_about_every_metric() {
    let mut names = BTreeSet::new();
    for metric in metrics() {
        assert!(names.insert(metric.name), "{} twice", metric.name);
        assert!(metric.id.starts_with(metric.name));
        assert!(metric.summary.ends_with('.') && !metric.formula.is_empty() && !metric.source.is_empty());
        assert!(
            !metric.needs.is_empty() && !metric.window.is_empty() && !metric.edges.is_empty(),
            "{}",
            metric.id
        );
        assert_eq!(metric.unit.is_empty(), metric.kind == MetricKind::Category, "{}", metric.id);
        let brackets =
            metric.parameters.iter().filter(|parameter| metric.id.contains(parameter.name)).count();
        assert_eq!(brackets, metric.parameters.len(), "{}", metric.id);
    }
    let tested: BTreeSet<_> =
        NUMBERS.into_iter().chain(FURTHER).chain(WORDS).map(|id| id.split('(').next().unwrap()).collect();
    for name in tested {
        assert!(names.remove(name), "{name} is tested and not in the table");
    }
    let untested: Vec<_> = names.into_iter().collect();
    assert!(untested.is_empty(), "in the table and not tested: {untested:?}");
}

#[test]
fn an_id_that_is_no_metrics_is_named() {
    let case = Case {
        activities: Some(Vec::new()),
        members: None,
        follows: None,
        conversions: None,
        window: None,
        all: true,
        count_left_out: true,
        partitions: 1,
    };
    let written = case.write();
    let community = Host::new().unwrap().open(written.path("community.toml")).unwrap();
    let error = community.measure(&["answerz"], &RunOptions::default()).unwrap_err();
    insta::assert_snapshot!(error, @"cannot measure `answerz`: there is no such metric, did you mean `answers`?");
}
