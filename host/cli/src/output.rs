use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

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
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(&io::Error::new(error.kind(), format!("cannot write the answer: {error}"))))
        }
        _ => Ok(()),
    }
}

/// A path as it can be shown: whole, and in one line.
pub(crate) fn path(path: &Path) -> String {
    shown(&path.display().to_string(), usize::MAX)
}

/// Writes a value as JSON and a line break.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    write(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}
