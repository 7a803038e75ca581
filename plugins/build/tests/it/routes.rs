//! The ways to the target.

use groundswell_plugin_build::{BuildError, Route, prepare};
use insta::assert_snapshot;

use crate::components::check;
use crate::folder::{Folder, Steps};

#[test]
fn a_route_that_does_not_exist_is_refused_with_those_that_do() {
    assert_snapshot!("nix".parse::<Route>().unwrap_err(), @"GROUNDSWELL_WASM_ROUTE is `nix`, which is no route; use `toolchain`, `rustup` or `debian`");
    for route in [Route::Toolchain, Route::Rustup, Route::Debian] {
        assert_eq!(route.name().parse::<Route>().unwrap(), route);
    }
}

#[test]
fn no_route_at_all_says_what_stood_in_the_way_of_each_and_what_to_type() {
    let tried =
        vec!["the active toolchain: it has no /lib/wasm32".to_owned(), "Debian's packages: no".to_owned()];
    assert_snapshot!(BuildError::NoTarget { tried }, @r"
    the target wasm32-unknown-unknown cannot be had here:
      - the active toolchain: it has no /lib/wasm32
      - Debian's packages: no
    Get it with one of

        rustup target add wasm32-unknown-unknown
        apt-get update && apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld
    ");
}

/// The forced third route. Needs the packages, or a Debian where this may install them.
#[test]
fn debians_compiler_builds_the_same_plugin_and_the_same_bytes_twice() {
    let steps = Steps::default();
    if let Err(reason) = prepare(Some(Route::Debian), steps.listen()) {
        eprintln!("skipped: debians_compiler_builds_the_same_plugin_and_the_same_bytes_twice: {reason}");
        return;
    }
    let folder = Folder::good();
    let build = || folder.builder().route(Route::Debian).on_step(steps.listen()).build();
    let first = build().unwrap_or_else(|error| panic!("{error}\n{}", steps.lines().join("\n")));
    assert_eq!(first.route, Route::Debian);
    check(&first);
    // Compiled again, in the same place: in another one the library would be, too, which takes a minute.
    folder.append("// The same plugin.");
    let second = build().unwrap();
    assert!(
        first.bytes == second.bytes,
        "{} and {} bytes that differ",
        first.bytes.len(),
        second.bytes.len()
    );
}
