//! The text of a `community.toml`, with comments where a person has to decide.

use groundswell_runtime::shown;

use super::fit::{Doubt, Fit, Found, Seen};
use super::names;
use super::shape::Shape;
use super::values::{self, Times};
use crate::Table;
use crate::config::Delimiter;
use crate::nearest::{listed, nearest};
use crate::sources::columns;
use crate::verb::VERBS;

/// What begins a comment about a guess.
pub(super) const MARK: &str = "# CHECK: ";

/// Lines in the making.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) text: String,
    /// How many of them are marked.
    pub(super) marks: usize,
}

impl Lines {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A comment; what files say in it is escaped, as TOML allows no control characters there either.
    pub(super) fn comment(&mut self, words: &str) {
        self.line(&format!("# {}", shown(words, usize::MAX)));
    }

    /// A comment about a guess.
    pub(super) fn check(&mut self, words: &str) {
        self.marks += 1;
        self.line(&format!("{MARK}{}", shown(words, usize::MAX)));
    }
}

/// What stands behind a key, or a key in quotes: a string on one line, whatever the text holds.
pub(super) fn quoted(text: &str) -> String {
    let in_need = text.contains(['"', '\\']);
    if in_need && !text.contains(|c: char| c == '\'' || c.is_control()) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A key, in quotes where it has to be.
fn key(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !text.is_empty() && text.chars().all(bare) { text.to_owned() } else { quoted(text) }
}

/// A name in a comment.
pub(super) fn named(name: &str) -> String {
    format!("`{}`", shown(name, 200))
}

/// Files of one form, whose columns have the same names.
#[derive(Debug)]
pub(super) struct Piece {
    /// Their paths, as they are to stand in the file.
    pub(super) files: Vec<String>,
    pub(super) form: Form,
    pub(super) seen: Seen,
    pub(super) is_utf8: bool,
    pub(super) header_is_a_guess: bool,
    /// Whether rows have different numbers of fields.
    pub(super) ragged: bool,
}

/// What rows are written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text(Shape),
    /// Rows whose columns have names and no order.
    Objects,
    /// Rows of a file that is no text.
    Columns,
    /// Rows of this table of a database.
    Query(String),
}

impl Piece {
    /// What the rows are called: the files, or the table of a database.
    pub(super) fn called(&self) -> String {
        let files = self.files.iter().map(|file| named(file)).collect::<Vec<_>>().join(", ");
        match &self.form {
            Form::Query(table) => format!("{} of {files}", named(table)),
            _ => files,
        }
    }

    /// The names that may tell what the rows are.
    fn telling(&self) -> Vec<&str> {
        match &self.form {
            Form::Query(table) => vec![table],
            _ => self.files.iter().map(|file| file.rsplit('/').next().unwrap_or_default()).collect(),
        }
    }

    /// The table that its name speaks of.
    pub(super) fn hint(&self) -> Option<Table> {
        self.telling().first().and_then(|name| names::table_of(name))
    }

    /// Where the rows lie.
    fn source(&self, lines: &mut Lines) {
        match &self.form {
            Form::Query(table) => {
                lines.line(&format!("sqlite = {}", self.paths()));
                lines.line(&format!("query = {}", quoted(&format!("select * from {}", identifier(table)))));
            }
            _ => lines.line(&format!("files = {}", self.paths())),
        }
    }

    /// How a column of the file is named in a map; `None` where it cannot be.
    fn reference(&self, place: usize) -> Option<String> {
        let name = self.seen.name(place);
        let first = self.seen.names.iter().position(|known| known == name) == Some(place);
        if first && !name.is_empty() && name.trim() == name && !name.contains(['{', '}']) {
            return Some(quoted(name));
        }
        (self.form != Form::Objects).then(|| (place + 1).to_string())
    }

