//! One pass over a snapshot's activities, in the order of time, a chunk at a time.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType, UInt32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::kernels::{Kernel, Needs};
use super::span::Span;
use crate::stop::Stop;
use crate::stored::batches;
use crate::{Error, Snapshot, Table};

/// The number of nobody, and of no word.
pub(super) const NONE: u32 = u32::MAX;

/// Some activities, column by column; those that nobody asked for are empty.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Nanoseconds since 1970 (UTC), never descending, none after as-of.
    pub(super) at: Vec<i64>,
    /// Numbers of members, [`NONE`] for nobody.
    pub(super) actor: Vec<u32>,
    pub(super) recipient: Vec<u32>,
    /// Numbers of words, [`NONE`] for none.
    pub(super) verb: Vec<u32>,
    pub(super) object_kind: Vec<u32>,
    pub(super) topic: Vec<u32>,
    pub(super) product: Vec<u32>,
    pub(super) weight: Vec<f64>,
    /// 64 bits of the hash of the object's id, 0 for none.
    pub(super) object: Vec<u64>,
    /// The first row that lies in the window.
    pub(super) window: usize,
}

impl Chunk {
    fn new(batch: &RecordBatch, needs: Needs, span: Span) -> Self {
        let at = batch.column_by_name("at").and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
        let at: Vec<i64> = at.map_or_else(Vec::new, |at| at.values().to_vec());
        let codes = |name: &str| batch.column_by_name(name).map_or_else(Vec::new, codes);
        let weight =
            batch.column_by_name("weight").and_then(|weight| weight.as_primitive_opt::<Float64Type>());
        let objects = batch.column_by_name("object").filter(|_| needs.object);
        Self {
            window: span.start.map_or(0, |start| at.partition_point(|at| *at <= start)),
            actor: codes("actor"),
            recipient: codes("recipient"),
            verb: codes("verb"),
            object_kind: codes("object_kind"),
            topic: codes("topic"),
            product: codes("product"),
            weight: weight.map_or_else(Vec::new, |weight| weight.values().to_vec()),
            object: objects.map_or_else(Vec::new, hashes),
            at,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.at.len()
    }

    /// Cuts off what comes after as-of, and answers how many rows that were.
    fn cut(&mut self, as_of: i64) -> u64 {
        let seen = self.at.partition_point(|at| *at <= as_of);
        let later = self.at.len() - seen;
        self.at.truncate(seen);
        self.codes().into_iter().for_each(|codes| codes.truncate(seen));
        self.weight.truncate(seen);
        self.object.truncate(seen);
        self.window = self.window.min(seen);
        later as u64
    }

    /// The columns of numbers of members and words.
    fn codes(&mut self) -> [&mut Vec<u32>; 6] {
        [
            &mut self.actor,
            &mut self.recipient,
            &mut self.verb,
            &mut self.object_kind,
            &mut self.topic,
            &mut self.product,
        ]
    }

    /// Keeps some of the rows.
    fn keep(&mut self, keep: impl Fn(usize) -> bool) {
        let before = (0..self.window).filter(|row| keep(*row)).count();
        fn of<T>(list: &mut Vec<T>, keep: &impl Fn(usize) -> bool) {
            let mut row = 0;
            list.retain(|_| {
                row += 1;
                keep(row - 1)
            });
        }
        of(&mut self.at, &keep);
        self.codes().into_iter().for_each(|codes| of(codes, &keep));
        of(&mut self.weight, &keep);
        of(&mut self.object, &keep);
        self.window = before.min(self.at.len());
    }
}

/// The numbers of a column.
pub(super) fn codes(column: &ArrayRef) -> Vec<u32> {
    let Some(codes) = column.as_primitive_opt::<UInt32Type>() else { return vec![NONE; column.len()] };
    if codes.null_count() == 0 {
        return codes.values().to_vec();
    }
    codes.iter().map(|code| code.unwrap_or(NONE)).collect()
}

fn hashes(column: &ArrayRef) -> Vec<u64> {
    let Some(texts) = column.as_string_opt::<i32>() else { return vec![0; column.len()] };
    let hash = |text: &str| {
        let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(text.as_bytes()).as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
    };
    texts.iter().map(|text| text.map_or(0, hash)).collect()
}

/// Reads batches of some columns of a table; of all of them where none are named.
pub(crate) fn read(
    snapshot: &Snapshot,
    table: Table,
    columns: Option<&[&str]>,
) -> Result<(PathBuf, ParquetRecordBatchReader), Error> {
    let path = snapshot.dir().join(format!("{table}.parquet"));
    let batches = batches(&path, columns)?;
    Ok((path, batches))
}

/// What is looked at, and how.
pub(super) struct Scan<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) span: Span,
    /// By number of member, whether the activities towards and from them count for nobody; empty where all count.
    pub(super) mute: &'s [bool],
    pub(super) threads: usize,
    pub(super) stop: &'s Stop,
    /// Hears how many activities have been looked at.
    pub(super) step: &'s (dyn Fn(u64) + Sync),
}

