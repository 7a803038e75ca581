//! From the fields of a row to typed cells.

use std::fmt;

use csv::ByteRecord;

use super::column::{LONGEST_TEXT, may_be_a_role, may_be_a_wish};
use super::{Column, Flaw, Kind, Line, SourceFile, Table};
use crate::Error;
use crate::nearest::{listed, nearest};
use crate::time::{self, TimeProblem, UnixUnit};
use crate::verb;

/// A value, checked and normalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'r> {
    /// Nothing is said.
    Missing,
    /// An attribute says more than one may; that is taken for nothing.
    TooLong,
    Text(&'r str),
    /// Nanoseconds since 1970, UTC, and the unit that a Unix time seems to have been written in.
    Time(i64, Option<UnixUnit>),
    Number(f64),
    Count(u64),
    Flag(bool),
}

/// Why a row is left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The same for all rows that share the fault.
    pub(crate) reason: String,
    /// What this row says.
    pub(crate) detail: String,
}

/// A row that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is left aside and counted.
    Rejected(Reason),
    /// It is left aside and with it, perhaps, what keeps its member out of the results; so nothing can go on.
    KeepsOut(Reason, Absentee),
}

/// Why a member may have to be kept out of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absentee {
    /// By their own wish.
    OptedOut,
    /// By a role that the community excludes.
    ExcludedRole,
}

impl fmt::Display for Absentee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OptedOut => "its `opted_out` may say yes, and no member's wish to be left out may get lost",
            Self::ExcludedRole => {
                "its `role` may be one of exclude-roles, and nobody who has one may be scored or rewarded"
            }
        })
    }
}

/// Which field of a file's rows belongs to which column.
pub(crate) struct Header {
    columns: Vec<Column>,
    /// For every column, the field that holds it.
    fields: Vec<Option<usize>>,
    of_members: bool,
    opted_out: Option<usize>,
    role: Option<usize>,
    excluded_roles: Vec<String>,
}

impl Header {
    /// Finds the columns in a file's header; rows that may be of one of `excluded_roles` are not left aside.
    ///
    /// # Errors
    ///
    /// Where a needed column is missing or a name occurs twice.
    pub(crate) fn new(
        table: Table,
        columns: Vec<Column>,
        file: &SourceFile,
        names: &[String],
        excluded_roles: &[String],
    ) -> Result<Self, Error> {
        let source = |problem| Error::Source { table: table.name(), path: file.path.clone(), problem };
        let position = |wanted: &str| names.iter().position(|name| name == wanted);
        let twice =
            names.iter().enumerate().find(|(index, name)| !name.is_empty() && position(name) != Some(*index));
        if let Some((_, name)) = twice {
            let hint = if names.iter().any(|name| name.contains('\r')) { CARRIAGE_RETURNS } else { "" };
            return Err(source(format!("the header names the column `{}` twice{hint}", shown(name))));
        }
        let fields: Vec<_> = columns.iter().map(|column| position(column.name_in_files())).collect();
        let missing: Vec<&str> = columns
            .iter()
            .zip(&fields)
            .filter(|(column, field)| column.needed && field.is_none())
            .map(|(column, _)| column.name.as_str())
            .collect();
        if !missing.is_empty() {
            return Err(source(missing_columns(&columns, &missing, names)));
        }
        if table == Table::Members
            && position("opted_out").is_none()
            && let Some(name) = names.iter().find(|name| may_be_a_wish(name))
        {
            return Err(source(format!(
                "the header names a column `{}`, and none `opted_out`: rename it to that, or to something that is less like \
                 it; no member's wish to be left out may get lost",
                shown(name)
            )));
        }
        if table == Table::Members
            && position("role").is_none()
            && let Some(name) = names.iter().find(|name| may_be_a_role(name))
        {
            return Err(source(format!(
                "the header names a column `{}`, and none `role`: rename it to that, or to something that is less like it, \
                 since some roles are not scored",
                shown(name)
            )));
        }
        let of_members = |name| (table == Table::Members).then(|| position(name)).flatten();
        let (opted_out, role) = (of_members("opted_out"), of_members("role"));
        let excluded_roles = excluded_roles.to_vec();
        let of_members = table == Table::Members;
        Ok(Self { columns, fields, of_members, opted_out, role, excluded_roles })
    }

