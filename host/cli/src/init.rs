use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use groundswell::runtime::shown;
use groundswell::{Draft, DraftedFile, Taken};

use crate::failure::Failure;
use crate::output;

/// What tables are called, where a folder is looked through.
const ENDINGS: [&str; 10] =
    ["csv", "tsv", "tab", "txt", "jsonl", "ndjson", "parquet", "db", "sqlite", "sqlite3"];
/// The most files that are taken from a folder: more are the parts of a few tables, which patterns name.
const MOST: usize = 100;

/// Write a community.toml for the files at hand: a first draft, to be read and corrected
///
/// Looks at the first rows of each file: CSV and what is like it, JSON Lines, Parquet or SQLite, plain, gzip or zstd. Files with the columns of
/// a table stand in it as they are, others by a map that says what their columns seem to mean. What is only a guess is
/// marked CHECK, with what to do about it. A community.toml that is there already stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell init
  groundswell init members.csv exports/votes.tsv
  groundswell init data --out data/community.toml
  groundswell init --stdout messages.jsonl")]
pub(crate) struct Init {
    /// The files, or folders of them. Default: what looks like a table in the current folder
    files: Vec<PathBuf>,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "community.toml")]
    out: PathBuf,
    /// Print it, and write nothing
    #[arg(long)]
    stdout: bool,
    /// The community's name. Default: that of the folder of the file that is written
    #[arg(long)]
    name: Option<String>,
}

impl Init {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let out = if self.out.is_dir() { self.out.join("community.toml") } else { self.out.clone() };
        if !self.stdout && fs::symlink_metadata(&out).is_ok() {
            let failure = Failure::of(format!("{} is there already, and stays as it is", out.display()));
            return Err(failure.with_help("name another file with --out, or print the draft with --stdout"));
        }
        let folder = out.parent().unwrap_or(Path::new(""));
        let files = self.files()?;
        let name = self.name.clone().unwrap_or_else(|| name_of(folder));
        let draft = Draft::of(&files, folder, &name, jiff::Zoned::now().date())?;
        if self.stdout {
            return output::write(|to| to.write_all(draft.text().as_bytes()));
        }
        draft.write(&out)?;
        output::write(|to| tell(to, &draft, &out))
    }

    /// The files that are looked at, sorted where a folder is looked through.
    fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        if self.files.is_empty() {
            return tables_in(Path::new(""));
        }
        let mut files = Vec::new();
        for path in &self.files {
            if path.is_dir() {
                files.extend(tables_in(path)?);
            } else {
                files.push(path.clone());
            }
        }
        Ok(files)
    }
}

/// What looks like a table in a folder.
fn tables_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let unread = |error: io::Error| Failure::of(format!("cannot list {}: {error}", listed.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(listed).map_err(unread)? {
        let name = entry.map_err(unread)?.file_name();
        let path = folder.join(&name);
        let name = name.to_string_lossy().to_ascii_lowercase();
        let unpacked = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let ending = unpacked.rsplit_once('.').map_or("", |(_, ending)| ending);
        if !name.starts_with('.') && ENDINGS.contains(&ending) && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    let failure = match files.len() {
        0 => Failure::of(format!("there is no file in {} that looks like a table", listed.display())),
        1..=MOST => return Ok(files),
        more => Failure::of(format!("there are {more} files in {} that look like tables", listed.display())),
    };
    Err(failure.with_help(format!(
        "name the files to look at; from a folder those are taken whose names end in {}, {MOST} at the most",
        ENDINGS.join(", ")
    )))
}

/// The community's name: the folder's.
fn name_of(folder: &Path) -> String {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.file_name().map_or_else(|| "my community".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What became of each file, and what to do next.
fn tell(to: &mut impl Write, draft: &Draft, out: &Path) -> io::Result<()> {
    for DraftedFile { file, taken, .. } in draft.files() {
        let taken = match taken {
            Taken::Table(table) => table.to_string(),
            Taken::Map(table) => format!("{table}, by a map"),
            Taken::Left(why) => format!("not read: {}", shown(why, 300)),
            _ => String::new(),
        };
        writeln!(to, "{}: {taken}", shown(file, 200))?;
    }
    writeln!(to, "\nwrote {}", output::path(out))?;
    match draft.marks() {
        0 => {}
        1 => writeln!(to, "one line of it is marked CHECK: read that first")?,
        marks => writeln!(to, "{marks} lines of it are marked CHECK: read those first")?,
    }
    if draft.files().iter().all(|file| matches!(file.taken, Taken::Left(_))) {
        return writeln!(to, "no file of these can be read yet");
    }
    writeln!(to, "next: groundswell validate {}", output::word(out))
}
