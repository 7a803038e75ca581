//! Rows of a table, made of the rows of a file whose columns mean something else.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use csv::ByteRecord;
use groundswell_runtime::shown;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::column::{Kind, may_be_a_role, may_be_a_wish};
use super::{Flaw, Line, Reading, SourceFile, Table, columns};
use crate::config::{Delimiter, Each, FileColumn, MapColumn, MapConfig, Span, TemplatePart, TimeForm};
use crate::nearest::{listed, nearest};
use crate::{Error, time};

/// Reads a file and hands out rows of a table.
pub(super) struct Mapped<'m> {
    map: Arc<MapConfig>,
    label: String,
    reader: Box<dyn Reading + 'm>,
    header: Vec<String>,
    made: Vec<Made>,
    each: Option<Several>,
    /// The names in the file's header.
    names: usize,
    /// Fields that a line without a header needs: up to the last one that is asked for.
    least: usize,
    /// Of members: what keeps all of them out, if anything does, to be seen in lines too that cannot be read.
    keeps_out: Vec<Vec<u8>>,
    /// Fields, and the values that rows are taken for.
    only: Vec<(usize, Vec<String>)>,
    /// Places of times, and of the verb, among the columns.
    times: Vec<usize>,
    verb: Option<usize>,
    /// The line at hand, and where it starts.
    fields: ByteRecord,
    number: u64,
    /// The values of `each` that rows are still to be made of.
    waiting: VecDeque<Vec<u8>>,
    record: ByteRecord,
    /// Lines that `where` passes over, and those that make no row.
    passed_over: u64,
    without_rows: u64,
}

/// What a column is made of, by the places of fields.
enum Made {
    Constant(Vec<u8>),
    Field(usize),
    /// A field as it stands, whatever stands for nothing elsewhere.
    Raw(usize),
    Template(Vec<Part>),
}

enum Part {
    Text(Vec<u8>),
    Field(usize),
    Each,
}

/// What makes several rows of a line, by the places of fields.
enum Several {
    Fields(Vec<usize>),
    Rest(usize),
    Split(usize, Vec<u8>),
}

impl<'m> Mapped<'m> {
    /// Finds the columns that the map speaks of among those of a file that is opened.
    pub(super) fn new(
        map: &Arc<MapConfig>,
        file: &SourceFile,
        reader: Box<dyn Reading + 'm>,
    ) -> Result<Self, Error> {
        let names: Vec<String> = match map.delimiter {
            Delimiter::Byte(_) => reader.header().to_vec(),
            Delimiter::Blanks => {
                reader.header().iter().flat_map(|name| name.split_whitespace()).map(str::to_owned).collect()
            }
        };
        let source =
            |problem: String| Error::Source { table: map.table.name(), path: file.path.clone(), problem };
        let places = Places { names: &names };
        let own = columns(map.table, &[]);
        // Without `columns` the file's own names count.
        let by_name =
            map.header && map.columns.values().all(|column| matches!(column, MapColumn::Constant(_)));
        let mut header = Vec::new();
        let mut made = Vec::new();
        for (name, column) in &map.columns {
            header.push(name.clone());
            let made_of = places.made(column).map_err(source)?;
            made.push(match made_of {
                Made::Field(place) if keeps_out(map.table, name) => Made::Raw(place),
                other => other,
            });
        }
        for (place, name) in names.iter().enumerate().filter(|_| by_name) {
            let belongs = map.table == Table::Members || own.iter().any(|column| column.name == *name);
            if belongs && !name.is_empty() && !header.contains(name) {
                header.push(name.clone());
                made.push(if keeps_out(map.table, name) { Made::Raw(place) } else { Made::Field(place) });
            }
        }
        let lacking = own.iter().filter(|column| column.needed && !header.contains(&column.name));
        let lacking: Vec<&str> = lacking.map(|column| column.name.as_str()).collect();
        if let Some(first) = lacking.first() {
            return Err(source(format!(
                "the header has no column {}, and [[sources.map]] does not say what they are made of; it is \"{}\": {}",
                listed(&lacking),
                shown(&names.join(","), 300),
                delimited_otherwise(&names)
                    .unwrap_or_else(|| format!("write, for example, columns = {{ {first} = \"…\" }}"))
            )));
        }
        let unsaid = |wanted: &str, found: &dyn Fn(&String) -> bool| {
            let said = map.table != Table::Members || header.iter().any(|name| name == wanted);
            names.iter().find(|name| !said && found(name)).map(|name| shown(name, 60))
        };
        if let Some(name) = unsaid("opted_out", &|name| may_be_a_wish(name)) {
            return Err(source(format!(
                "the header names a column `{name}`, and the map says nothing of `opted_out`: add it to `columns`; no member's \
                 wish to be left out may get lost"
            )));
        }
        if let Some(name) = unsaid("role", &|name| may_be_a_role(name)) {
            return Err(source(format!(
                "the header names a column `{name}`, and the map says nothing of `role`: add it to `columns`, since some roles are \
                 not scored"
            )));
        }
        let each = map.each.as_ref().map(|each| places.several(each)).transpose().map_err(source)?;
        let only = map.only.iter().map(|(column, values)| Ok((places.of(column)?, values.clone())));
        let only = only.collect::<Result<Vec<_>, _>>().map_err(source)?;
        let least = least(&made, each.as_ref(), &only);
        let keeps_out = header.iter().zip(&made).filter_map(|(name, made)| match made {
            Made::Constant(value) if keeps_out(map.table, name) => Some(value.clone()),
            _ => None,
        });
        let keeps_out = keeps_out.collect();
        let is_time =
            |name: &String| own.iter().any(|column| column.name == *name && column.kind == Kind::Time);
        let times = header.iter().enumerate().filter(|(_, name)| is_time(name)).map(|(at, _)| at).collect();
        let verb = header.iter().position(|name| name == "verb").filter(|_| !map.verbs.is_empty());
        Ok(Self {
            map: Arc::clone(map),
            label: file.label.clone(),
            reader,
            header,
            made,
            each,
            names: names.len(),
            least,
            keeps_out,
            only,
            times,
            verb,
            fields: ByteRecord::new(),
            number: 0,
            waiting: VecDeque::new(),
            record: ByteRecord::new(),
            passed_over: 0,
            without_rows: 0,
        })
    }

