//! What the data says about everyone in it: the few passes over the tables that all metrics share.

use std::collections::{BTreeMap, HashMap};

use arrow_array::{Array, RecordBatch};
use datafusion::common::DataFusionError;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{ExprFunctionExt, cast};
use datafusion::prelude::{DataFrame, Expr, ident, lit};

use arrow_schema::DataType;

use super::query::{Session, count_where, counts, differ, moment, texts, times, unsigned};
use crate::Table;
use crate::run::Ignored;

/// Nanoseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000_000;
/// Nanoseconds of a week.
pub(super) const WEEK: i64 = 7 * DAY;

/// One count of activities a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(crate) verb: String,
    pub(crate) object_kind: Option<String>,
    /// Leave out those towards oneself.
    pub(crate) others_only: bool,
}

/// What has to be found out.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(crate) given: Vec<Count>,
    pub(crate) received: Vec<Count>,
    /// Verbs whose distinct recipients count.
    pub(crate) helped: Vec<String>,
    pub(crate) weeks: bool,
    pub(crate) days: bool,
    pub(crate) followers: bool,
    pub(crate) attributes: Vec<String>,
}

impl Wanted {
    /// How many passes over the tables that takes.
    pub(super) fn passes(&self) -> u64 {
        6 + self.helped.len() as u64
            + u64::from(self.weeks)
            + u64::from(self.days)
            + u64::from(self.followers)
    }
}

/// The window of a run: after `start`, up to and including `as_of`; nanoseconds since 1970 (UTC).
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(crate) start: Option<i64>,
    pub(crate) as_of: i64,
}

impl Span {
    /// Whether a time lies in the window; rows after as-of are gone before.
    fn contains(self, at: &str) -> Expr {
        self.start.map_or_else(|| ident(at).is_not_null(), |start| ident(at).gt(moment(start)))
    }
}

/// What the table of members says of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    pub(crate) joined_at: Option<i64>,
    pub(crate) role: Option<String>,
    pub(crate) external_followers: Option<u64>,
    pub(crate) opted_out: bool,
    pub(crate) attributes: Vec<Option<String>>,
}

/// What the activities of a verb say: each, whether any of them does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// Who did it.
    pub(crate) actors: bool,
    /// For whom.
    pub(crate) recipients: bool,
    /// About which kind of thing.
    pub(crate) object_kinds: bool,
    /// Who did it and for whom, both.
    pub(crate) pairs: bool,
}

/// What the data says about everyone in it. Every list has an element an id, or is empty where nothing
/// is known of the ids beyond its end.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    places: HashMap<String, u32>,
    pub(crate) ids: Vec<String>,
    pub(crate) profiles: Vec<Profile>,
    /// Activities given or received in the window.
    pub(crate) active: Vec<u64>,
    pub(crate) first: Vec<Option<i64>>,
    pub(crate) last: Vec<Option<i64>>,
    pub(crate) given: Vec<Vec<u64>>,
    pub(crate) received: Vec<Vec<u64>>,
    pub(crate) helped: Vec<Vec<u64>>,
    pub(crate) weeks: Vec<u64>,
    pub(crate) days: Vec<u64>,
    pub(crate) followers: Vec<u64>,
    /// The oldest activity.
    pub(crate) oldest: Option<i64>,
    pub(crate) ignored: Ignored,
    pub(crate) has_activities: bool,
    /// By verb, what its activities up to as-of say; a verb that none of them has is not there.
    pub(crate) said: BTreeMap<String, Said>,
    pub(crate) has_follows: bool,
}

impl Facts {
    /// Makes all passes. `step` is called after each.
    pub(super) async fn read(
        session: &Session,
        span: Span,
        wanted: &Wanted,
        step: &(dyn Fn() + Send + Sync),
    ) -> Result<Self, DataFusionError> {
        let mut facts = Self::default();
        facts.read_members(session, wanted).await?;
        step();
        if let Some(activities) = session.table(Table::Activities).await? {
            facts.has_activities = true;
            facts.read_activities(activities, span, wanted, step).await?;
        }
        if let Some(follows) = session.table(Table::Follows).await? {
            facts.has_follows = true;
            facts.read_follows(follows, span, wanted, step).await?;
        }
        if let Some(conversions) = session.table(Table::Conversions).await? {
            facts.read_conversions(conversions, span).await?;
        }
        step();
        Ok(facts)
    }

