//! Tables that DataFusion supplies.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use groundswell::datafusion::catalog::TableProvider;
use groundswell::datafusion::prelude::SessionContext;
use groundswell::{Config, Host, RunOptions, Snapshot, Table};

use crate::community::{Community, toml};

const BARE: &str = "[community]\nname = \"test\"\n[definitions.regulars]\nplugin = \"regulars\"\n";

/// What a query answers, as a table.
fn table(query: &str) -> Arc<dyn TableProvider> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { SessionContext::new().sql(query).await.unwrap().into_view() })
}

fn provided(folder: &Community, tables: &[(Table, &str)]) -> groundswell::Community {
    let config = Config::parse(folder.path("community.toml"), BARE).unwrap();
    let community =
        Host::new().unwrap().with_bundled("regulars", groundswell_plugins::REGULARS).open_config(config);
    tables.iter().fold(community, |community, (name, query)| community.with_table(*name, table(query)))
}

fn rejected(snapshot: &Snapshot) -> String {
    let told = |one: &groundswell::Rejected| {
        let first = &one.examples[0];
        format!("{} × {}: {}, line {}: {}\n", one.rows, one.reason, first.file, first.line, first.detail)
    };
    snapshot.rejected().iter().map(told).collect()
}

const MEMBERS: &str = "SELECT arrow_cast(id, 'Utf8View') AS id, DATE '2019-02-03' AS joined_at,
    arrow_cast(followers, 'Float64') AS external_followers, out AS opted_out, arrow_cast(team, 'Dictionary(Int32, Utf8)') AS team
    FROM (VALUES ('ada', 12, false, 'red'), ('bob', NULL, true, NULL), ('cyd', 0, NULL, ' blue ')) AS t (id, followers, out, team)";
const ACTIVITIES: &str = "SELECT actor, verb, arrow_cast(arrow_cast(at, 'Timestamp(Millisecond, Some(\"UTC\"))'), 'Timestamp(Millisecond, Some(\"+02:00\"))') AS at, recipient,
    2 AS weight, 'ignored' AS more
    FROM (VALUES ('ada', 'answer', TIMESTAMP '2020-05-01 10:00:00.25', 'bob'), ('bob', 'thank', TIMESTAMP '1969-05-02 10:00:00', 'ada'))
    AS t (actor, verb, at, recipient)";

#[test]
fn a_provider_is_read_like_a_file_that_says_the_same() {
    let folder = Community::new(&[]);
    let community = provided(&folder, &[(Table::Members, MEMBERS), (Table::Activities, ACTIVITIES)]);
    let given = community.snapshot(None).unwrap();
    let files = Community::new(&[
        (
            "community.toml",
            toml(&[("members", "\"members.csv\""), ("activities", "\"activities.csv\"")], "0%").as_bytes(),
        ),
        ("members.csv", b"id,joined_at,external_followers,opted_out,team\nada,2019-02-03,12,0,red\nbob,2019-02-03,,1,\ncyd,2019-02-03,0,,blue\n"),
        ("activities.csv", b"actor,verb,at,recipient,weight\nada,answer,2020-05-01T10:00:00.25Z,bob,2\nbob,thank,1969-05-02T10:00:00Z,ada,2\n"),
    ]);
    assert_eq!(given.hash(), files.snapshot().unwrap().hash());

    let run = |community: &groundswell::Community| {
        serde_json::to_value(community.run(&RunOptions::default()).unwrap()).unwrap()
    };
    let first = run(&community);
    assert_eq!(first["members"][0]["member"], "ada");
    // A provider is read anew by every run, and the same rows are the same receipt.
    assert_eq!(first["run"]["receipt"], run(&community)["run"]["receipt"]);
}

