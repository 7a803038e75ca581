//! Metrics of a community's own that are wrong, slow or unstable: refused by a run, and by a validation that runs nothing.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use groundswell::{Error, Host, RunOptions};

use crate::community::{Community, toml};

const ACTIVITIES: &str = "id,actor,verb,at,recipient,weight\n1,ada,ask,2020-01-01,,\n2,bob,answer,2020-01-02,ada,2.5\n3,bob,answer,2020-03-01,cyd,-1\n";

/// A community with a metric of its own.
fn asking(sql: &str) -> Community {
    asking_of(sql, ACTIVITIES)
}

fn asking_of(sql: &str, activities: &str) -> Community {
    let tables = [("activities", "\"a.csv\""), ("members", "\"m.csv\"")];
    let community =
        Community::of_toml(&format!("{}[metrics.helpfulness]\nsql = '''{sql}'''\n", toml(&tables, "0%")));
    community.write("a.csv", activities.as_bytes());
    community.write("m.csv", b"id,role,team\nada,lead,red\neve,bot,\n");
    community
}

fn open(community: &Community) -> groundswell::Community {
    let host = Host::new().unwrap().with_bundled("regulars", groundswell_plugins::REGULARS);
    host.open(community.path("community.toml")).unwrap()
}

/// What a validation says is in the way.
fn checked(community: &Community) -> Vec<String> {
    let validation = open(community).validate(&RunOptions::default()).unwrap();
    assert!(!community.path(".groundswell").exists(), "something was written");
    validation.problems.iter().map(|problem| community.normalised(&problem.to_string())).collect()
}

/// What a run says that computes the metric.
fn run(community: &Community) -> Result<String, Error> {
    let measured = open(community).measure(&["helpfulness"], &RunOptions::default().dry_run(true))?;
    Ok(format!("{:?}", measured.column_by_name("helpfulness").unwrap()).replace('\n', ""))
}

/// What both refuse, in the same words.
fn refused(sql: &str) -> String {
    let community = asking(sql);
    let told = community.normalised(&run(&community).unwrap_err().to_string());
    assert_eq!(checked(&community), [told.as_str()], "{sql}");
    told.strip_prefix("the metric `helpfulness` of [metrics.helpfulness]: ").unwrap().to_owned()
}

/// What a run alone can find, since it takes rows.
fn fails(sql: &str) -> String {
    let community = asking(sql);
    assert_eq!(checked(&community), [""; 0], "{sql}");
    let told = community.normalised(&run(&community).unwrap_err().to_string());
    told.strip_prefix("the metric `helpfulness` of [metrics.helpfulness]: ").unwrap().to_owned()
}

#[test]
fn a_metric_that_is_right_is_not_in_the_way() {
    let sql = "select recipient as member, sum(weight) / count(*) as value from window_activities where recipient is not null group by recipient";
    let community = asking(sql);
    assert_eq!(checked(&community), [""; 0]);
    insta::assert_snapshot!(run(&community).unwrap(), @"PrimitiveArray<Float64>[  2.5,  null,  -1.0,]");
    let attributes = asking(
        "select id as member, case when team = 'red' then 1 end as value from members, moment where as_of is not null",
    );
    assert_eq!(checked(&attributes), [""; 0]);
}