    /// What to say about names in the header that are not columns of the table.
    pub(crate) fn notes(
        table: Table,
        columns: &[Column],
        file: &SourceFile,
        names: &[String],
    ) -> Vec<String> {
        let own: Vec<&str> = columns
            .iter()
            .filter(|column| column.name == column.name_in_files())
            .map(|c| c.name.as_str())
            .collect();
        let free =
            own.iter().copied().filter(|own| !names.iter().any(|name| name == own)).collect::<Vec<_>>();
        let mut notes = Vec::new();
        for name in names.iter().filter(|name| !own.contains(&name.as_str())) {
            let meant = nearest(name, free.iter().copied());
            let doubt = meant.map(|meant| format!("; is `{meant}` meant?")).unwrap_or_default();
            let place = format!("{}: the column", file.label);
            if name.is_empty() {
                notes.push(format!("{place} without a name is not read"));
            } else if table != Table::Members {
                notes.push(format!(
                    "{place} `{}` is not read: {table} have none of that name{doubt}",
                    shown(name)
                ));
            } else if !doubt.is_empty() {
                notes.push(format!("{place} `{}` is taken as an attribute{doubt}", shown(name)));
            }
        }
        notes
    }

    /// The names of a header that are attributes of members.
    pub(crate) fn attributes(names: &[String]) -> impl Iterator<Item = &String> {
        let own = super::columns(Table::Members, &[]);
        names.iter().filter(move |name| !name.is_empty() && !own.iter().any(|column| column.name == **name))
    }

    /// Reads a row's cells, in the order of the columns.
    pub(crate) fn cells<'r>(&self, line: &Line<'r>) -> Result<Vec<Cell<'r>>, Unreadable> {
        self.read(line).map_err(|reason| {
            if self.may_opt_out(line) {
                Unreadable::KeepsOut(reason, Absentee::OptedOut)
            } else if self.may_be_excluded(line) {
                Unreadable::KeepsOut(reason, Absentee::ExcludedRole)
            } else {
                Unreadable::Rejected(reason)
            }
        })
    }

    fn read<'r>(&self, line: &Line<'r>) -> Result<Vec<Cell<'r>>, Reason> {
        let record: &'r ByteRecord = line.fields;
        match &line.flaw {
            None => {}
            Some(Flaw::Ragged(width)) => {
                return Err(Reason {
                    reason: "the row has not as many fields as the header".to_owned(),
                    detail: format!("{} where the header has {width}", fields(record.len())),
                });
            }
            Some(Flaw::Short(needed)) => {
                return Err(Reason {
                    reason: "the row has fewer fields than the map asks for".to_owned(),
                    detail: format!("{}, and the map asks for number {needed}", fields(record.len())),
                });
            }
            Some(Flaw::NoObject(why)) => {
                let reason = "the line is no object of JSON".to_owned();
                return Err(Reason { reason, detail: shown(why) });
            }
        }
        let mut cells = Vec::with_capacity(self.columns.len());
        for (column, field) in self.columns.iter().zip(&self.fields) {
            let bytes = field.and_then(|field| record.get(field)).unwrap_or_default();
            cells.push(cell(column, bytes)?);
        }
        Ok(cells)
    }

    /// Whether a row that cannot be read says, or seems to say, that its member is to be left out.
    fn may_opt_out(&self, line: &Line<'_>) -> bool {
        if self.of_members && matches!(line.flaw, Some(Flaw::NoObject(_))) {
            return true;
        }
        let Some(position) = self.opted_out else { return false };
        let value = |field: &[u8]| flag(&String::from_utf8_lossy(field));
        if line.flaw.is_none() {
            line.fields
                .get(position)
                .is_some_and(|field| !field.trim_ascii().is_empty() && value(field) != Some(false))
        } else {
            // Fields have moved: any word for yes may be the one, the digit 1 too.
            line.fields.iter().any(|field| value(field) == Some(true))
        }
    }

    /// The ids of members that a row names, without what cannot stand in one; `None` where its fields may have moved.
    pub(crate) fn people(&self, table: Table, line: &Line<'_>) -> Option<Vec<String>> {
        if line.flaw.is_some() {
            return None;
        }
        let names = |column: &Column| super::people(table).contains(&column.name.as_str());
        let fields = self.columns.iter().zip(&self.fields).filter(|(column, _)| names(column));
        let ids = fields.filter_map(|(_, field)| line.fields.get((*field)?)).map(|field| {
            let stray = |c: &char| c.is_control() || *c == char::REPLACEMENT_CHARACTER;
            let id: String = String::from_utf8_lossy(field).chars().filter(|c| !stray(c)).collect();
            id.trim().to_owned()
        });
        // What is longer is nobody's id.
        Some(ids.filter(|id| !id.is_empty() && id.len() <= LONGEST_TEXT).collect())
    }

    /// Whether a row that cannot be read has, or seems to have, a role that is excluded.
    fn may_be_excluded(&self, line: &Line<'_>) -> bool {
        let Some(position) = self.role else { return false };
        let excluded = |field: &[u8]| {
            // What cannot stand in a role may be what is wrong with the row.
            let stray = |c: &char| c.is_control() || *c == char::REPLACEMENT_CHARACTER;
            let role: String = String::from_utf8_lossy(field).chars().filter(|c| !stray(c)).collect();
            self.excluded_roles.iter().any(|excluded| excluded == role.trim())
        };
        if line.flaw.is_none() {
            line.fields.get(position).is_some_and(excluded)
        } else {
            line.fields.iter().any(excluded)
        }
    }
}

