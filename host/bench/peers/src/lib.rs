//! What is written in Python and compared with: installed by pip into an environment of its own, then asked line by line.

mod process;
mod venv;

pub use process::Process;
pub use venv::Wheels;

/// What stands for a part in the way of figures: a sentence for whoever waits for them.
pub type Missing = String;
