//! Freezing one table.

use std::path::{Path, PathBuf};

use groundswell_runtime::shown;

use super::columns::Columns;
use super::days::Days;
use super::duplicates::{self, Surplus};
use super::multiset::Multiset;
use super::places::Places;
use super::rejections::Rejections;
use super::writer::{Digests, ParquetFile};
use crate::config::MaxRejected;
use crate::sources::{
    Cell, Fate, Header, Identities, Meter, Reason, Several, SourceFile, Unreadable, cells, columns,
};
use crate::time::UnixUnit;
use crate::{Error, Table};

/// Rows in one batch of Arrow columns.
const BATCH: usize = 1 << 16;

/// Rows between two looks whether to stop.
const LOOKS: u64 = 4_096;

/// More rows with the same id are looked at only when there is hope that they are not too many.
const MANY: usize = 100_000;

/// What is asked of all tables alike.
pub(super) struct Freezer<'f> {
    /// The folder that the Parquet files go to.
    pub(super) folder: &'f Path,
    pub(super) max_rejected: MaxRejected,
    pub(super) excluded_roles: &'f [String],
    pub(super) identities: &'f Identities,
    pub(super) meter: &'f Meter<'f>,
    pub(super) rejections: Rejections,
    pub(super) notes: Vec<String>,
    /// Of activities and conversions.
    pub(super) days: Days,
    /// The file and line of a row with the newest time of `days`.
    pub(super) newest_place: Option<(String, u64)>,
}

/// A table that is frozen.
pub(super) struct Frozen {
    pub(super) rows: u64,
    /// Rows that were looked at, those that were left aside among them.
    pub(super) read: u64,
    pub(super) hash: blake3::Hash,
}