/// Such a file is one long line to us, which is its header.
const CARRIAGE_RETURNS: &str = "; its lines end in a carriage return alone: save the file with line feeds";

fn missing_columns(columns: &[Column], missing: &[&str], names: &[String]) -> String {
    let plural = if missing.len() == 1 { "column" } else { "columns" };
    let header = names.join(",");
    let mut problem =
        format!("the header lacks the {plural} {}; it is \"{}\"", listed(missing), shown(&header));
    let spare =
        names.iter().map(String::as_str).filter(|name| !columns.iter().any(|column| column.name == *name));
    let first = missing.first().copied().unwrap_or_default();
    if header.contains('\r') {
        problem.push_str(CARRIAGE_RETURNS);
    } else if names.len() == 1
        && let Some(other) = header.chars().find(|c| [';', '\t', '|'].contains(c))
    {
        problem.push_str(&format!("; columns are separated by commas, not by {other:?}"));
    } else if let Some(meant) = nearest(first, spare) {
        problem.push_str(&format!("; rename `{}` to `{first}` if that is meant", shown(meant)));
    }
    problem
}

fn cell<'r>(column: &Column, bytes: &'r [u8]) -> Result<Cell<'r>, Reason> {
    let because = |what: &str, detail: String| Reason {
        reason: format!("`{}` {what}", shown(column.name_in_files())),
        detail,
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(because("is not UTF-8", quoted(&String::from_utf8_lossy(bytes))));
    };
    let text = text.trim();
    if text.is_empty() {
        return match column.kind {
            _ if column.needed => Err(because("is missing", "the field is empty".to_owned())),
            Kind::Weight => Ok(Cell::Number(1.0)),
            Kind::Flag => Ok(Cell::Flag(false)),
            _ => Ok(Cell::Missing),
        };
    }
    if text.len() > LONGEST_TEXT && column.kind == Kind::Text {
        return Ok(Cell::TooLong);
    }
    if text.len() > LONGEST_TEXT {
        let what = "is longer than 1,024 bytes";
        return Err(because(what, format!("{} has {} bytes", quoted(text), text.len())));
    }
    match column.kind {
        Kind::Text => Ok(Cell::Text(text)),
        Kind::Id | Kind::Verb if text.chars().any(char::is_control) => {
            Err(because("holds a control character", quoted(text)))
        }
        Kind::Id => Ok(Cell::Text(text)),
        Kind::Verb if verb::is_verb(text) => Ok(Cell::Text(text)),
        Kind::Verb => Err(because("is not a verb", format!("{}: {}", quoted(text), verb::way_out(text)))),
        Kind::Time => time::read(text).map(|(at, unit)| Cell::Time(at, unit)).map_err(|problem| {
            let what = match problem {
                TimeProblem::Form => "is not a time",
                TimeProblem::Range => "lies outside the years 1678 to 2261",
                TimeProblem::Ambiguous => "may be a date or Unix seconds",
            };
            because(what, format!("{} {}", quoted(text), problem.text()))
        }),
        Kind::Number | Kind::Weight => match text.parse::<f64>() {
            // Minus zero is zero.
            Ok(number) if number.is_finite() => Ok(Cell::Number(number + 0.0)),
            _ => Err(because("is not a finite number", quoted(text))),
        },
        Kind::Count => count(text)
            .map(Cell::Count)
            .ok_or_else(|| because("is not a whole number from 0 on", quoted(text))),
        Kind::Flag => {
            flag(text).map(Cell::Flag).ok_or_else(|| because("is neither true nor false", quoted(text)))
        }
    }
}

/// What a word for yes or no says; `None` where it is neither.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "" | "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Tables whose columns once held missing values come with counts such as `1200.0`.
fn count(text: &str) -> Option<u64> {
    let whole = text.split_once('.').map_or(text, |(whole, zeros)| {
        if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') { whole } else { text }
    });
    whole.bytes().all(|b| b.is_ascii_digit()).then(|| whole.parse().ok()).flatten()
}

fn fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

/// A text as it can be shown, cut after 60 characters.
fn shown(text: &str) -> String {
    groundswell_runtime::shown(text, 60)
}
