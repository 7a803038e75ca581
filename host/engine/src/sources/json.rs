//! Rows of a file of JSON Lines: an object a line.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::column::is_another;
use super::packed::{self, Packed};
use super::{Flaw, Line, Meter, Reading, SourceFile, Table};
use crate::Error;

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 20;
/// The most columns, and the longest name of one in bytes.
const COLUMNS: usize = 4_096;
const LONGEST_NAME: usize = 1_024;
/// The fewest digits of a whole number that may not fit into 64 bits.
const LONG: usize = 19;

/// Reads one file from its first line on. A column is a key, or the keys that lead to a value with points between them
/// (`author.id`); a list of plain values is those values with commas between them.
pub(super) struct Json<'m> {
    lines: Lines<'m>,
    header: Vec<String>,
    record: ByteRecord,
}

impl<'m> Json<'m> {
    /// Opens a file, and reads it once to find its columns: a key need not stand in every line.
    pub(super) fn open(table: Table, file: &SourceFile, meter: &'m Meter<'_>) -> Result<Self, Error> {
        let mut names = std::collections::BTreeSet::new();
        let (mut objects, mut no_object) = (false, None);
        let silent = Meter::silent();
        let mut first = Lines::open(table, file, &silent)?;
        while let Some((number, line)) = first.next()? {
            meter.check()?;
            let object = match object(line) {
                Ok(Object(object)) => object,
                Err(error) => {
                    no_object.get_or_insert_with(|| (number, error.to_string()));
                    continue;
                }
            };
            objects = true;
            let mut beyond = None;
            flat("", &object, &mut |name, _| {
                if name.len() > LONGEST_NAME {
                    beyond = Some("a name longer than 1,024 bytes");
                } else if !names.contains(name) && names.len() == COLUMNS {
                    beyond = Some("the 4,097th name");
                } else if !names.contains(name) {
                    names.insert(name.to_owned());
                }
                beyond.is_none()
            });
            if let Some(beyond) = beyond {
                let told = format!("line {number} has {beyond}: that is more than a table has columns for");
                return Err((first.problem)(told));
            }
        }
        if let Some((number, why)) = no_object.filter(|_| !objects) {
            return Err((first.problem)(format!(
                "no line is an object of JSON (line {number}: {}): a table has one on each line, which `jq -c .` makes of \
                 what is spread over several",
                groundswell_runtime::shown(&why, 100)
            )));
        }
        let guarded = [
            ("opted_out", "; no member's wish to be left out may get lost"),
            ("role", ", since some roles are not scored"),
        ];
        // Where there is no plain one, that is seen in the header.
        for (own, why) in guarded.into_iter().filter(|_| table == Table::Members) {
            let other = names.iter().find(|name| is_another(name, own));
            if let Some(other) = other.filter(|_| names.contains(own)) {
                return Err((first.problem)(format!(
                    "some lines have a key `{}`, and others `{own}`: write it in one way{why}",
                    groundswell_runtime::shown(other, 60)
                )));
            }
        }
        let header = names.into_iter().collect();
        Ok(Self { lines: Lines::open(table, file, meter)?, header, record: ByteRecord::new() })
    }
}

/// The first objects of a text, before anybody has said what their keys mean.
pub(super) struct Objects {
    /// In the order in which they come up.
    pub(super) names: Vec<String>,
    /// A value for each name; fewer where later objects have more.
    pub(super) rows: Vec<Vec<String>>,
}

impl Objects {
    /// Reads so many objects at the most; what is none is passed over.
    pub(super) fn read(text: &[u8], most: usize) -> Self {
        let mut objects = Self { names: Vec::new(), rows: Vec::new() };
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        for line in lines.take(most) {
            let Ok(Object(object)) = object(line) else { continue };
            let mut row = vec![String::new(); objects.names.len()];
            flat("", &object, &mut |name, value| {
                match objects.names.iter().position(|known| known == name) {
                    Some(place) => {
                        row.iter_mut().skip(place).take(1).for_each(|field| field.clone_from(&value))
                    }
                    None if objects.names.len() < COLUMNS && name.len() <= LONGEST_NAME => {
                        objects.names.push(name.to_owned());
                        row.push(value);
                    }
                    None => return false,
                }
                true
            });
            objects.rows.push(row);
        }
        objects
    }
}

/// Reads a line.
fn object(line: &[u8]) -> serde_json::Result<Object> {
    let Object(object) = serde_json::from_slice(&with_long_numbers_quoted(line))?;
    // Only a key that looks like several can be what others lead to.
    let mut names = Vec::new();
    if has_odd_key(&object) {
        flat("", &object, &mut |name, _| {
            names.push(name.to_owned());
            true
        });
        names.sort_unstable();
    }
    let twice = names.windows(2).find_map(|both| both.first().filter(|one| both.last() == Some(one)));
    match twice {
        None => Ok(Object(object)),
        Some(name) => Err(serde_json::Error::custom(format_args!(
            "its keys lead to `{}` in two ways",
            groundswell_runtime::shown(name, 60)
        ))),
    }
}

/// Whether a key of an object, or of one inside of it, is empty or has a point in it.
fn has_odd_key(object: &Map<String, Value>) -> bool {
    object
        .iter()
        .any(|(key, value)| key.is_empty() || key.contains('.') || value.as_object().is_some_and(has_odd_key))
}

