//! What the data engine says of a question that it cannot answer, in words for whoever asked it.
//!
//! Where its own words are looked at, it is to say more than they do; words that are not known are handed on as they are.

use std::sync::Arc;

use arrow_schema::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::parser::ParserError;

use crate::Error;
use crate::nearest::{listed, nearest};
use crate::query::{MEMORY, SPILLED};

/// What a question failed by.
pub(super) fn sql(error: DataFusionError) -> Error {
    match error {
        // What went wrong inside one of our functions speaks for itself.
        DataFusionError::External(inside) => match inside.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => refused(&other.to_string()),
        },
        DataFusionError::Context(_, inside) | DataFusionError::Diagnostic(_, inside) => sql(*inside),
        DataFusionError::Shared(shared) => match Arc::try_unwrap(shared) {
            Ok(error) => sql(error),
            Err(shared) => refused(&words(&shared)),
        },
        error => refused(&words(&error)),
    }
}

/// What a question could not be planned by; `context` has the tables and functions that there are.
pub(super) fn unplanned(context: &SessionContext, error: DataFusionError) -> Error {
    let told = match error.find_root() {
        DataFusionError::Plan(told) => named_wrongly(context, told),
        _ => None,
    };
    told.map_or_else(|| sql(error), |told| refused(&told))
}

fn refused(problem: &str) -> Error {
    // Everything that there is lies in one place, whose name nobody has written.
    let problem = problem.replace("datafusion.public.", "").replace("datafusion.", "");
    // Lines that point at what stands above them point at nothing in one line.
    let points = |line: &str| line.chars().all(|c| matches!(c, '~' | '^' | ' '));
    let lines: Vec<&str> = problem.lines().map(str::trim).filter(|line| !points(line)).collect();
    Error::Sql { problem: groundswell_runtime::shown(&lines.join(" "), 2_000) }
}

/// What an error says, without what kind of error it is.
fn words(error: &DataFusionError) -> String {
    match error {
        DataFusionError::Context(_, inside) | DataFusionError::Diagnostic(_, inside) => words(inside),
        DataFusionError::Shared(inside) => words(inside),
        DataFusionError::Collection(all) => all.first().map_or_else(|| error.strip_backtrace(), words),
        DataFusionError::ResourcesExhausted(told) => exhausted(told),
        DataFusionError::ArrowError(inside, _) => of_values(inside),
        DataFusionError::SchemaError(inside, _) => inside.to_string(),
        DataFusionError::SQL(inside, _) => match inside.as_ref() {
            ParserError::TokenizerError(told) | ParserError::ParserError(told) => told.clone(),
            ParserError::RecursionLimitExceeded => "it nests too deeply: leave something out".to_owned(),
        },
        DataFusionError::Plan(told) => of_types(&plain(told)).unwrap_or_else(|| plain(told)),
        DataFusionError::Execution(told)
        | DataFusionError::NotImplemented(told)
        | DataFusionError::Configuration(told) => plain(told),
        DataFusionError::Internal(told) => format!(
            "the data engine is at a loss ({}): that is no fault of the question's, which may work when it is put otherwise",
            plain(told)
        ),
        DataFusionError::IoError(inside) => {
            format!("a file that it needs cannot be read or written: {inside}")
        }
        DataFusionError::External(inside) => inside.to_string(),
        error => error.strip_backtrace(),
    }
}

/// A message without what follows it where the engine tells from where it comes.
fn plain(told: &str) -> String {
    let told = told.split_once(DataFusionError::BACK_TRACE_SEP).map_or(told, |(told, _)| told);
    without_guesses(told)
}

/// A message without what somebody may have meant: of functions that are as likely it names any, another one each time.
fn without_guesses(problem: &str) -> String {
    let guess =
        problem.split_once(" Did you mean '").filter(|(before, _)| before.contains("Invalid function '"));
    let parts = guess.and_then(|(before, from)| Some((before, from.split_once("'?")?.1)));
    parts.map_or_else(|| problem.to_owned(), |(before, behind)| format!("{before}{behind}"))
}

/// What ran out, how much there may be, and the way out. Sorted and grouped rows go to files before memory runs out; what is
/// joined, and lists that are made, have to lie in memory.
fn exhausted(told: &str) -> String {
    let what = if told.contains("disk space") {
        format!("{} GiB of temporary files", SPILLED >> 30)
    } else {
        format!("{} MiB of memory", MEMORY >> 20)
    };
    format!(
        "it takes more than the {what} that all of its steps may have together: join by columns that are equal, group before \
         joining, or ask for fewer columns and rows"
    )
}