    /// How it is named inside of a template, where a number is a place.
    fn inside(&self, place: usize) -> Option<String> {
        let name = self.seen.name(place);
        let number = (place + 1).to_string();
        match self.reference(place)? {
            reference if reference == number => Some(number),
            _ if name.parse::<usize>().is_err() => Some(name.to_owned()),
            _ => (self.form != Form::Objects).then_some(number),
        }
    }

    /// The rest of the files' value: one path, or a list.
    fn paths(&self) -> String {
        match self.files.as_slice() {
            [one] => quoted(one),
            several => {
                format!("[{}]", several.iter().map(|file| quoted(file)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// What the rows are written in, where that is not the usual.
    fn form(&self, lines: &mut Lines) {
        let Form::Text(shape) = &self.form else { return };
        match shape.delimiter {
            Delimiter::Byte(b',') => {}
            Delimiter::Byte(byte) => {
                lines.line(&format!("delimiter = {}", quoted(&char::from(byte).to_string())))
            }
            Delimiter::Blanks => lines.line("delimiter = \"blanks\""),
        }
        if shape.quotes != shape.usually_quoted() {
            lines.line(&format!("quotes = {}", shape.quotes));
        }
        if let Some(byte) = shape.comment {
            lines.line(&format!("comment = {}", quoted(&char::from(byte).to_string())));
        }
        if shape.skip > 0 {
            lines.line(&format!("skip = {}", shape.skip));
        }
        if self.header_is_a_guess {
            lines.check(if shape.header {
                "the first row is taken to name the columns; if it does not, add header = false"
            } else {
                "the first row is taken to be one like others; if it names the columns, take this line away"
            });
        }
        if !shape.header {
            lines.line("header = false");
            if self.ragged {
                lines.check("rows have different numbers of fields: each = \"3..\" would make a row of each field from the third on");
            }
        }
    }

    /// The columns, for a person to read.
    fn columns(&self) -> String {
        if self.seen.names.is_empty() {
            return format!("{} without names", self.seen.width());
        }
        self.list(&(0..self.seen.names.len()).collect::<Vec<_>>())
    }

    /// The names of some columns.
    fn list(&self, places: &[usize]) -> String {
        const MOST: usize = 30;
        let names = listed(places.iter().take(MOST).map(|place| shown(self.seen.name(*place), 60)));
        match places.len().checked_sub(MOST) {
            Some(more) if more > 0 => format!("{names}, and {more} more"),
            _ => names,
        }
    }
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Table(Table),
    Map(Table),
    Nothing,
}

/// Whether the files can stand in `[sources.tables]` as they are.
pub(super) fn is_plain(piece: &Piece, fit: &Fit) -> bool {
    let usual = match &piece.form {
        Form::Text(shape) => *shape == Shape::USUAL,
        Form::Objects | Form::Columns => true,
        Form::Query(_) => false,
    };
    let own = |found: &Found| {
        let word = values::words_for_nothing(piece.seen.values(found.place)).is_empty();
        let time = piece
            .seen
            .times(found.place)
            .is_none_or(|times| *times == Times::Plain || !is_time(found.column));
        piece.seen.name(found.place) == found.column && word && time
    };
    let verb = fit.place("verb").map(|place| values::verbs(piece.seen.values(place)));
    let verbs = verb.is_none_or(|meanings| meanings.is_some_and(|meanings| meanings.is_empty()));
    let needed = columns(fit.table, &[]).into_iter().filter(|column| column.needed);
    let all = needed.map(|column| column.name).all(|name| fit.place(&name).is_some());
    let list = fit.place("recipient").is_some_and(|place| separator(piece, place).is_some());
    usual && all && verbs && !list && fit.found.iter().all(own)
}

fn is_time(column: &str) -> bool {
    ["at", "since", "joined_at"].contains(&column)
}

/// What is to be said of columns that a table does not read, one of which may be mistyped.
pub(super) fn mistyped(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    let own = columns(fit.table, &[]);
    let free: Vec<&str> =
        own.iter().map(|column| column.name.as_str()).filter(|name| fit.place(name).is_none()).collect();
    let taken = |place: usize| fit.found.iter().any(|found| found.place == place);
    for (_, name) in piece.seen.names.iter().enumerate().filter(|(place, _)| !taken(*place)) {
        if let Some(meant) = nearest(name, free.iter().copied()) {
            lines.check(&format!(
                "is the column {} of {} meant to be `{meant}`? Rename it then",
                named(name),
                named(&piece.files.join(", "))
            ));
        }
    }
}

/// What is to be said of files in another encoding.
pub(super) fn not_utf8(piece: &Piece, lines: &mut Lines) {
    if !piece.is_utf8 {
        let files = piece.files.iter().map(|file| named(file)).collect::<Vec<_>>().join(", ");
        lines.check(&format!(
            "some of {files} is not UTF-8, and such rows are left aside: save the file as UTF-8"
        ));
    }
}

/// A `[[sources.map]]` for files that fit a table.
pub(super) fn map(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    lines.line("");
    lines.comment(&format!("{}: the columns are {}", piece.called(), piece.columns()));
    not_utf8(piece, lines);
    lines.line("[[sources.map]]");
    if let Some(other) = fit.other {
        lines.check(&format!(
            "the rows may as well be {other}: that takes other names to the left of `columns`"
        ));
    }
    lines.line(&format!("table = {}", quoted(fit.table.name())));
    piece.source(lines);
    piece.form(lines);
    let list = fit.place("recipient").and_then(|place| Some((place, separator(piece, place)?)));
    if let Some((place, separator)) = list
        && let Some(reference) = piece.reference(place)
    {
        lines.check(&format!(
            "{} is taken to name several, with {separator:?} between them, each of which makes a row",
            column_of(piece, place)
        ));
        lines.line(&format!("each = {reference}"));
        lines.line(&format!("split = {}", quoted(separator)));
    }
    columns_of(piece, fit, list.map(|(place, _)| place), lines);
    let unsaid = fit.table == Table::Activities && fit.place("verb").is_none();
    if unsaid {
        let verb = usual_verb(piece, fit, list.is_some());
        lines.check(&format!("no column says what was done, so each row counts as `{verb}`; say what it is, such as `answer`, `like`, `thank`"));
        lines.line(&format!("constants = {{ verb = {} }}", quoted(verb)));
    }
    time_of(piece, fit, lines);
    missing(piece, fit, lines);
    if fit.table == Table::Members {
        attributes(piece, fit, lines);
    }
    verbs_of(piece, fit, lines);
}

/// A column, for a person to read.
fn column_of(piece: &Piece, place: usize) -> String {
    match piece.seen.name(place) {
        "" => format!("column {}", place + 1),
        name => named(name),
    }
}

/// `columns`, unless they have the table's names.
fn columns_of(piece: &Piece, fit: &Fit, list: Option<usize>, lines: &mut Lines) {
    let years = |found: &Found| is_time(found.column) && piece.seen.times(found.place) == Some(&Times::Years);
    let own = |found: &Found| piece.seen.name(found.place) == found.column && !years(found);
    if list.is_none()
        && fit.found.iter().all(own)
        && fit.place("verb").is_some() == (fit.table == Table::Activities)
    {
        return;
    }
    doubts(piece, fit, lines);
    let mut parts = Vec::new();
    for found in &fit.found {
        let made = if Some(found.place) == list {
            Some(quoted("{}"))
        } else if years(found) {
            piece.inside(found.place).map(|name| quoted(&format!("{{{name}}}-01-01")))
        } else if list.is_some() && found.column == "id" {
            piece.inside(found.place).map(|name| quoted(&format!("{{{name}}}/{{}}")))
        } else {
            piece.reference(found.place)
        };
        let Some(made) = made else { continue };
        if years(found) {
            lines.check(&format!(
                "{} is taken to be a year, whose rows then lie at its beginning",
                column_of(piece, found.place)
            ));
        }
        parts.push(format!("{} = {made}", found.column));
    }
    lines.line(&format!("columns = {{ {} }}", parts.join(", ")));
    let rest = rest(piece, fit);
    if !rest.is_empty() && fit.table != Table::Members {
        lines.comment(&format!("not read: {}", piece.list(&rest)));
    }
    if fit.table == Table::Activities {
        rest.into_iter().for_each(|place| several_members(piece, place, lines));
    }
}

/// The columns that no column of the table is made of.
fn rest(piece: &Piece, fit: &Fit) -> Vec<usize> {
    let taken = |place: &usize| fit.found.iter().any(|found| found.place == *place);
    (0..piece.seen.names.len()).filter(|place| !taken(place)).collect()
}

/// What can be done with a column that seems to name members, perhaps several of them.
fn several_members(piece: &Piece, place: usize, lines: &mut Lines) {
    let name = piece.seen.name(place);
    let verb = match values::plain(name).as_str() {
        "mentions" | "mentioned" | "mentionedusers" | "mentionedids" => "mention",
        "quotes" | "quoted" | "quotedusers" | "quotedids" => "quote",
        _ => return,
    };
    let separator = separator(piece, place).unwrap_or(",");
    lines.comment(&format!(
        "{} may name members: a map of its own, with each = {}, split = {}, recipient = \"{{}}\" in `columns` and verb = \"{verb}\" in \
         `constants`, makes a row of each",
        named(name),
        quoted(name),
        quoted(separator)
    ));
}

/// One comment for all columns that are doubted for the same reason.
fn doubts(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    let reasons = [
        (Doubt::Name, "their names may mean something else", "its name may mean something else"),
        (Doubt::Values, "they are known by their values alone", "it is known by its values alone"),
        (Doubt::Place, "they are known by their places alone", "it is known by its place alone"),
    ];
    for (doubt, several, one) in reasons {
        let doubted = fit.found.iter().filter(|found| found.doubt == Some(doubt));
        let guesses: Vec<String> = doubted
            .map(|found| format!("{} the `{}`", column_of(piece, found.place), found.column))
            .collect();
        match guesses.as_slice() {
            [] => {}
            [guess] => lines.check(&format!("is {guess}? {one}")),
            guesses => lines.check(&format!("is {}? {several}", guesses.join(", "))),
        }
    }
}

fn time_of(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    let Some(found) = fit.found.iter().find(|found| is_time(found.column)) else { return };
    let Some(Times::Pattern(pattern, other)) = piece.seen.times(found.place) else { return };
    if let Some(other) = other {
        lines.check(&format!("{} may as well be written as {other:?}", column_of(piece, found.place)));
    }
    lines.line(&format!("time = {}", quoted(pattern)));
}

fn missing(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    let mut words: Vec<&str> = fit
        .found
        .iter()
        .flat_map(|found| values::words_for_nothing(piece.seen.values(found.place)))
        .collect();
    words.sort_unstable();
    words.dedup();
    if !words.is_empty() {
        let words: Vec<String> = words.into_iter().map(quoted).collect();
        lines.line(&format!("missing = [{}]", words.join(", ")));
    }
}

/// What else could be known of members, and is not taken unless asked for.
fn attributes(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    let rest = rest(piece, fit);
    if !rest.is_empty() {
        lines.comment(&format!(
            "not read: {}; in `columns`, team = \"Team\" would make an attribute `team` of a column",
            piece.list(&rest)
        ));
    }
}

/// `verbs`, as a table of its own: it has to be the last part of a map.
fn verbs_of(piece: &Piece, fit: &Fit, lines: &mut Lines) {
    let Some(place) = fit.place("verb") else { return };
    let meanings = values::verbs(piece.seen.values(place)).unwrap_or_default();
    if meanings.is_empty() {
        return;
    }
    lines.line("[sources.map.verbs]");
    if meanings.iter().any(|meaning| !meaning.sure) {
        lines.check(&format!("verbs that begin with x- are the community's own, and no plugin knows what they mean; the shared ones are {}", VERBS.join(", ")));
    }
    for meaning in meanings {
        lines.line(&format!("{} = {}", key(&meaning.value), quoted(&meaning.verb)));
    }
}

/// The verb of rows that name none.
fn usual_verb(piece: &Piece, fit: &Fit, several: bool) -> &'static str {
    let words = piece.telling().into_iter().flat_map(|name| name.split(|c: char| !c.is_ascii_alphabetic()));
    let said = words.filter(|word| word.len() > 2).find_map(values::verb_of);
    said.unwrap_or(match fit.place("recipient") {
        Some(_) if several => "mention",
        Some(_) => "reply",
        None => "post",
    })
}

/// What stands between several values of a column, where many have several.
fn separator(piece: &Piece, place: usize) -> Option<&'static str> {
    let values: Vec<&str> = piece.seen.values(place).filter(|value| values::is_something(value)).collect();
    let parts = |value: &str, separator: &str| {
        value.contains(separator)
            && value.split(separator).all(|part| !part.trim().is_empty() && part.len() <= 64)
    };
    ["|", ";", ","].into_iter().find(|separator| {
        let several = values.iter().filter(|value| parts(value, separator)).count();
        several > 0 && several * 5 >= values.len()
    })
}

/// A name as a query has it.
fn identifier(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    // Words of SQL are names in quotes alone; the more usual names of tables are none.
    if first
        && name.chars().all(plain)
        && !["order", "group", "select", "from", "table", "index", "values"]
            .contains(&name.to_ascii_lowercase().as_str())
    {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Tables of a database of which nothing tells what they are.
pub(super) fn unclear_tables(pieces: &[&Piece], lines: &mut Lines) {
    let Some(first) = pieces.first() else { return };
    lines.line("");
    let files = first.files.iter().map(|file| named(file)).collect::<Vec<_>>().join(", ");
    lines.check(&format!("these tables of {files} are not read, as nothing tells what they are; a [[sources.map]] as above would"));
    for piece in pieces {
        if let Form::Query(table) = &piece.form {
            lines.comment(&format!("  {}: the columns are {}", named(table), piece.columns()));
        }
    }
}

/// A map for files of which nothing tells what they are, in comments.
pub(super) fn unclear(piece: &Piece, lines: &mut Lines) {
    let mut map = Lines::default();
    piece.form(&mut map);
    lines.line("");
    let files = piece.files.iter().map(|file| named(file)).collect::<Vec<_>>().join(", ");
    lines.check(&format!("{files} is not read, as nothing tells what it is: the columns are {}. Say what they mean and take each # away", piece.columns()));
    lines.line("# [[sources.map]]");
    lines.line("# table = \"activities\"");
    lines.line(&format!("# files = {}", piece.paths()));
    lines.marks += map.marks;
    map.text.lines().for_each(|line| lines.line(&format!("# {}", line.trim_start_matches("# "))));
    lines.line("# columns = { actor = \"…\", recipient = \"…\", at = \"…\" }");
    lines.line("# constants = { verb = \"post\" }");
}

#[cfg(test)]
mod tests {
    use super::{key, quoted};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_quoted_is_one_line_that_says_the_text(
            text in prop_oneof![any::<String>(), "[\\x00-\\x1f\\x7f\\x85'\"\\\\#a=\\]\\[]{0,12}"],
        ) {
            let line = format!("{} = {}", key(&text), quoted(&text));
            prop_assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
            let table: toml::Table = toml::from_str(&line).unwrap();
            prop_assert_eq!(table.into_iter().collect::<Vec<_>>(), [(text.clone(), toml::Value::from(text))]);
        }
    }
}
