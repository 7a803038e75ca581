//! `[[sources.map]]`: what the columns of somebody else's file mean.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use toml::Spanned;
use toml::de::DeValue;

use super::parse::{choice, integer, paths};
use super::section::{Found, Section};
use crate::nearest::{listed, nearest};
use crate::sources::columns;
use crate::time::{UnixUnit, written};
use crate::{Error, Table};

/// A `[[sources.map]]`: files whose rows are not those of a table, and how rows of that table are made of them.
#[derive(Clone, Debug)]
pub struct MapConfig {
    /// The table that the rows belong to.
    pub table: Table,
    /// Paths or globs, as they stand in the file; relative to its folder. Databases of SQLite where there is a query.
    pub files: Vec<String>,
    /// `query`: the rows are those that it answers, and not lines of files.
    pub query: Option<String>,
    /// What stands between fields. Default: a comma.
    pub delimiter: Delimiter,
    /// Whether a field may stand in quotes. Default: where the delimiter is a comma.
    pub quotes: bool,
    /// Lines that begin with this byte are passed over.
    pub comment: Option<u8>,
    /// So many lines at the start are passed over, blank ones and comments not counted. Default: 0.
    pub skip: usize,
    /// Whether the first line names the columns. Default: it does.
    pub header: bool,
    /// What stands for nothing in the file, such as `NA`.
    pub missing: Vec<String>,
    /// What makes several rows of one line; each row then holds one of the values.
    pub each: Option<Each>,
    /// What each column of the table, or attribute of a member, is made of. Empty where the file's columns have the table's
    /// names.
    pub columns: BTreeMap<String, MapColumn>,
    /// Rows are taken where each of these columns of the file holds one of the values.
    pub only: Vec<(FileColumn, Vec<String>)>,
    /// What the values of the column `verb` mean. Others are verbs as they stand.
    pub verbs: BTreeMap<String, String>,
    /// How times are written.
    pub time: TimeForm,
}

/// What stands between the fields of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delimiter {
    /// This byte.
    Byte(u8),
    /// Any number of blanks and tabs, also before the first field.
    Blanks,
}

/// What a column of a table is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapColumn {
    /// The same text in every row.
    Constant(String),
    /// A column of the file.
    Column(FileColumn),
    /// Text with columns of the file in it; nothing where one of them is empty.
    Template(Vec<TemplatePart>),
}

/// What makes several rows of one line: a row for each value that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Each {
    /// The values of these columns.
    Columns(Vec<FileColumn>),
    /// The values from this column on, counted from 1, to the end of the line.
    Rest(usize),
    /// The values in one column, with this text between them.
    Split(FileColumn, String),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplatePart {
    /// As it stands.
    Text(String),
    /// What a column of the file holds.
    Column(FileColumn),
    /// `{}`: the value of [`MapConfig::each`] that the row is about.
    Each,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileColumn {
    /// By its name in the header.
    Name(String),
    /// By its place, counted from 1.
    Number(usize),
}

impl std::fmt::Display for FileColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// How the times of a file are written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TimeForm {
    /// RFC 3339, dates, or Unix times whose size tells their unit.
    #[default]
    Any,
    /// Unix times of this unit: `"unix-milliseconds"`.
    Unix(UnixUnit),
    /// So many days and so on since a moment: `"months since 1953-11-01"`. Of months and years only whole ones.
    Since(Span, DateTime),
    /// As this pattern of strftime says, in UTC where it has no zone: `"%d.%m.%Y %H:%M"`.
    Pattern(String),
}