/// What is wrong with a value.
fn of_values(error: &ArrowError) -> String {
    match error {
        ArrowError::CastError(told) => format!("{told}; try_cast(… as …) makes null of what cannot be read"),
        ArrowError::DivideByZero => {
            "it divides by 0: divide by nullif(…, 0), so that there is no value where there can be none"
                .to_owned()
        }
        ArrowError::ParseError(told)
        | ArrowError::ComputeError(told)
        | ArrowError::ArithmeticOverflow(told)
        | ArrowError::InvalidArgumentError(told)
        | ArrowError::NotYetImplemented(told)
        | ArrowError::SchemaError(told) => told.clone(),
        ArrowError::ExternalError(inside) => match inside.downcast_ref::<DataFusionError>() {
            Some(inside) => words(inside),
            None => inside.to_string(),
        },
        error => error.to_string(),
    }
}

/// What is said of a function that is there, and takes no values of such types.
fn of_types(told: &str) -> Option<String> {
    let (_, from) = told.split_once("No function matches the given name and argument types '")?;
    let (call, behind) = from.split_once("'.")?;
    let (_, candidates) = behind.split_once("Candidate functions:")?;
    let candidates: Vec<&str> = candidates.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Some(format!(
        "there is no {call}, but {}: write cast(… as …) around what it is given",
        candidates.join(", ")
    ))
}

/// What is said of a table, or of a function, that is not there.
fn named_wrongly(context: &SessionContext, told: &str) -> Option<String> {
    let told = plain(told);
    let between = |before: &str, behind: &str| {
        let (name, rest) = told.strip_prefix(before)?.split_once('\'')?;
        rest.starts_with(behind).then(|| name.to_owned())
    };
    let state = context.state();
    if let Some(name) = between("table '", " not found") {
        let name = name.trim_start_matches("datafusion.").trim_start_matches("public.");
        let tables = state.catalog_list().catalog("datafusion")?.schema("public")?.table_names();
        return Some(missing("table", name, tables));
    }
    if let Some(name) = between("table function '", " not found") {
        let functions = state.table_functions().keys().cloned().collect();
        return Some(missing("table function", &name, functions));
    }
    let name = between("Invalid function '", "")?;
    if state.window_functions().contains_key(&name) {
        return Some(format!(
            "{name}() looks at other rows: write over (…) behind it, such as over (order by at)"
        ));
    }
    Some(format!("there is no function `{name}`"))
}

fn missing(what: &str, name: &str, mut there: Vec<String>) -> String {
    there.sort_unstable();
    let near = nearest(name, there.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
    format!("there is no {what} `{name}`{near}; there are {}", listed(&there))
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::FairSpillPool;
    use datafusion::execution::runtime_env::RuntimeEnvBuilder;
    use datafusion::prelude::SessionConfig;

    use super::super::bounds::{Bounds, Tally};
    use super::*;
    use crate::query::wait;
    use crate::stop::Stop;

    /// What a question is told that may have a mebibyte of memory.
    fn told(query: &str) -> String {
        let asked = wait(2, async {
            let pool = Arc::new(FairSpillPool::new(1 << 20));
            let environment = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().unwrap();
            let config = SessionConfig::new().with_target_partitions(2);
            let context = SessionContext::new_with_config_rt(config, environment);
            let plan = super::super::plan(&context, query).await?;
            let tally = Tally::new(Bounds { rows: 10_000_000, ..Bounds::QUESTION }, &Stop::default());
            super::super::execute(&context, plan, &tally, |_| Ok::<_, String>(())).await
        });
        asked.unwrap_err().to_string()
    }

    #[test]
    fn what_runs_out_of_memory_is_told_how_much_there_is_and_what_to_do() {
        let series = "generate_series(1, 400000)";
        for query in [
            format!("select array_agg(value) from {series}"),
            format!("select count(*) from {series} as a(x) join {series} as b(y) on a.x = b.y"),
        ] {
            assert_eq!(
                told(&query),
                "the query cannot be answered: it takes more than the 512 MiB of memory that all of its steps may have together: \
                 join by columns that are equal, group before joining, or ask for fewer columns and rows",
                "{query}"
            );
        }
        assert!(
            exhausted("The used disk space is beyond")
                .starts_with("it takes more than the 100 GiB of temporary")
        );
    }

    #[test]
    fn no_message_tells_what_kind_of_error_it_is_or_whose_fault() {
        for query in [
            "select 1 / 0",
            "select cast('x' as int)",
            "select sum('x')",
            "select substr('x', 'y')",
            "select foo(1)",
            "select row_number()",
            "select * from nowhere",
            "select * from nowhere()",
            "select * from information_schema.tables",
            "select (select value from generate_series(1, 3))",
            "select to_timestamp('x')",
            "selec",
            "select",
            "select nothing",
            "select cast(1 as nothing)",
            "select 1; select 2",
            "drop table x",
            "",
        ] {
            let told = told(query);
            let told = told.strip_prefix("the query cannot be answered: ").unwrap();
            assert!(!told.is_empty() && !told.starts_with(char::is_whitespace), "{query}: {told}");
            for jargon in ["rror:", "rror(", "DataFusion", "datafusion", "bug", "Exec", "not implemented"] {
                assert!(!told.contains(jargon), "{query}: {told}");
            }
        }
    }
}