    /// Takes the file's next line, where there is one; answers whether there is, and what is wrong with it.
    fn take_line(&mut self) -> Result<Option<Option<Flaw>>, Error> {
        let line = loop {
            let Some(line) = self.reader.next()? else { return Ok(None) };
            // The reader takes what stands between blanks for fields without anything in them.
            let blank = self.map.delimiter == Delimiter::Blanks
                && line.fields.iter().all(|field| field.trim_ascii().is_empty());
            if !blank {
                break line;
            }
        };
        self.number = line.number;
        self.fields.clear();
        let mut push = |field: &[u8]| self.fields.push_field(field);
        match self.map.delimiter {
            Delimiter::Byte(_) => line.fields.iter().map(<[u8]>::trim_ascii).for_each(&mut push),
            Delimiter::Blanks => {
                let words = line.fields.iter().flat_map(|field| field.split(u8::is_ascii_whitespace));
                words.filter(|word| !word.is_empty()).for_each(&mut push);
            }
        }
        let found = self.fields.len();
        // The reader counts blanks, not words.
        let flaw = match line.flaw {
            Some(flaw @ Flaw::NoObject(_)) => Some(flaw),
            _ if self.names > 0 => (found != self.names).then_some(Flaw::Ragged(self.names)),
            _ => (found < self.least).then_some(Flaw::Short(self.least)),
        };
        if flaw.is_some() {
            self.keeps_out.iter().for_each(|value| self.fields.push_field(value));
        }
        Ok(Some(flaw))
    }

    /// What a field holds, if that does not stand for nothing.
    fn field(&self, place: usize) -> &[u8] {
        let field = self.fields.get(place).unwrap_or_default();
        if self.map.missing.iter().any(|missing| missing.as_bytes() == field) { b"" } else { field }
    }

    fn is_asked_for(&self) -> bool {
        self.only.iter().all(|(place, values)| {
            let field = self.fields.get(*place).unwrap_or_default();
            values.iter().any(|value| value.as_bytes() == field)
        })
    }

    /// What rows are made of at a line.
    fn several(&self, each: &Several) -> VecDeque<Vec<u8>> {
        let field = |place: &usize| self.field(*place).to_vec();
        let all: Vec<Vec<u8>> = match each {
            Several::Fields(places) => places.iter().map(field).collect(),
            Several::Rest(from) => (*from..self.fields.len()).map(|place| field(&place)).collect(),
            Several::Split(place, separator) => parts(&field(place), separator),
        };
        all.into_iter().filter(|value| !value.is_empty()).collect()
    }

