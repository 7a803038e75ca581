//! What scoring in the sandbox costs: each figure beside what it is compared with, taken in turns in one process, on one
//! thread unless said. `cargo xtask bench` runs it; README.md says how it is measured, and what came out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a program for developers, whose numbers are small"
)]

mod compare;
mod guests;
mod native;
mod others;
mod people;
mod sandbox;
mod split;
mod start;
mod tenants;
mod times;

use clap::{Parser, ValueEnum};

/// What is measured; nothing named means everything.
#[derive(Parser)]
struct Arguments {
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// Scoring beside native Rust, Extism, Rhai and Lua.
    Compare,
    /// Where the time of a batch goes.
    Split,
    /// Cold and cached start, instances a second.
    Start,
    /// A hundred tenants, undisturbed and beside a hostile one.
    Tenants,
    /// What [`Part::Tenants`] starts as a process of its own.
    #[value(hide = true)]
    RunTenants,
}

fn main() {
    let Arguments { parts } = Arguments::parse();
    // Once so much has been given back, glibc keeps what is freed: else pages that come and go are what is measured.
    drop(std::hint::black_box(vec![1_u8; 31 << 20]));
    let all = [Part::Compare, Part::Split, Part::Start, Part::Tenants];
    for part in if parts.is_empty() { &all[..] } else { &parts } {
        match part {
            Part::Compare => compare::compare(),
            Part::Split => split::split(),
            Part::Start => start::start(),
            Part::Tenants => tenants::tenants(),
            Part::RunTenants => tenants::run(),
        }
    }
}
