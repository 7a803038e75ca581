//! Counting bytes for progress.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::stop::Stop;
use crate::{Error, Progress, ProgressFn, Stage};

/// By file that was read from its first byte to its last: BLAKE3 of those bytes, of each time.
pub(crate) type Streams = BTreeMap<PathBuf, BTreeSet<String>>;

/// Counts the bytes of files as they are read, and tells of it now and then.
pub(crate) struct Meter<'p> {
    done: Cell<u64>,
    told: Cell<u64>,
    total: u64,
    progress: Option<&'p ProgressFn>,
    stop: Option<&'p Stop>,
    streams: RefCell<Streams>,
}

impl<'p> Meter<'p> {
    pub(crate) fn new(total: u64, progress: Option<&'p ProgressFn>, stop: &'p Stop) -> Self {
        let meter = Self { total, progress, stop: Some(stop), ..Self::silent() };
        meter.tell();
        meter
    }

    /// One that tells nobody.
    pub(crate) fn silent() -> Self {
        Self {
            done: Cell::new(0),
            told: Cell::new(0),
            total: 0,
            progress: None,
            stop: None,
            streams: RefCell::default(),
        }
    }

    pub(crate) fn add(&self, bytes: u64) {
        const OFTEN_ENOUGH: u64 = 1 << 18;
        self.done.set(self.done.get() + bytes);
        if self.done.get() - self.told.get() >= OFTEN_ENOUGH {
            self.tell();
        }
    }

    /// Fails where the reading has to stop.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.stop.map_or(Ok(()), |stop| Ok(stop.check()?))
    }

    /// Whether anybody wants to know of what was read.
    pub(crate) fn is_silent(&self) -> bool {
        self.stop.is_none()
    }

    /// A file was read to its end, and these were its bytes.
    pub(crate) fn ended(&self, path: &Path, hash: &blake3::Hash) {
        self.streams.borrow_mut().entry(path.to_owned()).or_default().insert(hash.to_hex().to_string());
    }

    /// What was read to its end.
    pub(crate) fn into_streams(self) -> Streams {
        self.streams.into_inner()
    }

    /// When the reading has to stop; for threads that read.
    pub(crate) fn stop(&self) -> Stop {
        self.stop.cloned().unwrap_or_default()
    }

    /// Tells that all is read.
    pub(crate) fn finish(&self) {
        if self.told.get() != self.done.get() {
            self.tell();
        }
    }

    fn tell(&self) {
        self.told.set(self.done.get());
        if let Some(progress) = self.progress {
            // A file may have grown since its size was looked up.
            let total = Some(self.total.max(self.done.get()));
            progress(&Progress::new(Stage::Read, self.done.get(), total));
        }
    }
}
