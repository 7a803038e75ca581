use indicatif::{ProgressBar, ProgressStyle};

/// A bar for so many bytes; to be seen only where standard error is a terminal.
pub(crate) fn bytes(title: &str) -> ProgressBar {
    bar(title, "{msg:<24} {bar:32} {bytes} of {total_bytes}, {eta} left")
}

/// A line that changes while something goes on; to be seen only where standard error is a terminal.
pub(crate) fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    spinner
}

/// A bar from a template of indicatif's.
fn bar(title: &str, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(title.to_owned())
}
