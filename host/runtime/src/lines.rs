//! What plugins log in a run: every line once, up to a number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::PluginId;
use crate::bindings::groundswell::plugin::log::Level;
use crate::text::Figure;

/// The log of one plugin in one run, shared by all its calls. Strict mode fits anew for every batch, so a line of
/// `fit` comes as often as there are batches and questions.
///
/// Dropping it says what was not written.
pub(crate) struct Lines {
    plugin: Arc<PluginId>,
    /// How many different lines are written.
    most: u32,
    /// Whether nothing is written at all, not even that something was dropped.
    silent: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Every line that was written, by its text.
    written: HashMap<String, Written>,
    dropped: u64,
}

struct Written {
    /// How many lines came before it.
    place: usize,
    times: u64,
}

impl Lines {
    pub(crate) fn new(plugin: Arc<PluginId>, most: u32) -> Arc<Self> {
        Arc::new(Self { plugin, most, silent: false, state: Mutex::default() })
    }

    /// For questions that are asked again, where everything has been said.
    pub(crate) fn silent(plugin: Arc<PluginId>) -> Arc<Self> {
        Arc::new(Self { plugin, most: 0, silent: true, state: Mutex::default() })
    }

    /// Writes a line that is already fit to be shown.
    pub(crate) fn write(&self, level: Level, line: &str) {
        if self.silent {
            return;
        }
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(written) = state.written.get_mut(line) {
                written.times += 1;
                return;
            }
            let place = state.written.len();
            if place >= self.most as usize {
                state.dropped += 1;
                return;
            }
            state.written.insert(line.to_owned(), Written { place, times: 1 });
        }
        let plugin = &self.plugin;
        match level {
            Level::Debug => tracing::debug!(%plugin, "{line}"),
            Level::Info => tracing::info!(%plugin, "{line}"),
            Level::Warn => tracing::warn!(%plugin, "{line}"),
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let plugin = &self.plugin;
        let mut repeated: Vec<_> = state.written.iter().filter(|(_, written)| written.times > 1).collect();
        repeated.sort_unstable_by_key(|(_, written)| written.place);
        for (line, Written { times, .. }) in repeated {
            tracing::debug!(%plugin, "said {} times in this run: {line}", Figure(*times));
        }
        if state.dropped > 0 {
            tracing::warn!(
                %plugin,
                "{} log lines beyond the {} of a run were dropped; log less, or raise `log-lines`",
                Figure(state.dropped),
                Figure(self.most)
            );
        }
    }
}
