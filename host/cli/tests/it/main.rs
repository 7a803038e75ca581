//! The command as a shell sees it: what each part of it promises.
#![expect(clippy::unwrap_used, reason = "tests")]

mod appreciate;
mod attack;
mod cache;
mod definitions;
mod deliver;
mod demo;
mod explain;
mod help;
mod history;
mod import;
mod init;
mod plugin;
mod refusals;
mod rewards;
mod run;
mod shell;
mod validate;
