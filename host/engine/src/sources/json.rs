//! Rows of a file of JSON Lines: an object a line.

use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;
use serde_json::{Map, Value};

use super::packed::{self, Packed};
use super::{Flaw, Line, Meter, Reading, SourceFile, Table};
use crate::Error;

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 20;

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
        let mut header: Vec<String> = Vec::new();
        let mut known = std::collections::HashSet::new();
        let silent = Meter::silent();
        let mut first = Lines::open(table, file, &silent)?;
        while let Some((_, line)) = first.next()? {
            meter.check()?;
            if let Ok(object) = serde_json::from_slice::<Map<String, Value>>(line) {
                flat("", &object, &mut |name, _| {
                    if !known.contains(name) {
                        known.insert(name.to_owned());
                        header.push(name.to_owned());
                    }
                });
            }
        }
        header.sort_unstable();
        Ok(Self { lines: Lines::open(table, file, meter)?, header, record: ByteRecord::new() })
    }
}

impl Reading for Json<'_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        let Some((number, line)) = self.lines.next()? else { return Ok(None) };
        self.record.clear();
        match serde_json::from_slice::<Map<String, Value>>(line) {
            Ok(object) => {
                let mut values = vec![String::new(); self.header.len()];
                flat("", &object, &mut |name, value| {
                    let place = self.header.binary_search_by(|known| known.as_str().cmp(name));
                    if let Some(place) = place.ok().and_then(|place| values.get_mut(place)) {
                        *place = value;
                    }
                });
                values.iter().for_each(|value| self.record.push_field(value.as_bytes()));
                Ok(Some(Line { number, fields: &self.record, flaw: None }))
            }
            Err(error) => {
                // Its words, so that what may be a wish to be left out is seen.
                let words = line.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_' && *byte < 0x80);
                words.filter(|word| !word.is_empty()).for_each(|word| self.record.push_field(word));
                let flaw = Some(Flaw::NoObject(error.to_string()));
                Ok(Some(Line { number, fields: &self.record, flaw }))
            }
        }
    }
}

/// Every value of an object, with the keys that lead to it.
fn flat(before: &str, object: &Map<String, Value>, tell: &mut impl FnMut(&str, String)) {
    for (key, value) in object {
        let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Object(inner) => flat(&name, inner, tell),
            Value::Array(list) => {
                let values: Vec<String> = list.iter().map(plain).collect();
                tell(&name, values.join(","));
            }
            other => tell(&name, plain(other)),
        }
    }
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
            let place = format!("after line {}", self.number);
            let read = read
                .map_err(|error| (self.problem)(packed::told(self.bytes.get_ref().how(), &error, &place)))?;
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
