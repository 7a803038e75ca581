//! Drafting a `community.toml` from the first rows of the files at hand.

mod fit;
mod names;
mod shape;
mod text;
mod values;

use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;

use self::fit::{Fit, Seen, fit};
use self::shape::Rows;
use self::text::{Fate, Form, Lines, Piece, named, quoted};
use crate::fresh::FreshFile;
use crate::sources::{Sample, sample};
use crate::{Error, Table};

/// A `community.toml` in the making, drafted from the first rows of files.
///
/// Of each file some 250 KiB are looked at. What is only a guess has a comment beside it that begins with `CHECK:` and
/// says what to do; a file of which nothing tells what it is stands in comments alone. Whatever the files hold, the text
/// is one that [`Config::parse`](crate::Config::parse) takes.
#[derive(Clone, Debug)]
pub struct Draft {
    text: String,
    files: Vec<DraftedFile>,
    marks: usize,
}

/// What a draft takes a file for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DraftedFile {
    /// The file, as the draft names it; of a database, with the table: `chat.db, table messages`.
    pub file: String,
    /// What it is taken for.
    pub taken: Taken,
}

/// What a file is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// A table, as it stands.
    Table(Table),
    /// A table, by a `[[sources.map]]`.
    Map(Table),
    /// Nothing; and why, as a fragment that follows the file's name: `"is empty"`.
    Left(String),
}

impl Draft {
    /// Looks at files, for a `community.toml` in `folder`. `today` stands in it as `as-of` where none of them has times.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read. Files that are no tables are no error.
    pub fn of(files: &[PathBuf], folder: &Path, name: &str, today: Date) -> Result<Self, Error> {
        let mut drafting = Drafting::default();
        for file in files {
            drafting.look_at(file, &label(file, folder))?;
        }
        Ok(drafting.finish(name, today))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What became of each file, in the order in which they were given.
    pub fn files(&self) -> &[DraftedFile] {
        &self.files
    }

    /// How many comments say that something is a guess.
    pub fn marks(&self) -> usize {
        self.marks
    }

    /// Writes the text to a file that is not there yet.
    ///
    /// # Errors
    ///
    /// Where it is there, or cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let write = || {
            let mut file = FreshFile::create(path)?;
            file.write_all(self.text.as_bytes())?;
            file.keep_if_new()
        };
        if write().map_err(Error::file("write", path))? {
            return Ok(());
        }
        let there = io::Error::new(ErrorKind::AlreadyExists, "it is there already, and nothing is replaced");
        Err(Error::file("write", path)(there))
    }
}

/// A file as it is to stand in a `community.toml` of that folder.
fn label(file: &Path, folder: &Path) -> String {
    let whole = |path: &Path| {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    };
    let (file, folder) = (whole(file), whole(folder));
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (folder.components().collect(), file.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // Without anything in common there is no way from one to the other.
    if shared == 0 {
        return file.to_string_lossy().into_owned();
    }
    let up = from.iter().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.iter().skip(shared).copied()).collect();
    path.to_string_lossy().into_owned()
}

/// What was seen so far.
#[derive(Default)]
struct Drafting {
    pieces: Vec<Piece>,
    /// The rows of each piece, which are put together where files are of one form.
    rows: Vec<Vec<Vec<String>>>,
    /// Files that were looked at.
    seen: Vec<String>,
    /// What became of them, in their order.
    order: Vec<Entry>,
}

/// What became of a file, or of a table of a database.
enum Entry {
    /// Its rows are among those of this piece.
    Piece(String, usize),
    /// It is no table, and why.
    Left(String, String),
}

impl Drafting {
    fn look_at(&mut self, path: &Path, label: &str) -> Result<(), Error> {
        if self.seen.iter().any(|known| known == label) {
            return Ok(());
        }
        let unpacked = |label: &str| {
            label.strip_suffix(".gz").or_else(|| label.strip_suffix(".zst")).unwrap_or(label).to_owned()
        };
        let twin = self.seen.iter().find(|known| unpacked(known) == unpacked(label)).cloned();
        self.seen.push(label.to_owned());
        let leave = |why: String| Entry::Left(label.to_owned(), why);
        if let Some(twin) = twin {
            self.order.push(leave(format!("it seems to be {} once more", named(&twin))));
            return Ok(());
        }
        if path.to_str().is_none() {
            self.order.push(leave("its name is not UTF-8: rename the file".to_owned()));
            return Ok(());
        }
        match sample(path)? {
            Sample::Foreign(why) => self.order.push(leave(why)),
            Sample::Database(tables) => {
                for table in tables {
                    self.add(label, Form::Query(table.name), table.columns, table.rows, (true, false));
                }
            }
            Sample::Named { form, names, rows } => {
                let form = if form == "Parquet" { Form::Columns } else { Form::Objects };
                self.add(label, form, names, rows, (true, false));
            }
            Sample::Text(text) => {
                let Rows { shape, names, rows, header_is_a_guess } = shape::find(&text, names::is_name);
                let is_utf8 = std::str::from_utf8(&text).is_ok();
                self.add(label, Form::Text(shape), names, rows, (is_utf8, header_is_a_guess));
            }
        }
        Ok(())
    }

