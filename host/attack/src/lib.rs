//! Runs the attackers of `groundswell-attackers` against a host's own limits: does the sandbox hold, with the limits that
//! *you* chose, and what does each attack cost you before it is stopped?
//!
//! ```no_run
//! use groundswell_attack::{Mode, Siege, Limits};
//!
//! let report = Siege::new(Mode::Strict, Limits::new()).only(["spin-in-fit"])?.run(|_, _| ())?;
//! assert!(report.held());
//! for trial in &report.trials {
//!     println!("{}: {} in {} ms", trial.name, trial.verdict, trial.millis);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is looked at
//!
//! Every attacker is loaded, and everything is done with it that a host does with a plugin: scores, placements,
//! explanations, awards. It is *stopped* by an error that names it and nobody else, with no character in it that a
//! terminal would obey. It is *harmless* where it has nothing to hold on to, and its results are the honest plugin's, bit
//! for bit. After each the honest plugin is run in the same runtime, and has to answer what it answered before. Anything
//! else *got away*.
//!
//! # Cost
//!
//! Compiling takes most of the time, a second or two a hundred attackers; with the default limits those that spin take
//! their fuel, or in fast mode their wall time: `fast-wall-millis` each. Memory is what the limits allow one instance.

mod report;
mod siege;
mod trial;

pub use groundswell_attackers::{Attacker, By, Expected, Part, When, all};
pub use groundswell_runtime::{Limits, Mode};
pub use report::{Report, Trial, Verdict};
pub use siege::{Siege, SiegeError};
