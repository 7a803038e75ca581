use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

/// A line on standard error. That nobody reads it any more is no failure.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        _ = writeln!(std::io::stderr(), $($text)*);
    }};
}
pub(crate) use say;

use clap::ValueEnum;
use groundswell::runtime::shown;
use serde::Serialize;

use crate::failure::Failure;

/// How a command answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// Writes to standard output. Whoever reads it may stop early, as `head` does: that is no failure.
pub(crate) fn write(
    content: impl FnOnce(&mut BufWriter<io::StdoutLock<'static>>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match content(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(()),
    }
}

/// Standard output, a part at a time, with work between the parts that is done whoever reads: once it cannot be written to, what
/// is written is lost, and the end tells.
pub(crate) struct Parts {
    out: BufWriter<io::StdoutLock<'static>>,
    failed: Option<io::Error>,
}

impl Parts {
    pub(crate) fn new() -> Self {
        Self { out: BufWriter::new(io::stdout().lock()), failed: None }
    }

    /// What became of all that was written. Whoever reads it may stop early: that is no failure.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        _ = self.flush();
        match self.failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritten(&error)),
            _ => Ok(()),
        }
    }

    fn tried<T>(
        &mut self,
        otherwise: T,
        work: impl FnOnce(&mut BufWriter<io::StdoutLock<'static>>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.failed.is_some() {
            return Ok(otherwise);
        }
        Ok(work(&mut self.out).unwrap_or_else(|error| {
            self.failed = Some(error);
            otherwise
        }))
    }
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tried(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tried((), Write::flush)
    }
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::new(&io::Error::new(error.kind(), format!("cannot write the answer: {error}")))
}

/// A path as it can be shown: whole, and in one line.
pub(crate) fn path(path: &Path) -> String {
    shown(&path.display().to_string(), usize::MAX)
}

/// A path as a word of a command that can be typed.
pub(crate) fn word(path: &Path) -> String {
    let text = self::path(path);
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    // A word that begins with a dash would be an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A text as a field of CSV. An empty one is quoted, so that it is not taken for nothing.
pub(crate) fn field(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains([',', '"', '\n', '\r']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// A number as somebody types it; for clap.
pub(crate) fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "it is no whole number from 0 on, such as 20".to_owned())
}

/// The same for numbers that cannot be 0.
pub(crate) fn positive(text: &str) -> Result<std::num::NonZeroUsize, String> {
    text.parse().map_err(|_| "it is no whole number from 1 on, such as 4".to_owned())
}

/// Writes a value as JSON and a line break.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    write(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_where_they_have_to_be() {
        let word = |path: &str| word(Path::new(path));
        assert_eq!(word("a/b_c-1.toml"), "a/b_c-1.toml");
        assert_eq!(word("bières/ü.toml"), "bières/ü.toml");
        assert_eq!(word("a b.toml"), "'a b.toml'");
        assert_eq!(word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(word("~/a"), "'~/a'");
        assert_eq!(word("-x"), "./-x");
    }
}
