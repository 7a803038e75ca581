//! What can go wrong with a ledger.

use std::path::{Path, PathBuf};

use crate::text::plain;
use crate::{Kind, State};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with a ledger. Nothing of what was to be written is in it then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be read or written.
    #[error("cannot {action} the ledger {}: {source}", path.display())]
    File {
        /// What was tried: `"read"` or `"write"`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the database said, and the way out.
        source: Source,
    },

    /// There is nothing of that name to decide about.
    #[error("{} has no `{}` {what}", member.escape_debug(), award.escape_debug())]
    Nothing {
        /// The member's id.
        member: String,
        /// The award's id.
        award: String,
        /// What was looked for: `"that waits for a person"`.
        what: &'static str,
    },

    /// What was asked for does not follow what is.
    #[error("`{}` of {} is {from}, and no {kind} goes from there to {to}", award.escape_debug(), member.escape_debug())]
    Transition {
        /// The member's id.
        member: String,
        /// The award's id.
        award: String,
        /// What it is.
        kind: Kind,
        /// Where it stands.
        from: State,
        /// Where it should go.
        to: State,
    },

    /// What was asked for cannot be done, in words that say why and what to do.
    #[error("{0}")]
    Refused(String),
}

/// What SQLite said, with the way out; and whether another process is why, or it may pass by itself.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
struct Told {
    words: String,
    busy: bool,
    passing: bool,
}

impl Error {
    /// Whether another process has the file.
    pub fn is_busy(&self) -> bool {
        self.told().is_some_and(|told| told.busy)
    }

    /// Whether it may pass by itself: another process has the file, the disk is full, or the system cannot read or write for now.
    pub fn is_passing(&self) -> bool {
        self.told().is_some_and(|told| told.passing)
    }

    fn told(&self) -> Option<&Told> {
        let Self::File { source, .. } = self else { return None };
        source.downcast_ref()
    }

    /// What SQLite says, with the way out where there is one.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
            PermissionDenied, ReadOnly, SystemIoFailure,
        };
        let path = path.to_owned();
        move |source| {
            let code = source.sqlite_error_code();
            let busy = matches!(code, Some(DatabaseBusy | DatabaseLocked));
            let passing = busy || matches!(code, Some(DiskFull | SystemIoFailure));
            let help = match code {
                Some(DatabaseCorrupt | NotADatabase) => {
                    "it is damaged: restore a backup of it. Without one, move it and ledger.heads beside it away; the next run then begins a new \
                     ledger, and every award is given a second time"
                }
                Some(DiskFull) => "the disk is full, and nothing was written: make room and try again",
                Some(ReadOnly | PermissionDenied) => {
                    "it may not be written to, and nothing was: let whoever runs this write to the file and its folder"
                }
                Some(DatabaseBusy | DatabaseLocked) => {
                    "another process has it, and nothing was written: wait for it, or end it, and try again"
                }
                Some(CannotOpen) => "it cannot be opened: look at the rights of the file and its folder",
                Some(SystemIoFailure) => {
                    "the system could not read or write it, and nothing was written: look at the disk, and try again"
                }
                _ => return Self::words(action, &path, source.to_string()),
            };
            let told = Told { words: plain(&format!("{help} ({source})")), busy, passing };
            Self::File { action, path, source: Box::new(told) }
        }
    }

    pub(crate) fn words(action: &'static str, path: &Path, words: impl Into<String>) -> Self {
        Self::File { action, path: path.to_owned(), source: plain(&words.into()).into() }
    }
}
