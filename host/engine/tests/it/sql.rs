//! Questions in SQL, and a community's own metrics.
#![expect(clippy::unwrap_used, reason = "tests")]

use groundswell::{Answer, Host, RunOptions};

use crate::community::{Community, toml};

const ACTIVITIES: &str = "id,actor,verb,at,recipient,topic,product,weight
1,ada,ask,2020-01-01,,hops,,
2,bob,answer,2020-01-02,ada,hops,,2.5
3,bob,answer,2020-03-01,cyd,malt,ale,-1
4,,like,2020-03-02,bob,,,
5,cyd,post,2021-01-01,,,,
";

fn community(more: &str) -> Community {
    let toml = toml(&[("activities", "\"a.csv\""), ("members", "\"m.csv\"")], "0%")
        .replace("name = \"test\"\n", "name = \"test\"\nas-of = 2020-03-03\nwindow = \"30d\"\n");
    let community = Community::of_toml(&format!("{toml}{more}"));
    community.write("a.csv", ACTIVITIES.as_bytes());
    community.write("m.csv", b"id,role,team.name\nada,lead,red\neve,bot,\n");
    community
}

fn open(community: &Community) -> groundswell::Community {
    let host = Host::new().unwrap().with_bundled("regulars", groundswell_plugins::REGULARS);
    host.open(community.path("community.toml")).unwrap()
}

fn ask(community: &Community, query: &str) -> Result<Answer, groundswell::Error> {
    open(community).sql(query, &RunOptions::default().threads(2))
}

fn told(community: &Community, query: &str) -> String {
    let answer = match ask(community, query) {
        Ok(answer) => answer,
        Err(error) => return community.normalised(&error.to_string()),
    };
    let mut lines = vec![answer.columns().collect::<Vec<_>>().join(" | ")];
    for row in answer.rows() {
        let cells: Vec<String> = row.into_iter().map(|cell| cell.unwrap_or_else(|| "-".to_owned())).collect();
        lines.push(cells.join(" | "));
    }
    lines.join("\n")
}

