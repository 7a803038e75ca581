//! Finding the files that `community.toml` names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use groundswell_runtime::shown;

use super::given::{Given, Reading, Rows};
use super::json::Json;
use super::mapped::Mapped;
use super::parquet::Parquet;
use super::query::Query;
use super::reader::{Form, foreign};
use super::{Meter, Reader, Table, packed};
use crate::config::{Delimiter, MapConfig};
use crate::{Config, ConfigError, Error};

/// A file of a table, or what is given in its place.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its path from the folder of `community.toml`, as it can be shown.
    pub(crate) label: String,
    /// Its size on disk.
    pub(crate) bytes: u64,
    /// Where the rows come from, if not from the file as it stands.
    pub(crate) origin: Origin,
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// From the file, which has the table's columns.
    File,
    /// From the file, whose columns mean what is said here.
    Mapped(Arc<MapConfig>),
    /// From the program.
    Given(Arc<dyn Rows>),
}

impl SourceFile {
    /// Whether its rows were read before, and come from a snapshot.
    pub(crate) fn was_read(&self) -> bool {
        matches!(&self.origin, Origin::Given(rows) if rows.was_read())
    }

    /// Begins to read it.
    pub(crate) fn open<'m>(
        &self,
        table: Table,
        meter: &'m Meter<'_>,
    ) -> Result<Box<dyn Reading + 'm>, Error> {
        Ok(match &self.origin {
            Origin::Given(given) => given.open(meter)?,
            Origin::File => self.read(table, Form::USUAL, false, meter)?,
            Origin::Mapped(map) if map.query.is_some() => {
                let query = map.query.as_deref().unwrap_or_default();
                Box::new(Mapped::new(map, self, Box::new(Query::open(table, self, query, meter)?))?)
            }
            Origin::Mapped(map) => {
                let form = Form {
                    delimiter: match map.delimiter {
                        Delimiter::Byte(byte) => byte,
                        // What stands between blanks is looked at afterwards.
                        Delimiter::Blanks => b' ',
                    },
                    quotes: map.quotes,
                    comment: map.comment,
                    skip: map.skip,
                    header: map.header,
                };
                Box::new(Mapped::new(map, self, self.read(table, form, true, meter)?)?)
            }
        })
    }

    /// Begins to read a file, whose form is known by its first bytes, whatever it is called; all of its columns, or those
    /// that the table has.
    fn read<'m>(
        &self,
        table: Table,
        form: Form,
        all: bool,
        meter: &'m Meter<'_>,
    ) -> Result<Box<dyn Reading + 'm>, Error> {
        let start = packed::start(&self.path)?;
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
        Ok(if start.starts_with(b"PAR1") {
            Box::new(Parquet::open(table, self, all, meter)?)
        } else if text.starts_with(b"{") && foreign(&start).is_none() {
            Box::new(Json::open(table, self, meter)?)
        } else {
            Box::new(Reader::open(table, self, &start, form, meter)?)
        })
    }
}

/// The files of a table, each once in each form; a glob's by name. `None` when the community does not have the table.
pub(crate) fn find(config: &Config, given: &Given, table: Table) -> Result<Option<Vec<SourceFile>>, Error> {
    if let Some(rows) = given.get(&table) {
        let label = rows.label().to_owned();
        let path = PathBuf::from(&label);
        let origin = Origin::Given(Arc::clone(rows));
        return Ok(Some(vec![SourceFile { path, label, bytes: 0, origin }]));
    }
    let mut all: Option<Vec<SourceFile>> = None;
    if let Some(patterns) = config.sources.tables.get(&table) {
        let place = ["sources", "tables", table.name()];
        all.get_or_insert_default().extend(named_by(config, patterns, table, &place, &Origin::File)?);
    }
    for (at, map) in config.sources.maps.iter().enumerate().filter(|(_, map)| map.table == table) {
        let key = if map.query.is_some() { "sqlite" } else { "files" };
        let place = ["sources", "map", &at.to_string(), key];
        let origin = Origin::Mapped(Arc::new(map.clone()));
        all.get_or_insert_default().extend(named_by(config, &map.files, table, &place, &origin)?);
    }
    Ok(all)
}

/// The files of aliases.
pub(crate) fn aliases(config: &Config) -> Result<Vec<SourceFile>, Error> {
    named_by(config, &config.sources.aliases, Table::Members, &["sources", "aliases"], &Origin::File)
}