    async fn read_members(&mut self, session: &Session, wanted: &Wanted) -> Result<(), DataFusionError> {
        let Some(members) = session.table(Table::Members).await? else { return Ok(()) };
        let mut columns: Vec<Expr> =
            ["id", "joined_at", "role", "external_followers", "opted_out"].map(ident).into();
        columns.extend(wanted.attributes.iter().map(|name| ident(format!("attribute:{name}"))));
        for batch in members.select(columns)?.collect().await? {
            let (ids, joined_at, roles) = (texts(&batch, 0)?, times(&batch, 1)?, texts(&batch, 2)?);
            let (external, opted_out) = (unsigned(&batch, 3)?, counts(&batch, 4)?);
            let attributes: Vec<_> =
                (0..wanted.attributes.len()).map(|at| texts(&batch, 5 + at)).collect::<Result<_, _>>()?;
            let word = |words: &arrow_array::StringArray, row: usize| {
                words.is_valid(row).then(|| words.value(row).to_owned())
            };
            for row in 0..batch.num_rows() {
                let profile = Profile {
                    joined_at: joined_at.is_valid(row).then(|| joined_at.value(row)),
                    role: word(&roles, row),
                    external_followers: external.is_valid(row).then(|| external.value(row)),
                    opted_out: opted_out.is_valid(row) && opted_out.value(row) != 0,
                    attributes: attributes.iter().map(|words| word(words, row)).collect(),
                };
                let place = self.place(ids.value(row));
                put(&mut self.profiles, place, profile);
            }
        }
        Ok(())
    }

    async fn read_activities(
        &mut self,
        all: DataFrame,
        span: Span,
        wanted: &Wanted,
        step: &(dyn Fn() + Send + Sync),
    ) -> Result<(), DataFusionError> {
        let seen = || ident("at").lt_eq(moment(span.as_of));
        let any = |column: &str, name: &str| count_where(seen().and(ident(column).is_not_null()), name);
        let by_verb = all.clone().aggregate(
            vec![ident("verb")],
            vec![
                min(ident("at")).alias("oldest"),
                count_where(ident("at").gt(moment(span.as_of)), "later")?,
                count_where(seen(), "seen")?,
                any("actor", "actors")?,
                any("recipient", "recipients")?,
                any("object_kind", "object_kinds")?,
                count_where(
                    seen().and(ident("actor").is_not_null()).and(ident("recipient").is_not_null()),
                    "pairs",
                )?,
            ],
        )?;
        for batch in &by_verb.collect().await? {
            let (verbs, oldest, later) = (texts(batch, 0)?, times(batch, 1)?, counts(batch, 2)?);
            let [seen, actors, recipients] = [counts(batch, 3)?, counts(batch, 4)?, counts(batch, 5)?];
            let [kinds, pairs] = [counts(batch, 6)?, counts(batch, 7)?];
            for row in 0..batch.num_rows() {
                let oldest = oldest.is_valid(row).then(|| oldest.value(row));
                self.oldest = self.oldest.into_iter().chain(oldest).min();
                self.ignored.activities += later.value(row).unsigned_abs();
                let said = Said {
                    actors: actors.value(row) > 0,
                    recipients: recipients.value(row) > 0,
                    object_kinds: kinds.value(row) > 0,
                    pairs: pairs.value(row) > 0,
                };
                // What comes later says nothing of a run.
                if seen.value(row) > 0 {
                    self.said.insert(verbs.value(row).to_owned(), said);
                }
            }
        }
        step();
        let seen = all.filter(ident("at").lt_eq(moment(span.as_of)))?;

        let side = |counted: &[Count]| -> Result<Vec<Expr>, DataFusionError> {
            let mut columns = vec![
                count_where(span.contains("at"), "active")?,
                min(ident("at")).alias("first"),
                max(ident("at")).filter(span.contains("at")).build()?.alias("last"),
            ];
            for (number, count) in counted.iter().enumerate() {
                let mut condition = span.contains("at").and(ident("verb").eq(lit(count.verb.clone())));
                if let Some(kind) = &count.object_kind {
                    condition = condition.and(ident("object_kind").eq(lit(kind.clone())));
                }
                if count.others_only {
                    condition = condition.and(differ("actor", "recipient"));
                }
                columns.push(count_where(condition, &format!("count{number}"))?);
            }
            Ok(columns)
        };

        self.given = vec![Vec::new(); wanted.given.len()];
        let given = grouped(&seen, "actor", side(&wanted.given)?)?.collect().await?;
        for batch in &given {
            self.read_side(batch, true)?;
        }
        drop(given);
        step();
        self.received = vec![Vec::new(); wanted.received.len()];
        let received = grouped(&seen, "recipient", side(&wanted.received)?)?.collect().await?;
        for batch in &received {
            self.read_side(batch, false)?;
        }
        drop(received);
        step();

        let window = seen.filter(span.contains("at"))?;
        for verb in &wanted.helped {
            let pairs = window.clone().filter(
                ident("verb")
                    .eq(lit(verb.clone()))
                    .and(ident("recipient").is_not_null())
                    .and(differ("actor", "recipient")),
            )?;
            let pairs = pairs.select(vec![ident("actor"), ident("recipient")])?;
            let counted = self.distinct(pairs, "actor").await?;
            self.helped.push(counted);
            step();
        }
        // Weeks begin on Mondays; 1970 began on a Thursday, three days into its week.
        for (wanted, unit, shift) in [(wanted.weeks, WEEK, 3 * DAY), (wanted.days, DAY, 0)] {
            if !wanted {
                continue;
            }
            let units = window.clone().select(vec![ident("actor"), number_of(unit, shift).alias("unit")])?;
            let counted = self.distinct(units, "actor").await?;
            *if unit == WEEK { &mut self.weeks } else { &mut self.days } = counted;
            step();
        }
        Ok(())
    }

