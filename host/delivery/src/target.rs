//! To whom awards are handed.

use std::sync::Arc;

use crate::{JsonLines, Webhook};

/// To whom awards are handed, under the name by which the outbox knows them.
#[derive(Debug)]
pub struct Target {
    pub(crate) name: String,
    pub(crate) way: Way,
}

/// How a target takes awards.
#[derive(Debug)]
pub(crate) enum Way {
    /// Shared with whoever waits for its answers.
    Webhook(Arc<Webhook>),
    JsonLines(JsonLines),
}

impl Target {
    /// A platform that takes them by HTTP.
    pub fn webhook(name: impl Into<String>, webhook: Webhook) -> Self {
        Self { name: name.into(), way: Way::Webhook(Arc::new(webhook)) }
    }

    /// A file that they are appended to.
    pub fn json_lines(name: impl Into<String>, lines: JsonLines) -> Self {
        Self { name: name.into(), way: Way::JsonLines(lines) }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }
}
