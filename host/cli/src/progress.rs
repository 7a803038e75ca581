use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use groundswell::{Progress, RunOptions, Stage};
use indicatif::{ProgressBar, ProgressStyle};

/// A bar for so many bytes.
const BYTES: &str = "{msg:<24} {bar:32} {bytes} of {total_bytes}, {eta} left";

/// One bar a stage, each left standing when the next one starts; only where standard error is a terminal.
#[derive(Clone, Default)]
pub(crate) struct Stages(Arc<Mutex<Option<(Stage, ProgressBar)>>>);

impl Stages {
    /// Lets a run show how far it is; not where nobody would see it.
    pub(crate) fn heard_from(&self, options: RunOptions) -> RunOptions {
        if !std::io::stderr().is_terminal() {
            return options;
        }
        let stages = self.clone();
        options.progress(Arc::new(move |progress: &Progress| stages.show(progress)))
    }

    /// Leaves the bars as they are.
    pub(crate) fn finish(&self) {
        if let Some((_, bar)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.abandon();
        }
    }

    fn show(&self, progress: &Progress) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread may be late with the word that its part of an earlier stage is done.
        if current.as_ref().is_some_and(|(stage, _)| *stage > progress.stage) {
            return;
        }
        if current.as_ref().is_none_or(|(stage, _)| *stage != progress.stage) {
            if let Some((_, bar)) = current.take() {
                bar.abandon();
            }
            *current = Some((progress.stage, stage_bar(progress)));
        }
        if let Some((_, bar)) = current.as_ref() {
            if let Some(total) = progress.total.filter(|total| bar.length() != Some(*total)) {
                bar.set_length(total);
            }
            bar.set_position(progress.done);
        }
    }
}

fn stage_bar(progress: &Progress) -> ProgressBar {
    let unit = progress.stage.unit();
    match (progress.total, unit) {
        (None, _) => bar(progress.stage.title(), &format!("{{msg:<24}} {{pos}} {unit}")),
        (Some(_), "bytes") => bytes(progress.stage.title()),
        (Some(_), _) => {
            bar(progress.stage.title(), &format!("{{msg:<24}} {{bar:32}} {{pos}} of {{len}} {unit}"))
        }
    }
}

/// A bar for so many bytes; to be seen only where standard error is a terminal.
pub(crate) fn bytes(title: &str) -> ProgressBar {
    bar(title, BYTES)
}

/// A bar for so many things, each of which has a name; to be seen only where standard error is a terminal.
pub(crate) fn count(title: &str) -> ProgressBar {
    bar(title, "{msg:<24} {bar:32} {pos} of {len}  {prefix}")
}

/// A line that changes while something goes on; to be seen only where standard error is a terminal.
pub(crate) fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// A bar from a template of indicatif's.
fn bar(title: &str, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(title.to_owned())
}
