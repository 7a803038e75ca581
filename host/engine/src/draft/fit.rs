//! Which table the rows of a file belong to, and what its columns are.

use super::names::{self, Known};
use super::values::{self, Times, plain};
use crate::Table;
use crate::sources::{Kind, columns, flag, may_be_a_role, may_be_a_wish};

/// The columns of a file, as far as they were looked at.
#[derive(Debug)]
pub(super) struct Seen {
    /// Empty where the file has none.
    pub(super) names: Vec<String>,
    /// The values of each column.
    values: Vec<Vec<String>>,
    /// How those of each column are written that are times.
    times: Vec<Option<Times>>,
}

impl Seen {
    pub(super) fn new(names: Vec<String>, rows: &[Vec<String>]) -> Self {
        let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(names.len());
        let column = |place: usize| rows.iter().filter_map(|row| row.get(place).cloned()).collect();
        let values: Vec<Vec<String>> = (0..width).map(column).collect();
        let times = values.iter().map(|values| values::times(values.iter().map(String::as_str))).collect();
        Self { names, values, times }
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.values.len()
    }

    pub(super) fn values(&self, place: usize) -> impl Iterator<Item = &str> {
        self.values.get(place).into_iter().flatten().map(String::as_str)
    }

    pub(super) fn name(&self, place: usize) -> &str {
        self.names.get(place).map_or("", String::as_str)
    }

    pub(super) fn times(&self, place: usize) -> Option<&Times> {
        self.times.get(place)?.as_ref()
    }
}

/// A column of a table, and the column of the file that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) column: &'static str,
    pub(super) place: usize,
    /// By what it is known, where it may be another.
    pub(super) doubt: Option<Doubt>,
}

/// By what a column is known that may be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// By a name that may mean something else.
    Name,
    /// By its values alone.
    Values,
    /// By its place alone.
    Place,
}

/// A table that a file's rows may belong to.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) table: Table,
    pub(super) found: Vec<Found>,
    /// Whether another table fits as well.
    pub(super) other: Option<Table>,
}

impl Fit {
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.found.iter().find(|found| found.column == column).map(|found| found.place)
    }
}

/// The table that fits a file best. `hint` is the one that the file's name speaks of.
pub(super) fn fit(seen: &Seen, hint: Option<Table>) -> Option<Fit> {
    let order = [Table::Activities, Table::Follows, Table::Conversions, Table::Members];
    let mut fits: Vec<(u32, Fit)> = order
        .into_iter()
        .filter_map(|table| {
            let found = if seen.names.is_empty() { by_place(seen, table) } else { by_name(seen, table) };
            let points = points(table, &found, seen)? * 2 + u32::from(hint == Some(table)) * 3;
            Some((points, Fit { table, found, other: None }))
        })
        .collect();
    // The first of several that fit equally stays first.
    fits.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    let mut fits = fits.into_iter();
    let (most, mut best) = fits.next()?;
    let order = columns(best.table, &[]);
    best.found.sort_by_key(|found| order.iter().position(|column| column.name == found.column));
    let other = fits.next().filter(|(points, _)| *points == most).map(|(_, fit)| fit.table);
    Some(Fit { other, ..best })
}

/// How well a table fits; `None` where it does not.
fn points(table: Table, found: &[Found], seen: &Seen) -> Option<u32> {
    let has = |column: &str| found.iter().any(|found| found.column == column);
    let said = |column: &str| {
        found.iter().any(|found| found.column == column && found.doubt.is_none() && !seen.names.is_empty())
    };
    let fits = match table {
        Table::Activities => has("at") && (has("actor") || has("recipient") || said("verb")),
        Table::Follows => has("follower") && has("followed"),
        Table::Conversions => {
            has("member")
                && has("at")
                && (said("member") || said("value") || has("referrer") || seen.names.is_empty())
        }
        Table::Members => {
            let place = found.iter().find(|found| found.column == "id").map(|found| found.place);
            place.is_some_and(|place| are_distinct(seen, place)) && !seen.names.is_empty()
        }
    };
    let weight = |found: &Found| if found.doubt.is_none() { 2 } else { 1 };
    fits.then(|| found.iter().map(weight).sum())
}

/// Whether no value comes up twice, as those do not of which a table of people has one each.
fn are_distinct(seen: &Seen, place: usize) -> bool {
    let mut values: Vec<&str> = seen.values(place).collect();
    let all = values.len();
    values.sort_unstable();
    values.dedup();
    values.len() * 100 >= all * 98
}

/// By which names columns are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Exact,
    Sure,
    Perhaps,
}

