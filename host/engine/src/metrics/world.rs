//! Who and what there is in a snapshot.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray};
use arrow_select::concat::concat_batches;

use super::pairs::{PairLog, Pairs};
use super::scan::{NONE, codes, read};
use super::span::Span;
use crate::snapshot::{Names, Word};
use crate::stop::Stop;
use crate::{Error, Snapshot, Table};

/// Who does not want to be looked at, of all who occur in a snapshot, in the order of their ids by bytes.
pub(crate) fn opted_out(snapshot: &Snapshot) -> Result<Vec<String>, Error> {
    Ok(World::read(snapshot, &[])?.all_opted_out())
}

/// Everyone who occurs in a snapshot, by number, and the words of its activities.
#[derive(Debug)]
pub(crate) struct World {
    names: Names,
    /// By number; `None` where nobody is said to be it.
    joined_at: Vec<Option<i64>>,
    roles: Option<StringArray>,
    external: Option<arrow_array::UInt64Array>,
    listed: BooleanArray,
    opted_out: BooleanArray,
    /// By attribute asked for; `None` where there is no such attribute.
    attributes: Vec<Option<StringArray>>,
}

impl World {
    /// Reads who there is, with the attributes that are asked for.
    pub(super) fn read(snapshot: &Snapshot, attributes: &[String]) -> Result<Self, Error> {
        let names = Names::read(snapshot)?;
        let wanted: Vec<String> = attributes.iter().map(|name| format!("attribute:{name}")).collect();
        let mut columns = vec!["listed", "opted_out", "joined_at", "role", "external_followers"];
        columns.extend(wanted.iter().map(String::as_str));
        let (path, batches) = read(snapshot, Table::Members, Some(&columns))?;
        let schema = arrow_array::RecordBatchReader::schema(&batches);
        let batches: Vec<RecordBatch> =
            batches.collect::<Result<_, _>>().map_err(Error::columns("read", &path))?;
        let members = concat_batches(&schema, &batches).map_err(Error::columns("read", &path))?;
        let column = |name: &str| members.column_by_name(name);
        let flags = |name: &str| {
            let flags = column(name).and_then(|flags| flags.as_boolean_opt());
            flags.cloned().unwrap_or_else(|| BooleanArray::from(vec![false; members.num_rows()]))
        };
        let texts = |name: &str| column(name).and_then(|texts| texts.as_string_opt::<i32>()).cloned();
        let joined = column("joined_at").and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
        Ok(Self {
            joined_at: joined
                .map_or_else(|| vec![None; members.num_rows()], |joined| joined.iter().collect()),
            roles: texts("role"),
            external: column("external_followers")
                .and_then(|count| count.as_primitive_opt::<UInt64Type>())
                .cloned(),
            listed: flags("listed"),
            opted_out: flags("opted_out"),
            attributes: wanted.iter().map(|name| texts(name)).collect(),
            names,
        })
    }

    /// How many there are.
    pub(crate) fn members(&self) -> usize {
        self.names.ids.len()
    }

    pub(crate) fn id(&self, member: usize) -> &str {
        if member < self.members() { self.names.ids.value(member) } else { "" }
    }

