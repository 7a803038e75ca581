//! Reads inputs again, without libFuzzer: `cargo run -p groundswell-fuzz --bin replay -- TARGET FILE…`.
//!
//! Inputs of `module` need `--features libfuzzer`.

use std::process::ExitCode;

use groundswell_fuzz::Target;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(target) = Target::named(&name) else {
        let known: Vec<_> = Target::ALL.iter().map(|target| target.name).collect();
        eprintln!("there is no target `{name}`; write replay TARGET FILE…, a TARGET of {}", known.join(", "));
        return ExitCode::FAILURE;
    };
    for file in arguments {
        match std::fs::read(&file) {
            Ok(input) => target.run(&input),
            Err(error) => {
                eprintln!("cannot read {file}: {error}");
                return ExitCode::FAILURE;
            }
        }
        println!("{file}: nothing found");
    }
    ExitCode::SUCCESS
}