/// A line whose whole numbers beyond 64 bits are texts: they may be ids, and as floats several would be one.
fn with_long_numbers_quoted(line: &[u8]) -> Cow<'_, [u8]> {
    let digits = |byte: &u8| byte.is_ascii_digit();
    if !line.chunk_by(|a, b| digits(a) == digits(b)).any(|run| run.len() >= LONG && run.iter().all(digits)) {
        return Cow::Borrowed(line);
    }
    let mut quoted = Vec::with_capacity(line.len() + 2);
    let mut rest = line;
    while let Some((first, behind)) = rest.split_first() {
        let length = match first {
            b'"' => text_length(rest),
            b'-' | b'0'..=b'9' => rest
                .iter()
                .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                .count(),
            _ => {
                quoted.push(*first);
                rest = behind;
                continue;
            }
        };
        let (token, behind) = rest.split_at(length);
        // A key is no number, however long.
        let is_value = matches!(behind.trim_ascii_start().first(), Some(b',' | b'}' | b']'));
        if is_value && is_long(token) {
            quoted.push(b'"');
            quoted.extend(token);
            quoted.push(b'"');
        } else {
            quoted.extend(token);
        }
        rest = behind;
    }
    Cow::Owned(quoted)
}

/// How long the text is with which these bytes begin, its quotes among it.
fn text_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(bytes.len(), |end| end + 2)
}

/// Whether bytes are a whole number, as JSON has it, that does not fit into 64 bits.
fn is_long(token: &[u8]) -> bool {
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    let whole = digits.len() >= LONG && !digits.starts_with(b"0") && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(token).unwrap_or_default();
    whole && text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
}

/// An object that names nothing twice, nor does any object in it.
struct Object(Map<String, Value>);

/// A value in which no object names anything twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnObject;

        impl<'de> Visitor<'de> for AnObject {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
                let mut object = Map::new();
                while let Some((key, Once(value))) = entries.next_entry::<String, Once>()? {
                    if object.contains_key(&key) {
                        return Err(A::Error::custom(format_args!("it names `{key}` twice")));
                    }
                    object.insert(key, value);
                }
                Ok(Object(object))
            }
        }

        deserializer.deserialize_map(AnObject)
    }
}

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Once;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Once, E> {
                Ok(Once(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Once, E> {
                Ok(Once(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Once, E> {
                Ok(Once(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Once, E> {
                Ok(Once(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Once, E> {
                Ok(Once(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Once, E> {
                Ok(Once(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Once, A::Error> {
                let mut list = Vec::new();
                while let Some(Once(value)) = values.next_element()? {
                    list.push(value);
                }
                Ok(Once(list.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Once, A::Error> {
                let entries = serde::de::value::MapAccessDeserializer::new(entries);
                Object::deserialize(entries).map(|Object(object)| Once(object.into()))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

impl Reading for Json<'_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        let Some((number, line)) = self.lines.next()? else { return Ok(None) };
        self.record.clear();
        match object(line) {
            Ok(Object(object)) => {
                let mut values = vec![String::new(); self.header.len()];
                flat("", &object, &mut |name, value| {
                    let place = self.header.binary_search_by(|known| known.as_str().cmp(name));
                    if let Some(place) = place.ok().and_then(|place| values.get_mut(place)) {
                        *place = value;
                    }
                    true
                });
                values.iter().for_each(|value| self.record.push_field(value.as_bytes()));
                Ok(Some(Line { number, fields: &self.record, flaw: None }))
            }
            Err(error) => {
                self.record.push_field(line);
                let flaw = Some(Flaw::NoObject(error.to_string()));
                Ok(Some(Line { number, fields: &self.record, flaw }))
            }
        }
    }
}

/// Every value of an object, with the keys that lead to it, for as long as `tell` wants more; names that are too long
/// are not followed.
fn flat(before: &str, object: &Map<String, Value>, tell: &mut impl FnMut(&str, String) -> bool) -> bool {
    object.iter().all(|(key, value)| {
        let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Object(inner) if name.len() <= LONGEST_NAME => flat(&name, inner, tell),
            Value::Object(_) => tell(&name, String::new()),
            Value::Array(list) => {
                let values: Vec<String> = list.iter().map(plain).collect();
                tell(&name, values.join(","))
            }
            other => tell(&name, plain(other)),
        }
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The lines of a file that are not blank.
struct Lines<'m> {
    bytes: BufReader<Packed<'m>>,
    line: Vec<u8>,
    number: u64,
    problem: Box<dyn Fn(String) -> Error + 'm>,
}

impl<'m> Lines<'m> {
    fn open(table: Table, file: &SourceFile, meter: &'m Meter<'_>) -> Result<Self, Error> {
        let path = file.path.clone();
        let problem =
            Box::new(move |problem| Error::Source { table: table.name(), path: path.clone(), problem });
        let bytes = BufReader::with_capacity(1 << 16, packed::open(&file.path, meter)?);
        Ok(Self { bytes, line: Vec::new(), number: 0, problem })
    }

    fn next(&mut self) -> Result<Option<(u64, &[u8])>, Error> {
        loop {
            self.line.clear();
            let read = Read::by_ref(&mut self.bytes).take(LONGEST + 1).read_until(b'\n', &mut self.line);
            let read = read.map_err(|error| {
                let place = format!("after line {}", self.number);
                (self.problem)(packed::told(self.bytes.get_ref().how(), &error, &place))
            })?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() as u64 > LONGEST {
                return Err((self.problem)(format!("line {} is longer than 1 MiB", self.number)));
            }
            if self.number == 1 {
                let mark = self.line.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec);
                self.line = mark.unwrap_or_else(|| std::mem::take(&mut self.line));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.line.trim_ascii())));
            }
        }
    }
}