    /// The number of a member.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        let mut range = 0..self.members();
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            match self.id(middle).cmp(id) {
                std::cmp::Ordering::Less => range.start = middle + 1,
                std::cmp::Ordering::Greater => range.end = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    pub(crate) fn joined_at(&self, member: usize) -> Option<i64> {
        self.joined_at.get(member).copied().flatten()
    }

    /// Whether a member joined after a moment.
    pub(crate) fn joined_after(&self, member: usize, moment: i64) -> bool {
        self.joined_at(member).is_some_and(|joined| joined > moment)
    }

    pub(crate) fn role(&self, member: usize) -> Option<&str> {
        text(self.roles.as_ref()?, member)
    }

    pub(crate) fn external_followers(&self, member: usize) -> Option<u64> {
        let external = self.external.as_ref()?;
        (member < external.len() && external.is_valid(member)).then(|| external.value(member))
    }

    pub(crate) fn is_listed(&self, member: usize) -> bool {
        member < self.listed.len() && self.listed.value(member)
    }

    pub(crate) fn opted_out(&self, member: usize) -> bool {
        member < self.opted_out.len() && self.opted_out.is_valid(member) && self.opted_out.value(member)
    }

    /// The ids of all who do not want to be looked at, in the order of bytes.
    pub(crate) fn all_opted_out(&self) -> Vec<String> {
        let all = (0..self.members()).filter(|member| self.opted_out(*member));
        all.map(|member| self.id(member).to_owned()).collect()
    }

    /// What one of the attributes asked for says of a member.
    pub(super) fn attribute(&self, number: usize, member: usize) -> Option<&str> {
        text(self.attributes.get(number)?.as_ref()?, member)
    }

    /// The number of a verb; [`NONE`] where no activity has it, which no activity's verb ever is.
    pub(super) fn verb(&self, verb: &str) -> u32 {
        self.word(Word::Verb, verb)
    }

    pub(super) fn word(&self, kind: Word, text: &str) -> u32 {
        let words = self.names.words(kind);
        (0..).zip(words.iter()).find(|(_, word)| *word == Some(text)).map_or(NONE, |(code, _)| code)
    }

    /// The verbs, by number.
    pub(super) fn verbs(&self) -> impl Iterator<Item = &str> {
        self.names.words(Word::Verb).iter().flatten()
    }
}

fn text(texts: &StringArray, at: usize) -> Option<&str> {
    (at < texts.len() && texts.is_valid(at)).then(|| texts.value(at))
}

/// Who follows whom at as-of.
#[derive(Debug, Default)]
pub(super) struct Follows {
    /// From follower to followed, others alone, both being there by as-of.
    pub(super) pairs: Pairs,
    /// By number, whether a member is an end of any follow by as-of.
    pub(super) seen: Vec<bool>,
    /// Follows after as-of.
    pub(super) later: u64,
}

impl Follows {
    pub(super) fn read(
        snapshot: &Snapshot,
        world: &World,
        as_of: i64,
        mute: &[bool],
        wanted: bool,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let mut log = PairLog::default();
        let mut follows = Self { seen: vec![false; world.members()], ..Self::default() };
        let (path, batches) = read(snapshot, Table::Follows, Some(&["follower", "followed", "since"]))?;
        let quiet = |member: u32| mute.get(member as usize).copied().unwrap_or(false);
        for batch in batches {
            stop.check()?;
            let batch = batch.map_err(Error::columns("read", &path))?;
            let ends = |name: &str| batch.column_by_name(name).map_or_else(Vec::new, codes);
            let (from, to) = (ends("follower"), ends("followed"));
            let since =
                batch.column_by_name("since").and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
            for (row, (from, to)) in from.into_iter().zip(to).enumerate() {
                let since = since.filter(|since| since.is_valid(row)).map(|since| since.value(row));
                if since.is_some_and(|since| since > as_of) {
                    follows.later += 1;
                    continue;
                }
                for end in [from, to] {
                    if let Some(seen) = follows.seen.get_mut(end as usize) {
                        *seen = true;
                    }
                }
                let there = |member: u32| !world.joined_after(member as usize, as_of) && !quiet(member);
                if wanted && from != to && there(from) && there(to) {
                    log.push(from, to, 1.0);
                }
            }
        }
        follows.pairs = log.finish();
        // Who follows somebody follows them once, in however many rows that stands.
        for pair in &mut follows.pairs.0 {
            (pair.count, pair.weight, pair.newest) = (1, 1.0, 1.0);
        }
        Ok(follows)
    }
}

/// Something bought, or signed up for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Conversion {
    pub(super) member: u32,
    /// [`NONE`] where it is not said.
    pub(super) product: u32,
    pub(super) at: i64,
    /// `None` where it is not said.
    pub(super) value: Option<f64>,
    /// [`NONE`] where it is not said.
    pub(super) referrer: u32,
}

/// The conversions up to as-of, in the order of time.
#[derive(Debug, Default)]
pub(super) struct Conversions {
    pub(super) list: Vec<Conversion>,
    /// By number, whether a member is in any of them.
    pub(super) seen: Vec<bool>,
    /// Conversions after as-of.
    pub(super) later: u64,
}

impl Conversions {
    pub(super) fn read(
        snapshot: &Snapshot,
        world: &World,
        span: Span,
        mute: &[bool],
        wanted: bool,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let mut found = Self { seen: vec![false; world.members()], ..Self::default() };
        let (path, batches) =
            read(snapshot, Table::Conversions, Some(&["member", "product", "at", "value", "referrer"]))?;
        let quiet = |member: u32| mute.get(member as usize).copied().unwrap_or(false);
        for batch in batches {
            stop.check()?;
            let batch = batch.map_err(Error::columns("read", &path))?;
            let ends = |name: &str| batch.column_by_name(name).map_or_else(Vec::new, codes);
            let [members, products, referrers] = ["member", "product", "referrer"].map(ends);
            let at =
                batch.column_by_name("at").and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
            let values =
                batch.column_by_name("value").and_then(|value| value.as_primitive_opt::<Float64Type>());
            let at: &[i64] = at.map_or(&[], |at| at.values());
            let rows = members.iter().zip(&products).zip(&referrers).zip(at).enumerate();
            for (row, (((&member, &product), &referrer), &at)) in rows {
                if at > span.as_of {
                    found.later += 1;
                    continue;
                }
                for end in [member, referrer] {
                    if let Some(seen) = found.seen.get_mut(end as usize) {
                        *seen = true;
                    }
                }
                if wanted && !quiet(member) {
                    let value = values.filter(|values| values.is_valid(row)).map(|values| values.value(row));
                    let referrer = if quiet(referrer) { NONE } else { referrer };
                    found.list.push(Conversion { member, product, at, value, referrer });
                }
            }
        }
        Ok(found)
    }
}
