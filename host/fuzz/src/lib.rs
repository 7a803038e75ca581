//! Inputs that nobody would think of, for whatever reads bytes from strangers.
//!
//! A [`Target`] takes bytes and asserts what must hold whatever they are. The tests of this crate replay the seeds
//! under `seeds/` and inputs that are made of them; `cargo xtask fuzz` lets libFuzzer look for more, guided by which
//! code an input reaches.

mod answers;
mod bytes;
mod community_toml;
mod component;
mod csv;
mod delivery_answer;
mod frozen;
mod guests;
mod json_lines;
mod ledger_file;
mod letter_template;
mod map;
mod message;
mod metric_answers;
#[cfg(feature = "libfuzzer")]
mod module;
mod packed;
mod panics;
mod parquet;
mod rows;
mod scratch;
mod sourcecred;
mod sql;
mod sqlite;
mod stamp;
mod tags;
mod use_fully;
mod xml;
mod zulip;

/// Something that reads bytes from strangers.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, in `targets.toml` and as a folder of seeds.
    pub name: &'static str,
    run: fn(&[u8]),
    prepare: fn(),
}

impl Target {
    /// All of them, `module` only with the feature `libfuzzer`.
    pub const ALL: &[Self] = &[
        Self { name: "component", run: component::run, prepare: guests::prepare },
        #[cfg(feature = "libfuzzer")]
        Self { name: "module", run: module::run, prepare: guests::prepare },
        Self { name: "stamp", run: stamp::run, prepare: guests::prepare },
        Self { name: "answers", run: answers::run, prepare: guests::prepare },
        Self { name: "metric-answers", run: metric_answers::run, prepare: guests::prepare_metric },
        Self { name: "community-toml", run: community_toml::run, prepare: || () },
        Self { name: "csv", run: csv::run, prepare: || () },
        Self { name: "json-lines", run: json_lines::run, prepare: || () },
        Self { name: "parquet", run: parquet::run, prepare: panics::let_engines },
        Self { name: "packed", run: packed::run, prepare: || () },
        Self { name: "map", run: map::run, prepare: || () },
        Self { name: "sqlite", run: sqlite::run, prepare: || () },
        Self {
            name: "sql",
            run: sql::run,
            prepare: || {
                panics::let_engines();
                sql::prepare();
            },
        },
        Self { name: "xml", run: xml::run, prepare: || () },
        Self { name: "sourcecred", run: sourcecred::run, prepare: || () },
        Self { name: "zulip", run: zulip::run, prepare: || () },
        Self { name: "ledger-file", run: ledger_file::run, prepare: ledger_file::prepare },
        Self { name: "letter-template", run: letter_template::run, prepare: || () },
        Self { name: "delivery-answer", run: delivery_answer::run, prepare: || () },
    ];

    /// The target of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|target| target.name == name)
    }

    /// Builds what it needs beside the input, so that the first input takes no longer than others.
    pub fn prepare(&self) {
        (self.prepare)();
    }

    /// Reads an input.
    ///
    /// # Panics
    ///
    /// Where something does not hold that must hold whatever the input is.
    pub fn run(&self, input: &[u8]) {
        (self.run)(input);
    }
}
