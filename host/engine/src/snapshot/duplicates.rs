//! Rows with the same id: equal ones count once, and of differing ones the smallest stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;

use super::writer::{ParquetFile, canonical, id_hash};
use crate::sources::people;
use crate::stored::batches;
use crate::{Error, Table};

/// Which rows go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Surplus {
    /// Rows that say what another row says that stays, in ascending order.
    pub(super) equal: Vec<u64>,
    /// Rows that share the id of a row that stays and say something else, in ascending order, each with the row that stays.
    pub(super) differing: BTreeMap<u64, u64>,
    /// A row that would go and with it an excluded role, and the row without one that would stay.
    pub(super) excluded: Option<(u64, u64)>,
}

impl Surplus {
    pub(super) fn is_empty(&self) -> bool {
        self.equal.is_empty() && self.differing.is_empty()
    }

    pub(super) fn contains(&self, row: u64) -> bool {
        self.equal.binary_search(&row).is_ok() || self.differing.contains_key(&row)
    }

    /// The row that is the `n`th of those that stay, both counted from 0.
    pub(super) fn nth_that_stays(&self, n: u64) -> u64 {
        let stay = (0..).filter(|row| !self.contains(*row)).zip(0..);
        stay.skip_while(|(_, place)| *place < n).map(|(row, _)| row).next().unwrap_or(n)
    }
}

/// Rows whose ids have the same hash.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    /// Rows that equal an earlier row of the same id.
    equal: Vec<u64>,
    /// Rows with differing rows of the same id (or, very rarely, of another id with the same hash).
    pub(super) differing: BTreeSet<u64>,
    /// At least so many of those that differ have to go.
    pub(super) at_least: u64,
}

/// Finds rows whose ids have the same hash, and looks at them in their file. The hashes of ids may be in any order.
pub(super) fn suspects(path: &Path, ids: Vec<u64>) -> Result<Suspects, Error> {
    let repeated = repeated(ids);
    let mut rows: Vec<(u64, u64, [u8; 32])> = Vec::new();
    if !repeated.is_empty() {
        let mut form = Vec::new();
        each_batch(path, |first, batch| {
            let canonical = canonical(batch, path)?;
            for row in 0..batch.num_rows() {
                let hash = canonical.id(row).map_or(0, id_hash);
                if repeated.binary_search(&hash).is_ok() {
                    form.clear();
                    canonical.write(row, &mut form);
                    rows.push((hash, first + row as u64, *blake3::hash(&form).as_bytes()));
                }
            }
            Ok(())
        })?;
    }
    rows.sort_unstable();
    let mut suspects = Suspects::default();
    for group in rows.chunk_by(|a, b| a.0 == b.0) {
        let mut digests: Vec<_> = group.iter().map(|(.., digest)| digest).collect();
        digests.sort_unstable();
        let most = digests.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
        let numbers = group.iter().map(|(_, row, _)| *row);
        if most == group.len() {
            suspects.equal.extend(numbers.skip(1));
        } else {
            suspects.differing.extend(numbers);
            suspects.at_least += (group.len() - most) as u64;
        }
    }
    Ok(suspects)
}

/// The hashes that occur more than once, in ascending order. There is no second list of all: this one follows the number of rows.
fn repeated(mut ids: Vec<u64>) -> Vec<u64> {
    ids.retain(|hash| *hash != 0);
    ids.sort_unstable();
    let mut repeated: Vec<u64> = ids
        .chunk_by(|a, b| a == b)
        .filter(|group| group.len() > 1)
        .filter_map(|group| group.first().copied())
        .collect();
    repeated.shrink_to_fit();
    repeated
}

/// Decides which of the suspected rows of a Parquet file go.
pub(super) fn find(path: &Path, suspects: Suspects, excluded_roles: &[String]) -> Result<Surplus, Error> {
    let mut surplus = Surplus { equal: suspects.equal, ..Surplus::default() };
    if !suspects.differing.is_empty() {
        settle(path, &suspects.differing, excluded_roles, &mut surplus)?;
    }
    surplus.equal.sort_unstable();
    Ok(surplus)
}