/// The unit of times that count from a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
#[non_exhaustive]
pub enum Span {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

const SPANS: [(&str, Span); 7] = [
    ("seconds", Span::Seconds),
    ("minutes", Span::Minutes),
    ("hours", Span::Hours),
    ("days", Span::Days),
    ("weeks", Span::Weeks),
    ("months", Span::Months),
    ("years", Span::Years),
];

const KEYS: [&str; 17] = [
    "table",
    "files",
    "sqlite",
    "query",
    "delimiter",
    "quotes",
    "comment",
    "skip",
    "header",
    "missing",
    "each",
    "split",
    "columns",
    "constants",
    "where",
    "verbs",
    "time",
];

/// All maps, in the order of the file.
pub(super) fn maps(sources: &Section<'_>) -> Result<Vec<MapConfig>, Error> {
    let Some(found) = sources.get("map") else { return Ok(Vec::new()) };
    let DeValue::Array(list) = found.get_ref() else {
        return Err(sources.mistyped("map", found, "a list of tables", "[[sources.map]]"));
    };
    list.iter().map(|one| map(sources, one)).collect()
}

fn map(sources: &Section<'_>, found: &Spanned<DeValue<'_>>) -> Result<MapConfig, Error> {
    let section = Section::of(sources.file, "[[sources.map]]", found, &KEYS)?;
    let tables = Table::ALL.map(|table| (table.name(), table));
    if section.get("table").is_none() {
        return Err(section.missing("table", "\"activities\""));
    }
    let table = choice(&section, "table", &tables, Table::Activities)?;
    let (files, query) = files(&section)?;
    let delimiter = delimiter(&section)?;
    let comment = one_byte(&section, "comment", "\"#\"")?;
    let usual = delimiter == Delimiter::Byte(b',') && comment.is_none();
    let quotes = section.flag("quotes")?.unwrap_or(usual);
    if quotes && (comment.is_some() || delimiter == Delimiter::Blanks) {
        let message = "quotes go neither with comments nor with blanks between fields";
        let place = section.get("quotes").map_or_else(|| section.header(), Spanned::span);
        return Err(section.file.error(place, message, Some("leave `quotes` out".to_owned())));
    }
    let header = section.flag("header")?.unwrap_or(true);
    let missing = section.texts("missing", "[\"NA\"]")?.unwrap_or_default();
    let missing = missing.into_iter().map(|text| text.value.to_owned()).collect();
    let each = each(&section, header)?;
    let columns = made_of(&section, table, header, each.is_some())?;
    let skip = skip(&section)?;
    let only = only(&section, header)?;
    if table == Table::Members && !only.is_empty() {
        let place = section.get("where").map_or_else(|| section.header(), Spanned::span);
        let message = "a map of members passes over nobody: a wish to be left out may stand in any line";
        let help =
            "leave `where` out; members without activities are not in the population anyway".to_owned();
        return Err(section.file.error(place, message, Some(help)));
    }
    let composed = |name: &&&str| matches!(columns.get(**name), Some(MapColumn::Template(_)));
    if table == Table::Members
        && let Some(name) = ["opted_out", "role"].iter().find(composed)
    {
        let message =
            format!("`{name}` cannot be composed: it has to be seen in lines too that cannot be read");
        let help = format!("name a column of the file, {name} = \"…\", or give all the same in `constants`");
        return Err(section.file.error(section.header(), message, Some(help)));
    }
    let verbs = texts(&section, "verbs")?;
    let time = time(&section)?;
    Ok(MapConfig {
        table,
        files,
        query,
        delimiter,
        quotes,
        comment,
        skip,
        header,
        missing,
        each,
        columns,
        only,
        verbs,
        time,
    })
}

/// `files`, or `sqlite` and `query`.
fn files(section: &Section<'_>) -> Result<(Vec<String>, Option<String>), Error> {
    let files = paths(section, "files", "\"votes.tsv\"")?;
    let databases = paths(section, "sqlite", "\"chat.db\"")?;
    let query = section.text("query", "\"select …\"")?;
    let wrong = |key: &str, message: &str, help: &str| {
        let place = section.get(key).map_or_else(|| section.header(), Spanned::span);
        section.file.error(place, message, Some(help.to_owned()))
    };
    let query = match (&databases, query) {
        (Some(_), None) => return Err(section.missing("query", "\"select * from messages\"")),
        (None, Some(_)) => {
            return Err(wrong(
                "query",
                "`query` without `sqlite`",
                "name the database: sqlite = \"chat.db\"",
            ));
        }
        (None, None) => None,
        (Some(_), Some(query)) if query.value.trim().is_empty() || query.value.contains('\0') => {
            let message = "`query` is no query";
            return Err(wrong("query", message, "such as \"select sender, sent_at from messages\""));
        }
        (Some(_), Some(query)) => Some(query.value.to_owned()),
    };
    if databases.is_some() && files.is_some() {
        return Err(wrong(
            "files",
            "`files` and `sqlite`",
            "a map has one of the two; write another map for the other",
        ));
    }
    let of_lines = ["delimiter", "quotes", "comment", "skip", "header"];
    if let Some(key) = of_lines.into_iter().find(|key| query.is_some() && section.get(key).is_some()) {
        let message = format!("`{key}` says how lines are written, and the rows of a query are none");
        return Err(wrong(key, &message, "leave it out"));
    }
    let files = databases.or(files).ok_or_else(|| section.missing("files", "\"votes.tsv\""))?;
    Ok((files, query))
}

fn skip(section: &Section<'_>) -> Result<usize, Error> {
    let Some(found) = section.get("skip") else { return Ok(0) };
    let number = match found.get_ref() {
        DeValue::Integer(number) => integer(number).and_then(|number| usize::try_from(number).ok()),
        _ => None,
    };
    number.ok_or_else(|| section.mistyped("skip", found, "a number of lines", "1"))
}

/// `each`, and what stands between the values of one column: `split`.
fn each(section: &Section<'_>, header: bool) -> Result<Option<Each>, Error> {
    let split = section.text("split", "\";\"")?;
    let Some(found) = section.get("each") else {
        return match split {
            None => Ok(None),
            Some(split) => {
                let message = "`split` without `each`";
                let help = "name the column that holds several values: each = \"mentions\"".to_owned();
                Err(section.file.error(split.span, message, Some(help)))
            }
        };
    };
    let split = split.filter(|split| !split.value.is_empty()).map(|split| split.value.to_owned());
    let one = |found: &Spanned<DeValue<'_>>| file_column(section, "each", found, header);
    Ok(Some(match (found.get_ref(), split) {
        (_, Some(split)) => Each::Split(one(found)?, split),
        (DeValue::Array(list), None) => Each::Columns(list.iter().map(one).collect::<Result<_, _>>()?),
        (DeValue::String(text), None) => {
            let rest = text.strip_suffix("..").and_then(|from| from.parse().ok()).filter(|from| *from > 0);
            match rest {
                Some(from) => Each::Rest(from),
                None => {
                    let message = "`each` names one column, and nothing that stands between its values";
                    let help =
                        "add split = \";\", or write a list of columns, or \"3..\" for all from the third on";
                    return Err(section.file.error(found.span(), message, Some(help.to_owned())));
                }
            }
        }
        _ => return Err(section.mistyped("each", found, "a list of columns", "[\"friend1\", \"friend2\"]")),
    }))
}

fn delimiter(section: &Section<'_>) -> Result<Delimiter, Error> {
    let example = "\",\", \"\\t\" or \"blanks\"";
    let Some(found) = section.text("delimiter", example)? else { return Ok(Delimiter::Byte(b',')) };
    match found.value {
        "blanks" => Ok(Delimiter::Blanks),
        _ => one_byte(section, "delimiter", example).map(|byte| Delimiter::Byte(byte.unwrap_or(b','))),
    }
}

fn one_byte(section: &Section<'_>, key: &str, example: &str) -> Result<Option<u8>, Error> {
    let Some(found) = section.text(key, example)? else { return Ok(None) };
    match found.value.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | b'"') => Ok(Some(*byte)),
        _ => {
            let message =
                format!("`{key}` must be one character of ASCII, not \"{}\"", found.value.escape_debug());
            Err(section.file.error(found.span, message, Some(format!("such as {example}"))))
        }
    }
}

