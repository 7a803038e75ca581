use std::error::Error;
use std::fmt;
use std::io::IsTerminal;
use std::process::ExitCode;

use miette::{Diagnostic, LabeledSpan, MietteHandlerOpts, NamedSource, Report, SourceCode};

/// Why a command stopped, as a person is told.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
    place: Option<Box<Place>>,
    plugin_fault: bool,
}

/// A place in a file to point at.
#[derive(Debug)]
struct Place {
    source: NamedSource<String>,
    span: std::ops::Range<usize>,
}

impl Failure {
    /// A failure of usage, configuration or data, with the causes that its message leaves out.
    pub(crate) fn new(error: &dyn Error) -> Self {
        Self { message: with_causes(error), help: None, place: None, plugin_fault: false }
    }

    /// Puts the blame on a plugin.
    pub(crate) fn plugin_fault(mut self, plugin_fault: bool) -> Self {
        self.plugin_fault = plugin_fault;
        self
    }

    /// Tells the person, and the shell.
    pub(crate) fn report(self) -> ExitCode {
        let code = if self.plugin_fault { 3 } else { 2 };
        let terminal = std::io::stderr().is_terminal();
        // Only the first hook counts, and there is only this one.
        _ = miette::set_hook(Box::new(move |_| {
            let options = MietteHandlerOpts::new().break_words(false).wrap_lines(terminal);
            let plain =
                |options: MietteHandlerOpts| options.unicode(false).color(false).terminal_links(false);
            Box::new(if terminal { options } else { plain(options) }.build())
        }));
        eprintln!("{:?}", Report::new(self));
        ExitCode::from(code)
    }
}

/// The message, and the messages of its causes as far as it does not say them itself.
fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {}

impl Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), place.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

impl From<groundswell::Error> for Failure {
    fn from(error: groundswell::Error) -> Self {
        let mut failure = Self::new(&error).plugin_fault(error.is_plugin_fault());
        if let groundswell::Error::Config(config) = &error {
            // The place is shown, and need not be said.
            failure.message.clone_from(&config.message);
        }
        if let Some(location) = error.location() {
            let source = NamedSource::new(location.path.display().to_string(), location.text.to_string());
            failure.help.clone_from(&location.help);
            failure.place = Some(Box::new(Place { source, span: location.span.clone() }));
        }
        failure
    }
}

impl From<groundswell::import::ImportError> for Failure {
    fn from(error: groundswell::import::ImportError) -> Self {
        Self::new(&error)
    }
}

impl From<groundswell_plugin_build::BuildError> for Failure {
    fn from(error: groundswell_plugin_build::BuildError) -> Self {
        use groundswell_plugin_build::BuildError as E;
        let fault =
            matches!(error, E::Compile { .. } | E::Import { .. } | E::Export { .. } | E::Encode { .. });
        Self::new(&error).plugin_fault(fault)
    }
}

impl From<groundswell::runtime::Error> for Failure {
    fn from(error: groundswell::runtime::Error) -> Self {
        Self::new(&error).plugin_fault(error.is_plugin_fault())
    }
}
