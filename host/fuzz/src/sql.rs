//! Text as the SQL of a metric of a community's own.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use groundswell::{Community, Error, Host, MetricConfig, RunOptions, Snapshot};
use tempfile::TempDir;

use crate::message::assert_plain;
use crate::scratch::{folder, write};

const MEMBERS: &str = "id,role,joined_at,external_followers,team\nada,lead,2020-01-01,7,red\nbob,,2020-02-01,,\ncyd,bot,,0,blue\n";
const FOLLOWS: &str = "follower,followed,since\nada,bob,2020-01-05\nbob,cyd,\ncyd,ada,2020-01-06\n";
const ACTIVITIES: &str = "id,actor,verb,at,recipient,topic,product,weight\n\
    1,ada,ask,2020-01-01,,hops,,\n2,bob,answer,2020-01-02,ada,hops,,2.5\n3,bob,answer,2020-03-01,cyd,malt,ale,-1\n\
    4,,like,2020-03-02,bob,,,\n5,cyd,post,2020-03-03,,,,\n";
const CONVERSIONS: &str = "member,product,at,value,referrer\nada,ale,2020-03-01,4.5,bob\n";
/// How long a metric may take here: with five rows, what takes longer multiplies them.
const TIME: Duration = Duration::from_secs(3);

/// The snapshot that all questions are asked of, and the folder that it lies in.
static SNAPSHOT: OnceLock<(TempDir, Snapshot)> = OnceLock::new();

/// Freezes the data.
pub(crate) fn prepare() {
    snapshot();
}

#[expect(clippy::expect_used, reason = "without data there is nothing to ask")]
fn snapshot() -> &'static Snapshot {
    let (_, snapshot) = SNAPSHOT.get_or_init(|| {
        let folder = folder();
        let tables = [
            ("members", MEMBERS),
            ("follows", FOLLOWS),
            ("activities", ACTIVITIES),
            ("conversions", CONVERSIONS),
        ];
        let mut sources = "[sources.tables]\n".to_owned();
        for (table, rows) in tables {
            write(folder.path(), table, rows.as_bytes());
            sources.push_str(&format!("{table} = \"{table}\"\n"));
        }
        let snapshot = crate::frozen::freeze(folder.path(), &sources).expect("honest tables");
        (folder, snapshot)
    });
    snapshot
}

pub(crate) fn run(input: &[u8]) {
    let Ok(sql) = std::str::from_utf8(input) else { return };
    let community = community(sql);
    let Some(checked) = checked(&community) else { return };
    assert_eq!(
        checked,
        self::checked(&community).unwrap_or_default(),
        "the same question, and another problem"
    );
    checked.iter().for_each(|problem| assert_plain(problem));
    match (measured(&community), measured(&community)) {
        (Err(error), _) | (_, Err(error)) if error.is_stopped() => {}
        (Ok(one), Ok(other)) => {
            assert_eq!(checked, Vec::<String>::new(), "what a check refuses is measured");
            assert!(one == other, "the same question, and another answer: {one:?} {other:?}");
        }
        (Err(one), Err(other)) => {
            assert_plain(&one.to_string());
            // Of several rows that are wrong any may be told, and those are not for the check to find.
            let kinds = |error: &Error| matches!(error, Error::OwnMetric { .. });
            assert_eq!(kinds(&one), kinds(&other), "{one} {other}");
            assert!(checked.iter().all(|problem| *problem == one.to_string()), "{checked:?} {one}");
        }
        (one, other) => unreachable!("the same question, and another answer: {one:?} {other:?}"),
    }
}

/// A community with the data and the metric.
fn community(sql: &str) -> Community {
    let config = crate::frozen::config(snapshot().dir(), "[sources.tables]\nmembers = \"members\"\n");
    let community = config.and_then(|mut config| {
        config.metrics.insert("asked".to_owned(), MetricConfig::Sql(sql.to_owned()));
        Ok(Host::new()?.open_config(config).with_snapshot(snapshot().clone()))
    });
    match community {
        Ok(community) => community,
        Err(error) => unreachable!("{error}"),
    }
}

/// What a check says of the metric; `None` where it did not end.
fn checked(community: &Community) -> Option<Vec<String>> {
    match community.validate(&options()) {
        Ok(validation) => {
            let own = validation.problems.iter().filter(|problem| matches!(problem, Error::OwnMetric { .. }));
            Some(own.map(ToString::to_string).collect())
        }
        Err(error) if error.is_stopped() => None,
        Err(error) => unreachable!("what is wrong with a metric is no error: {error}"),
    }
}

fn measured(community: &Community) -> Result<arrow_array::RecordBatch, Error> {
    community.measure(&["asked"], &options().dry_run(true).threads(2))
}

fn options() -> RunOptions {
    RunOptions::default().deadline(Instant::now() + TIME)
}
