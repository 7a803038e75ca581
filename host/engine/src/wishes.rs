//! Who does not want to be looked at, by now: looked up before anybody is thanked.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use groundswell_ledger::Ledger;

use crate::metrics::opted_out;
use crate::progress::steady;
use crate::snapshot::{FileState, Freezing, identities};
use crate::sources::{aliases, find};
use crate::{Community, Config, Error, RunOptions, Snapshot, Table};

/// What was changed so shortly before it was looked at may be changed once more without a trace.
const SETTLED: Duration = Duration::from_secs(2);
/// How often rows are read again that come from the program, of which nobody knows when they change.
const GIVEN: Duration = Duration::from_secs(60);
/// How often files are read that change while they are.
const ATTEMPTS: u32 = 3;

/// Who does not want to be looked at, as the community's data says.
#[derive(Debug)]
pub(crate) struct Wishes {
    community: Community,
    options: RunOptions,
    looked: Option<Looked>,
}

/// A look at the data.
#[derive(Debug)]
struct Looked {
    at: Instant,
    /// What the files were like; `None` where that does not tell whether they will have changed.
    files: Option<Vec<(PathBuf, FileState)>>,
}

impl Wishes {
    pub(crate) fn new(community: &Community, options: &RunOptions) -> Self {
        Self { community: community.clone(), options: options.clone(), looked: None }
    }

    /// The ids of who opted out, all of each member's; `None` where nothing has changed since the last look, for which no file is
    /// read. Members alone are, and only where no snapshot was taken of these very files.
    pub(crate) fn look(&mut self) -> Result<Option<Vec<String>>, Error> {
        let is_given = self.community.given.contains_key(&Table::Members);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let files = self.files()?;
            let known = self.looked.as_ref().is_some_and(|looked| match &looked.files {
                Some(known) if !is_given => *known == files,
                _ => is_given && looked.at.elapsed() < GIVEN,
            });
            if known {
                return Ok(None);
            }
            let settled = files.iter().all(|(path, _)| is_settled(path));
            let opted_out = self.read()?;
            let same = self.files()? == files;
            if same || attempt == ATTEMPTS {
                let files = (same && settled).then_some(files);
                self.looked = Some(Looked { at: Instant::now(), files });
                return Ok(Some(opted_out));
            }
        }
    }

    /// Every file that says who opted out, as it is.
    fn files(&self) -> Result<Vec<(PathBuf, FileState)>, Error> {
        let Community { given, frozen, .. } = &self.community;
        if frozen.is_some() {
            return Ok(Vec::new());
        }
        let config = self.community.config();
        let members = find(config, given, Table::Members)?.unwrap_or_default();
        let all = members.into_iter().chain(aliases(config)?);
        Ok(all
            .map(|file| {
                let state = FileState::of(&file.path);
                (file.path, state)
            })
            .collect())
    }

    /// The ids of who opted out. That nobody did is an error where by the data of the newest run somebody had.
    fn read(&self) -> Result<Vec<String>, Error> {
        let ids = self.said()?;
        if !ids.is_empty() {
            return Ok(ids);
        }
        let ledger = self.community.config().community.state.join("ledger.sqlite");
        if Ledger::look(&ledger)?.knew_wishes()? == Some(true) {
            return Err(Error::NoWishes);
        }
        Ok(ids)
    }

    fn said(&self) -> Result<Vec<String>, Error> {
        let Community { given, frozen, .. } = &self.community;
        let config = self.community.config();
        let base = config.community.state.join("snapshots");
        let progress = self.options.progress.clone().map(steady);
        let with = Freezing {
            progress: progress.as_ref(),
            stop: &self.options.stop(),
            threads: self.options.thread_count(),
            known: &base,
        };
        if let Some(frozen) = frozen {
            return with_others(opted_out(frozen)?, config, &with);
        }
        let Some(members) = Snapshot::of_members(config, given, &base, &with)? else {
            return Ok(Vec::new());
        };
        with_others(opted_out(&members)?, config, &with)
    }
}

/// Members' ids with all others that are theirs: they may have been given something before they were known to be one.
pub(crate) fn with_others(
    mut ids: Vec<String>,
    config: &Config,
    with: &Freezing<'_>,
) -> Result<Vec<String>, Error> {
    if !ids.is_empty() {
        identities(config, with)?.add_others(&mut ids);
    }
    Ok(ids)
}

/// Whether a file was changed long enough ago for its next change to show.
fn is_settled(path: &std::path::Path) -> bool {
    let changed = std::fs::metadata(path).and_then(|about| about.modified());
    // What is dated ahead of the clock was not changed just now either.
    changed.is_ok_and(|changed| {
        SystemTime::now().duration_since(changed).unwrap_or_else(|ahead| ahead.duration()) > SETTLED
    })
}
