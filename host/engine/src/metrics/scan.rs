//! One pass over a snapshot's activities, in the order of time, a chunk at a time.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType, UInt32Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_select::filter::filter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::kernels::{Kernel, Needs};
use super::relay::Relay;
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
    /// Their ids.
    pub(super) objects: Option<StringArray>,
    /// The first row that lies in the window.
    pub(super) window: usize,
}

impl Chunk {
    fn new(batch: &RecordBatch, span: Span) -> Self {
        let at = batch.column_by_name("at").and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
        let at: Vec<i64> = at.map_or_else(Vec::new, |at| at.values().to_vec());
        let codes = |name: &str| batch.column_by_name(name).map_or_else(Vec::new, codes);
        let weight =
            batch.column_by_name("weight").and_then(|weight| weight.as_primitive_opt::<Float64Type>());
        let objects = batch.column_by_name("object").and_then(|objects| objects.as_string_opt::<i32>());
        Self {
            window: span.start.map_or(0, |start| at.partition_point(|at| *at <= start)),
            actor: codes("actor"),
            recipient: codes("recipient"),
            verb: codes("verb"),
            object_kind: codes("object_kind"),
            topic: codes("topic"),
            product: codes("product"),
            weight: weight.map_or_else(Vec::new, |weight| weight.values().to_vec()),
            objects: objects.cloned(),
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
        self.objects = self.objects.take().map(|objects| objects.slice(0, seen));
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
    fn keep(&mut self, kept: &[bool]) {
        let keep = |row: usize| kept.get(row).copied().unwrap_or(true);
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
        self.objects = self.objects.take().map(|objects| {
            let kept = BooleanArray::from(kept.to_vec());
            filter(&objects, &kept).map_or(objects, |rest| rest.as_string().clone())
        });
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
    /// Shows every activity up to as-of to all kernels; answers how many come later.
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
        let (mut seen, mut later) = (0, 0);
        let next = || {
            for batch in &mut batches {
                self.stop.check()?;
                let batch = batch.map_err(Error::columns("read", &path))?;
                let mut chunk = Chunk::new(&batch, self.span);
                seen += chunk.rows() as u64;
                later += chunk.cut(self.span.as_of);
                if muting {
                    self.silence(&mut chunk);
                }
                (self.step)(seen);
                if chunk.rows() > 0 {
                    return Ok(Some(chunk));
                }
            }
            Ok(None)
        };
        Relay::new(kernels, next).run(self.threads)?;
        Ok(later)
    }

    fn silence(&self, chunk: &mut Chunk) {
        let mute = |member: u32| self.mute.get(member as usize).copied().unwrap_or(false);
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let kept: Vec<bool> = ends.map(|(actor, to)| !(mute(*actor) || mute(*to))).collect();
        chunk.keep(&kept);
    }
}
