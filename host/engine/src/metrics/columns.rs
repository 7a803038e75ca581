//! Metrics as columns over a run's population.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use groundswell_runtime::{Column, shown};

use super::facts::{Count, DAY, Facts, Said, Span, Wanted, week_of};
use super::metric::Metric;
use super::query::{Session, wait};
use crate::config::USUALLY_EXCLUDED as USUAL;
use crate::nearest::nearest;
use crate::population::{Absence, Population};
use crate::run::{Ignored, LeftOut};
use crate::stop::{Stop, until};
use crate::{CommunityConfig, Error, Progress, ProgressFn, Snapshot, Stage};

/// What to measure, over whom, and with what.
pub(crate) struct Request<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) community: &'a CommunityConfig,
    /// Nanoseconds since 1970 (UTC).
    pub(crate) as_of: i64,
    pub(crate) metrics: &'a [Metric],
    /// A member to ask after: why are they absent?
    pub(crate) about: Option<&'a str>,
    pub(crate) threads: usize,
    pub(crate) partitions: usize,
    pub(crate) progress: Option<&'a ProgressFn>,
    pub(crate) stop: Stop,
}

/// The population, and the metrics over it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Sorted by bytes.
    pub(crate) ids: Vec<String>,
    /// One a metric; where the data cannot supply it, what would.
    pub(crate) columns: Vec<Result<Column, &'static str>>,
    pub(crate) left_out: LeftOut,
    pub(crate) ignored: Ignored,
    /// Why the member asked after is not in the population.
    pub(crate) absence: Option<Absence>,
    /// What should be said about the roles that are excluded.
    pub(crate) notes: Vec<String>,
}

/// Computes metrics over the population of a run.
pub(crate) fn measure(request: &Request<'_>) -> Result<Measured, Error> {
    let window = Span { start: request.community.window.start(request.as_of), as_of: request.as_of };
    let wanted = wanted(request.metrics, request.snapshot);
    let (done, total) = (AtomicU64::new(0), wanted.passes());
    let report = |done| {
        if let Some(progress) = request.progress {
            progress(&Progress { stage: Stage::Metrics, done, total: Some(total) });
        }
    };
    report(0);
    let step = || report((done.fetch_add(1, Ordering::Relaxed) + 1).min(total));
    let read = async {
        let session = Session::new(request.snapshot, request.partitions).map_err(Error::query)?;
        Facts::read(&session, window, &wanted, &step).await.map_err(Error::query)
    };
    let facts = wait(request.threads, until(&request.stop, read))?;
    report(total);
    let Population { places, left_out } = Population::select(&facts, request.community, request.as_of);
    let absence =
        request.about.and_then(|id| Population::absence(&facts, id, request.community, request.as_of));
    let columns = request
        .metrics
        .iter()
        .map(|metric| Shape { facts: &facts, wanted: &wanted, window, places: &places }.column(metric))
        .collect();
    let notes = strange_roles(&facts, &request.community.exclude_roles);
    let Facts { mut ids, ignored, .. } = facts;
    let ids = places
        .iter()
        .map(|&place| ids.get_mut(place as usize).map(std::mem::take).unwrap_or_default())
        .collect();
    Ok(Measured { ids, columns, left_out, ignored, absence, notes })
}

/// Of each role that is excluded and that no member has, what may be wrong. Of the default nothing is said unless members have
/// one like it: few communities have bots.
fn strange_roles(facts: &Facts, excluded: &[String]) -> Vec<String> {
    let roles: BTreeSet<&str> = facts.profiles.iter().filter_map(|profile| profile.role.as_deref()).collect();
    let strange = excluded.iter().filter(|role| !roles.contains(role.as_str()));
    strange
        .filter_map(|role| {
            let said = format!("exclude-roles: no member has the role `{}`", shown(role, 60));
            match nearest(role, roles.iter().copied()) {
                Some(like) => Some(format!("{said}; is `{}` meant?", shown(like, 60))),
                None if role == USUAL => None,
                None if roles.is_empty() => Some(format!("{said}, and members have no column `role`")),
                None => Some(said),
            }
        })
        .collect()
}

fn accepts() -> Count {
    Count { verb: "accept".to_owned(), object_kind: None, others_only: true }
}

fn answers_to_others() -> Count {
    Count { verb: "answer".to_owned(), object_kind: None, others_only: true }
}