impl Scan<'_> {
    /// Shows every activity up to as-of to all kernels; answers how many come later. Each kernel sees all chunks one
    /// after the other, so that its answer does not depend on the number of threads; different kernels, and the
    /// reading of the next chunk, share the threads.
    pub(super) fn run(&self, kernels: &mut [Box<dyn Kernel + '_>]) -> Result<u64, Error> {
        let _span = tracing::info_span!("activities").entered();
        let needs = kernels.iter().map(|kernel| kernel.needs()).fold(Needs::default(), Needs::and);
        let muting = !self.mute.is_empty();
        let mut columns = vec!["at"];
        for (name, wanted) in [
            ("actor", needs.actor || muting),
            ("recipient", needs.recipient || muting),
            ("verb", needs.verb),
            ("object_kind", needs.object_kind),
            ("topic", needs.topic),
            ("product", needs.product),
            ("weight", needs.weight),
            ("object", needs.object),
        ] {
            columns.extend(wanted.then_some(name));
        }
        let (path, mut batches) = read(self.snapshot, Table::Activities, Some(&columns))?;
        let mut next = || -> Result<Option<Chunk>, Error> {
            let Some(batch) = batches.next() else { return Ok(None) };
            Ok(Some(Chunk::new(&batch.map_err(Error::columns("read", &path))?, needs, self.span)))
        };
        let (mut seen, mut later) = (0, 0);
        let mut chunk = next()?;
        while let Some(mut now) = chunk {
            self.stop.check()?;
            seen += now.rows() as u64;
            later += now.cut(self.span.as_of);
            if muting {
                self.silence(&mut now);
            }
            chunk = if now.rows() == 0 { next()? } else { self.share(&now, kernels, &mut next)? };
            (self.step)(seen);
        }
        Ok(later)
    }

    fn silence(&self, chunk: &mut Chunk) {
        let mute = |member: u32| self.mute.get(member as usize).copied().unwrap_or(false);
        let quiet: Vec<bool> =
            chunk.actor.iter().zip(&chunk.recipient).map(|(actor, to)| mute(*actor) || mute(*to)).collect();
        chunk.keep(|row| !quiet.get(row).copied().unwrap_or(false));
    }

    /// Shows a chunk to all kernels, and reads the next one meanwhile.
    fn share(
        &self,
        chunk: &Chunk,
        kernels: &mut [Box<dyn Kernel + '_>],
        next: &mut (dyn FnMut() -> Result<Option<Chunk>, Error> + Send),
    ) -> Result<Option<Chunk>, Error> {
        if self.threads < 2 {
            kernels.iter_mut().for_each(|kernel| kernel.observe(chunk));
            return next();
        }
        let queue: Mutex<VecDeque<&mut Box<dyn Kernel + '_>>> = Mutex::new(kernels.iter_mut().collect());
        let work = || {
            loop {
                // The guard is gone before the work begins.
                let kernel = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(kernel) = kernel else { break };
                kernel.observe(chunk);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(work);
            }
            let read = next();
            work();
            read
        })
    }
}
