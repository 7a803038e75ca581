use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};

use crate::plan::{Kind, Plan};
use crate::{activities, follows, members};

/// The community of 600 members, file by file: what [`write_to`] writes for `Plan::default()`, and a README.
pub const FILES: &[(&str, &[u8])] = &[
    ("README.md", include_bytes!("../README.md")),
    ("community.toml", include_bytes!("../community.toml")),
    ("members.csv", include_bytes!("../members.csv")),
    ("follows.csv", include_bytes!("../follows.csv")),
    ("activities.csv.gz", include_bytes!("../activities.csv.gz")),
    ("conversions.csv", include_bytes!("../conversions.csv")),
    ("expected.csv", include_bytes!("../expected.csv")),
];

/// A generated community in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// id, joined_at, role, external_followers, opted_out, and the attribute region.
    pub members_csv: Vec<u8>,
    /// follower, followed, since.
    pub follows_csv: Vec<u8>,
    /// id, actor, verb, at, recipient, object, object_kind, topic, product, weight; never packed.
    pub activities_csv: Vec<u8>,
    /// member, product, at, value, referrer.
    pub conversions_csv: Vec<u8>,
    /// Every member's id and what they were planted as, by id.
    pub expected: Vec<(String, Kind)>,
}

/// How many rows [`write_to`] wrote.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows of `members.csv`, and of `expected.csv`.
    pub members: u64,
    /// Rows of `follows.csv`.
    pub follows: u64,
    /// Rows of `activities.csv` or `activities.csv.gz`.
    pub activities: u64,
    /// Rows of `conversions.csv`.
    pub conversions: u64,
}

/// Makes a community in memory: about 1.5 kB a member.
#[must_use]
pub fn generate(plan: &Plan) -> Community {
    let kinds = kinds(plan);
    let (mut members_csv, mut follows_csv) = (Vec::new(), Vec::new());
    let (mut activities_csv, mut conversions_csv) = (Vec::new(), Vec::new());
    // Writing to memory cannot fail.
    let _ = members::write(plan, &kinds, &mut members_csv);
    let _ = follows::write(plan, &kinds, &mut follows_csv);
    let _ = activities::write(plan, &kinds, &mut activities_csv, &mut conversions_csv);
    let expected = (0..).zip(kinds).map(|(member, kind)| (plan.id(member), kind)).collect();
    Community { members_csv, follows_csv, activities_csv, conversions_csv, expected }
}

/// Writes a community into the folder `dir`, row by row: the four tables, `community.toml` and `expected.csv`. A
/// million members take a byte of memory each, and about 1.5 GB of disk unpacked; packing them takes minutes.
///
/// # Errors
///
/// Whatever the system says when the folder or a file cannot be written.
pub fn write_to(dir: impl AsRef<Path>, plan: &Plan) -> io::Result<Written> {
    let dir = dir.as_ref();
    fs::create_dir_all(dir)?;
    let create =
        |name: &str| io::Result::Ok(BufWriter::with_capacity(1 << 16, File::create(dir.join(name))?));
    let kinds = kinds(plan);

    let mut table = create("members.csv")?;
    let members = members::write(plan, &kinds, &mut table)?;
    table.flush()?;

    let mut table = create("follows.csv")?;
    let follows = follows::write(plan, &kinds, &mut table)?;
    table.flush()?;

    let mut sales = create("conversions.csv")?;
    let (acts, conversions) = if plan.packed {
        let table = create("activities.csv.gz")?;
        // No name and no time in the header: the same rows give the same bytes.
        let table = GzBuilder::new().mtime(0).write(table, Compression::best());
        let tables = activities::write(plan, &kinds, table, &mut sales)?;
        tables.activities.finish()?.flush()?;
        (tables.acts, tables.sales)
    } else {
        let mut tables = activities::write(plan, &kinds, create("activities.csv")?, &mut sales)?;
        tables.activities.flush()?;
        (tables.acts, tables.sales)
    };
    sales.flush()?;

    let mut table = create("expected.csv")?;
    writeln!(table, "member,kind,tier")?;
    for (member, kind) in (0..).zip(&kinds) {
        writeln!(table, "{},{kind},{}", plan.id(member), kind.tier().unwrap_or_default())?;
    }
    table.flush()?;

    fs::write(dir.join("community.toml"), config(plan))?;
    Ok(Written { members, follows, activities: acts, conversions })
}

fn kinds(plan: &Plan) -> Vec<Kind> {
    let shuffle = plan.shuffle();
    let mut kinds = vec![Kind::Member; plan.members as usize];
    for kind in Kind::ALL {
        for place in plan.places(kind) {
            if let Some(planted) = kinds.get_mut(shuffle.member(place) as usize) {
                *planted = kind;
            }
        }
    }
    kinds
}

fn config(plan: &Plan) -> String {
    let activities = if plan.packed { "activities.csv.gz" } else { "activities.csv" };
    format!(
        r#"# A generated community of {members} members: see README.md. What each of them was planted as stands in expected.csv.

[community]
name = "planted"
window = "365d"
population = "active"
exclude-roles = ["bot"]
time-zone = "UTC"
state = ".groundswell"

[sources.tables]
members = "members.csv"
follows = "follows.csv"
activities = "{activities}"
conversions = "conversions.csv"

[definitions.regulars]
plugin = "regulars"

# The other bundled definitions: a run scores by all of them, with `--definition NAME` by one.

[definitions.audience-band]
plugin = "audience-band"
# Nobody but celebrities has a hundred followers here, and hardly any of those who have fifteen are listened to.
settings = {{ nano-from = 3, micro-from = 15, micro-to = 60, macro-to = 100000, least-engagement = 200.0 }}

[definitions.orbit]
plugin = "orbit"

[definitions.thought-leader]
plugin = "thought-leader"

[definitions.trust-levels]
plugin = "trust-levels"
# There are four topics, and likes are few.
settings = {{ level-3-topics = 3, level-4-topics = 4, level-3-days-active = 20, level-3-likes-received = 3 }}

[definitions.trust-rank]
plugin = "trust-rank"

[definitions.word-of-mouth]
plugin = "word-of-mouth"

[programme]
plugin = "regulars"
definition = "regulars"
period = "month"
"#,
        members = plan.members
    )
}
