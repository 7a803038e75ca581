//! libFuzzer's program: one for all targets, which `GROUNDSWELL_FUZZ_TARGET` chooses.
//!
//! `cargo xtask fuzz` builds and runs it. On the command line stand libFuzzer's own options, folders and files.
#![no_main]
#![expect(clippy::panic, reason = "the way out of a program that somebody runs by hand")]

use std::sync::OnceLock;

use groundswell_fuzz::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: prepare(), |input: &[u8]| -> libfuzzer_sys::Corpus {
    if let Some(target) = TARGET.get() {
        target.run(input);
    }
    libfuzzer_sys::Corpus::Keep
});

fn prepare() {
    let name = std::env::var("GROUNDSWELL_FUZZ_TARGET").unwrap_or_default();
    let Some(target) = Target::named(&name) else {
        let known: Vec<_> = Target::ALL.iter().map(|target| target.name).collect();
        panic!("set GROUNDSWELL_FUZZ_TARGET to one of {}, not to `{name}`", known.join(", "));
    };
    target.prepare();
    TARGET.get_or_init(|| *target);
}