#[test]
fn rows_that_cannot_be_read_are_told_by_their_number() {
    let folder = Community::new(&[]);
    let activities = "SELECT * FROM (VALUES ('ada', 'answer', '2020-01-01'), ('bob', 'liek', '2020-01-01'), ('cyd', 'answer', NULL))
        AS t (actor, verb, at)";
    let mut config = Config::parse(folder.path("community.toml"), BARE).unwrap();
    config.sources.max_rejected = groundswell::MaxRejected::Rows(2);
    let community = Host::new().unwrap().open_config(config).with_table(Table::Activities, table(activities));
    insta::assert_snapshot!(rejected(&community.snapshot(None).unwrap()), @r#"
    1 × `at` is missing: provider, line 3: the field is empty
    1 × `verb` is not a verb: provider, line 2: "liek": is `like` meant?
    "#);
}

#[test]
fn what_a_provider_cannot_supply_is_a_named_error() {
    let folder = Community::new(&[]);
    let told = |query: &str| {
        provided(&folder, &[(Table::Activities, query)]).snapshot(None).unwrap_err().to_string()
    };
    insta::assert_snapshot!(told("SELECT 'ada' AS actor, 'answer' AS verb"), @r#"provider, table activities: the header lacks the column `at`; it is "actor,verb""#);
    insta::assert_snapshot!(told("SELECT 'ada' AS actor, 'answer' AS verb, struct(1, 2) AS at"), @r#"provider, table activities: the column `at` holds Struct("c0": Int64, "c1": Int64), which cannot be written as text: leave it out or cast it"#);
    insta::assert_snapshot!(told("SELECT 'ada' AS actor, 'answer' AS verb, CAST(CAST(value AS VARCHAR) || 'x' AS INT) AS at FROM range(3)"), @"provider, table activities: it cannot be read: Arrow error: Cast error: Cannot cast string '0x' to value of Int32 type");
    let nothing = provided(&folder, &[]).snapshot(None).unwrap_err().to_string();
    insta::assert_snapshot!(folder.normalised(&nothing), @r#"[folder]/community.toml:1:1: the community has no data: [sources.tables] names none; add the lines `[sources.tables]` and `activities = "activities.csv"`"#);
}

/// A batch, and then what a provider may do that is not well.
fn breaking(how: fn() -> Option<groundswell::datafusion::error::DataFusionError>) -> Arc<dyn TableProvider> {
    use groundswell::datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
    use groundswell::datafusion::catalog::streaming::StreamingTable;
    use groundswell::datafusion::execution::TaskContext;
    use groundswell::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
    use groundswell::datafusion::physical_plan::{SendableRecordBatchStream, streaming::PartitionStream};

    struct Items<F>(F);

    impl<T, F: FnMut() -> std::task::Poll<Option<T>> + Unpin> futures_core::Stream for Items<F> {
        type Item = T;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<T>> {
            (self.0)()
        }
    }

    #[derive(Debug)]
    struct Breaking(RecordBatch, fn() -> Option<groundswell::datafusion::error::DataFusionError>);

    impl PartitionStream for Breaking {
        fn schema(&self) -> &groundswell::datafusion::arrow::datatypes::SchemaRef {
            self.0.schema_ref()
        }

        fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
            let (mut first, how) = (Some(self.0.clone()), self.1);
            let next = move || match first.take() {
                Some(batch) => std::task::Poll::Ready(Some(Ok(batch))),
                None => {
                    how().map_or(std::task::Poll::Pending, |error| std::task::Poll::Ready(Some(Err(error))))
                }
            };
            Box::pin(RecordBatchStreamAdapter::new(self.0.schema(), Items(next)))
        }
    }

    let column = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("actor", column("ada")),
        ("verb", column("answer")),
        ("at", column("2020-01-01")),
    ]);
    let stream = Breaking(batch.unwrap(), how);
    let schema = Arc::clone(stream.schema());
    Arc::new(StreamingTable::try_new(schema, vec![Arc::new(stream)]).unwrap())
}

#[test]
fn a_provider_that_panics_or_waits_for_ever_is_not_taken_for_one_that_ends() {
    let folder = Community::new(&[]);
    let open = |how| {
        let config = Config::parse(folder.path("community.toml"), BARE).unwrap();
        let host = Host::new().unwrap().with_bundled("regulars", groundswell_plugins::REGULARS);
        host.open_config(config).with_table(Table::Activities, breaking(how))
    };
    insta::assert_snapshot!(open(|| panic!("a provider's own")).snapshot(None).unwrap_err(), @"provider, table activities: it panicked before all rows were read");
    let deadline = std::time::Instant::now() + std::time::Duration::from_millis(200);
    let error = open(|| None).run(&RunOptions::default().deadline(deadline)).unwrap_err();
    assert!(error.is_stopped(), "{error}");
}

#[test]
fn bytes_that_are_no_text_are_no_silent_null() {
    let folder = Community::new(&[]);
    let members = "SELECT 'ada' AS id, arrow_cast(X'62FF6F74', 'Binary') AS role";
    let error = provided(&folder, &[(Table::Members, members)]).snapshot(None).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r#"provider, table members: line 1 cannot be used: `role` is not UTF-8 ("b�ot"); its `role` may be one of exclude-roles, and nobody who has one may be scored or rewarded: mend the line"#);
}