/// The files that some paths and globs name, each once.
fn named_by(
    config: &Config,
    patterns: &[String],
    table: Table,
    place: &[&str],
    origin: &Origin,
) -> Result<Vec<SourceFile>, Error> {
    let refusal = |problem: String| -> Error {
        let mut location = config.locate(place);
        location.help = Some(format!("paths start at the folder of {}", config.path().display()));
        ConfigError { message: format!("{table}: {problem}"), location }.into()
    };
    let mut files: Vec<SourceFile> = Vec::new();
    for pattern in patterns {
        let found = if pattern.contains(['*', '?']) {
            matching(config, pattern, origin)
        } else {
            named(config, pattern, origin).map(|file| vec![file])
        };
        for file in found.map_err(refusal)? {
            if !files.iter().any(|known| known.path == file.path) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn named(config: &Config, written: &str, origin: &Origin) -> Result<SourceFile, String> {
    let path = config.resolve(written);
    let label = shown(written, 300);
    match std::fs::metadata(&path) {
        Ok(about) if about.is_dir() => {
            Err(format!("`{label}` is a folder; name its files, such as `{label}/*.csv`"))
        }
        Ok(about) if !about.is_file() => {
            Err(format!("`{label}` is not a regular file; write what comes out of it to one, and name that"))
        }
        Ok(about) => {
            let label = match origin {
                Origin::Mapped(map) if map.query.is_some() => format!("{label}, rows of the query"),
                _ => label,
            };
            Ok(SourceFile { path, label, bytes: about.len(), origin: origin.clone() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("there is no file `{label}`"))
        }
        Err(error) => Err(format!("cannot look at `{label}`: {error}")),
    }
}

fn matching(config: &Config, pattern: &str, origin: &Origin) -> Result<Vec<SourceFile>, String> {
    let written = Path::new(pattern);
    let folder = written.parent().unwrap_or(Path::new(""));
    let name = written.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if folder.to_string_lossy().contains(['*', '?']) {
        return Err(format!("`{pattern}`: only the last part of a path can hold * or ?"));
    }
    let resolved = config.resolve(folder);
    // An empty path is the current folder for everything but the call that lists it.
    let listed = if resolved.as_os_str().is_empty() { Path::new(".") } else { &resolved };
    let entries = std::fs::read_dir(listed).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no folder `{}`", folder.display()),
        _ => format!("cannot list `{}`: {error}", folder.display()),
    })?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("cannot list `{}`: {error}", folder.display()))?;
        let found = entry.file_name();
        let bytes = found.as_encoded_bytes();
        if bytes.starts_with(b".") || !matches(name.as_bytes(), bytes) || !entry.path().is_file() {
            continue;
        }
        match found.to_str() {
            Some(found) => names.push(found.to_owned()),
            None => {
                let name = shown(&found.to_string_lossy(), 300);
                return Err(format!(
                    "`{pattern}` matches `{name}`, a name that is not UTF-8: rename that file"
                ));
            }
        }
    }
    if names.is_empty() {
        return Err(format!("no file matches `{pattern}`"));
    }
    names.sort_unstable();
    names.iter().map(|found| named(config, &folder.join(found).to_string_lossy(), origin)).collect()
}

/// Whether a name is what the pattern says: `*` stands for any bytes, `?` for one.
///
/// Only the last star that was met can have to stand for more: what matched before it would match no better. So this takes
/// as many steps as the product of both lengths, at the most.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    // What follows the last star, and what of the name it does not stand for.
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => return true,
            (Some((b'*', rest)), _) => {
                star = Some((rest, name));
                pattern = rest;
            }
            (Some((wanted, rest)), Some((found, shorter))) if matches!(wanted, b'?') || wanted == found => {
                (pattern, name) = (rest, shorter);
            }
            _ => {
                let Some((rest, (_, shorter))) =
                    star.and_then(|(rest, name)| Some((rest, name.split_first()?)))
                else {
                    return false;
                };
                star = Some((rest, shorter));
                (pattern, name) = (rest, shorter);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_byte() {
        assert!(matches(b"*.csv", b"a.csv"));
        assert!(matches(b"a*b*c", b"a--b--c"));
        assert!(matches(b"part-?.csv.gz", b"part-1.csv.gz"));
        assert!(!matches(b"*.csv", b"a.csv.gz"));
        assert!(!matches(b"?", b""));
    }

    /// What a pattern means, however long it takes.
    fn slowly(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, name) => name.is_none(),
            (Some((b'*', rest)), None) => slowly(rest, name),
            (Some((b'*', rest)), Some((_, shorter))) => slowly(rest, name) || slowly(pattern, shorter),
            (Some((wanted, rest)), Some((found, shorter))) => {
                (*wanted == b'?' || wanted == found) && slowly(rest, shorter)
            }
            (Some(_), None) => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn patterns_match_what_they_mean(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
            proptest::prop_assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                slowly(pattern.as_bytes(), name.as_bytes())
            );
        }
    }

    #[test]
    fn many_stars_are_matched_at_once() {
        let (stars, name) = ("*a".repeat(200), "a".repeat(4_000));
        assert!(matches(stars.as_bytes(), name.as_bytes()));
        assert!(!matches(format!("{stars}*b").as_bytes(), name.as_bytes()));
    }
}