/// Looks at the rows themselves.
fn settle(
    path: &Path,
    doubtful: &BTreeSet<u64>,
    excluded_roles: &[String],
    surplus: &mut Surplus,
) -> Result<(), Error> {
    // By id: the rows with their canonical forms, and whether their role is excluded. Different ids may have the same hash.
    let mut by_id: BTreeMap<String, Vec<(Vec<u8>, u64, bool)>> = BTreeMap::new();
    each_batch(path, |first, batch| {
        let end = first + batch.num_rows() as u64;
        let mut rows = doubtful.range(first..end).peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let canonical = canonical(batch, path)?;
        let roles = batch.column_by_name("role").and_then(|roles| roles.as_string_opt::<i32>());
        let excluded = |index: usize| {
            let role = roles.filter(|roles| roles.is_valid(index)).map(|roles| roles.value(index));
            role.is_some_and(|role| excluded_roles.iter().any(|excluded| excluded == role))
        };
        for row in rows {
            let index = usize::try_from(row - first).unwrap_or(usize::MAX);
            let mut form = Vec::new();
            canonical.write(index, &mut form);
            let id = canonical.id(index).unwrap_or_default().to_owned();
            by_id.entry(id).or_default().push((form, *row, excluded(index)));
        }
        Ok(())
    })?;
    for mut rows in by_id.into_values() {
        rows.sort_unstable();
        let Some(((smallest, stays, kept_out), others)) = rows.split_first() else { continue };
        for (form, row, excluded) in others {
            if *excluded && !kept_out {
                surplus.excluded.get_or_insert((*row, *stays));
            }
            if form == smallest {
                surplus.equal.push(*row);
            } else {
                surplus.differing.insert(*row, *stays);
            }
        }
    }
    Ok(())
}

/// Copies a Parquet file without the rows that go. `kept` sees each batch of rows that stay, `dropped` the canonical form of each row
/// that goes, `gone` each of those that differ, with whom it names and as text.
pub(super) fn copy_without(
    table: Table,
    surplus: &Surplus,
    (from, to): (&Path, &Path),
    mut kept: impl FnMut(&RecordBatch),
    mut dropped: impl FnMut(&[u8]),
    mut gone: impl FnMut(u64, u64, &[String], String) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut file: Option<ParquetFile> = None;
    let mut form = Vec::new();
    each_batch(from, |first, batch| {
        let rows = batch.num_rows() as u64;
        let keep: BooleanArray = (first..first + rows).map(|row| Some(!surplus.contains(row))).collect();
        let canonical = canonical(batch, from)?;
        for row in (0..batch.num_rows()).filter(|row| !keep.value(*row)) {
            form.clear();
            canonical.write(row, &mut form);
            dropped(&form);
        }
        for (row, stays) in surplus.differing.range(first..first + rows) {
            let index = usize::try_from(row - first).unwrap_or(usize::MAX);
            let members: Vec<String> = people(table)
                .iter()
                .filter_map(|name| batch.column_by_name(name)?.as_string_opt::<i32>())
                .filter(|ids| ids.is_valid(index))
                .map(|ids| ids.value(index).to_owned())
                .collect();
            gone(*row, *stays, &members, canonical.shown(index))?;
        }
        let rest = filter_record_batch(batch, &keep).map_err(Error::columns("read", from))?;
        kept(&rest);
        let file = match &mut file {
            Some(file) => file,
            none => none.insert(ParquetFile::create(to, batch.schema())?),
        };
        file.write(&rest)
    })?;
    file.map_or(Ok(()), ParquetFile::finish)
}

/// Calls back with each batch of a file and the number of its first row.
fn each_batch(
    path: &Path,
    mut with: impl FnMut(u64, &RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut first = 0;
    for batch in batches(path, None)? {
        let batch = batch.map_err(Error::columns("read", path))?;
        with(first, &batch)?;
        first += batch.num_rows() as u64;
    }
    Ok(())
}