    /// Makes a row of the line at hand; `one` is the value of `each` that it is about.
    fn make(&mut self, one: &[u8]) {
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        let mut text = Vec::new();
        for (at, made) in self.made.iter().enumerate() {
            let value: &[u8] = match made {
                Made::Constant(value) => value,
                Made::Raw(place) => self.fields.get(*place).unwrap_or_default(),
                Made::Field(place) => self.field(*place),
                Made::Template(parts) => {
                    filled(parts, |place| self.field(place), one, &mut text);
                    &text
                }
            };
            if self.verb == Some(at)
                && let Some(verb) =
                    std::str::from_utf8(value).ok().and_then(|value| self.map.verbs.get(value))
            {
                record.push_field(verb.as_bytes());
            } else if self.times.contains(&at) && !matches!(made, Made::Constant(_)) && !value.is_empty() {
                match std::str::from_utf8(value).ok().and_then(|value| moment(&self.map.time, value)) {
                    Some(moment) => record.push_field(moment.as_bytes()),
                    None => record.push_field(value),
                }
            } else {
                record.push_field(value);
            }
        }
        self.record = record;
    }
}

impl Reading for Mapped<'_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        loop {
            if let Some(one) = self.waiting.pop_front() {
                self.make(&one);
                return Ok(Some(Line { number: self.number, fields: &self.record, flaw: None }));
            }
            match self.take_line()? {
                None => return Ok(None),
                Some(flaw @ Some(_)) => {
                    return Ok(Some(Line { number: self.number, fields: &self.fields, flaw }));
                }
                Some(None) => {}
            }
            if !self.is_asked_for() {
                self.passed_over += 1;
                continue;
            }
            let Some(each) = &self.each else {
                self.make(&[]);
                return Ok(Some(Line { number: self.number, fields: &self.record, flaw: None }));
            };
            self.waiting = self.several(each);
            self.without_rows += u64::from(self.waiting.is_empty());
        }
    }

    fn notes(&self) -> Vec<String> {
        let lines = |count: u64| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
        let mut notes = Vec::new();
        if self.passed_over > 0 {
            notes.push(format!("{}: passed over by `where`: {}", self.label, lines(self.passed_over)));
        }
        if self.without_rows > 0 {
            let lines = lines(self.without_rows);
            notes.push(format!("{}: nothing where `each` looks, and so no row: {lines}", self.label));
        }
        notes
    }
}

/// Whether a column may keep a member out of the results.
fn keeps_out(table: Table, column: &str) -> bool {
    table == Table::Members && ["opted_out", "role"].contains(&column)
}

/// What to write where all of a header seems to be one name, since something else stands between its names.
fn delimited_otherwise(names: &[String]) -> Option<String> {
    let [one] = names else { return None };
    let between = one.chars().find(|c| [',', ';', '\t', '|'].contains(c))?;
    Some(format!(
        "its columns seem to be separated by {between:?}: write delimiter = {:?}",
        between.to_string()
    ))
}

/// How many fields a line has at least that all that is asked for stands in.
fn least(made: &[Made], each: Option<&Several>, only: &[(usize, Vec<String>)]) -> usize {
    let of_made = made.iter().flat_map(|made| match made {
        Made::Constant(_) => Vec::new(),
        Made::Field(place) | Made::Raw(place) => vec![*place],
        Made::Template(parts) => parts
            .iter()
            .filter_map(|part| match part {
                Part::Field(place) => Some(*place),
                Part::Text(_) | Part::Each => None,
            })
            .collect(),
    });
    let of_each = match each {
        Some(Several::Fields(places)) => places.clone(),
        Some(Several::Split(place, _)) => vec![*place],
        Some(Several::Rest(_)) | None => Vec::new(),
    };
    let places = of_made.chain(of_each).chain(only.iter().map(|(place, _)| *place));
    places.map(|place| place + 1).max().unwrap_or(0)
}

/// Text with fields in it; nothing where one of them is empty.
fn filled<'f>(parts: &[Part], field: impl Fn(usize) -> &'f [u8], one: &[u8], text: &mut Vec<u8>) {
    text.clear();
    for part in parts {
        match part {
            Part::Text(words) => text.extend(words),
            Part::Each => text.extend(one),
            Part::Field(place) => {
                let value = field(*place);
                if value.is_empty() {
                    text.clear();
                    return;
                }
                text.extend(value);
            }
        }
    }
}

/// The parts of a text between separators, without blanks around them.
fn parts(text: &[u8], separator: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(Range { start, end }) =
        memchr::memmem::find(rest, separator).map(|at| at..at + separator.len())
    {
        all.push(rest.get(..start).unwrap_or_default().trim_ascii().to_vec());
        rest = rest.get(end..).unwrap_or_default();
    }
    all.push(rest.trim_ascii().to_vec());
    all
}

/// Finds columns of a file.
struct Places<'a> {
    /// None where the file has no header.
    names: &'a [String],
}

