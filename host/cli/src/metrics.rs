use std::io::Write;

use clap::Args;

use crate::failure::Failure;
use crate::output::{self, Format};
use crate::table::Table;

/// List the metrics that a definition can ask for
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell metrics --format json")]
pub(crate) struct Metrics {
    /// How to answer; JSON says more about each
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Metrics {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let metrics = groundswell::metrics();
        if self.format == Format::Json {
            return output::json(&metrics);
        }
        let mut table = Table::new(&["metric", "unit", "computed from", "says"], &[]);
        for metric in metrics {
            table.row([
                metric.id.to_owned(),
                metric.unit.to_owned(),
                metric.needs.join(" or "),
                metric.summary.to_owned(),
            ]);
        }
        output::write(|out| writeln!(out, "{table}"))
    }
}
