//! A community that is made by rule, as large as anybody wants: who does little and who does much, questions and what comes
//! of them, in memory that does not grow with it.
//!
//! Every activity follows from its number alone, by SplitMix64 and integers and products of floats, so that the same
//! size gives the same rows on any machine. Numbers are in the order of time, three years of it; rows lie in their file in another
//! order. Activity `n` is later than `n − 1` by at least a millisecond, so that no metric depends on what came first in one
//! moment.

use std::fmt::Write;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder, TimestampMillisecondBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// Milliseconds since 1970 at which the first activity may happen: 2021-01-01.
const BEGIN: u64 = 1_609_459_200_000;
/// Milliseconds of a day.
const DAY: u64 = 86_400_000;
/// Days from the first activity to the last.
const DAYS: u64 = 3 * 365;
/// Topics that questions can be in.
const TOPICS: f64 = 5_000.0;
/// Products that can be recommended.
const PRODUCTS: f64 = 1_000.0;
/// Follows for each member.
const FOLLOWS: u64 = 3;
/// Of so many activities one is followed by a conversion.
const CONVERSION: u64 = 200;
/// Rows in one batch.
const BATCH: u64 = 1 << 16;
/// Shares no factor with 10, so that its multiples visit each of a thousand or a million places once, and scattered.
const SCATTER: u64 = 618_033_989;

/// What activities are, and how many in a hundred.
const VERBS: [(&str, u64); 8] = [
    ("ask", 8),
    ("answer", 18),
    ("reply", 14),
    ("like", 34),
    ("thank", 8),
    ("accept", 5),
    ("mention", 7),
    ("recommend", 6),
];

/// What one number is drawn for.
#[derive(Clone, Copy)]
enum Draw {
    Verb,
    Moment,
    Actor,
    Other,
    Target,
    Hot,
    Topic,
    Product,
    Gap,
    Joined,
    Elsewhere,
    Follower,
    Followed,
    Since,
    Value,
}

/// A community in the making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) activities: u64,
    pub(crate) members: u64,
}

/// One activity.
struct Deed {
    verb: &'static str,
    at: u64,
    actor: Option<u64>,
    recipient: Option<u64>,
    /// The number of the activity that was the post.
    object: Option<u64>,
    topic: Option<u64>,
    product: Option<u64>,
}

