//! The runtime through its public face, against real components.

mod attackers;
mod files;
mod guests;
mod runs;
