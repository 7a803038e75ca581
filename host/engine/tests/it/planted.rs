//! Planted communities, and what runs leave behind of them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use groundswell::Host;
use groundswell_planted::{Plan, generate};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::community::Community;

pub(crate) fn host() -> Host {
    groundswell_plugins::ALL
        .iter()
        .fold(Host::new().unwrap(), |host, (name, bytes)| host.with_bundled(*name, bytes))
}

pub(crate) const TABLES: &str = r#"
[sources.tables]
members = "members.csv"
follows = "follows.csv"
activities = "activities.csv"
conversions = "conversions.csv"
"#;

pub(crate) const PROGRAMME: &str = r#"
[programme]
plugin = "regulars"
definition = "regulars"
period = "month"
"#;

pub(crate) fn toml(community: &str, tables: &str, rest: &str) -> String {
    format!(
        "[community]\nname = \"test\"\n{community}\n{tables}\n[definitions.regulars]\nplugin = \"regulars\"\n{rest}"
    )
}

/// A planted community of so many members, whose `community.toml` has these lines under `[community]`.
pub(crate) fn planted(members: u32, lines: &str, rest: &str) -> Community {
    let plan = Plan { members, ..Plan::default() };
    let tables = generate(&plan);
    let community = Community::new(&[
        ("members.csv", &tables.members_csv),
        ("follows.csv", &tables.follows_csv),
        ("activities.csv", &tables.activities_csv),
        ("conversions.csv", &tables.conversions_csv),
    ]);
    community.write("community.toml", toml(lines, TABLES, rest).as_bytes());
    community
}

/// A community of activities alone, each a line of `actor,verb,at,recipient`.
pub(crate) fn of_activities(community: &str, rows: &str, rest: &str) -> Community {
    let csv = format!("actor,verb,at,recipient\n{rows}");
    let written = Community::new(&[("activities.csv", csv.as_bytes())]);
    let tables = "[sources.tables]\nactivities = \"activities.csv\"\n";
    written.write("community.toml", toml(community, tables, rest).as_bytes());
    written
}

pub(crate) fn open(written: &Community) -> groundswell::Community {
    host().open(written.path("community.toml")).unwrap()
}

/// Every file below a folder with its content's hash.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, blake3::Hash> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), blake3::hash(&std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// Every row of every table of a community's ledger; nothing where there is no ledger.
pub(crate) fn ledger(community: &Community) -> Vec<String> {
    const QUERIES: [&str; 4] = [
        "SELECT 'receipt', receipt FROM receipts ORDER BY 2",
        "SELECT 'run', definition, period, as_of, r.receipt FROM runs \
         JOIN receipts r ON r.id = runs.receipt ORDER BY 2, 3",
        "SELECT 'history', definition, period, member, tier, rung, as_of, r.receipt FROM history \
         JOIN receipts r ON r.id = history.receipt ORDER BY 2, 3, 4",
        "SELECT 'award', m.member, e.award, e.period, e.occurrence, e.kind, e.state, e.amount, s.reason, e.at, r.receipt \
         FROM entries e JOIN claims c ON c.id = e.claim JOIN members m ON m.id = c.member \
         JOIN secrets s ON s.entry = e.number JOIN receipts r ON r.id = e.receipt ORDER BY e.number",
    ];
    let path = community.path(".groundswell/ledger.sqlite");
    let mut rows = Vec::new();
    if !path.exists() {
        return rows;
    }
    let connection = Connection::open(path).unwrap();
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    if tables == 0 {
        return rows;
    }
    for query in QUERIES {
        let mut statement = connection.prepare(query).unwrap();
        let columns = statement.column_count();
        let told = statement.query_map([], |row| {
            (0..columns).map(|column| row.get::<_, Value>(column)).collect::<rusqlite::Result<Vec<_>>>()
        });
        rows.extend(told.unwrap().map(|row| format!("{:?}", row.unwrap())));
    }
    rows
}

/// Numbers that look random and are the same everywhere (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
