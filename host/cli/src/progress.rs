use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use groundswell::runtime::shown;
use groundswell::{Progress, RunOptions, Stage};
use indicatif::{ProgressBar, ProgressStyle};

/// A bar for so many bytes.
const BYTES: &str = "{msg:<24} {bar:32} {bytes} of {total_bytes}, {eta} left";

/// What a bar is about: a stage of one definition, or of what is done for all.
type About = (Option<Arc<str>>, Stage);

/// One bar a stage, each left standing when the next one starts; only where standard error is a terminal.
#[derive(Clone, Default)]
pub(crate) struct Stages {
    current: Arc<Mutex<Option<(About, ProgressBar)>>>,
    /// Whether bars say which definition they are about.
    named: bool,
}

impl Stages {
    /// Bars that say which definition they are about.
    pub(crate) fn of_several() -> Self {
        Self { named: true, ..Self::default() }
    }

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
        if let Some((_, bar)) = self.current.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.abandon();
        }
    }

    fn show(&self, progress: &Progress) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let about = (progress.definition.clone(), progress.stage);
        if current.as_ref().is_none_or(|(shown, _)| *shown != about) {
            if let Some((_, bar)) = current.take() {
                bar.abandon();
            }
            let named = progress.definition.as_deref().filter(|_| self.named);
            *current = Some((about, stage_bar(progress, named)));
        }
        if let Some((_, bar)) = current.as_ref() {
            if let Some(total) = progress.total.filter(|total| bar.length() != Some(*total)) {
                bar.set_length(total);
            }
            bar.set_position(progress.done);
        }
    }
}

fn stage_bar(progress: &Progress, definition: Option<&str>) -> ProgressBar {
    let (title, unit) = (progress.stage.title(), progress.stage.unit());
    let bar = match (progress.total, unit) {
        (None, _) => bar(title, &format!("{{msg:<24}} {{pos}} {unit}{{prefix}}")),
        (Some(_), "bytes") => bytes(title),
        (Some(_), _) => bar(title, &format!("{{msg:<24}} {{bar:32}} {{pos}} of {{len}} {unit}{{prefix}}")),
    };
    match definition {
        Some(definition) => bar.with_prefix(format!("  {}", shown(definition, 40))),
        None => bar,
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
