//! Makes a module of every folder under `attacks/` with a `metric.rs`, and a table of them.

#[path = "../listing.rs"]
mod listing;

fn main() -> std::process::ExitCode {
    println!("cargo::rerun-if-changed=../listing.rs");
    listing::list("../attacks", "metric.rs")
}
