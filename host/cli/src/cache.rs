use std::io::Write;

use clap::Subcommand;
use groundswell::runtime::{Cache as Compiled, CacheError};

use crate::failure::{Failure, harmless};
use crate::output::{self, Format};

/// The environment's say: a folder, or `off`.
const VARIABLE: &str = "GROUNDSWELL_CACHE";

/// Look into the cache of compiled plugins, or empty it
///
/// It is per user, in $XDG_CACHE_HOME or ~/.cache. GROUNDSWELL_CACHE names another folder, or says `off`.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  groundswell cache info
  groundswell cache clear")]
pub(crate) enum Cache {
    /// Say where it is, how many compiled plugins are in it and what they come to
    #[command(after_help = "\
Example:
  groundswell cache info --format json")]
    Info {
        /// How to answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Remove every compiled plugin from it
    #[command(after_help = "\
Example:
  groundswell cache clear")]
    Clear,
}

impl Cache {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Some(cache) = find().map_err(|error| Failure::new(&error))? else {
            return output::write(|out| writeln!(out, "{VARIABLE} is off: compiled plugins are not kept"));
        };
        let failed = |error: CacheError| Failure::new(&error);
        match self {
            Self::Info { format: Format::Json } => output::json(&cache.info().map_err(failed)?),
            Self::Info { format: Format::Table } => {
                let info = cache.info().map_err(failed)?;
                output::write(|out| {
                    writeln!(out, "folder:  {}", output::path(&info.folder))?;
                    writeln!(out, "plugins: {}", info.entries)?;
                    writeln!(out, "bytes:   {} of {} at most", info.bytes, info.most_bytes)
                })
            }
            Self::Clear => {
                let info = cache.clear().map_err(failed)?;
                output::write(|out| {
                    writeln!(out, "removed {} compiled plugins, {} bytes", info.entries, info.bytes)
                })
            }
        }
    }
}

/// The cache that the environment asks for; none where it says so.
fn find() -> Result<Option<Compiled>, CacheError> {
    match std::env::var_os(VARIABLE) {
        None => Compiled::for_user().map(Some),
        Some(blank) if blank.is_empty() => Compiled::for_user().map(Some),
        Some(off) if off.eq_ignore_ascii_case("off") => Ok(None),
        Some(folder) => Compiled::at(folder).map(Some),
    }
}

/// The same for commands that can do without: they say why there is none, and go on.
pub(crate) fn cache() -> Option<Compiled> {
    find().unwrap_or_else(|error| {
        let error = harmless(&error.to_string());
        crate::output::say!(
            "note: {error}. Plugins are compiled anew every time; {VARIABLE}=off says no more of it"
        );
        None
    })
}
