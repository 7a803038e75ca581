//! Everything that can go wrong in the engine.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the engine could not do what it was asked to.
///
/// Messages name the place, the figures and the way out. [`Error::location`] says where in `community.toml` the cause
/// stands, where it stands there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `community.toml` says something that cannot be followed.
    #[error(transparent)]
    Config(Box<ConfigError>),

    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {}", path.display(), plainly(source))]
    File {
        /// What was tried: `"read"`, `"write"`, `"create"`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system answered.
        source: io::Error,
    },

    /// A source file lacks what is needed to read its rows, or ends before its rows do.
    #[error("{path}, table {table}: {problem}", path = path.display())]
    Source {
        /// The table that the file was to fill.
        table: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        problem: String,
    },

    /// More rows of a table were rejected than `max-rejected` allows.
    #[error("{0}")]
    TooManyRejected(String),

    /// A snapshot on disk is not what was written there.
    #[error(
        "the snapshot in {path} is damaged: {problem}; remove that folder and run again",
        path = path.display()
    )]
    DamagedSnapshot {
        /// The snapshot's folder.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },

    /// Columns could not be encoded or decoded.
    #[error("cannot {action} {}: {source}", path.display())]
    Columns {
        /// What was tried: `"read"` or `"write"`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Where in `community.toml` the cause stands; `None` when it does not stand there.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Config(error) => Some(&error.location),
            _ => None,
        }
    }

    /// A closure for `map_err`, which says what was tried with which file.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// A closure for `map_err`, which says what was tried with which file of columns.
    pub(crate) fn columns<E>(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let path = path.into();
        move |source| Self::Columns { action, path, source: Box::new(source) }
    }
}

/// What the operating system answered, without its number where that is plain enough.
fn plainly(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Something in `community.toml` that cannot be followed, and where it stands.
#[derive(Debug)]
pub struct ConfigError {
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// Where it stands, and the way out.
    pub location: Location,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { path, help, .. } = &self.location;
        let (line, column) = self.location.line_and_column();
        write!(f, "{}:{line}:{column}: {}", path.display(), self.message)?;
        help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}

/// A place in a text file, for pointing at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub path: PathBuf,
    /// All of its text.
    pub text: Arc<str>,
    /// The bytes of `text` that are meant; always within it.
    pub span: Range<usize>,
    /// The way out, as a lowercase fragment.
    pub help: Option<String>,
}

impl Location {
    /// The line and the column (in characters) where the span starts, both counted from 1.
    pub fn line_and_column(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}