    /// Adds rows, to others of the same form where there are any.
    fn add(
        &mut self,
        label: &str,
        form: Form,
        names: Vec<String>,
        rows: Vec<Vec<String>>,
        (is_utf8, header_is_a_guess): (bool, bool),
    ) {
        let ragged = rows.windows(2).any(|two| matches!(two, [a, b] if a.len() != b.len()));
        let seen = Seen::new(names, &rows);
        let new = Piece { files: vec![label.to_owned()], form, seen, is_utf8, header_is_a_guess, ragged };
        let alike = self.pieces.iter().position(|piece| {
            !new.seen.names.is_empty()
                && piece.form == new.form
                && piece.seen.names == new.seen.names
                && piece.hint() == new.hint()
        });
        let place = alike.unwrap_or(self.pieces.len());
        self.order.push(Entry::Piece(label.to_owned(), place));
        match self.pieces.get_mut(place).zip(self.rows.get_mut(place)) {
            Some((piece, known)) => {
                piece.files.push(label.to_owned());
                piece.is_utf8 &= is_utf8;
                known.extend(rows);
                piece.seen = Seen::new(new.seen.names, known);
            }
            None => {
                self.pieces.push(new);
                self.rows.push(rows);
            }
        }
    }

    fn finish(self, name: &str, today: Date) -> Draft {
        let fits: Vec<Option<Fit>> = self.pieces.iter().map(|piece| fit(&piece.seen, piece.hint())).collect();
        let fates: Vec<Fate> = self
            .pieces
            .iter()
            .zip(&fits)
            .map(|(piece, fit)| match fit {
                None => Fate::Nothing,
                Some(fit) if text::is_plain(piece, fit) => Fate::Table(fit.table),
                Some(fit) => Fate::Map(fit.table),
            })
            .collect();
        let mut lines = Lines::default();
        let all: Vec<(&Piece, Option<&Fit>, Fate)> = self
            .pieces
            .iter()
            .zip(&fits)
            .zip(&fates)
            .map(|((piece, fit), fate)| (piece, fit.as_ref(), *fate))
            .collect();
        head(&mut lines, name, &all, today);
        sources(&mut lines, &all);
        for entry in &self.order {
            if let Entry::Left(file, why) = entry {
                lines.line("");
                lines.check(&format!("{} is not read: {why}", named(file)));
            }
        }
        lines.line(TAIL);
        let drafted = |entry: &Entry| match entry {
            Entry::Left(file, why) => DraftedFile { file: file.clone(), taken: Taken::Left(why.clone()) },
            Entry::Piece(file, place) => {
                let piece = all.get(*place);
                let file = match piece.map(|(piece, _, _)| &piece.form) {
                    Some(Form::Query(table)) => format!("{file}, table {table}"),
                    _ => file.clone(),
                };
                let taken = match piece.map(|(_, _, fate)| *fate) {
                    Some(Fate::Table(table)) => Taken::Table(table),
                    Some(Fate::Map(table)) => Taken::Map(table),
                    Some(Fate::Nothing) | None => Taken::Left("nothing tells what it is".to_owned()),
                };
                DraftedFile { file, taken }
            }
        };
        let files = self.order.iter().map(drafted).collect();
        Draft { text: lines.text, files, marks: lines.marks }
    }
}

/// `[community]`.
fn head(lines: &mut Lines, name: &str, all: &[(&Piece, Option<&Fit>, Fate)], today: Date) {
    let timed = all
        .iter()
        .filter_map(|(_, fit, _)| *fit)
        .any(|fit| matches!(fit.table, Table::Activities | Table::Conversions));
    let name = name.trim();
    let name: String =
        if name.is_empty() { "my community" } else { name }.chars().filter(|c| !c.is_control()).collect();
    lines.line(HEAD);
    lines.line(&format!("name = {}", quoted(if name.trim().is_empty() { "my community" } else { &name })));
    if timed {
        lines.line("# The moment a run looks from; without this line, the newest time in the data.");
        lines.line(&format!("# as-of = {today}"));
        lines.line("# How far it looks back: so many days, or \"all\".");
        lines.line("window = \"365d\"");
        lines
            .line("# Who is scored: members with an activity, given or received, in the window; or \"all\".");
        lines.line("population = \"active\"");
    } else {
        lines.check("no table has activities, which `regulars` needs: another definition can score members, and has to be told from when to look");
        lines.line(&format!("as-of = {today}"));
        lines.line("population = \"all\"");
    }
    roles(lines, all);
    lines.line("# Where the periods of awards begin and end.");
    lines.line("time-zone = \"UTC\"");
    lines.line("# Snapshots, results and the ledger of awards.");
    lines.line("state = \".groundswell\"");
}

