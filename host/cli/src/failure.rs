use std::error::Error;
use std::fmt;
use std::io::IsTerminal;
use std::process::ExitCode;

use groundswell::runtime::shown;
use miette::{Diagnostic, LabeledSpan, MietteHandlerOpts, NamedSource, Report, SourceCode};

/// Why a command stopped, as a person is told.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
    place: Option<Box<Place>>,
    plugin_fault: bool,
}

/// A place in a file to point at.
#[derive(Clone, Debug)]
struct Place {
    source: NamedSource<String>,
    span: std::ops::Range<usize>,
}

impl Failure {
    /// A failure of usage, configuration or data. The libraries' messages are whole: they name their causes.
    pub(crate) fn new(error: &dyn Error) -> Self {
        Self::of(error.to_string())
    }

    /// The same, in our own words.
    pub(crate) fn of(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, place: None, plugin_fault: false }
    }

    /// Names the way out.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which of several definitions it is about.
    pub(crate) fn of_definition(mut self, definition: &str) -> Self {
        self.message = format!("definition {}: {}", shown(definition, 80), self.message);
        self
    }

    /// Puts the blame on a plugin.
    pub(crate) fn plugin_fault(mut self, plugin_fault: bool) -> Self {
        self.plugin_fault = plugin_fault;
        self
    }

    /// All but one of these are told; that one is what comes of them, a plugin's fault only where all are.
    pub(crate) fn all(mut failures: Vec<Self>) -> Result<(), Self> {
        failures.sort_by_key(|failure| !failure.plugin_fault);
        let Some(last) = failures.pop() else { return Ok(()) };
        failures.iter().for_each(Self::show);
        Err(last)
    }

    /// Tells the person, and the shell.
    pub(crate) fn report(self) -> ExitCode {
        self.show();
        ExitCode::from(if self.plugin_fault { 3 } else { 2 })
    }

    /// Tells the person.
    pub(crate) fn show(&self) {
        let terminal = std::io::stderr().is_terminal();
        // Only the first hook counts, and there is only this one.
        _ = miette::set_hook(Box::new(move |_| {
            let options = MietteHandlerOpts::new().break_words(false).wrap_lines(terminal);
            let plain =
                |options: MietteHandlerOpts| options.unicode(false).color(false).terminal_links(false);
            Box::new(if terminal { options } else { plain(options) }.build())
        }));
        crate::output::say!("{:?}", Report::new(self.clone()));
    }
}

/// The same text, of the same length in bytes so that places in it stay where they are, without characters that
/// would change what stands around them on a screen. Line breaks and tabs stay.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let breaks = matches!(character, '\n' | '\t') || (character == '\r' && rest.peek() == Some(&'\n'));
        let mut bytes = [0; 4];
        let alone: &str = character.encode_utf8(&mut bytes);
        if breaks || shown(alone, 1) == alone {
            out.push(character);
        } else if alone.len() == '\u{fffd}'.len_utf8() {
            out.push('\u{fffd}');
        } else {
            out.extend(std::iter::repeat_n('?', alone.len()));
        }
    }
    out
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.message))
    }
}

impl Error for Failure {}

impl Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(harmless(help)) as Box<dyn fmt::Display>)
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
        if let groundswell::Error::Wishes(why) = &error
            && let groundswell::Error::Config(config) = &**why
        {
            failure.message = failure.message.replace(&config.to_string(), &config.message);
        }
        if let Some(location) = error.location() {
            let name = harmless(&location.path.display().to_string());
            let source = NamedSource::new(name, harmless(&location.text));
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

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn hidden_characters_are_replaced_and_every_place_stays_where_it_is() {
        let text = "a\u{1b}[31m\u{202e}\u{85}\u{e0041}\r\n\tü\rz";
        let told = harmless(text);
        insta::assert_snapshot!(told.escape_debug().to_string(), @r"a?[31m�??????\r\n\tü?z");
        assert_eq!(told.len(), text.len());
        assert_eq!(told.find('z'), text.find('z'));
    }
}
