//! Makes a module of every folder under `attacks/` with an `attack.rs`, and a table of them.

mod listing;

fn main() -> std::process::ExitCode {
    println!("cargo::rerun-if-changed=listing.rs");
    listing::list("attacks", "attack.rs")
}