/// `exclude-roles`, with the roles that were seen.
fn roles(lines: &mut Lines, all: &[(&Piece, Option<&Fit>, Fate)]) {
    const MOST: usize = 12;
    let places = all.iter().filter_map(|(piece, fit, _)| {
        let fit = fit.filter(|fit| fit.table == Table::Members)?;
        Some((piece, fit.place("role")?))
    });
    let mut seen: Vec<&str> =
        places.flat_map(|(piece, place)| piece.seen.values(place)).filter(|role| !role.is_empty()).collect();
    seen.sort_unstable();
    seen.dedup();
    lines.line("# Members with these roles are neither scored nor rewarded.");
    if !seen.is_empty() && seen.len() <= MOST {
        let roles: Vec<String> = seen.iter().map(|role| named(role)).collect();
        lines.comment(&format!("Roles that were seen: {}.", roles.join(", ")));
    }
    let mut bots: Vec<String> =
        seen.iter().filter(|role| role.eq_ignore_ascii_case("bot")).map(|role| quoted(role)).collect();
    if bots.is_empty() {
        bots.push(quoted("bot"));
    }
    lines.line(&format!("exclude-roles = [{}]", bots.join(", ")));
}

/// `[sources]`, `[sources.tables]` and the maps.
fn sources(lines: &mut Lines, all: &[(&Piece, Option<&Fit>, Fate)]) {
    lines.line("\n[sources]\n# Rows that cannot be read are left aside and counted; with more of them than this a run stops.");
    lines.line("max-rejected = \"1%\"");
    let tables: Vec<Table> = Table::ALL
        .into_iter()
        .filter(|table| all.iter().any(|(_, _, fate)| *fate == Fate::Table(*table)))
        .collect();
    if !tables.is_empty() {
        lines.line("\n[sources.tables]");
    }
    for table in tables {
        let of_table = || all.iter().filter(|(_, _, fate)| *fate == Fate::Table(table));
        for (piece, fit, _) in of_table() {
            if let Some(fit) = fit {
                text::mistyped(piece, fit, lines);
                text::not_utf8(piece, lines);
            }
        }
        let files: Vec<String> =
            of_table().flat_map(|(piece, _, _)| &piece.files).map(|file| quoted(file)).collect();
        match files.as_slice() {
            [one] => lines.line(&format!("{table} = {one}")),
            several => lines.line(&format!("{table} = [{}]", several.join(", "))),
        }
    }
    for (piece, fit, fate) in all {
        match (fit, fate) {
            (Some(fit), Fate::Map(_)) => text::map(piece, fit, lines),
            (_, Fate::Nothing) if !matches!(piece.form, Form::Query(_)) => text::unclear(piece, lines),
            _ => {}
        }
    }
    let unclear = |piece: &Piece, fate: &Fate| *fate == Fate::Nothing && matches!(piece.form, Form::Query(_));
    let mut tables: Vec<&Piece> =
        all.iter().filter(|(piece, _, fate)| unclear(piece, fate)).map(|(piece, _, _)| *piece).collect();
    tables.sort_by(|a, b| a.files.cmp(&b.files));
    tables.chunk_by(|a, b| a.files == b.files).for_each(|pieces| text::unclear_tables(pieces, lines));
}

const HEAD: &str = "\
# Drafted by `groundswell init` from the first rows of the files at hand. What is only a guess is marked CHECK.
#
#   groundswell validate community.toml    reads everything, runs nothing, and says what it finds
#   groundswell run community.toml         scores the members

[community]";

const TAIL: &str = "
# Who counts, by a definition: a bundled one, or a plugin of your own.
[definitions.regulars]
plugin = \"regulars\"

# Who gets what. Without this part, members are scored and nobody is awarded anything.
[programme]
plugin = \"regulars\"
definition = \"regulars\"
period = \"month\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_folder_of_its_community() {
        let there = tempfile::tempdir().unwrap();
        let (a, b) = (there.path().join("a"), there.path().join("b"));
        for folder in [&a, &b] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("x.csv"), "").unwrap();
        }
        assert_eq!(label(&a.join("x.csv"), &a), "x.csv");
        assert_eq!(label(&a.join("x.csv"), there.path()), "a/x.csv");
        assert_eq!(label(&b.join("x.csv"), &a), "../b/x.csv");
        assert_eq!(label(&a.join("../b/x.csv"), &b), "x.csv");
    }
}