    /// Takes over one batch of the pass over actors or recipients.
    fn read_side(&mut self, batch: &RecordBatch, given: bool) -> Result<(), DataFusionError> {
        let (ids, active, first, last) =
            (texts(batch, 0)?, counts(batch, 1)?, times(batch, 2)?, times(batch, 3)?);
        let places: Vec<usize> = (0..batch.num_rows()).map(|row| self.place(ids.value(row))).collect();
        for (row, &place) in places.iter().enumerate() {
            let before = self.active.get(place).copied().unwrap_or(0);
            put(&mut self.active, place, before + active.value(row).unsigned_abs());
            if given {
                put(&mut self.first, place, first.is_valid(row).then(|| first.value(row)));
                put(&mut self.last, place, last.is_valid(row).then(|| last.value(row)));
            }
        }
        let lists = if given { &mut self.given } else { &mut self.received };
        for (number, list) in lists.iter_mut().enumerate() {
            let counted = counts(batch, 4 + number)?;
            for (row, &place) in places.iter().enumerate() {
                put(list, place, counted.value(row).unsigned_abs());
            }
        }
        Ok(())
    }

    async fn read_follows(
        &mut self,
        all: DataFrame,
        span: Span,
        wanted: &Wanted,
        step: &(dyn Fn() + Send + Sync),
    ) -> Result<(), DataFusionError> {
        let later = all.clone().filter(ident("since").gt(moment(span.as_of)))?.count().await?;
        self.ignored.follows = later as u64;
        let there = all.filter(ident("since").is_null().or(ident("since").lt_eq(moment(span.as_of))))?;
        for end in ["follower", "followed"] {
            self.read_ids(there.clone().select(vec![ident(end)])?).await?;
        }
        step();
        if wanted.followers {
            let pairs = there.filter(differ("follower", "followed"))?;
            let pairs = pairs.select(vec![ident("followed"), ident("follower")])?.distinct()?;
            // Who has not joined yet follows nobody yet.
            let later: HashMap<u32, ()> = (0..)
                .zip(&self.profiles)
                .filter(|(_, profile)| profile.joined_at.is_some_and(|joined| joined > span.as_of))
                .map(|(place, _)| (place, ()))
                .collect();
            let mut followers = Vec::new();
            if later.is_empty() {
                followers = self.counted(pairs, "followed").await?;
            } else {
                for batch in pairs.collect().await? {
                    let (followed, follower) = (texts(&batch, 0)?, texts(&batch, 1)?);
                    for row in 0..batch.num_rows() {
                        let from = self.place(follower.value(row));
                        let to = self.place(followed.value(row));
                        if !later.contains_key(&(from as u32)) {
                            let before = followers.get(to).copied().unwrap_or(0);
                            put(&mut followers, to, before + 1);
                        }
                    }
                }
            }
            self.followers = followers;
            step();
        }
        Ok(())
    }

