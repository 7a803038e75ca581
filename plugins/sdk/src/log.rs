//! Messages for the plugin's author and the community. Not part of the results: the host may drop them, cuts
//! them beyond its limits and escapes control characters.
//!
//! Outside a component, in a plugin's own tests, lines are kept for the thread that wrote them:
//!
//! ```
//! use groundswell_plugin::log;
//!
//! log::info("the data has no audience: the ceiling is off");
//! log::warn(format_args!("{} members", 3));
//! assert_eq!(log::take(), [
//!     (log::Level::Info, "the data has no audience: the ceiling is off".to_owned()),
//!     (log::Level::Warn, "3 members".to_owned()),
//! ]);
//! ```

use std::fmt::Display;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the author alone; not shown unless asked for.
    Debug,
    /// Worth reading once.
    Info,
    /// Something the community should look into.
    Warn,
}

/// A line for the author alone.
pub fn debug(message: impl Display) {
    write(Level::Debug, &message.to_string());
}

/// A line worth reading once.
pub fn info(message: impl Display) {
    write(Level::Info, &message.to_string());
}

/// A line that the community should look into.
pub fn warn(message: impl Display) {
    write(Level::Warn, &message.to_string());
}

#[cfg(target_arch = "wasm32")]
fn write(level: Level, message: &str) {
    use crate::bindings::definition::groundswell::plugin::log;

    let level = match level {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
    };
    log::log(level, message);
}

#[cfg(not(target_arch = "wasm32"))]
std::thread_local! {
    static LINES: std::cell::RefCell<Vec<(Level, String)>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[cfg(not(target_arch = "wasm32"))]
fn write(level: Level, message: &str) {
    LINES.with_borrow_mut(|lines| lines.push((level, message.to_owned())));
}

/// Takes what this thread has logged so far. For tests: it does not exist in a component.
#[cfg(not(target_arch = "wasm32"))]
pub fn take() -> Vec<(Level, String)> {
    LINES.take()
}

/// Sends the message of a panic through the log before the component traps.
pub(crate) fn panics() {
    #[cfg(target_arch = "wasm32")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| warn(panic))));
    }
}
