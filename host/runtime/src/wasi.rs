//! WASI preview 2 for guests that import it, without a world behind it.
//!
//! Interpreters bring imports of WASI along, whether or not a plugin uses what they stand for. Every interface here is
//! answered with nothing, made deterministic, or refused; [`INTERFACES`] says which, and `WASI.md` is written from it.
//! Nothing in here looks at the machine: no file, socket, variable, clock or source of randomness is within reach.

mod answers;
mod link;
mod state;

use std::fmt;

use semver::Version;

pub(crate) use link::add_to_linker;
pub(crate) use state::{Wasi, World};

/// The version of WASI whose interfaces are linked; every 0.2 is compatible with it.
const VERSION: &str = "0.2.12";

/// Every function and resource of the interfaces, as [`crate::signature`] writes them: one a line.
pub(crate) const SHAPES: &str = include_str!("wasi/shapes.txt");

/// How an interface is virtualised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It works, and there is nothing behind it.
    Nothing,
    /// It works, and says the same in every run of the same receipt.
    Deterministic,
    /// It can be imported; what asks for something is denied.
    Refused,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Deterministic => "deterministic",
            Self::Refused => "refused",
        })
    }
}

/// An interface of WASI, and what a guest finds there.
#[derive(Debug)]
pub(crate) struct Interface {
    /// With its package, without a version.
    pub(crate) name: &'static str,
    pub(crate) how: How,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page, which a test writes"))]
    pub(crate) what: &'static str,
}

const fn interface(name: &'static str, how: How, what: &'static str) -> Interface {
    Interface { name, how, what }
}

/// Every interface of WASI that can be imported.
pub(crate) const INTERFACES: [Interface; 27] = {
    use How::{Deterministic, Nothing, Refused};
    [
        interface("wasi:cli/environment", Nothing, "no variables, no arguments, no working directory"),
        interface(
            "wasi:cli/exit",
            Deterministic,
            "ends the call with a fault that names it, whatever the status",
        ),
        interface("wasi:cli/stdin", Nothing, "at its end from the start"),
        interface(
            "wasi:cli/stdout",
            Deterministic,
            "lines go to the plugin's log as `info`, within its limits; its last words only where it has no others",
        ),
        interface(
            "wasi:cli/stderr",
            Deterministic,
            "lines go to the plugin's log as `warn`, and are its last words where it traps",
        ),
        interface("wasi:cli/terminal-input", Nothing, "there is none"),
        interface("wasi:cli/terminal-output", Nothing, "there is none"),
        interface("wasi:cli/terminal-stdin", Nothing, "no terminal"),
        interface("wasi:cli/terminal-stdout", Nothing, "no terminal"),
        interface("wasi:cli/terminal-stderr", Nothing, "no terminal"),
        interface(
            "wasi:clocks/wall-clock",
            Deterministic,
            "stands at the run's as-of; at 1970-01-01 where as-of is earlier, and while a plugin is described",
        ),
        interface(
            "wasi:clocks/monotonic-clock",
            Deterministic,
            "begins at 0 in every instance, and moves only to a moment that a guest waits for: nothing sleeps",
        ),
        interface("wasi:io/error", Nothing, "there is none: what fails is an end"),
        interface("wasi:io/poll", Deterministic, "everything is ready at once"),
        interface(
            "wasi:io/streams",
            Deterministic,
            "those of stdin, stdout and stderr; the host keeps a part of one line",
        ),
        interface(
            "wasi:random/random",
            Deterministic,
            "seeded by the run; every question sees the same numbers, so that every batch is answered alike",
        ),
        interface("wasi:random/insecure", Deterministic, "the same numbers as `random`"),
        interface("wasi:random/insecure-seed", Deterministic, "the next 16 bytes of them"),
        interface("wasi:filesystem/preopens", Nothing, "no folders"),
        interface(
            "wasi:filesystem/types",
            Nothing,
            "no file can be had, so that nothing can be asked of one",
        ),
        interface("wasi:sockets/network", Nothing, "names for the rest"),
        interface("wasi:sockets/instance-network", Nothing, "a network on which nothing is allowed"),
        interface("wasi:sockets/ip-name-lookup", Refused, "`access-denied`"),
        interface("wasi:sockets/tcp", Nothing, "no socket can be had, so that nothing can be asked of one"),
        interface("wasi:sockets/tcp-create-socket", Refused, "`access-denied`"),
        interface("wasi:sockets/udp", Nothing, "no socket can be had, so that nothing can be asked of one"),
        interface("wasi:sockets/udp-create-socket", Refused, "`access-denied`"),
    ]
};

/// The name of an import of WASI without its version, where it can be had.
pub(crate) fn known(import: &str) -> Option<&'static str> {
    let (name, version) = import.split_once('@')?;
    let version = Version::parse(version).ok()?;
    let speaks = version.major == 0 && version.minor == 2 && version.pre.is_empty();
    INTERFACES.iter().map(|known| known.name).find(|&known| speaks && known == name)
}

/// Why an import of WASI that is not [`known`] cannot be had.
pub(crate) fn refusal(import: &str) -> &'static str {
    let (name, _) = import.split_once('@').unwrap_or((import, ""));
    if INTERFACES.iter().any(|known| known.name == name) {
        return "this host has WASI 0.2, preview 2: build the plugin for that";
    }
    match name.split('/').next() {
        Some("wasi:http") => "a plugin has no network; build it without `fetch` and HTTP",
        Some("wasi:cli" | "wasi:clocks" | "wasi:filesystem" | "wasi:io" | "wasi:random" | "wasi:sockets") => {
            "WASI 0.2 has no such interface, or only as a proposal"
        }
        _ => "a plugin has no storage, services or devices; leave out what imports it",
    }
}

/// Items of an interface, and their shapes.
pub(crate) fn shapes(interface: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    SHAPES.lines().filter_map(move |line| {
        let (name, shape) = line.split_once(": ")?;
        let (of, item) = name.split_once('.')?;
        (of == interface).then_some((item, shape))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page about all this.
    fn page() -> String {
        let mut page = include_str!("wasi/page.md").to_owned();
        page.push_str("\n| interface | how | what a guest finds |\n| --- | --- | --- |\n");
        for Interface { name, how, what } in &INTERFACES {
            page.push_str(&format!("| `{name}` | {how} | {what} |\n"));
        }
        page
    }

    #[test]
    fn the_page_says_what_the_table_says() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("WASI.md");
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page(), "INSTA_UPDATE=always writes WASI.md");
    }

    #[test]
    fn every_interface_is_in_the_table_once_and_has_shapes() {
        let mut names: Vec<&str> = INTERFACES.iter().map(|known| known.name).collect();
        for name in &names {
            assert!(shapes(name).next().is_some(), "{name}");
        }
        for line in SHAPES.lines() {
            let interface = line.split_once('.').unwrap().0;
            assert!(names.contains(&interface), "{interface}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), INTERFACES.len());
    }

    #[test]
    fn any_patch_of_preview_2_is_known_and_nothing_else() {
        for version in ["0.2.0", "0.2.12", "0.2.99"] {
            assert_eq!(known(&format!("wasi:io/poll@{version}")), Some("wasi:io/poll"));
        }
        for import in [
            "wasi:io/poll",
            "wasi:io/poll@0.3.0",
            "wasi:io/poll@0.2.0-rc1",
            "wasi:io/polls@0.2.0",
            "wasi:http/types@0.2.0",
        ] {
            assert_eq!(known(import), None, "{import}");
        }
    }
}
