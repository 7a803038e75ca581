//! The same metrics in DuckDB.

use std::path::{Path, PathBuf};
use std::time::Duration;

use groundswell_bench_peers::{Missing, Process, Wheels};

const WHEELS: Wheels =
    Wheels { title: "DuckDB", size: "50 MB", requirements: include_str!("requirements.txt") };
const QUERY: &str = include_str!("metrics.sql");

/// DuckDB in a process of Python.
pub(crate) struct DuckDb {
    process: Process,
    pub(crate) version: String,
}

/// Rows of Parquet files that are asked, and what they are called there.
pub(crate) struct Asked {
    pub(crate) title: &'static str,
    query: PathBuf,
}

impl DuckDb {
    /// Starts it; installs it beside this program where it is not.
    pub(crate) fn start() -> Result<Self, Missing> {
        let program =
            std::env::current_exe().map_err(|error| format!("this program is not found: {error}"))?;
        let python = WHEELS.python(&program.with_file_name("peers-duckdb"))?;
        let mut process = Process::start(&python, include_str!("asked.py"))?;
        let version = process.answer();
        Ok(Self { process, version })
    }

    /// The query over a snapshot's own files, members and verbs being numbers. Which numbers is not part of the query's time.
    pub(crate) fn dense(&mut self, snapshot: &Path, as_of: i64, folder: &Path) -> Asked {
        let words = self.process.ask(&["words", text(&snapshot.join("words.parquet"))]);
        let code = |verb: &str| {
            let code = words.split('\t').find_map(|word| word.strip_prefix(verb)?.strip_prefix('='));
            code.unwrap().to_owned()
        };
        let members = format!(
            "select file_row_number as member, joined_at from read_parquet({}, file_row_number = true)",
            quoted(&snapshot.join("members.parquet"))
        );
        let query = query(&members, &snapshot.join("activities.parquet"), as_of, code);
        Asked::new("its rows with dense ids, those of the snapshot", folder.join("dense.sql"), &query)
    }

    /// The query over the files that the snapshot was taken of, members and verbs being texts.
    pub(crate) fn texts(&self, source: &Path, as_of: i64, folder: &Path) -> Asked {
        let members = quoted(&source.join("members.parquet"));
        let members = format!("select id as member, joined_at from read_parquet({members})");
        let verb = |verb: &str| format!("'{verb}'");
        let query = query(&members, &source.join("activities.parquet"), as_of, verb);
        Asked::new("the rows with ids that are texts", folder.join("texts.sql"), &query)
    }

    pub(crate) fn run(&mut self, asked: &Asked, threads: usize) -> Duration {
        let took = self.process.ask(&["run", text(&asked.query), &threads.to_string()]);
        Duration::from_nanos(took.parse().unwrap())
    }

    /// Writes what the last run found.
    pub(crate) fn write(&mut self, path: &Path) {
        self.process.ask(&["write", text(path)]);
    }
}

impl Asked {
    fn new(title: &'static str, path: PathBuf, query: &str) -> Self {
        std::fs::write(&path, query).unwrap();
        Self { title, query: path }
    }
}

fn query(members: &str, activities: &Path, as_of: i64, verb: impl Fn(&str) -> String) -> String {
    let day = 86_400_000_000_000_i64;
    let mut query = QUERY
        .replace("{members}", members)
        .replace("{activities}", &quoted(activities))
        .replace("{as-of}", &as_of.to_string())
        .replace("{day}", &day.to_string())
        .replace("{month}", &(30 * day).to_string());
    for name in ["ask", "answer", "like", "thank"] {
        query = query.replace(&format!("{{{name}}}"), &verb(name));
    }
    query
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn quoted(path: &Path) -> String {
    format!("'{}'", text(path).replace('\'', "''"))
}