impl Places<'_> {
    fn made(&self, column: &MapColumn) -> Result<Made, String> {
        Ok(match column {
            MapColumn::Constant(text) => Made::Constant(text.clone().into_bytes()),
            MapColumn::Column(column) => Made::Field(self.of(column)?),
            MapColumn::Template(parts) => {
                let part = |part: &TemplatePart| {
                    Ok(match part {
                        TemplatePart::Text(text) => Part::Text(text.clone().into_bytes()),
                        TemplatePart::Column(column) => Part::Field(self.of(column)?),
                        TemplatePart::Each => Part::Each,
                    })
                };
                Made::Template(parts.iter().map(part).collect::<Result<_, String>>()?)
            }
        })
    }

    fn several(&self, each: &Each) -> Result<Several, String> {
        Ok(match each {
            Each::Columns(columns) => {
                Several::Fields(columns.iter().map(|column| self.of(column)).collect::<Result<_, _>>()?)
            }
            Each::Rest(from) => Several::Rest(from - 1),
            Each::Split(column, separator) => {
                Several::Split(self.of(column)?, separator.clone().into_bytes())
            }
        })
    }

    fn of(&self, column: &FileColumn) -> Result<usize, String> {
        match column {
            FileColumn::Number(number) if !self.names.is_empty() && *number > self.names.len() => {
                Err(format!(
                    "the header has {} columns; [[sources.map]] asks for number {number}",
                    self.names.len()
                ))
            }
            FileColumn::Number(number) => Ok(number - 1),
            FileColumn::Name(name) => self.names.iter().position(|known| known == name).ok_or_else(|| {
                let otherwise = delimited_otherwise(self.names);
                let way_out = match (otherwise, nearest(name, self.names.iter().map(String::as_str))) {
                    (Some(otherwise), _) => {
                        format!("it is \"{}\": {otherwise}", shown(&listed(self.names), 300))
                    }
                    (None, Some(meant)) => format!("is `{}` meant?", shown(meant, 60)),
                    (None, None) => format!("it has {}", shown(&listed(self.names), 300)),
                };
                format!(
                    "the header has no column `{}`, which [[sources.map]] asks for; {way_out}",
                    shown(name, 60)
                )
            }),
        }
    }
}

/// A time as a table has it; `None` where it stands as it is. What is not of the form is told so, and read as no time.
fn moment(form: &TimeForm, text: &str) -> Option<String> {
    let read = match form {
        TimeForm::Any => return None,
        TimeForm::Unix(unit) => time::unix(text, *unit).and_then(Result::ok),
        TimeForm::Since(span, origin) => since(*span, *origin, text),
        TimeForm::Pattern(pattern) => by_pattern(pattern, text),
    };
    Some(read.map_or_else(|| format!("{text} (not as `time` of the map says)"), time::rfc3339))
}

/// Reads a time that is written as a pattern of strftime says, in UTC where it has no zone; nanoseconds since 1970.
pub(crate) fn by_pattern(pattern: &str, text: &str) -> Option<i64> {
    let parsed = jiff::fmt::strtime::parse(pattern, text).ok()?;
    let moment = if parsed.iana_time_zone().is_some() {
        parsed.to_zoned().ok()?.timestamp()
    } else if parsed.offset().is_some() {
        parsed.to_timestamp().ok()?
    } else {
        let times = [parsed.hour(), parsed.minute(), parsed.second()];
        let civil = if times.iter().any(Option::is_some) {
            parsed.to_datetime().ok()?
        } else {
            parsed.to_date().ok()?.to_datetime(jiff::civil::Time::midnight())
        };
        TimeZone::UTC.to_timestamp(civil).ok()?
    };
    i64::try_from(moment.as_nanosecond()).ok()
}

fn since(span: Span, origin: DateTime, text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    let whole = (number.fract() == 0.0 && number.abs() <= 1e6).then_some(number as i64);
    let seconds = |each: f64| {
        let seconds = number * each;
        (seconds.abs() < 2e10).then(|| SignedDuration::try_from_secs_f64(seconds).ok()).flatten()
    };
    let civil = match span {
        Span::Months => origin.checked_add(jiff::Span::new().try_months(whole?).ok()?).ok()?,
        Span::Years => origin.checked_add(jiff::Span::new().try_years(whole?).ok()?).ok()?,
        Span::Seconds => origin.checked_add(seconds(1.0)?).ok()?,
        Span::Minutes => origin.checked_add(seconds(60.0)?).ok()?,
        Span::Hours => origin.checked_add(seconds(3_600.0)?).ok()?,
        Span::Days => origin.checked_add(seconds(86_400.0)?).ok()?,
        Span::Weeks => origin.checked_add(seconds(604_800.0)?).ok()?,
    };
    i64::try_from(TimeZone::UTC.to_timestamp(civil).ok()?.as_nanosecond()).ok()
}