    async fn read_conversions(&mut self, all: DataFrame, span: Span) -> Result<(), DataFusionError> {
        let later = all.clone().filter(ident("at").gt(moment(span.as_of)))?.count().await?;
        self.ignored.conversions = later as u64;
        let seen = all.filter(ident("at").lt_eq(moment(span.as_of)))?;
        for end in ["member", "referrer"] {
            self.read_ids(seen.clone().select(vec![ident(end)])?).await?;
        }
        Ok(())
    }

    /// Makes everyone in a column known.
    async fn read_ids(&mut self, ids: DataFrame) -> Result<(), DataFusionError> {
        for batch in ids.distinct()?.collect().await? {
            let ids = texts(&batch, 0)?;
            for id in ids.iter().flatten() {
                self.place(id);
            }
        }
        Ok(())
    }

    /// How many different rows each member has. Distinct first and counted then: the engine's own
    /// `count(distinct)` keeps a set a group and takes many times as long.
    async fn distinct(&mut self, rows: DataFrame, by: &str) -> Result<Vec<u64>, DataFusionError> {
        let rows = rows.filter(ident(by).is_not_null())?.distinct()?;
        self.counted(rows, by).await
    }

    async fn counted(&mut self, rows: DataFrame, by: &str) -> Result<Vec<u64>, DataFusionError> {
        let rows = grouped(&rows, by, vec![count_where(lit(true), "count")?])?;
        let mut counted = Vec::new();
        for batch in rows.collect().await? {
            let (ids, number) = (texts(&batch, 0)?, counts(&batch, 1)?);
            for row in 0..batch.num_rows() {
                let place = self.place(ids.value(row));
                put(&mut counted, place, number.value(row).unsigned_abs());
            }
        }
        Ok(counted)
    }

    /// Where a member's facts stand.
    fn place(&mut self, id: &str) -> usize {
        if let Some(&place) = self.places.get(id) {
            return place as usize;
        }
        let place = self.ids.len();
        self.places.insert(id.to_owned(), place as u32);
        self.ids.push(id.to_owned());
        place
    }
}

fn grouped(rows: &DataFrame, by: &str, columns: Vec<Expr>) -> Result<DataFrame, DataFusionError> {
    rows.clone().filter(ident(by).is_not_null())?.aggregate(vec![ident(by)], columns)
}

/// The number of the week or day of `at`, rounded down for times before 1970 too, without overflow.
fn number_of(unit: i64, shift: i64) -> Expr {
    let at = cast(ident("at"), DataType::Int64);
    at.clone() / lit(unit) + (at % lit(unit) + lit(unit + shift)) / lit(unit)
}

/// The number of the week that a moment lies in, counted as the plans count.
pub(super) fn week_of(at: i64) -> i64 {
    at / WEEK + (at % WEEK + WEEK + 3 * DAY) / WEEK
}

/// Puts a value at a place, filling up what lies before it.
fn put<T: Clone + Default>(list: &mut Vec<T>, place: usize, value: T) {
    if list.len() <= place {
        list.resize(place + 1, T::default());
    }
    if let Some(there) = list.get_mut(place) {
        *there = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays_before_1970_too() {
        let monday: jiff::Timestamp = "2020-06-01T00:00:00Z".parse().unwrap();
        let monday = monday.as_nanosecond() as i64;
        assert_eq!(week_of(monday), week_of(monday - 1) + 1);
        assert_eq!(week_of(monday), week_of(monday + WEEK - 1));
        let before: jiff::Timestamp = "1969-12-29T00:00:00Z".parse().unwrap();
        let before = before.as_nanosecond() as i64;
        assert_eq!(week_of(before), week_of(0));
        assert_eq!(week_of(before - 1), week_of(0) - 1);
        assert!(week_of(i64::MIN) < week_of(i64::MAX));
    }
}