/// What the columns of the table are made of: `columns` and `constants`.
fn made_of(
    section: &Section<'_>,
    table: Table,
    header: bool,
    has_each: bool,
) -> Result<BTreeMap<String, MapColumn>, Error> {
    let own = columns(table, &[]);
    let inside = |key: &str| Section::inside(section, key, format!("`{key}` of [[sources.map]]"), &[]);
    let named = |part: &Section<'_>, name: &Found<&str>| -> Result<String, Error> {
        if own.iter().any(|column| column.name == name.value)
            || table == Table::Members && !name.value.is_empty()
        {
            return Ok(name.value.to_owned());
        }
        let message = format!("{table} have no column `{}`", name.value.escape_debug());
        let names = || own.iter().map(|column| column.name.as_str());
        let help = match nearest(name.value, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("they have {}; to the left stands the table's column", listed(names())),
        };
        Err(part.file.error(name.span.clone(), message, Some(help)))
    };
    let mut made: BTreeMap<String, MapColumn> = BTreeMap::new();
    let part = inside("columns")?;
    for (name, found) in part.entries() {
        made.insert(named(&part, &name)?, column(&part, name.value, found, header)?);
    }
    let about_each = |column: &MapColumn| matches!(column, MapColumn::Template(parts) if parts.contains(&TemplatePart::Each));
    if made.values().any(about_each) != has_each {
        let (message, help) = if has_each {
            ("no column is made of what `each` names", "write {} for it: columns = { recipient = \"{}\" }")
        } else {
            (
                "`{}` stands for one value of `each`, which is not there",
                "add each = [\"friend1\", \"friend2\"]",
            )
        };
        return Err(section.file.error(section.header(), message, Some(help.to_owned())));
    }
    let constants = inside("constants")?;
    for (name, found) in constants.entries() {
        let column = named(&constants, &name)?;
        let value = match found.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Datetime(moment) => moment.to_string(),
            _ => return Err(constants.mistyped(name.value, found, "text, a number or a time", "\"vote\"")),
        };
        if made.contains_key(&column) {
            let message = format!("`{column}` stands in `columns` too");
            return Err(constants.file.error(name.span, message, Some("keep one of the two".to_owned())));
        }
        made.insert(column, MapColumn::Constant(value));
    }
    // Without `columns`, those of the table's own names count, and none is needed here.
    let nameless = part.is_there() || !header;
    let lacking = own.iter().filter(|column| column.needed && !made.contains_key(&column.name));
    let lacking: Vec<&str> = lacking.map(|column| column.name.as_str()).filter(|_| nameless).collect();
    if let Some(first) = lacking.first() {
        let message = format!("[[sources.map]] of {table} says nothing of {}", listed(&lacking));
        let help = format!(
            "name the file's column, columns = {{ {first} = \"…\" }}, or give every row the same, constants = {{ {first} = \"…\" }}"
        );
        return Err(section.file.error(section.header(), message, Some(help)));
    }
    Ok(made)
}

