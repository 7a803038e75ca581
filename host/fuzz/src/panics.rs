//! Panics of others, which the host catches and names.

use std::panic::PanicHookInfo;

/// What the crates begin with whose panics end in an error: readers of Parquet, and the data engine.
const ENGINES: [&str; 5] = ["arrow", "parquet", "datafusion", "sqlparser", "thrift"];

/// Lets panics of these crates go on to whoever catches them. libFuzzer's program ends at every panic otherwise.
pub(crate) fn let_engines() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_of_engine(panic) {
            before(panic);
        }
    }));
}

fn is_of_engine(panic: &PanicHookInfo<'_>) -> bool {
    let file = panic.location().map_or("", |location| location.file());
    // Below the folder of a registry stands that of the crate, with its version.
    let Some((_, crates)) = file.split_once("/registry/src/") else { return false };
    crates.split('/').nth(1).is_some_and(|name| ENGINES.iter().any(|engine| name.starts_with(engine)))
}