/// What has to be found out for these metrics.
fn wanted(metrics: &[Metric], snapshot: &Snapshot) -> Wanted {
    fn once<T: PartialEq>(list: &mut Vec<T>, item: T) {
        if !list.contains(&item) {
            list.push(item);
        }
    }
    let mut wanted = Wanted::default();
    for metric in metrics {
        match metric {
            Metric::Given { verb, object_kind } => once(
                &mut wanted.given,
                Count { verb: verb.clone(), object_kind: object_kind.clone(), others_only: false },
            ),
            Metric::Received { verb, object_kind } => once(
                &mut wanted.received,
                Count { verb: verb.clone(), object_kind: object_kind.clone(), others_only: true },
            ),
            Metric::AcceptanceRate => {
                once(&mut wanted.received, accepts());
                once(&mut wanted.given, answers_to_others());
            }
            Metric::Helped { verb } => once(&mut wanted.helped, verb.clone()),
            Metric::WeeksActiveShare => wanted.weeks = true,
            Metric::DaysActive => wanted.days = true,
            Metric::Audience | Metric::Followers => wanted.followers = true,
            Metric::Attribute { name } if snapshot.attributes().contains(name) => {
                once(&mut wanted.attributes, name.clone());
            }
            Metric::Attribute { .. } | Metric::Role | Metric::RecencyDays | Metric::TenureDays => {}
        }
    }
    wanted
}

/// Facts of everyone, about to become columns of the population.
struct Shape<'a> {
    facts: &'a Facts,
    wanted: &'a Wanted,
    window: Span,
    places: &'a [u32],
}