/// What stands behind a name in `columns`.
fn column(
    section: &Section<'_>,
    name: &str,
    found: &Spanned<DeValue<'_>>,
    header: bool,
) -> Result<MapColumn, Error> {
    match found.get_ref() {
        DeValue::String(text) if text.contains(['{', '}']) => template(section, found, text, header),
        _ => file_column(section, name, found, header).map(MapColumn::Column),
    }
}

/// A column of the file, by name or by number.
fn file_column(
    section: &Section<'_>,
    name: &str,
    found: &Spanned<DeValue<'_>>,
    header: bool,
) -> Result<FileColumn, Error> {
    let example = if header { "\"the file's name for it\", or its number" } else { "1" };
    match found.get_ref() {
        DeValue::Integer(number) => {
            let place = integer(number).and_then(|number| usize::try_from(number).ok());
            place.filter(|place| *place > 0).map(FileColumn::Number).ok_or_else(|| {
                let message = "columns are counted from 1";
                section.file.error(found.span(), message, None)
            })
        }
        DeValue::String(text) if header && !text.trim().is_empty() => {
            Ok(FileColumn::Name(text.trim().to_owned()))
        }
        DeValue::String(_) if !header => {
            let message = "without a header, columns have numbers and no names";
            let help = "write 1 for the first, \"{1}-{2}\" for two together".to_owned();
            Err(section.file.error(found.span(), message, Some(help)))
        }
        _ => Err(section.mistyped(name, found, "a column of the file", example)),
    }
}

/// `"{village}-{id}"`.
fn template(
    section: &Section<'_>,
    found: &Spanned<DeValue<'_>>,
    text: &str,
    header: bool,
) -> Result<MapColumn, Error> {
    let wrong = |message: String| {
        let help = "columns of the file stand in braces, as in \"{village}-{id}\"".to_owned();
        section.file.error(found.span(), message, Some(help))
    };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            parts.push(TemplatePart::Text(before.to_owned()));
        }
        let inside = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let Some((name, behind)) = inside.filter(|(name, _)| !name.contains('{')) else {
            return Err(wrong("a brace has no other one".to_owned()));
        };
        let name = name.trim();
        parts.push(TemplatePart::Column(match name.parse::<usize>() {
            _ if name.is_empty() => {
                parts.push(TemplatePart::Each);
                rest = behind;
                continue;
            }
            Ok(number) if number > 0 => FileColumn::Number(number),
            _ if header => FileColumn::Name(name.to_owned()),
            _ => return Err(wrong(format!("`{{{}}}` is no column of the file", name.escape_debug()))),
        }));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(TemplatePart::Text(rest.to_owned()));
    }
    Ok(MapColumn::Template(parts))
}