#[test]
fn what_is_no_metric_is_refused_before_anything_runs() {
    insta::assert_snapshot!(refused(""), @"it is empty: write a select");
    insta::assert_snapshot!(refused("selec"), @"Expected: an SQL statement, found: selec at Line: 1, Column: 1");
    insta::assert_snapshot!(refused("select 1; select 2"), @"it is several statements: ask one at a time");
    insta::assert_snapshot!(refused("select id as member from members"), @"its columns are `member`, and must be `member` and `value`: write select … as member, … as value");
    insta::assert_snapshot!(refused("select id as member, 1 as value, 2 as more from members"), @"its columns are `member`, `value` and `more`, and must be `member` and `value`: write select … as member, … as value");
    insta::assert_snapshot!(refused("select 1 as member, 1 as value"), @"its column `member` is Int64, and must be the text of an id");
    insta::assert_snapshot!(refused("select id as member, role as value from members"), @"its column `value` is Utf8, and must be a number");
    insta::assert_snapshot!(refused("select id as member, true as value from members"), @"its column `value` is Boolean, and must be a number");
    insta::assert_snapshot!(refused("select id as member, joined_at as value from members"), @r#"its column `value` is Timestamp(ns, "UTC"), and must be a number"#);
    insta::assert_snapshot!(refused("select id as member, nothing as value from members"), @"No field named nothing. Valid fields are members.id, members.listed, members.opted_out, members.joined_at, members.role, members.external_followers, members.team.");
    insta::assert_snapshot!(refused("select follower as member, 1 as value from follows"), @"there is no table `follows`; there are `activities`, `members`, `moment` and `window_activities`");
    insta::assert_snapshot!(refused("select id as member, frobnicate(id) as value from members"), @"there is no function `frobnicate`");
    insta::assert_snapshot!(refused("select member, answers as value from metrics('answers')"), @"there is no table function `metrics`; there are `generate_series` and `range`");
    insta::assert_snapshot!(refused("explain select id as member, 1 as value from members"), @"its columns are `plan_type` and `plan`, and must be `member` and `value`: write select … as member, … as value");
}

#[test]
fn a_metric_that_reads_files_or_changes_something_is_refused() {
    insta::assert_snapshot!(refused("select * from read_parquet('m.parquet')"), @"there is no table function `read_parquet`; there are `generate_series` and `range`");
    insta::assert_snapshot!(refused("select * from read_csv('m.csv')"), @"there is no table function `read_csv`; there are `generate_series` and `range`");
    insta::assert_snapshot!(refused("select id as member, 1 as value from 'm.csv'"), @"there is no table `m.csv`; there are `activities`, `members`, `moment` and `window_activities`");
    insta::assert_snapshot!(refused("copy members to 'out.csv'"), @"it is no select, and nothing else is carried out");
    insta::assert_snapshot!(refused("copy (select id from members) to 'out.parquet' stored as parquet"), @"it is no select, and nothing else is carried out");
    insta::assert_snapshot!(refused("create external table x stored as csv location 'm.csv'"), @"it is no select, and nothing else is carried out");
    insta::assert_snapshot!(refused("create view x as select 1"), @"it is no select, and nothing else is carried out");
    insta::assert_snapshot!(refused("insert into members select * from members"), @"it is no select, and nothing else is carried out");
    insta::assert_snapshot!(refused("set datafusion.execution.batch_size = 1"), @"it is no select, and nothing else is carried out");
    insta::assert_snapshot!(refused("select * from information_schema.tables"), @"there is no table `information_schema.tables`; there are `activities`, `members`, `moment` and `window_activities`");
}

#[test]
fn a_metric_that_would_say_something_else_next_time_is_refused() {
    insta::assert_snapshot!(refused("select id as member, random() as value from members"), @"random() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(refused("select id as member, length(uuid()) as value from members"), @"uuid() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(refused("select id as member, 1 as value from members where joined_at < now()"), @"now() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(refused("select id as member, 1 as value from members where joined_at < current_date"), @"current_date() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(refused("select id as member, 1 as value from members order by random() limit 1"), @"random() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(refused("select actor as member, approx_percentile_cont(weight, 0.5) as value from activities group by actor"), @"approx_percentile_cont() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(refused("with r as (select random() as x) select id as member, x as value from members, r"), @"random() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
}

#[test]
fn what_rows_a_metric_has_a_run_finds() {
    insta::assert_snapshot!(fails("select actor as member, 1 as value from activities"), @"it has more than one row for bob: group by member");
    insta::assert_snapshot!(fails("select 'zoe' as member, 1 as value"), @"it has a row for zoe, and nobody in the data has that id");
    insta::assert_snapshot!(fails("select recipient as member, 1 as value from activities where id = '1'"), @"it has a row without a member; leave those out with where member is not null");
    insta::assert_snapshot!(fails("select id as member, 1.0 / 0.0 as value from members where id = 'ada'"), @"its value for ada is inf; divide by nullif(…, 0), so that there is none where there can be none");
    insta::assert_snapshot!(fails("select id as member, 'nan'::double as value from members where id = 'ada'"), @"its value for ada is NaN; divide by nullif(…, 0), so that there is none where there can be none");
    insta::assert_snapshot!(fails("select id as member, cast(role as double) as value from members"), @"Cannot cast string 'lead' to value of Float64 type; try_cast(… as …) makes null of what cannot be read");
    insta::assert_snapshot!(fails("select id as member, (select weight from activities) as value from members"), @"Scalar subquery returned more than one row");
}

#[test]
fn texts_that_would_fill_the_memory_are_refused() {
    insta::assert_snapshot!(refused("select id as member, length(repeat(id, 1000000000)) as value from members"), @"texts or lists in it may become 1000000000 times as long as those that they are made of, and may become 64 times as long: put fewer of them together");
    insta::assert_snapshot!(refused("select id as member, length(repeat(id, external_followers)) as value from members"), @"repeat() makes texts or lists of any length: write how long as a number, not as something that differs from row to row");
    insta::assert_snapshot!(refused("select id as member, length(lpad(id, 2147483647)) as value from members"), @"texts or lists in it may become 8388608 times as long as those that they are made of, and may become 64 times as long: put fewer of them together");
    insta::assert_snapshot!(refused("select id as member, array_length(range(1, 1000000000)) as value from members"), @"range() makes lists of any length: use it as a table, from range(…)");
    insta::assert_snapshot!(refused("select id as member, length(replace(id, 'a', id)) as value from members"), @"texts or lists in it may become 2048 times as long as those that they are made of, and may become 64 times as long: put fewer of them together");
    let doubled = (0..10).fold("select id as member, id as x from members".to_owned(), |inner, _| {
        format!("select member, concat(x, x) as x from ({inner})")
    });
    insta::assert_snapshot!(refused(&format!("select member, length(x) as value from ({doubled})")), @"texts or lists in it may become 1024 times as long as those that they are made of, and may become 64 times as long: put fewer of them together");
    insta::assert_snapshot!(refused(&format!("select id as member, length('{}') as value from members", "x".repeat(20_000))), @"it is longer than 16 KiB: leave something out");
    insta::assert_snapshot!(refused(&format!("select id as member, {}1 as value from members", "1 + ".repeat(1_500))), @"it has 1508 words and signs besides values, and may have 1000: leave something out");
    // What people write is not.
    let usual = asking(
        "select id as member, length(lpad(concat(id, '-', team), 40, '.') || repeat('x', 3)) as value from members where listed",
    );
    insta::assert_snapshot!(run(&usual).unwrap(), @"PrimitiveArray<Float64>[  43.0,  null,  null,]");
    let long = asking(&format!(
        "select id as member, {}1 as value from members where id = 'ada'",
        "1 + ".repeat(900)
    ));
    assert_eq!(checked(&long), [""; 0]);
    insta::assert_snapshot!(run(&long).unwrap(), @"PrimitiveArray<Float64>[  901.0,  null,  null,]");
    let texts = "with recursive n as (select id as member, id as x from members union all select member, x || x from n) select member, max(length(x)) as value from n group by member";
    insta::assert_snapshot!(fails(texts), @"the texts or lists in a column of 4 rows come to 100663316 bytes, and may to 67108864: make them shorter");
}

/// Somewhat more than nobody would wait for: each of these takes days.
#[test]
fn a_metric_that_takes_for_ever_ends_when_the_run_is_stopped() {
    let rows: String = (0..2_000).map(|row| format!("{row},ada,post,2020-01-01,,{row}\n")).collect();
    let activities = format!("id,actor,verb,at,recipient,weight\n{rows}");
    for sql in [
        // Whatever is made is counted away.
        "select a.actor as member, count(*) as value from activities a, activities b, activities c, activities d group by a.actor",
        // Nothing is ever handed on.
        "select a.actor as member, count(*) as value from activities a join (select b.weight + c.weight * 7 as w from activities b, activities c) x on a.weight * 3 > x.w + 1e12 group by a.actor",
        // All are equal.
        "select a.actor as member, count(*) as value from activities a join activities b on a.verb = b.verb join activities c on c.verb = b.verb join activities d on d.verb = c.verb group by a.actor",
        "with recursive n as (select 1 as i union all select i from n) select 'ada' as member, count(*) as value from n",
        "select 'ada' as member, max(value) as value from generate_series(1, 1000000000000)",
    ] {
        let community = asking_of(sql, &activities);
        assert_eq!(checked(&community), [""; 0], "{sql}");
        let deadline = RunOptions::default().dry_run(true).deadline(Instant::now() + Duration::from_secs(2));
        let ended = open(&community).measure(&["helpfulness"], &deadline).unwrap_err();
        // A machine that is fast enough comes to the end of the memory first.
        let ends = |error: &groundswell::Error| {
            error.is_stopped() || error.to_string().contains("512 MiB of memory")
        };
        assert!(ends(&ended), "{sql}: {ended}");
        let deadline = RunOptions::default().dry_run(true).deadline(Instant::now() + Duration::from_secs(1));
        let asked = open(&community).sql(sql, &deadline).unwrap_err();
        assert!(ends(&asked), "{sql}: {asked}");
    }
}

#[test]
fn an_answer_that_would_fill_the_memory_is_refused() {
    let rows: String = (0..3_000)
        .map(|row| format!("{row},somebody whose name is {row},post,2020-01-01,,{row}\n"))
        .collect();
    let community = asking_of("select 1", &format!("id,actor,verb,at,recipient,weight\n{rows}"));
    let all = "select a.*, b.* from activities a, activities b";
    let error = open(&community).sql(all, &RunOptions::default().dry_run(true)).unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"the query cannot be answered: the answer is longer than 512 MiB: ask for fewer columns, or add a limit");
}

#[test]
fn a_validation_that_could_not_read_all_tables_says_that_metrics_were_not_checked() {
    let community = asking("select nothing");
    community.write("a.csv", b"nothing\n");
    let validation = open(&community).validate(&RunOptions::default()).unwrap();
    let metrics: Vec<String> = validation
        .problems
        .iter()
        .filter(|it| matches!(it, Error::OwnMetric { .. }))
        .map(ToString::to_string)
        .collect();
    assert!(metrics.is_empty(), "{metrics:?}");
    insta::assert_snapshot!(validation.notes.join("\n"), @"the metrics of [metrics] could not be checked, since not all tables could be read");
    let frozen = asking("select nothing");
    let snapshot = frozen.snapshot().unwrap();
    let told = open(&frozen).with_snapshot(snapshot).validate(&RunOptions::default()).unwrap();
    let problems: Vec<String> = told.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"), @"the metric `helpfulness` of [metrics.helpfulness]: No field named nothing.");
}