impl Shape<'_> {
    fn column(&self, metric: &Metric) -> Result<Column, &'static str> {
        let facts = self.facts;
        let actors = || self.told(None, |said| said.actors, "an actor in activities");
        let joined = || self.anybody(|place| facts.profiles.get(place)?.joined_at);
        let external = || self.anybody(|place| facts.profiles.get(place)?.external_followers);
        match metric {
            Metric::Given { verb, object_kind } => {
                self.actors(verb)?;
                self.kinds(verb, object_kind.as_deref())?;
                let count =
                    Count { verb: verb.clone(), object_kind: object_kind.clone(), others_only: false };
                Ok(self.numbers(|place| Some(self.given(&count, place) as f64)))
            }
            Metric::Received { verb, object_kind } => {
                self.recipients(verb)?;
                self.kinds(verb, object_kind.as_deref())?;
                let count = Count { verb: verb.clone(), object_kind: object_kind.clone(), others_only: true };
                Ok(self.numbers(|place| Some(self.received(&count, place) as f64)))
            }
            Metric::AcceptanceRate => {
                let (accepts, answers) = (accepts(), answers_to_others());
                self.recipients(&accepts.verb)?;
                self.actors(&answers.verb)?;
                Ok(self.numbers(|place| {
                    let answered = self.given(&answers, place);
                    let accepted = self.received(&accepts, place).min(answered);
                    (answered > 0).then(|| accepted as f64 / answered as f64)
                }))
            }
            Metric::Helped { verb } => {
                self.told(
                    Some(verb),
                    |said| said.pairs,
                    "an actor and a recipient in activities of the verb",
                )?;
                let helped = self.wanted.helped.iter().position(|known| known == verb);
                let helped = helped.and_then(|number| facts.helped.get(number));
                Ok(self.numbers(|place| Some(helped.map_or(0, |helped| at(helped, place)) as f64)))
            }
            Metric::WeeksActiveShare => {
                actors()?;
                let first = self.window.start.map(|start| start.saturating_add(1)).or(facts.oldest);
                let last = week_of(self.window.as_of);
                let weeks = (last - first.map_or(last, week_of) + 1).max(1);
                Ok(self.numbers(|place| Some(at(&facts.weeks, place) as f64 / weeks as f64)))
            }
            Metric::DaysActive => {
                actors()?;
                Ok(self.numbers(|place| Some(at(&facts.days, place) as f64)))
            }
            Metric::RecencyDays => {
                actors()?;
                Ok(self.numbers(|place| Some(self.days_since(at(&facts.last, place)?))))
            }
            Metric::TenureDays if actors().is_ok() || joined() => Ok(self.numbers(|place| {
                let joined = facts.profiles.get(place).and_then(|profile| profile.joined_at);
                Some(self.days_since(joined.or_else(|| at(&facts.first, place))?))
            })),
            Metric::TenureDays => Err("the column joined_at of the table members, or the table activities"),
            Metric::Followers if facts.has_follows => {
                Ok(self.numbers(|place| Some(at(&facts.followers, place) as f64)))
            }
            Metric::Followers => Err("the table follows"),
            Metric::Audience if facts.has_follows || external() => Ok(self.numbers(|place| {
                let external = facts.profiles.get(place).and_then(|profile| profile.external_followers);
                let followers = facts.has_follows.then(|| at(&facts.followers, place));
                match (followers, external) {
                    (None, None) => None,
                    (followers, external) => {
                        Some(followers.unwrap_or(0).saturating_add(external.unwrap_or(0)) as f64)
                    }
                }
            })),
            Metric::Audience => {
                Err("the table follows, or the column external_followers of the table members")
            }
            Metric::Role => self
                .words(|place| facts.profiles.get(place)?.role.as_deref())
                .ok_or("the column role of the table members"),
            Metric::Attribute { name } => {
                let number = self.wanted.attributes.iter().position(|known| known == name);
                number
                    .and_then(|number| {
                        self.words(|place| facts.profiles.get(place)?.attributes.get(number)?.as_deref())
                    })
                    .ok_or("a column of that name in the table members")
            }
        }
    }

    fn actors(&self, verb: &str) -> Result<(), &'static str> {
        self.told(Some(verb), |said| said.actors, "an actor in activities of the verb")
    }

    fn recipients(&self, verb: &str) -> Result<(), &'static str> {
        self.told(Some(verb), |said| said.recipients, "a recipient in activities of the verb")
    }

    fn kinds(&self, verb: &str, kind: Option<&str>) -> Result<(), &'static str> {
        let told = |said: &Said| kind.is_none() || said.object_kinds;
        self.told(Some(verb), told, "an object_kind in activities of the verb")
    }

    /// Asks whether activities, all of them or those of a verb, tell what a metric needs. Where there are none,
    /// nobody did anything: that is known.
    fn told(
        &self,
        verb: Option<&str>,
        told: impl Fn(&Said) -> bool,
        needs: &'static str,
    ) -> Result<(), &'static str> {
        let said = &self.facts.said;
        let told = match verb {
            Some(verb) => said.get(verb).is_none_or(told),
            None => said.is_empty() || said.values().any(told),
        };
        match (self.facts.has_activities, told) {
            (false, _) => Err("the table activities"),
            (true, false) => Err(needs),
            (true, true) => Ok(()),
        }
    }

    fn given(&self, count: &Count, place: usize) -> u64 {
        let number = self.wanted.given.iter().position(|known| known == count);
        number.and_then(|number| self.facts.given.get(number)).map_or(0, |list| at(list, place))
    }

    fn received(&self, count: &Count, place: usize) -> u64 {
        let number = self.wanted.received.iter().position(|known| known == count);
        number.and_then(|number| self.facts.received.get(number)).map_or(0, |list| at(list, place))
    }

    /// Whole days from a moment to as-of.
    fn days_since(&self, moment: i64) -> f64 {
        (self.window.as_of.saturating_sub(moment) / DAY) as f64
    }

    fn numbers(&self, value: impl Fn(usize) -> Option<f64>) -> Column {
        Column::Number(self.places.iter().map(|&place| value(place as usize).unwrap_or(f64::NAN)).collect())
    }

    /// A column of words, or `None` where nobody in the population has one.
    fn words<'a>(&self, word: impl Fn(usize) -> Option<&'a str> + Clone) -> Option<Column> {
        self.anybody(&word).then(|| Column::from_words(self.places.iter().map(|&place| word(place as usize))))
    }

    /// Whether anybody in the population has a value: one that only people beside it have says nothing of it.
    /// Where nobody is in the population it lacks nothing either.
    fn anybody<T>(&self, value: impl Fn(usize) -> Option<T>) -> bool {
        self.places.is_empty() || self.places.iter().any(|&place| value(place as usize).is_some())
    }
}

fn at<T: Copy + Default>(list: &[T], place: usize) -> T {
    list.get(place).copied().unwrap_or_default()
}