/// `where`: which rows are taken.
fn only(section: &Section<'_>, header: bool) -> Result<Vec<(FileColumn, Vec<String>)>, Error> {
    let part = Section::inside(section, "where", "`where` of [[sources.map]]", &[])?;
    part.entries()
        .map(|(name, found)| {
            let column = match name.value.parse::<usize>() {
                Ok(number) if number > 0 && !header => FileColumn::Number(number),
                _ if header => FileColumn::Name(name.value.to_owned()),
                _ => {
                    let message = "without a header, columns have numbers and no names";
                    return Err(part.file.error(name.span, message, None));
                }
            };
            let value = |value: &DeValue<'_>| match value {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(number) => Some(number.to_string()),
                DeValue::Float(number) => Some(number.to_string()),
                DeValue::Boolean(value) => Some(value.to_string()),
                _ => None,
            };
            let values = match found.get_ref() {
                DeValue::Array(list) => list.iter().map(|one| value(one.get_ref())).collect(),
                one => value(one).map(|one| vec![one]),
            };
            let wrong = || part.mistyped(name.value, found, "a value or a list of values", "[\"1\", \"2\"]");
            Ok((column, values.ok_or_else(wrong)?))
        })
        .collect()
}

fn texts(section: &Section<'_>, key: &str) -> Result<BTreeMap<String, String>, Error> {
    let part = Section::inside(section, key, format!("`{key}` of [[sources.map]]"), &[])?;
    part.entries()
        .map(|(name, found)| {
            let text = found.get_ref().as_str();
            let text = text.ok_or_else(|| part.mistyped(name.value, found, "a verb", "\"endorse\""))?;
            if crate::verb::is_verb(text) {
                return Ok((name.value.to_owned(), text.to_owned()));
            }
            let message = format!("there is no verb `{}`", text.escape_debug());
            Err(part.file.error(found.span(), message, Some(crate::verb::way_out(text))))
        })
        .collect()
}

fn time(section: &Section<'_>) -> Result<TimeForm, Error> {
    let example = "\"unix-milliseconds\", \"%d.%m.%Y\" or \"days since 2020-01-01\"";
    let Some(found) = section.text("time", example)? else { return Ok(TimeForm::Any) };
    let text = found.value.trim();
    let unix = UnixUnit::ALL.into_iter().find(|unit| text.strip_prefix("unix-") == Some(unit.name()));
    if let Some(unit) = unix {
        return Ok(TimeForm::Unix(unit));
    }
    let wrong = |what: &str| {
        let message = format!("`time` cannot be \"{}\"{what}", text.escape_debug());
        section.file.error(found.span.clone(), message, Some(format!("such as {example}")))
    };
    if let Some((span, origin)) = text.split_once(" since ") {
        let span = SPANS.iter().find(|(name, _)| *name == span.trim()).map(|(_, span)| *span);
        let origin = origin.trim();
        let moment = origin.parse::<DateTime>().ok().or_else(|| {
            origin.parse::<Date>().ok().map(|date| date.to_datetime(jiff::civil::Time::midnight()))
        });
        let moment = moment.filter(|_| written(origin).is_ok());
        return span.zip(moment).map(|(span, moment)| TimeForm::Since(span, moment)).ok_or_else(|| wrong(""));
    }
    if text.contains('%') {
        let moment = DateTime::constant(2020, 5, 31, 12, 0, 0, 0);
        let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC);
        return match zoned.map(|zoned| jiff::fmt::strtime::format(text, &zoned)) {
            Ok(Ok(_)) => Ok(TimeForm::Pattern(text.to_owned())),
            Ok(Err(error)) => Err(wrong(&format!(": {error}"))),
            Err(error) => Err(wrong(&format!(": {error}"))),
        };
    }
    Err(wrong(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_communities_names_every_key() {
        let page = include_str!("../../../../examples/communities/README.md");
        let (_, page) = page.split_once("## Maps").unwrap();
        for key in KEYS.into_iter().chain(SPANS.map(|(name, _)| name)) {
            let names = [format!("`{key}`"), format!("{key},"), format!("{key})"), format!("{key} since")];
            assert!(names.iter().any(|name| page.contains(name)), "{key}");
        }
    }
}