/// Finds columns by their names: exact ones first, then those that hardly mean anything else, then those that may.
fn by_name(seen: &Seen, table: Table) -> Vec<Found> {
    let plain_names: Vec<String> = seen.names.iter().map(|name| plain(name)).collect();
    let named = |wanted: &str, free: &dyn Fn(usize) -> bool| {
        let mut names = plain_names.iter().enumerate();
        names.find(|(place, name)| *name == wanted && free(*place)).map(|(place, _)| place)
    };
    let exact = |known: &Known, free: &dyn Fn(usize) -> bool| {
        seen.names
            .iter()
            .enumerate()
            .find(|(place, name)| *name == known.column && free(*place))
            .map(|(place, _)| place)
    };
    let mut found: Vec<Found> = Vec::new();
    for pass in [Pass::Exact, Pass::Sure, Pass::Perhaps] {
        for known in names::of(table) {
            let free = |place: usize| {
                found.iter().all(|found| found.place != place) && suits(seen, table, known.column, place)
            };
            let place = match pass {
                _ if found.iter().any(|found| found.column == known.column) => None,
                Pass::Exact => exact(known, &free),
                Pass::Sure => known.sure().find_map(|name| named(name, &free)),
                Pass::Perhaps => known.perhaps().find_map(|name| named(name, &free)),
            };
            let doubt = (pass == Pass::Perhaps).then_some(Doubt::Name);
            found.extend(place.map(|place| Found { column: known.column, place, doubt }));
        }
    }
    if table == Table::Members {
        keep_out(seen, &mut found);
    }
    let by_values = matches!(table, Table::Activities | Table::Conversions);
    if by_values && found.iter().all(|found| found.column != "at") {
        let free = |place: &usize| found.iter().all(|found| found.place != *place);
        let place = (0..seen.width()).filter(free).find(|place| seen.times(*place).is_some());
        found.extend(place.map(|place| Found { column: "at", place, doubt: Some(Doubt::Values) }));
    }
    found
}

/// A map of members has to say something of every column that may keep somebody out of the results.
fn keep_out(seen: &Seen, found: &mut Vec<Found>) {
    let mut add = |column: &'static str, is: &dyn Fn(&str) -> bool| {
        if found.iter().any(|found| found.column == column) {
            return;
        }
        if let Some(place) = seen.names.iter().position(|name| is(name)) {
            found.retain(|found| found.place != place);
            found.push(Found { column, place, doubt: Some(Doubt::Name) });
        }
    };
    add("opted_out", &may_be_a_wish);
    add("role", &may_be_a_role);
}

/// Whether a column's values can be what a column of the table holds.
fn suits(seen: &Seen, table: Table, column: &str, place: usize) -> bool {
    let kind = columns(table, &[]).into_iter().find(|known| known.name == column).map(|known| known.kind);
    if !seen.values(place).any(values::is_something) {
        return true;
    }
    let numbers = || values::are_numbers(seen.values(place));
    match kind {
        Some(Kind::Time) => seen.times(place).is_some(),
        Some(Kind::Verb) => values::verbs(seen.values(place)).is_some() && seen.times(place).is_none(),
        Some(Kind::Number | Kind::Weight | Kind::Count) => numbers(),
        Some(Kind::Flag) => seen.values(place).all(|value| flag(value).is_some()),
        // Two rows of one id count once.
        _ if column == "id" && !are_distinct(seen, place) => false,
        // Times are nobody's name.
        _ => numbers() || !matches!(seen.times(place), Some(Times::Plain | Times::Pattern(..))),
    }
}

/// Finds columns of a file that does not name them: who, whom, when, and how much.
fn by_place(seen: &Seen, table: Table) -> Vec<Found> {
    let times: Vec<usize> = (0..seen.width()).filter(|place| seen.times(*place).is_some()).collect();
    let mut others = (0..seen.width()).filter(|place| !times.contains(place));
    let mut found = Vec::new();
    let mut push = |column: &'static str, place: Option<usize>| {
        found.extend(place.map(|place| Found { column, place, doubt: Some(Doubt::Place) }));
    };
    match table {
        Table::Members => {}
        Table::Follows => {
            push("follower", others.next());
            push("followed", others.next());
            push("since", times.first().copied());
        }
        Table::Activities => {
            push("actor", others.next());
            push("recipient", others.next());
            push("at", times.first().copied());
            push("weight", others.find(|place| values::are_numbers(seen.values(*place))));
        }
        Table::Conversions => {
            push("member", others.next());
            push("at", times.first().copied());
            push(
                "value",
                others.find(|place| {
                    values::are_numbers(seen.values(*place))
                        && seen.values(*place).any(|value| value.contains('.'))
                }),
            );
        }
    }
    found
}