impl Made {
    /// So many activities of a tenth as many members.
    ///
    /// # Panics
    ///
    /// Unless that is a thousand, times 2, 5 and 10 as often as you like.
    pub(crate) fn of(activities: u64) -> Self {
        let mut rest = activities / 1_000 * u64::from(activities.is_multiple_of(1_000));
        for factor in [2, 5] {
            while rest > 0 && rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        assert_eq!(rest, 1, "{activities} is not a thousand times twos and fives");
        Self { activities, members: activities / 10 }
    }

    /// Writes its tables and a `community.toml` into a folder.
    pub(crate) fn write(self, folder: &Path) {
        let toml = "[community]\nname = \"made\"\nwindow = \"all\"\npopulation = \"active\"\n\n[sources.tables]\n\
                    members = \"members.parquet\"\nfollows = \"follows.parquet\"\nactivities = \"activities.parquet\"\n\
                    conversions = \"conversions.parquet\"\n\n[definitions.regulars]\nplugin = \"regulars\"\n";
        std::fs::write(folder.join("community.toml"), toml).unwrap();
        self.write_members(&folder.join("members.parquet"));
        self.write_follows(&folder.join("follows.parquet"));
        self.write_activities(&folder.join("activities.parquet"));
        self.write_conversions(&folder.join("conversions.parquet"));
    }

    fn draw(row: u64, what: Draw) -> u64 {
        mixed(mixed(row.wrapping_add(1)) ^ (what as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number from 0 up to 1.
    fn share(row: u64, what: Draw) -> f64 {
        (Self::draw(row, what) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn verb(row: u64) -> &'static str {
        let mut left = Self::draw(row, Draw::Verb) % 100;
        for (verb, share) in VERBS {
            if left < share {
                return verb;
            }
            left -= share;
        }
        unreachable!("the shares of verbs add up to a hundred")
    }

    fn at(self, row: u64) -> u64 {
        let step = DAYS * DAY / self.activities;
        BEGIN + row * step + Self::draw(row, Draw::Moment) % step
    }

    /// A member, few of them again and again: a hundredth of all are drawn in almost a third of the cases.
    fn somebody(self, share: f64) -> u64 {
        let rank = (share * share * share * share * self.members as f64) as u64;
        scattered(rank, self.members)
    }

    /// When a member joined, whether or not the community says so.
    fn joined(self, member: u64) -> u64 {
        BEGIN - 100 * DAY + Self::draw(member, Draw::Joined) % ((DAYS + 50) * DAY)
    }

    /// Who did something: mostly somebody who had joined by then.
    fn actor(self, row: u64) -> u64 {
        let at = self.at(row);
        let mut share = Self::share(row, Draw::Actor);
        for attempt in 1..4 {
            let somebody = self.somebody(share);
            if self.joined(somebody) <= at {
                return somebody;
            }
            share = Self::share(row ^ attempt << 40, Draw::Actor);
        }
        self.somebody(share)
    }

    /// What an activity is about: one with such a verb some time before it, mostly shortly before, and often a popular one.
    fn target(self, row: u64, verbs: &[&str]) -> Option<u64> {
        let share = Self::share(row, Draw::Target);
        let within = (self.activities / 250).max(100) as f64;
        let mut last = row.checked_sub(1 + (share * share * share * within) as u64)?;
        if Self::draw(row, Draw::Hot).is_multiple_of(2) {
            last -= last % 512;
        }
        (0..=last).rev().take(2_000).find(|before| verbs.contains(&Self::verb(*before)))
    }

    /// The question that a post belongs to: itself, or what it answers or replies to.
    fn question(self, post: u64) -> Option<u64> {
        if Self::verb(post) == "ask" { Some(post) } else { self.target(post, &["ask"]) }
    }

    fn topic(self, question: u64) -> Option<u64> {
        let share = Self::share(question, Draw::Topic);
        (!Self::draw(question, Draw::Gap).is_multiple_of(20)).then_some((share * share * TOPICS) as u64)
    }

    fn deed(self, row: u64) -> Deed {
        let verb = Self::verb(row);
        let mut deed = Deed {
            verb,
            at: self.at(row),
            actor: Some(self.actor(row)),
            recipient: None,
            object: Some(row),
            topic: None,
            product: None,
        };
        let mut question = None;
        match verb {
            "ask" => question = Some(row),
            "answer" | "reply" => {
                question = self.target(row, &["ask"]);
                deed.recipient = question.map(|question| self.actor(question));
            }
            "like" => {
                deed.object = self.target(row, &["ask", "answer", "reply"]);
                deed.recipient = deed.object.map(|post| self.actor(post));
                question = deed.object.and_then(|post| self.question(post));
                // Some likes are anonymous.
                deed.actor = deed.actor.filter(|_| !Self::draw(row, Draw::Gap).is_multiple_of(50));
            }
            "thank" | "accept" => {
                deed.object = self.target(row, &["answer"]);
                deed.recipient = deed.object.map(|answer| self.actor(answer));
                question = deed.object.and_then(|answer| self.question(answer));
                deed.actor = question.map(|question| self.actor(question));
            }
            _ => {
                deed.recipient = Some(self.somebody(Self::share(row, Draw::Other)));
                deed.object = None;
                if verb == "recommend" {
                    let share = Self::share(row, Draw::Product);
                    deed.product = Some((share * share * PRODUCTS) as u64);
                }
            }
        }
        deed.topic = question.and_then(|question| self.topic(question));
        deed
    }

    fn write_members(self, path: &Path) {
        let mut file = Parquet::create(path);
        for first in (0..self.members).step_by(BATCH as usize) {
            let (mut ids, mut joined) = (Texts::default(), TimestampMillisecondBuilder::new());
            let mut elsewhere = UInt64Builder::new();
            for member in first..self.members.min(first + BATCH) {
                ids.push("u", Some(member));
                let said = !Self::draw(member, Draw::Gap).is_multiple_of(3);
                joined.append_option(said.then(|| self.joined(member) as i64));
                let share = Self::share(member, Draw::Elsewhere);
                elsewhere.append_option((share > 0.7).then_some((share * share * 2_000.0) as u64));
            }
            file.write([
                ("id", ids.array()),
                ("joined_at", Arc::new(joined.finish().with_timezone("UTC"))),
                ("external_followers", Arc::new(elsewhere.finish())),
            ]);
        }
        file.close();
    }

    fn write_follows(self, path: &Path) {
        let mut file = Parquet::create(path);
        let rows = self.members * FOLLOWS;
        for first in (0..rows).step_by(BATCH as usize) {
            let (mut followers, mut followed) = (Texts::default(), Texts::default());
            let mut since = TimestampMillisecondBuilder::new();
            for row in first..rows.min(first + BATCH) {
                followers.push("u", Some(Self::draw(row, Draw::Follower) % self.members));
                followed.push("u", Some(self.somebody(Self::share(row, Draw::Followed))));
                let moment = BEGIN + Self::draw(row, Draw::Since) % (DAYS * DAY);
                since.append_option(row.is_multiple_of(2).then_some(moment as i64));
            }
            file.write([
                ("follower", followers.array()),
                ("followed", followed.array()),
                ("since", Arc::new(since.finish().with_timezone("UTC"))),
            ]);
        }
        file.close();
    }

    fn write_activities(self, path: &Path) {
        let mut file = Parquet::create(path);
        for first in (0..self.activities).step_by(BATCH as usize) {
            let [mut ids, mut actors, mut recipients, mut objects] = [const { Texts::new() }; 4];
            let [mut topics, mut products] = [const { Texts::new() }; 2];
            let (mut verbs, mut kinds) = (StringBuilder::new(), StringBuilder::new());
            let (mut at, mut weights) = (TimestampMillisecondBuilder::new(), Float64Builder::new());
            for place in first..self.activities.min(first + BATCH) {
                let row = scattered(place, self.activities);
                let deed = self.deed(row);
                ids.push("a", Some(row));
                actors.push("u", deed.actor);
                verbs.append_value(deed.verb);
                at.append_value(deed.at as i64);
                recipients.push("u", deed.recipient);
                objects.push("p", deed.object);
                kinds.append_option(deed.object.map(|post| match Self::verb(post) {
                    "ask" => "question",
                    verb => verb,
                }));
                topics.push("t", deed.topic);
                products.push("x", deed.product);
                weights.append_value(1.0);
            }
            file.write([
                ("id", ids.array()),
                ("actor", actors.array()),
                ("verb", Arc::new(verbs.finish())),
                ("at", Arc::new(at.finish().with_timezone("UTC"))),
                ("recipient", recipients.array()),
                ("object", objects.array()),
                ("object_kind", Arc::new(kinds.finish())),
                ("topic", topics.array()),
                ("product", products.array()),
                ("weight", Arc::new(weights.finish())),
            ]);
        }
        file.close();
    }

    fn write_conversions(self, path: &Path) {
        let mut file = Parquet::create(path);
        let end = self.at(self.activities - 1);
        let rows = self.activities / CONVERSION;
        for first in (0..rows).step_by(BATCH as usize) {
            let (mut members, mut products) = (Texts::default(), Texts::default());
            let (mut at, mut values) = (TimestampMillisecondBuilder::new(), Float64Builder::new());
            for row in first..rows.min(first + BATCH) {
                let Some(before) = self.target(row * CONVERSION, &["recommend"]) else { continue };
                let deed = self.deed(before);
                members.push("u", deed.recipient);
                products.push("x", deed.product);
                let later = Self::draw(row, Draw::Since) % (20 * DAY);
                at.append_value((deed.at + later).min(end) as i64);
                values.append_value((Self::draw(row, Draw::Value) % 10_000) as f64 / 100.0);
            }
            file.write([
                ("member", members.array()),
                ("product", products.array()),
                ("at", Arc::new(at.finish().with_timezone("UTC"))),
                ("value", Arc::new(values.finish())),
            ]);
        }
        file.close();
    }
}

/// SplitMix64's last step.
fn mixed(state: u64) -> u64 {
    let mut mixed = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// Another place among so many, each once.
fn scattered(place: u64, of: u64) -> u64 {
    place * (SCATTER % of) % of
}

/// A column of texts that are a letter and a number.
struct Texts {
    builder: Option<StringBuilder>,
    text: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}

impl Texts {
    const fn new() -> Self {
        Self { builder: None, text: String::new() }
    }

    fn push(&mut self, letter: &str, number: Option<u64>) {
        let builder = self.builder.get_or_insert_with(StringBuilder::new);
        match number {
            None => builder.append_null(),
            Some(number) => {
                self.text.clear();
                write!(self.text, "{letter}{number}").unwrap();
                builder.append_value(&self.text);
            }
        }
    }

    fn array(&mut self) -> ArrayRef {
        Arc::new(self.builder.take().unwrap_or_default().finish())
    }
}

/// A Parquet file in the making.
struct Parquet<'p> {
    path: &'p Path,
    writer: Option<ArrowWriter<File>>,
}

impl<'p> Parquet<'p> {
    fn create(path: &'p Path) -> Self {
        Self { path, writer: None }
    }

    fn write<const COLUMNS: usize>(&mut self, columns: [(&str, ArrayRef); COLUMNS]) {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
                .unwrap();
        let writer = self.writer.get_or_insert_with(|| {
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_max_row_group_row_count(Some(1 << 17))
                .build();
            let file = File::create(self.path).unwrap();
            ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap()
        });
        writer.write(&batch).unwrap();
    }

    fn close(self) {
        self.writer.unwrap().close().unwrap();
    }
}