impl Freezer<'_> {
    /// The names of the attributes in the headers of the members' files, sorted.
    pub(super) fn attributes(&self, files: &[SourceFile]) -> Result<Vec<String>, Error> {
        let unmeasured = Meter::silent();
        let mut names = Vec::new();
        for file in files {
            names.extend(Header::attributes(file.open(Table::Members, &unmeasured)?.header()).cloned());
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Reads the files of a table and writes its Parquet file. `before` rows were left aside before.
    pub(super) fn freeze(
        &mut self,
        table: Table,
        files: &[SourceFile],
        attributes: &[String],
        before: u64,
    ) -> Result<Frozen, Error> {
        let path = self.folder.join(super::parquet(table));
        let columns = columns(table, attributes);
        let with_ids = matches!(table, Table::Members | Table::Activities);
        let mut gathered = Columns::new(&columns);
        let mut parquet = ParquetFile::create(&path, gathered.schema().clone())?;
        let mut digests = Digests::default();
        let mut days = Days::default();
        let mut places = Places::default();
        let mut all_rows = before;
        let (mut several, mut forgotten) = (Several::default(), 0_u64);
        for (index, file) in (0..).zip(files) {
            let mut reader = file.open(table, self.meter)?;
            let header = Header::new(table, columns.clone(), file, reader.header(), self.excluded_roles)?;
            self.notes.extend(Header::notes(table, &columns, file, reader.header()));
            let rows_before = all_rows;
            let mut oddities = vec![Oddities::default(); columns.len()];
            self.meter.check()?;
            while let Some(row) = reader.next()? {
                let line = row.number;
                all_rows += 1;
                if all_rows.is_multiple_of(LOOKS) {
                    self.meter.check()?;
                }
                match header.cells(&row) {
                    Ok(mut cells) => {
                        oddities.iter_mut().zip(&cells).for_each(|(oddities, cell)| oddities.count(cell));
                        let said = cells.first().copied();
                        match self.identities.settle(table, &columns, &mut cells) {
                            Fate::Forgotten => forgotten += 1,
                            Fate::OneOfSeveral(member) => {
                                let id = if let Some(Cell::Text(id)) = said { id } else { "" };
                                several.add(member, id, &cells, (index, line));
                            }
                            Fate::Stays => {
                                places.push(index, line);
                                gathered.push(&cells);
                            }
                        }
                    }
                    Err(Unreadable::Rejected(reason)) => {
                        let raw =
                            String::from_utf8_lossy(&row.fields.iter().collect::<Vec<_>>().join(&b","[..]))
                                .into_owned();
                        let members = header.people(table, &row);
                        self.rejections.add(table, (&file.label, line), reason, members.as_deref(), &raw)?;
                    }
                    Err(Unreadable::KeepsOut(Reason { reason, detail }, absentee)) => {
                        let problem = format!(
                            "line {line} cannot be used: {reason} ({detail}); {absentee}: mend the line"
                        );
                        return Err(Error::Source { table: table.name(), path: file.path.clone(), problem });
                    }
                }
                if gathered.rows() == BATCH {
                    let batch = gathered.batch(&path)?;
                    digests.observe(&batch, with_ids, &path)?;
                    days.observe(&batch);
                    parquet.write(&batch)?;
                }
            }
            for (column, oddities) in columns.iter().zip(oddities) {
                self.notes.extend(oddities.notes(&file.label, column.name_in_files()));
            }
            self.notes.extend(reader.notes());
            if all_rows == rows_before && !file.was_read() {
                self.notes.push(format!("{}: there is a header and no row", file.label));
            }
        }
        let merged = several.merged(&columns, self.excluded_roles).map_err(|(member, (file, line))| {
            let file = usize::try_from(file).ok().and_then(|file| files.get(file));
            let problem = format!(
                "line {line} is of {}, and has a role that is one of exclude-roles, which the member's own row has not: mend the one \
                 that is wrong, or [sources] aliases",
                shown(&member, 60)
            );
            let path = file.map_or_else(PathBuf::new, |file| file.path.clone());
            Error::Source { table: table.name(), path, problem }
        })?;
        for (row, (file, line)) in &merged {
            places.push(*file, *line);
            gathered.push(&cells(row));
        }
        if forgotten > 0 {
            self.notes.push(match forgotten {
                1 => format!("{table}: 1 row of somebody who was forgotten is left out"),
                rows => format!("{table}: {rows} rows of members who were forgotten are left out"),
            });
        }
        let batch = gathered.batch(&path)?;
        digests.observe(&batch, with_ids, &path)?;
        days.observe(&batch);
        parquet.write(&batch)?;
        parquet.finish()?;
        self.rejections.check(table, self.max_rejected, all_rows)?;
        let mut newest_row = days.newest_row();
        if with_ids
            && let Some(surplus) =
                self.drop_surplus((table, all_rows), files, &path, &places, &mut digests, &mut days)?
        {
            newest_row = surplus.nth_that_stays(days.newest_row());
        }
        if days.newest() > self.days.newest() {
            let (file, line) = place(files, &places, newest_row);
            self.newest_place = Some((file.to_owned(), line));
        }
        self.days.add(days);
        Ok(Frozen { rows: digests.sum.rows(), read: all_rows, hash: hash(table, &columns, &digests.sum) })
    }

    /// Takes rows with the same id out of the Parquet file, the digests and the days; answers which, if any.
    fn drop_surplus(
        &mut self,
        (table, all_rows): (Table, u64),
        files: &[SourceFile],
        path: &Path,
        places: &Places,
        digests: &mut Digests,
        days: &mut Days,
    ) -> Result<Option<Surplus>, Error> {
        let place = |row: u64| place(files, places, row);
        let reason = "another row has the same `id` and says something else".to_owned();
        let suspects = duplicates::suspects(path, std::mem::take(&mut digests.ids))?;
        let many = suspects.differing.len() > MANY;
        if many && self.rejections.too_many(table, suspects.at_least, self.max_rejected, all_rows) {
            // There is no need to find out which of them would stay, nor memory perhaps.
            for row in &suspects.differing {
                let reason = Reason { reason: reason.clone(), detail: "one of several".to_owned() };
                self.rejections.add(table, place(*row), reason, None, "")?;
            }
            return self.rejections.check(table, self.max_rejected, all_rows).map(|()| None);
        }
        let surplus = duplicates::find(path, suspects, self.excluded_roles)?;
        if let Some((gone, stays)) = surplus.excluded {
            let ((file, line), (other, at)) = (place(gone), place(stays));
            let problem = format!(
                "line {line} has the same `id` as line {at} of {other} and a role that is one of exclude-roles, which the other has \
                 not: mend the one that is wrong"
            );
            return Err(Error::Source { table: table.name(), path: PathBuf::from(file), problem });
        }
        if surplus.is_empty() {
            return Ok(None);
        }
        *days = Days::default();
        let rest = path.with_extension("rest");
        let rejections = &mut self.rejections;
        let gone = |row: u64, stays: u64, members: &[String], raw: String| {
            let (file, line) = place(stays);
            let detail = format!("the row of {file}, line {line} is the smaller one and stays");
            let reason = Reason { reason: reason.clone(), detail };
            rejections.add(table, place(row), reason, Some(members), &raw)
        };
        let dropped = |form: &[u8]| digests.sum.remove(form);
        duplicates::copy_without(table, &surplus, (path, &rest), |batch| days.observe(batch), dropped, gone)?;
        std::fs::rename(&rest, path).map_err(Error::file("replace", path))?;
        if let Some(first) = surplus.equal.first() {
            let (file, line) = place(*first);
            let what = match surplus.equal.len() {
                1 => "1 row says exactly what another of the same id says, and counts once".to_owned(),
                rows => format!("{rows} rows say exactly what others of the same ids say, and count once"),
            };
            self.notes.push(format!("{table}: {what}; the first stands in {file}, line {line}"));
        }
        self.rejections.check(table, self.max_rejected, all_rows)?;
        Ok(Some(surplus))
    }
}

/// What should be said of a column's values in a file.
#[derive(Clone, Debug, Default)]
struct Oddities {
    too_long: u64,
    /// Values in each of [`UnixUnit::ALL`].
    units: [u64; UnixUnit::ALL.len()],
}

impl Oddities {
    fn count(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::TooLong => self.too_long += 1,
            Cell::Time(_, Some(unit)) => {
                let counts = UnixUnit::ALL.iter().zip(&mut self.units);
                counts.filter(|(known, _)| *known == unit).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }

    fn notes(&self, file: &str, column: &str) -> Vec<String> {
        let column = shown(column, 60);
        let values = |count: u64| if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
        let mut notes = Vec::new();
        if self.too_long > 0 {
            notes.push(format!(
                "{file}: {} of the attribute `{column}` longer than 1,024 bytes: taken as missing",
                values(self.too_long)
            ));
        }
        let units: Vec<String> = UnixUnit::ALL
            .iter()
            .zip(self.units)
            .filter(|(_, count)| *count > 0)
            .map(|(unit, count)| format!("Unix {} ({})", unit.name(), values(count)))
            .collect();
        match units.as_slice() {
            // Seconds are what everybody means.
            [one] if self.units[0] == 0 => {
                notes.push(format!("{file}: `{column}` is taken to be in {one}, by its size"));
            }
            [] | [_] => {}
            several => notes.push(format!(
                "{file}: `{column}` is taken to be in several units, by the size of each value: {}",
                several.join(", ")
            )),
        }
        notes
    }
}

/// The file and the line of a row.
fn place<'f>(files: &'f [SourceFile], places: &Places, row: u64) -> (&'f str, u64) {
    let (file, line) = places.of(row);
    let file = usize::try_from(file).ok().and_then(|file| files.get(file));
    (file.map_or("", |file| file.label.as_str()), line)
}

/// The hash of a table: of its name, its columns and its rows as a multiset.
fn hash(table: Table, columns: &[crate::sources::Column], sum: &Multiset) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut sized = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    sized(table.name().as_bytes());
    sized(&(columns.len() as u64).to_le_bytes());
    for column in columns {
        sized(column.name.as_bytes());
    }
    hasher.update(&sum.rows().to_le_bytes()).update(&sum.bytes());
    hasher.finalize()
}