#[test]
fn views_have_texts_and_nothing_after_as_of() {
    let community = community("");
    insta::assert_snapshot!(told(&community, "select * from activities order by id"), @r"
    id | actor | verb | at | recipient | object | object_kind | topic | product | weight
    1 | ada | ask | 2020-01-01T00:00:00Z | - | - | - | hops | - | 1.0
    2 | bob | answer | 2020-01-02T00:00:00Z | ada | - | - | hops | - | 2.5
    3 | bob | answer | 2020-03-01T00:00:00Z | cyd | - | - | malt | ale | -1.0
    4 | - | like | 2020-03-02T00:00:00Z | bob | - | - | - | - | 1.0
    ");
    insta::assert_snapshot!(told(&community, "select id from window_activities order by id"), @r"
    id
    3
    4
    ");
    insta::assert_snapshot!(told(&community, "select * from members order by id"), @r"
    id | listed | opted_out | joined_at | role | external_followers | team.name
    ada | true | false | - | lead | - | red
    bob | false | false | - | - | - | -
    cyd | false | false | - | - | - | -
    eve | true | false | - | bot | - | -
    ");
    insta::assert_snapshot!(told(&community, "select count(*) as n from activities"), @r"
    n
    4
    ");
    insta::assert_snapshot!(told(&community, "select * from moment"), @r"
    as_of | window_start
    2020-03-03T00:00:00Z | 2020-02-02T00:00:00Z
    ");
    insta::assert_snapshot!(told(&community, "select a.topic, b.id from activities a join members b on a.actor = b.id where a.weight > 2"), @r"
    topic | id
    hops | bob
    ");
}

#[test]
fn views_have_nobody_who_joins_after_as_of_and_no_follow_of_theirs() {
    let toml = toml(&[("members", "\"m.csv\""), ("follows", "\"f.csv\"")], "0%")
        .replace("name = \"test\"\n", "name = \"test\"\nas-of = 2020-03-03\npopulation = \"all\"\n");
    let community = Community::of_toml(&toml);
    community.write("m.csv", b"id,joined_at\nada,2020-01-01\nbob,\neve,2030-01-01\n");
    community.write(
        "f.csv",
        b"follower,followed,since\nbob,ada,\neve,ada,\nada,eve,2020-01-01\nada,bob,2031-01-01\n",
    );
    insta::assert_snapshot!(told(&community, "select id from members order by id"), @r"
    id
    ada
    bob
    ");
    assert_eq!(told(&community, "select count(*) as n from members"), "n\n2");
    insta::assert_snapshot!(told(&community, "select followed, follower from follows"), @r"
    followed | follower
    ada | bob
    ");
    assert_eq!(told(&community, "select count(*) as n from follows"), "n\n1");
    assert_eq!(told(&community, "select sum(followers) as n from metrics('followers')"), "n\n1.0");
}

#[test]
fn mathematics_is_that_of_the_libm_crate() {
    let community = community("");
    let query = "select exp(1), ln(2), log(1000), log(2, 8), log(3, 9.5), log10(0.5), log2(8), power(2, 10), pow(2.1, 0.7), cbrt(27), cot(1), atan2(1, 2), tanh(0.5), exp(null)";
    let answer = ask(&community, query).unwrap();
    let row: Vec<Option<String>> = answer.rows().next().unwrap();
    let numbers = [
        libm::exp(1.0),
        libm::log(2.0),
        3.0,
        3.0,
        libm::log(9.5) / libm::log(3.0),
        libm::log10(0.5),
        3.0,
        1024.0,
        libm::pow(2.1, 0.7),
        3.0,
        1.0 / libm::tan(1.0),
        libm::atan2(1.0, 2.0),
        libm::tanh(0.5),
    ];
    let wanted: Vec<Option<f64>> = numbers.into_iter().map(Some).chain([None]).collect();
    let told = |cell: &Option<String>| cell.as_ref().map(|cell| cell.parse::<f64>().unwrap());
    assert_eq!(row.iter().map(told).collect::<Vec<_>>(), wanted);
    let by_member = "select id, power(external_followers, 0.5) from members where id = 'ada'";
    assert_eq!(ask(&community, by_member).unwrap().rows().next().unwrap(), [Some("ada".to_owned()), None]);
}

#[test]
fn metrics_and_definitions_are_tables() {
    let community = community("");
    insta::assert_snapshot!(told(&community, "select * from metrics('answers', 'topics') order by member"), @r"
    member | answers | topics
    bob | 1.0 | 1.0
    cyd | 0.0 | 0.0
    ");
    let scored = "select d.member, d.tier, m.answers from definition('regulars') d join metrics('answers') m on d.member = m.member order by d.member";
    insta::assert_snapshot!(told(&community, scored), @r"
    member | tier | answers
    bob | member | 1.0
    cyd | unrated | 0.0
    ");
    insta::assert_snapshot!(told(&community, "select * from definition('nobodys')"), @"[folder]/community.toml:10:2: there is no definition `nobodys`; definitions are `regulars`");
    insta::assert_snapshot!(told(&community, "select * from metrics('answerz')"), @"cannot measure `answerz`: there is no such metric, did you mean `answers`?");
    insta::assert_snapshot!(told(&community, "select * from metrics()"), @"the query cannot be answered: metrics() takes ids of metrics, such as metrics('answers')");
    insta::assert_snapshot!(told(&community, "select * from metrics(1)"), @"the query cannot be answered: metrics() takes texts in quotes, not Int64(1)");
    let answer = ask(&community, "select member, topics from metrics('topics') order by member").unwrap();
    insta::assert_snapshot!(serde_json::to_string(&answer).unwrap(), @r#"[{"member":"bob","topics":1.0},{"member":"cyd","topics":0.0}]"#);
}

#[test]
fn what_would_change_something_is_refused() {
    let community = community("");
    for query in [
        "create table x as select 1",
        "drop table members",
        "insert into members select * from members",
        "copy members to 'members.csv'",
        "create external table x stored as csv location 'a.csv'",
        "set datafusion.execution.batch_size = 1",
        "select 1; select 2",
    ] {
        let error = ask(&community, query).unwrap_err();
        assert!(matches!(error, groundswell::Error::Sql { .. }), "{query}: {error}");
    }
    assert!(!community.path("members.csv").exists());
    insta::assert_snapshot!(told(&community, "select nothing from members"), @r#"the query cannot be answered: No field named nothing. Valid fields are members.id, members.listed, members.opted_out, members.joined_at, members.role, members.external_followers, members."team.name"."#);
    insta::assert_snapshot!(told(&community, "select * from 'a.csv'"), @"the query cannot be answered: there is no table `a.csv`; there are `activities`, `members`, `moment` and `window_activities`");
    insta::assert_snapshot!(told(&community, "selec"), @"the query cannot be answered: Expected: an SQL statement, found: selec at Line: 1, Column: 1");
}

#[test]
fn a_snapshot_is_asked_without_its_community() {
    let community = community("");
    let snapshot = community.snapshot().unwrap();
    let host = Host::new().unwrap();
    let alone = host.open_snapshot(snapshot.dir()).unwrap();
    let answer = alone.sql("select count(*) as n from activities", &RunOptions::default()).unwrap();
    assert_eq!(answer.rows().next().unwrap(), [Some("5".to_owned())]);
    let measured = alone.measure(&["answers"], &RunOptions::default()).unwrap();
    assert_eq!(measured.num_rows(), 3);
    let error = alone.run(&RunOptions::default()).unwrap_err().to_string();
    let error = community.normalised(&error).replace(snapshot.hash(), "[hash]");
    insta::assert_snapshot!(error, @r#"[folder]/.groundswell/snapshots/[hash]:1:1: there is no definition to run; add one: [definitions.regulars] with plugin = "regulars""#);
}

fn own(query: &str) -> Community {
    community(&format!("[metrics.helpfulness]\nsql = \"{query}\"\n"))
}

/// What measuring the own metric says.
fn measured(query: &str) -> String {
    let community = own(query);
    match open(&community).measure(&["helpfulness", "answers"], &RunOptions::default()) {
        Ok(batch) => format!("{:?}", batch.column_by_name("helpfulness").unwrap()).replace('\n', ""),
        Err(error) => community.normalised(&error.to_string()),
    }
}

#[test]
fn a_metric_of_the_communitys_own_is_measured_like_others() {
    let sum = "select actor as member, sum(weight) as value from window_activities where actor is not null group by actor";
    insta::assert_snapshot!(measured(sum), @"PrimitiveArray<Float64>[  -1.0,  null,]");
    insta::assert_snapshot!(measured("select id as member, null as value from members"), @"PrimitiveArray<Float64>[  null,  null,]");
}

#[test]
fn a_metric_in_sql_that_is_wrong_says_how() {
    insta::assert_snapshot!(measured("select actor as member, 1 as value from activities"), @"the metric `helpfulness` of [metrics.helpfulness]: it has more than one row for bob: group by member");
    insta::assert_snapshot!(measured("select 'zoe' as member, 1 as value"), @"the metric `helpfulness` of [metrics.helpfulness]: it has a row for zoe, and nobody in the data has that id");
    insta::assert_snapshot!(measured("select id, 1 as value from members"), @"the metric `helpfulness` of [metrics.helpfulness]: its columns are `id` and `value`, and must be `member` and `value`: write select … as member, … as value");
    insta::assert_snapshot!(measured("select id as member, role as value from members"), @"the metric `helpfulness` of [metrics.helpfulness]: its column `value` is Utf8, and must be a number");
    insta::assert_snapshot!(measured("select id as member, random() as value from members"), @"the metric `helpfulness` of [metrics.helpfulness]: random() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(measured("select id as member, date_part('day', now()) as value from members"), @"the metric `helpfulness` of [metrics.helpfulness]: now() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(measured("select id as member, (select approx_distinct(id) from members) as value from members"), @"the metric `helpfulness` of [metrics.helpfulness]: approx_distinct() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the clock, and use exact aggregates");
    insta::assert_snapshot!(measured("select actor as member, 1.0 / 0.0 as value from activities where actor = 'ada'"), @"the metric `helpfulness` of [metrics.helpfulness]: its value for ada is inf; divide by nullif(…, 0), so that there is none where there can be none");
    insta::assert_snapshot!(measured("select actor as member, 1 as value from activities where id = '3' union all select 'bob', 2"), @"the metric `helpfulness` of [metrics.helpfulness]: it has more than one row for bob: group by member");
    insta::assert_snapshot!(measured("drop table members"), @"the metric `helpfulness` of [metrics.helpfulness]: it is no select, and nothing else is carried out");
    insta::assert_snapshot!(measured("select * from members m"), @"the metric `helpfulness` of [metrics.helpfulness]: its columns are `id`, `listed`, `opted_out`, `joined_at`, `role`, `external_followers` and `team.name`, and must be `member` and `value`: write select … as member, … as value");
}

#[test]
fn a_metric_cannot_take_anothers_name() {
    let error = |name: &str| {
        let community = community(&format!("[metrics.{name}]\nsql = \"select 1\"\n"));
        community.normalised(&community.snapshot().unwrap_err().to_string())
    };
    insta::assert_snapshot!(error("answers"), @"[folder]/community.toml:12:10: there is a metric `answers` already; `groundswell metrics` lists the names that are taken");
    insta::assert_snapshot!(error("My-Metric"), @"[folder]/community.toml:12:10: a metric cannot be called `My-Metric`; use lowercase letters, digits and single hyphens between them, such as `helpfulness`");
    let unknown = community("[metrics.mine]\nquery = \"select 1\"\n");
    insta::assert_snapshot!(unknown.normalised(&unknown.snapshot().unwrap_err().to_string()), @"[folder]/community.toml:13:1: [metrics.mine] has no key `query`; [metrics.mine] has the keys `sql`, `plugin`, `settings` and `grants`; what the plugin is told goes into settings = { query = … }");
}
