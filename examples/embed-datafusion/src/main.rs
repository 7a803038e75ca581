//! A community whose activities DataFusion supplies: from a query here, from whatever it can read elsewhere. Then its definition
//! as a function of queries.
//!
//! `cargo run -p embed-datafusion`

use groundswell::datafusion::prelude::SessionContext;
use groundswell::{Config, Host, RunOptions, Table, definition_udf};

const COMMUNITY: &str = "[community]\nname = \"shop\"\n[definitions.regulars]\nplugin = \"regulars\"\n";
const ACTIVITIES: &str = "SELECT * FROM (VALUES
    ('ada', 'answer', TIMESTAMP '2020-05-01 10:00:00', 'bob'), ('ada', 'answer', TIMESTAMP '2020-05-09 11:00:00', 'cyd'),
    ('cyd', 'answer', TIMESTAMP '2020-05-11 12:00:00', 'bob'), ('bob', 'thank', TIMESTAMP '2020-05-12 09:30:00', 'ada')
    ) AS log (actor, verb, at, recipient)";
/// What the definition asks for, in its order; what is null is missing.
const NEWCOMERS: &str = "SELECT who, regulars(answers, helped, weeks, thanks, NULL, NULL, NULL, NULL, NULL) AS score
    FROM (VALUES ('eve', 9, 5, 0.5, 4), ('fay', 0, 0, 0.1, 0)) AS newcomers (who, answers, helped, weeks, thanks)";

fn main() -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let activities = SessionContext::new().sql(ACTIVITIES).await?.into_view();
        let host = Host::new()?.with_bundled("regulars", groundswell_plugins::REGULARS);
        let config = Config::parse("shop/community.toml", COMMUNITY)?;
        let community = host.open_config(config).with_table(Table::Activities, activities);
        // A dry run keeps nothing; the run itself has threads of its own, and holds up none of these.
        let run = community.spawn_run(RunOptions::default().dry_run(true)).await?;
        for member in run.members() {
            println!("{:>4}  {:8}  {:6.2}", member.rank, member.member, member.score);
        }

        // What others would score among those: the population is held fixed, and a row alone decides.
        let context = SessionContext::new();
        context.register_udf(definition_udf("regulars", run.fitted()?));
        context.sql(NEWCOMERS).await?.show().await?;
        Ok(())
    })
}
